//! `analyze grafana`: a chart for each view of the playbook, what changed, and which views lack.

mod focus;
mod specs;

use crate::args::{GrafanaArgs, HowArgs};
use crate::pipeline;
use anyhow::{Context as _, Result, bail};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use model::{Change, CheckedInput, Confidence, Course, Exit, Incident};
use report::charts::{self, ChartSeries, ChartSpec};
use std::io::Write;
use text::{Text, escape};

pub(crate) use specs::specs;

/// Lines of changes that are printed; all of them stand in the JSON report.
const CHANGES_MAX: usize = 25;
/// Files that are named as not read, or not as a whole.
const TROUBLES_MAX: usize = 20;
/// What is said about each of them.
const ISSUES_MAX: usize = 3;
/// Points of a line of blocks: what fits beside a title on a narrow terminal.
const COURSE_POINTS: usize = 60;

pub(crate) fn run(args: &GrafanaArgs, out: &mut dyn Write) -> Result<Exit> {
    let run = pipeline::run(&args.read.inputs, &args.read.how, false)?;
    let troubles = troubles(&run.sources.inputs);
    if run.sources.metrics.is_empty() {
        let mut why = troubles;
        why.insert(0, "no metrics among the inputs".to_owned());
        why.push("`analyze request` prints the clicks that export them".to_owned());
        bail!(why.join("\n  "));
    }
    let any_series = run.sources.metrics.iter().any(|file| !file.series.is_empty());
    let zone = customer_zone(&args.read.how, &run.sources.metrics)?;
    let missing = metrics::missing_views(run.sources.metrics.iter());
    let exit = if run.sources.incomplete.is_empty() { Exit::Ran } else { Exit::Incomplete };
    let Shown { incident, changes, mut charts } = shown_of(run, args)?;
    if let Some(incident) = &incident {
        let time = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M").to_string();
        writeln!(
            out,
            "Incident from {} UTC{}, {}",
            time(incident.start),
            incident.end.map_or_else(String::new, |end| format!(" to {} UTC", time(end))),
            incident.confidence
        )?;
        for line in &incident.impact {
            writeln!(out, "  {}", shown(line))?;
        }
    }
    mark(&mut charts, incident.as_ref(), zone);
    for spec in &charts {
        let values = highest(&spec.series);
        writeln!(
            out,
            "{:32} {}  {}",
            shown(&spec.title),
            charts::sparkline(&charts::thinned(&values, COURSE_POINTS)),
            spec.unit
        )?;
    }
    let changes: Vec<_> =
        changes.iter().filter(|change| change.confidence < Confidence::Possible).collect();
    if !any_series {
        // Nothing was looked at: that is no good news.
        writeln!(out, "No values to look at.")?;
    } else if changes.is_empty() {
        writeln!(out, "\nNo change stands out of the noise and the day's course.")?;
    } else {
        writeln!(out, "\nChanges, in order of onset:")?;
    }
    for change in changes.iter().take(CHANGES_MAX) {
        writeln!(out, "  {}", escape::terminal(&diagnosis::wording::change(change)))?;
    }
    if changes.len() > CHANGES_MAX {
        writeln!(out, "  and {} more", changes.len() - CHANGES_MAX)?;
    }
    for trouble in troubles.iter().take(TROUBLES_MAX) {
        writeln!(out, "{trouble}")?;
    }
    if troubles.len() > TROUBLES_MAX {
        writeln!(out, "and {} more such files", troubles.len() - TROUBLES_MAX)?;
    }
    // The clicks are the same for every panel: only the names are.
    if let Some(first) = missing.first() {
        let titles: Vec<&str> = missing.iter().map(|missing| missing.view.title()).collect();
        writeln!(out, "Missing: {}", titles.join(", "))?;
        writeln!(out, "  {}: {}", first.view.title(), first.how_to_get)?;
    }
    for missing in missing.iter().skip(1) {
        let panel = missing.how_to_get.split('"').nth(3).unwrap_or(missing.view.title());
        writeln!(out, "  {}: the same with the panel \"{panel}\"", missing.view.title())?;
    }
    if let Some(folder) = &args.output {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        for spec in &charts {
            let stem = file_stem(&spec.title.plain());
            let pictures = charts::png(spec).and_then(|png| Ok((png, charts::svg(spec)?)));
            let (png, svg) = match pictures {
                Ok(pictures) => pictures,
                Err(error) => {
                    writeln!(out, "{stem}: {error}")?;
                    continue;
                }
            };
            for (extension, bytes) in [("png", png.as_slice()), ("svg", svg.as_bytes())] {
                let path = folder.join(format!("{stem}.{extension}"));
                #[expect(
                    clippy::disallowed_methods,
                    reason = "analyze writes where the user says"
                )]
                std::fs::write(&path, bytes)
                    .with_context(|| format!("cannot write {}", path.display()))?;
            }
        }
        writeln!(out, "{} charts written to {}", charts.len(), folder.display())?;
    }
    Ok(exit)
}

