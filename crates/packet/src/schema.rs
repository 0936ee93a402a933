//! The database's schema: tables, columns, indexes, storage options.

pub(crate) mod dump;

use crate::layout::Member;
use crate::tree::{Tree, pointer, scalar_text};
use crate::{Column, FactRecord, Index, Scalar, SchemaOption, SchemaTable};
use model::{Issues, Place};

/// Columns, indexes and options of one schema. The server's has some 1,000.
const ENTRIES_MAX: usize = 100_000;

/// Tables of one schema. The server's has some 80, plugins add theirs.
const TABLES_MAX: usize = 10_000;

/// A schema.
#[derive(Debug, Default)]
pub(crate) struct Schema {
    pub(crate) tables: Vec<SchemaTable>,
    pub(crate) columns: Vec<Column>,
    pub(crate) indexes: Vec<Index>,
    pub(crate) options: Vec<SchemaOption>,
    pub(crate) facts: Vec<FactRecord>,
}

impl Schema {
    fn has_room(&self, location: &str, issues: &mut Issues) -> bool {
        let has_room = self.tables.len() < TABLES_MAX
            && self.columns.len() + self.indexes.len() + self.options.len() < ENTRIES_MAX;
        if !has_room {
            issues.add("too large a schema: the rest is left out", location, 1);
        }
        has_room
    }

    fn fact(&mut self, path: &str, value: Scalar, place: Place) {
        self.facts.push(FactRecord { path: path.to_owned(), node: None, value, place });
    }
}

/// Reads `database_schema.yaml`, in the order of the file.
///
/// - Output: also the facts `database.encoding` and `database.collation`.
/// - Issues: a table, column or index without a name or definition; entries beyond the limits.
pub(crate) fn read(root: &Tree, member: &Member, issues: &mut Issues) -> Schema {
    let mut schema = Schema::default();
    let place = |location: String| Place { source: member.source.clone(), location };
    for (key, path) in
        [("database_collation", "database.collation"), ("database_encoding", "database.encoding")]
    {
        if let Some(Tree::Leaf(scalar)) = root.get(key) {
            schema.fact(path, scalar.clone(), place(pointer("", key)));
        }
    }
    if root.get("tables").is_none_or(|tables| matches!(tables, Tree::Cut | Tree::Map(_))) {
        issues.add("no list of tables", "/tables", 1);
    }
    for (idx, entry) in root.get("tables").map(Tree::items).unwrap_or_default().iter().enumerate() {
        let at_table = pointer("/tables", &idx.to_string());
        if !schema.has_room(&at_table, issues) {
            break;
        }
        let Some(table) = entry.get("name").and_then(Tree::text) else {
            issues.add("a table without a name", at_table, 1);
            continue;
        };
        let columns = read_columns(entry, &table, &at_table, member, issues);
        let indexes = read_indexes(entry, &table, &at_table, member, issues);
        for (name, value) in entry.get("options").map(Tree::entries).unwrap_or_default() {
            let location = pointer(&pointer(&at_table, "options"), name);
            if let Tree::Leaf(scalar) = value
                && let Some(value) = scalar_text(scalar)
            {
                schema.options.push(SchemaOption {
                    table: table.clone(),
                    name: name.clone(),
                    value: value.into(),
                    place: place(location),
                });
            }
        }
        schema.tables.push(SchemaTable {
            name: table,
            collation: entry.get("collation").and_then(Tree::text).filter(|text| !text.is_empty()),
            columns: columns.len() as u64,
            indexes: indexes.len() as u64,
            place: place(at_table),
        });
        schema.columns.extend(columns);
        schema.indexes.extend(indexes);
    }
    schema
}

fn read_columns(
    entry: &Tree,
    table: &str,
    at_table: &str,
    member: &Member,
    issues: &mut Issues,
) -> Vec<Column> {
    let mut columns = Vec::new();
    let items = entry.get("columns").map(Tree::items).unwrap_or_default();
    for (idx, column) in items.iter().enumerate() {
        let location = pointer(&pointer(at_table, "columns"), &idx.to_string());
        let text = |name| column.get(name).and_then(Tree::text);
        let (Some(name), Some(data_type)) = (text("name"), text("data_type")) else {
            issues.add("a column without a name or a type", location, 1);
            continue;
        };
        columns.push(Column {
            table: table.to_owned(),
            name,
            data_type,
            max_length: column.get("max_length").and_then(Tree::int),
            is_nullable: column.get("is_nullable").and_then(Tree::truth),
            place: Place { source: member.source.clone(), location },
        });
    }
    columns
}

fn read_indexes(
    entry: &Tree,
    table: &str,
    at_table: &str,
    member: &Member,
    issues: &mut Issues,
) -> Vec<Index> {
    let mut indexes = Vec::new();
    let items = entry.get("indexes").map(Tree::items).unwrap_or_default();
    for (idx, index) in items.iter().enumerate() {
        let location = pointer(&pointer(at_table, "indexes"), &idx.to_string());
        let text = |name| index.get(name).and_then(Tree::text);
        let (Some(name), Some(definition)) = (text("name"), text("definition")) else {
            issues.add("an index without a name or a definition", location, 1);
            continue;
        };
        indexes.push(Index {
            table: table.to_owned(),
            name,
            definition: definition.into(),
            place: Place { source: member.source.clone(), location },
        });
    }
    indexes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::yaml;

    const SCHEMA: &str = "database_collation: en_US.UTF-8\ndatabase_encoding: UTF8\ntables:\n- name: posts\n  collation: en_US.UTF-8\n  options:\n    autovacuum_vacuum_scale_factor: \"0.1\"\n  columns:\n  - name: id\n    data_type: character varying\n    max_length: 26\n    is_nullable: false\n  indexes:\n  - name: posts_pkey\n    definition: CREATE UNIQUE INDEX posts_pkey ON public.posts USING btree (id)\n- name: drafts\n  columns: []\n  indexes: []\n";

    fn schema(text: &str) -> (Schema, Issues) {
        let mut issues = Issues::default();
        let schema = read(&yaml(text.as_bytes()).root, &Member::default(), &mut issues);
        (schema, issues)
    }

    #[test]
    fn tables_columns_indexes_and_options_are_read() {
        let (schema, issues) = schema(SCHEMA);
        assert!(issues.is_empty());
        assert_eq!(schema.tables.len(), 2);
        assert_eq!((schema.tables[0].columns, schema.tables[0].indexes), (1, 1));
        assert_eq!(schema.columns[0].max_length, Some(26));
        assert_eq!(schema.indexes[0].place.location, "/tables/0/indexes/0");
        assert_eq!(schema.options[0].value.untrusted(), "0.1");
        assert_eq!(schema.facts[1].path, "database.encoding");
    }

    #[test]
    fn a_table_that_is_cut_off_keeps_the_tables_before() {
        let cut = SCHEMA.find("- name: drafts").unwrap() + 10;
        let (schema, _) = schema(&SCHEMA[..cut]);
        assert_eq!(schema.indexes.len(), 1);
        assert_eq!(schema.tables[0].name, "posts");
    }
}
