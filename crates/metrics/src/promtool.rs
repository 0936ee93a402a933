//! Text of `promtool query range`: a line of labels, then `value @[epoch seconds]` lines.

use crate::form::Lines;
use crate::limits::{SAMPLES_MAX, SERIES_MAX};
use crate::prometheus::Points;
use crate::read::Options;
use crate::{Metrics, labels, prometheus};
use model::Parsed;
use std::collections::BTreeMap;

/// Reads the text; instant answers (`{labels} => value @[time]`) stand on one line.
pub(crate) fn read(text: &str, path: &str, options: &Options) -> Parsed<Metrics> {
    let mut parsed = Parsed::<Metrics>::default();
    let mut found: Vec<Points> = Vec::new();
    let mut n_points = 0;
    for (number, line, _) in Lines::of(text) {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let rest = match line.rsplit_once("=>") {
            Some((head, rest)) => {
                if found.len() >= SERIES_MAX {
                    parsed.issues.add(
                        format!("more than {SERIES_MAX} series: the rest was not read"),
                        format!("line:{number}"),
                        1,
                    );
                    break;
                }
                found.push((format!("line:{number}"), label_set(head.trim()), Vec::new()));
                rest.trim()
            }
            None => line,
        };
        if rest.is_empty() {
            continue;
        }
        match (point(rest), found.last_mut()) {
            (Some(point), Some((_, _, points))) if n_points < SAMPLES_MAX => {
                n_points += 1;
                points.push(point);
            }
            (Some(_), Some(_)) => {
                parsed.issues.add(
                    format!("more than {SAMPLES_MAX} points: the rest was not read"),
                    format!("line:{number}"),
                    1,
                );
                break;
            }
            _ => parsed.issues.add(
                "a line is neither labels nor a value with its time",
                format!("line:{number}"),
                1,
            ),
        }
    }
    prometheus::from_points(found, path, options, &mut parsed);
    parsed
}

/// `value @[time]`.
pub(crate) fn point(text: &str) -> Option<(f64, Option<f64>)> {
    let (value, at) = text.split_once(" @[")?;
    let at_s: f64 = at.strip_suffix(']')?.parse().ok()?;
    let value: f64 = value.trim().parse().ok()?;
    (at_s.is_finite() && at_s > 0.0).then_some((at_s, Some(value)))
}

fn label_set(head: &str) -> BTreeMap<String, String> {
    let (name, found) = labels::split(head);
    let mut set: BTreeMap<String, String> = found.into_iter().collect();
    if !name.is_empty() && !name.contains('{') {
        set.insert("__name__".to_owned(), labels::clip(&name));
    }
    set
}
