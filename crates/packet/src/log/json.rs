//! A scanner of one JSON object: pairs in order, borrowed, without recursion.
#![expect(clippy::indexing_slicing, reason = "hot loop; every index is below a checked length")]

use memchr::memchr2;

/// Text of a line, still with JSON's escapes if it had any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Text<'a> {
    /// The bytes as they stand.
    pub(super) bytes: &'a [u8],
    /// Whether a backslash is in them that means something.
    pub(super) escaped: bool,
}

impl<'a> Text<'a> {
    /// Text without escapes.
    pub(super) fn plain(bytes: &'a [u8]) -> Self {
        Self { bytes, escaped: false }
    }

    /// Whether there is none.
    pub(super) fn is_empty(self) -> bool {
        self.bytes.is_empty()
    }

    /// The text without escapes, in `buf` if it had some.
    pub(super) fn unescaped<'b>(self, buf: &'b mut Vec<u8>) -> &'b [u8]
    where
        'a: 'b,
    {
        if !self.escaped {
            return self.bytes;
        }
        buf.clear();
        unescape(self.bytes, buf);
        buf
    }
}

/// A value of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// A string, without its quotes.
    Text(Text<'a>),
    /// A number, `true`, `false` or `null`, as it stands.
    Bare(&'a [u8]),
    /// An object, with its braces.
    Object(&'a [u8]),
    /// An array, with its brackets.
    Array(&'a [u8]),
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    /// A pair; the key as it stands.
    Pair(&'a [u8], Value<'a>),
    /// The object is closed.
    End,
    /// No JSON from here on; pairs before it hold. The last string may be cut.
    Broken,
}

/// Scans an object from its opening brace on.
#[derive(Debug)]
pub(super) struct Scanner<'a> {
    bytes: &'a [u8],
    pos: usize,
    /// Whether a pair was given: then a comma is due.
    begun: bool,
}

impl<'a> Scanner<'a> {
    /// A scanner of bytes that begin with `{`.
    pub(super) fn new(bytes: &'a [u8]) -> Option<Self> {
        (bytes.first() == Some(&b'{')).then_some(Self { bytes, pos: 1, begun: false })
    }

    /// The next pair.
    pub(super) fn step(&mut self) -> Step<'a> {
        self.skip_space();
        match self.peek() {
            Some(b'}') => {
                self.pos += 1;
                return Step::End;
            }
            Some(b',') if self.begun => {
                self.pos += 1;
                self.skip_space();
            }
            Some(_) if !self.begun => {}
            _ => return Step::Broken,
        }
        self.begun = true;
        if self.peek() != Some(b'"') {
            return Step::Broken;
        }
        self.pos += 1;
        let Some(key) = self.string() else { return Step::Broken };
        self.skip_space();
        if self.peek() != Some(b':') {
            return Step::Broken;
        }
        self.pos += 1;
        self.skip_space();
        let value = match self.peek() {
            Some(b'"') => {
                self.pos += 1;
                let start = self.pos;
                match self.string() {
                    Some(text) => Value::Text(text),
                    None => {
                        // The rest of a line that was cut: still worth reading.
                        self.pos = self.bytes.len();
                        let bytes = &self.bytes[start..];
                        let cut = bytes.strip_suffix(b"\\").unwrap_or(bytes);
                        let text = Text { bytes: cut, escaped: cut.contains(&b'\\') };
                        return Step::Pair(key.bytes, Value::Text(text));
                    }
                }
            }
            Some(b'{') => match self.nested() {
                Some(bytes) => Value::Object(bytes),
                None => return Step::Broken,
            },
            Some(b'[') => match self.nested() {
                Some(bytes) => Value::Array(bytes),
                None => return Step::Broken,
            },
            Some(b'-' | b'0'..=b'9' | b'a'..=b'z' | b'N' | b'I' | b'+') => {
                let start = self.pos;
                while let Some(byte) = self.peek() {
                    if matches!(byte, b',' | b'}' | b' ' | b'\t' | b']') {
                        break;
                    }
                    self.pos += 1;
                }
                Value::Bare(&self.bytes[start..self.pos])
            }
            _ => return Step::Broken,
        };
        Step::Pair(key.bytes, value)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.pos).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.pos += 1;
        }
    }

    /// The string up to its closing quote, from behind the opening one.
    fn string(&mut self) -> Option<Text<'a>> {
        let start = self.pos;
        let mut escaped = false;
        loop {
            let found = memchr2(b'"', b'\\', self.bytes.get(self.pos..)?)?;
            let at = self.pos + found;
            if self.bytes[at] == b'"' {
                self.pos = at + 1;
                return Some(Text { bytes: &self.bytes[start..at], escaped });
            }
            escaped = true;
            self.pos = at + 2;
        }
    }

    /// An object or array, to its closing bracket. Counts depth, so that it needs no stack.
    fn nested(&mut self) -> Option<&'a [u8]> {
        let start = self.pos;
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.pos += 1;
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.pos += 1;
            if depth == 0 {
                return Some(&self.bytes[start..self.pos]);
            }
        }
    }
}

