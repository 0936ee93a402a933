//! Which heads there are.

use crate::envelope::forms::{self, Form};
use crate::pg::clock::Clock;
use crate::pg::generic;
use memchr::memchr;
use std::ops::Range;

/// Longest line that is waited for before its head is looked at.
pub(super) const HEAD_MAX: usize = 4 * 1024;
/// Lines at the start of a source that are looked at.
const LINES_MAX: usize = 100;
/// Longest name of a file, a pod or a container in a head.
const NAME_MAX: usize = 256;

/// Ends of names of files that `grep` may print: a name without one may be part of a prefix.
const EXTENSIONS: &[&[u8]] =
    &[b".log", b".csv", b".json", b".txt", b".out", b".err", b".slow", b"slow-query", b"-slow"];

/// Who puts a head before every line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum HeadKind {
    /// A quotation in a mail: `> `.
    Quote,
    /// Numbers of lines, as `less -N`, `cat -n` and `grep -n` print them.
    Number,
    /// The runtime of Kubernetes' nodes: `2026-11-20T09:00:00.1Z stderr F `.
    Cri,
    /// `kubectl logs --prefix`: `[pod/db-0/postgres] `, maybe with a time behind it.
    Pod,
    /// `docker compose logs`: `db-1  | `.
    Compose,
    /// `aws logs ... --output text`: `EVENTS`, numbers, the line, a number; tabs between them.
    CloudWatch,
    /// `logcli query` and Grafana's "Download logs": a time, and labels in braces.
    Loki,
    /// `kubectl logs --timestamps`, `docker logs -t`: `2026-11-20T09:00:00.1Z `.
    Time,
    /// `aws logs tail`: a time and the name of the stream.
    Stream,
    /// `grep -H`, of one file or several: `postgresql.log:`, `postgresql.log:12:`.
    File,
    /// `grep -C`, of one file, of which lines beside a match have `-`: `slow.log-`, `slow.log-12-`.
    Named(Box<[u8]>),
    /// `stern`: the names of pod and container.
    Stern,
}

/// The head of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) len: usize,
    /// Whether the line goes on in the next.
    pub(super) goes_on: bool,
    /// Where in the head its time stands.
    pub(super) at: Range<usize>,
}

