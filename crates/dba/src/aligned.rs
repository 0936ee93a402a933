//! Tables with aligned columns: psql with any border and line style, and mysql's boxes.

use crate::result::{COLUMNS_MAX, Printed, number, said};
use unicode_width::UnicodeWidthChar;

/// How the columns of a table stand: where, in characters on a screen, each ends.
struct Layout {
    /// Where a rule between two columns stands.
    bounds: Vec<usize>,
    /// Where the last column ends; a mark of continuation stands right before it.
    width: usize,
    /// Whether rules stand at both sides too.
    boxed: bool,
}

/// A cell with the mark behind it: the value goes on in the next line.
struct Cut<'l> {
    text: &'l str,
    goes_on: Option<Goes>,
}

/// How a value goes on in the next line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Goes {
    /// The value has a line end here.
    Line,
    /// The client had no more room.
    Wrapped,
}

/// Reads the table whose names, or whose upper rule, stand in line `at`.
pub(crate) fn read(lines: &[&str], at: usize) -> Option<Printed> {
    let first = lines.get(at)?;
    let boxed = is_rule(first, true);
    let names_at = if boxed { at + 1 } else { at };
    let names = lines.get(names_at)?;
    // Names may hold line ends too, but none of ours do.
    let rule = lines.get(names_at + 1)?;
    if !is_rule(rule, boxed) || names.trim().is_empty() || is_rule(names, boxed) {
        return None;
    }
    let layout = layout(rule, boxed)?;
    // One column of dashes under a line of prose is an underlined heading.
    if !boxed && layout.bounds.is_empty() && screen_width(names.trim_end()) > layout.width {
        return None;
    }
    let columns: Vec<String> =
        layout.cut(names)?.iter().map(|cell| cell.text.trim().to_owned()).collect();
    let mut printed = Printed { line: number(names_at), columns, ..Printed::default() };
    printed.n_lines = body(lines, names_at + 2, &layout, &mut printed) - at;
    Some(printed)
}

/// Reads the rows below the rule, and what the client says about them. Gives the line behind.
fn body(lines: &[&str], start: usize, layout: &Layout, printed: &mut Printed) -> usize {
    let mut at = start;
    // A row that goes on: its line, its cells, and how each goes on.
    let mut open: Option<(u64, Vec<String>, Vec<Option<Goes>>)> = None;
    while let Some(line) = lines.get(at) {
        if let Some(count) = said(line) {
            printed.said = Some(count);
            at += 1;
            break;
        }
        if layout.boxed && is_rule(line, true) {
            // The lower rule; the count may follow.
            at += 1;
            if let Some(count) = lines.get(at).and_then(|line| said(line)) {
                printed.said = Some(count);
                at += 1;
            }
            break;
        }
        if line.trim().is_empty() && open.is_none() {
            break;
        }
        let Some(cells) = layout.cut(line) else {
            if layout.boxed && line.starts_with(['|', '│']) && open.is_none() {
                // mysql prints a line end as it is.
                let n_lines = raw_row(lines, at, layout, printed);
                at += n_lines;
                continue;
            }
            let is_row = layout.boxed && line.starts_with(['|', '│'])
                || !layout.boxed && line.contains(['|', '│'])
                || open.is_some();
            if !is_row {
                break;
            }
            printed.broken += 1;
            open = None;
            at += 1;
            continue;
        };
        let marks: Vec<Option<Goes>> = cells.iter().map(|cell| cell.goes_on).collect();
        let (row_line, mut texts, before_marks) = open
            .take()
            .unwrap_or_else(|| (number(at), vec![String::new(); cells.len()], Vec::new()));
        for (idx, (text, cell)) in texts.iter_mut().zip(&cells).enumerate() {
            let goes = before_marks.get(idx).copied().flatten();
            if goes.is_none() && !before_marks.is_empty() {
                continue;
            }
            if goes == Some(Goes::Line) {
                text.push('\n');
            }
            // One character of padding, which of a wrapped value is a mark as well.
            let part = cell.text.strip_prefix([' ', '.', '…']).unwrap_or(cell.text);
            // A line that was wrapped is full: spaces at its end are the value's.
            text.push_str(if cell.goes_on == Some(Goes::Wrapped) { part } else { part.trim_end() });
        }
        at += 1;
        if marks.iter().any(Option::is_some) {
            open = Some((row_line, texts, marks));
        } else {
            printed.push(row_line, trimmed(texts));
        }
    }
    if let Some((line, texts, _)) = open {
        printed.push(line, trimmed(texts));
    }
    at
}

/// Numbers stand at the right of their column.
fn trimmed(texts: Vec<String>) -> Vec<String> {
    texts.into_iter().map(|text| text.trim().to_owned()).collect()
}

