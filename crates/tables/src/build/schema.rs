//! The schema dump, and which indexes the migrations should have made.

use super::{TablesBuilder, table};
use crate::clearing::Clearing;
use model::Place;
use packet::{Packet, Scalar};
use std::collections::{BTreeMap, BTreeSet};

/// Indexes by migration, as the migrations make and drop them.
static EXPECTED: &str = include_str!("../../indexes.tsv");

/// An index that a migration makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Expected {
    table: &'static str,
    name: &'static str,
    definition: &'static str,
    migration: i64,
    /// The migration that drops it again.
    dropped_in: Option<i64>,
}

fn expected() -> impl Iterator<Item = Expected> {
    EXPECTED.lines().skip(1).filter_map(|line| {
        let mut cells = line.split('\t');
        Some(Expected {
            table: cells.next()?,
            name: cells.next()?,
            migration: cells.next()?.parse().ok()?,
            dropped_in: cells.next()?.parse().ok(),
            definition: cells.next()?,
        })
    })
}

impl TablesBuilder {
    pub(super) fn schema(&mut self, packet: &Packet, clearing: &Clearing<'_>) {
        if !self.tables.tables.contains_key("indexes") {
            return;
        }
        let indexes = self.data(table("indexes"));
        for index in &packet.indexes {
            indexes.push(&index.place, |row| {
                let definition = clearing.text(&index.definition);
                let start = definition.as_str().get(..13).unwrap_or_default();
                row.value("table", clearing.name(&index.table));
                row.value("name", clearing.name(&index.name));
                row.bool("unique", Some(start.eq_ignore_ascii_case("create unique")));
                row.value("definition", definition);
                row.word("packet", &packet.source);
            });
        }
        let columns = self.data(table("columns"));
        for column in &packet.columns {
            columns.push(&column.place, |row| {
                row.value("table", clearing.name(&column.table));
                row.value("name", clearing.name(&column.name));
                row.value("type", clearing.name(&column.data_type));
                row.int("max_length", column.max_length);
                row.bool("nullable", column.is_nullable);
                row.word("packet", &packet.source);
            });
        }
        let mut options: BTreeMap<&str, Vec<text::Raw>> = BTreeMap::new();
        for option in &packet.schema_options {
            let text = format!("{}={}", option.name, option.value.untrusted());
            options.entry(&option.table).or_default().push(text.into());
        }
        let tables = self.data(table("schema_tables"));
        for schema in &packet.schema_tables {
            tables.push(&schema.place, |row| {
                row.value("table", clearing.name(&schema.name));
                row.value_or_gap(
                    "collation",
                    clearing.name(schema.collation.as_deref().unwrap_or("")),
                );
                row.int("columns", Some(schema.columns));
                row.int("indexes", Some(schema.indexes));
                let own = options.get(schema.name.as_str()).map_or(&[][..], Vec::as_slice);
                row.value_or_gap("options", clearing.joined(own, ", "));
                row.word("packet", &packet.source);
            });
        }
        self.expected_indexes(packet);
    }

    fn expected_indexes(&mut self, packet: &Packet) {
        let version =
            packet.facts.iter().find(|fact| fact.path == "database.schema_version").and_then(
                |fact| match &fact.value {
                    Scalar::Int(version) => Some(*version),
                    Scalar::Text(version) => version.untrusted().trim().parse().ok(),
                    Scalar::Null
                    | Scalar::Bool(_)
                    | Scalar::Float(_)
                    | Scalar::Time(_)
                    | Scalar::Masked
                    | Scalar::Unreadable => None,
                },
            );
        let present = packet.indexes.iter().map(|index| {
            ((index.table.to_ascii_lowercase(), index.name.to_ascii_lowercase()), &index.place)
        });
        let dumped = packet
            .schema_tables
            .iter()
            .map(|table| (table.name.to_ascii_lowercase(), &table.place));
        let whole = packet.schema_tables.first().map(|table| Place {
            source: table.place.source.clone(),
            location: "tables".to_owned(),
        });
        let whole = whole.unwrap_or_else(|| Place {
            source: packet.source.clone(),
            location: "whole".to_owned(),
        });
        let there = IndexesThere {
            version,
            tables: dumped.collect(),
            indexes: present.collect(),
            whole,
            packet: &packet.source,
        };
        self.compare_indexes(there);
    }

