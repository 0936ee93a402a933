//! What a log gave so far, and how one line of any form adds to it.

use crate::log::events::{Seen, Tracker};
use crate::log::json::{Text, unescape};
use crate::log::json_line::{self, Read};
use crate::log::line::{Field, Form, Line};
use crate::log::own_name::OwnName;
use crate::log::pattern::{self, Patterns};
use crate::log::prefix::{self, Carried};
use crate::log::tally::Values;
use crate::log::time::Stamp;
use crate::log::{LogLevel, Origin, plain_line};
use memchr::memmem;
use model::Issues;

/// The year 2000, in which times without a year are counted.
const YEAR_MS: i64 = 366 * 86_400_000;

/// Different zones that one log is expected to name.
const OFFSETS_MAX: usize = 16;

/// How far from a line's start an object is looked for behind an unknown prefix.
const PREFIX_MAX: usize = 256;

/// The fields that are counted over all errors.
pub(super) const ERROR_FIELDS: [Field; 6] =
    [Field::UserId, Field::IpAddr, Field::Path, Field::PluginId, Field::ErrWhere, Field::HttpCode];

#[derive(Debug)]
pub(super) struct State {
    /// The carrier's time of the last record that had both, and its own.
    pub(super) wall: Option<(i64, Stamp)>,
    pub(super) patterns: Patterns,
    pub(super) tracker: Tracker,
    pub(super) own_name: OwnName,
    pub(super) errors: [Values; ERROR_FIELDS.len()],
    pub(super) issues: Issues,
    pub(super) n_line: u64,
    pub(super) bytes: u64,
    pub(super) records: u64,
    pub(super) continuations: u64,
    pub(super) levels: [u64; LogLevel::ALL.len()],
    pub(super) forms: [u64; Form::ALL.len()],
    pub(super) offsets: Vec<(i32, u64)>,
    pub(super) n_zoneless: u64,
    pub(super) n_audit: u64,
    pub(super) n_ldap: u64,
    pub(super) n_notifications: u64,
    pub(super) span_ms: Option<(i64, i64)>,
    pub(super) template: Vec<u8>,
}

impl State {
    /// Nothing is read yet of the source with this label, of a node.
    pub(super) fn new(label: &str, node: &str) -> Self {
        Self {
            wall: None,
            patterns: Patterns::default(),
            tracker: Tracker::new(label, node),
            own_name: OwnName::default(),
            errors: Default::default(),
            issues: Issues::default(),
            n_line: 0,
            bytes: 0,
            records: 0,
            continuations: 0,
            levels: Default::default(),
            forms: Default::default(),
            offsets: Vec::new(),
            n_zoneless: 0,
            n_audit: 0,
            n_ldap: 0,
            n_notifications: 0,
            span_ms: None,
            template: Vec::new(),
        }
    }

    pub(super) fn issue(&mut self, reason: &str, skipped: u64) {
        self.issues.add(reason, format!("line:{}", self.n_line), skipped);
    }

    /// Reads a line in whatever form it is; `carried` is what stood around it.
    pub(super) fn any(&mut self, bytes: &[u8], carried: Option<Carried<'_>>, depth: u8) {
        if bytes.first() == Some(&b'{') {
            let mut line = Line::default();
            match json_line::read(bytes, &mut line) {
                Read::Line => return self.record(&line, bytes, carried),
                Read::Wrapped(text, stamp) if depth < 2 => {
                    let mut inner = Vec::new();
                    if text.escaped {
                        unescape(text.bytes, &mut inner);
                    } else {
                        inner.extend_from_slice(text.bytes);
                    }
                    let inside = inner.trim_ascii_end();
                    let carried =
                        Carried { rest: b"", time: stamp, wall_ms: None, program: b"", host: b"" };
                    return self.any(inside, Some(carried), depth + 1);
                }
                Read::Wrapped(..) | Read::No => return self.text(bytes, carried),
            }
        }
        if let Some(line) = plain_line::plain(bytes).or_else(|| plain_line::console(bytes)) {
            return self.record(&line, bytes, carried);
        }
        if depth < 2
            && let Some(inner) = prefix::strip(bytes)
        {
            let time = inner.time.or(carried.and_then(|c| c.time));
            let outer = carried.map(|c| c.host).unwrap_or_default();
            let host = if inner.host.is_empty() { outer } else { inner.host };
            return self.any(inner.rest, Some(Carried { time, host, ..inner }), depth + 1);
        }
        let head = bytes.get(..PREFIX_MAX.min(bytes.len())).unwrap_or_default();
        if let Some(object) = memmem::find(head, b"{\"").and_then(|at| bytes.get(at..)) {
            let mut line = Line::default();
            if matches!(json_line::read(object, &mut line), Read::Line) && line.time.is_some() {
                return self.record(&line, object, carried);
            }
        }
        self.text(bytes, carried);
    }

