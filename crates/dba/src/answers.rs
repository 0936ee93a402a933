//! Which question each result answers, and its rows as values.

use crate::question::{AnswerColumn, AnswerKind, Database, DbaQuestion, question, questions};
use crate::result::{PIECES_MAX, Piece, Printed, ROWS_MAX, number, pieces};
use crate::sheet::MARK;
use crate::{innodb, values};
use chrono::{DateTime, Utc};
use model::{Coverage, Issues, Parsed, Window};
use text::Raw;
use text::decode;

/// Largest file of answers that is read whole: one sheet's answers take some 100 kB.
pub const BYTES_MAX: usize = 32 * 1024 * 1024;

/// What came back from the DBA.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    /// The file that they stand in.
    pub source: String,
    /// Which database answered, where the answers tell.
    pub database: Option<Database>,
    /// When, by the clock of the database; `None` when no answer tells.
    pub at: Option<DateTime<Utc>>,
    /// One per result that answers a question, in the order of the file.
    pub answers: Vec<Answer>,
    /// Results that answer no question of the sheet.
    pub unknown: Vec<UnknownResult>,
    /// Questions that the database refused.
    pub refused: Vec<Refused>,
}

/// The answer to a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The question.
    pub question: &'static DbaQuestion,
    /// Where it begins.
    pub line: u64,
    /// Its rows.
    pub rows: Vec<AnswerRow>,
    /// Whether all rows that the client printed are there; a whole answer without rows says that
    /// there are none.
    pub whole: bool,
}

/// A row of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct AnswerRow {
    /// Where it stands.
    pub line: u64,
    /// Column of the table and value; what is not known is left out.
    pub cells: Vec<(&'static str, AnswerCell)>,
}

impl AnswerRow {
    /// The value of a column.
    pub fn cell(&self, column: &str) -> Option<&AnswerCell> {
        self.cells.iter().find(|(name, _)| *name == column).map(|(_, cell)| cell)
    }

    /// The text of a column of text.
    pub fn text(&self, column: &str) -> Option<&str> {
        match self.cell(column)? {
            AnswerCell::Text(text) => Some(text.untrusted()),
            AnswerCell::Bool(_)
            | AnswerCell::Int(_)
            | AnswerCell::Float(_)
            | AnswerCell::Time(_)
            | AnswerCell::Span(_)
            | AnswerCell::Statement(_) => None,
        }
    }

    /// The value of a column of whole numbers.
    pub fn int(&self, column: &str) -> Option<i64> {
        match self.cell(column)? {
            AnswerCell::Int(number) => Some(*number),
            AnswerCell::Bool(_)
            | AnswerCell::Text(_)
            | AnswerCell::Float(_)
            | AnswerCell::Time(_)
            | AnswerCell::Span(_)
            | AnswerCell::Statement(_) => None,
        }
    }
}

/// A value of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum AnswerCell {
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A finite number.
    Float(f64),
    /// A moment.
    Time(DateTime<Utc>),
    /// A length of time in milliseconds.
    Span(i64),
    /// Text.
    Text(Raw),
    /// SQL with its literals, cut by the sheet: they must be taken out before it is shown. Ends in
    /// ` ...` when it was cut.
    Statement(Raw),
}

/// A result that answers no question of the sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownResult {
    /// Where it begins.
    pub line: u64,
    /// Its columns.
    pub columns: Vec<Raw>,
    /// How many rows.
    pub n_rows: u64,
}

/// A question that the database refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Which, where the file tells.
    pub question: Option<&'static DbaQuestion>,
    /// Where the message stands.
    pub line: u64,
    /// The message.
    pub message: Raw,
}

