//! Reads a log as a stream of bytes.

use super::events::{Seen, Tracker, time};
use super::json_line::{self, Read};
use super::line::{Field, Form, Line};
use super::pattern::{Pattern, Patterns};
use super::prefix::{self, Carried};
use super::tally::{Values, minute_time};
use super::time::Stamp;
use super::{
    LogField, LogKind, LogLevel, LogMinute, LogPattern, LogRecords, LogSource, LogTop, Origin,
    plain_line,
};
use crate::log::json::{Text, unescape};
use memchr::{memchr, memmem};
use model::{Coverage, Issues, Parsed, Place, Sink, Window};
use std::collections::BTreeMap;
use text::Raw;

/// A line longer than this is cut: servers cut fields at 2 KiB, and stack traces reach some 10 KiB.
const LINE_MAX: usize = 256 * 1024;

/// The year 2000, in which times without a year are counted.
const YEAR_MS: i64 = 366 * 86_400_000;

/// Different zones that one log is expected to name.
const OFFSETS_MAX: usize = 16;

/// How far from a line's start an object is looked for behind an unknown prefix.
const PREFIX_MAX: usize = 256;

/// The `pattern_id` of fields and tops that count all lines of level error and above together: who
/// stands behind the errors, whatever their message. It has no row among the patterns.
pub const ALL_ERRORS: &str = "all-errors";

/// The fields that are counted over all errors.
const ERROR_FIELDS: [Field; 6] =
    [Field::UserId, Field::IpAddr, Field::Path, Field::PluginId, Field::ErrWhere, Field::HttpCode];

/// Reads a Mattermost log of any era and form; forms may change from line to line.
///
/// - Input: JSON of logr and zap, logr's plain form, zap's console form, audit records; prefixes of
///   journald, syslog, container runtimes and kubectl are taken away; keys may have other names.
/// - Output: [`LogRecords`] of this one source.
/// - Issues: lines that are none, are cut, or have no time; patterns and events beyond their limits.
/// - Memory: bounded by the limits of patterns, minutes and values, whatever the log's length.
#[derive(Debug)]
pub struct LogReader {
    label: String,
    node: String,
    hint: Option<LogKind>,
    /// The start of a line whose end is yet to come, cut to [`LINE_MAX`].
    carry: Vec<u8>,
    /// Whether `carry` lost its end.
    carry_cut: bool,
    scratch: Vec<u8>,
    state: State,
}

#[derive(Debug)]
struct State {
    /// The carrier's time of the last record that had both, and its own.
    wall: Option<(i64, Stamp)>,
    patterns: Patterns,
    tracker: Tracker,
    errors: [Values; ERROR_FIELDS.len()],
    n_errors: u64,
    issues: Issues,
    n_line: u64,
    bytes: u64,
    records: u64,
    continuations: u64,
    levels: [u64; LogLevel::ALL.len()],
    forms: [u64; Form::ALL.len()],
    offsets: Vec<(i32, u64)>,
    n_zoneless: u64,
    n_audit: u64,
    n_ldap: u64,
    n_notifications: u64,
    span_ms: Option<(i64, i64)>,
    template: Vec<u8>,
}

impl LogReader {
    /// A reader of the source with this label (`packet.zip!node/mattermost.log`), of a node. The
    /// kind is told by content; `hint` decides when content does not.
    pub fn new(label: &str, node: &str, hint: Option<LogKind>) -> Self {
        Self {
            label: label.to_owned(),
            node: node.to_owned(),
            hint,
            carry: Vec::new(),
            carry_cut: false,
            scratch: Vec::new(),
            state: State {
                wall: None,
                patterns: Patterns::default(),
                tracker: Tracker::new(label, node),
                errors: Default::default(),
                n_errors: 0,
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
            },
        }
    }

