//! Columns that follow from a row and from those beside it.

use super::beside::{Beside, engine_of, running_statement, runs_statements};
use super::values::{float, number, share, statement, time};
use crate::cell::Cell;
use crate::clearing::Clearing;
use crate::table::RowWriter;
use ::dba::{Answer, AnswerCell, AnswerRow};
use slowlog::fingerprint::{Engine, Fingerprinter};
use text::Raw;

/// Writes what follows from a row and those beside it.
pub(super) fn derived(
    out: &mut RowWriter<'_>,
    table: &str,
    answer: &Answer,
    row: &AnswerRow,
    beside: &Beside<'_>,
    clearing: &Clearing<'_>,
) {
    match table {
        "dba_locks" => lock(out, row, beside, clearing, engine_of(answer)),
        "dba_activity" => {
            if runs_statements(answer)
                && let Some(text) = running_statement(row, answer, &mut Fingerprinter::default())
            {
                out.int("alike", beside.running.get(&text).copied());
            }
            if let Some(pid) = row.int("pid") {
                out.int("blocks", Some(beside.waiters(pid)));
            }
        }
        "dba_tables" => {
            let (live, dead) = (row.int("live_rows"), row.int("dead_rows"));
            out.float(
                "dead_share",
                live.zip(dead).and_then(|(live, dead)| share(dead, live.saturating_add(dead))),
            );
            let later = |a, b| [time(row, a), time(row, b)].into_iter().flatten().max();
            out.time("vacuumed_at", later("last_autovacuum", "last_vacuum"));
            out.time("analyzed_at", later("last_autoanalyze", "last_analyze"));
        }
        "dba_statements" => {
            let all: f64 = answer.rows.iter().filter_map(|row| float(row, "total_ms")).sum();
            out.float("share", float(row, "total_ms").filter(|_| all > 0.0).map(|own| own / all));
        }
        "dba_clients" => {
            let all: i64 = answer.rows.iter().filter_map(|row| row.int("connections")).sum();
            out.float("share", row.int("connections").and_then(|own| share(own, all)));
        }
        "dba_settings" => {
            let unit = row.text("unit").unwrap_or_default();
            out.float("number", row.text("value").and_then(|value| number(value, unit)));
        }
        "dba_statistics" => statistics(out, row, beside),
        _ => {}
    }
}

fn lock(
    out: &mut RowWriter<'_>,
    row: &AnswerRow,
    beside: &Beside<'_>,
    clearing: &Clearing<'_>,
    engine: Engine,
) {
    let Some(root) = row.int("pid").and_then(|pid| beside.root(pid)) else { return };
    out.int("root_pid", Some(root));
    out.int("waiters", Some(beside.waiters(root)));
    let Some(session) = beside.sessions.get(&root) else { return };
    for (to, from) in
        [("root_user", "user"), ("root_application", "application"), ("root_state", "state")]
    {
        if let Some(text) = session.iter().find_map(|row| row.text(from)) {
            out.value_or_gap(to, clearing.text(&Raw::new(text)));
        }
    }
    let said = |column| session.iter().find_map(|row| row.cell(column));
    if let Some(AnswerCell::Span(age)) = said("transaction_age") {
        out.cell("root_transaction_age", Cell::Span(*age));
    }
    if let Some(AnswerCell::Statement(text)) = said("query")
        && let Some((text, _)) = statement(text, engine, &mut Fingerprinter::default())
    {
        out.value_or_gap("root_query", clearing.text(&Raw::new(text)));
    }
}

fn statistics(out: &mut RowWriter<'_>, row: &AnswerRow, beside: &Beside<'_>) {
    let (read, hit) = (row.int("blocks_read"), row.int("blocks_hit"));
    out.float(
        "hit_ratio",
        read.zip(hit).and_then(|(read, hit)| share(hit, read.saturating_add(hit))),
    );
    let Some(at) = time(row, "at") else { return };
    let before = beside
        .statistics
        .iter()
        .filter(|other| {
            other.text("database") == row.text("database")
                && time(other, "reset_at") == time(row, "reset_at")
        })
        .filter_map(|other| Some((time(other, "at")?, *other)))
        .filter(|(other, _)| *other < at)
        .max_by_key(|(other, _)| *other);
    let Some((before_at, before)) = before else { return };
    out.cell("since_before", Cell::Span((at - before_at).num_milliseconds()));
    for (column, from) in [
        ("temp_bytes_more", "temp_bytes"),
        ("deadlocks_more", "deadlocks"),
        ("rollbacks_more", "rollbacks"),
    ] {
        let more = row.int(from).zip(before.int(from)).map(|(now, then)| now.saturating_sub(then));
        out.int(column, more.filter(|more| *more >= 0));
    }
}
