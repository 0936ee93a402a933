//! How a PostgreSQL log is laid out: recognised by content, cut into blocks, scanned.

use super::clock::Clock;
use super::prefix::{self, Prefix};
use super::scan::Scan;
use super::stderr::{self, Lines};
use super::wrapped::{self, Unwrap};
use super::{csv, generic, json};
use memchr::{memchr_iter, memmem};

/// A layout of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Lines with a prefix.
    Stderr(Lines),
    /// csvlog.
    Csv,
    /// One object per line.
    Json,
}

/// A recognised layout: what it is called, and how sure its content is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recognised {
    pub(crate) layout: Layout,
    pub(crate) name: &'static str,
    pub(crate) score: u8,
    /// Whether each line has a collector's head that is taken off first.
    pub(crate) wrapped: bool,
}

/// Names of the layouts, in the order in which they are tried.
pub(crate) const NAMES: [&str; 8] = [
    "postgresql jsonlog",
    "postgresql cloudnativepg",
    "postgresql azure",
    "postgresql cloud sql",
    "postgresql csvlog",
    "postgresql stderr",
    "postgresql syslog",
    "postgresql logplex",
];

/// Lines of a head that are looked at for each layout.
const LINES_MAX: usize = 200;

/// Words that only a PostgreSQL server writes.
static WORDS: &[&str] = &[
    "duration: ",
    "checkpoint starting",
    "checkpoint complete",
    "connection received: host=",
    "connection authorized: ",
    "disconnection: session time",
    "database system ",
    "automatic vacuum of table",
    "automatic analyze of table",
    "STATEMENT:  ",
    "DETAIL:  ",
    "too many clients already",
    "listening on IPv",
    "temporary file: path",
    "canceling statement due to",
    "still waiting for ",
    "starting PostgreSQL",
    "LOG:  00000: ",
    "no pg_hba.conf entry",
    "could not receive data from client",
    "restartpoint ",
    "recovery still waiting",
    "replication",
    "archive command",
    "LOG:  statement: ",
    "terminating connection",
    "remaining connection slots",
    "parameter \"",
    "autovacuum",
];

/// Recognises the layout of a log by its first bytes.
pub(crate) fn recognise(head: &[u8], whole: bool, given: Option<&Prefix>) -> Option<Recognised> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    if given.is_none() {
        if let Some(found) = recognise_json(head, whole) {
            return Some(found);
        }
        if let Some(found) = recognise_csv(head) {
            return Some(found);
        }
    }
    if let Some(found) = given.and_then(|given| recognise_lines(head, given)) {
        return Some(found);
    }
    if let Some(name) = wrapped::name_of(head) {
        let mut unwrap = Unwrap::new("", None);
        let mut lines = Vec::new();
        unwrap.push(head, &mut lines);
        unwrap.end(&mut lines);
        // The head gives time and process id; a named prefix is what follows.
        let full = given
            .filter(|given| !given.has_time())
            .and_then(|given| Prefix::compile(&format!("%m [%p]: {}", given.text)));
        if let Some(found) = recognise_stderr(&lines, full.as_ref().or(given)) {
            return Some(Recognised { name, wrapped: true, ..found });
        }
    }
    recognise_stderr(head, given)
}

/// Recognises the layout of that name, if it is that: those that show themselves are not looked for
/// in every other way as well.
pub(crate) fn recognise_as(name: &str, head: &[u8], whole: bool) -> Option<Recognised> {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let found = match NAMES.iter().position(|known| *known == name)? {
        0..=3 => recognise_json(text, whole),
        4 if recognise_json(text, whole).is_none() => recognise_csv(text),
        4 => None,
        _ => recognise(head, whole, None),
    };
    found.filter(|found| found.name == name)
}

/// Recognises lines that begin with a named prefix as they stand: that leaves no question of a
/// collector.
pub(crate) fn recognise_lines(head: &[u8], given: &Prefix) -> Option<Recognised> {
    recognise_stderr(head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head), Some(given))
}

