//! What happened once: starts, stops and everything of [`super::event_rule::EVENTS`], with the last
//! messages before a stop that was none.

use super::event_rule::{EventRule, Subject};
use super::line::{Field, Line};
use super::{LogLevel, RecentMessage, ServerEvent, ServerEventKind};
use chrono::{DateTime, Utc};
use model::Place;
use text::Raw;

/// Events that are kept of one log; jobs may take half of them.
const EVENTS_MAX: usize = 8_000;

/// Patterns whose last message is kept for the case that the server is gone after it.
const RECENT_MAX: usize = 12;

/// How long before the last line a message may be to count as one of the last.
const RECENT_MS: i64 = 120_000;

/// How much of a message is kept.
const TEXT_MAX: usize = 200;

/// How many events back a repetition is looked for.
const LOOK_BACK: usize = 24;

/// What a start brings with it comes within this time.
const START_MS: i64 = 300_000;

/// A start is done within seconds; what says nothing for this long waits.
const STALL_MS: i64 = 120_000;

/// A line as the tracker needs it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'a> {
    /// The line.
    pub(super) line: &'a Line<'a>,
    /// Its pattern.
    pub(super) pattern_id: u64,
    /// Its level.
    pub(super) level: LogLevel,
    /// Its time, if it has one.
    pub(super) at_ms: Option<i64>,
    /// Its number.
    pub(super) n_line: u64,
}

#[derive(Clone, Debug, Default)]
struct Recent {
    pattern_id: u64,
    level: Option<LogLevel>,
    ms: i64,
    n_line: u64,
    text: Vec<u8>,
}

/// Where the server is in its life, as far as its log says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Life {
    /// Nothing read yet, or only lines without a time.
    #[default]
    Unknown,
    /// It runs, or did when the log begins.
    Up,
    /// It said that it initialises; not yet that it starts. Commands do as much.
    Initializing,
    /// It said that it stops.
    Stopping,
    /// A command that had initialised stops: the server's life is not touched.
    CommandStopping,
}

/// A start that is not yet confirmed.
#[derive(Clone, Debug)]
struct Pending {
    start: ServerEvent,
    unclean: Option<ServerEvent>,
    life_before: Life,
}

/// Collects events in order of lines.
#[derive(Debug)]
pub(super) struct Tracker {
    label: String,
    node: String,
    pub(super) events: Vec<ServerEvent>,
    /// Events that were left out.
    pub(super) n_left_out: u64,
    recent: Vec<Recent>,
    life: Life,
    pending: Option<Pending>,
    last: Option<(i64, u64)>,
    last_start_ms: Option<i64>,
    version: Option<String>,
    version_name: String,
}

impl Tracker {
    pub(super) fn new(label: &str, node: &str) -> Self {
        Self {
            label: label.to_owned(),
            node: node.to_owned(),
            events: Vec::new(),
            n_left_out: 0,
            recent: Vec::new(),
            life: Life::Unknown,
            pending: None,
            last: None,
            last_start_ms: None,
            version: None,
            version_name: String::new(),
        }
    }

    /// Takes a line, and the event that its pattern is, if it is one.
    pub(super) fn see(&mut self, seen: Seen<'_>, rule: Option<&'static EventRule>) {
        let begins_anew = rule.is_some_and(|rule| rule.starts == "server is initializing");
        if self.life == Life::Initializing && !begins_anew {
            self.look_for_stall(&seen);
        }
        if let Some(rule) = rule {
            self.event(seen, rule);
        } else if self.life == Life::Unknown && seen.at_ms.is_some() {
            self.life = Life::Up;
        }
        if let Some(ms) = seen.at_ms {
            self.last = Some((ms, seen.n_line));
            self.remember(seen, ms);
        }
    }

    /// Ends the log.
    pub(super) fn finish(&mut self) {
        if self.life == Life::Initializing {
            self.start_failed();
        }
    }

