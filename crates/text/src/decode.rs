//! Bytes to text: byte order marks, UTF-16, and what spreadsheets and consoles save.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;

/// Bytes that are looked at where there is no mark.
const HEAD_BYTES: usize = 128;

/// The text of a whole file, or of its start, without its byte order mark.
///
/// UTF-16 is told by [`utf16_of`]. What is not UTF-8 is taken for Windows-1252, the code page of
/// consoles, which spreadsheets write for `µ` and `°` too.
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let rest = bytes.get(mark..).unwrap_or_default();
        return encoding.decode_without_bom_handling(rest).0;
    }
    if let Some(encoding) = utf16_of(bytes) {
        return encoding.decode_without_bom_handling(bytes).0;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        // A head or a cut file may end in the middle of a character.
        Err(error) if error.error_len().is_none() => {
            String::from_utf8_lossy(bytes.get(..error.valid_up_to()).unwrap_or_default())
        }
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// Which UTF-16 a file is that begins with `head`, if it is: by its mark, or by zeros in every
/// second byte and in no other.
pub fn utf16_of(head: &[u8]) -> Option<&'static Encoding> {
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return (encoding != encoding_rs::UTF_8).then_some(encoding);
    }
    let head = head.get(..head.len().min(HEAD_BYTES))?;
    let zeros = |parity: usize| head.iter().skip(parity).step_by(2).filter(|b| **b == 0).count();
    let (even, odd, pairs) = (zeros(0), zeros(1), head.len() / 2);
    if pairs < 4 {
        None
    } else if odd * 10 > pairs * 9 && even == 0 {
        Some(UTF_16LE)
    } else if even * 10 > pairs * 9 && odd == 0 {
        Some(UTF_16BE)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn marks_are_taken_off_and_utf16_is_read_with_and_without_one() {
        assert_eq!(decode(b"\xEF\xBB\xBFTime"), "Time");
        assert_eq!(decode(b"\xFF\xFET\0i\0m\0e\0"), "Time");
        assert_eq!(decode(b"T\0i\0m\0e\0,\0"), "Time,");
        assert_eq!(decode(b"\0T\0i\0m\0e\0,"), "Time,");
    }

    #[test]
    fn code_pages_are_read() {
        assert_eq!(decode(b"12 \xB5s\n"), "12 µs\n");
    }

    #[test]
    fn a_cut_character_at_the_end_does_not_change_the_encoding() {
        assert_eq!(decode(b"12 \xC2\xB5s,\xC2"), "12 µs,");
    }
}
