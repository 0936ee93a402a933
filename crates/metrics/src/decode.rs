//! Bytes to text: byte order marks, UTF-16, and what spreadsheets save.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;

/// The text of a file, without its byte order mark.
///
/// UTF-16 is told by its mark or by zeros in every second byte; what is not UTF-8 is taken for
/// Windows-1252, which spreadsheets write for `µ` and `°`.
pub(crate) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let rest = bytes.get(mark..).unwrap_or_default();
        return encoding.decode_without_bom_handling(rest).0;
    }
    if let Some(encoding) = utf16_without_mark(bytes) {
        return encoding.decode_without_bom_handling(bytes).0;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        // A head or a truncated file may end in the middle of a character.
        Err(e) if e.error_len().is_none() => {
            String::from_utf8_lossy(bytes.get(..e.valid_up_to()).unwrap_or_default())
        }
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..bytes.len().min(128))?;
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
    fn a_micro_sign_saved_by_a_spreadsheet_is_read() {
        assert_eq!(decode(b"12 \xB5s\n"), "12 µs\n");
    }

    #[test]
    fn a_cut_character_at_the_end_does_not_change_the_encoding() {
        assert_eq!(decode(b"12 \xC2\xB5s,\xC2"), "12 µs,");
    }
}
