//! Who a session is, by number.

use super::{Context, Fields, NAME_MAX, Scan};
use xxhash_rust::xxh3::xxh3_64;

impl Scan {
    /// The number of a context in this chunk.
    pub(super) fn context(&mut self, fields: &Fields<'_>) -> u32 {
        if let Some(last) = self.chunk.contexts.get(self.last as usize)
            && *last.user == *fields.user
            && *last.host == *fields.host
            && *last.application == *fields.application
            && *last.database == *fields.database
        {
            return self.last;
        }
        let key = xxh3_64(fields.user)
            ^ xxh3_64(fields.database).rotate_left(16)
            ^ xxh3_64(fields.application).rotate_left(32)
            ^ xxh3_64(fields.host).rotate_left(48);
        let name = |bytes: &[u8]| -> Box<[u8]> {
            bytes.get(..bytes.len().min(NAME_MAX)).unwrap_or_default().into()
        };
        let entry = self.contexts.entry(key).or_insert((0, 0));
        let number = if entry.0 == self.n_chunk {
            entry.1
        } else {
            let number = u32::try_from(self.chunk.contexts.len()).unwrap_or(u32::MAX);
            self.chunk.contexts.push(Context {
                user: name(fields.user),
                database: name(fields.database),
                application: name(fields.application),
                host: name(fields.host),
            });
            *entry = (self.n_chunk, number);
            number
        };
        self.last = number;
        number
    }
}
