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
