//! Bytes to text: PowerShell redirects as UTF-16.

use encoding_rs::{Encoding, WINDOWS_1252};
use std::borrow::Cow;

/// The text of a file, without its byte order mark.
///
/// Clients write UTF-8; a redirection in PowerShell makes UTF-16 of it, with a mark. What is
/// neither is taken for Windows-1252, the code page of consoles.
pub(crate) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default()).0;
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

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn marks_are_taken_off_and_code_pages_are_read() {
        assert_eq!(decode(b"\xEF\xBB\xBFpid"), "pid");
        assert_eq!(decode(b"\xFF\xFEp\0i\0d\0"), "pid");
        assert_eq!(decode(b"M\xFCller"), "Müller");
        assert_eq!(decode("Mül".as_bytes().get(..2).unwrap()), "M");
    }
}
