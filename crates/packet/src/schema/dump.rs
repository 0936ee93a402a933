//! The schema as `pg_dump --schema-only` writes it.

use super::Schema;
use crate::document::decode;
use crate::layout::Member;
use crate::{Column, Index, Scalar, SchemaOption, SchemaTable};
use model::{Issues, Place};
use std::collections::BTreeMap;

/// Reads a schema dump, in the order of the file.
///
/// - Output: columns of `CREATE TABLE`, indexes of `CREATE INDEX` and of constraints that have
///   one, options of `WITH (...)`, the encoding. Names are without schema and quotes.
/// - Issues: a dump that ends within a table; a dump without any table.
/// - Source: PostgreSQL manual, pg_dump.
pub(crate) fn read(bytes: &[u8], member: &Member, issues: &mut Issues) -> Schema {
    let text = decode(bytes, issues);
    let mut schema = Schema::default();
    let mut open: Option<SchemaTable> = None;
    let mut altered: Option<String> = None;
    let mut last_table: Option<String> = None;
    for (number, line) in (1_u64..).zip(text.lines()) {
        let place = Place::line(&member.source, number);
        if !schema.has_room(&place.location, issues) {
            break;
        }
        if let Some(table) = open.as_mut() {
            if line.starts_with(')') {
                let table_name = table.name.clone();
                options(line, &table_name, &place, &mut schema);
                last_table = (!line.trim_end().ends_with(';')).then_some(table_name);
                schema.tables.extend(open.take());
            } else if let Some(column) = column(line, &table.name, place) {
                table.columns += 1;
                schema.columns.push(column);
            }
            continue;
        }
        if let Some(table) = last_table.take() {
            options(line, &table, &place, &mut schema);
        }
        if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
            let rest = rest.strip_prefix("IF NOT EXISTS ").unwrap_or(rest);
            let name = bare_name(rest.split(['(', ' ']).next().unwrap_or_default());
            open = Some(SchemaTable { name, collation: None, columns: 0, indexes: 0, place });
        } else if line.starts_with("CREATE INDEX ") || line.starts_with("CREATE UNIQUE INDEX ") {
            schema.indexes.extend(index(line, place));
        } else if let Some(rest) = line.strip_prefix("ALTER TABLE ") {
            let rest = rest.strip_prefix("ONLY ").unwrap_or(rest);
            altered = rest.split_whitespace().next().map(bare_name);
        } else if let Some(rest) = line.trim_start().strip_prefix("ADD CONSTRAINT ") {
            if let Some(table) = &altered {
                schema.indexes.extend(constraint(rest, table, place));
            }
        } else if let Some(rest) = line.strip_prefix("SET client_encoding = ") {
            let value = Scalar::Text(rest.trim_end_matches(';').trim_matches('\'').into());
            schema.fact("database.encoding", value, place);
        }
    }
    if let Some(table) = open {
        issues.add("ends within a table", table.place.location.clone(), 1);
        schema.tables.push(table);
    }
    if schema.tables.is_empty() {
        issues.add("no table", "", 1);
    }
    let mut indexes: BTreeMap<&str, u64> = BTreeMap::new();
    for index in &schema.indexes {
        *indexes.entry(index.table.as_str()).or_default() += 1;
    }
    for table in &mut schema.tables {
        table.indexes = indexes.get(table.name.as_str()).copied().unwrap_or(0);
    }
    schema
}

/// A name without schema and quotes.
fn bare_name(name: &str) -> String {
    let name = name.trim_end_matches([';', ',']);
    name.rsplit('.').next().unwrap_or_default().trim_matches('"').to_owned()
}

/// A line of a table: `    id character varying(26) NOT NULL,`.
fn column(line: &str, table: &str, place: Place) -> Option<Column> {
    let line = line.trim().trim_end_matches(',');
    let (name, rest) = match line.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?,
        None => line.split_once(' ')?,
    };
    if matches!(
        name,
        "CONSTRAINT" | "PRIMARY" | "UNIQUE" | "CHECK" | "EXCLUDE" | "FOREIGN" | "LIKE"
    ) {
        return None;
    }
    let ends = [" DEFAULT ", " NOT NULL", " COLLATE ", " GENERATED ", " CONSTRAINT ", " NULL"];
    let end = ends.iter().filter_map(|end| rest.find(end)).min().unwrap_or(rest.len());
    let written = rest.get(..end)?.trim();
    let (data_type, length) = match written.split_once('(') {
        Some((data_type, length)) => (data_type.trim(), length.split_once(')')),
        None => (written, None),
    };
    let after = length.map_or("", |(_, after)| after);
    Some(Column {
        table: table.to_owned(),
        name: name.to_owned(),
        data_type: format!("{data_type}{after}"),
        max_length: length
            .filter(|_| data_type.starts_with("char"))
            .and_then(|(length, _)| length.trim().parse().ok()),
        is_nullable: Some(!rest.contains(" NOT NULL")),
        place,
    })
}

