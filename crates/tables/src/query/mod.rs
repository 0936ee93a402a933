//! Questions in SQL: any single SELECT over the tables.

mod answer;
mod error;
mod frame;
mod gate;
mod run;
mod select;

pub use answer::{AnswerFormat, QueryAnswer, WriteError};
pub use error::QueryError;

#[cfg(test)]
mod tests;

use crate::table::TableData;
use crate::{TableDoc, Tables};
use std::io::Write;

/// Checks a question without data: that it is one SELECT, that its tables and columns exist.
pub fn check_query(sql: &str) -> Result<(), QueryError> {
    let gated = gate::gate(sql)?;
    let empty: Vec<TableData> = gated.tables.iter().copied().map(TableData::new).collect();
    run::run(&gated, &empty.iter().collect::<Vec<_>>()).map(|_| ())
}

impl Tables {
    /// Answers a single SELECT (WITH is allowed) over the tables that were read.
    pub fn query(&self, sql: &str) -> Result<QueryAnswer, QueryError> {
        let gated = gate::gate(sql)?;
        let tables =
            gated.tables.iter().map(|doc| self.data_of(doc)).collect::<Result<Vec<_>, _>>()?;
        run::run(&gated, &tables)
    }

    /// Writes a whole table as Parquet.
    pub fn export(&self, table: &str, out: &mut dyn Write) -> Result<(), WriteError> {
        let doc =
            TableDoc::find(table).ok_or_else(|| WriteError::NoTable { table: table.to_owned() })?;
        let data = self
            .tables
            .get(doc.name)
            .ok_or_else(|| WriteError::NoTable { table: table.to_owned() })?;
        let frame = frame::frame(data, false).map_err(|error| WriteError::of_polars(&error))?;
        QueryAnswer::of_frame(frame).write(AnswerFormat::Parquet, out)
    }

    fn data_of(&self, doc: &TableDoc) -> Result<&TableData, QueryError> {
        self.tables.get(doc.name).ok_or(QueryError::NotRead { table: doc.name, about: doc.about })
    }
}
