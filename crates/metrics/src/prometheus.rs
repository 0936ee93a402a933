//! Answers of the Prometheus API: `query_range` and `query`, whole or only their result.

use crate::finish::finish;
use crate::identify::{self, Panel};
use crate::limits::{self, SAMPLES_MAX, SERIES_MAX};
use crate::read::{Options, nothing};
use crate::{Metrics, Sample, Series, View, filename, guess, labels, panels};
use model::Parsed;
use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use text::Raw;

/// A result as it stands: labels and points.
#[derive(Default)]
struct Item {
    labels: BTreeMap<String, String>,
    points: Vec<(f64, Option<f64>)>,
    instant: bool,
    infinite: u64,
}

/// What an answer holds, filled while it is parsed so that a cut file keeps what came before.
#[derive(Default)]
struct Answer {
    items: Vec<Item>,
    error: Option<String>,
    n_points: usize,
    over: bool,
}

/// Reads an answer.
///
/// - Times are seconds with a fraction, values are texts (`"NaN"`, `"+Inf"`); points that are
///   missing are absent.
/// - Issues: an error that Prometheus answered, an empty result, a file that is cut.
pub(crate) fn read(text: &str, path: &str, options: &Options) -> Parsed<Metrics> {
    let mut answer = Answer::default();
    let mut json = serde_json::Deserializer::from_str(text);
    let end = AnswerSeed(&mut answer).deserialize(&mut json);
    let mut parsed = Parsed::<Metrics>::default();
    if let Err(e) = end {
        parsed.issues.add(
            "the json ends early or is broken: what came before was read",
            format!("line:{}", e.line()),
            1,
        );
    }
    if answer.error.is_some() {
        return nothing(
            "prometheus answered with an error instead of data: check the query",
            "/error",
        );
    }
    if answer.over {
        parsed.issues.add(
            format!("more than {SAMPLES_MAX} points or {SERIES_MAX} series: the rest was not read"),
            "",
            0,
        );
    }
    if answer.items.is_empty() && parsed.issues.is_empty() {
        return nothing("no data: prometheus answered with an empty result", "/data/result");
    }
    let items = answer
        .items
        .into_iter()
        .enumerate()
        .map(|(idx, item)| (format!("/data/result/{idx}"), item));
    build(items, path, options, &mut parsed);
    parsed
}

/// Where a label set stands, the labels, and its points: seconds and value.
pub(crate) type Points = (String, BTreeMap<String, String>, Vec<(f64, Option<f64>)>);

/// Series from label sets and points; also for text of `promtool`.
pub(crate) fn from_points(
    points: Vec<Points>,
    path: &str,
    options: &Options,
    parsed: &mut Parsed<Metrics>,
) {
    let items = points
        .into_iter()
        .map(|(location, labels, points)| (location, Item { labels, points, ..Item::default() }));
    build(items, path, options, parsed);
}

fn build(
    items: impl Iterator<Item = (String, Item)>,
    path: &str,
    options: &Options,
    parsed: &mut Parsed<Metrics>,
) {
    let name = filename::parse(path);
    for (location, item) in items {
        if item.infinite > 0 {
            parsed.issues.add("a value is infinite: taken as a gap", location.clone(), 0);
        }
        let (mut series, factor) = describe(&name.title, &item, options);
        series.location = location;
        series.samples = item
            .points
            .iter()
            .map(|(at_s, value)| Sample {
                at_ms: ms(*at_s),
                value: value.map(|v| v * factor).filter(|v| v.is_finite()),
            })
            .collect();
        if item.instant {
            identify::limit(&mut series, limits::INSTANT);
        }
        let raw = item.labels.get("__name__").and_then(|name| panels::metric(name));
        if raw.is_some_and(|metric| metric.counter) {
            if series.samples.len() > 1 {
                rate(&mut series);
            } else {
                // One value of a counter has no rate: it stays what it is.
                series.name = panels::kebab(&series.metric);
                "count".clone_into(&mut series.unit);
            }
        }
        finish(&mut series, &mut parsed.issues);
        if series.unit.is_empty() && !series.name.starts_with("replica-lag") {
            identify::limit(&mut series, limits::UNKNOWN_UNIT);
        }
        parsed.records.series.push(series);
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a float too large saturates, which is meant")]
fn ms(at_s: f64) -> i64 {
    (at_s * 1000.0).round() as i64
}

/// What a result is: by its metric, else by its file's name and its labels.
fn describe(title: &str, item: &Item, options: &Options) -> (Series, f64) {
    let found: Vec<(String, String)> = item
        .labels
        .iter()
        .filter(|(name, _)| *name != "__name__")
        .map(|(n, v)| (n.clone(), v.clone()))
        .collect();
    let metric_name = item.labels.get("__name__").map_or("", String::as_str);
    let legend = legend(metric_name, &found);
    let known = panels::metric(metric_name);
    let panel = match known {
        // The metric says more than any file name.
        Some(_) => Panel { title: title.to_owned(), view: options.view, ..Panel::default() },
        None => Panel::find(title, options.view, &[]),
    };
    // The braces hold every label, so that node and subject are found; there is no legend.
    let (mut series, factor) = identify::series(&panel, &legend);
    series.legend = Raw::new(labels::clip(&legend));
    if let Some(metric) = known {
        series.limits.clear();
        metric_name.clone_into(&mut series.metric);
        metric.name.clone_into(&mut series.name);
        metric.unit.clone_into(&mut series.unit);
        series.view = options.view.or(metric.view);
        series.subject = match metric.subject.strip_prefix('=') {
            Some(fixed) => Raw::from(fixed),
            None => item
                .labels
                .get(metric.subject)
                .map_or_else(Raw::default, |v| Raw::new(labels::clip(v))),
        };
        series.scale_note = if metric.name == "cpu-utilization" {
            "percent of one core: 400 is four cores".to_owned()
        } else {
            String::new()
        };
    } else if !metric_name.is_empty() && panel.queries.is_empty() {
        metric_name.clone_into(&mut series.metric);
        series.name = panels::kebab(metric_name);
        series.view = options.view;
        series.unit = String::new();
        series.limits = vec![limits::UNKNOWN_PANEL.to_owned()];
        series.quantile = item.labels.get("quantile").and_then(|q| q.parse().ok());
    } else if series.name.ends_with("-p99") || series.name.ends_with("-p50") {
        // A file of one quantile is named after it; the panel's first query is no answer.
        if let Some(word) = guess::quantile_word(title)
            && let Some((base, _)) = series.name.clone().rsplit_once('-')
        {
            series.name = format!("{base}-{word}");
            series.quantile = guess::quantile_of(&series.name);
        }
    }
    if found.is_empty() || series.node.is_empty() && known.is_none() {
        series.total = true;
    }
    if series.view == Some(View::Connections) && series.node.is_empty() {
        identify::limit(&mut series, limits::SUM_OVER_NODES);
    }
    // A scraped metric is in its own unit; a panel's query may have scaled it.
    (series, if known.is_some() { 1.0 } else { factor })
}

fn legend(metric: &str, labels: &[(String, String)]) -> String {
    let mut legend = format!("{metric}{{");
    for (n, (name, value)) in labels.iter().enumerate() {
        if n > 0 {
            legend.push_str(", ");
        }
        let value = value.replace('\\', "\\\\").replace('"', "\\\"");
        legend.push_str(&format!("{name}=\"{value}\""));
    }
    legend.push('}');
    legend
}

/// A counter to its rate per second; a fall is a restart and gives a gap.
fn rate(series: &mut Series) {
    let scale = if series.name == "cpu-utilization" { 100.0 } else { 1.0 };
    let mut last: Option<(i64, f64)> = None;
    for sample in &mut series.samples {
        let now = sample.value.map(|value| (sample.at_ms, value));
        sample.value = match (last, now) {
            #[expect(
                clippy::cast_precision_loss,
                reason = "milliseconds between two points are few"
            )]
            (Some((then_ms, then)), Some((at_ms, value))) if value >= then && at_ms > then_ms => {
                Some((value - then) * 1000.0 / (at_ms - then_ms) as f64 * scale)
            }
            _ => None,
        };
        last = now.or(last);
    }
    series.scale_note = "rate per second of the exported counter".to_owned();
}

