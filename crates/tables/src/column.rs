//! Columns of one kind each, with gaps.

use crate::{Cell, ColumnDoc, Kind, Version};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use text::Value;

/// Distinct texts of a column that are looked up for reuse; later ones are stored once per row.
/// Sources, nodes and names repeat and come early; places in a file do not.
const REUSED_TEXTS_MAX: usize = 4096;

/// The code of a text cell without text.
const NO_TEXT: u32 = u32::MAX;

/// What a column holds. A gap has the zero of its kind here: see [`ColumnView::is_null`].
#[derive(Clone, Debug)]
pub(crate) enum Cells {
    Bool(Vec<bool>),
    Int(Vec<i64>),
    Float(Vec<f64>),
    Text(Texts),
    Version(Vec<Version>),
    Time(Vec<i64>),
    Span(Vec<i64>),
}

/// Texts by code, so that repeated ones are stored once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts {
    codes: Vec<u32>,
    pool: Vec<Value>,
    seen: HashMap<Value, u32>,
}

impl Texts {
    fn push(&mut self, value: Option<Value>) {
        let code = match value {
            None => NO_TEXT,
            Some(value) => self.code(value),
        };
        self.codes.push(code);
    }

    fn code(&mut self, value: Value) -> u32 {
        if let Some(last) = self.codes.last()
            && self.pool.get(*last as usize) == Some(&value)
        {
            return *last;
        }
        if let Some(code) = self.seen.get(&value) {
            return *code;
        }
        let code = u32::try_from(self.pool.len()).unwrap_or(NO_TEXT);
        if code == NO_TEXT {
            return NO_TEXT;
        }
        if self.seen.len() < REUSED_TEXTS_MAX {
            self.seen.insert(value.clone(), code);
        }
        self.pool.push(value);
        code
    }
}

/// One column while and after it is filled.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) cells: Cells,
    /// Which rows are gaps; empty as long as there are none.
    nulls: Vec<bool>,
    n_rows: usize,
}

impl Column {
    /// Moves every time.
    pub(crate) fn shift_times(&mut self, by: TimeDelta) {
        if let Cells::Time(cells) = &mut self.cells {
            for cell in cells {
                *cell += by.num_milliseconds();
            }
        }
    }

    pub(crate) fn new(kind: Kind) -> Self {
        let cells = match kind {
            Kind::Bool => Cells::Bool(Vec::new()),
            Kind::Int => Cells::Int(Vec::new()),
            Kind::Float => Cells::Float(Vec::new()),
            Kind::Text => Cells::Text(Texts::default()),
            Kind::Version => Cells::Version(Vec::new()),
            Kind::Time => Cells::Time(Vec::new()),
            Kind::Span => Cells::Span(Vec::new()),
        };
        Self { cells, nulls: Vec::new(), n_rows: 0 }
    }

    pub(crate) fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// Adds a text that is cleared.
    pub(crate) fn push_value(&mut self, value: Value) {
        match &mut self.cells {
            Cells::Text(texts) => {
                texts.push(Some(value));
                self.count(false);
            }
            Cells::Version(_) => match Version::parse(value.as_str()) {
                Some(version) => self.push(Cell::Version(version)),
                None => self.push(Cell::Null),
            },
            Cells::Bool(_) | Cells::Int(_) | Cells::Float(_) | Cells::Time(_) | Cells::Span(_) => {
                self.push(Cell::parse(self.kind(), value.as_str()).unwrap_or(Cell::Null));
            }
        }
    }

    /// Adds a value; what is not of the column's kind and cannot become it is a gap. Text has to
    /// be trusted: see [`Column::push_value`].
    pub(crate) fn push(&mut self, cell: Cell<'_>) {
        let cell = cell.coerce(self.kind()).unwrap_or(Cell::Null);
        let null = cell.is_null();
        match (&mut self.cells, cell) {
            (Cells::Bool(cells), Cell::Bool(value)) => cells.push(value),
            (Cells::Bool(cells), _) => cells.push(false),
            (Cells::Int(cells), Cell::Int(value)) => cells.push(value),
            (Cells::Int(cells), _) => cells.push(0),
            (Cells::Float(cells), Cell::Float(value)) => cells.push(value),
            (Cells::Float(cells), _) => cells.push(0.0),
            (Cells::Text(texts), Cell::Text(value)) => texts.push(Some(Value::trusted(value))),
            (Cells::Text(texts), _) => texts.push(None),
            (Cells::Version(cells), Cell::Version(value)) => cells.push(value),
            (Cells::Version(cells), _) => cells.push(Version::ZERO),
            (Cells::Time(cells), Cell::Time(value)) => cells.push(value.timestamp_millis()),
            (Cells::Time(cells), _) => cells.push(0),
            (Cells::Span(cells), Cell::Span(value)) => cells.push(value),
            (Cells::Span(cells), _) => cells.push(0),
        }
        self.count(null);
    }

