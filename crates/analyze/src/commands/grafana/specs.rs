//! Which charts there are: one for each view, or for what is measured where a view is a collection.

use super::focus::without_copies;
use chrono_tz::Tz;
use metrics::{Series, View};
use model::Window;
use report::charts::{ChartSeries, ChartSpec, Threshold};
use std::collections::{BTreeMap, BTreeSet};
use tables::{Cell, Tables};
use text::{Raw, Redactor, Text};

/// The largest finite bucket of the server's histograms, in seconds.
const CEILING_S: f64 = 10.0;

/// What belongs on one chart: one view, one unit, and parts (methods, handlers) apart from wholes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    view: View,
    /// The metric, for views that are collections; else empty.
    metric: String,
    parts: bool,
    unit: String,
}

impl Group {
    fn of(series: &Series) -> Option<Self> {
        let view = series.view?;
        let metric = if is_collection(view) { base_name(&series.name) } else { "" };
        Some(Self {
            view,
            metric: metric.to_owned(),
            parts: !series.subject.is_empty(),
            unit: series.unit.clone(),
        })
    }
}

/// Views that hold metrics of several kinds: goroutines and file descriptors have no common axis.
fn is_collection(view: View) -> bool {
    matches!(view, View::Process | View::Websocket | View::Cluster | View::Service)
}

/// A metric without the quantile at its end.
fn base_name(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((base, "p999" | "p99" | "p95" | "p90" | "p50" | "mean" | "max")) => base,
        _ => name,
    }
}

/// `open-fds` as `Open fds`.
fn words(name: &str) -> String {
    capitalised(&name.replace('-', " "))
}