/// A number that Prometheus writes as text.
struct Number(Option<f64>);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberVisitor;
        impl Visitor<'_> for NumberVisitor {
            type Value = Number;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number or its text")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Number, E> {
                Ok(Number(text.parse().ok()))
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Number, E> {
                Ok(Number(Some(value)))
            }
            #[expect(clippy::cast_precision_loss, reason = "values beyond 2^53 are no metrics")]
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Number, E> {
                Ok(Number(Some(value as f64)))
            }
            #[expect(clippy::cast_precision_loss, reason = "values beyond 2^53 are no metrics")]
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Number, E> {
                Ok(Number(Some(value as f64)))
            }
            fn visit_unit<E: de::Error>(self) -> Result<Number, E> {
                Ok(Number(None))
            }
        }
        deserializer.deserialize_any(NumberVisitor)
    }
}

/// The answer, its `data`, or the bare list of results: told by the keys.
struct AnswerSeed<'a>(&'a mut Answer);

impl<'de> DeserializeSeed<'de> for AnswerSeed<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AnswerSeed<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an answer of prometheus")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "data" | "result" => map.next_value_seed(AnswerSeed(self.0))?,
                "error" => self.0.error = Some(map.next_value::<IgnoredAny>().map(|_| key)?),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(ItemSeed(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E: de::Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E: de::Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E: de::Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
}

/// One result of the list.
struct ItemSeed<'a>(&'a mut Answer);

impl<'de> DeserializeSeed<'de> for ItemSeed<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ItemSeed<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a result with metric and values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let answer = self.0;
        if answer.items.len() >= SERIES_MAX {
            answer.over = true;
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(());
        }
        answer.items.push(Item::default());
        while let Some(key) = map.next_key::<String>()? {
            let Some(item) = answer.items.last_mut() else { break };
            match key.as_str() {
                "metric" => item.labels = map.next_value()?,
                "value" => {
                    let point: (f64, Number) = map.next_value()?;
                    item.push(point, &mut answer.n_points, &mut answer.over);
                    item.instant = true;
                }
                "values" => map.next_value_seed(PointsSeed {
                    item,
                    n_points: &mut answer.n_points,
                    over: &mut answer.over,
                })?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    // A scalar result is a list of a time and a text: no series.
    fn visit_str<E: de::Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E: de::Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E: de::Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
}

impl Item {
    fn push(&mut self, (at_s, number): (f64, Number), n_points: &mut usize, over: &mut bool) {
        if *n_points >= SAMPLES_MAX {
            *over = true;
            return;
        }
        *n_points += 1;
        let infinite = number.0.is_some_and(f64::is_infinite);
        self.infinite += u64::from(infinite);
        self.points.push((at_s, number.0));
    }
}

/// The points of a result, kept as they come.
struct PointsSeed<'a> {
    item: &'a mut Item,
    n_points: &'a mut usize,
    over: &'a mut bool,
}

impl<'de> DeserializeSeed<'de> for PointsSeed<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for PointsSeed<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of points")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(point) = seq.next_element::<(f64, Number)>()? {
            self.item.push(point, self.n_points, self.over);
        }
        Ok(())
    }
}