/// Reads a file of answers.
///
/// - Input: what psql, mysql, pgAdmin or DBeaver printed or exported, several results in any
///   order, with prompts and messages in between, whole or cut anywhere, in UTF-8 or UTF-16.
/// - Output: answers by question; results of other questions by their columns.
/// - Issues: rows and values that cannot be read, results that end early, refused questions.
pub fn parse(source: &str, bytes: &[u8]) -> Parsed<Answers> {
    let mut reading = Reading::new(source);
    if bytes.len() > BYTES_MAX {
        reading.issues.add("larger than is read: the rest is left out", "", 0);
    }
    let text = decode(bytes.get(..bytes.len().min(BYTES_MAX)).unwrap_or_default());
    let pieces = pieces(&text);
    if pieces.len() >= PIECES_MAX {
        reading.issues.add("more results than are read", "", 0);
    }
    for piece in pieces {
        match piece {
            Piece::Result(printed) => reading.result(&printed),
            Piece::Error(line, message) => reading.error(line, message),
            Piece::Nothing => reading.nothing(),
            Piece::Other(line) => reading.other(&line),
        }
    }
    reading.finish(&text)
}

struct Reading {
    answers: Answers,
    issues: Issues,
    /// The question that the sheet announced last and that nothing has answered yet.
    announced: Option<(&'static DbaQuestion, u64)>,
    /// Whether something followed the announcement that is no echo and cannot be read.
    unreadable: bool,
    records: u64,
}

impl Reading {
    fn new(source: &str) -> Self {
        Self {
            answers: Answers { source: source.to_owned(), ..Answers::default() },
            issues: Issues::default(),
            announced: None,
            unreadable: false,
            records: 0,
        }
    }

