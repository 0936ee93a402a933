//! Facts of the catalogue that the answers hold.

use super::values::{number, number_of, share, time};
use crate::Version;
use crate::cell::Cell;
use crate::clearing::Clearing;
use crate::engine::product_of;
use crate::facts::{Stored, find_fact};
use ::dba::{Answer, AnswerCell, AnswerRow, Answers};
use model::Place;

/// What the answers say beside their tables, until it is known what the packet says.
#[derive(Debug, Default)]
pub(crate) struct AnswerFacts {
    pub(super) facts: Vec<(&'static str, Stored, Place)>,
    /// Table, index and place of the whole list of indexes, in lower case; `None` when it was not
    /// asked for or cut.
    pub(super) indexes: Option<Vec<(String, String, Place)>>,
    pub(super) whole: Place,
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
pub(super) fn facts_of(answers: &Answers, clearing: &Clearing<'_>) -> AnswerFacts {
    let mut out = AnswerFacts {
        whole: Place { source: answers.source.clone(), location: "whole".to_owned() },
        ..AnswerFacts::default()
    };
    // Answers are in the order of the file; the last of a kind is the newest.
    for answer in answers.answers.iter().rev() {
        let table = answer.question.table.as_str();
        for row in answer.rows.iter().rev() {
            let place = Place::line(&answers.source, row.line);
            let is_postgres = answer.question.is_postgres();
            of_row(table, is_postgres, row, &place, &mut out, clearing);
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
    is_postgres: bool,
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
            // Each engine is asked for its version with a question of its own.
            let kind = clearing.name(if is_postgres { "postgres" } else { "mysql" });
            out.add("database.type", Cell::Text(kind.as_str()), place.clone());
            if let Some(product) = product_of(words) {
                let product = clearing.name(product);
                out.add("database.product", Cell::Text(product.as_str()), place.clone());
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