fn recognise_json(head: &[u8], whole: bool) -> Option<Recognised> {
    let lines: Vec<&[u8]> = head.split(|byte| *byte == b'\n').collect();
    let n_whole = if whole || lines.len() == 1 { lines.len() } else { lines.len() - 1 };
    let mut names: Vec<&'static str> = Vec::new();
    let mut seen = 0;
    for line in lines.iter().take(n_whole.min(LINES_MAX)) {
        let line = line.trim_ascii();
        let line = line.strip_prefix(b"[").unwrap_or(line).trim_ascii();
        if line.is_empty() || line == b"]" {
            continue;
        }
        seen += 1;
        names.extend(json::form_of(line));
    }
    let name = *names.first()?;
    (names.len() * 2 > seen).then_some(Recognised {
        layout: Layout::Json,
        name,
        score: 90,
        wrapped: false,
    })
}

fn recognise_csv(head: &[u8]) -> Option<Recognised> {
    let mut clock = Clock::new(None);
    let mut at = 0;
    // A log that was cut begins inside a row.
    for _ in 0..LINES_MAX {
        let rest = head.get(at..)?;
        if csv::is_start(rest, &mut clock) && csv::is_row(rest) {
            return Some(Recognised {
                layout: Layout::Csv,
                name: "postgresql csvlog",
                score: 90,
                wrapped: false,
            });
        }
        at += memchr::memchr(b'\n', rest)? + 1;
    }
    None
}

fn recognise_stderr(head: &[u8], given: Option<&Prefix>) -> Option<Recognised> {
    let stamped =
        head.split(|byte| *byte == b'\n').take(20).filter(|line| is_stamped(line)).count() > 0;
    let stripped: Vec<u8>;
    let lines = if stamped {
        stripped = head
            .split(|byte| *byte == b'\n')
            .map(|line| stderr::stamp_len(line).and_then(|len| line.get(len..)).unwrap_or_default())
            .collect::<Vec<_>>()
            .join(&b'\n');
        stripped.as_slice()
    } else {
        head
    };
    let prefix = match given {
        Some(prefix) => Some(prefix.clone()),
        None => {
            // One that reads a few lines of a kind is worse than looking at each piece by piece.
            let mut clock = Clock::new(None);
            let readable = lines
                .split(|byte| *byte == b'\n')
                .filter(|line| !line.is_empty() && !line.starts_with(b"\t"))
                .take(prefix::LINES_MAX)
                .filter(|line| generic::begins_with_time(line, &mut clock))
                .filter(|line| generic::read(line, &mut Clock::new(None)).is_some())
                .count();
            prefix::infer(lines).filter(|(_, read)| read * 2 >= readable).map(|(prefix, _)| prefix)
        }
    };
    let form = Lines { prefix, stamped };
    let mut clock = Clock::new(None);
    let (mut seen, mut read, mut wide, mut with_pid) = (0usize, 0usize, 0usize, 0usize);
    let mut as_given = 0;
    let mut worded = false;
    for line in head.split(|byte| *byte == b'\n').take(LINES_MAX * 5) {
        if line.is_empty() || matches!(line.first(), Some(b'\t' | b' ')) {
            continue;
        }
        seen += 1;
        let Some((fields, found, at)) = form.start(line, &mut clock) else { continue };
        read += 1;
        if let Some(given) = given {
            let skip = if stamped { stderr::stamp_len(line).unwrap_or(0) } else { 0 };
            as_given += usize::from(given.read(line.get(skip..)?, &mut clock).is_some());
        }
        wide += usize::from(line.get(at.saturating_sub(3)..at) == Some(b":  "));
        with_pid += usize::from(fields.pid.is_some());
        let rest = line.get(at.saturating_sub(found.len)..).unwrap_or_default();
        worded |= WORDS.iter().any(|word| memmem::find(rest, word.as_bytes()).is_some());
    }
    // A prefix that is named has to read what is there: the setting may have been changed, but lines
    // that only look like those of some log are no reason to believe it.
    let enough = if given.is_some() { as_given * 10 >= read } else { read * 10 >= seen };
    if read == 0 || !enough {
        return None;
    }
    let score = if worded && wide * 2 >= read {
        85
    } else if wide * 10 >= read * 9 && with_pid * 2 >= read {
        70
    } else if worded && with_pid > 0 {
        60
    } else if given.is_some() {
        50
    } else {
        return None;
    };
    Some(Recognised {
        layout: Layout::Stderr(form),
        name: "postgresql stderr",
        score,
        wrapped: false,
    })
}