/// Files that were not read, or not as a whole, each with why.
fn troubles(inputs: &[CheckedInput]) -> Vec<String> {
    let of_metrics = inputs.iter().filter(|input| !input.read || input.kind == "metrics");
    of_metrics
        .filter(|input| !input.read || !input.issues.is_empty())
        .map(|input| {
            let name = input.path.rsplit(['/', '\\']).next().unwrap_or(&input.path);
            let state = if input.read { "Read in part" } else { "Not read" };
            let why: Vec<String> = input
                .issues
                .iter()
                .take(ISSUES_MAX)
                .map(|issue| {
                    let place = Some(issue.location.as_str()).filter(|at| !at.is_empty());
                    let place = place.map_or_else(String::new, |at| format!(" at {at}"));
                    let times = Some(issue.count).filter(|n| *n > 1);
                    let times = times.map_or_else(String::new, |n| format!(", {n} times"));
                    format!("{}{place}{times}", issue.reason)
                })
                .collect();
            let line = format!("{state}: {name}: {}", why.join("; "));
            escape::terminal(&line).into_owned()
        })
        .collect()
}

/// What the charts are of.
struct Shown {
    incident: Option<Incident>,
    changes: Vec<Change>,
    charts: Vec<ChartSpec>,
}

/// The charts, and the incident that they shade: the same as that of the report. Where no signal
/// dates it findings and causes may, which takes the rules.
fn shown_of(run: pipeline::Run, args: &GrafanaArgs) -> Result<Shown> {
    if run.incident.is_some() {
        let charts = specs(&run.sources.metrics, &run.tables, &run.redactor);
        return Ok(Shown { incident: run.incident, changes: run.changes, charts });
    }
    let how = &args.read.how;
    let rules = super::rules::load(&how.rule_folders, how.config.as_deref())?;
    let analysed = super::report::analysed(run, &rules, how, None)?;
    let (incident, changes) = (analysed.report.incident, analysed.report.changes);
    Ok(Shown { incident, changes, charts: analysed.charts })
}

/// Puts the incident and the customer's zone onto charts, and cuts them to its time.
pub(crate) fn mark(charts: &mut [ChartSpec], incident: Option<&Incident>, zone: Option<Tz>) {
    let window = incident.map(diagnosis::window);
    for spec in charts {
        focus::focus(spec, window);
        spec.incident = window;
        spec.goes_on = incident.is_some_and(|incident| incident.end.is_none());
        spec.onset = window.map(|window| window.start);
        spec.customer_tz = zone;
    }
}

/// The zone of the second time axis: the one that was named, else the one that the exports are in.
pub(crate) fn customer_zone(how: &HowArgs, files: &[metrics::Metrics]) -> Result<Option<Tz>> {
    let named = how.time.zone()?;
    Ok(named.or_else(|| inferred_zone(files)))
}

/// The offset that the exports were found to be written in, as a zone for the second axis.
fn inferred_zone(files: &[metrics::Metrics]) -> Option<Tz> {
    let offset_s = files.iter().flat_map(|file| &file.series).find_map(|series| {
        if let metrics::Clock::Inferred { offset_s } = series.clock { Some(offset_s) } else { None }
    })?;
    // Zones of whole hours have a name of their own, with the sign the other way round.
    let hours = offset_s / 3600;
    let name = format!("Etc/GMT{}{}", if hours > 0 { '-' } else { '+' }, hours.abs());
    (offset_s % 3600 == 0 && hours != 0).then(|| name.parse().ok()).flatten()
}

fn shown(text: &Text) -> String {
    text.render(|value| escape::terminal(value).into_owned())
}

pub(crate) fn file_stem(title: &str) -> String {
    let stem: String = title
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect();
    stem.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

/// The courses of the views as a whole, for the report.
pub(crate) fn courses(charts: &[ChartSpec]) -> Vec<Course> {
    charts
        .iter()
        .filter(|spec| !spec.title.plain().contains(", each"))
        .map(|spec| Course {
            title: spec.title.clone(),
            unit: spec.unit.clone(),
            values: charts::thinned(&highest(&spec.series), COURSE_POINTS),
        })
        .collect()
}

/// The highest of all series at each point of the longest one.
fn highest(series: &[ChartSeries]) -> Vec<Option<f64>> {
    let longest = series.iter().map(|series| series.points.len()).max().unwrap_or(0);
    let mut highest = vec![None; longest];
    for series in series {
        for (highest, (_, value)) in highest.iter_mut().zip(&series.points) {
            if let Some(value) = value {
                *highest = Some(highest.map_or(*value, |known: f64| known.max(*value)));
            }
        }
    }
    highest
}
