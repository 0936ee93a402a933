//! Strings and objects out of JSON, byte by byte: nothing is kept but a key.

use super::pieces::Pieces;
use super::{Open, when};

/// Longest key that is compared.
const KEY_MAX: usize = 64;

/// Where in a JSON text a byte stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    #[default]
    Outside,
    /// In a string.
    String,
    /// Behind a `\` in it.
    Escape,
    /// In the digits of a `\u`: how many were read, and their value.
    Unicode(u8, u32),
}

/// Which strings are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Those of a key.
    Key(&'static str),
    /// The `value` beside `"field": "@message"`, as Logs Insights answers.
    Field,
    /// The second of every pair in `values`, as Loki answers.
    Pair,
}

/// The keys of an envelope's own time.
const TIME_KEYS: &[&[u8]] =
    &[b"timestamp", b"time", b"@timestamp", b"date", b"ts", b"_time", b"__REALTIME_TIMESTAMP"];

/// Gives wanted strings, each as a line of its own or as several.
#[derive(Debug)]
pub(super) struct Strings {
    wanted: Wanted,
    /// Whether a string without a line end goes on in the next, as Docker cuts long lines.
    joins: bool,
    at: At,
    /// The last string that is not wanted, or number.
    key: Vec<u8>,
    /// The key of the value that is read.
    of: Vec<u8>,
    /// What `field` was last.
    field: Vec<u8>,
    /// Whether the string that is read is wanted.
    is_wanted: bool,
    /// Brackets that are open; how many were when `values` began; strings since the last of them.
    depth: u32,
    values: Option<u32>,
    nth: u32,
    /// The time of the object at hand.
    at_us: Option<i64>,
    /// Whether the last byte that was given ended a line.
    at_line: bool,
    /// The first half of a character that UTF-16 makes of two.
    high: Option<u32>,
}

impl Strings {
    pub(super) fn new(wanted: Wanted, joins: bool) -> Self {
        Self {
            wanted,
            joins,
            at: At::Outside,
            key: Vec::new(),
            of: Vec::new(),
            field: Vec::new(),
            is_wanted: false,
            depth: 0,
            values: None,
            nth: 0,
            at_us: None,
            at_line: true,
            high: None,
        }
    }

    fn byte(&mut self, byte: u8, out: &mut Pieces) {
        match self.at {
            At::Outside => self.outside(byte, out),
            At::String => match byte {
                b'"' => self.end_string(out),
                b'\\' => self.at = At::Escape,
                _ => self.text(&[byte], out),
            },
            At::Escape => {
                self.at = At::String;
                match byte {
                    b'n' => self.text(b"\n", out),
                    b't' => self.text(b"\t", out),
                    b'r' => self.text(b"\r", out),
                    b'b' => self.text(b"\x08", out),
                    b'f' => self.text(b"\x0c", out),
                    b'u' => self.at = At::Unicode(0, 0),
                    other => self.text(&[other], out),
                }
            }
            At::Unicode(n, value) => {
                let Some(digit) = char::from(byte).to_digit(16) else {
                    // No escape after all: the string goes on, or ends, with this byte.
                    self.at = At::String;
                    self.byte(byte, out);
                    return;
                };
                let value = value * 16 + digit;
                self.at = if n == 3 { At::String } else { At::Unicode(n + 1, value) };
                if n == 3 {
                    self.unit(value, out);
                }
            }
        }
    }

    /// Takes a byte between strings.
    fn outside(&mut self, byte: u8, out: &mut Pieces) {
        match byte {
            b'"' => {
                self.at = At::String;
                self.is_wanted = match self.wanted {
                    Wanted::Key(key) => self.of == key.as_bytes(),
                    Wanted::Field => self.of == b"value" && self.field == b"@message",
                    Wanted::Pair => self.values.is_some() && self.nth == 1,
                };
                self.key.clear();
                if self.is_wanted && (self.at_line || !self.joins) {
                    out.begin(self.at_us);
                }
            }
            b':' => {
                std::mem::swap(&mut self.of, &mut self.key);
                self.key.clear();
            }
            b' ' | b'\t' | b'\n' | b'\r' => {}
            b'0'..=b'9' => {
                if self.key.len() < KEY_MAX {
                    self.key.push(byte);
                }
            }
            _ => {
                self.value();
                match byte {
                    b'[' | b'{' => {
                        self.depth = self.depth.saturating_add(1);
                        if byte == b'[' && self.of == b"values" {
                            self.values = Some(self.depth);
                        }
                        self.nth = 0;
                    }
                    b']' | b'}' => {
                        if self.values == Some(self.depth) {
                            self.values = None;
                        }
                        self.depth = self.depth.saturating_sub(1);
                        if byte == b'}' && self.wanted != Wanted::Field {
                            self.at_us = None;
                        }
                    }
                    _ => {}
                }
                self.of.clear();
                self.key.clear();
            }
        }
    }

