//! `analyze slowlog`: what dominates a database log, what changed in it, and what stood in the way.
//!
//! Reads only database logs and needs no tables.

mod ask;
mod columns;
pub(crate) mod how_to;
mod json;
mod phrase;
mod read;
mod screen;
mod write;

use crate::args::SlowlogArgs;
use crate::progress::Progress;
use crate::session;
use anyhow::{Context as _, Result, bail};
use ask::{Asked, Shape};
use model::Exit;
use read::Read;
use slowlog::summary::{self, Row, Summary};
use std::io::{BufWriter, Write};
use text::Redactor;

/// Everything that the outputs show.
struct Answer<'a> {
    asked: &'a Asked,
    read: &'a Read,
    /// Whether the figures are the difference of two exports of statistics.
    difference: bool,
    summary: Summary<'a>,
    redactor: Redactor,
}

impl Answer<'_> {
    /// The rows that are shown.
    fn rows(&self) -> &[Row<'_>] {
        let n = self.asked.top.unwrap_or(usize::MAX).min(self.summary.rows.len());
        self.summary.rows.get(..n).unwrap_or_default()
    }
}

pub(crate) fn run(args: &SlowlogArgs, out: &mut dyn Write) -> Result<Exit> {
    if args.how_to {
        how_to::run(
            &args.database,
            args.hosting.as_deref(),
            args.database_version.as_deref(),
            out,
        )?;
        return Ok(Exit::Ran);
    }
    let asked = Asked::check(args)?;
    let progress = Progress::new();
    let session = session::start(&args.reading.limits, &progress);
    let mut read = read::read(&args.inputs, &asked.reading, &session, &progress)?;
    let baseline = match args.baseline.as_slice() {
        [] => None,
        names => Some(read::read(names, &asked.reading, &session, &progress)?),
    };
    for read in std::iter::once(&read).chain(&baseline) {
        read.say_unread(&mut std::io::stderr().lock())?;
        if read.is_empty() {
            // Never a success: there is nothing to show.
            return Ok(Exit::Incomplete);
        }
    }
    let difference = read.is_statistics() && baseline.as_ref().is_some_and(Read::is_statistics);
    if let (true, Some(baseline)) = (difference, &baseline) {
        read.subtract(baseline);
    } else if baseline.as_ref().is_some_and(|b| b.is_statistics() != read.is_statistics()) {
        bail!(
            "an export of statistics has no times: compare it with an earlier export of the same server, \
             and a log with a log"
        );
    }
    if let Some(window) = asked.given {
        read.check_window(window, asked.zone)?;
    }
    asked.check_filter(&read.log)?;
    let other = baseline.as_ref().filter(|_| !difference).map(|baseline| &baseline.log);
    let summary = summary::summarise(&read.log, other, &asked.ask(&read));
    let answer =
        Answer { asked: &asked, read: &read, difference, summary, redactor: Redactor::new() };
    for (path, shape) in &asked.files {
        let file = std::fs::File::create(path)
            .with_context(|| format!("cannot write {}", path.display()))?;
        let mut file = BufWriter::new(file);
        shape_of(*shape)(&answer, &mut file)
            .and_then(|()| file.flush())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    if asked.files.is_empty() || args.format.is_some() {
        shape_of(asked.shape)(&answer, out)?;
    }
    let incomplete = read.incomplete || baseline.is_some_and(|baseline| baseline.incomplete);
    Ok(if incomplete { Exit::Incomplete } else { Exit::Ran })
}

fn shape_of(shape: Shape) -> fn(&Answer<'_>, &mut dyn Write) -> std::io::Result<()> {
    match shape {
        Shape::Terminal => write::terminal,
        Shape::Markdown => write::markdown,
        Shape::Json => json::write,
        Shape::Csv => write::csv,
    }
}
