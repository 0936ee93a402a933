//! Read, tabulate, look for changes, evaluate the rules, rank the causes: everything between the
//! arguments and the report.

use crate::args::HowArgs;
use crate::assemble::clocks::ClockNote;
use crate::assemble::metric_clock::MetricClock;
use crate::assemble::sighted::Sighted;
use crate::progress::Progress;
use crate::read::{self, Sources};
use crate::settings::Settings;
use crate::{assemble, clock, session};
use anyhow::{Context as _, Result, bail};
use input::Session;
use model::{Change, Incident};
use tables::{Tables, TablesBuilder};
use text::Redactor;

/// What every command that reads shares.
pub(crate) struct Run {
    pub(crate) sources: Sources,
    pub(crate) tables: Tables,
    pub(crate) redactor: Redactor,
    pub(crate) changes: Vec<Change>,
    pub(crate) incident: Option<Incident>,
    pub(crate) clocks: Vec<ClockNote>,
    pub(crate) metric_clock: Option<MetricClock>,
    pub(crate) sighted: Vec<Sighted>,
}

/// A file that somebody handed over: its name, and what is in it.
pub(crate) type InMemory = (String, Vec<u8>);

/// Reads the inputs and builds the tables, with the incident's window in them. `raw`: without
/// redaction.
pub(crate) fn run(inputs: &[String], how: &HowArgs, raw: bool) -> Result<Run> {
    if inputs.is_empty() {
        bail!("nothing to read: name a support packet, a log, an export or a folder of them");
    }
    let run = run_with(how, raw, |options, session, progress| {
        read::read(inputs, options, session, progress)
    })?;
    if run.sources.inputs.is_empty() && run.sources.incident.is_none() {
        bail!(
            "nothing to read in {}: name a support packet, a log, an export or a folder of them",
            inputs.join(", ")
        );
    }
    Ok(run)
}

/// The same with files in memory: nothing of them touches the disk.
pub(crate) fn run_in_memory(files: Vec<InMemory>, how: &HowArgs) -> Result<Run> {
    run_with(how, false, |options, session, _| read::read_in_memory(files, options, session))
}

fn run_with(
    how: &HowArgs,
    raw: bool,
    read: impl FnOnce(&read::Options, &Session, &Progress) -> Result<Sources>,
) -> Result<Run> {
    let settings = Settings::load(how.config.as_deref())?;
    let zone = how.time.zone()?;
    let given = clock::incident(&how.time, zone)?;
    let facts = settings.facts(&how.facts)?;
    let threads = how.reading.threads();
    // Fails only when a pool is there already.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    let options = read::Options {
        zone,
        prefix: how.reading.prefix.clone(),
        panels: panels(&how.panels)?,
        threads,
    };

    let progress = Progress::new();
    let session = session::start(&how.reading.limits, &progress);
    let sources = read(&options, &session, &progress);
    progress.done();
    let mut sources = sources?;

    let redactor = if raw { Redactor::off() } else { Redactor::new() };
    let mut tables = tables(&sources, &facts, how.packet.as_deref(), &redactor)?;
    // What people say about the time of impact, where the command line says nothing.
    let given = given.or_else(|| {
        let record = sources.incident.as_ref()?;
        Some((record.impact_start?, record.resolved))
    });
    let clocks = settled_clocks(&mut tables);
    let metric_clock = assemble::metric_clock::settle(&mut tables, &mut sources);
    // What is left when the others are moved.
    let sighted = assemble::sighted::sighted(&tables);
    let (changes, incident) = over_time(&mut tables, &sources, given);
    Ok(Run { sources, tables, redactor, changes, incident, clocks, metric_clock, sighted })
}

/// The clocks of the nodes against the database's, whose times are moved where that is sure.
fn settled_clocks(tables: &mut Tables) -> Vec<ClockNote> {
    let mut notes = assemble::clocks::offsets(tables);
    if let Some(by) = assemble::clocks::shift_of_database(&notes) {
        tables.shift_database(by);
        for note in &mut notes {
            note.applied = true;
        }
    }
    notes
}