    /// Keeps the line as its pattern's last message, in front.
    fn remember(&mut self, seen: Seen<'_>, ms: i64) {
        let idx = self.recent.iter().position(|recent| recent.pattern_id == seen.pattern_id);
        let idx = match idx {
            Some(idx) => idx,
            None if self.recent.len() < RECENT_MAX => {
                self.recent.push(Recent::default());
                self.recent.len() - 1
            }
            None => RECENT_MAX - 1,
        };
        if let Some(head) = self.recent.get_mut(..=idx) {
            head.rotate_right(1);
        }
        let Some(recent) = self.recent.first_mut() else { return };
        recent.pattern_id = seen.pattern_id;
        recent.level = Some(seen.level);
        recent.ms = ms;
        recent.n_line = seen.n_line;
        recent.text.clear();
        write_text(seen.line, &mut recent.text);
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "three kinds change the state, the rest are kept"
    )]
    fn event(&mut self, seen: Seen<'_>, rule: &'static EventRule) {
        match rule.kind {
            ServerEventKind::Start => self.start(seen, rule),
            ServerEventKind::Stop => self.stop(seen, rule),
            ServerEventKind::VersionChange => self.version(seen),
            ServerEventKind::PluginEnabled | ServerEventKind::LicenseChange
                if self.is_routine(seen) => {}
            kind => {
                let mut event = self.make(seen, kind);
                event.subject = Raw::from_bytes(subject(seen.line, rule.subject));
                self.keep(event);
            }
        }
    }

    /// At each start plugins are activated and the licence is read: that is no change.
    fn is_routine(&self, seen: Seen<'_>) -> bool {
        let msg = seen.line.msg.bytes.to_ascii_lowercase();
        let routine = msg.ends_with(b"activated") || msg.starts_with(b"license key is valid");
        let soon = match (seen.at_ms, self.last_start_ms) {
            (Some(at), Some(start)) => at - start < START_MS,
            _ => false,
        };
        routine && (soon || self.life == Life::Initializing)
    }

    fn start(&mut self, seen: Seen<'_>, rule: &'static EventRule) {
        // Commands and bootstrap lines without a time tell nothing of when.
        let Some(at_ms) = seen.at_ms else { return };
        let initializing = rule.starts.starts_with("server is initializing");
        let listening = rule.starts.starts_with("server is listening");
        if initializing {
            if self.life == Life::Initializing {
                self.start_failed();
                self.life = Life::Stopping;
            }
            self.pending = Some(self.prepare(seen));
            self.life = Life::Initializing;
            return;
        }
        match self.life {
            Life::Initializing => self.confirm(at_ms),
            // After `Starting Server...` this is the same start.
            Life::Up if listening => {}
            Life::Unknown if listening => self.life = Life::Up,
            // A log without the line of initialising: the start begins here.
            Life::Unknown | Life::Up | Life::Stopping | Life::CommandStopping => {
                self.pending = Some(self.prepare(seen));
                self.confirm(at_ms);
            }
        }
    }

    /// The start at this line, and the unclean stop before it, if there was one.
    fn prepare(&self, seen: Seen<'_>) -> Pending {
        let gone = matches!(self.life, Life::Up | Life::CommandStopping);
        let unclean = self.last.filter(|_| gone).map(|(last_ms, last_line)| {
            let before = self.before(last_ms);
            let last_text = self.recent.first().map(|r| r.text.as_slice()).unwrap_or_default();
            let mut text = b"no stop was logged before the next start; last message: ".to_vec();
            text.extend_from_slice(last_text);
            ServerEvent {
                at: time(last_ms),
                node: self.node.clone(),
                kind: ServerEventKind::UncleanStop,
                subject: Raw::default(),
                text: Raw::from_bytes(&text),
                place: Place::line(&self.label, last_line),
                count: 1,
                last_at: seen.at_ms.and_then(time),
                before,
            }
        });
        Pending { start: self.make(seen, ServerEventKind::Start), unclean, life_before: self.life }
    }

    fn before(&self, last_ms: i64) -> Vec<RecentMessage> {
        let message = |recent: &Recent| {
            Some(RecentMessage {
                pattern_id: format!("{:016x}", recent.pattern_id),
                at: time(recent.ms)?,
                level: recent.level.unwrap_or(LogLevel::Other),
                text: Raw::from_bytes(&recent.text),
                place: Place::line(&self.label, recent.n_line),
            })
        };
        self.recent.iter().filter(|r| last_ms - r.ms <= RECENT_MS).filter_map(message).collect()
    }

    /// The server came up.
    fn confirm(&mut self, at_ms: i64) {
        if let Some(pending) = self.pending.take() {
            if let Some(unclean) = pending.unclean {
                self.keep(unclean);
            }
            let mut start = pending.start;
            start.subject = Raw::new(self.version_name.clone());
            start.last_at = time(at_ms);
            self.keep(start);
        }
        self.last_start_ms = Some(at_ms);
        self.life = Life::Up;
    }

    /// A start that says nothing for minutes: the server migrates its schema without a word,
    /// between `Pinging SQL` and the next line.
    fn look_for_stall(&mut self, seen: &Seen<'_>) {
        let (Some(at_ms), Some((last_ms, last_line))) = (seen.at_ms, self.last) else { return };
        if at_ms - last_ms < STALL_MS {
            return;
        }
        let last_text = self.recent.first().map(|r| r.text.as_slice()).unwrap_or_default();
        let mut text = b"nothing was logged while it started; last message: ".to_vec();
        text.extend_from_slice(last_text);
        self.keep(ServerEvent {
            at: time(last_ms),
            node: self.node.clone(),
            kind: ServerEventKind::StartStalled,
            subject: Raw::new(self.version_name.clone()),
            text: Raw::from_bytes(&text),
            place: Place::line(&self.label, last_line),
            count: 1,
            last_at: time(at_ms),
            before: Vec::new(),
        });
    }

    /// The server initialised and did not come up.
    fn start_failed(&mut self) {
        let Some(pending) = self.pending.take() else { return };
        if let Some(unclean) = pending.unclean {
            self.keep(unclean);
        }
        let mut event = pending.start;
        event.kind = ServerEventKind::StartFailed;
        event.last_at = self.last.and_then(|(ms, _)| time(ms));
        event.before = self.last.map(|(ms, _)| self.before(ms)).unwrap_or_default();
        self.keep(event);
    }

    fn stop(&mut self, seen: Seen<'_>, rule: &'static EventRule) {
        let stopped = rule.starts == "server stopped";
        match self.life {
            Life::Initializing => {
                // A command: what ran before runs on.
                self.life = match self.pending.take().map(|pending| pending.life_before) {
                    Some(Life::Up) => Life::CommandStopping,
                    _ => Life::Stopping,
                };
            }
            Life::CommandStopping if stopped => self.life = Life::Up,
            Life::Stopping if stopped => {}
            Life::Unknown | Life::Up | Life::Stopping | Life::CommandStopping => {
                let event = self.make(seen, ServerEventKind::Stop);
                self.keep(event);
                self.life = Life::Stopping;
            }
        }
    }

    fn version(&mut self, seen: Seen<'_>) {
        let mut buf = Vec::new();
        let msg = String::from_utf8_lossy(seen.line.msg.unescaped(&mut buf)).into_owned();
        let name = String::from_utf8_lossy(subject(seen.line, Subject::Version)).into_owned();
        let changed = self.version.as_ref().is_some_and(|before| *before != msg);
        if changed {
            let mut event = self.make(seen, ServerEventKind::VersionChange);
            event.subject = Raw::new(name.clone());
            event.text = Raw::new(format!("{} -> {}", self.version_name, name));
            self.keep(event);
        }
        self.version = Some(msg);
        self.version_name = name;
    }

    fn make(&self, seen: Seen<'_>, kind: ServerEventKind) -> ServerEvent {
        let at = seen.at_ms.or(self.last.map(|(ms, _)| ms)).and_then(time);
        let mut text = Vec::new();
        write_text(seen.line, &mut text);
        ServerEvent {
            at,
            node: self.node.clone(),
            kind,
            subject: Raw::default(),
            text: Raw::from_bytes(&text),
            place: Place::line(&self.label, seen.n_line),
            count: 1,
            last_at: at,
            before: Vec::new(),
        }
    }

    /// Keeps an event, as one more of the same if it repeats.
    fn keep(&mut self, event: ServerEvent) {
        let apart_s = match event.kind {
            ServerEventKind::Start
            | ServerEventKind::Stop
            | ServerEventKind::UncleanStop
            | ServerEventKind::StartFailed
            | ServerEventKind::StartStalled
            | ServerEventKind::VersionChange => 0,
            ServerEventKind::JobStart | ServerEventKind::JobEnd => 600,
            ServerEventKind::LeaderChange => 5,
            ServerEventKind::ConfigurationChange
            | ServerEventKind::PluginEnabled
            | ServerEventKind::PluginDisabled
            | ServerEventKind::PluginInstalled
            | ServerEventKind::PluginCrashed
            | ServerEventKind::LicenseChange
            | ServerEventKind::JobFailed
            | ServerEventKind::Migration
            | ServerEventKind::ClusterNode
            | ServerEventKind::BusyState
            | ServerEventKind::Panic
            | ServerEventKind::AdminAction => 60,
        };
        let same = |before: &&mut ServerEvent| {
            let near = match (before.last_at, event.at) {
                (Some(a), Some(b)) => (b - a).num_seconds().abs() <= apart_s,
                (a, b) => a == b,
            };
            apart_s > 0 && near && before.kind == event.kind && before.subject == event.subject
        };
        if let Some(before) = self.events.iter_mut().rev().take(LOOK_BACK).find(same) {
            before.count += 1;
            before.last_at = before.last_at.max(event.last_at);
            return;
        }
        let job = matches!(event.kind, ServerEventKind::JobStart | ServerEventKind::JobEnd);
        let max = if job { EVENTS_MAX / 2 } else { EVENTS_MAX };
        if self.events.len() >= max {
            self.n_left_out += 1;
        } else {
            self.events.push(event);
        }
    }
}

