//! What a person sees on a chart.

use super::{ChartError, ChartSeries, ChartSpec, SERIES_MAX, Threshold, WIDTH, png, svg};
use chrono::{DateTime, TimeDelta, Utc};
use model::Window;
use proptest::prelude::*;
use text::{Raw, Redactor, Text};

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_714_550_400, 0).expect("a time")
}

fn series(label: &str, value: impl Fn(i64) -> Option<f64>) -> ChartSeries {
    let points = (0..361).map(|n| (start() + TimeDelta::minutes(n), value(n))).collect();
    ChartSeries { label: Text::ours(label), points }
}

/// A made latency: quiet, then an incident from minute 150 to 250, with noise.
fn latency(node: i64) -> ChartSeries {
    series(&format!("p99 app-{node}"), move |n| {
        let noise = ((n * 37 + node * 91) % 23) as f64 / 23.0 * 0.12;
        let level = if (150..250).contains(&n) {
            3.0 + node as f64 * 1.2
        } else {
            0.4 + node as f64 * 0.05
        };
        (!(80..86).contains(&n) || node != 2).then_some(level * (1.0 + noise))
    })
}

fn spec(series: Vec<ChartSeries>) -> ChartSpec {
    let window = Window { start: start(), end: start() + TimeDelta::hours(6) };
    let minute = |n| start() + TimeDelta::minutes(n);
    ChartSpec {
        title: Text::ours("API latency"),
        unit: "s".to_owned(),
        window,
        series,
        incident: Some(Window { start: minute(150), end: minute(250) }),
        goes_on: false,
        onset: Some(minute(151)),
        thresholds: vec![Threshold { label: Text::ours("histogram ends at"), value: 10.0 }],
        customer_tz: Some(chrono_tz::Europe::Berlin),
        n_elsewhere: 0,
    }
}

#[test]
fn a_chart_says_title_unit_zones_incident_onset_and_threshold() {
    let svg = svg(&spec((1..=3).map(latency).collect())).expect("a chart");
    for part in [
        "API latency",
        "UTC",
        "CEST",
        "12:00",
        "14:00",
        "2024-05-01",
        "shaded: incident 10:30 to 12:10 UTC",
        "onset 10:31",
        "histogram ends at 10.0 s",
        "p99 app-2",
        "peak ",
    ] {
        assert!(svg.contains(part), "{part} is not in the chart");
    }
    assert!(!svg.contains("more, from lowest"));
}

#[test]
fn more_series_than_can_be_told_apart_become_a_band() {
    let many: Vec<ChartSeries> = (1..=20).map(latency).collect();
    let drawn = svg(&spec(many)).expect("a chart");
    assert!(drawn.contains("12 more, from lowest to highest"));
    // The highest are the lines.
    assert!(
        drawn.contains("p99 app-20")
            && !drawn.contains("p99 app-12<")
            && drawn.contains("p99 app-13")
    );
    assert_eq!(drawn.matches("peak ").count(), SERIES_MAX);
}

#[test]
fn a_median_beside_a_99th_percentile_is_seen_on_a_logarithmic_axis() {
    let median = series("p50 app-1", |n| Some(if n > 150 { 0.03 } else { 0.008 }));
    let drawn = svg(&spec(vec![latency(1), median.clone()])).expect("a chart");
    for part in ["API latency (logarithmic)", "10 ms", "100 ms", "1 s", "peak 30.0 ms"] {
        assert!(drawn.contains(part), "{part} is not in the chart");
    }
    let alone = svg(&spec(vec![latency(1)])).expect("a chart");
    assert!(!alone.contains("logarithmic"));
    // A share or a count is read by its height.
    let mut counts = spec(vec![latency(1), median]);
    counts.unit = "count".to_owned();
    assert!(!svg(&counts).expect("a chart").contains("logarithmic"));
}

#[test]
fn a_long_label_is_not_cut() {
    let label = "ChannelStore.GetSidebarCategoriesForTeamForUser";
    let drawn =
        svg(&spec(vec![series(label, |_| Some(1.0)), latency(1), latency(2)])).expect("a chart");
    assert!(drawn.contains(label), "{label} is cut");
    assert!(drawn.contains("onset 10:31 UTC (12:31 CEST)"));
}