    /// Reads a whole line without its line feed.
    fn line(&mut self, line: &[u8], cut: bool) {
        let state = &mut self.state;
        state.n_line += 1;
        let mut line = line;
        let cut = cut || line.len() > LINE_MAX;
        line = line.get(..LINE_MAX).unwrap_or(line);
        if state.n_line == 1 {
            line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
        }
        line = line.strip_suffix(b"\r").unwrap_or(line);
        if cut {
            state.issue("a line is longer than the limit and was cut", 0);
        }
        if prefix::without_colour(line, &mut self.scratch) {
            let plain = std::mem::take(&mut self.scratch);
            state.any(&plain, None, 0);
            self.scratch = plain;
        } else {
            state.any(line, None, 0);
        }
    }
}

impl Sink for LogReader {
    type Records = LogRecords;

    fn push(&mut self, bytes: &[u8]) {
        self.state.bytes += bytes.len() as u64;
        let mut rest = bytes;
        while let Some(at) = memchr(b'\n', rest) {
            let (line, after) = rest.split_at(at);
            rest = after.get(1..).unwrap_or_default();
            if self.carry.is_empty() {
                self.line(line, false);
            } else {
                self.extend(line);
                self.end_line();
            }
        }
        self.extend(rest);
    }

    fn finish(mut self) -> Parsed<LogRecords> {
        if !self.carry.is_empty() {
            self.end_line();
        }
        self.state.finish(&self.label, &self.node, self.hint)
    }
}

impl LogReader {
    fn extend(&mut self, bytes: &[u8]) {
        // One byte over the limit is kept, so that a cut line is known as such.
        let room = (LINE_MAX + 1).saturating_sub(self.carry.len());
        self.carry_cut |= bytes.len() > room;
        self.carry.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    fn end_line(&mut self) {
        let mut line = std::mem::take(&mut self.carry);
        let cut = std::mem::take(&mut self.carry_cut);
        self.line(&line, cut);
        line.clear();
        self.carry = line;
    }
}

impl State {
    fn issue(&mut self, reason: &str, skipped: u64) {
        self.issues.add(reason, format!("line:{}", self.n_line), skipped);
    }

