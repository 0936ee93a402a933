//! Strings and objects out of JSON, byte by byte: nothing is kept but a key.

/// Longest key that is compared.
const KEY_MAX: usize = 32;

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

/// Appends the strings of one key, each as a line of its own or as several.
#[derive(Debug)]
pub(crate) struct Strings {
    wanted: &'static str,
    at: At,
    key: Vec<u8>,
    /// Whether the last string was the wanted key and a `:` followed.
    is_next: bool,
    /// Whether the string that is read is wanted.
    is_wanted: bool,
    /// Whether the last byte that was appended ended a line.
    at_line: bool,
    /// The first half of a character that UTF-16 makes of two.
    high: Option<u32>,
}

impl Strings {
    pub(crate) fn new(wanted: &'static str) -> Self {
        Self {
            wanted,
            at: At::Outside,
            key: Vec::new(),
            is_next: false,
            is_wanted: false,
            at_line: true,
            high: None,
        }
    }

    pub(crate) fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let mut rest = bytes;
        while let Some((&byte, later)) = rest.split_first() {
            if self.at == At::String && self.is_wanted && self.high.is_none() {
                // All up to the next quote or escape at once.
                let plain = memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
                let (text, behind) = rest.split_at_checked(plain).unwrap_or((rest, b""));
                if !text.is_empty() {
                    self.at_line = text.ends_with(b"\n");
                    out.extend_from_slice(text);
                    rest = behind;
                    continue;
                }
            }
            self.byte(byte, out);
            rest = later;
        }
    }

    fn byte(&mut self, byte: u8, out: &mut Vec<u8>) {
        match self.at {
            At::Outside => match byte {
                b'"' => {
                    self.at = At::String;
                    self.is_wanted = self.is_next;
                    self.is_next = false;
                    self.key.clear();
                }
                b':' => self.is_next = self.key == self.wanted.as_bytes(),
                b' ' | b'\t' | b'\n' | b'\r' => {}
                _ => {
                    self.is_next = false;
                    self.key.clear();
                }
            },
            At::String => match byte {
                b'"' => {
                    self.at = At::Outside;
                    if self.is_wanted {
                        self.half(out);
                        self.key.clear();
                        if !self.at_line {
                            out.push(b'\n');
                            self.at_line = true;
                        }
                    }
                }
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

    /// Takes a unit of UTF-16.
    fn unit(&mut self, value: u32, out: &mut Vec<u8>) {
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
    fn half(&mut self, out: &mut Vec<u8>) {
        if self.high.take().is_some() && self.is_wanted {
            self.at_line = false;
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }

    fn text(&mut self, text: &[u8], out: &mut Vec<u8>) {
        self.half(out);
        if self.is_wanted {
            self.at_line = text.ends_with(b"\n");
            out.extend_from_slice(text);
        } else if self.key.len() <= KEY_MAX {
            self.key.extend_from_slice(text);
        }
    }
}

/// Appends the objects of an array, one to a line: those of the first array that is met, in an
/// object or by itself.
#[derive(Debug, Default)]
pub(crate) struct Objects {
    depth: u32,
    /// The depth of the objects of the array.
    of: Option<u32>,
    in_string: bool,
    escaped: bool,
}

impl Objects {
    pub(crate) fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
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
                if inside {
                    out.push(byte);
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
                }
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.of.is_some_and(|of| self.depth + 1 == of) && byte == b'}' {
                        out.extend_from_slice(b"}\n");
                        continue;
                    }
                }
                // Between the parts of an object, as a pretty printer puts them.
                b'\n' | b'\r' | b'\t' => continue,
                _ => {}
            }
            if self.of.is_some_and(|of| self.depth >= of) {
                out.push(byte);
            }
        }
    }
}
