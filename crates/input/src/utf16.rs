//! UTF-16 as UTF-8: what Windows' servers, Notepad and PowerShell's `>` write.
//!
//! Every format that is read is ASCII at heart, so this is the one place that looks at it.

use crate::reader::Notes;
use encoding_rs::{Decoder, DecoderResult, Encoding};
use std::io::{self, Read};

/// Bytes taken from the inner reader at a time.
const BLOCK_BYTES: usize = 32 << 10;
/// Most bytes that a step of decoding may want to write at least.
const ROOM_BYTES: usize = 16;

/// A member of UTF-16, read as UTF-8 without its mark.
pub(crate) struct Utf16<R> {
    inner: R,
    decoder: Decoder,
    encoding: &'static Encoding,
    notes: Notes,
    stored: Vec<u8>,
    /// How many of `stored` were decoded.
    taken: usize,
    text: Vec<u8>,
    /// How many of `text` were given.
    given: usize,
    n_broken: u64,
    ended: bool,
}

impl<R: Read> Utf16<R> {
    pub(crate) fn new(inner: R, encoding: &'static Encoding, notes: Notes) -> Self {
        Self {
            inner,
            decoder: encoding.new_decoder_with_bom_removal(),
            encoding,
            notes,
            stored: Vec::new(),
            taken: 0,
            text: Vec::new(),
            given: 0,
            n_broken: 0,
            ended: false,
        }
    }

    /// Reads and decodes the next block; nothing more at the end.
    fn step(&mut self) -> io::Result<()> {
        let mut at_end = false;
        if self.taken >= self.stored.len() {
            self.stored.resize(BLOCK_BYTES, 0);
            let n_bytes = self.inner.read(&mut self.stored)?;
            self.stored.truncate(n_bytes);
            self.taken = 0;
            at_end = n_bytes == 0;
        }
        self.text.resize(2 * BLOCK_BYTES + ROOM_BYTES, 0);
        self.given = 0;
        let stored = self.stored.get(self.taken..).unwrap_or_default();
        let (result, n_read, n_written) =
            self.decoder.decode_to_utf8_without_replacement(stored, &mut self.text, at_end);
        self.taken += n_read;
        self.text.truncate(n_written);
        if let DecoderResult::Malformed(..) = result {
            self.n_broken += 1;
            self.text.extend_from_slice("\u{fffd}".as_bytes());
        }
        self.ended = at_end && result == DecoderResult::InputEmpty;
        if self.ended {
            self.notes.add(format!("{}: read as UTF-8", self.encoding.name()), "");
            if self.n_broken > 0 {
                let reason = format!("{} characters that are no UTF-16", self.n_broken);
                self.notes.add(reason, "");
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given >= self.text.len() {
            if self.ended || out.is_empty() {
                return Ok(0);
            }
            self.step()?;
        }
        let rest = self.text.get(self.given..).unwrap_or_default();
        let n_bytes = rest.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..n_bytes), rest.get(..n_bytes)) {
            to.copy_from_slice(from);
        }
        self.given += n_bytes;
        Ok(n_bytes)
    }
}

/// A head of UTF-16 as UTF-8; a character that the end cuts is left out.
pub(crate) fn head(stored: &[u8], encoding: &'static Encoding) -> Vec<u8> {
    let mut text = String::with_capacity(2 * stored.len());
    let mut decoder = encoding.new_decoder_with_bom_removal();
    let _ = decoder.decode_to_string(stored, &mut text, false);
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decoded(stored: &[u8], step: usize) -> (String, Vec<String>) {
        let encoding = text::utf16_of(stored).expect("UTF-16");
        let notes = Notes::default();
        let mut reader = Utf16::new(Slowly(stored, step), encoding, notes.clone());
        let mut text = String::new();
        reader.read_to_string(&mut text).expect("UTF-8");
        (text, notes.get().iter().map(|issue| issue.reason.clone()).collect())
    }

    struct Slowly<'a>(&'a [u8], usize);

    impl Read for Slowly<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let n_bytes = self.0.len().min(self.1).min(out.len());
            out[..n_bytes].copy_from_slice(&self.0[..n_bytes]);
            self.0 = &self.0[n_bytes..];
            Ok(n_bytes)
        }
    }

    fn utf16(text: &str, big: bool) -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    }

    proptest! {
        #[test]
        fn any_text_is_read_however_it_is_cut(text in "\\PC{0,80}", big: bool, step in 1usize..9) {
            let (read, said) = decoded(&utf16(&text, big), step);
            prop_assert_eq!(read, text);
            prop_assert_eq!(said, [format!("UTF-16{}: read as UTF-8", if big { "BE" } else { "LE" })]);
        }

        #[test]
        fn any_bytes_behind_a_mark_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200), step in 1usize..9) {
            decoded(&[&b"\xff\xfe"[..], &bytes].concat(), step);
        }
    }

    #[test]
    fn half_a_character_is_counted() {
        let (text, said) = decoded(b"\xff\xfea\0\x00\xd8b\0c", 3);
        assert_eq!(text, "a\u{fffd}b\u{fffd}");
        assert!(said.contains(&"2 characters that are no UTF-16".to_owned()), "{said:?}");
    }
}
