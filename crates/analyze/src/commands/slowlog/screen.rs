//! The answer on one screen: what dominates, what changed, what stood in the way, what is not in
//! the log.

mod events;
mod phases;

use super::{Answer, phrase};
use slowlog::Engine;
use slowlog::summary::{Change, Row, Verdict, minutes_of, occurrences};
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

/// What a limit of a source means for the reader; others speak for themselves.
static LIMITS: &[(&str, &str)] = &[
    (
        "further queries as one",
        "more than 10,000 different queries: those with the least time are one row, `q:other`",
    ),
    (
        "further rows as one",
        "more than 10,000 names: statements of those with the least time are one row, `(further)`",
    ),
    (
        "further clients as one",
        "very many users or clients: beside a query the first of them are named; --user, --client \
         and --group count each of them",
    ),
    (
        "more contexts than are kept",
        "very many users or clients: beside a query the first of them are named; --user, --client \
         and --group count each of them",
    ),
    ("long queries cut", "very many long queries: texts of some are cut to 200 characters"),
    (
        "columns of lighter queries left out",
        "very many queries: of those with the least time the columns are not named",
    ),
    (
        "statements with plans only",
        "no durations of statements, only plans of auto_explain: each counts as one execution, and what \
         was below auto_explain.log_min_duration is not in it",
    ),
    (
        "newest first",
        "the log has its newest lines first: who held a lock, and EXECUTE of a prepared statement, can \
         be told less well; sort it by time to be sure",
    ),
    (
        "messages in another language",
        "messages of the server are in a language that is not known: statements and events in them are \
         not read; set lc_messages = 'C' for the next log",
    ),
    (
        "log of the pooler alone",
        "the log of a pooler has events and figures, no statements: the database's own log has these",
    ),
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
        "durations without statements",
        "durations without their statements (log_duration without log_statement = all): these are in no \
         query's figures, so counts and load are lower bounds",
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
        lines.extend(self.phases());
        lines.extend(self.repeated());
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
        let records: u64 = log
            .sources
            .iter()
            .filter(|source| source.same_as.is_none())
            .map(|source| source.records)
            .sum();
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

    /// Sources that hold the same events.
    fn repeated(&self) -> Vec<Line> {
        let mut out = Vec::new();
        for source in &self.read.log.sources {
            let mut say = |words: &str, other: &str, more: String| {
                let mut text = Text::value(self.value(&source.label));
                text.push_ours(words);
                text.push_value(self.value(other));
                text.push_ours(more);
                out.push(line(if out.is_empty() { "TWICE" } else { "" }, text));
            };
            if let Some(other) = &source.same_as {
                say(" holds the same events as ", other, ": counted once".to_owned());
            }
            for (other, n) in &source.overlaps {
                let share = format!(
                    ": about {}, counted twice; give one of them, or files that do not overlap",
                    phrase::plural(*n, "event")
                );
                say(" shares events with ", other, share);
            }
        }
        let n = out.len();
        out.truncate(FILES);
        if n > FILES {
            out.push(line("", Text::ours(format!("and {} more pairs", n - FILES))));
        }
        out
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
                "sampled below the threshold" => {
                    let threshold =
                        self.read.log.sources.iter().filter_map(|s| s.threshold_us).max();
                    format!(
                        "of statements below {} hardly any are in it: a sample \
                         (log_min_duration_sample, log_statement_sample_rate), or what was logged for another \
                         reason; such counts are too low",
                        phrase::duration(threshold.unwrap_or(0) as f64)
                    )
                }
                other if other.starts_with("ambiguous time zone: ") => format!(
                    "{other}: the abbreviation means several zones; --tz names the right one"
                ),
                other if other.starts_with("unknown time zone: ") => {
                    format!("{other}: --tz names the right one")
                }
                other if other.starts_with("messages in ") => format!(
                    "{other}: those on statements, locks, cancellations, connections, temporary files \
                     and checkpoints are read, others are not; set lc_messages = 'C' for the next log"
                ),
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
            if issue.reason == "line is no part of a log record" {
                text.push_ours(
                    ": of another program, or the prefix is another one than the one that is read \
                     (--prefix 'log_line_prefix of the server')",
                );
            } else if issue.skipped > 0 {
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

/// `new, +86 % of the change, 1,203 calls, mean 4.31 s`.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other verdict is its own word")]
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