#[test]
fn a_png_is_as_wide_as_a_channel_and_the_same_every_time() {
    let spec = spec((1..=3).map(latency).collect());
    let bytes = png(&spec).expect("a chart");
    assert_eq!(bytes.get(1..4), Some(b"PNG".as_slice()));
    let width = u32::from_be_bytes(bytes[16..20].try_into().expect("four bytes"));
    assert_eq!(width, WIDTH);
    assert!(bytes.len() < 200_000, "{}", bytes.len());
    assert_eq!(bytes, png(&spec).expect("a chart"));
}

#[test]
fn a_gap_breaks_the_line() {
    let whole = svg(&spec(vec![series("a", |_| Some(1.0))])).expect("a chart");
    let cut = svg(&spec(vec![series("a", |n| (n != 100).then_some(1.0))])).expect("a chart");
    let lines = |svg: &str| svg.matches("stroke=\"#004488\"").count();
    assert_eq!(lines(&cut), lines(&whole) + 1);
}

#[test]
fn rows_that_are_not_there_break_line_and_band_as_empty_cells_do() {
    fn absent(mut series: ChartSeries) -> ChartSeries {
        let minute = |n| start() + TimeDelta::minutes(n);
        series.points.retain(|(at, _)| *at < minute(100) || *at > minute(160));
        series
    }
    let lines = |svg: &str| svg.matches("stroke=\"#004488\"").count();
    let whole = svg(&spec(vec![series("a", |_| Some(1.0))])).expect("a chart");
    let cut = svg(&spec(vec![absent(series("a", |_| Some(1.0)))])).expect("a chart");
    assert_eq!(lines(&cut), lines(&whole) + 1);
    let band = |of: fn(usize) -> ChartSeries| {
        let drawn = svg(&spec((1..=20).map(of).collect())).expect("a chart");
        drawn.matches("#D6D6D6").count()
    };
    let (whole, cut) = (
        band(|n| series(&format!("s{n}"), move |_| Some(n as f64))),
        band(|n| absent(series(&format!("s{n}"), move |_| Some(n as f64)))),
    );
    assert_eq!(cut, whole + 1);
}

#[test]
fn an_incident_that_goes_on_and_one_of_several_days_say_so() {
    let mut chart = spec(vec![latency(1)]);
    chart.goes_on = true;
    assert!(svg(&chart).expect("a chart").contains("shaded: incident from 10:30 UTC, goes on"));
    chart.window.start = start() - TimeDelta::days(1);
    let drawn = svg(&chart).expect("a chart");
    assert!(drawn.contains("onset 1 May 10:31 UTC (1 May 12:31 CEST)"));
    assert!(drawn.contains("from 1 May 10:30 UTC, goes on · 2024-04-30 to 05-01"));
    chart.n_elsewhere = 3;
    assert!(svg(&chart).expect("a chart").contains("3 of other times left out"));
}

#[test]
fn text_from_an_input_cannot_break_out_of_the_svg() {
    let evil = Redactor::new().clear(&Raw::new("</text><script>alert(1)</script>"));
    let mut chart = spec(vec![series("a", |_| Some(1.0))]);
    chart.series[0].label = Text::value(evil);
    assert!(!svg(&chart).expect("a chart").contains("<script"));
}

#[test]
fn nothing_to_draw_is_said_and_not_drawn() {
    assert!(matches!(png(&spec(vec![])), Err(ChartError::Empty)));
    assert!(matches!(svg(&spec(vec![series("a", |_| None)])), Err(ChartError::Empty)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_values_are_drawn_or_refused(
        values in proptest::collection::vec(any::<Option<f64>>(), 0..40),
        minutes in 0_i64..500_000,
        threshold in any::<f64>(),
    ) {
        let points = (0..).zip(values).map(|(n, value)| (start() + TimeDelta::minutes(n * 7), value)).collect();
        let mut chart = spec(vec![ChartSeries { label: Text::ours("x"), points }]);
        chart.window.end = start() + TimeDelta::minutes(minutes);
        chart.thresholds[0].value = threshold;
        let _ = svg(&chart);
    }
}
