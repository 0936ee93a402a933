//! What was concluded goes back into the tables: the incident's window, changes, suspects and the
//! timeline.

use crate::build::{median, ms, table};
use crate::column::Column;
use crate::onsets::{EVENT_KEY, EVENTS_TIMES, level_left};
use crate::samples::{Point, Samples};
use crate::table::TableData;
use crate::{Cell, Data, SourceCoverage, Table, Tables};
use chrono::{DateTime, TimeDelta, Utc};
use model::{Change, Place, SignalKind, Suspect, TimelineEntry, Window};
use slowlog::{Histogram, SlowLog};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Two sides of the incident's start.
#[derive(Clone, Copy)]
struct Sides {
    window: Window,
    before_min: Option<f64>,
    in_min: Option<f64>,
}

/// What was counted on either side.
#[derive(Clone, Default)]
struct Side {
    calls: u64,
    total_us: u64,
    durations: Histogram,
}

/// A series before the incident and in it.
#[derive(Clone, Copy, Default)]
struct SeriesFigures {
    before: Option<f64>,
    inside: Option<f64>,
    inside_max: Option<f64>,
    onset: Option<DateTime<Utc>>,
}

impl SeriesFigures {
    /// Of the points before the window's end.
    fn of(points: &[Point], window: Window) -> Self {
        let (start_ms, end_ms) = (window.start.timestamp_millis(), window.end.timestamp_millis());
        let known: Vec<(i64, f64)> = points
            .iter()
            .filter(|(at_ms, _)| *at_ms < end_ms)
            .filter_map(|(at_ms, value)| value.map(|value| (*at_ms, value)))
            .collect();
        let side = |wanted: bool| -> Vec<f64> {
            let of_side = known.iter().filter(|(at_ms, _)| (*at_ms >= start_ms) == wanted);
            of_side.map(|(_, value)| *value).collect()
        };
        let (mut before, mut inside) = (side(false), side(true));
        let inside_max = inside.iter().copied().max_by(f64::total_cmp);
        let (before, middle) = (median(&mut before), median(&mut inside));
        let onset = before
            .zip(middle)
            .and_then(|(before, middle)| level_left(&known, window, before, middle));
        Self { before, inside: middle, inside_max, onset }
    }
}

impl Sides {
    /// The sides of `window`, with the minutes of each that the sources cover.
    fn new(window: Window, sources: &[SourceCoverage]) -> Self {
        let hull = sources.iter().filter_map(|source| source.window).reduce(Window::hull);
        let minutes = |start: DateTime<Utc>, end: DateTime<Utc>| {
            let seconds = (end - start).num_seconds();
            #[expect(clippy::cast_precision_loss, reason = "seconds of a log")]
            (seconds > 0).then_some((seconds as f64 / 60.0).max(1.0))
        };
        let before_min = hull.and_then(|hull| minutes(hull.start, window.start.min(hull.end)));
        let in_min =
            hull.and_then(|hull| minutes(window.start.max(hull.start), window.end.min(hull.end)));
        Self { window, before_min, in_min }
    }

