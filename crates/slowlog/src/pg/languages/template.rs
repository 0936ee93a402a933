//! A message with what varies in it, as `printf` writes it.

use memchr::memmem;

/// A part of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Text as it stands.
    Text(Box<[u8]>),
    /// What varies: which of the values, and whether it is a whole number.
    Value { number: usize, whole: bool },
}

/// A message in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template(Vec<Part>);

impl Template {
    /// Of a line of the table.
    pub(super) fn of(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut plain = Vec::new();
        let mut bytes = text.bytes().peekable();
        let mut next = 0;
        while let Some(byte) = bytes.next() {
            match byte {
                b'\\' => match bytes.next() {
                    Some(b'n') => plain.push(b'\n'),
                    Some(b't') => plain.push(b'\t'),
                    Some(other) => plain.push(other),
                    None => {}
                },
                b'%' if bytes.peek() == Some(&b'%') => {
                    bytes.next();
                    plain.push(b'%');
                }
                b'%' => {
                    let mut number = None;
                    let mut digits = 0_usize;
                    let mut kind = 0;
                    for byte in bytes.by_ref() {
                        match byte {
                            b'0'..=b'9' => digits = digits * 10 + usize::from(byte - b'0'),
                            b'$' => (number, digits) = (digits.checked_sub(1), 0),
                            b'.' | b'-' | b'l' | b'z' => {}
                            _ => {
                                kind = byte;
                                break;
                            }
                        }
                    }
                    if !plain.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut plain).into_boxed_slice()));
                    }
                    let whole = matches!(kind, b'd' | b'u');
                    parts.push(Part::Value { number: number.unwrap_or(next), whole });
                    next += 1;
                }
                byte => plain.push(byte),
            }
        }
        if !plain.is_empty() {
            parts.push(Part::Text(plain.into_boxed_slice()));
        }
        Self(parts)
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.0
    }

    /// The text before anything varies.
    pub(super) fn start(&self) -> &[u8] {
        match self.0.first() {
            Some(Part::Text(text)) => text,
            _ => b"",
        }
    }

    /// How much of it is text.
    pub(super) fn len(&self) -> usize {
        self.0
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.len(),
                Part::Value { .. } => 0,
            })
            .sum()
    }

    /// Whether it ends in a number: of the table, those are the names of what is locked.
    pub(super) fn ends_in_number(&self) -> bool {
        matches!(self.0.last(), Some(Part::Value { whole: true, .. }))
    }

    /// The values in a message of this form, and what stands behind it.
    pub(super) fn read<'m>(&self, message: &'m [u8]) -> Option<(Vec<&'m [u8]>, &'m [u8])> {
        let mut values: Vec<&[u8]> = Vec::new();
        let mut rest = message;
        let mut open: Option<(usize, bool)> = None;
        let mut keep = |(number, whole): (usize, bool), value: &'m [u8]| {
            if whole && (value.is_empty() || !value.iter().all(u8::is_ascii_digit)) {
                return None;
            }
            if values.len() <= number {
                values.resize(number + 1, b"");
            }
            *values.get_mut(number)? = value;
            Some(())
        };
        for part in &self.0 {
            match part {
                Part::Text(text) => {
                    let at = match open.take() {
                        Some(value) => {
                            let at = memmem::find(rest, text)?;
                            keep(value, rest.get(..at)?)?;
                            at
                        }
                        None if rest.starts_with(text) => 0,
                        None => return None,
                    };
                    rest = rest.get(at + text.len()..)?;
                }
                Part::Value { number, whole } => {
                    if let Some(value) = open.replace((*number, *whole)) {
                        // Two side by side: a number ends with its digits, anything else is empty.
                        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
                        let len = if value.1 { digits } else { 0 };
                        keep(value, rest.get(..len)?)?;
                        rest = rest.get(len..)?;
                    }
                }
            }
        }
        if let Some((number, whole)) = open {
            let len = if whole {
                rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
            } else {
                rest.len()
            };
            keep((number, whole), rest.get(..len)?)?;
            rest = rest.get(len..)?;
        }
        Some((values, rest))
    }
}
