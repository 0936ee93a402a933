//! What is posted: laid out, drawn and written before anything is sent.

use super::super::report::Analysed;
use crate::args::PostArgs;
use anyhow::{Context as _, Result};
use chrono_tz::Tz;
use mattermost::{Limits, Part, Plan, Upload, fingerprint};
use model::Report;
use playbook::Playbook;
use report::channel::{self, ChannelFacts, Differences, State};
use report::charts;
use report::{Format, Style};
use serde_json::{Map, Value as Json};
use std::borrow::Cow;
use text::{Block, Document, Line, Markdown, Raw, Redactor};

/// Charts that are attached: three posts of them.
const CHARTS_MAX: usize = 30;
/// Of what a server takes as props, the share that each of the two kept states may take.
const STATE_SHARE: usize = 3;
/// More is kept on no server.
const STATE_RUNES_MAX: usize = 12_000;

/// What does not depend on the server and on the run before.
pub(super) struct Content<'a> {
    analysed: &'a Analysed,
    playbook: Cow<'static, Playbook>,
    style: Style,
    charts: Vec<(Upload, text::Text)>,
    files: Vec<Upload>,
    digest: String,
    customer: String,
    lasting: bool,
}

/// What the run before left in the mark of its first post.
pub(super) struct Previous {
    run: u32,
    digest: String,
    pub(super) customer: String,
    state: State,
    base: Option<State>,
}

impl Previous {
    /// Reads what was kept; `None` when it is nothing of ours.
    pub(super) fn read(memory: &Map<String, Json>) -> Option<Self> {
        let words =
            |key: &str| memory.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
        let state = |key: &str| serde_json::from_value(memory.get(key)?.clone()).ok();
        Some(Self {
            run: u32::try_from(memory.get("run")?.as_u64()?).ok()?,
            digest: words("digest"),
            customer: words("customer"),
            state: state("state")?,
            base: state("base"),
        })
    }
}

impl<'a> Content<'a> {
    /// Draws and writes everything.
    pub(super) fn new(analysed: &'a Analysed, args: &PostArgs, zone: Option<Tz>) -> Result<Self> {
        let style = Style { all: true, zone, ..Style::default() };
        let steady = steady(&analysed.report);
        let json = written("json", &steady, &style)?;
        let webhook = args.webhook || args.webhook_file.is_some();
        let mut files = Vec::new();
        if !args.no_files && !webhook {
            let markdown = written("markdown", &steady, &style)?;
            files.push(Upload { name: "report.md".to_owned(), bytes: markdown.into_bytes() });
            files.push(Upload { name: "report.json".to_owned(), bytes: json.clone().into_bytes() });
        }
        let charts = if args.charts && !webhook { drawn(analysed)? } else { Vec::new() };
        Ok(Self {
            analysed,
            playbook: super::super::playbook::load(args.read.how.playbook.as_deref())?,
            style,
            charts,
            files,
            digest: fingerprint(json.as_bytes()),
            customer: customer(analysed),
            lasting: !webhook,
        })
    }

    pub(super) fn has_files(&self) -> bool {
        !self.charts.is_empty() || !self.files.is_empty()
    }

    /// By what a customer is recognised without being named; empty when not known.
    pub(super) fn customer(&self) -> &str {
        &self.customer
    }

    /// The posts, as they fit the server, after the run before.
    pub(super) fn plan(&self, key: &str, limits: &Limits, previous: Option<&Previous>) -> Plan {
        let report = &self.analysed.report;
        let (run, base) = match previous {
            None => (1, None),
            Some(previous) if previous.digest == self.digest => {
                (previous.run, previous.base.clone())
            }
            Some(previous) => (previous.run.saturating_add(1), Some(previous.state.clone())),
        };
        let differences: Option<Differences> = base.as_ref().map(|base| base.differences(report));
        let facts = ChannelFacts {
            report,
            playbook: &self.playbook,
            record: &self.analysed.record,
            clocks: &self.analysed.clocks,
            style: &self.style,
            run,
            differences: differences.as_ref(),
            n_charts: self.charts.len(),
            report_attached: !self.files.is_empty(),
            lasting: self.lasting,
        };
        let mut parts: Vec<Part> = channel::channel(&facts)
            .into_iter()
            .map(|part| Part::text(part.id, part.pin, part.document.split(limits.message_runes)))
            .collect();
        parts.extend(self.chart_part());
        parts.extend(self.report_part());
        Plan { key: key.to_owned(), parts, memory: self.memory(run, base, limits) }
    }