impl HeadKind {
    /// As it is said and documented.
    pub(crate) fn form(&self) -> &'static Form {
        match self {
            Self::Quote => &forms::QUOTE,
            Self::Number => &forms::NUMBER,
            Self::Cri => &forms::CRI,
            Self::Pod => &forms::POD,
            Self::Compose => &forms::COMPOSE,
            Self::CloudWatch => &forms::AWS,
            Self::Loki => &forms::LOKI,
            Self::Time => &forms::TIME,
            Self::Stream => &forms::STREAM,
            Self::File | Self::Named(_) => &forms::GREP,
            Self::Stern => &forms::STERN,
        }
    }

    /// The kinds that the first lines may have, the surest first.
    pub(crate) fn all_of(bytes: &[u8]) -> Vec<Self> {
        let mut lines: Vec<&[u8]> = bytes
            .split(|byte| *byte == b'\n')
            .take(LINES_MAX + 1)
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
            .collect();
        // What the head cuts is no whole line.
        lines.pop();
        if lines.is_empty() {
            lines.extend(bytes.split(|byte| *byte == b'\n').take(1));
        }
        lines.retain(|line| !line.trim_ascii().is_empty());
        let fixed = [
            Self::Quote,
            Self::Number,
            Self::Cri,
            Self::Pod,
            Self::Compose,
            Self::CloudWatch,
            Self::Loki,
            Self::Stream,
            Self::Time,
            Self::File,
        ];
        let mut kinds: Vec<Self> = fixed.into_iter().filter(|kind| kind.fits(&lines)).collect();
        kinds.extend(names(&lines).map(Self::Named).filter(|kind| kind.fits(&lines)));
        kinds.extend(Some(Self::Stern).filter(|kind| kind.fits(&lines)));
        kinds
    }

    /// Whether nine in ten of these lines have such a head; or, where an entry of several lines
    /// has one, all that begin an entry.
    fn fits(&self, lines: &[&[u8]]) -> bool {
        let n = lines.iter().filter(|line| self.head(line).is_some()).count();
        if n == 0 {
            return false;
        }
        match self {
            Self::Number => return are_numbers(lines),
            Self::Stern if !is_stern(lines) => return false,
            // Some lines with a time alone before them: that is all there is.
            Self::Stream
                if lines.iter().any(|line| time(line).is_some() && self.head(line).is_none()) =>
            {
                return false;
            }
            Self::CloudWatch | Self::Loki | Self::Time | Self::Stream => {
                let mut clock = Clock::new(None);
                let of_entries = lines.first().is_some_and(|line| self.head(line).is_some())
                    && lines.iter().filter(|line| self.head(line).is_none()).all(|line| {
                        !line.starts_with(b"# Time: ") && generic::read(line, &mut clock).is_none()
                    });
                if of_entries {
                    return true;
                }
            }
            Self::Quote
            | Self::Cri
            | Self::Pod
            | Self::Compose
            | Self::File
            | Self::Named(_)
            | Self::Stern => {}
        }
        n * 10 >= lines.len() * 9
    }

    /// The head of a line.
    pub(super) fn head(&self, line: &[u8]) -> Option<Found> {
        let found = |len| Some(Found { len, ..Found::default() });
        match self {
            Self::Quote => {
                let len = line.iter().take_while(|byte| **byte == b'>').count();
                let space = usize::from(line.get(len) == Some(&b' '));
                if len == 0 { None } else { found(len + space) }
            }
            Self::Number => found(number(line)?.1),
            Self::Time => {
                let len = time(line)?;
                Some(Found { len, at: 0..len, ..Found::default() })
            }
            Self::Cri => {
                let len = time(line)?;
                let rest = line.get(len..)?;
                let stream =
                    rest.strip_prefix(b"stderr ").or_else(|| rest.strip_prefix(b"stdout "))?;
                let goes_on = stream.starts_with(b"P ");
                let fits = goes_on || stream.starts_with(b"F ");
                fits.then_some(Found { len: len + 9, goes_on, at: 0..len })
            }
            Self::Pod => {
                let end = memchr(
                    b']',
                    line.strip_prefix(b"[pod/").and(line.get(..HEAD_MAX.min(line.len())))?,
                )?;
                let rest = line.get(end + 1..)?.strip_prefix(b" ")?;
                let start = end + 2;
                let len = start + time(rest).unwrap_or(0);
                Some(Found { len, at: start..len, ..Found::default() })
            }
            Self::Compose => {
                let bar = memchr(b'|', line.get(..line.len().min(128))?)?;
                let name = line.get(..bar)?.trim_ascii_end();
                let is_name = !name.is_empty()
                    && name.len() < bar
                    && name.iter().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b));
                let behind = if line.get(bar + 1) == Some(&b' ') { 2 } else { 1 };
                let fits = is_name && (line.get(bar + 1..)?.trim_ascii().is_empty() || behind == 2);
                let rest = line.get(bar + behind..)?;
                let len = bar + behind + time(rest).unwrap_or(0);
                fits.then_some(Found { len, at: bar + behind..len, ..Found::default() })
            }
            Self::CloudWatch => {
                let mut at = line.strip_prefix(b"EVENTS\t").map(|_| 7)?;
                let mut numbers = 0;
                loop {
                    let rest = line.get(at..)?;
                    let Some(end) = memchr(b'\t', rest) else { break };
                    let field = rest.get(..end)?;
                    if field.is_empty() || !field.iter().all(u8::is_ascii_digit) {
                        break;
                    }
                    // The id of an event: behind it stand a time, and the stream's name.
                    numbers += if field.len() > 20 { 10 } else { 1 };
                    at += end + 1;
                    if numbers == 11 {
                        at += memchr(b'\t', line.get(at..)?)? + 1;
                        break;
                    }
                }
                if numbers > 0 { found(at) } else { None }
            }
            Self::Loki => {
                let len = time(line)?;
                let near = line.get(len..line.len().min(HEAD_MAX))?.strip_prefix(b"{")?;
                let end = memchr::memmem::find(near, b"} ")?;
                Some(Found { len: len + end + 3, at: 0..len, ..Found::default() })
            }
            Self::Stream => {
                let len = time(line)?;
                let near = line.get(len..line.len().min(len + NAME_MAX))?;
                let end = memchr(b' ', near)?;
                let name = near.get(..end)?;
                // `db.0`, `db/postgresql.log`: a word without a sign may be a user.
                let is_name = name.iter().any(u8::is_ascii_alphabetic)
                    && name.iter().any(|byte| matches!(byte, b'.' | b'/'))
                    && !name.ends_with(b":")
                    && !name.iter().any(|byte| matches!(byte, b'[' | b'@' | b'='));
                is_name.then_some(Found { len: len + end + 1, at: 0..len, ..Found::default() })
            }
            Self::File => {
                let near = line.get(..line.len().min(NAME_MAX))?;
                let end = memchr(b':', near)?;
                if !is_file(near.get(..end)?) {
                    return None;
                }
                let digits = digits(line.get(end + 1..)?);
                let numbered = digits > 0 && line.get(end + 1 + digits) == Some(&b':');
                found(if numbered { end + digits + 2 } else { end + 1 })
            }
            Self::Named(name) => {
                let rest = line.strip_prefix(&**name)?;
                let sign = rest.first().filter(|sign| matches!(sign, b':' | b'-'))?;
                let digits = digits(rest.get(1..)?);
                let numbered = digits > 0 && digits < 10 && rest.get(1 + digits) == Some(sign);
                // `slow.log-2026-11-22` has a date behind the name, and no number.
                let is_date = digits == 4 && *sign == b'-' && rest.get(8) == Some(sign);
                found(name.len() + if numbered && !is_date { digits + 2 } else { 1 })
            }
            Self::Stern => {
                let (pod, container) = stern(line)?;
                let start = pod + container + 2;
                let len = start + time(line.get(start..)?).unwrap_or(0);
                Some(Found { len, at: start..len, ..Found::default() })
            }
        }
    }
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// The number at the start of a line, and how long it is with what separates it.
fn number(line: &[u8]) -> Option<(u64, usize)> {
    let blanks = line.iter().take_while(|byte| **byte == b' ').count();
    let n_digits = digits(line.get(blanks..)?);
    let text = std::str::from_utf8(line.get(blanks..blanks + n_digits)?).ok()?;
    let number = text.parse().ok().filter(|_| n_digits < 12)?;
    let end = blanks + n_digits;
    // `less` puts a blank, `cat` and `nl` a tab, `grep` a sign.
    matches!(line.get(end), Some(b' ' | b'\t' | b':')).then_some((number, end + 1))
}