fn capitalised(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// The charts of all series, in the order of the views.
pub(crate) fn specs(
    files: &[metrics::Metrics],
    tables: &Tables,
    redactor: &Redactor,
) -> Vec<ChartSpec> {
    let mut groups: BTreeMap<Group, Vec<&Series>> = BTreeMap::new();
    for series in files.iter().flat_map(|file| &file.series) {
        if let Some(group) = Group::of(series) {
            groups.entry(group).or_default().push(series);
        }
    }
    let several = |group: &Group| {
        let same = |other: &&Group| {
            (other.view, &other.metric, other.parts) == (group.view, &group.metric, group.parts)
        };
        groups.keys().filter(same).count() > 1
    };
    groups
        .iter()
        .filter_map(|(group, series)| {
            let mut series = without_copies(series);
            if group.parts {
                // The legend goes down as the lines do.
                series.sort_by(|a, b| peak(b).total_cmp(&peak(a)));
            }
            let window = series.iter().filter_map(|series| series.window()).reduce(Window::hull)?;
            Some(ChartSpec {
                title: title(group, several(group), redactor),
                unit: group.unit.clone(),
                window,
                series: lines(&series, redactor),
                incident: None,
                goes_on: false,
                onset: None,
                thresholds: thresholds(group, &series, tables),
                customer_tz: None::<Tz>,
                n_elsewhere: 0,
            })
        })
        .collect()
}

/// The highest value.
fn peak(series: &Series) -> f64 {
    series.samples.iter().filter_map(|s| s.value).fold(f64::NEG_INFINITY, f64::max)
}

fn title(group: &Group, several_units: bool, redactor: &Redactor) -> Text {
    let mut title = if group.metric.is_empty() {
        Text::ours(capitalised(group.view.title()))
    } else {
        // The name of a metric that only the file knows is the customer's word.
        Text::value(redactor.clear(&Raw::new(words(&group.metric))))
    };
    if group.parts {
        title.push_ours(", each");
    }
    if several_units {
        title.push_ours(format!(" ({})", group.unit));
    }
    title
}

fn lines(series: &[&Series], redactor: &Redactor) -> Vec<ChartSeries> {
    labels(series, redactor)
        .into_iter()
        .zip(series)
        .map(|(label, series)| ChartSeries {
            label,
            points: series.samples.iter().map(|sample| (sample.at(), sample.value)).collect(),
        })
        .collect()
}

/// What the legend says of each series: the customer's own legend where it tells the series apart
/// and is no selector, else what the series is.
fn labels(series: &[&Series], redactor: &Redactor) -> Vec<Text> {
    let distinct = |of: fn(&Series) -> &str| {
        series.iter().map(|series| of(series)).collect::<BTreeSet<_>>().len() > 1
    };
    let several_panels = distinct(|series| series.panel.untrusted());
    let several_metrics = distinct(|series| base_name(&series.name));
    let clear = |raw: &Raw| Text::value(redactor.clear(raw));
    let own: Vec<Text> = series
        .iter()
        .map(|series| {
            let legend = series.legend.untrusted();
            if legend.is_empty() || legend.contains("=\"") {
                return described(series, several_metrics, redactor);
            }
            if several_panels && !series.panel.is_empty() {
                let mut label = clear(&series.panel);
                label.push_ours(": ");
                label.push_value(redactor.clear(&series.legend));
                return label;
            }
            clear(&series.legend)
        })
        .collect();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for label in &own {
        *seen.entry(label.plain()).or_default() += 1;
    }
    let mut numbered: BTreeMap<String, usize> = BTreeMap::new();
    own.into_iter()
        .map(|mut label| {
            let plain = label.plain();
            if seen.get(&plain).is_some_and(|n| *n > 1) {
                let number = numbered.entry(plain).or_default();
                *number += 1;
                label.push_ours(format!(" (no. {number})"));
            }
            label
        })
        .collect()
}

/// `p99 createPost on app-1`, with the metric where a chart has several.
fn described(series: &Series, several_metrics: bool, redactor: &Redactor) -> Text {
    let mut label = Text::ours("");
    if let Some((_, quantile)) = series.name.rsplit_once('-').filter(|_| series.quantile.is_some())
    {
        label.push_ours(format!("{quantile} "));
    }
    let name = words(base_name(&series.name));
    if series.subject.is_empty() {
        label.push_value(redactor.clear(&Raw::new(name)));
    } else {
        label.push_value(redactor.clear(&series.subject));
        if several_metrics && series.quantile.is_none() {
            label.push_ours(", ");
            label.push_value(redactor.clear(&Raw::new(name.to_lowercase())));
        }
    }
    if !series.node.is_empty() {
        label.push_ours(" on ");
        label.push_value(redactor.clear(&series.node));
    }
    label
}

/// What the packet says is the most there can be, and where histograms end.
fn thresholds(group: &Group, series: &[&Series], tables: &Tables) -> Vec<Threshold> {
    let (view, unit) = (group.view, group.unit.as_str());
    #[expect(clippy::cast_precision_loss, reason = "a line of a chart")]
    let number = |path: &str| {
        let cell = tables.facts().get(path, None).cell();
        if let Cell::Int(value) = cell {
            return Some(value as f64);
        }
        if let Cell::Float(value) = cell { Some(value) } else { None }
    };
    let mut lines = Vec::new();
    if series.iter().any(|series| series.limits.iter().any(|l| l == metrics::CEILING)) {
        lines.push(Threshold {
            label: Text::ours("the truth may be more: histograms end at"),
            value: CEILING_S,
        });
    }
    if view == View::Cpu
        && let Some(cores) = number("server.cpu_cores")
    {
        // A container may use fewer than its host has.
        let limit =
            number("server.container_cpu_limit").filter(|limit| (0.0..cores).contains(limit));
        lines.push(match limit.filter(|limit| *limit > 0.0) {
            Some(limit) => {
                Threshold { label: Text::ours("CPU limit of the container"), value: limit * 100.0 }
            }
            None => Threshold { label: Text::ours("all cores of a node"), value: cores * 100.0 },
        });
    }
    let n_nodes = tables.table("nodes").map_or(0, |nodes| nodes.n_rows());
    let pooled = series.iter().any(|series| series.name.starts_with("pool-"));
    if view == View::Connections
        && unit == "count"
        && pooled
        && n_nodes > 0
        && let Some(max_open) = number("SqlSettings.MaxOpenConns").filter(|max| *max > 0.0)
    {
        // The panels of the pools add up all nodes.
        let label = match n_nodes {
            1 => "MaxOpenConns".to_owned(),
            n => format!("MaxOpenConns of {n} nodes"),
        };
        #[expect(clippy::cast_precision_loss, reason = "a handful of nodes")]
        let value = max_open * n_nodes as f64;
        lines.push(Threshold { label: Text::ours(label), value });
    }
    let memory_mb = || {
        number("server.container_memory_limit_mb")
            .filter(|mb| *mb > 0.0)
            .or_else(|| number("server.total_memory_mb"))
    };
    if view == View::Memory
        && unit == "bytes"
        && let Some(mb) = memory_mb()
    {
        lines
            .push(Threshold { label: Text::ours("memory of a node"), value: mb * 1024.0 * 1024.0 });
    }
    lines
}