    fn memory(&self, run: u32, base: Option<State>, limits: &Limits) -> Map<String, Json> {
        let room = (limits.props_runes / STATE_SHARE).min(STATE_RUNES_MAX);
        let json = |state: State| serde_json::to_value(state.within(room)).unwrap_or_default();
        let mut memory = Map::new();
        memory.insert("run".to_owned(), run.into());
        memory.insert("digest".to_owned(), self.digest.clone().into());
        if !self.customer.is_empty() {
            memory.insert("customer".to_owned(), self.customer.clone().into());
        }
        memory.insert("state".to_owned(), json(State::of(&self.analysed.report)));
        if let Some(base) = base {
            memory.insert("base".to_owned(), json(base));
        }
        memory
    }

    fn as_of(&self) -> Line {
        match channel::as_of(&self.analysed.report) {
            Some(at) => {
                Line::new().ours(" · as of ").said(at.format("%Y-%m-%d %H:%M UTC").to_string())
            }
            None => Line::new(),
        }
    }

    fn chart_part(&self) -> Option<Part> {
        if self.charts.is_empty() {
            return None;
        }
        let mut document = Document::new();
        document
            .line(Line::new().ours("**Charts** (step 6), the incident shaded").and(self.as_of()));
        let titles = self.charts.iter().map(|(_, title)| Line::new().text(title));
        document.push(Block::Bullets(titles.collect()));
        Some(Part {
            id: "charts".to_owned(),
            pin: true,
            messages: whole(&document),
            files: self.charts.iter().map(|(file, _)| file.clone()).collect(),
            superseded: Markdown::ours("*Older charts: newer ones stand below in this thread.*"),
        })
    }

    fn report_part(&self) -> Option<Part> {
        if self.files.is_empty() {
            return None;
        }
        let mut document = Document::new();
        document.line(Line::new().ours("**Full report** as Markdown and JSON").and(self.as_of()));
        Some(Part {
            id: "full-report".to_owned(),
            pin: false,
            messages: whole(&document),
            files: self.files.clone(),
            superseded: Markdown::ours(
                "*An older full report: the newer one stands below in this thread.*",
            ),
        })
    }
}

/// A document that is one message on every server.
fn whole(document: &Document) -> Vec<Markdown> {
    let mut messages = document.split(Limits::SMALLEST.message_runes);
    messages.truncate(1);
    messages
}

/// The report without what changes while the data does not: clocks, and the size of the file that
/// the posts themselves are noted in.
fn steady(report: &Report) -> Report {
    let mut report = report.clone();
    for step in &mut report.steps {
        step.text.retain(|text| !channel::is_clock(text));
    }
    for input in report.inputs.iter_mut().filter(|input| input.kind == "incident file") {
        input.bytes = 0;
    }
    report
}

/// A report in a format, without the folders of who runs this.
fn written(name: &str, report: &Report, style: &Style) -> Result<String> {
    let format: &Format = report::format(name).context("the format is there")?;
    let mut bytes = Vec::new();
    (format.write)(report, style, &mut bytes)?;
    Ok(channel::without_folders(report, &String::from_utf8_lossy(&bytes)))
}

fn drawn(analysed: &Analysed) -> Result<Vec<(Upload, text::Text)>> {
    let mut drawn = Vec::new();
    for (number, spec) in (1..).zip(&analysed.charts).take(CHARTS_MAX) {
        let title = spec.title.clone();
        let bytes = match charts::png(spec) {
            Ok(bytes) => bytes,
            Err(charts::ChartError::Empty) => continue,
            Err(error) => return Err(error).context(title.plain()),
        };
        let stem = super::super::grafana::file_stem(&title.plain());
        drawn.push((Upload { name: format!("chart-{number:02}-{stem}.png"), bytes }, title));
    }
    Ok(drawn)
}

fn customer(analysed: &Analysed) -> String {
    let licensed = analysed.report.packet.as_ref().map(|packet| packet.customer.plain());
    let said = Redactor::new().clear(&Raw::new(analysed.record.customer.untrusted()));
    // The packet tells on its own whose it is; a name that people wrote may be spelt in any way.
    let name = licensed.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| said.to_string());
    let name = name.trim().to_lowercase();
    if name.is_empty() {
        return String::new();
    }
    fingerprint(name.as_bytes()).get(..16).unwrap_or_default().to_owned()
}