/// A row of a box whose values hold line ends: all lines up to the one that ends with a rule.
/// Gives how many lines it took.
fn raw_row(lines: &[&str], at: usize, layout: &Layout, printed: &mut Printed) -> usize {
    /// Lines of one row; the status of InnoDB has some hundred.
    const LINES_MAX: usize = 2_000;
    let n_bounds = layout.bounds.len();
    let mut joined = String::new();
    let (mut n_lines, mut n_seen) = (0, 0);
    for line in lines.iter().skip(at).take(LINES_MAX) {
        if n_lines > 0 && is_rule(line, true) {
            break;
        }
        n_lines += 1;
        let line = line.trim_end();
        let closed = line.strip_suffix(['|', '│']);
        let ends = lines
            .get(at + n_lines)
            .is_none_or(|next| next.starts_with(['|', '│']) || is_rule(next, true));
        if let Some(inside) = closed
            && ends
            && n_seen + inside.matches(" | ").count() >= n_bounds
        {
            joined.push_str(inside);
            let inside = joined.trim_start_matches(['|', '│']);
            // A statement, the last column of a question, may hold the separator.
            let cells = inside.splitn(n_bounds + 1, " | ").map(|cell| cell.trim().to_owned());
            printed.push(number(at), cells.collect());
            return n_lines;
        }
        n_seen += line.matches(" | ").count() + usize::from(closed.is_some());
        joined.push_str(line);
        // A value that begins with a line end: the padding behind the rule was trimmed above.
        joined.push_str(if closed.is_some() { " \n" } else { "\n" });
    }
    printed.broken += 1;
    n_lines.max(1)
}

/// Whether a line is a rule: dashes with crossings; of a box with corners.
fn is_rule(line: &str, boxed: bool) -> bool {
    let line = line.trim_end();
    let mut dashes = 0;
    let all = line.chars().all(|c| match c {
        '-' | '─' | '═' => {
            dashes += 1;
            true
        }
        '+' | '┼' | '╪' => true,
        '├' | '┌' | '└' | '┬' | '┴' | '┐' | '┘' | '┤' | '╞' | '╡' => boxed,
        _ => false,
    });
    let corner = line.starts_with(['+', '├', '┌', '└', '╞']);
    all && dashes >= 2 && corner == boxed
}

fn layout(rule: &str, boxed: bool) -> Option<Layout> {
    let rule = rule.trim_end();
    let mut bounds: Vec<usize> = rule
        .chars()
        .enumerate()
        .filter(|(_, c)| !matches!(c, '-' | '─' | '═'))
        .map(|(n, _)| n)
        .collect();
    let mut width = rule.chars().count();
    if boxed {
        // The corners are no bounds between columns.
        bounds.pop()?;
        bounds = bounds.into_iter().skip(1).collect();
        width -= 1;
    }
    (bounds.len() < COLUMNS_MAX).then_some(Layout { bounds, width, boxed })
}

fn screen_width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

impl Layout {
    /// The cells of a line, cut where the rules stand.
    fn cut<'l>(&self, line: &'l str) -> Option<Vec<Cut<'l>>> {
        let inner = if self.boxed {
            let line = line.trim_end();
            line.strip_prefix(['|', '│'])?.strip_suffix(['|', '│'])?
        } else {
            line
        };
        // Within a box everything stands one further left; a mail program may take the space
        // before the first column.
        let shift = usize::from(self.boxed);
        let shifts: &[usize] = if self.boxed { &[1] } else { &[0, 1] };
        for shift in shifts {
            if let Some(cells) = self.cut_shifted(inner, *shift) {
                return Some(cells);
            }
        }
        // Characters whose width the client and we see differently.
        let cells: Vec<&str> = inner.split(['|', '│']).collect();
        (cells.len() == self.bounds.len() + 1 && !(cells.len() == 1 && shift == 0))
            .then(|| cells.into_iter().map(|text| Cut { text, goes_on: None }).collect())
    }

    fn cut_shifted<'l>(&self, line: &'l str, shift: usize) -> Option<Vec<Cut<'l>>> {
        let mut cells = Vec::with_capacity(self.bounds.len() + 1);
        let mut bounds = self.bounds.iter().map(|bound| bound - shift.min(*bound)).peekable();
        let (mut column, mut start) = (0, 0);
        for (idx, c) in line.char_indices() {
            if bounds.peek() == Some(&column) {
                if !matches!(c, '|' | '│' | ':' | ';') {
                    return None;
                }
                cells.push(marked(line.get(start..idx)?));
                start = idx + c.len_utf8();
                bounds.next();
            }
            column += c.width().unwrap_or(0);
        }
        if bounds.peek().is_some() {
            return None;
        }
        // The last column of a line has nothing behind the value unless the value goes on.
        let full = column + shift == self.width || self.boxed;
        let last = line.get(start..)?;
        cells.push(if full { marked(last) } else { Cut { text: last, goes_on: None } });
        Some(cells)
    }
}

/// A cell and the mark in the place of the padding behind it.
fn marked(cell: &str) -> Cut<'_> {
    let marks: [(char, Goes); 4] =
        [('+', Goes::Line), ('↵', Goes::Line), ('.', Goes::Wrapped), ('…', Goes::Wrapped)];
    for (mark, goes) in marks {
        if let Some(text) = cell.strip_suffix(mark) {
            return Cut { text, goes_on: Some(goes) };
        }
    }
    Cut { text: cell, goes_on: None }
}
