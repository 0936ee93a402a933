//! The form of a delimited table: where the time stands, which columns are numbers.

use crate::cells;
use crate::times::{self, DateOrder};
use crate::values::{self, Cell, Decimals};
use std::borrow::Cow;

/// Names of a time column, in lower case.
const TIME_NAMES: &[&str] = &[
    "time",
    "timestamp",
    "date",
    "datetime",
    "date_time",
    "date time",
    "ts",
    "@timestamp",
    "zeit",
    "datum",
    "uhrzeit",
    "zeitstempel",
    "heure",
    "fecha",
    "hora",
    "data",
    "x",
];

/// Columns of other formats: a table with one of them is never a metric.
const FOREIGN: &[&str] = &[
    "query",
    "queryid",
    "query_id",
    "sql_text",
    "sql",
    "statement",
    "user_host",
    "query_time",
    "lock_time",
    "rows_examined",
    "rows_sent",
    "digest",
    "digest_text",
    "message",
    "error_severity",
    "sql_state_code",
    "log_time",
    "session_id",
    "command_tag",
    "application_name",
    "userid",
    "dbid",
    "level",
    "caller",
    "msg",
    "total_exec_time",
    "total_time",
    "thread_id",
    "event_time",
];

/// Rows that are looked at to learn the form.
const LOOK_ROWS: usize = 50;

/// How a table holds its series.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Layout {
    /// A column per series.
    Wide,
    /// A row per point: which columns name the series, which are numbers.
    Long {
        /// Columns whose texts together name the series.
        keys: Vec<usize>,
        /// Columns of numbers.
        numbers: Vec<usize>,
    },
    /// No time at all.
    NoTime,
}

/// What is known about a table before it is read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Form {
    /// Between cells.
    pub(crate) delimiter: char,
    /// The header's cells.
    pub(crate) header: Vec<String>,
    /// Which column is the time.
    pub(crate) time: usize,
    /// How series are held.
    pub(crate) layout: Layout,
    /// How numbers are written.
    pub(crate) decimals: Decimals,
    /// In which order day and month stand.
    pub(crate) order: DateOrder,
    /// Whether the texts left that open.
    pub(crate) order_open: bool,
    /// Whether the first rows go back in time.
    pub(crate) descending: bool,
}

/// Lines with their numbers, from a place in a text.
#[derive(Clone, Debug)]
pub(crate) struct Lines<'a> {
    rest: Option<&'a str>,
    line: u64,
    end: char,
}

impl<'a> Lines<'a> {
    /// All lines of a text.
    pub(crate) fn of(text: &'a str) -> Self {
        // Files of very old spreadsheets end lines with a carriage return alone.
        let end = if text.contains('\n') || !text.contains('\r') { '\n' } else { '\r' };
        Self { rest: Some(text), line: 0, end }
    }
}

impl Lines<'_> {
    /// About how many more lines of `line_bytes` there are.
    pub(crate) fn more_of(&self, line_bytes: usize) -> usize {
        self.rest.map_or(0, |rest| rest.len() / (line_bytes + 1))
    }
}

impl<'a> Iterator for Lines<'a> {
    /// The line's number, its text without line end, and whether it had a line end.
    type Item = (u64, &'a str, bool);
    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest?;
        self.line += 1;
        let (line, ended) = match rest.split_once(self.end) {
            Some((line, after)) => {
                self.rest = Some(after);
                (line, true)
            }
            None => {
                self.rest = None;
                (rest, false)
            }
        };
        if !ended && line.is_empty() {
            return None;
        }
        Some((self.line, line.strip_suffix('\r').unwrap_or(line), ended))
    }
}

/// Whether a header's cell names a time column.
pub(crate) fn is_time_name(cell: &str) -> bool {
    let lower = cell.trim().to_lowercase();
    TIME_NAMES.contains(&lower.as_str())
}

/// Whether a header is that of another format.
pub(crate) fn is_foreign(header: &[String]) -> bool {
    header.iter().any(|cell| FOREIGN.contains(&cell.trim().to_lowercase().as_str()))
}

