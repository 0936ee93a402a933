//! A table: rows of documented columns.

use crate::column::Column;
use crate::facts::Stored;
use crate::{Cell, ColumnView, TableDoc};
use chrono::{DateTime, Utc};
use model::Place;
use std::borrow::Cow;
use std::sync::LazyLock;
use text::{Raw, Redactor, Value};

/// A table as it is filled and kept.
#[derive(Clone, Debug)]
pub(crate) struct TableData {
    pub(crate) doc: &'static TableDoc,
    pub(crate) columns: Vec<Column>,
    pub(crate) n_rows: usize,
}

/// A place in a source, cleared: a JSON pointer is made of keys, and what stands in a key is as
/// little known as a value.
fn location(location: &str) -> Cow<'_, str> {
    static POINTERS: LazyLock<Redactor> = LazyLock::new(|| Redactor::with_key(b"pointers"));
    if !location.starts_with('/') {
        return Cow::Borrowed(location);
    }
    let plain = location.replace("~1", "/").replace("~0", "~");
    let cleared = POINTERS.clear(&Raw::new(plain.as_str()));
    if cleared.as_str() == plain {
        Cow::Borrowed(location)
    } else {
        Cow::Owned(cleared.as_str().to_owned())
    }
}

impl TableData {
    pub(crate) fn new(doc: &'static TableDoc) -> Self {
        let columns = doc.columns.iter().map(|column| Column::new(column.kind)).collect();
        Self { doc, columns, n_rows: 0 }
    }

    /// Adds a row; columns that `fill` does not set are gaps. Columns are best set in the order of
    /// the documentation.
    pub(crate) fn push(&mut self, place: &Place, fill: impl FnOnce(&mut RowWriter<'_>)) {
        let mut row = RowWriter { table: self, next: 0 };
        fill(&mut row);
        row.word("source", &place.source);
        row.word("location", &location(&place.location));
        let n_rows = self.n_rows + 1;
        for column in self.columns.iter_mut().filter(|column| column.n_rows() < n_rows) {
            column.push(Cell::Null);
        }
        self.n_rows = n_rows;
    }

    /// Adds `n` rows of one place, column by column; columns that `fill` does not set are gaps.
    ///
    /// For points of series, of which there are millions: what is the same for all rows is cleared
    /// and looked up once.
    pub(crate) fn push_rows(
        &mut self,
        place: &Place,
        n: usize,
        fill: impl FnOnce(&mut RowsWriter<'_>),
    ) {
        let mut rows = RowsWriter { table: self, n };
        fill(&mut rows);
        rows.word("source", &place.source);
        rows.word("location", &location(&place.location));
        let n_rows = self.n_rows + n;
        for column in &mut self.columns {
            while column.n_rows() < n_rows {
                column.push(Cell::Null);
            }
        }
        self.n_rows = n_rows;
    }

    pub(crate) fn view(&self) -> Table<'_> {
        Table { data: self }
    }
}

/// Sets the columns of several new rows by name.
pub(crate) struct RowsWriter<'t> {
    table: &'t mut TableData,
    n: usize,
}

impl RowsWriter<'_> {
    /// The column of that name, if these rows have not set it yet.
    fn column(&mut self, name: &str) -> Option<&mut Column> {
        let idx = self.table.doc.columns.iter().position(|doc| doc.name == name);
        debug_assert!(idx.is_some(), "{}.{name} is not documented", self.table.doc.name);
        let n_rows = self.table.n_rows;
        self.table.columns.get_mut(idx?).filter(|column| column.n_rows() == n_rows)
    }

    /// Sets a word of our own in every row; an empty one is a gap.
    pub(crate) fn word(&mut self, name: &str, word: &str) {
        let n = self.n;
        if let Some(column) = self.column(name).filter(|_| !word.is_empty()) {
            column.push_word_times(word, n);
        }
    }

    /// Sets times in milliseconds since 1970, one for each row.
    pub(crate) fn times(&mut self, name: &str, times_ms: impl ExactSizeIterator<Item = i64>) {
        debug_assert_eq!(times_ms.len(), self.n, "{name}");
        if let Some(column) = self.column(name) {
            column.push_times(times_ms);
        }
    }

    /// Sets numbers, one for each row.
    pub(crate) fn floats(
        &mut self,
        name: &str,
        values: impl ExactSizeIterator<Item = Option<f64>>,
    ) {
        debug_assert_eq!(values.len(), self.n, "{name}");
        if let Some(column) = self.column(name) {
            column.push_floats(values);
        }
    }
}

