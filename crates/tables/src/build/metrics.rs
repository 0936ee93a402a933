//! Tables of metric series.

use super::{TablesBuilder, table};
use crate::clearing::Clearing;
use crate::coverage::SourceCoverage;
use ::metrics::{Clock, Metrics, Series};
use model::Place;
use text::Redactor;

impl TablesBuilder {
    /// Adds the series of one source. Ids are given in the order in which sources are added.
    pub fn metrics(&mut self, metrics: &Metrics, redactor: &Redactor) {
        let clearing = &Clearing::with(redactor);
        for series in &metrics.series {
            let coverage = SourceCoverage {
                label: series.source.clone(),
                node: String::new(),
                window: series.window(),
                limits: series.limits.clone(),
                records: series.samples.len() as u64,
            };
            self.source("series", coverage.clone());
            self.source("samples", coverage);
            self.series(series, clearing);
        }
    }

    fn series(&mut self, series: &Series, clearing: &Clearing<'_>) {
        let data = self.data(table("series"));
        let id = format!("series:{}", data.n_rows + 1);
        let place = Place { source: series.source.clone(), location: series.location.clone() };
        let mut known: Vec<f64> = series.samples.iter().filter_map(|sample| sample.value).collect();
        let last = known.last().copied();
        data.push(&place, |row| {
            row.word("series_id", &id);
            row.value_or_gap("metric", clearing.name(&series.name));
            row.value_or_gap("prometheus", clearing.name(&series.metric));
            row.word("view", series.view.map_or("", |view| view.as_str()));
            row.word("unit", &series.unit);
            row.value_or_gap("panel", clearing.text(&series.panel));
            row.value_or_gap("legend", clearing.text(&series.legend));
            let labels: Vec<text::Raw> = series
                .labels
                .iter()
                .map(|(key, value)| format!("{key}={}", value.untrusted()).into())
                .collect();
            row.value_or_gap("labels", clearing.joined(&labels, ", "));
            row.value_or_gap("node", clearing.text(&series.node));
            row.value_or_gap("subject", clearing.text(&series.subject));
            row.float("quantile", series.quantile);
            row.bool("total", Some(series.total));
            row.word(
                "clock",
                match series.clock {
                    Clock::Utc => "utc",
                    Clock::Local => "local",
                    Clock::Inferred { .. } => "inferred",
                },
            );
            row.word("note", &series.scale_note);
            row.int("points", Some(known.len()));
            row.time("first_at", series.window().map(|window| window.start));
            row.time("last_at", series.window().map(|window| window.end));
            row.int("step_s", Some(series.step_s).filter(|step| *step > 0));
            row.float("median", median(&mut known));
            row.float("min", known.iter().copied().min_by(f64::total_cmp));
            row.float("max", known.iter().copied().max_by(f64::total_cmp));
            row.float("last", last);
        });
        // The time stands in a column of its own: a text of it for each point would be most of the
        // work and of the memory.
        let points = &series.samples;
        self.data(table("samples")).push_rows(&place, points.len(), |rows| {
            rows.word("series_id", &id);
            rows.times("at", points.iter().map(|sample| sample.at_ms));
            rows.floats("value", points.iter().map(|sample| sample.value));
        });
    }
}

/// The median; reorders `values`. `None` without any.
pub(crate) fn median(values: &mut [f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let middle = values.len() / 2;
    let even = values.len().is_multiple_of(2);
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let lower = below.iter().copied().max_by(f64::total_cmp).filter(|_| even).unwrap_or(*upper);
    Some(f64::midpoint(lower, *upper))
}
