//! The answer on one screen: what dominates, what changed, what stood in the way, what is not in
//! the log.

use super::{Answer, phrase};
use chrono::TimeDelta;
use model::Window;
use slowlog::summary::{Change, Occurrence, Row, Verdict, minutes_of, occurrences};
use slowlog::{Ddl, Engine, EventClass, LockParty, LockWait};
use std::collections::BTreeMap;
use text::{Raw, Text};

/// A line: a label (empty where the line before goes on) and a text.
pub(super) struct Line {
    pub(super) label: &'static str,
    pub(super) text: Text,
}

/// Rows that are named as what dominates.
const DOMINATE: usize = 3;
/// Rows that are named as what changed.
const CHANGED: usize = 5;
/// The share of the change from which on a query is named that ran too seldom for a verdict.
const LARGE: f64 = 0.1;
/// Schema changes, blockers and files that are named.
const NAMED: usize = 4;
/// Files that are named before the rest is counted.
const FILES: usize = 6;
/// Characters of a statement or sample in a line.
const STATEMENT_CHARS: usize = 90;

/// Events by the line in which they stand; worst first. The classes are in the order of a line.
static EVENTS: &[(&str, &[EventClass])] = &[
    (
        "SERVER",
        &[
            EventClass::Panic,
            EventClass::Crash,
            EventClass::DiskFull,
            EventClass::OutOfMemory,
            EventClass::Corruption,
            EventClass::Wraparound,
            EventClass::ForkFailure,
            EventClass::Io,
            EventClass::Restart,
            EventClass::Configuration,
        ],
    ),
    ("LOCKS", &[EventClass::Deadlock, EventClass::LockWait]),
    ("CANCELLED", &[EventClass::Cancelled, EventClass::Terminated]),
    ("REFUSED", &[EventClass::Refused, EventClass::Authentication]),
    (
        "REPLICAS",
        &[EventClass::ReplicationConflict, EventClass::Replication, EventClass::ArchiveFailure],
    ),
    ("CHECKPOINTS", &[EventClass::Checkpoint]),
    ("TEMP FILES", &[EventClass::TemporaryFile]),
    ("AUTOVACUUM", &[EventClass::Autovacuum, EventClass::Autoanalyze]),
    ("ERRORS", &[EventClass::Error, EventClass::Warning]),
];

/// Classes whose absence is worth a word, and how they are called.
static MISSED: &[(EventClass, &str)] = &[
    (EventClass::LockWait, "lock waits (log_lock_waits)"),
    (EventClass::Deadlock, "deadlocks"),
    (EventClass::Cancelled, "cancelled statements"),
    (EventClass::Refused, "refused connections"),
    (EventClass::TemporaryFile, "temporary files (log_temp_files)"),
    (EventClass::Checkpoint, "checkpoints (log_checkpoints)"),
    (EventClass::Autovacuum, "autovacuum (log_autovacuum_min_duration)"),
];

/// How one and how several of a class are called, where the class's word with an `s` is not it.
static NAMES: &[(EventClass, &str, &str)] = &[
    (EventClass::Crash, "crash", "crashes"),
    (EventClass::DiskFull, "write without space", "writes without space"),
    (EventClass::OutOfMemory, "out of memory", "times out of memory"),
    (EventClass::Corruption, "sign of damaged data", "signs of damaged data"),
    (EventClass::Wraparound, "warning of wraparound", "warnings of wraparound"),
    (EventClass::Io, "failed read or write", "failed reads or writes"),
    (EventClass::Restart, "start or stop", "starts and stops"),
    (EventClass::Configuration, "setting", "settings"),
    (EventClass::Cancelled, "statement", "statements"),
    (EventClass::Terminated, "ended session", "ended sessions"),
    (EventClass::Refused, "connection", "connections"),
    (EventClass::Authentication, "failed login", "failed logins"),
    (EventClass::ReplicationConflict, "conflict of replay", "conflicts of replay"),
    (EventClass::Replication, "replication fault", "replication faults"),
    (EventClass::Autovacuum, "vacuum", "vacuums"),
    (EventClass::Autoanalyze, "analyze", "analyzes"),
];

