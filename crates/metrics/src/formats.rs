//! Which files are metrics, by content.

use crate::form::{self, Layout, Lines};
use crate::times::{self, DateOrder};
use crate::{filename, promtool};
use model::{Format, Head};

/// Every format of this crate.
pub static FORMATS: &[Format] = &[
    Format { name: "grafana csv", kind: "metrics", score: grafana_csv },
    Format { name: "prometheus json", kind: "metrics", score: prometheus_json },
    Format { name: "promtool text", kind: "metrics", score: promtool_text },
];

/// Sure: Grafana's own header.
const SURE: u8 = 90;
/// A time column and numbers, of whatever origin.
const NUMBERS: u8 = 55;
/// A file named like a metric without any usable content: taken so that it can be explained.
const NAMED_ONLY: u8 = 5;

/// A table with a time column and numbers. A log or a table of queries never is one.
fn grafana_csv(head: &Head<'_>) -> u8 {
    let text = text::decode(head.bytes);
    let text = text.trim_start_matches('\u{feff}');
    let name = filename::parse(head.path);
    let lower = head.path.to_ascii_lowercase();
    let named = lower.ends_with(".csv") || lower.ends_with(".tsv");
    let bonus = if name.exported { 5 } else { 0 };
    if text.trim().is_empty() || text.trim_start().starts_with('<') || is_answer(text) {
        // An empty export, a login page, an error of the API: only if the name says that it should
        // be a metric.
        return if named { NAMED_ONLY } else { 0 };
    }
    let mut lines = Lines::of(text);
    let mut separator = None;
    let header = loop {
        let Some((_, line, _)) = lines.next() else { return 0 };
        if let Some(sep) = line.trim().strip_prefix("sep=") {
            separator = sep.chars().next().or(Some('\t'));
        } else if !line.trim().is_empty() {
            break line;
        }
    };
    let form = form::learn(header, separator, &lines);
    let first = form.header.first().map_or("", String::as_str);
    if form::is_foreign(&form.header)
        || times::time(first, DateOrder::DayFirst).is_some()
        || header.len() >= 60 * 1024 && !form::is_time_name(first)
    {
        return 0;
    }
    let time_named = form.header.get(form.time).is_some_and(|cell| form::is_time_name(cell));
    match form.layout {
        Layout::Wide => {
            let has_rows = has_time_rows(&form, &lines);
            let grafana =
                time_named && (header.starts_with("\"Time\"") || header.starts_with("Time"));
            match (has_rows, grafana) {
                _ if form.header.len() < 2 => 0,
                (true, true) => SURE + bonus,
                (true, false) if all_numbers(&form, &lines) => NUMBERS + bonus,
                (true, false) => 0,
                (false, true) => {
                    if named {
                        NUMBERS + bonus
                    } else {
                        0
                    }
                }
                (false, false) => 0,
            }
        }
        Layout::Long { ref keys, .. } => {
            let short = lines.clone().take(20).all(|(_, line, _)| line.len() < 400);
            let legacy = form.header.iter().any(|cell| cell == "Series");
            match () {
                () if !short || keys.len() > 4 || !time_named => 0,
                () if legacy => SURE + bonus,
                () => NUMBERS + bonus,
            }
        }
        Layout::NoTime if name.exported && header.starts_with('"') => NUMBERS / 2 + bonus,
        Layout::NoTime => 0,
    }
}

/// An answer of Grafana's API, mostly an error, in place of a table; no line of a log.
fn is_answer(text: &str) -> bool {
    const BEGINS: &[&str] = &["{\"message\":", "{\"results\":", "{\"error\":", "{\"statusCode\":"];
    let head: String = text.chars().filter(|c| !c.is_whitespace()).take(4096).collect();
    BEGINS.iter().any(|begin| head.starts_with(begin))
        && !head.contains("\"level\":")
        && !head.contains("\"timestamp\":")
}

fn has_time_rows(form: &form::Form, lines: &Lines<'_>) -> bool {
    let mut row = Vec::new();
    lines.clone().filter(|(_, line, _)| !line.trim().is_empty()).take(3).any(|(_, line, _)| {
        crate::cells::split(line, form.delimiter, &mut row);
        row.get(form.time).is_some_and(|cell| {
            times::time(cell, form.order).is_some() || times::is_scientific(cell)
        })
    })
}

/// Whether nothing but numbers and gaps stands beside the time in the first rows.
fn all_numbers(form: &form::Form, lines: &Lines<'_>) -> bool {
    use crate::values::{Cell, cell};
    let mut row = Vec::new();
    let mut any = false;
    let clean =
        lines.clone().filter(|(_, line, ended)| *ended && !line.trim().is_empty()).take(20).all(
            |(_, line, _)| {
                crate::cells::split(line, form.delimiter, &mut row);
                row.iter().enumerate().filter(|(idx, _)| *idx != form.time).all(|(_, text)| {
                    match cell(text, form.decimals) {
                        Cell::Value(..) | Cell::Infinite => {
                            any = true;
                            true
                        }
                        Cell::Gap => true,
                        Cell::Bad => false,
                    }
                })
            },
        );
    clean && any
}

/// An answer of Prometheus, whole or only its result.
pub(crate) fn prometheus_json(head: &Head<'_>) -> u8 {
    let text = text::decode(head.bytes);
    let start: String = text
        .trim_start_matches('\u{feff}')
        .chars()
        .filter(|c| !c.is_whitespace())
        .take(4096)
        .collect();
    let has = |part: &str| start.contains(part);
    if start.starts_with("{\"status\":\"")
        && (has("\"resultType\":\"") && has("\"result\":")
            || has("\"errorType\":\"") && has("\"error\":"))
        || start.starts_with("{\"data\":{")
            && (has("\"resultType\":\"") && has("\"result\":") || has("\"result\":[{\"metric\":{"))
    {
        return 95;
    }
    let result = start.starts_with("{\"resultType\":\"") || start.starts_with("{\"result\":[");
    let list = start.starts_with("[{\"metric\":{");
    let points = has("\"values\":[[") || has("\"value\":[") || has("\"result\":[]");
    if (result || list) && has("\"metric\":{") && points { 90 } else { 0 }
}

/// `{labels} =>` and then values with their times.
pub(crate) fn promtool_text(head: &Head<'_>) -> u8 {
    let text = text::decode(head.bytes);
    let mut lines = Lines::of(&text).filter(|(_, line, _)| !line.trim().is_empty());
    let Some((_, first, _)) = lines.next() else { return 0 };
    let Some((labels, rest)) = first.split_once("=>") else { return 0 };
    let labels = labels.trim();
    let braces = labels.is_empty()
        || labels.ends_with('}') && labels.contains('{')
        || labels.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':'));
    let rest = rest.trim();
    let value =
        if rest.is_empty() { lines.next().map(|(_, line, _)| line.trim()) } else { Some(rest) };
    if braces && value.is_some_and(|value| promtool::point(value).is_some()) { 90 } else { 0 }
}