    /// Adds the same trusted text `n` times: cleared and looked up once.
    pub(crate) fn push_word_times(&mut self, word: &str, n: usize) {
        let Cells::Text(texts) = &mut self.cells else {
            (0..n).for_each(|_| self.push(Cell::Text(word)));
            return;
        };
        if n > 0 {
            let code = texts.code(Value::trusted(word));
            texts.codes.resize(texts.codes.len() + n, code);
        }
        self.count_many(n);
    }

    /// Adds times in milliseconds since 1970; a column of another kind gets gaps.
    pub(crate) fn push_times(&mut self, times_ms: impl ExactSizeIterator<Item = i64>) {
        let n = times_ms.len();
        let Cells::Time(cells) = &mut self.cells else { return self.push_gaps(n) };
        cells.extend(times_ms);
        self.count_many(n);
    }

    /// Adds numbers; gaps, what is not finite, and all of them in a column of another kind are
    /// gaps.
    pub(crate) fn push_floats(&mut self, values: impl ExactSizeIterator<Item = Option<f64>>) {
        let n = values.len();
        let Cells::Float(cells) = &mut self.cells else { return self.push_gaps(n) };
        for (row, value) in (self.n_rows..).zip(values) {
            let known = value.filter(|value| value.is_finite());
            if known.is_none() && self.nulls.is_empty() {
                self.nulls = vec![false; row];
            }
            if known.is_none() || !self.nulls.is_empty() {
                self.nulls.push(known.is_none());
            }
            cells.push(known.unwrap_or(0.0));
        }
        self.n_rows += n;
    }

    fn push_gaps(&mut self, n: usize) {
        (0..n).for_each(|_| self.push(Cell::Null));
    }

    fn count_many(&mut self, n: usize) {
        self.n_rows += n;
        if !self.nulls.is_empty() {
            self.nulls.resize(self.n_rows, false);
        }
    }

    fn count(&mut self, null: bool) {
        if null && self.nulls.is_empty() {
            self.nulls = vec![false; self.n_rows];
        }
        if null || !self.nulls.is_empty() {
            self.nulls.push(null);
        }
        self.n_rows += 1;
    }

    pub(crate) fn kind(&self) -> Kind {
        match &self.cells {
            Cells::Bool(_) => Kind::Bool,
            Cells::Int(_) => Kind::Int,
            Cells::Float(_) => Kind::Float,
            Cells::Text(_) => Kind::Text,
            Cells::Version(_) => Kind::Version,
            Cells::Time(_) => Kind::Time,
            Cells::Span(_) => Kind::Span,
        }
    }
}

/// A column of a table, for reading. Cheap to copy; look it up once, not per row.
#[derive(Clone, Copy, Debug)]
pub struct ColumnView<'a> {
    pub(crate) doc: &'static ColumnDoc,
    pub(crate) column: &'a Column,
}

/// The values of a column as slices, one entry per row; a gap has the zero of its kind.
#[derive(Clone, Copy, Debug)]
pub enum Data<'a> {
    /// True or false.
    Bool(&'a [bool]),
    /// Whole numbers.
    Int(&'a [i64]),
    /// Numbers, all finite.
    Float(&'a [f64]),
    /// Text by code.
    Text(TextData<'a>),
    /// Versions.
    Version(&'a [Version]),
    /// Milliseconds since 1970 in UTC.
    Time(&'a [i64]),
    /// Milliseconds.
    Span(&'a [i64]),
}

/// The texts of a column: equal texts mostly share a code, so that a test (LIKE, a regular
/// expression) can be done once per code.
#[derive(Clone, Copy, Debug)]
pub struct TextData<'a> {
    /// One code per row; `u32::MAX` for a gap.
    pub codes: &'a [u32],
    /// The text of each code.
    pub pool: &'a [Value],
}

impl<'a> TextData<'a> {
    /// The text of a row.
    pub fn get(&self, row: usize) -> Option<&'a Value> {
        self.pool.get(*self.codes.get(row)? as usize)
    }
}

impl<'a> ColumnView<'a> {
    /// What the column is.
    pub fn doc(&self) -> &'static ColumnDoc {
        self.doc
    }

    /// The column's kind.
    pub fn kind(&self) -> Kind {
        self.doc.kind
    }

    /// How many rows.
    pub fn n_rows(&self) -> usize {
        self.column.n_rows
    }

    /// The value of a row; a row that is not there is null.
    pub fn get(&self, row: usize) -> Cell<'a> {
        if self.is_null(row) {
            return Cell::Null;
        }
        let cell = match &self.column.cells {
            Cells::Bool(cells) => cells.get(row).map(|value| Cell::Bool(*value)),
            Cells::Int(cells) => cells.get(row).map(|value| Cell::Int(*value)),
            Cells::Float(cells) => cells.get(row).map(|value| Cell::Float(*value)),
            Cells::Text(texts) => texts.view().get(row).map(|value| Cell::Text(value.as_str())),
            Cells::Version(cells) => cells.get(row).map(|value| Cell::Version(*value)),
            Cells::Time(cells) => cells
                .get(row)
                .and_then(|ms| DateTime::<Utc>::from_timestamp_millis(*ms))
                .map(Cell::Time),
            Cells::Span(cells) => cells.get(row).map(|value| Cell::Span(*value)),
        };
        cell.unwrap_or(Cell::Null)
    }

    /// The cleared text of a row of a text column, as findings need it.
    pub fn value(&self, row: usize) -> Option<&'a Value> {
        match &self.column.cells {
            Cells::Text(texts) => texts.view().get(row),
            Cells::Bool(_)
            | Cells::Int(_)
            | Cells::Float(_)
            | Cells::Version(_)
            | Cells::Time(_)
            | Cells::Span(_) => None,
        }
    }

    /// Whether a row has no value.
    #[inline]
    pub fn is_null(&self, row: usize) -> bool {
        self.column.nulls.get(row).copied().unwrap_or(false)
    }

    /// Which rows are gaps; `None` when none is.
    pub fn nulls(&self) -> Option<&'a [bool]> {
        (!self.column.nulls.is_empty()).then_some(self.column.nulls.as_slice())
    }

    /// All values at once.
    pub fn data(&self) -> Data<'a> {
        match &self.column.cells {
            Cells::Bool(cells) => Data::Bool(cells),
            Cells::Int(cells) => Data::Int(cells),
            Cells::Float(cells) => Data::Float(cells),
            Cells::Text(texts) => Data::Text(texts.view()),
            Cells::Version(cells) => Data::Version(cells),
            Cells::Time(cells) => Data::Time(cells),
            Cells::Span(cells) => Data::Span(cells),
        }
    }
}