    /// Looks at a value that has ended, and that is not wanted.
    fn value(&mut self) {
        if self.of == b"field" {
            std::mem::swap(&mut self.field, &mut self.key);
        } else if TIME_KEYS.contains(&self.of.as_slice())
            || (self.of == b"value" && self.field == b"@timestamp")
            || (self.values.is_some() && self.nth == 1)
        {
            self.at_us = when::parse(&self.key).or(self.at_us);
        }
    }

    fn end_string(&mut self, out: &mut Pieces) {
        self.at = At::Outside;
        self.nth += 1;
        if !self.is_wanted {
            return;
        }
        self.half(out);
        self.is_wanted = false;
        self.at_us = None;
        self.key.clear();
        self.of.clear();
        out.n_lines += usize::from(self.at_line);
        if !self.at_line && !self.joins {
            out.bytes.push(b'\n');
            self.at_line = true;
        }
    }

    /// Takes a unit of UTF-16.
    fn unit(&mut self, value: u32, out: &mut Pieces) {
        if (0xd800..0xdc00).contains(&value) {
            self.half(out);
            self.high = Some(value);
            return;
        }
        let whole = match self.high {
            Some(high) if (0xdc00..0xe000).contains(&value) => {
                self.high = None;
                0x10000 + ((high - 0xd800) << 10) + (value - 0xdc00)
            }
            _ => value,
        };
        let text = char::from_u32(whole).unwrap_or('\u{fffd}');
        self.text(text.encode_utf8(&mut [0; 4]).as_bytes(), out);
    }

    /// A half of a character whose other half is missing.
    fn half(&mut self, out: &mut Pieces) {
        if self.high.take().is_some() && self.is_wanted {
            self.at_line = false;
            out.text("\u{fffd}".as_bytes());
        }
    }

    fn text(&mut self, text: &[u8], out: &mut Pieces) {
        self.half(out);
        if self.is_wanted {
            self.at_line = text.ends_with(b"\n");
            out.text(text);
        } else if self.key.len() < KEY_MAX {
            self.key.extend_from_slice(text);
        }
    }
}

impl Open for Strings {
    fn push(&mut self, bytes: &[u8], out: &mut Pieces) {
        let mut rest = bytes;
        while let Some((&byte, later)) = rest.split_first() {
            if self.at == At::String && self.is_wanted && self.high.is_none() {
                // All up to the next quote or escape at once.
                let plain = memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
                let (text, behind) = rest.split_at_checked(plain).unwrap_or((rest, b""));
                if !text.is_empty() {
                    self.at_line = text.ends_with(b"\n");
                    out.text(text);
                    rest = behind;
                    continue;
                }
            }
            self.byte(byte, out);
            rest = later;
        }
    }
}

/// Which objects are records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// Those of the first array that is met, in an object or by itself.
    OfArray,
    /// Those that stand by themselves, over several lines.
    ByItself,
}

/// Gives objects, one to a line.
#[derive(Debug)]
pub(super) struct Objects {
    depth: u32,
    /// The depth of the objects of the array.
    of: Option<u32>,
    in_string: bool,
    escaped: bool,
}

impl Objects {
    pub(super) fn new(level: Level) -> Self {
        let of = match level {
            Level::OfArray => None,
            Level::ByItself => Some(1),
        };
        Self { depth: 0, of, in_string: false, escaped: false }
    }
}

impl Open for Objects {
    fn push(&mut self, bytes: &[u8], out: &mut Pieces) {
        for &byte in bytes {
            let inside = self.of.is_some_and(|of| self.depth >= of);
            if self.in_string {
                if self.escaped {
                    self.escaped = false;
                } else if byte == b'\\' {
                    self.escaped = true;
                } else if byte == b'"' {
                    self.in_string = false;
                }
                // A line end in a string is none of JSON: the object ends up on one line.
                if inside && byte != b'\n' {
                    out.bytes.push(byte);
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => {
                    self.depth = self.depth.saturating_add(1);
                    if byte == b'[' && self.of.is_none() {
                        self.of = Some(self.depth + 1);
                        continue;
                    }
                    if self.of == Some(self.depth) && byte == b'{' {
                        out.begin(None);
                    }
                }
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.of.is_some_and(|of| self.depth + 1 == of) && byte == b'}' {
                        out.bytes.extend_from_slice(b"}\n");
                        continue;
                    }
                }
                // Between the parts of an object, as a pretty printer puts them.
                b'\n' | b'\r' | b'\t' => continue,
                _ => {}
            }
            if self.of.is_some_and(|of| self.depth >= of) {
                out.bytes.push(byte);
            }
        }
    }
}
