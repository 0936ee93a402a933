//! Reading a database log: recognised by its first bytes, then pushed in.

mod refusal;

use crate::asked::{Filter, Party};
use crate::envelope::{self, Opener};
use crate::fingerprint::Engine;
use crate::mysql::{self, azure::AzureSlowLog, run::SlowLogFile, table::SlowLogTable};
use crate::others;
use crate::pg::layout::{self, Layout, Recognised};
use crate::pg::prefix::Prefix;
use crate::pg::wrapped::{Unwrap, years::Until};
use crate::pg::{report, run::Run};
use crate::pgbouncer::{self, PgBouncerLog};
use crate::records::SlowLog;
use crate::statements::{self, Statements};
use chrono_tz::Tz;
use model::{Format, Head, Parsed, Sink};
use refusal::{first_lines, may_have_prefix};

pub use refusal::NotRecognised;

/// How to read.
#[derive(Clone, Debug)]
pub struct Options {
    /// Threads that look at bytes; the result is the same for any number. 0 and 1: the thread
    /// that pushes.
    pub threads: usize,
    /// PostgreSQL's `log_line_prefix`, when it is known; else it is inferred.
    pub prefix: Option<String>,
    /// Whether samples keep their literals: only for the engineer's own eyes.
    pub keep_literals: bool,
    /// The zone of times that have none or one with several meanings; else UTC.
    pub tz: Option<Tz>,
    /// The latest moment that the log can be of: of times without a year, as syslog has them, it
    /// tells the year, where neither records nor the file's name do.
    pub until: Option<Until>,
    /// Which statements count; events, locks and schema changes do whatever they are of.
    pub filter: Filter,
    /// By whom statements are told apart, instead of by fingerprint.
    pub by: Option<Party>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            threads: 1,
            prefix: None,
            keep_literals: false,
            tz: None,
            until: None,
            filter: Filter::default(),
            by: None,
        }
    }
}

/// Reads a database log.
///
/// - Input: a log in any of [`FORMATS`], whole or cut anywhere, in any encoding.
/// - Output: queries, locks and events added up; memory is bounded whatever the log holds.
/// - Issues: lines that are part of no record, records too long, odd durations and times.
pub struct Reader {
    inner: Inner,
    /// What stands around the log, and what was taken out of it and not yet read.
    envelope: Option<(Opener, Vec<u8>)>,
}

/// Bytes of an envelope that are opened at a time.
const OPEN_BYTES: usize = 128 * 1024;

/// The reader of one family of formats.
enum Inner {
    PostgreSql { run: Box<Run>, format: &'static str },
    SlowLogFile(Box<SlowLogFile>),
    SlowLogTable(Box<SlowLogTable>),
    AzureSlowLog(Box<AzureSlowLog>),
    PgBouncer(Box<PgBouncerLog>),
    Statements(Box<Statements>),
}

impl Reader {
    /// A reader for a source that begins with `head`; the head has to be pushed too.
    ///
    /// # Errors
    /// When no format fits the head, or the named prefix does not.
    pub fn new(options: &Options, head: &Head<'_>, label: &str) -> Result<Self, NotRecognised> {
        let given = options.prefix.as_deref().and_then(Prefix::compile);
        let as_given = given.is_some_and(|it| layout::recognise_lines(head.bytes, &it).is_some());
        let Some(found) = envelope::detect(head).filter(|_| !as_given) else {
            return Ok(Self { inner: Inner::asked(options, head, label)?, envelope: None });
        };
        let inside = envelope::inside(&found, head.bytes);
        let inner_head = Head { bytes: &inside, whole: false, ..*head };
        let inner = Inner::asked(options, &inner_head, label)?;
        Ok(Self { inner, envelope: Some((Opener::new(found), Vec::new())) })
    }