impl Run {
    /// What rules know of the incident.
    pub(crate) fn rule_options(&self) -> rules::Options {
        rules::Options {
            incident: self.incident.as_ref().map(diagnosis::window),
            traffic: self.incident.as_ref().map(|incident| incident.traffic).unwrap_or_default(),
        }
    }

    /// Dates the incident by the gravest finding, where no signal showed one. Whether it did.
    pub(crate) fn date_by(&mut self, findings: &[model::Finding]) -> bool {
        self.incident = diagnosis::from_findings(findings, &self.tables.signals());
        let Some(incident) = &self.incident else { return false };
        self.tables.set_window(diagnosis::window(incident), self.sources.slow.as_ref());
        self.tables.set_changes(&self.changes);
        true
    }
}

/// Changes of all signals and the incident's window, which go back into the tables.
fn over_time(
    tables: &mut Tables,
    sources: &Sources,
    given: Option<clock::Given>,
) -> (Vec<Change>, Option<Incident>) {
    let signals = tables.signals();
    let mut changes = diagnosis::changes(&signals, &diagnosis::Options::default());
    tables.place_changes(&mut changes);
    let incident = match given {
        Some((start, end)) => Some(diagnosis::given(start, end, &changes, &signals)),
        None => diagnosis::detected(&changes, &signals, &presence(tables)),
    };
    if let Some(incident) = &incident {
        tables.set_window(diagnosis::window(incident), sources.slow.as_ref());
    }
    tables.set_changes(&changes);
    (changes, incident)
}

/// When servers were there, by their logs and by metrics.
fn presence(tables: &Tables) -> diagnosis::Presence {
    let of_logs = tables.absences().into_iter().map(|node| diagnosis::Absences {
        node: node.node,
        orderly: node.orderly,
        starts: node.starts,
        log_window: node.log_window,
    });
    diagnosis::Presence {
        of_logs: of_logs.collect(),
        of_metrics: tables.restarts_seen(),
        n_nodes: tables.n_servers(),
    }
}

/// The tables of what was read and of what the user gave.
fn tables(
    sources: &Sources,
    facts: &[(String, String)],
    packet: Option<&str>,
    redactor: &Redactor,
) -> Result<Tables> {
    let mut builder = TablesBuilder::new();
    builder.inputs(&sources.inputs);
    for packet in &sources.packets {
        builder.packet(packet, redactor);
    }
    if let Some(slow) = &sources.slow {
        builder.slowlog(slow, redactor);
    }
    for metrics in &sources.metrics {
        builder.metrics(metrics, redactor);
    }
    for answers in &sources.dba {
        builder.dba(answers, redactor);
    }
    if let Some(wanted) = packet {
        let Some(found) = sources.packets.iter().find(|packet| packet.source.contains(wanted))
        else {
            let names: Vec<&str> =
                sources.packets.iter().map(|packet| packet.source.as_str()).collect();
            bail!("--packet {wanted}: no packet of that name; there are: {}", names.join(", "));
        };
        builder.choose_packet(&found.source);
    }
    for (path, value) in facts {
        builder.given(path, value)?;
    }
    Ok(builder.build())
}

fn panels(arguments: &[String]) -> Result<Vec<(String, metrics::View)>> {
    arguments
        .iter()
        .map(|argument| {
            let (file, view) = argument
                .split_once('=')
                .with_context(|| format!("--panel {argument}: write FILE=VIEW"))?;
            let view = metrics::View::parse(view).with_context(|| {
                let all: Vec<&str> =
                    metrics::View::playbook().iter().map(|view| view.as_str()).collect();
                format!("--panel {argument}: no view `{view}`; there are: {}", all.join(", "))
            })?;
            Ok((file.to_owned(), view))
        })
        .collect()
}

/// The kind of source behind each source path, for the agreement of suspects.
pub(crate) fn source_kinds(sources: &Sources) -> std::collections::BTreeMap<String, String> {
    sources
        .inputs
        .iter()
        .map(|input| {
            let kind = if input.kind == "packet member" { "packet" } else { &input.kind };
            (input.path.clone(), kind.to_owned())
        })
        .collect()
}

pub(crate) use assemble::timeline::timeline;
