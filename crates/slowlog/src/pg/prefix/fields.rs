//! What a prefix says about its record.

/// What a prefix says about its record.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fields<'a> {
    /// Microseconds since the epoch.
    pub(crate) at_us: Option<i64>,
    /// Whether the time has another precision than the prefix says: read all the same.
    pub(crate) other_precision: bool,
    /// How many numbers besides were read: a prefix that reads as much with more of them fits
    /// better.
    pub(crate) numbers: usize,
    pub(crate) pid: Option<u32>,
    pub(crate) session: &'a [u8],
    pub(crate) user: &'a [u8],
    pub(crate) database: &'a [u8],
    pub(crate) application: &'a [u8],
    pub(crate) host: &'a [u8],
}

impl Fields<'_> {
    /// Whether the names could be names: a wrong prefix takes brackets and keys for them.
    pub(super) fn plausible(&self) -> bool {
        let address = |text: &[u8]| {
            text.iter().filter(|byte| **byte == b'.').count() == 3
                && text.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
        };
        let name = |text: &[u8]| {
            text == b"[unknown]"
                || !address(text)
                    && !text.iter().any(|byte| {
                        matches!(byte, b'[' | b']' | b'=' | b',' | b':' | b'(' | b')' | b' ')
                    })
        };
        // A number alone is a `%Q` or `%l`.
        let host = |text: &[u8]| {
            text.is_empty()
                || text == b"[local]"
                || text.iter().all(|byte| {
                    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':' | b'-' | b'_' | b'%')
                }) && text
                    .iter()
                    .any(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'.' | b':'))
        };
        let application = |text: &[u8]| {
            text == b"[unknown]" || !text.iter().any(|byte| matches!(byte, b'=' | b'[' | b']'))
        };
        !self.other_precision
            && name(self.user)
            && name(self.database)
            && !self.database.iter().any(|byte| matches!(byte, b'/' | b'@'))
            && host(self.host)
            && application(self.application)
    }

    /// How much is said.
    pub(super) fn said(&self) -> usize {
        usize::from(self.pid.is_some())
            + [self.user, self.database, self.application, self.host]
                .iter()
                .filter(|text| !text.is_empty())
                .count()
    }
}