/// Whether a line has the time of a collector before that of the server.
fn is_stamped(line: &[u8]) -> bool {
    let Some(rest) = stderr::stamp_len(line).and_then(|len| line.get(len..)) else { return false };
    Clock::new(None).parse(rest).is_some() && generic::read(rest, &mut Clock::new(None)).is_some()
}

/// Lines at the start of a block that are looked at to see whether the prefix still holds.
const PROBED: usize = 12;
/// Bytes of a block that a new prefix is inferred from.
const HEAD: usize = 64 * 1024;

impl Layout {
    /// Where the last record of a block begins; `None` when it holds no second one.
    pub(crate) fn cut(&self, block: &[u8]) -> Option<usize> {
        match self {
            Self::Stderr(lines) => lines.cut(block),
            Self::Csv => csv::cut(block),
            Self::Json => json::cut(block),
        }
    }

    /// Where the first record behind the first line end begins.
    pub(crate) fn next_start(&self, bytes: &[u8]) -> Option<usize> {
        let mut clock = Clock::new(None);
        memchr_iter(b'\n', bytes).map(|at| at + 1).find(|at| {
            bytes.get(*at..).is_some_and(|line| match self {
                Self::Stderr(lines) => lines.start(line, &mut clock).is_some(),
                Self::Csv => csv::is_start(line, &mut clock),
                Self::Json => line.first() == Some(&b'{'),
            })
        })
    }

    /// Reads a block.
    pub(crate) fn scan(&self, block: &[u8], scan: &mut Scan) {
        match self {
            Self::Stderr(lines) => lines.scan(block, scan),
            Self::Csv => csv::scan(block, scan),
            Self::Json => json::scan(block, scan),
        }
    }

    /// The layout with another prefix, where most lines of a block no longer have this one: the
    /// setting was changed, or the first bytes did not show enough.
    pub(crate) fn follow(&self, block: &[u8]) -> Option<Self> {
        let Self::Stderr(lines) = self else { return None };
        let prefix = lines.prefix.as_ref()?;
        let mut clock = Clock::new(None);
        let (mut seen, mut strange) = (0, 0);
        for line in block.split(|byte| *byte == b'\n').take(PROBED * 8) {
            if seen >= PROBED {
                break;
            }
            if lines.start(line, &mut clock).is_some() {
                seen += 1;
                let line = if lines.stamped {
                    stderr::stamp_len(line).and_then(|len| line.get(len..)).unwrap_or_default()
                } else {
                    line
                };
                strange += usize::from(prefix.read(line, &mut clock).is_none());
            }
        }
        if strange < 2 || strange * 2 < seen {
            return None;
        }
        let head = block.get(..block.len().min(HEAD))?;
        let found = recognise_stderr(head, None)?;
        (found.layout != *self).then_some(found.layout)
    }

    /// The `log_line_prefix` that is read, or empty.
    pub(crate) fn prefix(&self) -> &str {
        match self {
            Self::Stderr(lines) => lines.prefix.as_ref().map_or("", |prefix| prefix.text.as_str()),
            Self::Csv | Self::Json => "",
        }
    }
}
