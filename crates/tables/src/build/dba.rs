//! Tables and facts of what came back from the customer's DBA.

use super::schema::IndexesThere;
use super::{TablesBuilder, table};
use crate::cell::Cell;
use crate::clearing::Clearing;
use crate::coverage::SourceCoverage;
use crate::facts::{Stored, find_fact};
use crate::table::RowWriter;
use crate::{TableDoc, Version};
use ::dba::{Answer, AnswerCell, AnswerRow, Answers};
use chrono::{DateTime, Utc};
use model::{Place, Window};
use slowlog::fingerprint::{Engine, Fingerprinter};
use std::collections::{BTreeMap, BTreeSet};
use text::{Raw, Redactor};

/// Answers that hold at the moment at which they were given, and say nothing about another.
const MOMENTARY: &[&str] = &[
    "dba_sessions",
    "dba_activity",
    "dba_locks",
    "dba_relation_locks",
    "dba_connections",
    "dba_clients",
    "dba_replication",
    "dba_vacuum",
    "dba_snapshots",
];

/// What the answers say beside their tables, until it is known what the packet says.
#[derive(Debug, Default)]
pub(crate) struct AnswerFacts {
    facts: Vec<(&'static str, Stored, Place)>,
    /// Table, index and place of the whole list of indexes, in lower case; `None` when it was not
    /// asked for or cut.
    indexes: Option<Vec<(String, String, Place)>>,
    whole: Place,
}

/// What is known beside a row of an answer.
struct Beside<'a> {
    /// Sessions that wait, by pid: whom each waits for.
    blocked_by: BTreeMap<i64, Vec<i64>>,
    /// The other way round: who waits, by the pid that is waited for.
    waiting: BTreeMap<i64, Vec<i64>>,
    /// What is said about sessions, by pid.
    sessions: BTreeMap<i64, Vec<&'a AnswerRow>>,
    /// How many active sessions run a statement, by its text without literals.
    running: BTreeMap<String, usize>,
    /// The rows of `dba_statistics` in their order.
    statistics: Vec<&'a AnswerRow>,
}

impl<'a> Beside<'a> {
    fn of(answers: &'a Answers) -> Self {
        let rows = |table: &'static str| {
            answers
                .answers
                .iter()
                .filter(move |answer| answer.question.table == table)
                .flat_map(|answer| &answer.rows)
        };
        let pid = |row: &'a AnswerRow| row.int("pid");
        let mut blocked_by: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for row in rows("dba_locks") {
            let Some(pid) = pid(row) else { continue };
            let holders = pids(row.text("blocked_by").unwrap_or_default());
            blocked_by.entry(pid).or_default().extend(holders);
        }
        let mut waiting: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for (waiter, holders) in &blocked_by {
            for holder in holders {
                waiting.entry(*holder).or_default().push(*waiter);
            }
        }
        let mut sessions: BTreeMap<i64, Vec<&'a AnswerRow>> = BTreeMap::new();
        for row in rows("dba_activity") {
            if let Some(pid) = pid(row) {
                sessions.entry(pid).or_default().push(row);
            }
        }
        let mut running: BTreeMap<String, usize> = BTreeMap::new();
        let mut statements = Fingerprinter::default();
        for answer in answers.answers.iter().filter(|answer| runs_statements(answer)) {
            for row in &answer.rows {
                if let Some(text) = running_statement(row, answer, &mut statements) {
                    *running.entry(text).or_default() += 1;
                }
            }
        }
        let statistics = rows("dba_statistics").collect();
        Self { blocked_by, waiting, sessions, running, statistics }
    }

    /// Who waits for nobody at the end of the chain from `pid`; `None` when it has no end.
    fn root(&self, pid: i64) -> Option<i64> {
        let mut seen = BTreeSet::from([pid]);
        let mut at = *self.blocked_by.get(&pid)?.first()?;
        while let Some(next) = self.blocked_by.get(&at).and_then(|holders| holders.first()) {
            // Who waits for each other is a deadlock, which the database ends by itself.
            if !seen.insert(at) {
                return None;
            }
            at = *next;
        }
        Some(at)
    }

    /// How many sessions wait for `pid`, themselves or through others.
    fn waiters(&self, pid: i64) -> usize {
        let mut found = BTreeSet::new();
        let mut next = vec![pid];
        while let Some(holder) = next.pop() {
            for waiter in self.waiting.get(&holder).into_iter().flatten() {
                if *waiter != pid && found.insert(*waiter) {
                    next.push(*waiter);
                }
            }
        }
        found.len()
    }
}

