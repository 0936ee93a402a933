//! Grafana's CSV in all its forms, and any table of a time column and numbers.

use crate::finish::{finish, quantiles_by_order};
use crate::form::{self, Form, Layout, Lines};
use crate::identify::{self, Panel};
use crate::limits::{self, COLUMNS_MAX, SAMPLES_MAX, SERIES_MAX};
use crate::read::{Options, nothing};
use crate::values::{self, Cell, Family};
use crate::zone::Rows;
use crate::{Clock, Metrics, Sample, Series, cells, filename, times};
use model::{Issues, Parsed};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A series while it is read.
struct Column {
    series: Series,
    factor: f64,
    /// The unit that cells carry, if any does.
    family: Option<Family>,
    /// Whether any cell carried a unit or a scale word.
    worded: bool,
}

/// Digits that a formatted export keeps at most: three, and four of numbers below 10 000.
const ROUNDED_DIGITS: usize = 4;

/// Rows in which digits are counted.
const DIGIT_ROWS: usize = 200;

/// One table of a file while it is read.
struct Frame<'o> {
    form: Form,
    panel: Panel,
    options: &'o Options,
    /// `frame:2/` from the second table of a file on.
    prefix: String,
    columns: Vec<Column>,
    by_key: BTreeMap<String, usize>,
    n_samples: usize,
    n_rows: usize,
    digits_max: usize,
    /// Whether a time came with its zone: only unformatted exports write one.
    any_zone: bool,
}

/// What JSON is that was saved in place of a table.
fn json_instead(text: &str) -> &'static str {
    let head: String = text.chars().take(4096).collect();
    let says = |part: &str| head.contains(part);
    if ["\"statusCode\":401", "\"statusCode\":403", "Unauthorized", "auth.", "Access denied"]
        .iter()
        .any(|part| says(part))
    {
        "grafana refused to answer (not logged in, or no permission) and its error was saved instead of the data: log in to grafana and export again"
    } else if says("\"error\"") || says("\"message\"") || says("\"statusCode\"") {
        "grafana answered with an error, which was saved instead of the data: see that the panel shows data, and export again"
    } else {
        "json instead of a table: in grafana choose Inspect, Data, Download CSV"
    }
}

/// Reads a delimited text.
///
/// - Several tables in one file (a blank line and a new header) are all read.
/// - Issues: cells that are no number, rows whose time cannot be read or whose cells do not fit
///   the header, a cut last line, what is beyond the limits.
pub(crate) fn read(text: &str, path: &str, options: &Options) -> Parsed<Metrics> {
    if text.trim_start().starts_with('<') {
        return nothing(
            "an HTML page, such as a login page, was saved instead of the data: log in to grafana and export again",
            "line:1",
        );
    }
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
        return nothing(json_instead(text), "line:1");
    }
    let name = filename::parse(path);
    let mut parsed = Parsed::<Metrics>::default();
    parsed.records.exported_at = name.exported_at;
    let mut lines = Lines::of(text);
    let mut separator = None;
    let mut header = loop {
        let Some((number, line, _)) = lines.next() else {
            return Parsed { records: parsed.records, ..nothing("no data: the file is empty", "") };
        };
        let line = line.trim_matches('\u{feff}');
        if let Some(sep) = line.trim().strip_prefix("sep=") {
            separator = sep.chars().next().or(Some('\t'));
        } else if !line.trim_matches(['"', ' ', '\t']).is_empty() {
            break (number, line);
        }
    };
    let mut n_frames = 0;
    let mut n_samples = 0;
    loop {
        let form = form::learn(header.1, separator, &lines);
        if times::time(form.header.first().map_or("", String::as_str), form.order).is_some() {
            parsed.issues.add(
                "no header line: columns cannot be named",
                format!("line:{}", header.0),
                1,
            );
            break;
        }
        n_frames += 1;
        let legends: Vec<String> = match &form.layout {
            Layout::Wide => form.header.iter().skip(1).cloned().collect(),
            Layout::Long { .. } | Layout::NoTime => Vec::new(),
        };
        if form.layout == Layout::NoTime {
            let rows = lines.clone().filter(|(_, line, _)| !line.trim().is_empty()).count();
            parsed.issues.add(
                "a table without a time column: values cannot be placed in time; export with `Series joined by time`",
                format!("line:{}", header.0),
                u64::try_from(rows).unwrap_or(u64::MAX),
            );
            break;
        }
        let mut frame = Frame {
            panel: Panel::find(&name.title, options.view, &legends),
            form,
            options,
            prefix: if n_frames > 1 { format!("frame:{n_frames}/") } else { String::new() },
            columns: Vec::new(),
            by_key: BTreeMap::new(),
            n_samples,
            n_rows: 0,
            digits_max: 0,
            any_zone: false,
        };
        frame.open(header.0, &mut parsed.issues);
        let next = frame.read(&mut lines, &mut parsed.issues);
        n_samples = frame.n_samples;
        frame.close(&mut parsed);
        match next {
            Some(next) => header = next,
            None => break,
        }
    }
    let n_series = parsed.records.series.len();
    first_series_only(&mut parsed.records.series, &name, n_frames, n_series);
    parsed
}

