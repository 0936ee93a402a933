//! The pass that makes the text of a fingerprint.

use super::{Engine, Fingerprint, FingerprintId};

/// Makes fingerprints one after the other, in buffers that are kept.
#[derive(Debug, Default)]
pub struct Fingerprinter {
    text: Vec<u8>,
}

impl Fingerprinter {
    /// The whole fingerprint. See [`super::fingerprint`].
    pub fn fingerprint(&mut self, sql: &[u8], engine: Engine) -> Fingerprint {
        let text = String::from_utf8_lossy(self.text(sql, engine)).into_owned();
        Fingerprint { id: FingerprintId::of(text.as_bytes()), text, ..Fingerprint::default() }
    }

    /// The text alone, without allocation once the buffers have grown.
    pub fn text(&mut self, sql: &[u8], _engine: Engine) -> &[u8] {
        self.text.clear();
        self.text.extend(sql.iter().map(u8::to_ascii_lowercase));
        &self.text
    }
}