/// What became of a question that was answered.
fn outcome(answer: &Answer) -> &'static str {
    match (answer.whole, answer.rows.is_empty()) {
        (true, false) => "answered",
        (true, true) => "no rows",
        (false, false) => "answered in part",
        (false, true) => "not readable",
    }
}

/// Answers that list each session once, with what it runs.
fn runs_statements(answer: &Answer) -> bool {
    matches!(answer.question.id.as_str(), "pg-longest" | "mysql-processes")
}

/// What an active session runs, without literals.
fn running_statement(
    row: &AnswerRow,
    answer: &Answer,
    statements: &mut Fingerprinter,
) -> Option<String> {
    if row.text("state").is_none_or(|state| state.starts_with("idle")) {
        return None;
    }
    let AnswerCell::Statement(text) = row.cell("query")? else { return None };
    Some(statement(text, engine_of(answer), statements)?.0)
}

fn engine_of(answer: &Answer) -> Engine {
    if answer.question.is_postgres() { Engine::PostgreSql } else { Engine::MySql }
}

/// `{100,200}` or `100`: process ids.
fn pids(text: &str) -> Vec<i64> {
    /// Holders of one lock that are kept.
    const HOLDERS_MAX: usize = 64;
    text.split(|c: char| !c.is_ascii_digit())
        .filter_map(|word| word.parse().ok())
        .take(HOLDERS_MAX)
        .collect()
}

impl TablesBuilder {
    /// Adds what a file of answers says.
    pub fn dba(&mut self, answers: &Answers, redactor: &Redactor) {
        let clearing = &Clearing::with(redactor);
        self.dba_outcomes(answers, clearing);
        let beside = Beside::of(answers);
        let mut statements = Fingerprinter::default();
        for answer in &answers.answers {
            let Some(doc) = TableDoc::find(&answer.question.table) else { continue };
            if answer.rows.is_empty() && !answer.whole {
                continue;
            }
            let momentary = MOMENTARY.contains(&doc.name);
            let window = answers.at.filter(|_| momentary).map(|at| Window { start: at, end: at });
            self.source(
                doc.name,
                SourceCoverage {
                    label: answers.source.clone(),
                    node: String::new(),
                    window,
                    limits: Vec::new(),
                    records: answer.rows.len() as u64,
                },
            );
            let engine = engine_of(answer);
            let data = self.data(doc);
            for row in &answer.rows {
                let place = Place::line(&answers.source, row.line);
                data.push(&place, |out| {
                    out.word("question", &answer.question.id);
                    for (column, cell) in &row.cells {
                        write(out, column, cell, engine, clearing, &mut statements);
                    }
                    derived(out, doc.name, answer, row, &beside, clearing);
                });
            }
        }
        self.answers.push(facts_of(answers, clearing));
    }

    fn dba_outcomes(&mut self, answers: &Answers, clearing: &Clearing<'_>) {
        let source = SourceCoverage { label: answers.source.clone(), ..SourceCoverage::default() };
        self.source("dba_answers", source);
        let data = self.data(table("dba_answers"));
        for answer in &answers.answers {
            data.push(&Place::line(&answers.source, answer.line), |row| {
                row.word("question", &answer.question.id);
                row.word("topic", &answer.question.topic);
                row.word("outcome", outcome(answer));
                row.int("rows", Some(answer.rows.len()));
                row.time("at", answers.at);
            });
        }
        for refused in &answers.refused {
            data.push(&Place::line(&answers.source, refused.line), |row| {
                row.word("question", refused.question.map_or("", |asked| asked.id.as_str()));
                row.word("topic", refused.question.map_or("", |asked| asked.topic.as_str()));
                row.word("outcome", "refused");
                row.value_or_gap("message", clearing.text(&refused.message));
                row.time("at", answers.at);
            });
        }
    }

