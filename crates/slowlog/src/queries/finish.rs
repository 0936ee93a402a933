//! From a sum to what is said of a query.

use super::parties::Parties;
use super::sum::Sum;
use crate::histogram::Histogram;
use crate::records::{Query, QueryId, Spot};
use crate::shapes::{Names, Shape};
use crate::spans::moment;
use std::sync::Arc;

impl Sum {
    pub(super) fn into_query(
        self,
        id: QueryId,
        label: &Arc<str>,
        shape: Option<Arc<Shape>>,
        names: Names,
        durations: Histogram,
        parties: &Parties,
    ) -> Query {
        let [users, databases, applications, clients] = self.who.tops(parties);
        let shape = shape
            .map(Arc::unwrap_or_clone)
            .unwrap_or_else(|| Shape { text: "other queries".into(), ..Shape::default() });
        Query {
            fingerprint_id: id,
            fingerprint: String::from(shape.text),
            engine: None,
            kind: shape.kind,
            store_method: names.store_method,
            calls: self.calls,
            total_us: self.total_us,
            squares_us2: self.squares_us2,
            min_us: self.min_us,
            max_us: self.max_us,
            durations,
            rows: self.work.rows,
            rows_examined: self.work.rows_examined,
            lock_us: self.work.lock_us,
            full_scans: self.work.full_scans,
            tmp_disk_tables: self.work.tmp_disk_tables,
            started_at: self.start_us.map(moment),
            first_at: self.first_us.map(moment),
            last_at: self.last_us.map(moment),
            tables: names.tables,
            columns: names.columns.join(", ").into_boxed_str(),
            users,
            databases,
            foreign: false,
            applications,
            clients,
            sample: None,
            first_place: Spot::line(label, self.first_line),
            max_place: Spot::line(label, self.max_line),
            truncated: shape.truncated,
        }
    }
}
