//! Frequent values beside a query: users, databases, applications, clients.

use std::sync::Arc;
use text::Raw;

/// Frequent values that are kept beside a query of one source, each of four kinds.
const TOP_MAX: usize = 10;
/// Frequent values that are kept beside all queries of a run: those of the heaviest.
const TOPS_MAX: usize = 60_000;
/// Frequent values of a kind that are kept beside a query once that budget is met.
const TOP_MIN: usize = 1;

/// A frequent value beside a fingerprint: a user, a database, an application, a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Top {
    /// The value; empty when the log has none. Shared among the queries that have it.
    pub value: Arc<Raw>,
    /// Calls with it.
    pub calls: u64,
    /// Their time, in microseconds.
    pub total_us: u64,
}

impl Top {
    /// The values of one source with their calls and time, most calls first.
    pub(crate) fn of_source(sums: impl IntoIterator<Item = (Arc<Raw>, (u64, u64))>) -> Vec<Self> {
        Self::list(sums, TOP_MAX)
    }

    /// The values with their calls and time, most calls first, at most `top_max` of them.
    pub(crate) fn list<V: Into<Arc<Raw>>>(
        sums: impl IntoIterator<Item = (V, (u64, u64))>,
        top_max: usize,
    ) -> Vec<Self> {
        let mut tops: Vec<Self> = sums
            .into_iter()
            .map(|(value, (calls, total_us))| Self { value: value.into(), calls, total_us })
            .collect();
        tops.sort_by(|a, b| b.calls.cmp(&a.calls).then_with(|| a.value.cmp(&b.value)));
        tops.truncate(top_max);
        // Four of these stand beside each of thousands of queries.
        tops.shrink_to_fit();
        tops
    }
}

/// How many frequent values there is room for, heaviest query first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TopRoom {
    room: usize,
    /// Whether some were left out for want of room.
    pub(crate) met: bool,
}

impl Default for TopRoom {
    fn default() -> Self {
        Self { room: TOPS_MAX, met: false }
    }
}

impl TopRoom {
    /// Leaves out what there is no room for.
    pub(crate) fn cut<'t>(&mut self, lists: impl IntoIterator<Item = &'t mut Vec<Top>>) {
        for list in lists {
            if self.room == 0 && list.len() > TOP_MIN {
                list.truncate(TOP_MIN);
                list.shrink_to_fit();
                self.met = true;
            }
            self.room = self.room.saturating_sub(list.len());
        }
    }
}
