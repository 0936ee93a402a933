//! What was asked for, checked before anything is read.

use super::read::Read;
use crate::args::SlowlogArgs;
use crate::clock;
use anyhow::{Context as _, Result, bail};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use model::Window;
use slowlog::summary::{Ask, Group, Sort};
use slowlog::{Filter, Party, SlowLog, StatementKind};
use std::io::IsTerminal as _;
use std::path::PathBuf;
use text::{Raw, Redactor};

/// Rows for people when no number is given: one more screen.
const TOP: usize = 10;

/// Names that are shown of those that a filter could have named.
const OFFERED: usize = 12;

/// The formats and their extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Terminal,
    Markdown,
    Json,
    Csv,
}

/// Names and extensions of the formats.
const SHAPES: &[(&str, &[&str], Shape)] = &[
    ("terminal", &["txt"], Shape::Terminal),
    ("markdown", &["md"], Shape::Markdown),
    ("json", &["json"], Shape::Json),
    ("csv", &["csv"], Shape::Csv),
];

/// Kinds that `--kind` names.
const KINDS: &[StatementKind] = &[
    StatementKind::Select,
    StatementKind::Insert,
    StatementKind::Update,
    StatementKind::Delete,
    StatementKind::Merge,
    StatementKind::Ddl,
    StatementKind::Transaction,
    StatementKind::Copy,
    StatementKind::Maintenance,
    StatementKind::Utility,
    StatementKind::Call,
    StatementKind::Other,
];

/// A window whose ends may be open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) start: Option<DateTime<Utc>>,
    pub(super) end: Option<DateTime<Utc>>,
}

pub(super) struct Asked {
    pub(super) reading: slowlog::Options,
    pub(super) zone: Option<Tz>,
    pub(super) given: Option<Given>,
    pub(super) group: Group,
    pub(super) sort: Sort,
    pub(super) top: Option<usize>,
    pub(super) shape: Shape,
    pub(super) files: Vec<(PathBuf, Shape)>,
    pub(super) width: usize,
}

fn one_of<T: Copy>(flag: &str, word: &str, all: &[T], name: fn(T) -> &'static str) -> Result<T> {
    all.iter().copied().find(|one| name(*one) == word).with_context(|| {
        let names: Vec<&str> = all.iter().map(|one| name(*one)).collect();
        format!("{flag} {word}: there are {}", names.join(", "))
    })
}

impl Asked {
    pub(super) fn check(args: &SlowlogArgs) -> Result<Self> {
        if args.inputs.is_empty() {
            bail!(
                "nothing to read: name a database log, or `-` for standard input; \
                 `analyze slowlog --how-to` says how to get one"
            );
        }
        if args.hosting.is_some() || args.database_version.is_some() {
            bail!("--hosting and --database-version say what --how-to is asked for; add it");
        }
        let zone = args.time.zone()?;
        let shape = match args.format.as_deref() {
            None => Shape::Terminal,
            Some(name) => match SHAPES.iter().find(|(known, _, _)| *known == name) {
                Some((_, _, shape)) => *shape,
                None => {
                    let names: Vec<&str> = SHAPES.iter().map(|(name, _, _)| *name).collect();
                    bail!("--format {name}: there are {}", names.join(", "));
                }
            },
        };
        let mut files = Vec::new();
        for path in &args.output {
            let extension =
                path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
            let Some((_, _, shape)) =
                SHAPES.iter().find(|(_, known, _)| known.contains(&extension.as_str()))
            else {
                bail!(
                    "-o {}: the extension gives the format; there are .txt, .md, .json, .csv",
                    path.display()
                );
            };
            files.push((path.clone(), *shape));
        }
        let terminal = std::io::stdout().is_terminal();
        if args.show_literals && (!terminal || !files.is_empty()) {
            bail!(
                "--show-literals shows what users wrote, so only on a terminal: not into a pipe, not with -o"
            );
        }
        let kinds = args
            .kind
            .iter()
            .map(|word| one_of("--kind", word, KINDS, StatementKind::as_str))
            .collect::<Result<Vec<_>>>()?;
        let given = given(args, zone)?;
        let group = match &args.group {
            None => Group::Fingerprint,
            Some(word) => one_of("--group", word, &Group::ALL, Group::as_str)?,
        };
        let compares = given.is_some() || !args.baseline.is_empty();
        let sort = match &args.sort {
            None if compares && group != Group::Minute => Sort::Change,
            None => Sort::Total,
            Some(word) => one_of("--sort", word, &Sort::ALL, Sort::as_str)?,
        };
        if sort == Sort::Change && !compares {
            bail!(
                "--sort change needs something to compare: a window (--incident, --since) or --baseline FILE"
            );
        }
        let for_people = matches!(shape, Shape::Terminal | Shape::Markdown) && files.is_empty();
        let top = match args.top {
            Some(0) => None,
            Some(n) => Some(n),
            None => (for_people && group != Group::Minute).then_some(TOP),
        };
        let width = terminal_size::terminal_size()
            .filter(|_| terminal)
            .map_or(100, |(width, _)| usize::from(width.0))
            .clamp(60, 200);
        Ok(Self {
            reading: slowlog::Options {
                threads: args.reading.threads(),
                prefix: args.reading.prefix.clone(),
                keep_literals: args.show_literals,
                tz: zone,
                until: None,
                filter: Filter {
                    databases: args.database.clone(),
                    users: args.user.clone(),
                    applications: args.application.clone(),
                    clients: args.client.clone(),
                    tables: args.table.clone(),
                    kinds,
                },
                by: group.party(),
            },
            zone,
            given,
            group,
            sort,
            top,
            shape,
            files,
            width,
        })
    }