/// `CREATE UNIQUE INDEX name ON public.posts USING btree (id);`
fn index(line: &str, place: Place) -> Option<Index> {
    let definition = line.trim_end().trim_end_matches(';');
    let (before, after) = definition.split_once(" ON ")?;
    let after = after.strip_prefix("ONLY ").unwrap_or(after);
    Some(Index {
        table: bare_name(after.split_whitespace().next()?),
        name: bare_name(before.split_whitespace().last()?),
        definition: definition.into(),
        place,
    })
}

/// `posts_pkey PRIMARY KEY (id);`: a constraint with an index of its own name.
fn constraint(rest: &str, table: &str, place: Place) -> Option<Index> {
    let rest = rest.trim_end().trim_end_matches(';');
    let (name, what) = rest.split_once(' ')?;
    (what.starts_with("PRIMARY KEY") || what.starts_with("UNIQUE")).then(|| Index {
        table: table.to_owned(),
        name: bare_name(name),
        definition: format!("CONSTRAINT {rest}").into(),
        place,
    })
}

/// `WITH (autovacuum_vacuum_scale_factor='0.1', ...)`.
fn options(line: &str, table: &str, place: &Place, schema: &mut Schema) {
    let Some((_, rest)) = line.split_once("WITH (") else { return };
    let Some((inside, _)) = rest.split_once(')') else { return };
    for option in inside.split(',') {
        if let Some((name, value)) = option.split_once('=') {
            schema.options.push(SchemaOption {
                table: table.to_owned(),
                name: name.trim().to_owned(),
                value: value.trim().trim_matches('\'').into(),
                place: place.clone(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUMP: &str = "--\n-- PostgreSQL database dump\n--\nSET client_encoding = 'UTF8';\n\nCREATE TABLE public.posts (\n    id character varying(26) NOT NULL,\n    createat bigint,\n    props character varying(8000) DEFAULT '{}'::character varying,\n    \"order\" timestamp(3) without time zone\n)\nWITH (autovacuum_vacuum_scale_factor='0.1', fillfactor='90');\n\nALTER TABLE ONLY public.posts\n    ADD CONSTRAINT posts_pkey PRIMARY KEY (id);\n\nCREATE INDEX idx_posts_create_at ON public.posts USING btree (createat);\n";

    #[test]
    fn a_dump_gives_what_the_yaml_gives() {
        let mut issues = Issues::default();
        let schema = read(DUMP.as_bytes(), &Member::default(), &mut issues);
        assert!(issues.is_empty());
        assert_eq!((schema.tables[0].columns, schema.tables[0].indexes), (4, 2));
        let columns: Vec<_> = schema
            .columns
            .iter()
            .map(|c| (c.name.as_str(), c.data_type.as_str(), c.max_length, c.is_nullable.unwrap()))
            .collect();
        assert_eq!(
            columns,
            [
                ("id", "character varying", Some(26), false),
                ("createat", "bigint", None, true),
                ("props", "character varying", Some(8000), true),
                ("order", "timestamp without time zone", None, true),
            ]
        );
        assert_eq!(schema.indexes[0].name, "posts_pkey");
        assert_eq!(schema.indexes[1].place.location, "line:17");
        assert_eq!(schema.options.len(), 2);
        assert_eq!(schema.facts[0].value, Scalar::Text("UTF8".into()));
    }

    #[test]
    fn a_cut_dump_says_so_and_keeps_what_it_has() {
        let mut issues = Issues::default();
        let schema = read(&DUMP.as_bytes()[..120], &Member::default(), &mut issues);
        assert_eq!(schema.tables.len(), 1);
        assert!(issues.iter().any(|issue| issue.reason == "ends within a table"));
    }
}