/// How long before the window schema changes are named: what breaks an incident often comes
/// right before it.
const DDL_BEFORE_MIN: i64 = 60;

/// What a limit of a source means for the reader; others speak for themselves.
static LIMITS: &[(&str, &str)] = &[
    ("sampled", "sampled: counts are estimates from the rate that the log names, where it does"),
    ("totals since a reset", "totals since the statistics were reset: no window can be taken out"),
    ("no times", "no times: no load, no window"),
    (
        "local time without zone",
        "local times without a zone, taken as UTC unless --tz names theirs",
    ),
    (
        "statements without duration",
        "statements without a duration (log_statement): they are not counted",
    ),
    (
        "no statement durations",
        "no statement with its duration is in it: `analyze slowlog --how-to` says how to log them",
    ),
];

fn line(label: &'static str, text: Text) -> Line {
    Line { label, text }
}

impl Answer<'_> {
    fn value(&self, raw: &str) -> text::Value {
        self.redactor.clear(&Raw::new(raw))
    }

    /// A statement cut to a line.
    fn statement(&self, text: &str) -> text::Value {
        let cleared = self.value(text);
        match cleared.as_str().char_indices().nth(STATEMENT_CHARS) {
            Some((end, _)) => {
                self.value(&format!("{}...", cleared.as_str().get(..end).unwrap_or_default()))
            }
            None => cleared,
        }
    }

    /// A row by its name: the query's id with its feature or statement, or the key.
    fn named(&self, row: &Row<'_>) -> Text {
        let mut text = Text::new();
        let key = if row.key.is_empty() { "(none)" } else { &row.key };
        text.push_value(self.value(key));
        if let Some(query) = row.query {
            text.push_ours(" ");
            match query.store_method {
                Some(method) => text.push_ours(method),
                None => text.push_value(self.statement(&query.fingerprint)),
            }
        }
        text
    }

    /// All lines of the screen.
    pub(super) fn screen(&self) -> Vec<Line> {
        let mut lines = vec![self.what_was_read()];
        lines.extend(self.compared());
        lines.extend(self.load());
        lines.extend(self.limits());
        lines.extend(self.dominating());
        lines.extend(self.changed());
        let window = self.asked.window(self.read);
        let happened = occurrences(&self.read.log, window);
        lines.extend(self.events(&happened, window));
        lines.extend(self.ddl(window));
        lines.extend(self.missed(&happened));
        if self.asked.is_filtered() {
            lines.push(line(
                "FILTERED",
                Text::ours("figures of queries and load only; locks, events and schema changes are all of the log's"),
            ));
        }
        for words in &self.summary.approximations {
            lines.push(line("NOT EXACT", Text::ours(words.clone())));
        }
        lines.extend(self.files());
        lines
    }

    fn what_was_read(&self) -> Line {
        let log = &self.read.log;
        let engine = match (self.read.mixed, log.engine) {
            (true, _) => "PostgreSQL and MySQL together",
            (false, Engine::PostgreSql) => "PostgreSQL",
            (false, Engine::MySql) => "MySQL or MariaDB",
        };
        let records: u64 = log.sources.iter().map(|source| source.records).sum();
        let mut text = format!(
            "{engine}, {}, {}",
            phrase::plural(log.sources.len() as u64, "file"),
            phrase::plural(records, "record")
        );
        if self.difference {
            text.push_str(", the difference of two exports of its statistics");
        }
        if let Some(window) = self.read.window {
            text.push_str(&format!(
                ", {} ({}); times in {}",
                phrase::window(window, self.asked.zone),
                phrase::minutes(minutes_of(window)),
                phrase::zone(self.asked.zone)
            ));
        }
        line("LOG", Text::ours(text))
    }

    fn compared(&self) -> Option<Line> {
        let summary = &self.summary;
        let window = summary.window?;
        let against = match &summary.compared {
            None if self.asked.given.is_some() => {
                ": the log covers no other time, so there is nothing to compare with".to_owned()
            }
            None => return None,
            Some(compared) => format!(
                " against {} ({}): load {} -> {}",
                if compared.other_log { "the baseline" } else { "the rest of the log" },
                phrase::minutes(compared.before_minutes),
                phrase::active(compared.before_load),
                phrase::active(compared.load)
            ),
        };
        let text = format!(
            "{} ({}){against}",
            phrase::window(window, self.asked.zone),
            phrase::minutes(summary.minutes)
        );
        Some(line("WINDOW", Text::ours(text)))
    }

    fn load(&self) -> Option<Line> {
        let summary = &self.summary;
        if summary.calls == 0 {
            let words = match (self.difference, self.asked.given.is_some()) {
                (true, _) => "no statement ran between the two exports",
                (false, true) => "no statement with a duration in the window",
                (false, false) => "no statement with a duration",
            };
            return Some(line("LOAD", Text::ours(words)));
        }
        let mut text = format!(
            "{}, {} together",
            phrase::plural(summary.calls, "statement"),
            phrase::duration(summary.total_us as f64)
        );
        if let Some(average) = summary.load.average {
            text.push_str(&format!("; {} active on average", phrase::active(average)));
        }
        let peaks: Vec<String> = summary
            .load
            .busiest
            .iter()
            .map(|span| {
                let at = phrase::moment(span.minute, self.asked.zone);
                let span_min = if span.span_min > 1 {
                    format!(" ({} min)", span.span_min)
                } else {
                    String::new()
                };
                format!(
                    "{} at {}{span_min}",
                    phrase::active(span.concurrency),
                    at.get(11..16).unwrap_or(&at)
                )
            })
            .collect();
        if !peaks.is_empty() {
            text.push_str(&format!(", most {}", peaks.join(", ")));
        }
        Some(line("LOAD", Text::ours(text)))
    }

    /// What the log cannot contain.
    fn limits(&self) -> Vec<Line> {
        let mut out = Vec::new();
        for limit in &self.read.limits {
            let words = match limit.as_str() {
                "slow statements only" => {
                    let threshold =
                        self.read.log.sources.iter().filter_map(|s| s.threshold_us).max();
                    let under = threshold.filter(|us| *us > 0).map_or_else(
                        || "what was fast".to_owned(),
                        |us| format!("what took less than about {}", phrase::duration(us as f64)),
                    );
                    format!(
                        "slow statements only: {under} is not in it, so counts and load are lower bounds, and \
                         `more frequent` may mean `slower`"
                    )
                }
                other => LIMITS
                    .iter()
                    .find(|(word, _)| *word == other)
                    .map_or_else(|| other.to_owned(), |(_, words)| (*words).to_owned()),
            };
            let label = if out.is_empty() { "LIMITS" } else { "" };
            out.push(line(label, Text::ours(words)));
        }
        out
    }

    fn dominating(&self) -> Vec<Line> {
        let mut rows: Vec<&Row<'_>> =
            self.summary.rows.iter().filter(|row| row.figures.calls > 0).collect();
        rows.sort_by(|a, b| {
            b.figures.total_us.cmp(&a.figures.total_us).then_with(|| a.key.cmp(&b.key))
        });
        let mut out = Vec::new();
        for row in rows.into_iter().take(DOMINATE) {
            let figures = &row.figures;
            let mut text = Text::ours(format!(
                "{} of the time, {}, mean {}, max {}: ",
                row.share.map_or_else(|| "0 %".to_owned(), phrase::share),
                phrase::plural(figures.calls, "call"),
                figures.mean_us().map_or_else(String::new, phrase::duration),
                phrase::duration(figures.max_us as f64),
            ));
            text.push_text(self.named(row));
            out.push(line(if out.is_empty() { "DOMINATES" } else { "" }, text));
        }
        out
    }

    fn changed(&self) -> Vec<Line> {
        if self.summary.compared.is_none() {
            return Vec::new();
        }
        let mut rows: Vec<(&Row<'_>, &Change)> = self
            .summary
            .rows
            .iter()
            .filter_map(|row| Some((row, row.change.as_ref()?)))
            .filter(|(_, change)| match change.verdict {
                Verdict::Same => false,
                // One long call may be what held up all the others.
                Verdict::Unclear => change.share.is_some_and(|share| share.abs() >= LARGE),
                Verdict::New
                | Verdict::Gone
                | Verdict::SlowerAndMoreFrequent
                | Verdict::Slower
                | Verdict::MoreFrequent
                | Verdict::Faster
                | Verdict::LessFrequent => true,
            })
            .collect();
        rows.sort_by(|(a, x), (b, y)| {
            y.delta_load.abs().total_cmp(&x.delta_load.abs()).then_with(|| a.key.cmp(&b.key))
        });
        let n = rows.len();
        let mut out = Vec::new();
        for (row, change) in rows.into_iter().take(CHANGED) {
            let mut text = Text::ours(format!("{}: ", changes(row, change)));
            text.push_text(self.named(row));
            out.push(line(if out.is_empty() { "CHANGED" } else { "" }, text));
        }
        if n > CHANGED {
            out.push(line(
                "",
                Text::ours(format!("and {} more: --sort change --top 0", n - CHANGED)),
            ));
        }
        if n == 0 {
            out.push(line("CHANGED", Text::ours("nothing is new, gone, slower or more frequent")));
        }
        out
    }

    fn events(&self, happened: &[Occurrence], window: Option<Window>) -> Vec<Line> {
        let mut out = Vec::new();
        for (label, classes) in EVENTS {
            let parts: Vec<String> = classes
                .iter()
                .filter_map(|class| happened.iter().find(|one| one.class == *class))
                .map(occurrence)
                .collect();
            if !parts.is_empty() {
                out.push(line(label, Text::ours(parts.join("; "))));
            }
            if *label == "LOCKS" {
                out.extend(self.blockers(window, parts.is_empty()));
            }
        }
        out
    }

    /// Who stood in the way: the roots of the chains of waits, most waits first.
    fn blockers(&self, window: Option<Window>, first: bool) -> Vec<Line> {
        let locks: Vec<&LockWait> = self
            .read
            .log
            .locks
            .iter()
            .filter(|lock| window.is_none_or(|window| window.contains(lock.at)))
            .collect();
        let mut roots: BTreeMap<u32, (u64, u64, Option<&LockParty>)> = BTreeMap::new();
        for lock in &locks {
            let Some(pid) = lock.root_pid.or(lock.blocker.pid) else { continue };
            let root = roots.entry(pid).or_default();
            root.0 += 1;
            root.1 = root.1.max(lock.waited_us);
            if lock.blocker.pid == Some(pid)
                && root.2.is_none_or(|party| party.fingerprint.is_empty())
            {
                root.2 = Some(&lock.blocker);
            }
        }
        let mut roots: Vec<_> = roots.into_iter().collect();
        roots.sort_by_key(|(pid, (waits, longest, _))| {
            (std::cmp::Reverse((*waits, *longest)), *pid)
        });
        let n = roots.len();
        let mut out = Vec::new();
        for (pid, (waits, longest, party)) in roots.into_iter().take(NAMED) {
            let mut text = Text::ours(format!(
                "pid {pid} held up {}, the longest {}",
                phrase::plural(waits, "wait"),
                phrase::duration(longest as f64)
            ));
            if let Some(party) = party {
                for (words, raw) in [
                    (" (user ", &party.user),
                    (", application ", &party.application),
                    (", client ", &party.client),
                ] {
                    if !raw.is_empty() {
                        text.push_ours(words);
                        text.push_value(self.redactor.clear(raw));
                    }
                }
                if !party.user.is_empty() {
                    text.push_ours(")");
                }
                if party.fingerprint.is_empty() {
                    text.push_ours("; what it ran is not in the log");
                } else {
                    text.push_ours(": ");
                    text.push_value(self.statement(&party.fingerprint));
                }
            }
            out.push(line(if first && out.is_empty() { "LOCKS" } else { "" }, text));
        }
        if n > NAMED {
            out.push(line("", Text::ours(format!("and {} more holders", n - NAMED))));
        }
        out
    }

    fn ddl(&self, window: Option<Window>) -> Vec<Line> {
        let all: Vec<&Ddl> = self
            .read
            .log
            .ddl
            .iter()
            .filter(|ddl| {
                window.is_none_or(|window| {
                    ddl.at >= window.start - TimeDelta::minutes(DDL_BEFORE_MIN)
                        && ddl.at < window.end
                })
            })
            .collect();
        let mut out = Vec::new();
        for ddl in all.iter().take(NAMED) {
            let mut text =
                Text::ours(format!("{}  {} ", phrase::moment(ddl.at, self.asked.zone), ddl.action));
            text.push_value(self.redactor.clear(&ddl.object));
            if !ddl.user.is_empty() {
                text.push_ours(" by user ");
                text.push_value(self.redactor.clear(&ddl.user));
            }
            if let Some(us) = ddl.duration_us {
                text.push_ours(format!(", took {}", phrase::duration(us as f64)));
            }
            if ddl.failed {
                text.push_ours(", failed");
            }
            if let Some(window) = window.filter(|window| ddl.at < window.start) {
                let ahead = phrase::minutes((window.start - ddl.at).as_seconds_f64() / 60.0);
                text.push_ours(format!(", {ahead} before the window"));
            }
            out.push(line(if out.is_empty() { "DDL" } else { "" }, text));
        }
        if all.len() > NAMED {
            out.push(line("", Text::ours(format!("and {} more", all.len() - NAMED))));
        }
        out
    }

    /// What a log of PostgreSQL could show and this one does not.
    fn missed(&self, happened: &[Occurrence]) -> Option<Line> {
        if self.difference || self.read.is_statistics() {
            return None;
        }
        if self.read.log.engine == Engine::MySql {
            return Some(line(
                "NOT IN IT",
                Text::ours(
                    "locks by holder, errors, refused connections, checkpoints: a slow query log has statements only",
                ),
            ));
        }
        let names: Vec<&str> = MISSED
            .iter()
            .filter(|(class, _)| happened.iter().all(|one| one.class != *class))
            .map(|(_, name)| *name)
            .collect();
        let mut text =
            "rows and time in locks of statements: PostgreSQL does not log them".to_owned();
        if !names.is_empty() {
            text.push_str(&format!(
                "; {}: none happened, or they are not logged",
                names.join(", ")
            ));
        }
        Some(line("NOT IN IT", Text::ours(text)))
    }

    fn files(&self) -> Vec<Line> {
        let mut out = Vec::new();
        let sources = &self.read.log.sources;
        for source in sources.iter().take(FILES) {
            let mut text = Text::value(self.value(&source.label));
            text.push_ours(format!(": {}", source.format));
            if !source.prefix.is_empty() {
                text.push_ours(", prefix ");
                text.push_value(self.value(&format!("`{}`", source.prefix)));
            }
            text.push_ours(format!(", {}", phrase::plural(source.records, "record")));
            if let Some(window) = source.window.filter(|_| sources.len() > 1) {
                text.push_ours(format!(", {}", phrase::window(window, self.asked.zone)));
            }
            if source.unknown_lines > 0 {
                text.push_ours(format!(
                    ", {} not understood",
                    phrase::plural(source.unknown_lines, "line")
                ));
            }
            out.push(line(if out.is_empty() { "READ" } else { "" }, text));
        }
        if sources.len() > FILES {
            out.push(line("", Text::ours(format!("and {} more files", sources.len() - FILES))));
        }
        if self.read.passed_over > 0 {
            let n = phrase::plural(self.read.passed_over, "file");
            out.push(line("", Text::ours(format!("{n} of another kind passed over"))));
        }
        for unread in self.read.unread.iter().take(FILES) {
            out.push(line("NOT READ", Text::value(self.value(&unread.path))));
        }
        if self.read.unread.len() > FILES {
            let more = self.read.unread.len() - FILES;
            out.push(line("", Text::ours(format!("and {more} more files"))));
        }
        for (path, issue) in &self.read.issues {
            let mut text = Text::ours(format!("{}, {}", issue.reason, times(issue.count)));
            if !issue.location.is_empty() {
                text.push_ours(format!(", first at {}", issue.location));
            }
            if issue.skipped > 0 {
                text.push_ours(format!(", {} lost", phrase::plural(issue.skipped, "record")));
            }
            if !path.is_empty() {
                text.push_ours(" in ");
                text.push_value(self.value(path));
            }
            out.push(line("ISSUE", text));
        }
        out
    }
}