impl Texts {
    fn view(&self) -> TextData<'_> {
        TextData { codes: &self.codes, pool: &self.pool }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static NUMBER: ColumnDoc = ColumnDoc { name: "n", kind: Kind::Float, unit: "ms", about: "" };
    static WORD: ColumnDoc = ColumnDoc { name: "t", kind: Kind::Text, unit: "", about: "" };

    #[test]
    fn gaps_and_numbers_that_are_not_finite_are_null() {
        let mut column = Column::new(Kind::Float);
        column.push(Cell::Float(1.5));
        column.push(Cell::Float(f64::NAN));
        column.push(Cell::Float(f64::INFINITY));
        column.push(Cell::Null);
        column.push(Cell::Int(2));
        let view = ColumnView { doc: &NUMBER, column: &column };
        let cells: Vec<Cell<'_>> = (0..6).map(|row| view.get(row)).collect();
        assert_eq!(
            cells,
            [Cell::Float(1.5), Cell::Null, Cell::Null, Cell::Null, Cell::Float(2.0), Cell::Null]
        );
    }

    #[test]
    fn many_rows_at_once_are_as_those_rows_one_by_one() {
        let numbers = [Some(1.0), None, Some(f64::NAN), Some(2.0)];
        let (mut at_once, mut single) = (Column::new(Kind::Float), Column::new(Kind::Float));
        for column in [&mut at_once, &mut single] {
            column.push(Cell::Float(7.0));
        }
        at_once.push_floats(numbers.into_iter());
        for number in numbers {
            single.push(number.map_or(Cell::Null, Cell::Float));
        }
        let cells = |column: &Column| -> Vec<String> {
            let view = ColumnView { doc: &NUMBER, column };
            (0..6).map(|row| format!("{:?}", view.get(row))).collect()
        };
        assert_eq!(cells(&at_once), cells(&single));
        assert_eq!(at_once.n_rows(), 5);

        let mut words = Column::new(Kind::Text);
        words.push(Cell::Null);
        words.push_word_times("a", 2);
        words.push(Cell::Null);
        words.push_word_times("a", 0);
        let view = ColumnView { doc: &WORD, column: &words };
        let texts: Vec<Cell<'_>> = (0..5).map(|row| view.get(row)).collect();
        let a = Cell::Text("a");
        assert_eq!(texts, [Cell::Null, a, a, Cell::Null, Cell::Null]);

        let mut other = Column::new(Kind::Int);
        other.push_times([1, 2].into_iter());
        assert_eq!((other.n_rows(), other.kind()), (2, Kind::Int));
    }

    #[test]
    fn repeated_texts_share_a_code() {
        let mut column = Column::new(Kind::Text);
        for word in ["a", "b", "a", "a"] {
            column.push(Cell::Text(word));
        }
        column.push(Cell::Null);
        let view = ColumnView { doc: &WORD, column: &column };
        let Data::Text(texts) = view.data() else { panic!("a text column") };
        assert_eq!(texts.codes, [0, 1, 0, 0, u32::MAX]);
        assert_eq!(view.get(3), Cell::Text("a"));
        assert_eq!(view.get(4), Cell::Null);
    }
}