    /// Whether only some statements are asked for.
    pub(super) fn is_filtered(&self) -> bool {
        !self.reading.filter.is_empty()
    }

    /// The window within what was read.
    pub(super) fn window(&self, read: &Read) -> Option<Window> {
        let given = self.given?;
        let covered = read.window?;
        // The last record counts too.
        let end = given.end.unwrap_or(covered.end + TimeDelta::seconds(60));
        Some(Window { start: given.start.unwrap_or(covered.start - TimeDelta::seconds(60)), end })
    }

    pub(super) fn ask(&self, read: &Read) -> Ask {
        Ask { window: self.window(read), group: self.group, sort: self.sort }
    }

    /// A filter that no statement passes is a slip of the pen: says what there is instead.
    pub(super) fn check_filter(&self, log: &SlowLog) -> Result<()> {
        let filter = &self.reading.filter;
        let offered = &log.offered;
        if filter.is_empty() || !log.queries.is_empty() || offered.kinds.is_empty() {
            return Ok(());
        }
        let redactor = Redactor::new();
        let list = |names: Vec<String>| -> String {
            let more = names.len().saturating_sub(OFFERED);
            let mut shown: Vec<String> = names.into_iter().take(OFFERED).collect();
            if more > 0 {
                shown.push(format!("and {more} more"));
            }
            shown.join(", ")
        };
        let cleared = |name: &Raw| match name.untrusted() {
            "" => "none".to_owned(),
            _ => redactor.clear(name).as_str().to_owned(),
        };
        let lists = [
            ("database", &filter.databases, Party::Database),
            ("user", &filter.users, Party::User),
            ("application", &filter.applications, Party::Application),
            ("client", &filter.clients, Party::Client),
        ];
        let mut there: Vec<String> = lists
            .iter()
            .filter(|(_, words, _)| !words.is_empty())
            .filter_map(|(name, _, party)| {
                let names = offered.parties.get(*party as usize)?;
                Some(format!("{name}: {}", list(names.iter().map(cleared).collect())))
            })
            .collect();
        if !filter.tables.is_empty() {
            let tables = offered.tables.iter().map(|table| cleared(&Raw::new(table.as_str())));
            there.push(format!("table: {}", list(tables.collect())));
        }
        if !filter.kinds.is_empty() {
            let kinds = offered.kinds.iter().map(|kind| (*kind).to_owned());
            there.push(format!("kind: {}", list(kinds.collect())));
        }
        bail!("no statement passes the filter; the log has {}", there.join("; "))
    }
}

/// The window of `--incident`, or of `--since` and `--until`, each of which may stand alone.
fn given(args: &SlowlogArgs, zone: Option<Tz>) -> Result<Option<Given>> {
    if let (None, None, Some(until)) = (&args.time.incident, &args.time.since, &args.time.until) {
        let end = clock::parse_time(until, zone).context("--until")?;
        return Ok(Some(Given { start: None, end: Some(end) }));
    }
    let window = clock::incident(&args.time, zone)?;
    Ok(window.map(|(start, end)| Given { start: Some(start), end }))
}
