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