/// Says that a panel of several series came with one: what Grafana exports unless told otherwise.
fn first_series_only(series: &mut [Series], name: &filename::FileName, n_frames: usize, n: usize) {
    let panel = Panel::find(&name.title, None, &[]);
    if name.exported
        && !name.joined
        && n_frames == 1
        && n == 1
        && (panel.queries.is_empty() || panel.is_plural())
    {
        for series in series {
            identify::limit(series, limits::FIRST_SERIES_ONLY);
        }
    }
}

impl Frame<'_> {
    /// Makes the columns of a wide table.
    fn open(&mut self, line: u64, issues: &mut Issues) {
        if self.form.order_open {
            issues.add("day and month of the dates may be swapped", format!("line:{line}"), 0);
        }
        if self.form.layout != Layout::Wide {
            return;
        }
        let legends: Vec<String> = std::mem::take(&mut self.form.header);
        for (idx, legend) in legends.iter().enumerate() {
            if idx == self.form.time {
                continue;
            }
            if self.columns.len() >= COLUMNS_MAX {
                issues.add(
                    format!("more than {COLUMNS_MAX} columns: the rest was not read"),
                    format!("line:{line}"),
                    0,
                );
                break;
            }
            self.add(legend, format!("{}column:{}", self.prefix, idx + 1));
        }
        self.form.header = legends;
    }

    fn add(&mut self, legend: &str, location: String) {
        let (mut series, factor) = identify::series(&self.panel, legend);
        series.location = location;
        self.columns.push(Column { series, factor, family: None, worded: false });
    }

    /// Reads rows until the file ends or another header comes, which is given back.
    fn read<'a>(&mut self, lines: &mut Lines<'a>, issues: &mut Issues) -> Option<(u64, &'a str)> {
        let mut rows = Rows::new(self.options.tz, self.form.descending);
        let mut row: Vec<Cow<'a, str>> = Vec::new();
        let header_first = self.form.header.get(self.form.time).cloned().unwrap_or_default();
        let mut next = None;
        let mut before = "";
        while let Some((number, line, ended)) = lines.next() {
            if line.trim().is_empty() {
                continue;
            }
            let place = || format!("line:{number}");
            if !cells::split(line, self.form.delimiter, &mut row) {
                issues.add("a quoted cell does not end on its line", place(), 0);
            }
            if row.len() < self.form.header.len() {
                self.resplit(line, &mut row, issues, number);
            }
            let time_cell = row.get(self.form.time).map_or("", |cell| cell.as_ref());
            let Some(time) = times::time(time_cell, self.form.order) else {
                if time_cell == header_first || form::is_time_name(time_cell) {
                    next = Some((number, line));
                    break;
                }
                let reason = if times::is_scientific(time_cell) {
                    "the time was rounded by a spreadsheet (1.7E+12): export again and do not open the file in between"
                } else {
                    "the time of a row cannot be read"
                };
                issues.add(reason, place(), 1);
                continue;
            };
            if row.len() > self.form.header.len()
                && row.iter().skip(self.form.header.len()).any(|c| !c.trim().is_empty())
            {
                issues.add("a row has more cells than the header", place(), 1);
                continue;
            }
            if !ended && self.is_cut(&row, before) {
                issues.add("the last line is cut off", place(), 1);
                for column in &mut self.columns {
                    identify::limit(&mut column.series, limits::TRUNCATED);
                }
                continue;
            }
            self.any_zone |= matches!(time, times::Time::Utc(_));
            let at_ms = rows.next(time);
            if self.n_samples + row.len() > SAMPLES_MAX {
                issues.add(
                    format!("more than {SAMPLES_MAX} values: the rest was not read"),
                    place(),
                    1,
                );
                continue;
            }
            if self.n_rows == 0 && self.form.layout == Layout::Wide {
                self.reserve(1 + lines.more_of(line.len()));
            }
            self.n_rows += 1;
            before = line;
            self.row(at_ms, &row, number, issues);
        }
        for at in &rows.changes {
            issues.add(
                "clocks changed by an hour within the file: times go on in the first offset",
                format!("series@{at}"),
                0,
            );
        }
        for column in &mut self.columns {
            column.series.clock = rows.clock();
            if rows.clock() == Clock::Local {
                identify::limit(&mut column.series, limits::LOCAL_TIME);
            }
            if self.form.order_open {
                identify::limit(&mut column.series, limits::DATE_ORDER);
            }
        }
        next
    }

    /// Makes room for about that many rows: a thousand columns that grow by doubling copy most of
    /// what they hold.
    fn reserve(&mut self, n_rows: usize) {
        let room = SAMPLES_MAX.saturating_sub(self.n_samples) / self.columns.len().max(1);
        for column in &mut self.columns {
            column.series.samples.reserve(n_rows.min(room));
        }
    }

    /// A row of another delimiter than the header's, as when files were glued together.
    fn resplit<'a>(
        &self,
        line: &'a str,
        row: &mut Vec<Cow<'a, str>>,
        issues: &mut Issues,
        number: u64,
    ) {
        for delimiter in [',', ';', '\t'] {
            let mut other = Vec::new();
            if delimiter != self.form.delimiter
                && line.contains(delimiter)
                && cells::split(line, delimiter, &mut other)
                && other.len() == self.form.header.len()
            {
                issues.add(
                    "a row has another delimiter than the header",
                    format!("line:{number}"),
                    0,
                );
                *row = other;
                return;
            }
        }
    }

    /// Whether the last line, which has no line end, was cut: cells are missing, or its last cell
    /// lost the unit that the row before had.
    fn is_cut(&self, row: &[Cow<'_, str>], before: &str) -> bool {
        if row.len() < self.form.header.len() {
            return true;
        }
        let worded = |cell: Option<&Cow<'_, str>>| {
            cell.is_some_and(|cell| {
                matches!(values::cell(cell, self.form.decimals), Cell::Value(_, f) if f != Family::Plain)
            })
        };
        let mut row_before = Vec::new();
        cells::split(before, self.form.delimiter, &mut row_before);
        let empty = row.last().is_none_or(|cell| cell.is_empty());
        !empty && !worded(row.last()) && worded(row_before.get(row.len() - 1))
    }

    fn row(&mut self, at_ms: i64, row: &[Cow<'_, str>], number: u64, issues: &mut Issues) {
        if self.n_rows <= DIGIT_ROWS {
            for (idx, cell) in row.iter().enumerate() {
                if idx != self.form.time {
                    self.digits_max = self.digits_max.max(values::significant_digits(cell));
                }
            }
        }
        // Taken out for the row, so that columns can be added while it is looked at.
        let layout = std::mem::replace(&mut self.form.layout, Layout::NoTime);
        match &layout {
            Layout::Wide => {
                let (n_cells, time) = (self.form.header.len(), self.form.time);
                for (column, idx) in (0..n_cells).filter(|idx| *idx != time).enumerate() {
                    let cell = row.get(idx).map_or("", |cell| cell.as_ref());
                    if row.get(idx).is_none() {
                        issues.add(
                            "a row has fewer cells than the header: taken as gaps",
                            format!("line:{number}"),
                            0,
                        );
                    }
                    self.value(column, at_ms, cell, number, issues);
                }
            }
            Layout::Long { keys, numbers } => {
                let texts: Vec<&str> = keys
                    .iter()
                    .map(|idx| row.get(*idx).map_or("", |cell| cell.as_ref().trim()))
                    .collect();
                for idx in numbers {
                    let mut legend = texts.join(" ");
                    if numbers.len() > 1 {
                        let name = self.form.header.get(*idx).map_or("", String::as_str);
                        legend = format!("{name} {legend}");
                    }
                    let Some(column) = self.keyed(&legend, number, issues) else { continue };
                    let cell = row.get(*idx).map_or("", |cell| cell.as_ref());
                    self.value(column, at_ms, cell, number, issues);
                }
            }
            Layout::NoTime => {}
        }
        self.form.layout = layout;
    }

    /// The column of a series of a long table.
    fn keyed(&mut self, legend: &str, number: u64, issues: &mut Issues) -> Option<usize> {
        if let Some(column) = self.by_key.get(legend) {
            return Some(*column);
        }
        if self.columns.len() >= SERIES_MAX {
            issues.add(
                format!("more than {SERIES_MAX} series: the rest was not read"),
                format!("line:{number}"),
                1,
            );
            return None;
        }
        let column = self.columns.len();
        self.add(legend, format!("{}row-series:{}", self.prefix, column + 1));
        self.by_key.insert(legend.to_owned(), column);
        Some(column)
    }

    fn value(&mut self, column: usize, at_ms: i64, cell: &str, number: u64, issues: &mut Issues) {
        let Some(column) = self.columns.get_mut(column) else { return };
        let value = match values::cell(cell, self.form.decimals) {
            Cell::Value(value, family) => {
                if family == Family::Plain {
                    Some(value * column.factor)
                } else {
                    column.worded = true;
                    column.family = Some(family);
                    Some(if family == Family::Percent && column.series.unit == "ratio" {
                        value / 100.0
                    } else {
                        value
                    })
                }
            }
            Cell::Gap => None,
            Cell::Infinite => {
                issues.add("a value is infinite: taken as a gap", format!("line:{number}"), 0);
                None
            }
            Cell::Bad => {
                issues.add("a cell is no number", format!("line:{number}"), 1);
                None
            }
        };
        column
            .series
            .samples
            .push(Sample { at_ms, value: value.filter(|value| value.is_finite()) });
        self.n_samples += 1;
    }

    /// Ends the table: units, limits, shape.
    fn close(self, parsed: &mut Parsed<Metrics>) {
        if self.n_rows == 0 {
            parsed.issues.add("no data: a header without rows", "line:1", 0);
        }
        let rounded = !self.any_zone && (1..=ROUNDED_DIGITS).contains(&self.digits_max);
        let mut series = Vec::with_capacity(self.columns.len());
        for mut column in self.columns {
            if let Some(family) = column.family {
                let known = column.series.unit.clone();
                let same = family.unit() == known
                    || family == Family::Percent
                        && (known == "ratio" || known.starts_with("percent"));
                if !same {
                    if !known.is_empty() {
                        parsed.issues.add(
                            "the unit in the cells is not that of the panel: the cells' unit holds",
                            column.series.location.clone(),
                            0,
                        );
                    }
                    family.unit().clone_into(&mut column.series.unit);
                }
            }
            if column.worded || rounded {
                identify::limit(&mut column.series, limits::ROUNDED);
            }
            series.push(column.series);
        }
        for series in &mut series {
            finish(series, &mut parsed.issues);
        }
        quantiles_by_order(&mut series, self.panel.queries);
        for series in &mut series {
            if series.unit.is_empty() && !series.name.starts_with("replica-lag") {
                identify::limit(series, limits::UNKNOWN_UNIT);
            }
        }
        let room = SERIES_MAX.saturating_sub(parsed.records.series.len());
        if series.len() > room {
            parsed.issues.add(
                format!("more than {SERIES_MAX} series: the rest was not read"),
                "",
                0,
            );
            series.truncate(room);
        }
        parsed.records.series.append(&mut series);
    }
}
