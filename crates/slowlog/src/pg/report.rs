//! From the state of a fold to records.

use super::fold::Fold;
use super::layout::Layout;
use super::run::Run;
use super::scan::NO_TIME;
use super::severity::WORDS;
use crate::Engine;
use crate::floor::Floor;
use crate::queries::Finished;
use crate::records::{ConnectionMinute, LoadMinute, SlowLog, SlowSource};
use crate::spans::{CONNECTION_SPANS, EVENT_SPANS, LOAD_SPANS, QUERY_SPANS, moment, spans_limit};
use model::{Coverage, Parsed, Window};
use text::Raw;

/// What a log cannot show.
fn limits(fold: &Fold, floor: Floor, span_min: u32, prefixes: u64) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut say = |met: bool, words: &str| {
        if met {
            out.push(words.to_owned());
        }
    };
    let calls = fold.phases.statement.calls + fold.phases.execute.calls;
    say(floor.is_slow_only(calls), "slow statements only");
    say(floor.sampled_below, "sampled below the threshold");
    say(calls == 0 && fold.phases.plan.calls > 0, "statements with plans only");
    say(
        calls == 0 && fold.phases.plan.calls == 0 && fold.phases.unpaired.calls == 0,
        "no statement durations",
    );
    let executed = fold.phases.statement.with(fold.phases.execute);
    say(
        fold.phases.unpaired.total_us.saturating_mul(10)
            > executed.with(fold.phases.unpaired).total_us,
        "durations without statements",
    );
    say(fold.sampled, "sampled");
    say(fold.untimed > 0, "statements without duration");
    for limit in fold.notes.limits() {
        say(true, &limit);
    }
    say(fold.backwards * 2 > fold.records.max(4), "newest first");
    say(fold.first_us.is_none(), "no times");
    if let Some(years) = &fold.years {
        say(true, years);
    }
    let language = fold.languages.iter().enumerate().max_by_key(|(_, count)| **count);
    match language.filter(|(_, count)| **count > 0) {
        Some((number, _)) => {
            let name = super::languages::LANGUAGES.get(number).map_or("", |(_, name)| *name);
            say(true, &format!("messages in {name}"));
        }
        None => say(fold.localised > 0, "messages in another language"),
    }
    say(fold.queries.overflowed, "further queries as one");
    say(fold.queries.overflowed_people, "further rows as one");
    say(fold.queries.texts_cut, "long queries cut");
    say(fold.queries.names_cut, "columns of lighter queries left out");
    say(fold.events.overflowed, "further events as one");
    say(fold.locks.overflowed, "first lock waits only");
    say(fold.limits.ddl, "first schema changes only");
    say(fold.contexts.full || fold.queries.tops_cut, "further clients as one");
    say(fold.limits.sessions, "oldest sessions forgotten");
    say(prefixes > 0, "several line prefixes");
    out.extend(spans_limit(QUERY_SPANS, span_min));
    out.extend(spans_limit(EVENT_SPANS, fold.events.span_min()));
    out.extend(spans_limit(CONNECTION_SPANS, fold.connections.span_min()));
    out.extend(spans_limit(LOAD_SPANS, fold.load.span_min()));
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
    let mut fold = run.fold;
    let contexts = std::mem::take(&mut fold.contexts);
    let by = fold.queries.by();
    let Finished { queries, minutes, preparing, floor, offered } =
        fold.queries.finish(&fold.label, Engine::PostgreSql);
    let span_min = fold.queries.span_min();
    let limits = limits(&fold, floor, span_min, prefixes);
    let window = fold
        .first_us
        .zip(fold.last_us)
        .map(|(first, last)| Window { start: moment(first), end: moment(last.saturating_add(1)) });
    let source = SlowSource {
        label: fold.label.clone(),
        engine: Engine::PostgreSql,
        format,
        prefix,
        bytes: fold.bytes,
        lines: fold.lines,
        records: fold.records,
        unknown_lines: fold.unknown_lines,
        window,
        phases: fold.phases,
        identity: std::mem::take(&mut fold.identity)
            .or(std::mem::take(&mut fold.messages))
            .finish(),
        same_as: None,
        overlaps: Vec::new(),
        threshold_us: floor.threshold_us,
        limits: limits.clone(),
        starting_since: fold.starting_us.filter(|at_us| *at_us != NO_TIME).map(moment),
        ready_at: fold.ready_us.map(moment),
        severities: WORDS
            .iter()
            .copied()
            .zip(fold.severities)
            .filter(|(_, count)| *count > 0)
            .collect(),
    };
    let (events, event_minutes) = fold.events.finish();
    let connections_span = fold.connections.span_min();
    let connections = fold
        .connections
        .iter()
        .filter_map(|(minute, ctx, calls)| {
            let who = contexts.get(ctx)?;
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
        pooler: Vec::new(),
        preparing,
        by,
        offered,
    };
    Parsed { records, issues: fold.issues, coverage }
}