fn times(n: u64) -> String {
    match n {
        1 => "once".to_owned(),
        n => format!("{} times", phrase::count(n)),
    }
}

/// `12 lock waits (ShareLock 10, ExclusiveLock 2)`.
fn occurrence(one: &Occurrence) -> String {
    let mut text = match NAMES.iter().find(|(class, _, _)| *class == one.class) {
        Some((_, one_name, _)) if one.calls == 1 => format!("1 {one_name}"),
        Some((_, _, names)) => format!("{} {names}", phrase::count(one.calls)),
        None => phrase::plural(one.calls, &one.class.as_str().replace('-', " ")),
    };
    let causes: Vec<String> = one
        .causes
        .iter()
        .filter(|(cause, _)| !cause.is_empty())
        .take(NAMED)
        .map(|(cause, calls)| format!("{cause} {}", phrase::count(*calls)))
        .collect();
    if !causes.is_empty() {
        text.push_str(&format!(" ({})", causes.join(", ")));
    }
    let amount = |n: u64| match one.unit {
        "bytes" => phrase::bytes(n),
        _ => phrase::duration(n as f64),
    };
    if let (Some(all), Some(max)) = (one.amount, one.amount_max)
        && max > 0
    {
        if one.class != EventClass::Checkpoint {
            text.push_str(&format!(", {} together", amount(all)));
        }
        text.push_str(&format!(
            ", {} {}",
            if one.unit == "bytes" { "largest" } else { "longest" },
            amount(max)
        ));
    }
    text
}