/// Whether lines are numbered: each has a larger number than the one before.
fn are_numbers(lines: &[&[u8]]) -> bool {
    let numbers: Option<Vec<u64>> =
        lines.iter().map(|line| number(line).map(|(number, _)| number)).collect();
    numbers.is_some_and(|numbers| numbers.is_sorted_by(|a, b| a < b) && numbers.len() > 1)
}

/// Whether a word is the name of a file.
fn is_file(word: &[u8]) -> bool {
    let is_name = |byte: &u8| byte.is_ascii_graphic() || *byte >= 0x80;
    word.iter().all(is_name)
        && EXTENSIONS.iter().any(|end| memchr::memmem::find(word, end).is_some())
}

/// The names of a file that the first line may begin with.
fn names<'a>(lines: &[&'a [u8]]) -> impl Iterator<Item = Box<[u8]>> + use<'a> {
    let first = lines.first().copied().unwrap_or_default();
    let near = first.get(..first.len().min(NAME_MAX)).unwrap_or_default();
    memchr::memchr2_iter(b'-', b':', near).filter_map(|end| near.get(..end)).filter_map(|name| {
        let ends = EXTENSIONS.iter().any(|end| name.ends_with(end));
        (ends && is_file(name)).then(|| Box::from(name))
    })
}

/// The lengths of the names of pod and container at the start of a line.
fn stern(line: &[u8]) -> Option<(usize, usize)> {
    let word = |text: &[u8]| {
        let len = text
            .iter()
            .take_while(|b| {
                b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.')
            })
            .count();
        let is_name = len > 1
            && len < NAME_MAX
            && text.get(len) == Some(&b' ')
            && text.first().is_some_and(u8::is_ascii_lowercase);
        is_name.then_some(len)
    };
    let pod = word(line)?;
    Some((pod, word(line.get(pod + 1..)?)?))
}

/// What the server itself logs, for no user and no database.
const OF_NOBODY: &[&[u8]] =
    &[b"database system ", b"listening on ", b"checkpoint ", b"starting PostgreSQL", b"automatic "];

/// Whether two words before every line are names of pods and containers, and not the user and the
/// database of a prefix: these stand before no continued line and no line of the server's own.
fn is_stern(lines: &[&[u8]]) -> bool {
    lines.iter().any(|line| {
        let Some((pod, container)) = stern(line) else { return false };
        let rest = line.get(pod + container + 2..).unwrap_or_default();
        let of_nobody = || {
            let near = rest.get(..rest.len().min(200)).unwrap_or_default();
            memchr::memmem::find(near, b":  ").is_some_and(|at| {
                let text = near.get(at + 3..).unwrap_or_default();
                OF_NOBODY.iter().any(|start| text.starts_with(start))
            })
        };
        matches!(rest.first(), Some(b'\t' | b' ')) || of_nobody()
    })
}

/// How long the time of RFC 3339 at the start of a line is, with the space behind it.
fn time(line: &[u8]) -> Option<usize> {
    let shape = b"0000-00-00T00:00:00";
    let start = line.get(..shape.len())?;
    let fits = start.iter().zip(shape).all(|(byte, like)| match like {
        b'0' => byte.is_ascii_digit(),
        _ => byte == like,
    });
    // A line may be empty but for its time.
    let near = line.get(..line.len().min(40))?;
    let end = memchr::memchr2(b' ', b'\n', near).unwrap_or(near.len());
    let zone = line.get(shape.len()..end)?;
    let is_zone = zone.ends_with(b"Z")
        || zone.iter().rev().nth(5).is_some_and(|sign| matches!(sign, b'+' | b'-'))
        || zone.iter().rev().nth(4).is_some_and(|sign| matches!(sign, b'+' | b'-'));
    let len = if line.get(end) == Some(&b' ') { end + 1 } else { end };
    (fits && is_zone).then_some(len)
}
