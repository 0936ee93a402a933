//! Reads database logs of any number of files into one, and keeps what was not read and why.

use super::ask::Given;
use super::phrase;
use crate::progress::Progress;
use crate::read::{recognise, slow};
use anyhow::{Result, bail};
use chrono_tz::Tz;
use input::{ContainerKind, Named, Session};
use model::{Issue, Parsed, Sink as _, Window};
use slowlog::{Engine, NotRecognised, Options, OtherLines, Reader, SlowLog};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::{self, Read as _, Write};
use text::{Raw, Redactor, escape};

/// Bytes read at a time.
const BLOCK_BYTES: usize = 1 << 18;

/// Bytes by which a log behind lines of another is recognised.
const HEAD_BYTES: usize = 1 << 16;

/// Files that were not read and are named with their first lines; the rest is counted.
const UNREAD_SHOWN: usize = 5;

/// A file that gave nothing.
pub(super) struct Unread {
    pub(super) path: String,
    why: String,
    first_lines: Vec<Raw>,
}

/// What was read.
#[derive(Default)]
pub(super) struct Read {
    pub(super) log: SlowLog,
    /// What the files cannot show, each once.
    pub(super) limits: Vec<String>,
    /// What was left out: path and issue.
    pub(super) issues: Vec<(String, Issue)>,
    pub(super) unread: Vec<Unread>,
    /// Members of folders and archives that are recognised as something else.
    pub(super) passed_over: u64,
    /// From the first to the last record with a time.
    pub(super) window: Option<Window>,
    /// Whether something was not read, or over 1 % of a file's records were skipped.
    pub(super) incomplete: bool,
    /// Whether logs of PostgreSQL and of MySQL are in it.
    pub(super) mixed: bool,
    engine: Option<Engine>,
}

/// Reads all files into one log. An error only for a name that leads nowhere.
#[expect(clippy::wildcard_enum_match_arm, reason = "only one kind of refusal has first lines")]
pub(super) fn read(
    names: &[String],
    options: &Options,
    session: &Session,
    progress: &Progress,
) -> Result<Read> {
    let mut out = Read::default();
    // Logs whose times have no year: the others may tell it.
    let mut later = Vec::new();
    for name in names {
        let containers = match input::list(&Named::parse(OsStr::new(name)), session) {
            Ok(containers) => containers,
            Err(error) => bail!("{error}"),
        };
        for container in containers {
            let mut yearless = Vec::new();
            progress.expect(container.source_bytes());
            let mut read_here = false;
            for (idx, member) in container.members().iter().enumerate() {
                read_here = true;
                let label = member.source().to_owned();
                if let Some(why) = not_a_log(member, options) {
                    if let Some(reader) = behind_server_lines(&container, idx, options) {
                        out.take(&container, idx, reader, Some(OtherLines::default()), session);
                        continue;
                    }
                    // In a folder or an archive, what is something else was not meant.
                    if container.members().len() > 1 && member.unopened().is_none() {
                        out.passed_over += 1;
                        continue;
                    }
                    out.give_up(&label, why, Vec::new(), member.issues().iter());
                    continue;
                }
                let head = member.head();
                match Reader::new(options, &head, &label) {
                    Ok(reader) if reader.wants_year() => yearless.push(idx),
                    Ok(reader) => out.take(&container, idx, reader, None, session),
                    Err(error) => {
                        let lines = match &error {
                            NotRecognised::Format { first_lines, .. }
                            | NotRecognised::Prefix { first_lines, .. } => first_lines.clone(),
                            _ => Vec::new(),
                        };
                        // The path stands before it.
                        let why = error.to_string();
                        let why =
                            why.strip_prefix(&format!("{label} is ")).unwrap_or(&why).to_owned();
                        out.give_up(&label, why, lines, member.issues().iter());
                    }
                }
            }
            if !read_here {
                let why = container.issues().iter().map(|issue| issue.reason.clone()).next();
                out.give_up(
                    container.label(),
                    why.unwrap_or_else(|| "nothing in it".to_owned()),
                    Vec::new(),
                    std::iter::empty(),
                );
            }
            if !yearless.is_empty() {
                later.push((container, yearless));
            }
        }
    }
    let of_others = slow::until_other_logs(&out.log);
    for (container, yearless) in &later {
        for &idx in yearless {
            let Some(member) = container.members().get(idx) else { continue };
            let until = of_others.or_else(|| slow::until_written(member));
            let options = Options { until, ..options.clone() };
            if let Ok(reader) = Reader::new(&options, &member.head(), member.source()) {
                out.take(container, idx, reader, None, session);
            }
        }
    }
    out.log.settle_owners();
    progress.done();
    if session.is_cancelled() {
        bail!("interrupted; nothing was written");
    }
    let limits: BTreeSet<&String> =
        out.log.sources.iter().flat_map(|source| &source.limits).collect();
    out.limits = limits.into_iter().cloned().collect();
    out.window = out.log.sources.iter().filter_map(|source| source.window).reduce(Window::hull);
    Ok(out)
}

