//! Series of cases, in promtool's notation.

use crate::spec::SeriesSpec;
use chrono::{DateTime, TimeDelta, Utc};
use model::{Place, Signal, SignalKind};

/// Values that one series may have: a week of minutes.
const VALUES_MAX: usize = 10_080;

/// The names of the kinds of signals.
const KINDS: &[(&str, SignalKind)] = &[
    ("database", SignalKind::Database),
    ("query", SignalKind::Query),
    ("store", SignalKind::Store),
    ("pool", SignalKind::Pool),
    ("process", SignalKind::Process),
    ("cluster", SignalKind::Cluster),
    ("api", SignalKind::Api),
    ("http", SignalKind::Http),
    ("websocket", SignalKind::Websocket),
    ("service", SignalKind::Service),
    ("log", SignalKind::Log),
    ("other", SignalKind::Other),
];

/// The word of a kind of signal.
pub(super) fn kind_word(kind: SignalKind) -> &'static str {
    KINDS.iter().find(|(_, known)| *known == kind).map_or("other", |(word, _)| word)
}

/// Reads `96x4 _ 40x3`: 96 and four more, a gap, 40 and three more; `1+2x3` is 1 3 5 7.
pub(super) fn values(text: &str) -> Result<Vec<Option<f64>>, String> {
    let mut out = Vec::new();
    for word in text.split_whitespace() {
        let bad = || format!("`{word}` is no value: write 5, 5x3, 1+2x3, _ or _x3");
        let (first, times) = match word.split_once('x') {
            Some((first, times)) => (first, Some(times.parse::<usize>().map_err(|_| bad())?)),
            None => (word, None),
        };
        // `_x3` is three gaps, `5x3` is a value and three more.
        let n = times.map_or(1, |times| if first == "_" { times } else { times.saturating_add(1) });
        if out.len().saturating_add(n) > VALUES_MAX {
            return Err(format!("a series has at most {VALUES_MAX} values"));
        }
        if first == "_" {
            out.extend(std::iter::repeat_n(None, n));
            continue;
        }
        // A sign behind the first character separates the start from the step.
        let cut = first
            .char_indices()
            .skip(1)
            .find(|(idx, c)| {
                matches!(c, '+' | '-')
                    && !first.get(..*idx).is_some_and(|head| head.ends_with(['e', 'E']))
            })
            .map(|(idx, _)| idx);
        let (start, step) = match cut {
            Some(at) => {
                let (start, step) = first.split_at_checked(at).ok_or_else(bad)?;
                (start, step.parse::<f64>().map_err(|_| bad())?)
            }
            None => (first, 0.0),
        };
        let start: f64 = start.parse().map_err(|_| bad())?;
        for idx in 0..n {
            #[expect(clippy::cast_precision_loss, reason = "at most VALUES_MAX")]
            let value = start + step * idx as f64;
            out.push(Some(value).filter(|value| value.is_finite()));
        }
    }
    if out.is_empty() { Err("a series has values".to_owned()) } else { Ok(out) }
}

/// A signal of a case.
pub(super) fn signal(
    idx: usize,
    spec: &SeriesSpec,
    time: impl Fn(&toml::Value) -> Result<DateTime<Utc>, String>,
) -> Result<Signal, String> {
    let kind = match &spec.kind {
        Some(word) => KINDS
            .iter()
            .find(|(known, _)| known == word.get_ref())
            .map(|(_, kind)| *kind)
            .ok_or_else(|| format!("no kind of signal `{}`", word.get_ref()))?,
        None => SignalKind::Other,
    };
    let start = match &spec.start {
        Some(value) => time(value.get_ref())?,
        None => DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(20_454),
    };
    let step_s = match spec.step.as_ref().map(toml::Spanned::get_ref) {
        None => 60,
        Some(toml::Value::Integer(seconds)) => {
            u32::try_from(*seconds).ok().filter(|step| *step > 0).ok_or("`step` is seconds")?
        }
        Some(toml::Value::String(text)) => crate::expr::interval_ms(text)
            .and_then(|ms| u32::try_from(ms / 1000).ok())
            .filter(|step| *step > 0)
            .ok_or("`step` is seconds or a text such as \"1m\"")?,
        Some(_) => return Err("`step` is seconds or a text such as \"1m\"".to_owned()),
    };
    Ok(Signal {
        id: format!("case:{idx}"),
        kind,
        metric: spec.metric.get_ref().clone(),
        subject: spec.subject.clone(),
        node: spec.node.clone(),
        unit: spec.unit.clone(),
        start,
        step_s,
        values: values(spec.values.get_ref())?,
        higher_is_worse: spec.higher_is_worse.unwrap_or(true),
        floor: spec.floor.unwrap_or(0.0),
        place: Place { source: "case".to_owned(), location: format!("series:{idx}") },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notation_is_that_of_promtool() {
        let some = |list: &[f64]| list.iter().copied().map(Some).collect::<Vec<_>>();
        assert_eq!(values("96x4").unwrap(), some(&[96.0; 5]));
        assert_eq!(values("1+2x3").unwrap(), some(&[1.0, 3.0, 5.0, 7.0]));
        assert_eq!(values("10-5x2").unwrap(), some(&[10.0, 5.0, 0.0]));
        assert_eq!(values("1 _ 2").unwrap(), vec![Some(1.0), None, Some(2.0)]);
        assert_eq!(values("_x3").unwrap(), vec![None; 3]);
        assert_eq!(values("-1e-3").unwrap(), some(&[-0.001]));
        for bad in ["", "a", "5x", "5x-1", "1x99999999999"] {
            assert!(values(bad).is_err(), "{bad}");
        }
    }
}