/// Appends `bytes` without JSON's escapes; unknown escapes stay as they stand.
pub(super) fn unescape(bytes: &[u8], out: &mut Vec<u8>) {
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        let Some((&kind, after)) = rest.split_first() else { return };
        rest = after;
        match kind {
            b'n' => out.push(b'\n'),
            b't' => out.push(b'\t'),
            b'r' => out.push(b'\r'),
            b'b' | b'f' => out.push(b' '),
            b'"' | b'\\' | b'/' => out.push(kind),
            b'u' => {
                let Some((mut code, after)) = hex4(rest) else {
                    out.extend_from_slice(b"\\u");
                    continue;
                };
                rest = after;
                if (0xd800..0xdc00).contains(&code)
                    && let Some((low, after)) = rest.strip_prefix(b"\\u").and_then(hex4)
                    && (0xdc00..0xe000).contains(&low)
                {
                    code = 0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                    rest = after;
                }
                let char = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
            }
            other => out.extend_from_slice(&[b'\\', other]),
        }
    }
    out.extend_from_slice(rest);
}

fn hex4(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) = bytes.split_first_chunk::<4>()?;
    let code = digits
        .iter()
        .try_fold(0, |code, byte| Some(code * 16 + char::from(*byte).to_digit(16)?))?;
    Some((code, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_agree_with_serde_json() {
        let line = br#"{"a":"x\"y","n":-1.5e3,"o":{"k":["}",{}]},"t":true,"e":""} tail"#;
        let mut scanner = Scanner::new(line).unwrap();
        let mut pairs = Vec::new();
        while let Step::Pair(key, value) = scanner.step() {
            pairs.push((String::from_utf8_lossy(key).into_owned(), value));
        }
        let names: Vec<&str> = pairs.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(names, ["a", "n", "o", "t", "e"]);
        assert_eq!(pairs[2].1, Value::Object(br#"{"k":["}",{}]}"#));
        let mut buf = Vec::new();
        let Value::Text(text) = pairs[0].1 else { panic!("a string") };
        assert_eq!(text.unescaped(&mut buf), b"x\"y");
    }

    #[test]
    fn escapes_agree_with_serde_json() {
        for raw in [r"a\u0026b", r"\ud83d\ude00", r"\n\t\\\/", r"\ud83d", r"plain"] {
            let mut out = Vec::new();
            unescape(raw.as_bytes(), &mut out);
            if let Ok(expected) = serde_json::from_str::<String>(&format!("\"{raw}\"")) {
                assert_eq!(String::from_utf8(out).unwrap(), expected, "{raw}");
            }
        }
    }

    #[test]
    fn a_cut_line_gives_the_pairs_before_the_cut() {
        let mut scanner = Scanner::new(br#"{"level":"error","msg":"half of"#).unwrap();
        assert!(matches!(scanner.step(), Step::Pair(b"level", _)));
        assert!(
            matches!(scanner.step(), Step::Pair(b"msg", Value::Text(t)) if t.bytes == b"half of")
        );
        assert_eq!(scanner.step(), Step::Broken);
    }
}