    fn result(&mut self, printed: &Printed) {
        let names: Vec<&str> = printed.columns.iter().map(String::as_str).collect();
        if is_mark(&names) {
            for (line, cells) in &printed.rows {
                self.nothing_came();
                self.announced =
                    cells.first().and_then(|id| question(id)).map(|asked| (asked, *line));
            }
            return;
        }
        let firsts: Vec<&str> = printed
            .rows
            .iter()
            .filter_map(|(_, cells)| cells.first())
            .map(String::as_str)
            .collect();
        let announced = self.announced.take();
        let found = announced
            .map(|(asked, _)| asked)
            .filter(|asked| answers(asked, &names))
            .or_else(|| question_of(&names, &firsts));
        let Some(asked) = found else {
            self.issues.add(
                "a result that answers no question of the sheet",
                format!("line:{}", printed.line),
                0,
            );
            self.answers.unknown.push(UnknownResult {
                line: printed.line,
                columns: printed.columns.iter().map(|name| Raw::new(name.as_str())).collect(),
                n_rows: printed.rows.len() as u64,
            });
            return;
        };
        let place = format!("line:{}", printed.line);
        for _ in 0..printed.broken.min(ROWS_MAX as u64) {
            self.issues.add("a row that cannot be cut into its columns", place.as_str(), 1);
        }
        let n_rows = printed.rows.len() as u64 + printed.broken;
        let short = printed.said.is_some_and(|said| said > n_rows);
        if short {
            self.issues.add("fewer rows than the client printed: a part is missing", place, 0);
        }
        let places: Vec<(usize, &'static AnswerColumn)> = asked
            .columns
            .iter()
            .filter_map(|column| {
                let idx =
                    names.iter().position(|name| name.eq_ignore_ascii_case(&column.output))?;
                Some((idx, column))
            })
            .collect();
        let mut rows = Vec::with_capacity(printed.rows.len());
        for (line, cells) in &printed.rows {
            self.row(asked, &places, *line, cells, &mut rows);
        }
        self.records += printed.rows.len() as u64;
        let whole = printed.broken == 0 && !short;
        self.answers.answers.push(Answer { question: asked, line: printed.line, rows, whole });
    }

    fn row(
        &mut self,
        asked: &'static DbaQuestion,
        places: &[(usize, &'static AnswerColumn)],
        line: u64,
        cells: &[String],
        rows: &mut Vec<AnswerRow>,
    ) {
        let mut row = AnswerRow { line, cells: Vec::with_capacity(places.len()) };
        for (idx, column) in places {
            let Some(text) =
                cells.get(*idx).map(String::as_str).filter(|text| !values::is_null(text))
            else {
                continue;
            };
            if column.kind == AnswerKind::InnodbStatus {
                for (name, value) in innodb::figures(text) {
                    let value = values::float(&value).unwrap_or(0.0);
                    rows.push(AnswerRow {
                        line,
                        cells: vec![
                            ("name", AnswerCell::Text(Raw::new(name))),
                            ("value", AnswerCell::Float(value)),
                        ],
                    });
                }
                continue;
            }
            if column.kind == AnswerKind::Skip {
                continue;
            }
            match value(text, column.kind, asked) {
                Some(cell) => row.cells.push((column.column.as_str(), cell)),
                None => self.issues.add(
                    format!("{} is no {}", column.output, kind_word(column.kind)),
                    format!("line:{line}"),
                    0,
                ),
            }
        }
        if !row.cells.is_empty() {
            rows.push(row);
        }
    }

    fn error(&mut self, line: u64, message: String) {
        let asked = self.announced.take().map(|(asked, _)| asked).or_else(|| {
            // Without the sheet's announcement: the object that is named.
            let named = message.split('"').nth(1).filter(|name| name.len() > 6)?;
            questions().iter().find(|question| question.sql.contains(named))
        });
        self.issues.add("a question that the database refused", format!("line:{line}"), 0);
        self.answers.refused.push(Refused { question: asked, line, message: Raw::new(message) });
    }

    /// The client says that there are no rows, and prints no columns either.
    fn nothing(&mut self) {
        if let Some((asked, line)) = self.announced.take() {
            let whole = true;
            self.answers.answers.push(Answer { question: asked, line, rows: Vec::new(), whole });
        }
    }

    /// A line that is part of no result.
    fn other(&mut self, line: &str) {
        let Some((asked, _)) = self.announced else { return };
        let line = line.trim().trim_end_matches(';');
        let echo = asked.sql.contains(line)
            || line.starts_with("--")
            || line.contains("> ")
            || line.starts_with("Query OK");
        self.unreadable |= !echo;
    }

    /// What was announced, and then the next announcement came. psql prints columns even without
    /// rows; mysql prints nothing.
    fn nothing_came(&mut self) {
        let unreadable = std::mem::take(&mut self.unreadable);
        let Some((asked, line)) = self.announced.take() else { return };
        let whole = !unreadable && !asked.is_postgres();
        if !whole {
            self.issues.add("an answer in a form that is not read", format!("line:{line}"), 0);
        }
        self.answers.answers.push(Answer { question: asked, line, rows: Vec::new(), whole });
    }

    fn finish(mut self, text: &str) -> Parsed<Answers> {
        // The last announcement: whether nothing came or the file was cut is not known.
        if let Some((_, line)) = self.announced.take() {
            self.issues.add(
                "ends before the answer to its last question",
                format!("line:{line}"),
                0,
            );
        }
        let answers = &mut self.answers;
        answers.database = database(&answers.answers);
        let moments: Vec<DateTime<Utc>> = answers
            .answers
            .iter()
            .filter(|answer| {
                matches!(answer.question.table.as_str(), "dba_server" | "dba_statistics")
            })
            .flat_map(|answer| &answer.rows)
            .filter_map(|row| match row.cell("at") {
                Some(AnswerCell::Time(at)) => Some(*at),
                _ => None,
            })
            .collect();
        answers.at = moments.iter().max().copied();
        let window = match (moments.iter().min(), answers.at) {
            (Some(start), Some(end)) => Some(Window { start: *start, end }),
            _ => None,
        };
        if answers.answers.is_empty() && answers.refused.is_empty() {
            let place = format!("line:{}", number(text.lines().count().saturating_sub(1)));
            self.issues.add("no answer to a question of the sheet", place, 0);
        }
        let skipped = self.issues.skipped();
        Parsed {
            records: self.answers,
            issues: self.issues,
            coverage: Coverage {
                window,
                records: self.records,
                skipped,
                limits: vec!["one moment".to_owned()],
            },
        }
    }
}

/// The word of a kind in a message.
fn kind_word(kind: AnswerKind) -> &'static str {
    match kind {
        AnswerKind::Bool => "yes or no",
        AnswerKind::Time => "time",
        AnswerKind::Span => "interval",
        AnswerKind::Text | AnswerKind::Statement | AnswerKind::InnodbStatus | AnswerKind::Skip => {
            "text"
        }
        AnswerKind::Int
        | AnswerKind::Float
        | AnswerKind::Seconds
        | AnswerKind::Milliseconds
        | AnswerKind::Kibibytes => "number",
    }
}

fn value(text: &str, kind: AnswerKind, asked: &DbaQuestion) -> Option<AnswerCell> {
    Some(match kind {
        AnswerKind::Text => AnswerCell::Text(Raw::new(text.trim())),
        AnswerKind::Int => AnswerCell::Int(values::int(text)?),
        AnswerKind::Float => AnswerCell::Float(values::float(text)?),
        AnswerKind::Bool => AnswerCell::Bool(values::boolean(text)?),
        AnswerKind::Time => AnswerCell::Time(values::time(text)?),
        AnswerKind::Span => AnswerCell::Span(values::interval_ms(text)?),
        AnswerKind::Seconds => AnswerCell::Span(values::ms(values::float(text)?)?),
        AnswerKind::Milliseconds => AnswerCell::Span(values::ms(values::float(text)? / 1e3)?),
        AnswerKind::Kibibytes => AnswerCell::Int(values::int(text)?.checked_mul(1024)?),
        AnswerKind::Statement => {
            let cut = asked.text_max().is_some_and(|max| text.chars().count() >= max);
            let text = text.trim();
            AnswerCell::Statement(Raw::new(if cut {
                format!("{text} ...")
            } else {
                text.to_owned()
            }))
        }
        AnswerKind::InnodbStatus | AnswerKind::Skip => return None,
    })
}

/// Whether columns are those of the sheet's announcements.
pub(crate) fn is_mark(names: &[&str]) -> bool {
    matches!(names, [name] if name.eq_ignore_ascii_case(MARK))
}

/// Whether a result with these columns answers a question.
fn answers(asked: &DbaQuestion, names: &[&str]) -> bool {
    let has =
        |column: &AnswerColumn| names.iter().any(|name| name.eq_ignore_ascii_case(&column.output));
    let all = asked.columns.iter().all(has);
    // A column that somebody added does no harm where the others say enough.
    let more = asked.open || asked.columns.len() >= 4;
    all && (more || names.len() == asked.columns.len())
}

/// The question that a result with these columns answers. Where several ask for the same columns,
/// the one that asks for most of the names in its first column; among equals the first.
pub(crate) fn question_of(names: &[&str], firsts: &[&str]) -> Option<&'static DbaQuestion> {
    if names.len() < 2 {
        return None;
    }
    let mut best: Option<((usize, usize), &'static DbaQuestion)> = None;
    for asked in questions().iter().filter(|asked| answers(asked, names)) {
        let named = asked
            .names()
            .filter(|name| firsts.iter().any(|first| first.eq_ignore_ascii_case(name)));
        let fit = (asked.columns.len(), named.count());
        if best.is_none_or(|(other, _)| fit > other) {
            best = Some((fit, asked));
        }
    }
    best.map(|(_, asked)| asked)
}

/// Which database answered: by its version, else by questions that only one is asked.
fn database(answers: &[Answer]) -> Option<Database> {
    let version = answers
        .iter()
        .filter(|answer| answer.question.table == "dba_server")
        .flat_map(|answer| &answer.rows)
        .find_map(|row| row.text("version"));
    if let Some(version) = version {
        let version = version.to_ascii_lowercase();
        return Some(if version.contains("postgres") || version.contains("edb") {
            Database::Postgres
        } else if version.contains("mariadb") {
            Database::Mariadb
        } else {
            Database::Mysql
        });
    }
    let postgres = answers.iter().any(|answer| answer.question.is_postgres());
    let mut others = answers.iter().filter(|answer| !answer.question.is_postgres()).peekable();
    match (postgres, others.peek().is_some()) {
        (true, false) => Some(Database::Postgres),
        (false, true) => {
            let only =
                |database| others.clone().any(|answer| answer.question.databases == [database]);
            Some(if only(Database::Mariadb) { Database::Mariadb } else { Database::Mysql })
        }
        _ => None,
    }
}
