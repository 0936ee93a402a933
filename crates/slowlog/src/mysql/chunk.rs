//! A block of a slow log to compact records: everything that takes looking at bytes. What an
//! earlier block decides (the database of the last `use`, the last `# Time`) is left open.

use super::entries::{self, Entry};
use super::header::Header;
use super::time::Stamp;
use crate::asked::Names;
use crate::contexts::{self, kept_name};
use crate::fingerprint::Engine;
use crate::records::Work;
use crate::shapes::{Map, Shapes, Table};
use xxhash_rust::xxh3::xxh3_64;

/// Longest name of a user, database or host that is kept.
const NAME_MAX: usize = 255;
/// Longest text of a sample with literals.
pub(crate) const SAMPLE_MAX: usize = 8 * 1024;
/// Contexts (user, database, host) that a worker remembers.
const CONTEXTS_MAX: usize = 8_192;
/// Highest `Log_slow_rate_limit` that is believed, which is the server's own highest.
const RATE_MAX: u64 = 1_000;
/// A `# Time` farther from `SET timestamp` than this and the statement's own time is another
/// statement's, or one of a replica that repeats its primary's time.
const APART_US: i64 = 2_000_000;

/// When a statement ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// In microseconds since the epoch.
    Known(i64),
    /// By the server's clock, whose zone the log does not tell.
    Local(i64),
    /// As the last entry before this block.
    Inherited,
}

/// A compact record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rec {
    pub(crate) at: At,
    /// `Query_time` in microseconds.
    pub(crate) us: u64,
    pub(crate) work: Work,
    /// The server's error number; 0 without an error.
    pub(crate) error: u64,
    /// How many statements it stands for.
    pub(crate) weight: u64,
    /// Number of the context in the chunk.
    pub(crate) ctx: u32,
    /// Number of the fingerprint in the chunk.
    pub(crate) shape: u32,
    /// Line in the block, from 0.
    pub(crate) line: u32,
}

/// Who ran a statement, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Context {
    pub(crate) user: Box<[u8]>,
    /// `None`: as the last entry before this block.
    pub(crate) database: Option<Box<[u8]>>,
    pub(crate) host: Box<[u8]>,
}

impl contexts::Context for Context {
    // The log has no applications.
    fn names(&self) -> Names<'_> {
        [&self.user, self.database.as_deref().unwrap_or_default(), b"", &self.host]
    }

    fn kept(self, [user, database, _, host]: [bool; 4]) -> Self {
        Self {
            user: kept_name(self.user, user),
            database: Some(kept_name(self.database.unwrap_or_default(), database)),
            host: kept_name(self.host, host),
        }
    }
}

/// What one block gave.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    pub(crate) recs: Vec<Rec>,
    pub(crate) shapes: Table,
    pub(crate) contexts: Vec<Context>,
    /// With literals: the text of the longest execution of each shape.
    pub(crate) samples: Map<u32, (u64, Vec<u8>)>,
    pub(crate) rest: entries::Rest,
    pub(crate) bytes: u64,
    /// The database that the block ended with, if it named any.
    pub(crate) database: Option<Box<[u8]>>,
    /// The last time of the block.
    pub(crate) last: Option<At>,
    /// The block's buffer, to be used again.
    pub(crate) buffer: Vec<u8>,
}

impl Chunk {
    /// Nothing, with the room of what was there: what one thread makes and another drops would
    /// leave memory in pieces.
    fn emptied(mut self) -> Self {
        self.recs.clear();
        self.shapes.clear();
        self.contexts.clear();
        self.samples.clear();
        let Self { recs, shapes, contexts, samples, .. } = self;
        Self { recs, shapes, contexts, samples, ..Self::default() }
    }
}

/// Makes chunks, one after the other.
pub(crate) struct Scan {
    shapes: Shapes,
    contexts: Map<u64, (u64, u32)>,
    /// The context of the last entry.
    last: u32,
    n_chunk: u64,
    keep_literals: bool,
}

impl Scan {
    pub(crate) fn new(keep_literals: bool) -> Self {
        Self {
            shapes: Shapes::new(Engine::MySql),
            contexts: Map::default(),
            last: u32::MAX,
            n_chunk: 0,
            keep_literals,
        }
    }

    /// Begins a chunk of so many bytes.
    pub(crate) fn begin(&mut self, bytes: u64, spare: Chunk) -> Chunk {
        self.n_chunk += 1;
        self.last = u32::MAX;
        self.shapes.begin();
        if self.contexts.len() > CONTEXTS_MAX {
            self.contexts.clear();
        }
        Chunk { bytes, ..spare.emptied() }
    }

