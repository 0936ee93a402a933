//! The sheet of questions for the customer's DBA, and the answers read back.
//!
//! One list, `dba.toml`, says what is asked of which database, why, and how each column of the
//! answer is read. The sheet is made from it, and answers are recognised by it: by the columns
//! that a client of the database prints, in whatever form it prints them.

mod aligned;
mod answers;
mod delimited;
mod format;
mod innodb;
mod question;
mod result;
mod sheet;
mod values;
mod vertical;

pub use answers::{
    Answer, AnswerCell, AnswerRow, Answers, BYTES_MAX, Refused, UnknownResult, parse,
};
pub use format::FORMATS;
pub use question::{
    AnswerColumn, AnswerKind, Database, DbaQuestion, HOSTINGS, question, questions,
};
pub use sheet::{DbaTarget, dba_sheet, preamble, questions_for};

#[cfg(test)]
mod tests;
