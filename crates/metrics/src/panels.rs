//! Which panel a file is, and which metric a legend of it is: `panels.tsv` as tables.

use crate::View;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A panel's query: what its legends look like and what they mean.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Query {
    /// The panel's title in the dashboard.
    pub(crate) title: &'static str,
    /// The legend, `{{label}}` standing for a value; empty for none.
    pub(crate) legend: &'static str,
    /// The canonical metric.
    pub(crate) name: &'static str,
    /// What the series is about, where the legend does not say.
    pub(crate) subject: &'static str,
    /// The view of the playbook.
    pub(crate) view: Option<View>,
    /// The unit of the canonical metric.
    pub(crate) unit: &'static str,
    /// From the exported raw value to that unit.
    pub(crate) factor: f64,
    /// The Prometheus metric.
    pub(crate) metric: &'static str,
}

/// A metric as Prometheus scrapes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Metric {
    /// Whether it only grows, so that its rate is what matters.
    pub(crate) counter: bool,
    /// The canonical metric; of a histogram without quantile.
    pub(crate) name: &'static str,
    /// The label that says what it is about; with `=` in front the subject itself.
    pub(crate) subject: &'static str,
    /// The view of the playbook.
    pub(crate) view: Option<View>,
    /// The unit; of a counter the unit of its rate.
    pub(crate) unit: &'static str,
}

/// Queries by normalised panel title, in the order of the panel.
static PANELS: LazyLock<BTreeMap<String, Vec<Query>>> = LazyLock::new(|| {
    let mut panels: BTreeMap<String, Vec<Query>> = BTreeMap::new();
    for query in rows(include_str!("../panels.tsv")).filter_map(query_of) {
        panels.entry(normalised(query.title)).or_default().push(query);
    }
    panels
});

static METRICS: LazyLock<BTreeMap<&'static str, Metric>> =
    LazyLock::new(|| rows(include_str!("../metrics.tsv")).filter_map(metric_of).collect());

fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .skip(1)
        .map(|line| line.split('\t').collect())
}

fn query_of(cells: Vec<&'static str>) -> Option<Query> {
    let [title, legend, name, subject, view, unit, factor, metric] = *cells else { return None };
    let factor = factor.parse().ok()?;
    Some(Query { title, legend, name, subject, view: View::parse(view), unit, factor, metric })
}

fn metric_of(cells: Vec<&'static str>) -> Option<(&'static str, Metric)> {
    let [metric, kind, name, subject, view, unit] = *cells else { return None };
    let view = View::parse(view);
    Some((metric, Metric { counter: kind == "counter", name, subject, view, unit }))
}

/// The queries of the panel of that title; empty for a panel that is not known.
pub(crate) fn panel(title: &str) -> &'static [Query] {
    PANELS.get(&normalised(title)).map_or(&[], Vec::as_slice)
}

/// The metric of that Prometheus name.
pub(crate) fn metric(name: &str) -> Option<Metric> {
    METRICS.get(name).copied()
}

/// Lower-case words of letters and digits, separated by single spaces.
pub(crate) fn normalised(title: &str) -> String {
    let words: Vec<String> = title
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join(" ")
}

/// Kebab case for a panel or metric that is not known; at most 64 characters.
pub(crate) fn kebab(name: &str) -> String {
    let words: Vec<String> = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    words.join("-").chars().take(64).collect()
}

/// The values that a legend gives to the labels of a template, or `None` if it does not fit.
pub(crate) fn captures(
    template: &'static str,
    legend: &str,
) -> Option<Vec<(&'static str, String)>> {
    let mut found = Vec::new();
    let mut rest = legend;
    let mut parts = template.split("{{");
    rest = rest.strip_prefix(parts.next()?)?;
    for part in parts {
        let (label, literal) = part.split_once("}}")?;
        // The last placeholder takes the rest; others end where the next literal begins.
        let end = if literal.is_empty() { rest.len() } else { rest.rfind(literal)? };
        let (value, after) = rest.split_at_checked(end)?;
        if value.is_empty() {
            return None;
        }
        found.push((label, value.to_owned()));
        rest = after.strip_prefix(literal)?;
    }
    rest.is_empty().then_some(found)
}