/// Sets the columns of a new row by name.
pub(crate) struct RowWriter<'t> {
    table: &'t mut TableData,
    /// Where the next column is expected.
    next: usize,
}

impl RowWriter<'_> {
    /// The table's documentation.
    pub(crate) fn doc(&self) -> &'static TableDoc {
        self.table.doc
    }

    /// Sets a value as facts are kept; masked and unreadable ones are gaps.
    pub(crate) fn stored(&mut self, name: &str, stored: Stored) -> &mut Self {
        if let Stored::Text(value) = stored {
            self.value(name, value)
        } else {
            self.cell(name, stored.cell())
        }
    }

    /// The column of that name, if this row has not set it yet.
    fn column(&mut self, name: &str) -> Option<&mut Column> {
        let columns = self.table.doc.columns;
        let is_it = |idx: &usize| columns.get(*idx).is_some_and(|doc| doc.name == name);
        let idx = Some(self.next)
            .filter(is_it)
            .or_else(|| columns.iter().position(|doc| doc.name == name));
        debug_assert!(idx.is_some(), "{}.{name} is not documented", self.table.doc.name);
        let idx = idx?;
        self.next = idx + 1;
        let n_rows = self.table.n_rows;
        self.table.columns.get_mut(idx).filter(|column| column.n_rows() == n_rows)
    }

    /// Sets a value that holds no input text.
    pub(crate) fn cell(&mut self, name: &str, cell: Cell<'_>) -> &mut Self {
        if let Some(column) = self.column(name) {
            column.push(cell);
        }
        self
    }

    /// Sets cleared text.
    pub(crate) fn value(&mut self, name: &str, value: Value) -> &mut Self {
        if let Some(column) = self.column(name) {
            column.push_value(value);
        }
        self
    }

    /// Sets cleared text; an empty one is a gap.
    pub(crate) fn value_or_gap(&mut self, name: &str, value: Value) -> &mut Self {
        if value.as_str().is_empty() { self } else { self.value(name, value) }
    }

    /// Sets a word of our own; an empty one is a gap.
    pub(crate) fn word(&mut self, name: &str, word: &str) -> &mut Self {
        if word.is_empty() { self } else { self.cell(name, Cell::Text(word)) }
    }

    pub(crate) fn bool(&mut self, name: &str, value: Option<bool>) -> &mut Self {
        self.cell(name, value.map_or(Cell::Null, Cell::Bool))
    }

    /// Sets a whole number; one beyond `i64` is a gap.
    pub(crate) fn int(&mut self, name: &str, value: Option<impl TryInto<i64>>) -> &mut Self {
        let value = value.and_then(|value| value.try_into().ok());
        self.cell(name, value.map_or(Cell::Null, Cell::Int))
    }

    pub(crate) fn float(&mut self, name: &str, value: Option<f64>) -> &mut Self {
        self.cell(name, value.map_or(Cell::Null, Cell::Float))
    }

    pub(crate) fn time(&mut self, name: &str, value: Option<DateTime<Utc>>) -> &mut Self {
        self.cell(name, value.map_or(Cell::Null, Cell::Time))
    }
}

/// A table, for reading.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    pub(crate) data: &'a TableData,
}

impl<'a> Table<'a> {
    /// What the table is.
    pub fn doc(&self) -> &'static TableDoc {
        self.data.doc
    }

    /// How many rows.
    pub fn n_rows(&self) -> usize {
        self.data.n_rows
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<ColumnView<'a>> {
        self.columns().find(|view| view.doc.name == name)
    }

    /// All columns, in the order of the documentation.
    pub fn columns(&self) -> impl Iterator<Item = ColumnView<'a>> + use<'a> {
        let data = self.data;
        data.doc.columns.iter().zip(&data.columns).map(|(doc, column)| ColumnView { doc, column })
    }

    /// Where a row comes from.
    pub fn place(&self, row: usize) -> Place {
        let text = |name| {
            self.column(name)
                .and_then(|column| column.value(row))
                .map(|value| value.as_str().to_owned())
                .unwrap_or_default()
        };
        Place { source: text("source"), location: text("location") }
    }
}