    /// Reads a line in whatever form it is; `carried` is what stood around it.
    fn any(&mut self, bytes: &[u8], carried: Option<Carried<'_>>, depth: u8) {
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
                    let carried = Carried { rest: b"", time: stamp, wall_ms: None, program: b"" };
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
            return self.any(inner.rest, Some(Carried { time, ..inner }), depth + 1);
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
            self.n_errors += 1;
            for (values, field) in self.errors.iter_mut().zip(ERROR_FIELDS) {
                let text = line.field(field);
                if text.is_empty() {
                    continue;
                }
                let value = super::pattern::normal(field, text, &mut self.template);
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

    fn finish(mut self, label: &str, node: &str, hint: Option<LogKind>) -> Parsed<LogRecords> {
        self.tracker.finish();
        let mut limits = Vec::new();
        if self.patterns.n_dropped > 0 {
            self.issue("more kinds of messages than the limit: the rest is counted together", 0);
            limits.push("rare messages counted together".to_owned());
        }
        if self.tracker.n_left_out > 0 {
            self.issue("more events than the limit: the later ones are left out", 0);
            limits.push("later events left out".to_owned());
        }
        if self.patterns.coarse {
            limits.push("minutes joined".to_owned());
        }
        let count = |level: LogLevel| self.levels.get(level as usize).copied().unwrap_or(0);
        let debug = count(LogLevel::Debug) + count(LogLevel::Trace) > 0;
        if debug {
            limits.push("debug".to_owned());
        }
        if self.n_zoneless > 0 {
            limits.push("local time without zone".to_owned());
        }
        limits.sort();
        let window = self.span_ms.and_then(|(first, last)| {
            // `end` is the first moment after the last line.
            Some(Window { start: time(first)?, end: time(last.checked_add(1)?)? })
        });
        let form = Form::ALL
            .into_iter()
            .rev()
            .max_by_key(|form| self.forms.get(*form as usize).copied().unwrap_or(0));
        let source = LogSource {
            label: label.to_owned(),
            node: node.to_owned(),
            kind: self.kind(hint),
            format: form.unwrap_or_default().as_str(),
            window,
            records: self.records,
            skipped: self.issues.skipped(),
            continuations: self.continuations,
            levels: LogLevel::ALL
                .iter()
                .map(|level| (*level, count(*level)))
                .filter(|(_, n)| *n > 0)
                .collect(),
            debug,
            offsets_s: self.offsets.iter().copied().collect(),
            bytes: self.bytes,
            span_s: self.span_ms.map_or(0, |(first, last)| last.abs_diff(first) / 1_000),
            limits: limits.clone(),
        };
        let coverage =
            Coverage { window, records: self.records, skipped: self.issues.skipped(), limits };
        let mut records = LogRecords {
            events: std::mem::take(&mut self.tracker.events),
            sources: vec![source],
            ..LogRecords::default()
        };
        records.events.sort_by(|a, b| a.order(b));
        self.patterns.list.sort_by_key(|pattern| pattern.id);
        for pattern in &self.patterns.list {
            take_pattern(pattern, label, node, &mut records);
        }
        for (values, field) in self.errors.iter().zip(ERROR_FIELDS) {
            take_values(ALL_ERRORS, field, values, &mut records);
        }
        records.fields.sort_by(|a, b| (&a.pattern_id, a.field).cmp(&(&b.pattern_id, b.field)));
        records.minutes.sort();
        records.top.sort_by(LogTop::order);
        Parsed { records, issues: self.issues, coverage }
    }

    /// What sort of log it is, by what most records are.
    fn kind(&self, hint: Option<LogKind>) -> LogKind {
        let most = |n: u64| self.records > 0 && n * 2 > self.records;
        if most(self.n_audit) {
            LogKind::Audit
        } else if most(self.n_ldap) {
            LogKind::Ldap
        } else if most(self.n_notifications) {
            LogKind::Notifications
        } else {
            hint.unwrap_or_default()
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

fn take_pattern(pattern: &Pattern, label: &str, node: &str, records: &mut LogRecords) {
    let pattern_id = format!("{:016x}", pattern.id);
    let most = |field: Field| {
        let values = pattern.values.get(field as usize).and_then(Option::as_deref);
        values.and_then(Values::most).map(Raw::from_bytes).unwrap_or_default()
    };
    let (peak, peak_minute) = pattern.minutes.peak();
    records.patterns.push(LogPattern {
        pattern_id: pattern_id.clone(),
        known_id: pattern.known.map(|known| known.id),
        level: pattern.level,
        origin: pattern.origin,
        pattern: Raw::new(pattern.text.clone()),
        calls: pattern.calls,
        first_at: pattern.span_ms.and_then(|(first, _)| time(first)),
        last_at: pattern.span_ms.and_then(|(_, last)| time(last)),
        first_place: Place::line(label, pattern.first_line),
        peak_per_minute: peak,
        peak_at: minute_time(peak_minute).filter(|_| peak > 0),
        nodes: BTreeMap::from([(node.to_owned(), pattern.calls)]),
        sample: Raw::from_bytes(&pattern.sample),
        sample_place: Place::line(label, pattern.sample_line),
        err_where: most(Field::ErrWhere),
        caller: most(Field::Caller),
    });
    for row in pattern.minutes.rows() {
        records.minutes.push(LogMinute {
            pattern_id: pattern_id.clone(),
            node: node.to_owned(),
            minute: row.minute,
            width_min: row.width_min,
            level: pattern.level,
            calls: row.calls,
        });
    }
    for field in Field::ALL {
        if let Some(Some(values)) = pattern.values.get(field as usize) {
            take_values(&pattern_id, field, values, records);
        }
    }
}

fn take_values(pattern_id: &str, field: Field, values: &Values, records: &mut LogRecords) {
    if values.calls == 0 {
        return;
    }
    records.fields.push(LogField {
        pattern_id: pattern_id.to_owned(),
        field: field.as_str(),
        calls: values.calls,
        unlisted_max: values.unlisted_max(),
    });
    for count in &values.counts {
        records.top.push(LogTop {
            pattern_id: pattern_id.to_owned(),
            field: field.as_str(),
            value: Raw::from_bytes(&count.value),
            calls: count.calls,
            error: count.error,
            first_at: count.span_ms.and_then(|(first, _)| time(first)),
            last_at: count.span_ms.and_then(|(_, last)| time(last)),
            minutes: count.spans.rows(),
        });
    }
}