    /// What the packet does not say, and the answers do.
    pub(super) fn settle_answers(&mut self) {
        for answers in std::mem::take(&mut self.answers) {
            for (path, stored, place) in answers.facts {
                let Some(doc) = find_fact(path) else { continue };
                if self.tables.facts.values(path).is_empty() {
                    self.tables.facts.add(doc, None, stored, place, false);
                }
            }
            let Some(indexes) = answers.indexes else { continue };
            if self.tables.sources.contains_key("expected_indexes") {
                continue;
            }
            let version = self.tables.facts.get("database.schema_version", None).cell();
            let version = if let Cell::Int(version) = version { Some(version) } else { None };
            let label = answers.whole.source.clone();
            self.source("expected_indexes", SourceCoverage { label, ..SourceCoverage::default() });
            self.compare_indexes(IndexesThere {
                version,
                tables: BTreeMap::new(),
                indexes: indexes
                    .iter()
                    .map(|(table, index, place)| ((table.clone(), index.clone()), place))
                    .collect(),
                whole: answers.whole,
                packet: "",
            });
        }
    }
}

/// Writes a value as it was read.
fn write(
    out: &mut RowWriter<'_>,
    column: &str,
    cell: &AnswerCell,
    engine: Engine,
    clearing: &Clearing<'_>,
    statements: &mut Fingerprinter,
) {
    match cell {
        AnswerCell::Bool(value) => out.bool(column, Some(*value)),
        AnswerCell::Int(value) => out.int(column, Some(*value)),
        AnswerCell::Float(value) => out.float(column, Some(*value)),
        AnswerCell::Time(at) => out.time(column, Some(*at)),
        AnswerCell::Span(ms) => out.cell(column, Cell::Span(*ms)),
        AnswerCell::Text(text) => out.value_or_gap(column, clearing.text(text)),
        AnswerCell::Statement(text) => {
            let Some((text, id)) = statement(text, engine, statements) else { return };
            let text = clearing.text(&Raw::new(text));
            out.value_or_gap(column, text);
            if column == "query" {
                out.word("fingerprint_id", &id.unwrap_or_default());
            }
            return;
        }
    };
}

/// A statement without its literals, and its id unless the sheet cut it.
fn statement(
    text: &Raw,
    engine: Engine,
    statements: &mut Fingerprinter,
) -> Option<(String, Option<String>)> {
    let text = text.untrusted();
    // What a session without the right sees instead.
    if text.starts_with('<') {
        return None;
    }
    let found = statements.fingerprint(text.as_bytes(), engine);
    Some((found.text, (!found.truncated).then(|| found.id.to_string())))
}

