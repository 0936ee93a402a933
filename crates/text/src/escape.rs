//! Escaping of values, one function per sink. JSON is escaped by its encoder.

use crate::sanitise::sanitise;
use std::borrow::Cow;

/// Broken behind a sign that would mention, tag or link: it has no width.
const BREAK: char = '\u{200B}';

/// For a terminal: one line, without control characters, escape sequences, bidirectional controls
/// and invisible characters.
pub fn terminal(text: &str) -> Cow<'_, str> {
    one_line(sanitise(text))
}

fn one_line(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains(['\n', '\t']) { Cow::Owned(text.replace(['\n', '\t'], " ")) } else { text }
}

/// For HTML text and quoted attributes.
pub fn html(text: &str) -> String {
    let text = sanitise(text);
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

/// For Markdown outside code: one line that gives no markup, mention, hashtag, link, image,
/// emoji or table cell, wherever in a line it stands.
///
/// A backslash or an entity does not stop a mention: the server looks at the text that is left
/// after Markdown. A character without width behind the sign does. Words that a user watches for
/// are stopped by code only: evidence belongs into [`code_span`] or [`fence`].
pub fn markdown(text: &str) -> String {
    let text = terminal(text);
    let text = text.trim_start();
    let mut out = String::with_capacity(text.len() + 16);
    let n_digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, c)| *c);
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '{' | '}' | '!' | '|' => {
                out.push('\\');
                out.push(c);
            }
            // The start of a list, a rule or a heading.
            '-' | '+' if at == 0 => {
                out.push('\\');
                out.push(c);
            }
            '=' if at == 0 => {
                out.push(BREAK);
                out.push(c);
            }
            '.' if at == n_digits && n_digits > 0 => out.push_str("\\."),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '@' | '＠' | '﹫' | '~' | '～' | '#' | '＃' | '﹟' | '$' => {
                out.push(c);
                out.push(BREAK);
            }
            // A scheme, or an emoji.
            ':' if next
                .is_some_and(|next| next == '/' || !next.is_ascii_digit() && next != ' ') =>
            {
                out.push(c);
                out.push(BREAK);
            }
            '.' if out
                .get(out.len().saturating_sub(3)..)
                .is_some_and(|www| www.eq_ignore_ascii_case("www")) =>
            {
                out.push(BREAK);
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

fn longest_backticks(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// A Markdown code span with its backticks: one line. For a table use [`code_span_in_table`].
pub fn code_span(text: &str) -> String {
    let text = terminal(text);
    let ticks = "`".repeat(longest_backticks(&text) + 1);
    let pad = if text.is_empty() || text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) {
        " "
    } else {
        ""
    };
    let end_pad = if text.is_empty() { "" } else { pad };
    format!("{ticks}{pad}{text}{end_pad}{ticks}")
}

/// A code span in a cell of a Markdown table: `|` is shown as `│`, for a backslash in front of
/// it is read differently by each renderer.
pub fn code_span_in_table(text: &str) -> String {
    code_span(&text.replace('|', "│"))
}

/// A Markdown fence with its backticks, ending in a newline. `language` is one of our words. It
/// must begin at the start of a line.
pub fn fence(language: &str, text: &str) -> String {
    let text = sanitise(text);
    let text = text.trim_end_matches('\n');
    let ticks = "`".repeat((longest_backticks(text) + 1).max(3));
    format!("{ticks}{language}\n{text}\n{ticks}\n")
}

/// A CSV cell that no spreadsheet takes for a formula, for cells that are text; the CSV writer
/// still quotes it.
pub fn csv_cell(text: &str) -> Cow<'_, str> {
    const STARTS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    if text.starts_with(STARTS) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests;
