//! What a column or a result is: canonical metric, view, unit, node and subject.

use crate::labels::{self, node_of};
use crate::panels::{self, Query};
use crate::{Series, View, guess, limits};
use text::Raw;

/// Labels that name an application server, best first.
const NODE_LABELS: &[&str] =
    &["instance", "service_instance_id", "pod", "host", "hostname", "tag_Name"];

/// Labels that say what a series is about, best first.
const SUBJECT_LABELS: &[&str] = &[
    "handler",
    "method",
    "type",
    "name",
    "reason",
    "route",
    "db_name",
    "plugin_id",
    "cache_name",
    "target",
    "origin_client",
    "status_code",
    "detected_level",
    "hub",
];

/// What is known about the panel of a file before its legends are looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Panel {
    /// Its title, or what stands for it in the file name.
    pub(crate) title: String,
    /// Its queries, if it is one that Mattermost publishes.
    pub(crate) queries: &'static [Query],
    /// The view that the user gave.
    pub(crate) view: Option<View>,
    /// Whether the panel was guessed.
    pub(crate) guessed: bool,
}

impl Panel {
    /// From a title and the legends of the file.
    pub(crate) fn find(title: &str, view: Option<View>, legends: &[String]) -> Self {
        let mut panel = Self { title: title.to_owned(), view, ..Self::default() };
        let by_title = panels::panel(title);
        let fits_view = |queries: &[Query]| {
            view.is_none_or(|view| queries.iter().any(|query| query.view == Some(view)))
        };
        if !by_title.is_empty() && fits_view(by_title) {
            panel.queries = by_title;
        } else if let Some(view) = view {
            let titles = panels::titles_of(view);
            let by_legend = titles.iter().map(|title| panels::panel(title)).find(|queries| {
                legends.iter().all(|legend| {
                    panels::matching(queries, legend).is_some_and(|(_, labels)| !is_odd(&labels))
                })
            });
            panel.queries = by_legend
                .unwrap_or_else(|| titles.first().map_or(&[], |title| panels::panel(title)));
        } else if let Some(title) = guess::by_legends(legends) {
            panel.queries = panels::panel(title);
            panel.guessed = true;
        }
        panel
    }

    /// Whether the panel has more than one series on any cluster of several nodes.
    pub(crate) fn is_plural(&self) -> bool {
        self.queries.len() > 1 || self.queries.iter().any(|query| query.legend.contains("{{"))
    }
}

