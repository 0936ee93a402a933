//! From the state of a fold to records.

use super::fold::Fold;
use super::layout::Layout;
use super::run::Run;
use super::severity::WORDS;
use crate::records::{ConnectionMinute, LoadMinute, SlowLog, SlowSource, Top};
use crate::spans::moment;
use crate::{Engine, pg::scan::Context};
use model::{Coverage, Parsed, Window};
use std::collections::BTreeMap;
use text::Raw;

/// Frequent values that are kept beside a query.
const TOP_MAX: usize = 10;

/// Thresholds that people set, in milliseconds, ascending.
const THRESHOLDS_MS: &[u64] = &[
    1, 2, 5, 10, 20, 25, 50, 75, 100, 150, 200, 250, 300, 400, 500, 600, 700, 750, 800, 900, 1000,
    1500, 2000, 2500, 3000, 4000, 5000, 10_000, 15_000, 20_000, 30_000, 60_000,
];
/// Below this the server is taken to log every statement.
const EVERYTHING_US: u64 = 1_000;
/// Durations that are needed to infer a threshold.
const CALLS_MIN: u64 = 5;

/// The frequent values among contexts: users, databases, applications, hosts.
fn tops(contexts: &[Context], used: &[(u32, u64, u64)]) -> [Vec<Top>; 4] {
    let of: [fn(&Context) -> &[u8]; 4] =
        [|it| &it.user, |it| &it.database, |it| &it.application, |it| &it.host];
    of.map(|of| {
        let mut sums: BTreeMap<&[u8], (u64, u64)> = BTreeMap::new();
        for (ctx, calls, us) in used {
            if let Some(context) = contexts.get(*ctx as usize) {
                let sum = sums.entry(of(context)).or_default();
                sum.0 += calls;
                sum.1 = sum.1.saturating_add(*us);
            }
        }
        if sums.len() == 1 {
            // The log does not say.
            sums.remove([].as_slice());
        }
        let mut tops: Vec<Top> = sums
            .into_iter()
            .map(|(value, (calls, total_us))| Top {
                value: Raw::from_bytes(value),
                calls,
                total_us,
            })
            .collect();
        tops.sort_by(|a, b| b.calls.cmp(&a.calls).then_with(|| a.value.cmp(&b.value)));
        tops.truncate(TOP_MAX);
        tops
    })
}

/// The threshold of `log_min_duration_statement` that fits the shortest statement: the largest
/// that people set and that is not above it.
pub(crate) fn threshold_us(min_us: u64, calls: u64) -> Option<u64> {
    if calls < CALLS_MIN {
        return None;
    }
    if min_us < EVERYTHING_US {
        return Some(0);
    }
    THRESHOLDS_MS.iter().rev().map(|ms| ms * 1000).find(|us| *us <= min_us)
}

/// What a log cannot show.
fn limits(fold: &Fold, span_min: u32, prefixes: u64) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut say = |met: bool, words: &str| {
        if met {
            out.push(words.to_owned());
        }
    };
    let calls = fold.phases.statement.calls + fold.phases.execute.calls;
    say(calls > 0 && fold.min_counted_us >= EVERYTHING_US, "slow statements only");
    say(calls == 0 && fold.phases.plan.calls > 0, "statements with plans only");
    say(calls == 0 && fold.phases.plan.calls == 0, "no statement durations");
    say(fold.sampled, "sampled");
    say(fold.untimed > 0, "statements without duration");
    say(fold.notes.absent, "local time without zone");
    say(fold.notes.ambiguous, "ambiguous time zone");
    say(fold.notes.unknown, "unknown time zone");
    say(fold.first_us.is_none(), "no times");
    say(fold.no_year, "times without year");
    say(fold.localised > 0, "messages in another language");
    say(fold.queries.overflowed, "further queries as one");
    say(fold.queries.texts_cut, "long queries cut");
    say(fold.events.overflowed, "further events as one");
    say(fold.locks.overflowed, "first lock waits only");
    say(fold.limits.ddl, "first schema changes only");
    say(fold.limits.contexts, "further clients as one");
    say(fold.limits.sessions, "oldest sessions forgotten");
    say(prefixes > 0, "several line prefixes");
    if span_min > 1 {
        out.push(format!("spans of {span_min} minutes"));
    }
    out
}

/// Everything that was read.
pub(crate) fn parsed(mut run: Run, format: &'static str) -> Parsed<SlowLog> {
    run.end();
    let prefixes = run.prefixes;
    let prefix = match run.layout() {
        Layout::Stderr(_) => run.layout().prefix().to_owned(),
        Layout::Csv | Layout::Json => String::new(),
    };
    let fold = run.fold;
    let span_min = fold.queries.span_min();
    let limits = limits(&fold, span_min, prefixes);
    let calls = fold.phases.statement.calls + fold.phases.execute.calls;
    let window = fold
        .first_us
        .zip(fold.last_us)
        .map(|(first, last)| Window { start: moment(first), end: moment(last.saturating_add(1)) });
    let source = SlowSource {
        label: fold.label.clone(),
        format,
        prefix,
        bytes: fold.bytes,
        lines: fold.lines,
        records: fold.records,
        unknown_lines: fold.unknown_lines,
        window,
        phases: fold.phases,
        threshold_us: threshold_us(fold.min_counted_us, calls),
        limits: limits.clone(),
        severities: WORDS
            .iter()
            .copied()
            .zip(fold.severities)
            .filter(|(_, count)| *count > 0)
            .collect(),
    };
    let contexts = fold.contexts;
    let (queries, minutes) = fold.queries.finish(&fold.label, |used| tops(&contexts, used));
    let (events, event_minutes) = fold.events.finish();
    let connections_span = fold.connections.span_min();
    let connections = fold
        .connections
        .iter()
        .filter_map(|(minute, ctx, calls)| {
            let who = contexts.get(ctx as usize)?;
            Some(ConnectionMinute {
                minute,
                span_min: connections_span,
                user: Raw::from_bytes(&who.user),
                database: Raw::from_bytes(&who.database),
                host: Raw::from_bytes(&who.host),
                application: Raw::from_bytes(&who.application),
                calls,
            })
        })
        .collect();
    let load = fold.load.finish().into_iter().map(LoadMinute::of).collect();
    let coverage =
        Coverage { window, records: fold.records, skipped: fold.issues.skipped(), limits };
    let records = SlowLog {
        engine: Engine::PostgreSql,
        sources: vec![source],
        queries,
        minutes,
        locks: fold.locks.finish(),
        events,
        event_minutes,
        ddl: fold.ddl,
        connections,
        load,
    };
    Parsed { records, issues: fold.issues, coverage }
}