    /// Text that is no record: a panic, a message of the system, part of the record before, or lost.
    fn text(&mut self, bytes: &[u8], carried: Option<Carried<'_>>) {
        let text = bytes.trim_ascii();
        if text.is_empty() {
            return;
        }
        const RUNTIME: &[&[u8]] =
            &[b"panic: ", b"fatal error: ", b"runtime: out of memory", b"unexpected fault address"];
        let program = carried.map(|c| c.program).unwrap_or_default();
        if RUNTIME.iter().any(|start| text.starts_with(start)) {
            let line = Line {
                form: Form::Text,
                level: Some(LogLevel::Panic),
                msg: Text::plain(text),
                ..Line::default()
            };
            return self.record(&line, bytes, carried);
        }
        const SYSTEM: &[&[u8]] =
            &[b"systemd", b"kernel", b"systemd-coredump", b"dockerd", b"containerd", b"kubelet"];
        if SYSTEM.contains(&program) {
            let line = Line { form: Form::Text, msg: Text::plain(text), ..Line::default() };
            return self.record(&line, bytes, carried);
        }
        if text.starts_with(b"{") {
            self.issue("a line is JSON and no log record, or broken", 1);
        } else if self.records > 0 {
            self.continuations += 1;
        } else {
            self.issue("text before the first record", 1);
        }
    }

    fn record(&mut self, line: &Line<'_>, raw: &[u8], carried: Option<Carried<'_>>) {
        self.records += 1;
        self.own_name.see(line, carried.map(|c| c.host).unwrap_or_default());
        let is_audit = line.audit.is_some();
        let default = if is_audit { LogLevel::Audit } else { LogLevel::Other };
        let level = line.level.unwrap_or(default);
        let origin = origin(line);
        let stamp = line
            .time
            .or(carried.and_then(|c| c.time))
            .or_else(|| self.beside(carried.and_then(|c| c.wall_ms)));
        if let (Some(own), Some(wall_ms)) = (line.time, carried.and_then(|c| c.wall_ms)) {
            self.wall = Some((wall_ms, own));
        }
        let at_ms = stamp.map(|stamp| stamp.ms);

        if let Some(n) = self.levels.get_mut(level as usize) {
            *n += 1;
        }
        if let Some(n) = self.forms.get_mut(line.form as usize) {
            *n += 1;
        }
        self.n_audit += u64::from(is_audit);
        self.n_ldap += u64::from(line.ldap);
        self.n_notifications += u64::from(line.notifications);
        if line.cut {
            self.issue("a line breaks off; what stands before the break was read", 0);
        }
        match stamp {
            Some(stamp) => {
                let ms = stamp.ms;
                self.span_ms = Some(match self.span_ms {
                    Some((first, last)) => (first.min(ms), last.max(ms)),
                    None => (ms, ms),
                });
                self.offset(stamp.offset_s, line.form);
            }
            None => self.issue("a record has no time", 0),
        }

        let idx = self.patterns.add(line, level, origin, at_ms, self.n_line, raw);
        if level.is_error() {
            for (values, field) in self.errors.iter_mut().zip(ERROR_FIELDS) {
                let text = line.field(field);
                if text.is_empty() {
                    continue;
                }
                let value = pattern::normal(field, text, &mut self.template);
                values.add(value, at_ms, true);
            }
        }
        if let Some(pattern) = self.patterns.list.get(idx) {
            // Of what the system says only a kill is the server's last word.
            let of_system = line.form == Form::Text && line.level.is_none();
            if of_system && pattern.known.is_none() {
                return;
            }
            let seen = Seen { line, pattern_id: pattern.id, level, at_ms, n_line: self.n_line };
            self.tracker.see(seen, pattern.event);
        }
    }

    /// The time of a line whose carrier names neither year nor zone, from the last record that had
    /// a time of its own: what the kernel and the service manager say between the server's lines.
    fn beside(&self, wall_ms: Option<i64>) -> Option<Stamp> {
        let (known_wall_ms, known) = self.wall?;
        let mut apart_ms = wall_ms? - known_wall_ms;
        // Over New Year the wall begins anew.
        if apart_ms < -YEAR_MS / 2 {
            apart_ms += YEAR_MS;
        }
        Some(Stamp { ms: known.ms.checked_add(apart_ms)?, offset_s: known.offset_s })
    }

    fn offset(&mut self, offset_s: Option<i32>, form: Form) {
        let Some(offset_s) = offset_s else {
            // An epoch needs no zone.
            self.n_zoneless += u64::from(form != Form::JsonZap);
            return;
        };
        if let Some((_, n)) = self.offsets.iter_mut().find(|(known, _)| *known == offset_s) {
            *n += 1;
        } else if self.offsets.len() < OFFSETS_MAX {
            self.offsets.push((offset_s, 1));
        }
    }
}

/// From where in the server a line comes.
fn origin(line: &Line<'_>) -> Origin {
    if line.audit.is_some() {
        return Origin::Audit;
    }
    if line.form == Form::Text {
        return if line.level.is_some() { Origin::Runtime } else { Origin::Server };
    }
    if !line.field(Field::ErrWhere).is_empty() {
        return Origin::Api;
    }
    if line.field(Field::PluginId).is_empty() {
        return Origin::Server;
    }
    // A plugin's own lines come through its API or its output; the server's lines about a plugin
    // come from elsewhere.
    let caller = line.field(Field::Caller).bytes;
    let own = caller.is_empty()
        || memmem::find(caller, b"plugin_api.go").is_some()
        || memmem::find(caller, b"hclog").is_some()
        || memmem::find(caller, b"plugin/").is_some();
    if own { Origin::Plugin } else { Origin::Server }
}