/// Whether an instance was found that looks like a store method: the wrong template fits.
fn is_odd(labels: &[(&'static str, String)]) -> bool {
    labels.iter().any(|(label, value)| *label == "instance" && value.contains("Store."))
}

/// A series without samples, and the factor from its raw values to its unit.
pub(crate) fn series(panel: &Panel, legend: &str) -> (Series, f64) {
    let (mut bare, mut found) = labels::split(legend);
    if bare.is_empty()
        && let Some(at) = found.iter().position(|(name, _)| name == "name")
    {
        // Joins of version 7 to 9 put the legend into a label.
        let fits = panel
            .queries
            .iter()
            .any(|q| panels::captures(q.legend, &found_at(&found, at)).is_some());
        if fits {
            bare = found.remove(at).1;
        }
    }
    let mut series = Series {
        panel: Raw::new(labels::clip(&panel.title)),
        legend: Raw::new(labels::clip(legend)),
        ..Series::default()
    };
    let (query, captured) = match panels::matching(panel.queries, &bare) {
        Some((query, captured)) => (Some(query), captured),
        None => (fallback(panel.queries, &bare, &found), Vec::new()),
    };
    for (label, value) in captured {
        if !found.iter().any(|(name, _)| name == label) {
            found.push((label.to_owned(), labels::clip(&value)));
        }
    }
    let by_legend = query.is_some_and(|query| panels::captures(query.legend, &bare).is_some());
    let factor = match query {
        Some(query) => describe(&mut series, query, panel),
        None => {
            let guessed = guess::by_words(&panels::normalised(&panel.title), &bare, &found);
            guess_into(&mut series, guessed, panel);
            1.0
        }
    };
    place(&mut series, &bare, &found, query, by_legend);
    let differ = panel.queries.iter().any(|query| query.name != series.name);
    if !by_legend && differ && series.quantile.is_some() && guess::quantile_word(&bare).is_none() {
        limit(&mut series, limits::QUANTILE_BY_ORDER);
    }
    series.labels = found.into_iter().map(|(name, value)| (name, Raw::new(value))).collect();
    if let Some(view) = panel.view {
        series.view = Some(view);
    }
    (series, factor)
}

fn found_at(found: &[(String, String)], at: usize) -> String {
    found.get(at).map(|(_, value)| value.clone()).unwrap_or_default()
}

/// The query of a known panel for a legend that fits none: the same quantile, else the one without
/// legend, else the only one.
fn fallback(
    queries: &'static [Query],
    bare: &str,
    found: &[(String, String)],
) -> Option<&'static Query> {
    let quantile = guess::quantile_word(bare);
    if let Some(word) = quantile
        && let Some(query) = queries.iter().find(|query| query.name.ends_with(word))
    {
        return Some(query);
    }
    let total = found.iter().any(|(name, value)| name == "instance" && value.is_empty());
    if total && let Some(query) = queries.iter().find(|query| query.legend == "Total") {
        return Some(query);
    }
    let first = queries.first()?;
    let same = queries
        .iter()
        .all(|query| query.name == first.name && query.factor.total_cmp(&first.factor).is_eq());
    queries.iter().find(|query| query.legend.is_empty()).or(same.then_some(first)).or_else(|| {
        // Quantiles of one metric: which one is settled by the order of the columns.
        queries.iter().all(|query| query.metric == first.metric).then_some(first)
    })
}

fn describe(series: &mut Series, query: &'static Query, panel: &Panel) -> f64 {
    query.name.clone_into(&mut series.name);
    query.metric.clone_into(&mut series.metric);
    query.unit.clone_into(&mut series.unit);
    series.view = query.view;
    series.quantile = guess::quantile_of(query.name);
    series.subject = Raw::from(query.subject);
    if panel.guessed {
        limit(series, limits::GUESSED_PANEL);
    }
    if query.title.starts_with("Top 10") {
        limit(series, limits::TOP_LIST);
    }
    if matches!(
        query.name,
        "db-connections" | "pool-open" | "pool-in-use" | "pool-wait-count" | "websocket-buffer"
    ) && !query.legend.contains("{{instance}}")
    {
        limit(series, limits::SUM_OVER_NODES);
    }
    if query.name.ends_with("hit-ratio") || query.name == "login-success-ratio" {
        limit(series, limits::LIFETIME_RATIO);
    }
    series.scale_note = note(query);
    query.factor
}

/// What a reader of the values has to know.
fn note(query: &Query) -> String {
    let title = query.title;
    if title.ends_with("/ min") {
        "per second, although the title says per minute".to_owned()
    } else if query.name == "cpu-utilization" {
        "percent of one core: 400 is four cores".to_owned()
    } else if query.name == "posts-users" {
        "the panel's query multiplies the rate of posts by ten".to_owned()
    } else if query.name == "replica-lag" {
        "in the unit of the customer's lag query".to_owned()
    } else if query.unit == "s" && query.factor < 1.0 {
        "milliseconds times 0.001".to_owned()
    } else if query.unit == "bytes" && query.factor > 1.0 {
        "MiB times 1048576".to_owned()
    } else {
        String::new()
    }
}

fn guess_into(series: &mut Series, guessed: Option<guess::Guess>, panel: &Panel) {
    if let Some(guessed) = guessed {
        series.name = guessed.name;
        series.view = guessed.view;
        guessed.unit.clone_into(&mut series.unit);
        guessed.subject.clone_into_subject(series);
        series.quantile = guess::quantile_of(&series.name);
        limit(series, limits::GUESSED_PANEL);
    } else {
        series.name = panels::kebab(&panel.title);
        if series.name.is_empty() {
            "unnamed".clone_into(&mut series.name);
        }
        limit(series, limits::UNKNOWN_PANEL);
    }
    if series.name == "cpu-utilization" {
        "percent of one core: 400 is four cores".clone_into(&mut series.scale_note);
    }
}

/// Node and subject from labels and legend; `by_legend` says that the legend is the panel's own.
fn place(
    series: &mut Series,
    bare: &str,
    found: &[(String, String)],
    query: Option<&'static Query>,
    by_legend: bool,
) {
    let value = |names: &[&str]| {
        names.iter().find_map(|name| {
            found
                .iter()
                .find(|(label, value)| label == name && !value.is_empty())
                .map(|(_, value)| value.clone())
        })
    };
    let instance = value(NODE_LABELS);
    if let Some(instance) = &instance {
        series.node = Raw::new(node_of(instance));
    }
    if series.subject.is_empty() {
        let replica = (series.name.starts_with("replica-lag")).then(|| value(&["node"])).flatten();
        if let Some(subject) = replica.or_else(|| value(SUBJECT_LABELS)) {
            series.subject = Raw::new(subject);
        }
    }
    if let Some(quantile) = value(&["quantile"]).and_then(|q| q.parse::<f64>().ok())
        && (0.0..=1.0).contains(&quantile)
    {
        series.quantile = Some(quantile);
    }
    let is_total = matches!(bare, "Total" | "All" | "total" | "all" | "sum");
    let own_words = !by_legend && instance.is_none() && !bare.is_empty() && !is_total;
    if own_words {
        // A legend that somebody wrote: an address is a node, anything else what the series is about.
        let plain = bare
            .split([' ', ','])
            .map(|word| {
                let prefix = ["p99-", "p95-", "p90-", "p50-", "avg-"]
                    .iter()
                    .find_map(|p| word.strip_prefix(p));
                prefix.unwrap_or(word)
            })
            .find(|word| looks_like_instance(word))
            .unwrap_or(bare);
        if looks_like_instance(plain) {
            series.node = Raw::new(node_of(plain));
        } else if series.subject.is_empty() {
            series.subject = Raw::new(labels::clip(bare));
        }
    }
    series.total = is_total || query.is_some() && series.node.is_empty() && !own_words;
}

/// Whether a legend is an address with a port.
fn looks_like_instance(legend: &str) -> bool {
    legend.rsplit_once(':').is_some_and(|(host, port)| {
        !host.is_empty()
            && (2..=5).contains(&port.len())
            && port.bytes().all(|b| b.is_ascii_digit())
            && !host.contains(char::is_whitespace)
    })
}

/// Adds a limit once.
pub(crate) fn limit(series: &mut Series, limit: &str) {
    if !series.limits.iter().any(|known| known == limit) {
        series.limits.push(limit.to_owned());
    }
}
