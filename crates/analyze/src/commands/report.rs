//! The main job: inputs in, a report out.

use crate::args::{HowArgs, ReportArgs, WriteArgs};
use crate::{assemble, pipeline};
use anyhow::{Context as _, Result, bail};
use model::{Exit, ExitReason, Finding, Level as _, Report, Severity, ToolInfo};
use playbook::{Clock, IncidentRecord, SystemInfo};
use report::charts::ChartSpec;
use report::{Format, Style};
use std::collections::BTreeSet;
use std::io::{BufWriter, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use tables::Tables;
use text::Redactor;

pub(crate) fn run(args: &ReportArgs, out: &mut dyn Write) -> Result<Exit> {
    let asked = Asked::check(&args.write, &args.read.how)?;
    let report = analyse(&args.read.inputs, &args.read.how, asked.fail_on)?.report;
    for (path, format) in &asked.files {
        write_file(path, format, &report, &asked.plain())?;
    }
    if asked.files.is_empty() || args.write.format.is_some() {
        (asked.format.write)(&report, &asked.style, out)?;
    }
    Ok(report.exit)
}

/// Every step of the playbook, or the one that was asked for.
pub(crate) fn steps(args: &ReportArgs, out: &mut dyn Write) -> Result<Exit> {
    let asked = Asked::check(&args.write, &args.read.how)?;
    let report = analyse(&args.read.inputs, &args.read.how, asked.fail_on)?.report;
    let ids: Vec<String> = match &asked.style.step {
        Some(step) => vec![step.clone()],
        None => report.steps.iter().map(|step| step.step.clone()).collect(),
    };
    if asked.format.name == "json" {
        (asked.format.write)(&report, &asked.style, out)?;
        return Ok(report.exit);
    }
    for id in ids {
        (asked.format.write)(&report, &Style { step: Some(id), ..asked.style.clone() }, out)?;
    }
    Ok(report.exit)
}

/// What was asked for, checked before anything is read.
struct Asked {
    format: &'static Format,
    files: Vec<(PathBuf, &'static Format)>,
    style: Style,
    fail_on: Option<Severity>,
}

impl Asked {
    fn check(args: &WriteArgs, how: &HowArgs) -> Result<Self> {
        let zone = how.time.zone()?;
        let playbook = super::playbook::load(how.playbook.as_deref())?;
        let name = args.format.as_deref().unwrap_or("terminal");
        let Some(format) = report::format(name) else {
            bail!("--format {name}: there are {}", names().join(", "));
        };
        let mut files = Vec::new();
        for path in &args.output {
            let Some(format) = report::format_of_file(&path.to_string_lossy()) else {
                let extensions: Vec<&str> =
                    report::FORMATS.iter().flat_map(|f| f.extensions).copied().collect();
                bail!(
                    "-o {}: the extension gives the format; there are .{}",
                    path.display(),
                    extensions.join(", .")
                );
            };
            files.push((path.clone(), format));
        }
        if let Some(step) = &args.step
            && playbook.step(step).is_none()
        {
            let near =
                tables::nearest_name(step, playbook.steps.iter().map(|step| step.id.as_str()));
            bail!(
                "--step {step}: no such step{}; `analyze playbook steps` lists them",
                near.map_or_else(String::new, |near| format!(", did you mean {near}?"))
            );
        }
        let terminal = std::io::stdout().is_terminal();
        let color = match args.color.as_str() {
            "auto" => terminal && name == "terminal" && !no_color(),
            "always" => true,
            "never" => false,
            other => bail!("--color {other}: write auto, always or never"),
        };
        let width = terminal_size::terminal_size()
            .filter(|_| terminal)
            .map_or(100, |(width, _)| usize::from(width.0));
        let style = Style {
            color,
            width: width.clamp(60, 160),
            all: args.all,
            severity: level(args.severity.as_deref(), "--severity")?.unwrap_or(Severity::Info),
            zone,
            step: args.step.clone(),
            outcomes: args.outcomes,
        };
        Ok(Self { format, files, style, fail_on: level(args.fail_on.as_deref(), "--fail-on")? })
    }

    /// The style for files: never coloured.
    fn plain(&self) -> Style {
        Style { color: false, width: 100, ..self.style.clone() }
    }
}

#[expect(clippy::disallowed_methods, reason = "the convention of no-color.org")]
fn no_color() -> bool {
    std::env::var("NO_COLOR").is_ok_and(|value| !value.is_empty())
}

fn names() -> Vec<&'static str> {
    report::FORMATS.iter().map(|format| format.name).collect()
}

fn level(word: Option<&str>, argument: &str) -> Result<Option<Severity>> {
    word.map(|word| {
        Severity::parse(word).with_context(|| {
            let all: Vec<&str> = Severity::ALL.iter().map(|level| level.as_str()).collect();
            format!("{argument} {word}: there are {}", all.join(", "))
        })
    })
    .transpose()
}

fn write_file(path: &Path, format: &Format, report: &Report, style: &Style) -> Result<()> {
    let file =
        std::fs::File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    let mut out = BufWriter::new(file);
    (format.write)(report, style, &mut out)?;
    out.flush().with_context(|| format!("cannot write {}", path.display()))
}

/// Everything between the arguments and the outputs.
pub(crate) fn analyse(
    inputs: &[String],
    how: &HowArgs,
    fail_on: Option<Severity>,
) -> Result<Analysed> {
    let rules = super::rules::load(&how.rule_folders, how.config.as_deref())?;
    analysed(pipeline::run(inputs, how, false)?, &rules, how, fail_on)
}

/// The tables of a run with causes and course in them.
pub(crate) fn with_results(run: pipeline::Run, how: &HowArgs) -> Result<Tables> {
    let rules = super::rules::load(&how.rule_folders, how.config.as_deref())?;
    Ok(analysed(run, &rules, how, None)?.tables)
}

/// Everything between what was read and the outputs.
pub(crate) fn analysed(
    mut run: pipeline::Run,
    rules: &[rules::Rule],
    how: &HowArgs,
    fail_on: Option<Severity>,
) -> Result<Analysed> {
    let playbook = super::playbook::load(how.playbook.as_deref())?;
    let (mut outcomes, mut findings) = evaluated(rules, &run);
    if run.incident.is_none() && run.date_by(&findings) {
        // Now there is a time before to compare with.
        (outcomes, findings) = evaluated(rules, &run);
    }
    let lines: Vec<model::OutcomeLine> = outcomes.iter().map(rules::RuleOutcome::line).collect();

    let mut timeline =
        pipeline::timeline(&run.tables, &run.changes, run.sources.incident.as_ref(), &run.redactor);
    timeline.extend(assemble::clocks::entries(&run.clocks, &run.redactor));
    timeline.extend(run.metric_clock.as_ref().map(assemble::metric_clock::entry));
    timeline.extend(assemble::sighted::entries(&run.sighted, &run.redactor));
    timeline.sort_by_key(|entry| entry.time);
    let kinds = pipeline::source_kinds(&run.sources);
    let tables_read = run.tables.iter().map(|table| table.doc().name).collect();
    let mut suspects = diagnosis::suspects(&diagnosis::Grounds {
        findings: &findings,
        changes: &run.changes,
        incident: run.incident.as_ref(),
        source_kinds: &kinds,
        tables_read: &tables_read,
        things: &things(&run.tables),
    });
    diagnosis::agree(&mut findings, &suspects);
    assemble::code::add_code(&mut suspects, &findings, &run.tables);
    let mut incident = run
        .incident
        .clone()
        .or_else(|| diagnosis::from_suspect(suspects.first()?, &findings, &run.tables.signals()));
    let packet =
        run.sources.packets.iter().max_by_key(|packet| packet.generated_at).map(|packet| {
            assemble::system::packet_info(
                &run.tables,
                &packet.source,
                packet.era.as_str(),
                packet.generated_at,
                &run.redactor,
            )
        });
    let mut system =
        assemble::system::system_info(&run.tables, &run.sources.metrics, &run.redactor);
    system.dba = assemble::dba::dba_state(&run.sources.dba, &run.tables, &run.redactor);
    let mut unknown = assemble::clocks::unknown(&run.clocks, &run.redactor);
    unknown.extend(run.metric_clock.as_ref().and_then(assemble::metric_clock::unknown));
    unknown.extend(assemble::sighted::unknown(&run.sighted, &run.redactor));
    unknown.extend(assemble::unknown::unknown(
        &lines,
        &run.sources.inputs,
        &run.redactor,
        incident.as_ref(),
        run.tables.engine(),
    ));
    let mitigated = run.sources.incident.as_ref().and_then(|record| record.last("mitigation"));
    if let (Some(incident), Some(at)) = (&mut incident, mitigated) {
        // What people want to know first after a mitigation stands first.
        let lines = diagnosis::recovery_lines(&run.changes, incident, at);
        incident.impact.splice(0..0, lines);
    }
    let fine = assemble::unknown::fine(&findings, &run.tables, &run.redactor);
    let mut charts = super::grafana::specs(&run.sources.metrics, &run.tables, &run.redactor);
    let zone = super::grafana::customer_zone(how, &run.sources.metrics)?;
    super::grafana::mark(&mut charts, incident.as_ref(), zone);
    let courses = super::grafana::courses(&charts);
    let mut report = Report {
        tool: ToolInfo {
            name: "analyze".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            n_rules: rules.len(),
        },
        packet,
        exit: Exit::Ran,
        exit_reasons: Vec::new(),
        inputs: run.sources.inputs,
        incident,
        suspects,
        disagreements: assemble::disagreements::disagreements(&run.tables, &run.redactor),
        findings,
        fine,
        unknown,
        outcomes: lines,
        courses,
        changes: run.changes,
        timeline,
        steps: Vec::new(),
        redactions: run
            .redactor
            .counts()
            .into_iter()
            .map(|(kind, n)| (kind.to_owned(), n))
            .collect(),
    };
    report.steps = playbook::fill(&playbook, &report, &system);
    let record = run.sources.incident.unwrap_or_default();
    let clocks = super::playbook::clocks_of(&playbook, &record, &report)?;
    playbook::add_people(&mut report.steps, &playbook, &record, &clocks, &run.redactor);
    set_exit(&mut report, &run.sources.incomplete, fail_on);
    let mut tables = run.tables;
    tables.set_suspects(&report.suspects);
    tables.set_timeline(&report.timeline);
    Ok(Analysed { report, system, record, clocks, charts, tables, redactor: run.redactor })
}

/// Plugins and types of jobs, as the packet, events and log lines name them.
fn things(tables: &Tables) -> BTreeSet<String> {
    // Table, column with the name, and what another column has to begin with.
    let places = [
        ("plugins", "id", None),
        ("jobs", "type", None),
        ("server_events", "subject", Some(("kind", "plugin-"))),
        ("log_top", "value", Some(("field", "plugin_id"))),
    ];
    let mut things = BTreeSet::new();
    for (table, column, only) in places {
        let Some(table) = tables.table(table) else { continue };
        let Some(names) = table.column(column) else { continue };
        for row in 0..table.n_rows() {
            let is_one = only.is_none_or(|(column, begin): (&str, &str)| {
                let of_row = table.column(column).and_then(|column| column.value(row));
                of_row.is_some_and(|value| value.as_str().starts_with(begin))
            });
            things.extend(names.value(row).filter(|_| is_one).map(|name| name.as_str().to_owned()));
        }
    }
    things
}

/// The rules on what was read, and their findings in order.
fn evaluated(
    rules: &[rules::Rule],
    run: &pipeline::Run,
) -> (Vec<rules::RuleOutcome>, Vec<Finding>) {
    let options = run.rule_options();
    let outcomes = rules::evaluate(rules, &run.tables, &options);
    let mut findings: Vec<Finding> =
        outcomes.iter().flat_map(|outcome| outcome.findings.iter().cloned()).collect();
    findings.sort_by(Finding::order);
    (outcomes, findings)
}

/// What an analysis gives: the report, and what drafts need beside it.
pub(crate) struct Analysed {
    pub(crate) report: Report,
    pub(crate) system: SystemInfo,
    pub(crate) record: IncidentRecord,
    pub(crate) clocks: Vec<Clock>,
    pub(crate) charts: Vec<ChartSpec>,
    /// With the results of the analysis in them.
    pub(crate) tables: Tables,
    pub(crate) redactor: Redactor,
}

/// The exit code: findings outrank what was not read.
fn set_exit(report: &mut Report, incomplete: &[String], fail_on: Option<Severity>) {
    let reasons: Vec<ExitReason> =
        incomplete.iter().map(|reason| ExitReason(reason.clone())).collect();
    if !reasons.is_empty() {
        report.exit = Exit::Incomplete;
        report.exit_reasons = reasons;
    }
    if let Some(level) = fail_on {
        let n = report.findings.iter().filter(|finding| finding.severity <= level).count();
        if n > 0 {
            report.exit = Exit::Findings;
            report
                .exit_reasons
                .insert(0, ExitReason(format!("{n} findings of severity {level} or above")));
        }
    }
}