    /// Compares the indexes that are there with those that the migrations make.
    pub(super) fn compare_indexes(&mut self, mut there: IndexesThere<'_>) {
        for ((table, _), place) in &there.indexes {
            there.tables.entry(table.clone()).or_insert(place);
        }
        let out = self.data(table("expected_indexes"));
        let mut done: BTreeSet<(&str, &str)> = BTreeSet::new();
        for index in expected().filter(|index| done.insert((index.table, index.name))) {
            let found = there.indexes.get(&(index.table.to_owned(), index.name.to_owned()));
            let owner = there.tables.get(index.table);
            let state = state(index, there.version, found.is_some(), owner.is_some());
            let place = found.or(owner).map_or(&there.whole, |place| *place);
            out.push(place, |row| {
                row.word("table", index.table);
                row.word("name", index.name);
                row.word("definition", index.definition);
                row.word("build_sql", &concurrently(index.definition));
                row.int("migration", Some(index.migration));
                row.int("since_schema_version", Some(index.migration));
                row.int("dropped_in", index.dropped_in);
                row.bool("present", Some(found.is_some()));
                row.word("state", state);
                row.word("packet", there.packet);
            });
        }
    }
}

/// The indexes of the database, in lower case, and where they stand.
pub(super) struct IndexesThere<'a> {
    /// The last migration that has run.
    pub(super) version: Option<i64>,
    /// Tables that are there; those of `indexes` are added.
    pub(super) tables: BTreeMap<String, &'a Place>,
    /// Table and index.
    pub(super) indexes: BTreeMap<(String, String), &'a Place>,
    /// Where one looked.
    pub(super) whole: Place,
    /// The packet that they come from; empty for none.
    pub(super) packet: &'a str,
}

/// What became of an index: see the column's documentation.
fn state(index: Expected, version: Option<i64>, found: bool, table_dumped: bool) -> &'static str {
    let retired = index.dropped_in.zip(version).is_some_and(|(drop, version)| drop <= version);
    match version {
        _ if found => "present",
        None => "unknown",
        Some(_) if retired => "retired",
        Some(version) if version < index.migration => "migration-not-run",
        Some(_) if !table_dumped => "not-in-dump",
        // The index of a constraint cannot be dropped as an index; dumps name some differently.
        Some(_) if index.name.ends_with("_pkey") || index.name.ends_with("_key") => "unknown",
        Some(_) => "dropped-later",
    }
}

/// The statement that makes an index of the migrations again.
pub(super) fn build_statement(name: &str) -> Option<String> {
    let name = name.rsplit('.').next().unwrap_or(name);
    let index = expected().find(|index| index.name.eq_ignore_ascii_case(name))?;
    Some(concurrently(index.definition))
}

/// `CREATE INDEX CONCURRENTLY IF NOT EXISTS ...` for PostgreSQL, the only database whose indexes
/// are known here: people copy what they read, and without the word it locks the table.
fn concurrently(definition: &str) -> String {
    definition.replacen(" INDEX ", " INDEX CONCURRENTLY IF NOT EXISTS ", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_index_is_told_from_a_migration_that_did_not_run() {
        let sidebar = expected()
            .find(|index| index.name == "idx_sidebarchannels_categoryid")
            .expect("the migrations make it");
        let after = Some(sidebar.migration);
        let before = Some(sidebar.migration - 1);
        assert_eq!(state(sidebar, after, true, true), "present");
        assert_eq!(state(sidebar, after, false, true), "dropped-later");
        assert_eq!(state(sidebar, before, false, true), "migration-not-run");
        assert_eq!(state(sidebar, after, false, false), "not-in-dump");
        assert_eq!(state(sidebar, None, false, true), "unknown");
    }

    #[test]
    fn an_index_of_the_migrations_can_be_made_again_by_its_name() {
        let sql = build_statement("public.idx_sidebarchannels_categoryid").unwrap();
        assert!(sql.starts_with("CREATE INDEX CONCURRENTLY IF NOT EXISTS "), "{sql}");
        assert_eq!(build_statement("idx_of_somebody_else"), None);
    }

    #[test]
    fn every_line_of_the_list_is_an_index() {
        let lines = EXPECTED.lines().skip(1).count();
        assert_eq!(expected().count(), lines);
        for index in expected() {
            assert!(index.definition.contains(" INDEX "), "{index:?}");
            let safe = concurrently(index.definition);
            assert!(safe.contains(" INDEX CONCURRENTLY IF NOT EXISTS "), "{safe}");
            assert!(index.dropped_in.is_none_or(|drop| drop > index.migration), "{index:?}");
        }
    }
}