/// Why a member is not looked at as a database log.
fn not_a_log(member: &input::Member, options: &Options) -> Option<String> {
    if let Some(unopened) = member.unopened() {
        return Some(unopened.to_string());
    }
    if member.head().bytes.iter().all(u8::is_ascii_whitespace) {
        return Some("empty".to_owned());
    }
    // A prefix that the user names outranks what the content looks like.
    if options.prefix.is_some() {
        return None;
    }
    recognise::other_than_slow(member)
        .map(|what| format!("{what}, not a database log; `analyze FILE` reads it"))
}

/// A reader of a database log that stands behind or between lines of Mattermost's own, in a file
/// that begins with these.
fn behind_server_lines(
    container: &input::Container,
    idx: usize,
    options: &Options,
) -> Option<Reader> {
    let member = container.members().get(idx)?;
    // What can be read once only is not read twice.
    if container.kind() == ContainerKind::Stream || !recognise::is_server_log(member) {
        return None;
    }
    let (mut head, mut others) = (Vec::new(), OtherLines::default());
    let mut source = container.open(idx);
    let mut block = vec![0; BLOCK_BYTES];
    let mut whole = false;
    while head.len() < HEAD_BYTES && !whole {
        match source.read(&mut block) {
            Ok(0) => whole = true,
            Ok(n) => others.push(block.get(..n).unwrap_or_default(), &mut head),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
    others.end(&mut head);
    whole &= head.len() <= HEAD_BYTES;
    head.truncate(HEAD_BYTES);
    let head = model::Head { path: member.path(), bytes: &head, whole };
    Reader::new(options, &head, member.source()).ok()
}

impl Read {
    fn give_up<'i>(
        &mut self,
        path: &str,
        why: String,
        first_lines: Vec<Raw>,
        issues: impl Iterator<Item = &'i Issue>,
    ) {
        self.incomplete = true;
        self.issues.extend(issues.map(|issue| (path.to_owned(), issue.clone())));
        self.unread.push(Unread { path: path.to_owned(), why, first_lines });
    }

    fn take(
        &mut self,
        container: &input::Container,
        idx: usize,
        mut reader: Reader,
        mut others: Option<OtherLines>,
        session: &Session,
    ) {
        let Some(member) = container.members().get(idx) else { return };
        let mut issues = member.issues().clone();
        let mut source = container.open(idx);
        let mut block = vec![0; BLOCK_BYTES];
        while !session.is_cancelled() {
            match source.read(&mut block) {
                Ok(0) => break,
                Ok(n) => {
                    let bytes = block.get(..n).unwrap_or_default();
                    match &mut others {
                        Some(others) => {
                            let mut lines = Vec::new();
                            others.push(bytes, &mut lines);
                            reader.push(&lines);
                        }
                        None => reader.push(bytes),
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    issues.add(format!("reading ended early: {error}"), "", 0);
                    self.incomplete = true;
                    break;
                }
            }
        }
        if let Some(mut others) = others {
            let mut last = Vec::new();
            others.end(&mut last);
            reader.push(&last);
            let reason = format!("lines of Mattermost's log between them: {}", others.left_out);
            issues.add(reason, "", 0);
        }
        issues.merge(source.issues());
        let parsed = reader.finish();
        issues.merge(parsed.issues);
        let (records, label) = (parsed.coverage.records, member.source());
        let skipped = parsed.coverage.skipped.max(issues.skipped());
        if records == 0 && parsed.records.queries.is_empty() {
            let lines = member
                .head()
                .bytes
                .split(|byte| *byte == b'\n')
                .filter(|line| !line.trim_ascii().is_empty())
                .take(3)
                .map(|line| Raw::from_bytes(line.get(..line.len().min(200)).unwrap_or_default()))
                .collect();
            self.give_up(label, "no record in it could be read".to_owned(), lines, issues.iter());
            return;
        }
        if skipped.saturating_mul(100) > records.saturating_add(skipped) {
            self.incomplete = true;
        }
        self.issues.extend(issues.iter().map(|issue| (label.to_owned(), issue.clone())));
        let engine = parsed.records.engine;
        match self.engine {
            None => {
                self.engine = Some(engine);
                self.log = parsed.records;
            }
            Some(known) => {
                self.mixed |= known != engine;
                self.log.merge(parsed.records);
            }
        }
    }

    /// Whether nothing was read.
    pub(super) fn is_empty(&self) -> bool {
        self.engine.is_none()
    }

    /// Whether all that was read are exports of statistics, which have no times.
    pub(super) fn is_statistics(&self) -> bool {
        self.log
            .sources
            .iter()
            .all(|source| source.limits.iter().any(|l| l == "totals since a reset"))
    }

    /// Takes away what an earlier export of the same server has.
    pub(super) fn subtract(&mut self, earlier: &Read) {
        let parsed = |log: &SlowLog| Parsed { records: log.clone(), ..Parsed::default() };
        let difference = slowlog::statements::difference(&parsed(&earlier.log), &parsed(&self.log));
        self.issues.extend(difference.issues.iter().map(|issue| (String::new(), issue.clone())));
        self.log = difference.records;
        self.limits.retain(|limit| limit != "totals since a reset");
    }

    /// A window outside the log shows nothing: a slip of the pen, or of the zone.
    pub(super) fn check_window(&self, given: Given, zone: Option<Tz>) -> Result<()> {
        let Some(covered) = self.window else {
            bail!("the log has no times, so no window can be taken out of it");
        };
        if given.start.is_some_and(|start| start > covered.end)
            || given.end.is_some_and(|end| end <= covered.start)
        {
            bail!(
                "the log covers {}, and the window lies outside; times without a zone are taken as {}",
                phrase::window(covered, zone),
                phrase::zone(zone)
            );
        }
        Ok(())
    }

    /// Says what was not read, with its first lines, on standard error.
    pub(super) fn say_unread(&self, err: &mut dyn Write) -> io::Result<()> {
        let redactor = Redactor::new();
        for unread in self.unread.iter().take(UNREAD_SHOWN) {
            writeln!(
                err,
                "analyze: not read: {}: {}",
                escape::terminal(&unread.path),
                escape::terminal(redactor.clear(&Raw::new(unread.why.as_str())).as_str())
            )?;
            if !unread.first_lines.is_empty() {
                writeln!(err, "  it begins:")?;
            }
            for line in &unread.first_lines {
                writeln!(err, "  | {}", escape::terminal(redactor.clear(line).as_str()))?;
            }
        }
        if self.unread.len() > UNREAD_SHOWN {
            writeln!(err, "analyze: not read: {} more files", self.unread.len() - UNREAD_SHOWN)?;
        }
        if self.is_empty() && self.passed_over > 0 {
            writeln!(err, "analyze: {} files of another kind, no database log", self.passed_over)?;
        }
        if self.is_empty() {
            writeln!(
                err,
                "analyze: nothing could be read; `analyze slowlog --how-to` says how to get a log that can"
            )?;
        }
        Ok(())
    }
}
