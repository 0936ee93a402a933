//! The records of a log that is read to its end.

use super::state::{ERROR_FIELDS, State};
use crate::log::events::time;
use crate::log::line::{Field, Form};
use crate::log::pattern::Pattern;
use crate::log::tally::{Values, minute_time};
use crate::log::{
    LogField, LogKind, LogLevel, LogMinute, LogPattern, LogRecords, LogSource, LogTop,
};
use model::{Coverage, Parsed, Place, Window};
use std::collections::BTreeMap;
use text::Raw;

/// The `pattern_id` of fields and tops that count all lines of level error and above together: who
/// stands behind the errors, whatever their message. It has no row among the patterns.
pub const ALL_ERRORS: &str = "all-errors";

impl State {
    pub(super) fn finish(
        mut self,
        label: &str,
        node: &str,
        hint: Option<LogKind>,
    ) -> Parsed<LogRecords> {
        self.tracker.finish();
        let mut limits = Vec::new();
        if self.patterns.n_dropped > 0 {
            self.issue("more kinds of messages than the limit: the rest is counted together", 0);
            limits.push("rare messages counted together".to_owned());
        }
        if self.tracker.n_left_out > 0 {
            self.issue("more events than the limit: the later ones are left out", 0);
            limits.push("later events left out".to_owned());
        }
        if self.patterns.coarse {
            limits.push("minutes joined".to_owned());
        }
        let count = |level: LogLevel| self.levels.get(level as usize).copied().unwrap_or(0);
        let debug = count(LogLevel::Debug) + count(LogLevel::Trace) > 0;
        if debug {
            limits.push("debug".to_owned());
        }
        if self.n_zoneless > 0 {
            limits.push("local time without zone".to_owned());
        }
        limits.sort();
        let window = self.span_ms.and_then(|(first, last)| {
            // `end` is the first moment after the last line.
            Some(Window { start: time(first)?, end: time(last.checked_add(1)?)? })
        });
        let form = Form::ALL
            .into_iter()
            .rev()
            .max_by_key(|form| self.forms.get(*form as usize).copied().unwrap_or(0));
        let source = LogSource {
            label: label.to_owned(),
            node: node.to_owned(),
            own_name: self.own_name.name(self.records).unwrap_or_default().to_owned(),
            kind: self.kind(hint),
            format: form.unwrap_or_default().as_str(),
            window,
            records: self.records,
            skipped: self.issues.skipped(),
            continuations: self.continuations,
            levels: LogLevel::ALL
                .iter()
                .map(|level| (*level, count(*level)))
                .filter(|(_, n)| *n > 0)
                .collect(),
            debug,
            offsets_s: self.offsets.iter().copied().collect(),
            bytes: self.bytes,
            span_s: self.span_ms.map_or(0, |(first, last)| last.abs_diff(first) / 1_000),
            limits: limits.clone(),
        };
        let coverage =
            Coverage { window, records: self.records, skipped: self.issues.skipped(), limits };
        let mut records = LogRecords {
            events: std::mem::take(&mut self.tracker.events),
            sources: vec![source],
            ..LogRecords::default()
        };
        records.events.sort_by(|a, b| a.order(b));
        self.patterns.list.sort_by_key(|pattern| pattern.id);
        for pattern in &self.patterns.list {
            take_pattern(pattern, label, node, &mut records);
        }
        for (values, field) in self.errors.iter().zip(ERROR_FIELDS) {
            take_values(ALL_ERRORS, field, values, &mut records);
        }
        records.fields.sort_by(|a, b| (&a.pattern_id, a.field).cmp(&(&b.pattern_id, b.field)));
        records.minutes.sort();
        records.top.sort_by(LogTop::order);
        Parsed { records, issues: self.issues, coverage }
    }

    /// What sort of log it is, by what most records are.
    fn kind(&self, hint: Option<LogKind>) -> LogKind {
        let most = |n: u64| self.records > 0 && n * 2 > self.records;
        if most(self.n_audit) {
            LogKind::Audit
        } else if most(self.n_ldap) {
            LogKind::Ldap
        } else if most(self.n_notifications) {
            LogKind::Notifications
        } else {
            hint.unwrap_or_default()
        }
    }
}

fn take_pattern(pattern: &Pattern, label: &str, node: &str, records: &mut LogRecords) {
    let pattern_id = format!("{:016x}", pattern.id);
    let most = |field: Field| {
        let values = pattern.values.get(field as usize).and_then(Option::as_deref);
        values.and_then(Values::most).map(Raw::from_bytes).unwrap_or_default()
    };
    let (peak, peak_minute) = pattern.minutes.peak();
    records.patterns.push(LogPattern {
        pattern_id: pattern_id.clone(),
        known_id: pattern.known.map(|known| known.id),
        level: pattern.level,
        origin: pattern.origin,
        pattern: Raw::new(pattern.text.clone()),
        calls: pattern.calls,
        first_at: pattern.span_ms.and_then(|(first, _)| time(first)),
        last_at: pattern.span_ms.and_then(|(_, last)| time(last)),
        first_place: Place::line(label, pattern.first_line),
        peak_per_minute: peak,
        peak_at: minute_time(peak_minute).filter(|_| peak > 0),
        nodes: BTreeMap::from([(node.to_owned(), pattern.calls)]),
        sample: Raw::from_bytes(&pattern.sample),
        sample_place: Place::line(label, pattern.sample_line),
        err_where: most(Field::ErrWhere),
        caller: most(Field::Caller),
    });
    for row in pattern.minutes.rows() {
        records.minutes.push(LogMinute {
            pattern_id: pattern_id.clone(),
            node: node.to_owned(),
            minute: row.minute,
            width_min: row.width_min,
            level: pattern.level,
            calls: row.calls,
        });
    }
    for field in Field::ALL {
        if let Some(Some(values)) = pattern.values.get(field as usize) {
            take_values(&pattern_id, field, values, records);
        }
    }
}

fn take_values(pattern_id: &str, field: Field, values: &Values, records: &mut LogRecords) {
    if values.calls == 0 {
        return;
    }
    records.fields.push(LogField {
        pattern_id: pattern_id.to_owned(),
        field: field.as_str(),
        calls: values.calls,
        unlisted_max: values.unlisted_max(),
    });
    for count in &values.counts {
        records.top.push(LogTop {
            pattern_id: pattern_id.to_owned(),
            field: field.as_str(),
            value: Raw::from_bytes(&count.value),
            calls: count.calls,
            error: count.error,
            first_at: count.span_ms.and_then(|(first, _)| time(first)),
            last_at: count.span_ms.and_then(|(_, last)| time(last)),
            minutes: count.spans.rows(),
        });
    }
}
