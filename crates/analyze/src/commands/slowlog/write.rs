//! The answer for a terminal, as Markdown and as CSV.

use super::Answer;
use super::columns::{COLUMNS, Cell, Column, key_head};
use super::{phrase, screen};
use slowlog::Query;
use slowlog::summary::{Group, Row, Sort};
use std::io::{self, Write};
use text::{Raw, escape};

/// Width of the labels of the screen.
const LABEL: usize = 12;
/// Lines of a statement in the list of a terminal.
const STATEMENT_LINES: usize = 3;

impl Answer<'_> {
    /// The figures that some row has.
    fn used(&self) -> Vec<&'static Column> {
        COLUMNS
            .iter()
            .filter(|column| {
                !column.head.is_empty()
                    && self
                        .rows()
                        .iter()
                        .any(|row| !matches!((column.of)(row, &self.redactor), Cell::Nothing))
            })
            .collect()
    }

    /// `10 of 34 queries by total time`.
    #[expect(clippy::wildcard_enum_match_arm, reason = "every other order is its own word")]
    fn title(&self) -> String {
        let noun = match self.asked.group {
            Group::Fingerprint => "queries",
            Group::Table => "tables",
            Group::User => "users",
            Group::Database => "databases",
            Group::Application => "applications",
            Group::Client => "clients",
            Group::Minute => "spans",
        };
        let by = match self.asked.sort {
            Sort::Total if self.asked.group == Group::Minute => "time of day",
            Sort::Total => "total time",
            Sort::Change => "change",
            other => other.as_str(),
        };
        let (shown, all) = (self.rows().len(), self.summary.rows.len());
        let more = if shown < all { "; --top 0 shows all" } else { "" };
        let several = if self.asked.group == Group::Table {
            "; a statement counts in every table that it names"
        } else {
            ""
        };
        format!(
            "{} of {} {noun}, by {by}{more}{several}",
            phrase::count(shown as u64),
            phrase::count(all as u64)
        )
    }

    fn key(&self, row: &Row<'_>) -> String {
        match row.first_at.filter(|_| self.asked.group == Group::Minute) {
            Some(at) => {
                phrase::moment(at, self.asked.zone).get(..16).unwrap_or_default().to_owned()
            }
            None if row.key.is_empty() => "(none)".to_owned(),
            None => self.redactor.clear(&Raw::new(row.key.as_str())).as_str().to_owned(),
        }
    }

    /// What is known of a query besides its figures, as label and value from the log.
    fn about(&self, row: &Row<'_>, query: &Query) -> Vec<(&'static str, String)> {
        let mut out = vec![("kind", query.kind.as_str().to_owned())];
        if let Some(method) = query.store_method {
            out.push(("feature", method.to_owned()));
        }
        for (label, tops) in [
            ("users", &query.users),
            ("databases", &query.databases),
            ("applications", &query.applications),
            ("clients", &query.clients),
        ] {
            let mut names: Vec<String> = tops
                .iter()
                .filter(|top| !top.value.is_empty())
                .take(3)
                .map(|top| self.redactor.clear(&top.value).as_str().to_owned())
                .collect();
            if tops.len() > 3 {
                names.push(format!("and {} more", tops.len() - 3));
            }
            if !names.is_empty() {
                out.push((label, names.join(", ")));
            }
        }
        if let (Some(first), Some(last)) = (row.first_at, row.last_at) {
            out.push(("first", phrase::moment(first, self.asked.zone)));
            out.push(("last", phrase::moment(last, self.asked.zone)));
        }
        let longest = query.max_place.location();
        if !longest.is_empty() {
            out.push(("longest at", {
                let source = self.redactor.clear(&Raw::new(query.max_place.source()));
                if self.read.log.sources.len() > 1 {
                    format!("{} {longest}", source.as_str())
                } else {
                    longest
                }
            }));
        }
        out
    }
}

/// Cuts text into lines of at most `width` characters at spaces, at most `lines_max` of them.
fn wrapped(text: &str, width: usize, lines_max: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut n_chars = 0;
    for word in text.split(' ') {
        let mut rest: Vec<char> = word.chars().collect();
        if n_chars > 0 && n_chars + 1 + rest.len() > width {
            lines.push(std::mem::take(&mut line));
            n_chars = 0;
        } else if n_chars > 0 {
            line.push(' ');
            n_chars += 1;
        }
        while n_chars + rest.len() > width {
            let after = rest.split_off((width - n_chars).min(rest.len()));
            line.extend(rest);
            lines.push(std::mem::take(&mut line));
            (rest, n_chars) = (after, 0);
        }
        n_chars += rest.len();
        line.extend(rest);
        if lines.len() > lines_max {
            break;
        }
    }
    lines.push(line);
    if lines.len() > lines_max {
        lines.truncate(lines_max);
        if let Some(last) = lines.last_mut() {
            last.push_str(" ...");
        }
    }
    lines
}