/// A moment of milliseconds since the epoch.
pub(super) fn time(ms: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(ms)
}

/// The message, what it is about, and the error.
fn write_text(line: &Line<'_>, out: &mut Vec<u8>) {
    if let Some((name, status)) = line.audit {
        out.extend_from_slice(b"audit ");
        append(name.bytes, out);
        out.push(b' ');
        append(status.bytes, out);
    } else {
        append(line.msg.bytes, out);
    }
    for field in [Field::File, Field::PluginId, Field::Worker, Field::Path] {
        let text = line.field(field);
        if !text.is_empty() {
            out.push(b' ');
            out.extend_from_slice(field.as_str().as_bytes());
            out.push(b'=');
            append(text.bytes, out);
        }
    }
    if !line.error.is_empty() {
        out.extend_from_slice(b": ");
        append(line.error.bytes, out);
    }
}

fn append(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(bytes.get(..TEXT_MAX).unwrap_or(bytes));
}

/// What an event is about.
fn subject<'a>(line: &Line<'a>, subject: Subject) -> &'a [u8] {
    let plugin = line.field(Field::PluginId).bytes;
    let worker = line.field(Field::Worker).bytes;
    let found = match subject {
        Subject::Server => b"",
        Subject::Plugin if !plugin.is_empty() => plugin,
        Subject::Plugin => line.subject.bytes,
        Subject::Job => worker,
        Subject::Version => {
            let words = || line.msg.bytes.split(|b| *b == b' ');
            let digit = |word: &&[u8]| word.first().is_some_and(u8::is_ascii_digit);
            words().find(digit).unwrap_or(line.subject.bytes)
        }
        Subject::Any => {
            [plugin, worker, line.subject.bytes].into_iter().find(|s| !s.is_empty()).unwrap_or(b"")
        }
    };
    found.get(..TEXT_MAX).unwrap_or(found)
}
