//! Where a change is to be seen: the first record in it, not the first of its kind in the file.

use crate::results::keys_of;
use crate::{Cell, Tables};
use chrono::{DateTime, TimeDelta, Utc};
use model::{Change, Place};
use std::collections::{BTreeMap, BTreeSet};

/// What lies within a minute is in the same row.
const BLUR: TimeDelta = TimeDelta::minutes(1);

/// Signals that are counted from a table of minutes.
struct Counted {
    /// How ids of its signals begin.
    prefix: &'static str,
    table: &'static str,
    /// The column with the length of a row's span in minutes.
    width: &'static str,
    key: &'static [&'static str],
}

const COUNTED: &[Counted] = &[
    Counted { prefix: "log:errors:", table: "log_minutes", width: "width_min", key: &["node"] },
    Counted { prefix: "log:", table: "log_minutes", width: "width_min", key: &["pattern_id"] },
    Counted {
        prefix: "query:",
        table: "query_minutes",
        width: "span_min",
        key: &["fingerprint_id"],
    },
    Counted {
        prefix: "event:",
        table: "event_minutes",
        width: "span_min",
        key: &["class", "cause"],
    },
    Counted { prefix: "database:load", table: "load_minutes", width: "span_min", key: &[] },
];

impl Counted {
    /// The key of the rows behind a signal, as `keys_of` gives it.
    fn key_of(&self, signal: &str) -> Option<String> {
        let rest = signal.strip_prefix(self.prefix)?;
        match self.prefix {
            "log:" | "query:" => rest.rsplit_once(':').map(|(id, _)| id.to_owned()),
            "event:" => {
                let (class, cause) = rest.split_once(": ").unwrap_or((rest, ""));
                Some(format!("{class}\u{1f}{cause}"))
            }
            _ => Some(rest.to_owned()),
        }
    }
}

impl Tables {
    /// Gives each change of a count the place of the first row that is in it.
    pub fn place_changes(&self, changes: &mut [Change]) {
        let of = |signal: &str| COUNTED.iter().find(|counted| signal.starts_with(counted.prefix));
        for counted in COUNTED {
            let is_mine = |change: &Change| {
                of(&change.signal).is_some_and(|other| other.prefix == counted.prefix)
            };
            let wanted: BTreeSet<String> = changes
                .iter()
                .filter(|change| is_mine(change))
                .filter_map(|change| counted.key_of(&change.signal))
                .collect();
            let Some(rows) = self.rows_by_key(counted, &wanted) else { continue };
            let Some(table) = self.table(counted.table) else { continue };
            for change in changes.iter_mut().filter(|change| is_mine(change)) {
                let Some(key) = counted.key_of(&change.signal) else { continue };
                let first = rows.get(&key).and_then(|rows| {
                    rows.iter().filter(|(end, _, _)| *end > change.onset).min_by_key(|row| row.1)
                });
                if let Some((_, _, row)) = first {
                    change.place = table.place(*row);
                }
            }
        }
    }

    /// Moves the place of rows that were there before they began to be more than usual, from their
    /// first record ever to the first in that time.
    pub(crate) fn place_onsets(&mut self) {
        for (name, prefix) in [("log_patterns", "log:"), ("database_events", "event:")] {
            let Some(counted) = COUNTED.iter().find(|counted| counted.prefix == prefix) else {
                continue;
            };
            let Some(moved) = self.moved(name, counted) else { continue };
            let Some(data) = self.tables.get_mut(name).filter(|_| !moved.is_empty()) else {
                continue;
            };
            for (column, of) in [("source", 0), ("location", 1)] {
                let old = keys_of(data.view(), &[column]);
                let cells: Vec<Cell<'_>> = (0..)
                    .zip(&old)
                    .map(|(row, old)| match moved.get(&row) {
                        Some(place) => {
                            Cell::Text(if of == 0 { &place.source } else { &place.location })
                        }
                        None => Cell::Text(old),
                    })
                    .collect();
                data.set_column(column, &cells);
            }
        }
    }

    /// The new places of rows, by row.
    fn moved(&self, name: &str, counted: &Counted) -> Option<BTreeMap<usize, Place>> {
        let rows = self.table(name)?;
        let (onset, first_at) = (rows.column("onset")?, rows.column("first_at")?);
        let keys = keys_of(rows, counted.key);
        let late: Vec<(usize, &String, DateTime<Utc>)> = (0..)
            .zip(&keys)
            .filter_map(|(row, key)| match (onset.get(row), first_at.get(row)) {
                (Cell::Time(onset), Cell::Time(first)) if first < onset - BLUR => {
                    Some((row, key, onset))
                }
                _ => None,
            })
            .collect();
        let wanted: BTreeSet<String> = late.iter().map(|(_, key, _)| (*key).clone()).collect();
        let by_key = self.rows_by_key(counted, &wanted)?;
        let minutes = self.table(counted.table)?;
        let place = |key: &String, onset: DateTime<Utc>| {
            let rows = by_key.get(key)?.iter().filter(|(end, _, _)| *end > onset);
            rows.min_by_key(|row| row.1).map(|row| minutes.place(row.2))
        };
        Some(late.into_iter().filter_map(|(row, key, at)| Some((row, place(key, at)?))).collect())
    }

    /// End, start and number of the rows of each key that is wanted.
    #[expect(clippy::type_complexity, reason = "of one caller")]
    fn rows_by_key(
        &self,
        counted: &Counted,
        wanted: &BTreeSet<String>,
    ) -> Option<BTreeMap<String, Vec<(DateTime<Utc>, DateTime<Utc>, usize)>>> {
        let table = self.table(counted.table).filter(|_| !wanted.is_empty())?;
        let (minute, width) = (table.column("minute")?, table.column(counted.width)?);
        let (foreign, level) = (table.column("foreign"), table.column("level"));
        let errors_only = counted.prefix == "log:errors:";
        let mut rows: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for (row, key) in keys_of(table, counted.key).into_iter().enumerate() {
            let (Cell::Time(start), Cell::Int(width_min)) = (minute.get(row), width.get(row))
            else {
                continue;
            };
            let is_error = level.as_ref().is_some_and(|level| {
                matches!(level.get(row), Cell::Text("error" | "critical" | "fatal" | "panic"))
            });
            let is_foreign =
                foreign.as_ref().is_some_and(|foreign| foreign.get(row) == Cell::Bool(true));
            if is_foreign || errors_only && !is_error || !wanted.contains(&key) {
                continue;
            }
            let end = start + TimeDelta::minutes(width_min.clamp(1, 1 << 20));
            rows.entry(key).or_default().push((end, start, row));
        }
        Some(rows)
    }
}