/// For a terminal.
pub(super) fn terminal(answer: &Answer<'_>, out: &mut dyn Write) -> io::Result<()> {
    let width = answer.asked.width;
    for line in answer.screen() {
        let text = line.text.render(|value| escape::terminal(value).into_owned());
        for (idx, part) in wrapped(&text, width - LABEL, 8).iter().enumerate() {
            let label = if idx == 0 { line.label } else { "" };
            writeln!(out, "{}", format!("{label:LABEL$}{part}").trim_end())?;
        }
    }
    if answer.summary.rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", answer.title())?;
    let columns = answer.used();
    let cells: Vec<Vec<String>> = answer
        .rows()
        .iter()
        .map(|row| {
            let mut cells = vec![answer.key(row)];
            cells.extend(columns.iter().map(|column| column.shown(row, &answer.redactor)));
            cells.iter().map(|cell| escape::terminal(cell).into_owned()).collect()
        })
        .collect();
    let mut heads = vec![key_head(answer.asked.group)];
    heads.extend(columns.iter().map(|column| column.head));
    let widths: Vec<usize> = (0..heads.len())
        .map(|idx| {
            let head = heads.get(idx).map_or(0, |head| head.len());
            cells
                .iter()
                .filter_map(|row| row.get(idx))
                .map(|cell| cell.chars().count())
                .fold(head, usize::max)
                .min(40)
        })
        .collect();
    let print = |out: &mut dyn Write, cells: &mut dyn Iterator<Item = &str>| -> io::Result<()> {
        let mut line = String::new();
        for (idx, (cell, width)) in cells.zip(&widths).enumerate() {
            if idx == 0 {
                line.push_str(&format!("{cell:width$}"));
            } else {
                line.push_str(&format!("  {cell:>width$}"));
            }
        }
        writeln!(out, "{}", line.trim_end())
    };
    print(out, &mut heads.iter().copied())?;
    for (row, cells) in answer.rows().iter().zip(&cells) {
        print(out, &mut cells.iter().map(String::as_str))?;
        if let Some(change) = &row.change {
            writeln!(out, "    {}", screen::changes(row, change))?;
        }
        let Some(query) = row.query else { continue };
        let about: Vec<String> = answer
            .about(row, query)
            .into_iter()
            .map(|(label, value)| format!("{label} {value}"))
            .collect();
        let text = escape::terminal(&about.join("; ")).into_owned();
        for part in wrapped(&text, width - 4, 4) {
            writeln!(out, "    {part}")?;
        }
        let shown = if answer.asked.reading.keep_literals {
            answer.redactor.clear(&query.sample_text())
        } else {
            answer.redactor.clear(&Raw::new(query.fingerprint.as_str()))
        };
        for part in wrapped(&escape::terminal(shown.as_str()), width - 4, STATEMENT_LINES) {
            writeln!(out, "    {part}")?;
        }
    }
    Ok(())
}

/// As Markdown: for a channel or a ticket.
pub(super) fn markdown(answer: &Answer<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "#### Database log\n")?;
    for line in answer.screen() {
        let text = line.text.render(escape::markdown);
        if line.label.is_empty() {
            writeln!(out, "  - {text}")?;
        } else {
            writeln!(out, "- **{}** {text}", line.label.to_lowercase())?;
        }
    }
    if answer.summary.rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}\n", escape::markdown(&answer.title()))?;
    let columns = answer.used();
    write!(out, "| {} |", key_head(answer.asked.group))?;
    for column in &columns {
        write!(out, " {} |", column.head)?;
    }
    writeln!(out, "\n|:--|{}", "--:|".repeat(columns.len()))?;
    for row in answer.rows() {
        write!(out, "| {} |", escape::code_span_in_table(&answer.key(row)))?;
        for column in &columns {
            // Numbers alone: nothing in them is markup but the sign of "less than".
            write!(out, " {} |", column.shown(row, &answer.redactor).replace('<', "&lt;"))?;
        }
        writeln!(out)?;
    }
    for row in answer.rows() {
        let Some(query) = row.query else { continue };
        write!(out, "\n{}", escape::code_span(&answer.key(row)))?;
        if let Some(change) = &row.change {
            write!(out, " **{}**", escape::markdown(&screen::changes(row, change)))?;
        }
        for (label, value) in answer.about(row, query) {
            write!(out, "; {label} {}", escape::markdown(&value))?;
        }
        let statement = answer.redactor.clear(&Raw::new(query.fingerprint.as_str()));
        write!(out, "\n{}", escape::fence("sql", statement.as_str()))?;
    }
    Ok(())
}

/// A field of CSV. A spreadsheet takes a text that begins with one of four signs as a formula.
fn field(text: &str, words: bool) -> String {
    let text = escape::terminal(text);
    let formula = words && text.starts_with(['=', '+', '-', '@']);
    let text = if formula { format!("'{text}") } else { text.into_owned() };
    if text.contains([',', '"']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// As CSV: the rows alone.
pub(super) fn csv(answer: &Answer<'_>, out: &mut dyn Write) -> io::Result<()> {
    let names: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
    writeln!(out, "{}", names.join(","))?;
    for row in answer.rows() {
        let fields: Vec<String> = COLUMNS
            .iter()
            .map(|column| {
                let cell = (column.of)(row, &answer.redactor);
                let words = matches!(cell, Cell::Words(_) | Cell::List(_));
                field(&cell.csv(), words)
            })
            .collect();
        writeln!(out, "{}", fields.join(","))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut_into_lines_and_ends_with_dots() {
        assert_eq!(wrapped("aa bb cc", 5, 3), ["aa bb", "cc"]);
        assert_eq!(wrapped("aaaaaaaa b", 3, 2), ["aaa", "aaa ..."]);
        assert_eq!(wrapped("", 3, 2), [""]);
    }

    #[test]
    fn a_field_of_csv_is_no_formula() {
        assert_eq!(field("=1+1, \"x\"", true), "\"'=1+1, \"\"x\"\"\"");
        assert_eq!(field("-0.5", false), "-0.5");
    }
}