/// The query of a panel whose legend fits best: a literal legend before one with placeholders,
/// more literal text before less.
pub(crate) fn matching(
    queries: &'static [Query],
    legend: &str,
) -> Option<(&'static Query, Vec<(&'static str, String)>)> {
    queries
        .iter()
        .filter(|query| !query.legend.is_empty())
        .filter_map(|query| captures(query.legend, legend).map(|labels| (query, labels)))
        .max_by_key(|(query, labels)| {
            let literal: usize = query
                .legend
                .split("{{")
                .map(|part| part.rsplit("}}").next().unwrap_or("").len())
                .sum();
            (labels.is_empty(), literal, std::cmp::Reverse(labels.len()))
        })
}

/// What the panels of a view are, when the user says which view a file is.
pub(crate) fn titles_of(view: View) -> &'static [&'static str] {
    match view {
        View::DbCalls => &["DB Calls per second", "Top 10 DB Calls by Count"],
        View::ApiLatency => &["API Latency", "Mean API Request Time (in milliseconds)"],
        View::StoreLatency => &["Store latency", "Top 10 DB calls by duration"],
        View::HttpRequests => &["HTTP Requests per second"],
        View::ApiRequests => &["Top 10 API Requests by Count", "Top 10 API requests by duration"],
        View::Cpu => &["CPU Utilization Percentage"],
        View::Memory => &["Heap Utilization"],
        View::Connections => &["Connection Pool (Master)", "DB Connections"],
        View::ReplicaLag => &["Replica Lag"],
        View::Process => &["Goroutines"],
        View::Websocket => {
            &["Number of Connected Devices (WebSocket Connections)", "Websocket Reconnects"]
        }
        View::Cluster => &["Cluster Health"],
        View::Errors => &["Number of API Errors per Second"],
        View::Service => &["Active Jobs"],
    }
}

#[cfg(test)]
mod tests {
    use super::{METRICS, PANELS, captures, matching, normalised, panel, rows, titles_of};
    use crate::View;

    #[test]
    fn every_row_of_the_tables_is_read() {
        let n_panels: usize = PANELS.values().map(Vec::len).sum();
        assert_eq!(n_panels, rows(include_str!("../panels.tsv")).count());
        assert_eq!(METRICS.len(), rows(include_str!("../metrics.tsv")).count());
        assert!(PANELS.values().flatten().all(|query| query.view.is_some() && query.factor > 0.0));
        assert!(METRICS.values().all(|metric| metric.view.is_some()));
    }

    #[test]
    fn every_view_names_panels_that_exist() {
        for view in View::ALL {
            for title in titles_of(*view) {
                assert!(panel(title).iter().any(|query| query.view == Some(*view)), "{title}");
            }
        }
    }

    #[test]
    fn legends_give_their_labels() {
        let found = captures("p99-{{instance}}", "p99-app-1:8067").expect("fits");
        assert_eq!(found, [("instance", "app-1:8067".to_owned())]);
        let found = captures("{{instance}} - {{origin_client}}", "app-1:8067 - web").expect("fits");
        assert_eq!(found.len(), 2);
        assert_eq!(captures("p99-{{instance}}", "p50-app-1:8067"), None);
        assert_eq!(captures("Total", "Total"), Some(vec![]));
    }

    #[test]
    fn a_literal_legend_wins_over_a_placeholder() {
        let (query, labels) = matching(panel("db calls PER second"), "Total").expect("fits");
        assert_eq!((query.legend, labels.len()), ("Total", 0));
        let (query, _) = matching(panel("API Latency"), "p50-app-1:8067").expect("fits");
        assert_eq!(query.name, "api-latency-p50");
        assert_eq!(normalised(" CPU Load (1m) "), "cpu load 1m");
    }
}