/// Writes what follows from a row and those beside it.
fn derived(
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
    if let Some(AnswerCell::Statement(text)) = said("query") {
        if let Some((text, _)) = statement(text, engine, &mut Fingerprinter::default()) {
            out.value_or_gap("root_query", clearing.text(&Raw::new(text)));
        }
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

fn time(row: &AnswerRow, column: &str) -> Option<DateTime<Utc>> {
    match row.cell(column)? {
        AnswerCell::Time(at) => Some(*at),
        AnswerCell::Bool(_)
        | AnswerCell::Int(_)
        | AnswerCell::Float(_)
        | AnswerCell::Span(_)
        | AnswerCell::Text(_)
        | AnswerCell::Statement(_) => None,
    }
}

fn float(row: &AnswerRow, column: &str) -> Option<f64> {
    match row.cell(column)? {
        AnswerCell::Float(value) => Some(*value),
        AnswerCell::Bool(_)
        | AnswerCell::Int(_)
        | AnswerCell::Time(_)
        | AnswerCell::Span(_)
        | AnswerCell::Text(_)
        | AnswerCell::Statement(_) => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows and blocks are far below 2^53")]
fn share(part: i64, all: i64) -> Option<f64> {
    (all > 0).then(|| part as f64 / all as f64)
}

/// A setting as a number: sizes in bytes, times in milliseconds.
fn number(value: &str, unit: &str) -> Option<f64> {
    let value: f64 = value.trim().parse().ok().filter(|value: &f64| value.is_finite())?;
    // -1 and 0 switch something off.
    if value <= 0.0 {
        return Some(value);
    }
    let digits = unit.trim_end_matches(|c: char| !c.is_ascii_digit());
    let blocks: f64 = if digits.is_empty() { 1.0 } else { digits.parse().ok()? };
    let factor = match unit.trim_start_matches(|c: char| c.is_ascii_digit()) {
        "kB" => 1024.0,
        "MB" => 1024.0 * 1024.0,
        "GB" => 1024.0 * 1024.0 * 1024.0,
        "s" => 1e3,
        "min" => 60e3,
        "h" => 3_600e3,
        "d" => 86_400e3,
        // B, ms, and what has none.
        _ => 1.0,
    };
    Some(value * blocks * factor)
}

/// Settings that are facts of the catalogue, and the divisor to the fact's unit.
const SETTINGS: &[(&str, &str, f64)] = &[
    ("max_connections", "database.max_connections", 1.0),
    ("superuser_reserved_connections", "database.superuser_reserved_connections", 1.0),
    ("shared_buffers", "database.shared_buffers_mb", 1_048_576.0),
    ("effective_cache_size", "database.effective_cache_size_mb", 1_048_576.0),
    ("work_mem", "database.work_mem_mb", 1_048_576.0),
    ("random_page_cost", "database.random_page_cost", 1.0),
    ("autovacuum_vacuum_scale_factor", "database.autovacuum_vacuum_scale_factor", 1.0),
];

/// Columns of answers that are facts of the catalogue; the last row counts.
const COLUMNS: &[(&str, &str, &str)] = &[
    ("dba_connections", "max_connections", "database.max_connections"),
    ("dba_connections", "reserved", "database.superuser_reserved_connections"),
    ("dba_migrations", "schema_version", "database.schema_version"),
    ("dba_statistics", "deadlocks", "database.deadlocks"),
    ("dba_statistics", "temp_files", "database.temp_files"),
    ("dba_statistics", "rollbacks", "database.rollbacks"),
];

/// The facts that the answers hold.
fn facts_of(answers: &Answers, clearing: &Clearing<'_>) -> AnswerFacts {
    let mut out = AnswerFacts {
        whole: Place { source: answers.source.clone(), location: "whole".to_owned() },
        ..AnswerFacts::default()
    };
    // Answers are in the order of the file; the last of a kind is the newest.
    for answer in answers.answers.iter().rev() {
        let table = answer.question.table.as_str();
        for row in answer.rows.iter().rev() {
            let place = Place::line(&answers.source, row.line);
            of_row(table, row, &place, &mut out, clearing);
        }
        let biggest = |column: &str, keep: &dyn Fn(&AnswerRow) -> bool| {
            answer
                .rows
                .iter()
                .filter(|row| keep(row))
                .filter_map(|row| Some((number_of(row, column)?, row.line)))
                .max_by(|a, b| a.0.total_cmp(&b.0))
        };
        if table == "dba_wraparound"
            && let Some((age, line)) = biggest("xid_age", &|_| true)
        {
            out.add("database.xid_age", Cell::Float(age), Place::line(&answers.source, line));
        }
        let unread = |row: &AnswerRow| row.cell("active") == Some(&AnswerCell::Bool(false));
        if table == "dba_slots"
            && let Some((bytes, line)) = biggest("bytes_kept", &unread)
        {
            let place = Place::line(&answers.source, line);
            out.add(
                "database.inactive_replication_slot_mb",
                Cell::Float(bytes / 1_048_576.0),
                place,
            );
        }
        if answer.question.id == "pg-indexes" {
            out.indexes = whole_list(answer, &answers.source);
        }
    }
    out
}

fn of_row(
    table: &str,
    row: &AnswerRow,
    place: &Place,
    out: &mut AnswerFacts,
    clearing: &Clearing<'_>,
) {
    for (of, column, path) in COLUMNS {
        if *of == table
            && let Some(value) = row.int(column)
        {
            out.add(path, Cell::Int(value), place.clone());
        }
    }
    match table {
        "dba_settings" => {
            let (Some(name), Some(value)) = (row.text("name"), row.text("value")) else { return };
            let unit = row.text("unit").unwrap_or_default();
            for (setting, path, divisor) in SETTINGS {
                if *setting == name
                    && let Some(value) = number(value, unit)
                {
                    out.add(path, Cell::Float(value / divisor), place.clone());
                }
            }
            if name == "autovacuum" {
                let on = matches!(value, "on" | "true" | "1");
                out.add("database.autovacuum", Cell::Bool(on), place.clone());
            }
        }
        "dba_tables" if row.text("relation") == Some("posts") => {
            for (column, path) in [
                ("dead_rows", "database.posts_dead_tuples"),
                ("live_rows", "database.posts_live_tuples"),
            ] {
                if let Some(value) = row.int(column) {
                    out.add(path, Cell::Int(value), place.clone());
                }
            }
            if let Some(at) = time(row, "last_autovacuum") {
                out.add("database.posts_last_autovacuum", Cell::Time(at), place.clone());
            }
        }
        "dba_statistics" => {
            if let Some((read, hit)) = row.int("blocks_read").zip(row.int("blocks_hit"))
                && let Some(ratio) = share(hit, read.saturating_add(hit))
            {
                out.add("database.cache_hit_ratio", Cell::Float(ratio), place.clone());
            }
            if let Some(bytes) = number_of(row, "temp_bytes") {
                out.add("database.temp_bytes_mb", Cell::Float(bytes / 1_048_576.0), place.clone());
            }
        }
        "dba_server" => {
            let words = row.text("version").unwrap_or_default();
            let digits = words.trim_start_matches(|c: char| !c.is_ascii_digit());
            let end = digits.find(|c: char| !(c.is_ascii_digit() || c == '.'));
            let number = digits.get(..end.unwrap_or(digits.len())).unwrap_or_default();
            if let Some(version) = Version::parse(number.trim_end_matches('.')) {
                out.add("database.version", Cell::Version(version), place.clone());
            }
            let kind = if words.starts_with("PostgreSQL") { "postgres" } else { "" };
            if !kind.is_empty() {
                let kind = clearing.name(kind);
                out.add("database.type", Cell::Text(kind.as_str()), place.clone());
            }
        }
        _ => {}
    }
}

impl AnswerFacts {
    /// Keeps a fact, of the catalogue's kind; the first that comes stays.
    fn add(&mut self, path: &'static str, cell: Cell<'_>, place: Place) {
        let Some(doc) = find_fact(path) else { return };
        // Sizes are whole megabytes where the catalogue counts whole ones.
        let cell = match (cell, doc.kind) {
            (Cell::Float(value), crate::Kind::Int) => Cell::Float(value.round()),
            (cell, _) => cell,
        };
        let Some(stored) = cell.coerce(doc.kind).and_then(Stored::of_cell) else { return };
        if !self.facts.iter().any(|(known, ..)| *known == path) {
            self.facts.push((path, stored, place));
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts and bytes are far below 2^53")]
fn number_of(row: &AnswerRow, column: &str) -> Option<f64> {
    float(row, column).or_else(|| row.int(column).map(|value| value as f64))
}

/// Every index of the answer, unless it was cut: then a missing one says nothing.
fn whole_list(answer: &Answer, source: &str) -> Option<Vec<(String, String, Place)>> {
    /// The limit of the question.
    const LIMIT: usize = 500;
    if answer.rows.is_empty() || !answer.whole || answer.rows.len() >= LIMIT {
        return None;
    }
    let lower = |row: &AnswerRow, column: &str| row.text(column).map(str::to_ascii_lowercase);
    Some(
        answer
            .rows
            .iter()
            .filter_map(|row| {
                let place = Place::line(source, row.line);
                Some((lower(row, "relation")?, lower(row, "index")?, place))
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests;