/// `new, +86 % of the change, 1,203 calls, mean 4.31 s`.
pub(super) fn changes(row: &Row<'_>, change: &Change) -> String {
    let share = change.share.map_or_else(String::new, |part| {
        format!(", {}{} of the change", if part > 0.0 { "+" } else { "" }, phrase::share(part))
    });
    let mean = |us: Option<f64>| us.map_or_else(|| "-".to_owned(), phrase::duration);
    let rate = |per_min: f64| {
        if per_min >= 0.995 {
            format!("{}/min", phrase::active(per_min))
        } else {
            format!("{}/h", phrase::active(per_min * 60.0))
        }
    };
    let figures = match change.verdict {
        Verdict::New => format!(
            "{}, mean {}",
            phrase::plural(row.figures.calls, "call"),
            mean(row.figures.mean_us())
        ),
        Verdict::Gone => format!(
            "{} before, mean {}",
            phrase::plural(change.before_calls, "call"),
            mean(change.before_mean_us)
        ),
        Verdict::Unclear if change.before_calls == 0 => format!(
            "{} and none before, mean {}",
            phrase::plural(row.figures.calls, "call"),
            mean(row.figures.mean_us())
        ),
        Verdict::Unclear if row.figures.calls == 0 => format!(
            "{} before and none now, mean {}",
            phrase::plural(change.before_calls, "call"),
            mean(change.before_mean_us)
        ),
        Verdict::SlowerAndMoreFrequent
        | Verdict::Slower
        | Verdict::MoreFrequent
        | Verdict::Faster
        | Verdict::LessFrequent
        | Verdict::Same
        | Verdict::Unclear => format!(
            "mean {} -> {}, calls {} -> {}",
            mean(change.before_mean_us),
            mean(row.figures.mean_us()),
            rate(change.before_per_min),
            rate(change.per_min)
        ),
    };
    let verdict = match change.verdict {
        Verdict::Unclear => "too few calls to tell",
        known => known.as_str(),
    };
    format!("{verdict}{share}, {figures}")
}
