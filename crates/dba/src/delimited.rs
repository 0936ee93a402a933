//! Rows with separators: psql `--csv` and `-A`, exports of pgAdmin and DBeaver, `mysql --batch`.
//!
//! Such a file has no mark where a result begins, so only results with columns that the sheet asks
//! for are found.

use crate::answers::{is_mark, question_of};
use crate::result::{Printed, number, said};

/// Separators, most usual first.
const SEPARATORS: &[u8] = b",\t;|";

/// Reads the result whose names stand in line `at`.
pub(crate) fn read(lines: &[&str], at: usize) -> Option<Printed> {
    let names = lines.get(at)?;
    let single = names.trim().trim_matches('"');
    if is_mark(&[single]) {
        let value = lines.get(at + 1)?.trim().trim_matches('"').to_owned();
        crate::question(&value)?;
        return Some(Printed {
            line: number(at),
            columns: vec![single.to_owned()],
            rows: vec![(number(at + 1), vec![value])],
            n_lines: 2,
            ..Printed::default()
        });
    }
    let (separator, columns) = SEPARATORS.iter().find_map(|separator| {
        let columns = header(names, *separator)?;
        Some((*separator, columns))
    })?;
    let mut printed = Printed { line: number(at), columns, n_lines: 1, ..Printed::default() };
    rows(lines, at + 1, separator, names.trim_start().starts_with('"'), &mut printed);
    Some(printed)
}

/// The names of a line, if they are the columns of a question.
fn header(line: &str, separator: u8) -> Option<Vec<String>> {
    let is_name = |byte: u8| {
        byte == separator
            || byte.is_ascii_alphanumeric()
            || matches!(byte, b'_' | b'"' | b' ' | b'(' | b')')
    };
    if !line.as_bytes().contains(&separator) || !line.bytes().all(is_name) {
        return None;
    }
    let columns: Vec<String> = line
        .split(char::from(separator))
        .map(|name| name.trim().trim_matches('"').trim().to_owned())
        .collect();
    let names: Vec<&str> = columns.iter().map(String::as_str).collect();
    question_of(&names, &[]).map(|_| columns)
}

fn rows(lines: &[&str], start: usize, separator: u8, quoted: bool, printed: &mut Printed) {
    // `mysql --batch` escapes and never quotes; psql's unaligned output does neither.
    let batch = separator == b'\t' && !quoted;
    let mut at = start;
    while let Some(line) = lines.get(at) {
        if let Some(count) = said(line) {
            printed.said = Some(count);
            at += 1;
            break;
        }
        if line.trim().is_empty() || is_mark(&[line.trim().trim_matches('"')]) {
            break;
        }
        let (cells, n_lines) = if batch {
            (line.split('\t').map(unescaped).collect(), 1)
        } else if separator == b'|' {
            // A statement, the last column, may hold the separator.
            (line.splitn(printed.columns.len(), '|').map(str::to_owned).collect(), 1)
        } else {
            record(lines, at, separator)
        };
        if header(line, separator).is_some() {
            break;
        }
        if separator == b'|' && cells.len() < printed.columns.len() {
            // psql's unaligned output does not escape line ends; only the last column of a
            // question, its statement, has any.
            if let Some(open) = printed.rows.last_mut().and_then(|(_, cells)| cells.last_mut()) {
                open.push('\n');
                open.push_str(line);
                at += 1;
                continue;
            }
        }
        if cells.len() != printed.columns.len() {
            // The next result, an unknown one, a message, or the cut end of the file.
            if lines.len() == at + 1 {
                printed.broken += 1;
                at += 1;
            }
            break;
        }
        printed.push(number(at), cells);
        at += n_lines;
    }
    printed.n_lines += at - start;
}

/// A record of CSV, whose values may hold line ends; and how many lines it takes.
fn record(lines: &[&str], at: usize, separator: u8) -> (Vec<String>, usize) {
    /// Lines of one record: statements of the sheet are cut at 300 characters.
    const LINES_MAX: usize = 400;
    let mut text = String::new();
    let mut n_lines = 0;
    let mut quotes = 0;
    for line in lines.iter().skip(at).take(LINES_MAX) {
        if n_lines > 0 {
            text.push('\n');
        }
        text.push_str(line);
        n_lines += 1;
        quotes += line.bytes().filter(|byte| *byte == b'"').count();
        if quotes % 2 == 0 {
            break;
        }
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(text.as_bytes());
    let mut record = csv::ByteRecord::new();
    let cells = match reader.read_byte_record(&mut record) {
        Ok(true) => record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect(),
        Ok(false) | Err(_) => Vec::new(),
    };
    (cells, n_lines)
}

/// A cell of `mysql --batch`.
fn unescaped(cell: &str) -> String {
    let mut out = String::with_capacity(cell.len());
    let mut chars = cell.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('0') => out.push('\0'),
            Some(other) => out.push(other),
            None => out.push('\\'),
        }
    }
    out
}
