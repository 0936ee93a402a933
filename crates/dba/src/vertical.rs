//! One column on each line: psql with `\x`, mysql with `\G`.

use crate::result::{COLUMNS_MAX, Printed, number, said};

/// How a record is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `name | value`, values go on behind a blank name.
    Psql,
    /// `name: value`, names end at the same place, values go on as they are.
    Mysql,
}

/// Reads the records of the result that begins in line `at`.
pub(crate) fn read(lines: &[&str], at: usize) -> Option<Printed> {
    let (form, _) = begins(lines.get(at)?)?;
    let mut printed = Printed { line: number(at), ..Printed::default() };
    let mut next = at;
    while let Some((this, record)) = lines.get(next).and_then(|line| begins(line)) {
        if this != form || (next > at && record <= 1) {
            break;
        }
        let line = number(next);
        let (fields, n_lines) = match form {
            Form::Psql => psql(lines, next + 1),
            Form::Mysql => mysql(lines, next + 1),
        };
        let (names, cells): (Vec<String>, Vec<String>) = fields.into_iter().unzip();
        if printed.columns.is_empty() {
            printed.columns = names;
        } else if printed.columns != names {
            // The last record of a cut file lacks its last columns.
            printed.broken += 1;
            next += 1 + n_lines;
            continue;
        }
        printed.push(line, cells);
        next += 1 + n_lines;
    }
    // psql ends with an empty line, then the count where it prints one.
    for line in lines.iter().skip(next).take(2) {
        if let Some(count) = said(line) {
            printed.said = Some(count);
        }
    }
    printed.n_lines = next - at;
    (!printed.columns.is_empty()).then_some(printed)
}

/// The line before a record: `-[ RECORD 1 ]---+---`, `*** 1. row ***`, `* Record 1`.
fn begins(line: &str) -> Option<(Form, u64)> {
    let line = line.trim();
    let digits = |text: &str| {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        digits.parse::<u64>().ok()
    };
    if let Some(rest) = line.strip_prefix("***") {
        let inside = rest.trim_matches('*').trim();
        let (number, word) = inside.split_once(". ")?;
        return (word == "row").then(|| number.parse().ok()).flatten().map(|n| (Form::Mysql, n));
    }
    let rest = line.trim_start_matches(['+', '┌', '├', '╞', '-', '─', '═']);
    let (inside, after) = rest.strip_prefix("[ ")?.split_once(" ]")?;
    let rule = after.chars().all(|c| matches!(c, '-' | '+' | '─' | '┬' | '┼' | '┐' | '┤' | '═'));
    (rule && inside.chars().filter(|c| c.is_whitespace()).count() == 1)
        .then(|| digits(inside))
        .flatten()
        .map(|n| (Form::Psql, n))
}

/// The fields of a record of psql, and how many lines they take.
fn psql(lines: &[&str], start: usize) -> (Vec<(String, String)>, usize) {
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut n_lines = 0;
    for line in lines.iter().skip(start) {
        if begins(line).is_some() || fields.len() >= COLUMNS_MAX {
            break;
        }
        let inner = line.strip_prefix("| ").or_else(|| line.strip_prefix("│ "));
        let boxed = inner.is_some();
        let Some((name, value)) = inner.unwrap_or(line).split_once(['|', '│']) else { break };
        let value = if boxed { value.trim_end().trim_end_matches(['|', '│']) } else { value };
        let value = value.strip_prefix(' ').unwrap_or(value).trim_end();
        let name = name.trim();
        n_lines += 1;
        match fields.last_mut() {
            Some((_, open)) if name.is_empty() => {
                let kept = open.trim_end().trim_end_matches(['+', '↵']).trim_end().len();
                open.truncate(kept);
                open.push('\n');
                open.push_str(value);
            }
            None if name.is_empty() => break,
            _ => fields.push((name.to_owned(), value.to_owned())),
        }
    }
    (fields, n_lines)
}

/// The fields of a record of mysql, and how many lines they take.
fn mysql(lines: &[&str], start: usize) -> (Vec<(String, String)>, usize) {
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut n_lines = 0;
    let mut end_of_names = None;
    for line in lines.iter().skip(start) {
        if begins(line).is_some()
            || said(line).is_some()
            || fields.len() >= COLUMNS_MAX
            || line.starts_with("mysql> ")
            || line.starts_with("MariaDB [")
        {
            break;
        }
        let field = line.split_once(':').filter(|(name, _)| {
            let word = name.trim_start();
            let is_name = !word.is_empty()
                && word
                    .chars()
                    .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '(' | ')' | '@'));
            is_name && end_of_names.is_none_or(|end| end == name.chars().count())
        });
        n_lines += 1;
        match (field, fields.last_mut()) {
            (Some((name, value)), _) => {
                end_of_names = end_of_names.or(Some(name.chars().count()));
                let value = value.strip_prefix(' ').unwrap_or(value);
                fields.push((name.trim_start().to_owned(), value.to_owned()));
            }
            (None, Some((_, open))) => {
                open.push('\n');
                open.push_str(line);
            }
            (None, None) => break,
        }
    }
    for (_, value) in &mut fields {
        let kept = value.trim_end().len();
        value.truncate(kept);
    }
    (fields, n_lines)
}
