//! csvlog: rows of 22 and more columns, in which quoted ones may hold line ends.
#![expect(
    clippy::indexing_slicing,
    reason = "one scan over bytes and a fixed array of columns; indexes are checked by the loop"
)]

use super::clock::Clock;
use super::prefix::{self, Fields};
use super::scan::{Row, Scan};
use super::severity::Severity;
use memchr::{memchr, memchr_iter, memrchr_iter};

/// Columns that are looked at; newer servers write up to 26.
const COLUMNS_MAX: usize = 32;
/// Columns of the oldest server that is read.
const COLUMNS_MIN: usize = 22;

/// A column: where it stands, and whether it holds doubled quotes.
#[derive(Clone, Copy, Default)]
struct Column {
    start: usize,
    end: usize,
    doubled: bool,
}

/// A row: its columns, their number, and where the next begins.
struct Cells {
    columns: [Column; COLUMNS_MAX],
    n: usize,
    next: usize,
}

/// Whether a row may begin here: a time and a comma.
pub(crate) fn is_start(line: &[u8], clock: &mut Clock) -> bool {
    line.first().is_some_and(u8::is_ascii_digit)
        && clock.parse(line).is_some_and(|(_, len)| line.get(len) == Some(&b','))
}

/// Where the last row of a block begins: behind a line end that stands outside quotes, by the
/// parity of quotes; where quotes are broken, by the look of the row alone.
pub(crate) fn cut(block: &[u8]) -> Option<usize> {
    let mut clock = Clock::new(None);
    let mut odd = memchr_iter(b'"', block).count() % 2 == 1;
    let mut seen_to = block.len();
    for at in memrchr_iter(b'\n', block) {
        odd ^= memchr_iter(b'"', &block[at..seen_to]).count() % 2 == 1;
        seen_to = at;
        if !odd && is_start(&block[at + 1..], &mut clock) {
            return Some(at + 1);
        }
    }
    memrchr_iter(b'\n', block).map(|at| at + 1).find(|at| is_start(&block[*at..], &mut clock))
}

/// Reads the row at `start`; `None` when its quotes are broken or it has too few columns.
fn cells(block: &[u8], start: usize) -> Option<Cells> {
    let mut cells = Cells { columns: [Column::default(); COLUMNS_MAX], n: 0, next: start };
    let mut at = start;
    loop {
        let mut column = Column { start: at, end: at, doubled: false };
        if block.get(at) == Some(&b'"') {
            column.start = at + 1;
            at += 1;
            loop {
                at += memchr(b'"', block.get(at..)?)?;
                if block.get(at + 1) == Some(&b'"') {
                    column.doubled = true;
                    at += 2;
                } else {
                    break;
                }
            }
            column.end = at;
            at += 1;
        } else {
            while at < block.len() && block[at] != b',' && block[at] != b'\n' {
                at += 1;
            }
            column.end = at;
        }
        if cells.n < COLUMNS_MAX {
            cells.columns[cells.n] = column;
        }
        cells.n += 1;
        match block.get(at) {
            Some(b',') => at += 1,
            Some(b'\n') => {
                at += 1;
                break;
            }
            Some(b'\r') if block.get(at + 1) == Some(&b'\n') => {
                at += 2;
                break;
            }
            None => break,
            Some(_) => return None,
        }
    }
    cells.next = at;
    (cells.n >= COLUMNS_MIN).then_some(cells)
}