    /// Reads a block, which begins and ends where entries do.
    pub(crate) fn block(&mut self, block: &[u8], spare: Chunk) -> Chunk {
        let mut chunk = self.begin(block.len() as u64, spare);
        chunk.rest = entries::entries(block, |entry| self.entry(&mut chunk, entry));
        chunk
    }

    /// Takes an entry.
    pub(crate) fn entry(&mut self, chunk: &mut Chunk, entry: &Entry<'_>) {
        let named = entry.header.database;
        if let Some(now) = named.filter(|now| !now.is_empty())
            && chunk.database.as_deref() != Some(now)
        {
            chunk.database = Some(name(now));
        }
        let at = end_of(&entry.header).or(chunk.last).unwrap_or(At::Inherited);
        if at != At::Inherited {
            chunk.last = Some(at);
        }
        // `Schema:` may say that there is none; without it, it is that of the last `use`.
        match named {
            Some(named) => self.take(chunk, entry, at, Some(named)),
            None => {
                let last = chunk.database.clone();
                self.take(chunk, entry, at, last.as_deref());
            }
        }
    }

    fn take(&mut self, chunk: &mut Chunk, entry: &Entry<'_>, at: At, database: Option<&[u8]>) {
        let header = &entry.header;
        let us = header.query_us.unwrap_or(0);
        let shape = self.shapes.number(entry.sql, &mut chunk.shapes);
        if self.keep_literals {
            let sample = chunk.samples.entry(shape).or_default();
            if sample.1.is_empty() || us > sample.0 {
                let text = entry.sql.get(..SAMPLE_MAX).unwrap_or(entry.sql);
                *sample = (us, text.to_vec());
            }
        }
        let ctx = self.context(chunk, header.user, database, header.host);
        chunk.recs.push(Rec {
            at,
            us,
            work: Work {
                rows: header.rows_sent,
                rows_examined: header.rows_examined,
                lock_us: header.lock_us,
                full_scans: header.full_scan.map(u64::from),
                tmp_disk_tables: header.tmp_disk_tables,
            },
            error: header.error,
            weight: header.rate.unwrap_or(1).clamp(1, RATE_MAX),
            ctx,
            shape,
            line: entry.line,
        });
    }

    /// The number of a context in this chunk.
    fn context(
        &mut self,
        chunk: &mut Chunk,
        user: &[u8],
        database: Option<&[u8]>,
        host: &[u8],
    ) -> u32 {
        if let Some(last) = chunk.contexts.get(self.last as usize)
            && *last.user == *user
            && *last.host == *host
            && last.database.as_deref() == database
        {
            return self.last;
        }
        let key = xxh3_64(user)
            ^ xxh3_64(host).rotate_left(24)
            ^ database.map_or(1, |database| xxh3_64(database).rotate_left(48));
        let entry = self.contexts.entry(key).or_insert((0, 0));
        if entry.0 != self.n_chunk {
            let number = u32::try_from(chunk.contexts.len()).unwrap_or(u32::MAX);
            chunk.contexts.push(Context {
                user: name(user),
                database: database.map(name),
                host: name(host),
            });
            *entry = (self.n_chunk, number);
        }
        self.last = entry.1;
        entry.1
    }
}

fn name(bytes: &[u8]) -> Box<[u8]> {
    bytes.get(..NAME_MAX).unwrap_or(bytes).into()
}

/// When the statement ended.
///
/// `SET timestamp` decides: on every entry, and always in seconds since the epoch. It is the
/// statement's start in MariaDB and MySQL 8 and its end before; `# Time`, where the entry has
/// one with a zone, is the end to the microsecond, and is taken when the two agree.
fn end_of(header: &Header<'_>) -> Option<At> {
    let us = i64::try_from(header.query_us.unwrap_or(0)).unwrap_or(0);
    match (header.timestamp_us, header.time) {
        (Some(set), Some(Stamp::Utc(time))) => {
            let agree = time >= set - APART_US && time <= set + us + APART_US;
            Some(At::Known(if agree { time } else { set }))
        }
        (Some(set), _) if header.mariadb => Some(At::Known(set.saturating_add(us))),
        (Some(set), _) => Some(At::Known(set)),
        (None, Some(Stamp::Utc(time))) => Some(At::Known(time)),
        (None, Some(Stamp::Local(time))) => Some(At::Local(time)),
        (None, None) => None,
    }
}