    /// 0 before the incident, 1 in it, `None` after it. The minute of the start is in it.
    fn side(&self, minute: DateTime<Utc>) -> Option<usize> {
        if minute + TimeDelta::minutes(1) <= self.window.start {
            Some(0)
        } else {
            (minute < self.window.end).then_some(1)
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    fn rates(&self, sides: &[Side; 2]) -> [Option<f64>; 2] {
        let [before, inside] = sides;
        [
            self.before_min.map(|minutes| before.calls as f64 / minutes),
            self.in_min.map(|minutes| inside.calls as f64 / minutes),
        ]
    }

    /// The counts of sides that the sources cover.
    fn calls(&self, sides: &[Side; 2]) -> [Option<i64>; 2] {
        let [before, inside] = sides;
        let count = |calls: u64| i64::try_from(calls).ok();
        [
            self.before_min.and_then(|_| count(before.calls)),
            self.in_min.and_then(|_| count(inside.calls)),
        ]
    }
}

impl Tables {
    /// Fills the columns that compare the incident with the time before it. `slow`: the database
    /// log that the tables were built from, for its histograms.
    pub fn set_window(&mut self, window: Window, slow: Option<&SlowLog>) {
        self.window = Some(window);
        self.window_of_logs(window);
        self.window_of_top(window);
        self.window_of_events(window);
        self.window_of_series(window);
        if let Some(slow) = slow {
            self.window_of_queries(window, slow);
        }
    }

    fn window_of_logs(&mut self, window: Window) {
        let sides = Sides::new(window, self.sources("log_patterns"));
        let counted = self.counted("log_minutes", &["pattern_id"], sides);
        let Some(patterns) = self.tables.get_mut("log_patterns") else { return };
        let keys = keys_of(patterns.view(), &["pattern_id"]);
        patterns.set_pair("calls_before", "calls_in", &keys, |key| {
            sides.calls(counted.get(key).unwrap_or(&Default::default())).map(int)
        });
        patterns.set_pair("per_minute_before", "per_minute_in", &keys, |key| {
            sides.rates(counted.get(key).unwrap_or(&Default::default())).map(float)
        });
    }

    /// The lines of one value on either side. A span of several minutes is where its middle is.
    fn window_of_top(&mut self, window: Window) {
        let sides = Sides::new(window, self.sources("log_top"));
        let mut counted: Vec<[Side; 2]> = Vec::with_capacity(self.top_spans.len());
        let mut onsets: Vec<Option<DateTime<Utc>>> = Vec::with_capacity(self.top_spans.len());
        for spans in &self.top_spans {
            let mut both = <[Side; 2]>::default();
            let mut first_in = None;
            for span in spans {
                let middle = span.minute + TimeDelta::minutes(i64::from(span.width_min / 2));
                let Some(side) = sides.side(middle) else { continue };
                if side == 1 {
                    first_in = first_in.or(Some(span.minute));
                }
                if let Some(side) = both.get_mut(side) {
                    side.calls += span.calls;
                }
            }
            let more = match sides.rates(&both) {
                [Some(before), Some(inside)] => inside >= before * EVENTS_TIMES,
                _ => true,
            };
            onsets.push(first_in.filter(|_| more));
            counted.push(both);
        }
        let Some(top) = self.tables.get_mut("log_top") else { return };
        // Rows that a rule's case gives have no spans, and keep what the case says.
        if counted.len() != top.n_rows {
            return;
        }
        let mut lines: BTreeMap<String, [u64; 2]> = BTreeMap::new();
        let fields = keys_of(top.view(), &["pattern_id", "field"]);
        for (field, [before, inside]) in fields.iter().zip(&counted) {
            let sum = lines.entry(field.clone()).or_default();
            *sum = [sum[0] + before.calls, sum[1] + inside.calls];
        }
        let onsets: Vec<Cell<'_>> = onsets
            .into_iter()
            .enumerate()
            .map(|(row, first_in)| {
                let first = top.view().column("first_at").map(|column| column.get(row));
                match (first_in, first) {
                    // The span may begin before its first line.
                    (Some(at), Some(Cell::Time(first))) => Cell::Time(at.max(first)),
                    (Some(at), _) => Cell::Time(at),
                    (None, _) => Cell::Null,
                }
            })
            .collect();
        top.set_column("onset", &onsets);
        let rows: Vec<String> = (0..counted.len()).map(|row| row.to_string()).collect();
        let of = |row: &str| row.parse().ok().and_then(|row: usize| counted.get(row));
        top.set_pair("calls_before", "calls_in", &rows, |row| {
            of(row).map_or([Cell::Null; 2], |both| sides.calls(both).map(int))
        });
        top.set_pair("per_minute_before", "per_minute_in", &rows, |row| {
            of(row).map_or([Cell::Null; 2], |both| sides.rates(both).map(float))
        });
        top.set_pair("share_before", "share_in", &rows, |row| {
            let all = row.parse().ok().and_then(|row: usize| lines.get(fields.get(row)?));
            let (Some([before, inside]), Some([all_before, all_in])) = (of(row), all) else {
                return [Cell::Null; 2];
            };
            let share = |part: u64, whole: u64| {
                float((whole > 0).then(|| crate::build::ratio(part, whole)))
            };
            [share(before.calls, *all_before), share(inside.calls, *all_in)]
        });
    }

    fn window_of_events(&mut self, window: Window) {
        let sides = Sides::new(window, self.sources("database_events"));
        let counted = self.counted("event_minutes", EVENT_KEY, sides);
        let Some(events) = self.tables.get_mut("database_events") else { return };
        let keys = keys_of(events.view(), EVENT_KEY);
        events.set_pair("class_calls_before", "class_calls_in", &keys, |key| {
            sides.calls(counted.get(key).unwrap_or(&Default::default())).map(int)
        });
        let mut first_in: BTreeMap<String, DateTime<Utc>> = BTreeMap::new();
        if let Some(minutes) = self.table("event_minutes")
            && let Some(at) = minutes.column("minute")
        {
            for (row, key) in keys_of(minutes, EVENT_KEY).into_iter().enumerate() {
                if let Cell::Time(minute) = at.get(row)
                    && sides.side(minute) == Some(1)
                {
                    let first = first_in.entry(key).or_insert(minute);
                    *first = minute.min(*first);
                }
            }
        }
        self.event_onsets(&first_in, |key| {
            sides.rates(counted.get(key).unwrap_or(&Default::default()))
        });
    }

    /// The calls of a table of minutes on either side, by the columns of `key`.
    fn counted(&self, name: &str, key: &[&str], sides: Sides) -> BTreeMap<String, [Side; 2]> {
        let mut counted: BTreeMap<String, [Side; 2]> = BTreeMap::new();
        let Some(minutes) = self.table(name) else { return counted };
        let (Some(at), Some(calls)) = (minutes.column("minute"), minutes.column("calls")) else {
            return counted;
        };
        for (row, key) in keys_of(minutes, key).into_iter().enumerate() {
            let (Cell::Time(minute), Cell::Int(calls)) = (at.get(row), calls.get(row)) else {
                continue;
            };
            let entry = counted.entry(key).or_default();
            if let Some(side) = sides.side(minute).and_then(|side| entry.get_mut(side)) {
                side.calls += u64::try_from(calls).unwrap_or(0);
            }
        }
        counted
    }

    fn window_of_queries(&mut self, window: Window, slow: &SlowLog) {
        let sides = Sides::new(window, self.sources("queries"));
        let mut counted: BTreeMap<slowlog::QueryId, [Side; 2]> = BTreeMap::new();
        // Of Mattermost's statements, and of all.
        let mut totals = [[0_u64; 2]; 2];
        let foreign: BTreeSet<&str> = slow
            .queries
            .iter()
            .filter(|query| query.foreign)
            .map(|query| query.fingerprint_id.as_str())
            .collect();
        for minute in &slow.minutes {
            let Some(idx) = sides.side(minute.minute + self.database_shift) else { continue };
            let entry = counted.entry(minute.fingerprint_id.clone()).or_default();
            if let Some(side) = entry.get_mut(idx) {
                side.calls += minute.calls;
                side.total_us += minute.total_us;
                side.durations.merge(&minute.durations);
            }
            let [own, all] = &mut totals;
            let is_own = !foreign.contains(minute.fingerprint_id.as_str());
            if let (Some(own), Some(all)) = (own.get_mut(idx), all.get_mut(idx)) {
                *own += if is_own { minute.total_us } else { 0 };
                *all += minute.total_us;
            }
        }
        let Some(queries) = self.tables.get_mut("queries") else { return };
        let keys = keys_of(queries.view(), &["fingerprint_id"]);
        let none = <[Side; 2]>::default();
        let of = |key: &str| counted.get(key).unwrap_or(&none);
        queries.set_pair("calls_before", "calls_in", &keys, |key| sides.calls(of(key)).map(int));
        queries.set_pair("per_minute_before", "per_minute_in", &keys, |key| {
            sides.rates(of(key)).map(float)
        });
        queries.set_pair("mean_before_ms", "mean_in_ms", &keys, |key| {
            of(key).each_ref().map(|side| {
                #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
                float((side.calls > 0).then(|| ms(side.total_us) / side.calls as f64))
            })
        });
        queries.set_pair("p95_before_ms", "p95_in_ms", &keys, |key| {
            of(key)
                .each_ref()
                .map(|side| float((side.calls > 0).then(|| ms(side.durations.quantile(0.95)))))
        });
        queries.set_pair("share_before", "share_in", &keys, |key| {
            let [before, inside] = of(key);
            let [own, all] = totals;
            let [total_before, total_in] = if foreign.contains(key) { all } else { own };
            let share = |part: u64, whole: u64| {
                float((whole > 0).then(|| crate::build::ratio(part, whole)))
            };
            [share(before.total_us, total_before), share(inside.total_us, total_in)]
        });
    }

    fn window_of_series(&mut self, window: Window) {
        let (Some(series), Some(samples)) = (self.table("series"), self.table("samples")) else {
            return;
        };
        let Some(samples) = Samples::of(samples) else { return };
        let keys = keys_of(series, &["series_id"]);
        let figures: Vec<SeriesFigures> =
            keys.iter().map(|id| SeriesFigures::of(&samples.points(id), window)).collect();
        let Some(series) = self.tables.get_mut("series") else { return };
        let column = |cell: fn(&SeriesFigures) -> Cell<'static>| -> Vec<Cell<'static>> {
            figures.iter().map(cell).collect()
        };
        series.set_column("baseline_median", &column(|figures| float(figures.before)));
        series.set_column("incident_median", &column(|figures| float(figures.inside)));
        series.set_column("incident_max", &column(|figures| float(figures.inside_max)));
        series.set_column("onset", &column(|f| f.onset.map_or(Cell::Null, Cell::Time)));
    }

    /// Puts changes into the table `changes`.
    pub fn set_changes(&mut self, changes: &[Change]) {
        let data = self.fresh("changes");
        for change in changes {
            data.push(&change.place, |row| {
                row.word("signal", &change.signal);
                row.word("signal_kind", kind_word(change.signal_kind));
                row.word("metric", &change.metric);
                row.word("subject", &change.subject);
                row.word("node", &change.node);
                row.word("unit", &change.unit);
                row.word("kind", change.kind.as_str());
                row.time("onset", Some(change.onset));
                row.time("until", change.until);
                row.time("last_at", Some(change.last_at));
                row.float("before", Some(change.before));
                row.float("after", Some(change.after));
                row.float("ratio", change.ratio);
                row.float("z", Some(change.z));
                row.float("persistence", Some(change.persistence));
                row.bool("higher_is_worse", Some(change.higher_is_worse));
                row.word("confidence", &change.confidence.to_string());
            });
        }
        self.set_onsets(changes);
        self.place_onsets();
        // What was searched for changes: every source of a signal.
        let tables = ["samples", "query_minutes", "log_minutes", "event_minutes"];
        let mut seen: HashSet<&SourceCoverage> = HashSet::new();
        let sources: Vec<SourceCoverage> = tables
            .iter()
            .flat_map(|name| self.sources(name))
            .filter(|source| seen.insert(source))
            .cloned()
            .collect();
        self.sources.insert("changes", sources);
        self.set_splits(changes, self.window);
    }

    /// Puts ranked causes into the table `suspects`.
    pub fn set_suspects(&mut self, suspects: &[Suspect]) {
        let data = self.fresh("suspects");
        for (idx, suspect) in suspects.iter().enumerate() {
            let source =
                suspect.chain.first().map_or("report", |(_, place, _)| place.as_str()).to_owned();
            let place = Place { source, location: format!("suspect:{}", idx + 1) };
            data.push(&place, |row| {
                row.int("rank", Some(idx + 1));
                row.word("cause", &suspect.cause);
                row.word("subject", &suspect.subject.plain());
                row.float("score", Some(suspect.score));
                row.word("confidence", &suspect.confidence.to_string());
                row.time("onset", suspect.onset);
                row.word("summary", &suspect.summary.plain());
                row.int("n_sources", Some(suspect.n_sources));
            });
        }
    }

    /// Puts what happened into the table `timeline`.
    pub fn set_timeline(&mut self, timeline: &[TimelineEntry]) {
        let data = self.fresh("timeline");
        for (idx, entry) in timeline.iter().enumerate() {
            let place =
                Place { source: entry.source.clone(), location: format!("timeline:{}", idx + 1) };
            data.push(&place, |row| {
                row.time("time", Some(entry.time));
                row.time("end", entry.end);
                row.int("precision_s", Some(entry.precision_s));
                row.word("node", &entry.node);
                row.word("subject", &entry.subject.plain());
                row.word("what", &entry.what.plain());
                row.word("kind", entry.kind.as_str());
            });
        }
    }

    /// An empty table in place of what was there.
    pub(crate) fn fresh(&mut self, name: &str) -> &mut TableData {
        let doc = table(name);
        let slot = self.tables.entry(doc.name).or_insert_with(|| TableData::new(doc));
        *slot = TableData::new(doc);
        slot
    }
}

impl TableData {
    /// Replaces a column by these cells, one for each row.
    pub(crate) fn set_column(&mut self, name: &str, cells: &[Cell<'_>]) {
        let Some(position) = self.doc.columns.iter().position(|column| column.name == name) else {
            debug_assert!(false, "{}.{name} is not documented", self.doc.name);
            return;
        };
        let Some(slot) = self.columns.get_mut(position) else { return };
        let mut column = Column::new(slot.kind());
        for cell in cells {
            column.push(*cell);
        }
        *slot = column;
    }

    /// Moves every time of the table.
    pub(crate) fn shift_times(&mut self, by: TimeDelta) {
        for column in &mut self.columns {
            column.shift_times(by);
        }
    }

    /// Replaces two columns by what `cells` says for the key of each row.
    fn set_pair<'c>(
        &mut self,
        first: &str,
        second: &str,
        keys: &[String],
        cells: impl Fn(&str) -> [Cell<'c>; 2],
    ) {
        for (name, idx) in [(first, 0), (second, 1)] {
            let Some(position) = self.doc.columns.iter().position(|column| column.name == name)
            else {
                debug_assert!(false, "{}.{name} is not documented", self.doc.name);
                continue;
            };
            let Some(slot) = self.columns.get_mut(position) else { continue };
            let mut column = Column::new(slot.kind());
            for key in keys {
                column.push(cells(key).get(idx).copied().unwrap_or(Cell::Null));
            }
            *slot = column;
        }
    }
}

/// The word for what a signal measures.
fn kind_word(kind: SignalKind) -> &'static str {
    match kind {
        SignalKind::Database => "database",
        SignalKind::Query => "query",
        SignalKind::Store => "store",
        SignalKind::Pool => "pool",
        SignalKind::Process => "process",
        SignalKind::Cluster => "cluster",
        SignalKind::Api => "api",
        SignalKind::Http => "http",
        SignalKind::Websocket => "websocket",
        SignalKind::Service => "service",
        SignalKind::Log => "log",
        SignalKind::Other => "other",
    }
}

/// The texts of some columns of every row, joined.
pub(crate) fn keys_of(table: Table<'_>, names: &[&str]) -> Vec<String> {
    let columns: Vec<_> = names.iter().filter_map(|name| table.column(name)).collect();
    let word = |column: &crate::ColumnView<'_>, row| match column.data() {
        Data::Text(texts) => texts.get(row).map_or("", |value| value.as_str()).to_owned(),
        Data::Bool(_) if column.get(row) == Cell::Bool(true) => "yes".to_owned(),
        Data::Bool(_)
        | Data::Int(_)
        | Data::Float(_)
        | Data::Version(_)
        | Data::Time(_)
        | Data::Span(_) => String::new(),
    };
    (0..table.n_rows())
        .map(|row| {
            columns.iter().map(|column| word(column, row)).collect::<Vec<_>>().join("\u{1f}")
        })
        .collect()
}

fn int(value: Option<i64>) -> Cell<'static> {
    value.map_or(Cell::Null, Cell::Int)
}

fn float(value: Option<f64>) -> Cell<'static> {
    value.map_or(Cell::Null, Cell::Float)
}