/// Takes doubled quotes apart.
fn undouble(text: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let mut rest = text;
    while let Some(at) = memchr(b'"', rest) {
        out.extend_from_slice(&rest[..=at]);
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

/// Bytes that broken rows may cost per byte of a block, so that hostile quotes stay linear.
const FUEL: usize = 8;

/// Reads a block that begins with a row.
pub(crate) fn scan(block: &[u8], scan: &mut Scan) {
    let mut at = 0;
    let mut n_line = 0u32;
    let mut counted_to = 0;
    let mut fuel = block.len().saturating_mul(FUEL);
    let mut scratch = Vec::new();
    let mut aside = Vec::new();
    while at < block.len() {
        n_line += u32::try_from(memchr_iter(b'\n', &block[counted_to..at]).count()).unwrap_or(0);
        counted_to = at;
        let read = if fuel > 0 && is_start(&block[at..], &mut scan.clock) {
            cells(block, at)
        } else {
            None
        };
        if let Some(cells) = read
            && row(block, &cells, n_line, scan, &mut scratch, &mut aside)
        {
            at = cells.next;
            continue;
        }
        fuel = fuel.saturating_sub(block.len() - at);
        let end = memchr(b'\n', &block[at..]).map_or(block.len(), |len| at + len + 1);
        if !block[at..end].trim_ascii().is_empty() {
            scan.chunk.unknown_lines += 1;
            scan.chunk.odd("line is no part of a csvlog row", n_line, 1);
        }
        at = end;
    }
    scan.chunk.lines += u64::from(n_line) + memchr_iter(b'\n', &block[counted_to..]).count() as u64;
    if !block.is_empty() && !block.ends_with(b"\n") {
        scan.chunk.lines += 1;
    }
}

/// Hands on a row; whether it is one of a log.
fn row(
    block: &[u8],
    cells: &Cells,
    line: u32,
    scan: &mut Scan,
    scratch: &mut Vec<u8>,
    aside: &mut Vec<u8>,
) -> bool {
    let raw = |idx: usize| {
        let column = cells.columns[idx];
        &block[column.start..column.end]
    };
    let word = raw(11);
    let severity = match Severity::of(word) {
        Some(severity) => severity,
        None => match std::str::from_utf8(word).ok().and_then(Severity::of_localised) {
            Some(severity) => {
                scan.chunk.localised += 1;
                severity
            }
            None => return false,
        },
    };
    let Some((at_us, _)) = scan.clock.parse(raw(0)) else { return false };
    // Names with quotes in them are rare enough to be kept as written.
    let fields = Fields {
        at_us: Some(at_us),
        pid: prefix::number(raw(3)).map(|(pid, _)| pid),
        session: raw(5),
        user: raw(1),
        database: raw(2),
        application: if cells.n > 22 { raw(22) } else { &[] },
        host: host_of(raw(4)),
        ..Fields::default()
    };
    let text = |idx: usize, buffer: &mut Vec<u8>| {
        if cells.columns[idx].doubled {
            undouble(raw(idx), buffer);
            true
        } else {
            false
        }
    };
    let doubled = text(13, scratch);
    let message = if doubled { scratch.as_slice() } else { raw(13) };
    let row = Row { fields, severity, sqlstate: raw(12), message, tag: raw(7), line };
    scan.row(&row);
    for (idx, severity) in
        [(14, Severity::Detail), (18, Severity::Context), (19, Severity::Statement)]
    {
        if !raw(idx).is_empty() {
            let doubled = text(idx, aside);
            let message = if doubled { aside.as_slice() } else { raw(idx) };
            scan.row(&Row { severity, message, sqlstate: &[], ..row });
        }
    }
    true
}

/// The host of `host:port`, `[local]`.
fn host_of(from: &[u8]) -> &[u8] {
    match memchr::memrchr(b':', from) {
        Some(at) if from[at + 1..].iter().all(u8::is_ascii_digit) => &from[..at],
        _ => from,
    }
}

/// Whether the row at the start of `head`, which may be cut at its end, is one of a log.
pub(crate) fn is_row(head: &[u8]) -> bool {
    cells(head, 0).is_some_and(|cells| {
        let column = cells.columns[11];
        let word = &head[column.start..column.end];
        let known = Severity::of(word).is_some()
            || std::str::from_utf8(word).ok().and_then(Severity::of_localised).is_some();
        let pid = cells.columns[3];
        known && head[pid.start..pid.end].iter().all(u8::is_ascii_digit)
    })
}
