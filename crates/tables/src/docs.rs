//! What the tables are: their columns with type, unit and meaning.

use crate::Kind;

/// A documented table.
#[derive(Clone, Copy, Debug)]
pub struct TableDoc {
    /// The name that rules and queries use.
    pub name: &'static str,
    /// What a row is.
    pub about: &'static str,
    /// The columns in order.
    pub columns: &'static [ColumnDoc],
}

impl TableDoc {
    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&'static ColumnDoc> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The table of that name.
    pub fn find(name: &str) -> Option<&'static TableDoc> {
        crate::TABLES.iter().find(|table| table.name == name)
    }
}

/// A documented column.
#[derive(Clone, Copy, Debug)]
pub struct ColumnDoc {
    /// The name that rules and queries use.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// The unit: `ms`, `bytes`, `ratio` ...; empty where there is none.
    pub unit: &'static str,
    /// What it says.
    pub about: &'static str,
}

#[cfg(test)]
mod tests {
    use crate::{ERAS, TABLES};
    use std::fmt::Write as _;

    /// What scripts and rules rely on: names and types. Changing a line breaks them.
    #[test]
    fn the_names_and_types_of_all_columns_are_frozen() {
        let mut listed = String::new();
        for table in TABLES {
            for column in table.columns {
                let (name, kind) = (column.name, column.kind.as_str());
                let _ = writeln!(listed, "{}.{name} {kind} {}", table.name, column.unit);
            }
        }
        let frozen: Vec<&str> = include_str!("../columns.txt").lines().map(str::trim_end).collect();
        let listed: Vec<&str> = listed.lines().map(str::trim_end).collect();
        let gone: Vec<_> = frozen.iter().filter(|line| !listed.contains(line)).collect();
        let new: Vec<_> = listed.iter().filter(|line| !frozen.contains(line)).collect();
        assert!(gone.is_empty() && new.is_empty(), "gone {gone:#?} new {new:#?}");
    }

    #[test]
    fn every_table_says_where_its_rows_come_from() {
        for table in TABLES {
            assert!(!table.about.is_empty());
            for name in ["source", "location"] {
                assert!(table.column(name).is_some(), "{}.{name}", table.name);
            }
            for column in table.columns {
                assert!(!column.about.is_empty(), "{}.{}", table.name, column.name);
                let same = table.columns.iter().filter(|other| other.name == column.name);
                assert_eq!(same.count(), 1, "{}.{}", table.name, column.name);
            }
        }
        assert_eq!(ERAS.len(), 3);
    }

    #[test]
    fn every_diagnostic_of_a_node_is_a_fact_too() {
        let nodes = crate::TableDoc::find("nodes").expect("a table");
        for column in nodes.columns {
            if matches!(column.name, "node" | "packet" | "source" | "location") {
                continue;
            }
            let path = crate::build::fact_path(column.name);
            let fact = crate::find_fact(&path).unwrap_or_else(|| panic!("no fact {path}"));
            assert_eq!(fact.kind, column.kind, "{path}");
        }
    }
}