    /// Whether the log's times have no year, and nothing tells it: with [`Options::until`] it
    /// would be known.
    pub fn wants_year(&self) -> bool {
        matches!(&self.inner, Inner::PostgreSql { run, .. } if run.wants_year())
    }
}

impl Inner {
    /// A reader for a log by itself, that counts what is asked for.
    fn asked(options: &Options, head: &Head<'_>, label: &str) -> Result<Self, NotRecognised> {
        let mut inner = Self::new(options, head, label)?;
        let Options { filter, by, .. } = options;
        match &mut inner {
            Self::PostgreSql { run, .. } => run.fold.queries.ask(filter, *by),
            Self::SlowLogFile(file) => file.ask(filter, *by),
            Self::SlowLogTable(table) => table.ask(filter, *by),
            Self::AzureSlowLog(log) => log.ask(filter, *by),
            // A pooler's log has no statements.
            Self::PgBouncer(_) => {}
            Self::Statements(statements) => statements.ask(filter, *by),
        }
        Ok(inner)
    }

    /// A reader for a log by itself.
    fn new(options: &Options, head: &Head<'_>, label: &str) -> Result<Self, NotRecognised> {
        if options.prefix.is_none()
            && let Some(inner) = Self::other(options, head, label)
        {
            return Ok(inner);
        }
        let prefix = match &options.prefix {
            Some(text) => Some(
                Prefix::compile(text)
                    .ok_or_else(|| NotRecognised::Escape { prefix: text.clone() })?,
            ),
            None => None,
        };
        let mut found = layout::recognise(head.bytes, head.whole, prefix.as_ref());
        let mut inferred = None;
        if found.is_none() && prefix.is_some() {
            // A prefix is of logs on standard error; other formats have none.
            if let Some(inner) = Self::other(options, head, label) {
                return Ok(inner);
            }
            match layout::recognise(head.bytes, head.whole, None) {
                Some(Recognised { layout: Layout::Stderr(lines), .. }) => {
                    inferred = lines.prefix.map(|prefix| prefix.text);
                }
                other => found = other,
            }
        }
        let Some(Recognised { layout, name, wrapped, .. }) = found else {
            if mysql::azure::is_audit(head.bytes) {
                return Err(NotRecognised::Audit { label: label.to_owned() });
            }
            return Err(match &options.prefix {
                Some(prefix) => NotRecognised::Prefix {
                    label: label.to_owned(),
                    prefix: prefix.clone(),
                    inferred,
                    first_lines: first_lines(head),
                },
                None => match others::of(head.bytes) {
                    Some(other) => NotRecognised::Other {
                        label: label.to_owned(),
                        what: other.what,
                        remedy: other.remedy,
                    },
                    None => NotRecognised::Format {
                        label: label.to_owned(),
                        first_lines: first_lines(head),
                        tried: FORMATS.iter().map(|format| format.name).collect(),
                        lines_have_prefix: may_have_prefix(head.bytes),
                    },
                },
            });
        };
        let fixed = prefix.is_some() || !matches!(layout, Layout::Stderr(_));
        let run =
            Run::new(layout, fixed, options.threads, options.tz, options.keep_literals, label);
        let run = if wrapped {
            run.unwrapping(Unwrap::of(head.path, options.until, head.bytes))
        } else {
            run
        };
        Ok(Self::PostgreSql { run: Box::new(run), format: name })
    }