/// Learns the form from a header line and the lines that follow it.
///
/// `separator` is what a `sep=` line said.
pub(crate) fn learn(header_line: &str, separator: Option<char>, body: &Lines<'_>) -> Form {
    let delimiter = separator.unwrap_or_else(|| cells::delimiter(header_line));
    let mut scratch = Vec::new();
    cells::split(header_line, delimiter, &mut scratch);
    let header: Vec<String> =
        scratch.iter().map(|cell| cell.trim_matches(['\u{feff}', ' ']).to_owned()).collect();
    let sample: Vec<Vec<Cow<'_, str>>> = body
        .clone()
        .filter(|(_, line, _)| !line.trim().is_empty())
        .take(LOOK_ROWS)
        .map(|(_, line, _)| {
            let mut row = Vec::new();
            cells::split(line, delimiter, &mut row);
            row
        })
        .collect();
    let is_time = |idx: usize| {
        sample.iter().take(5).any(|row| {
            row.get(idx).is_some_and(|cell| {
                times::time(cell, DateOrder::DayFirst)
                    .or_else(|| times::time(cell, DateOrder::MonthFirst))
                    .is_some()
                    || times::is_scientific(cell)
            })
        })
    };
    let named = header.iter().position(|cell| is_time_name(cell));
    let time =
        named.filter(|idx| sample.is_empty() || is_time(*idx)).or_else(|| is_time(0).then_some(0));
    let decimals = decimals(delimiter, &sample, time);
    let mut form = Form {
        delimiter,
        layout: layout(&header, &sample, time, decimals),
        time: time.or(named).unwrap_or(0),
        header,
        decimals,
        order: DateOrder::DayFirst,
        order_open: false,
        descending: false,
    };
    if form.layout == Layout::NoTime {
        return form;
    }
    if sample.first().and_then(|row| row.get(form.time)).is_some_and(|cell| cell.contains('/')) {
        let mut row = Vec::new();
        let column: Vec<String> = body
            .clone()
            .filter_map(|(_, line, _)| {
                cells::split(line, delimiter, &mut row);
                row.get(form.time)
                    .filter(|cell| cell.contains('/'))
                    .map(|cell| cell.clone().into_owned())
            })
            // A column of one date needs no more than its first and its changing rows.
            .scan(String::new(), |day, cell| {
                let date = cell.split([' ', ',']).next().unwrap_or("").to_owned();
                let new = date != *day;
                *day = date;
                Some(new.then_some(cell))
            })
            .flatten()
            .take(1000)
            .collect();
        (form.order, form.order_open) = times::date_order(column.iter().map(String::as_str));
    }
    let mut known = sample.iter().filter_map(|row| times::time(row.get(form.time)?, form.order));
    if let (Some(first), Some(second)) = (known.next(), known.next()) {
        // Rows of a long table repeat a time, hence the third.
        let third = known.next().unwrap_or(second);
        form.descending = second.ms() < first.ms() || second == first && third.ms() < first.ms();
    }
    form
}

fn decimals(delimiter: char, sample: &[Vec<Cow<'_, str>>], time: Option<usize>) -> Decimals {
    if delimiter == ',' {
        return Decimals::Point;
    }
    let comma = sample.iter().any(|row| {
        row.iter().enumerate().any(|(idx, cell)| {
            Some(idx) != time
                && cell.contains(',')
                && cell.rfind(',') > cell.rfind('.')
                && matches!(values::cell(cell, Decimals::Comma), Cell::Value(..))
        })
    });
    if comma { Decimals::Comma } else { Decimals::Point }
}

fn layout(
    header: &[String],
    sample: &[Vec<Cow<'_, str>>],
    time: Option<usize>,
    decimals: Decimals,
) -> Layout {
    let Some(time) = time else {
        let named = header.iter().any(|cell| is_time_name(cell));
        return if named && sample.is_empty() { Layout::Wide } else { Layout::NoTime };
    };
    let (mut keys, mut numbers) = (Vec::new(), Vec::new());
    for idx in (0..header.len()).filter(|idx| *idx != time) {
        let (mut n_numbers, mut n_texts) = (0_usize, 0_usize);
        for cell in sample.iter().filter_map(|row| row.get(idx)) {
            match values::cell(cell, decimals) {
                Cell::Value(..) | Cell::Infinite => n_numbers += 1,
                Cell::Gap => {}
                Cell::Bad => n_texts += 1,
            }
        }
        if n_texts > n_numbers {
            keys.push(idx);
        } else {
            numbers.push(idx);
        }
    }
    if keys.is_empty() || numbers.is_empty() {
        Layout::Wide
    } else {
        Layout::Long { keys, numbers }
    }
}

#[cfg(test)]
mod tests {
    use super::{Form, Layout, Lines, learn};
    use crate::values::Decimals;

    fn form(text: &str) -> Form {
        let mut lines = Lines::of(text);
        let (_, header, _) = lines.next().expect("a header");
        learn(header, None, &lines)
    }

    #[test]
    fn a_column_per_series_and_a_row_per_point_are_told_apart() {
        let wide = form("\"Time\",\"a\",\"b\"\r\n1714550400000,1,\r\n1714550460000,2,3\r\n");
        assert_eq!((wide.layout, wide.descending), (Layout::Wide, false));
        let long =
            form("\"Series\";\"Time\";\"Value\"\r\n\"a\";\"2024-05-01T10:00:00+02:00\";1\r\n");
        assert_eq!(long.time, 1);
        assert_eq!(long.layout, Layout::Long { keys: vec![0], numbers: vec![2] });
    }

    #[test]
    fn a_table_without_time_and_a_reversed_one_are_seen() {
        assert_eq!(form("\"Metric\",\"Value\"\r\napp-1,5\r\n").layout, Layout::NoTime);
        assert!(form("Time,a\n1714550460000,1\n1714550400000,2\n").descending);
    }

    #[test]
    fn decimal_commas_are_looked_for_only_where_the_comma_does_not_separate() {
        assert_eq!(form("Time;a\n01.05.2024 10:00;0,47\n").decimals, Decimals::Comma);
        assert_eq!(form("Time\ta\n2024-05-01 10:00:00\t1.47\n").decimals, Decimals::Point);
    }
}