    /// A reader of anything but logs of PostgreSQL, if it is that.
    fn other(options: &Options, head: &Head<'_>, label: &str) -> Option<Self> {
        // It has the banner of a slow query log, and nothing else of it.
        if others::is_general_log(head.bytes) {
            return None;
        }
        // Each format of PostgreSQL would look at the same lines again.
        let of_postgresql = layout::recognise(head.bytes, head.whole, None);
        let scores = FORMATS.iter().map(|format| {
            let score = if layout::NAMES.contains(&format.name) {
                let named = of_postgresql.as_ref().filter(|found| found.name == format.name);
                named.map_or(0, |found| found.score)
            } else {
                (format.score)(head)
            };
            (score, format)
        });
        let (_, best) = scores.max_by_key(|(score, _)| *score).filter(|(score, _)| *score > 0)?;
        let Options { threads, tz, keep_literals, .. } = *options;
        if best.name == mysql::FILE_FORMAT.name {
            return Some(Self::SlowLogFile(Box::new(SlowLogFile::new(
                label,
                threads,
                tz,
                keep_literals,
            ))));
        }
        if best.name == mysql::table::FORMAT.name {
            let table = SlowLogTable::new(head, label, tz, keep_literals);
            return Some(Self::SlowLogTable(Box::new(table)));
        }
        if best.name == mysql::azure::FORMAT.name {
            let log = AzureSlowLog::new(label, tz, keep_literals);
            return Some(Self::AzureSlowLog(Box::new(log)));
        }
        if best.name == pgbouncer::FORMAT.name {
            return Some(Self::PgBouncer(Box::new(PgBouncerLog::new(label, tz))));
        }
        for (format, engine) in [
            (statements::PG_FORMAT, Engine::PostgreSql),
            (statements::DIGEST_FORMAT, Engine::MySql),
        ] {
            if best.name == format.name {
                let statements = Statements::new(head, label, engine);
                return Some(Self::Statements(Box::new(statements)));
            }
        }
        None
    }
}

impl Sink for Reader {
    type Records = SlowLog;

    fn push(&mut self, bytes: &[u8]) {
        let Some((opener, lines)) = &mut self.envelope else {
            self.inner.push(bytes);
            return;
        };
        for part in bytes.chunks(OPEN_BYTES) {
            opener.push(part, lines);
            self.inner.push(lines);
            lines.clear();
        }
    }

    fn finish(mut self) -> Parsed<SlowLog> {
        let Some((mut opener, mut lines)) = self.envelope.take() else {
            return self.inner.finish();
        };
        let issues = opener.end(&mut lines);
        self.inner.push(&lines);
        let mut parsed = self.inner.finish();
        parsed.issues.merge(issues);
        parsed
    }
}

impl Inner {
    fn push(&mut self, bytes: &[u8]) {
        match self {
            Self::PostgreSql { run, .. } => run.push(bytes),
            Self::SlowLogFile(file) => file.push(bytes),
            Self::SlowLogTable(table) => table.push(bytes),
            Self::AzureSlowLog(log) => log.push(bytes),
            Self::PgBouncer(log) => log.push(bytes),
            Self::Statements(statements) => statements.push(bytes),
        }
    }

    fn finish(self) -> Parsed<SlowLog> {
        match self {
            Self::PostgreSql { run, format } => report::parsed(*run, format),
            Self::SlowLogFile(file) => file.finish(),
            Self::SlowLogTable(table) => table.finish(),
            Self::AzureSlowLog(log) => log.finish(),
            Self::PgBouncer(log) => log.finish(),
            Self::Statements(statements) => statements.finish(),
        }
    }
}

/// The score of one PostgreSQL format.
fn score(head: &Head<'_>, name: &str) -> u8 {
    layout::recognise_as(name, head.bytes, head.whole).map_or(0, |found| found.score)
}

/// A format of PostgreSQL by its place in the list of names.
macro_rules! postgresql {
    ($index:literal) => {
        Format {
            name: layout::NAMES[$index],
            kind: "database log",
            score: |head| score(head, layout::NAMES[$index]),
        }
    };
}

/// The formats that a [`Reader`] reads.
pub static FORMATS: &[Format] = &[
    postgresql!(0),
    postgresql!(1),
    postgresql!(2),
    postgresql!(3),
    postgresql!(4),
    postgresql!(5),
    postgresql!(6),
    postgresql!(7),
    mysql::FILE_FORMAT,
    mysql::table::FORMAT,
    mysql::azure::FORMAT,
    mysql::azure::AUDIT_FORMAT,
    pgbouncer::FORMAT,
    statements::PG_FORMAT,
    statements::DIGEST_FORMAT,
    envelope::FORMAT,
];
