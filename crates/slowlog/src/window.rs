//! Queries within a window, and logs together.

use crate::histogram::Histogram;
use crate::records::{QueryWindow, SlowLog};
use chrono::TimeDelta;
use model::Window;
use std::collections::BTreeMap;

impl SlowLog {
    /// Every query within a window, in the order of `queries`.
    ///
    /// A span of time counts where its middle lies, so that windows side by side count every call
    /// once; with spans of one minute a window is exact to half a minute.
    pub fn window(&self, window: Window) -> Vec<QueryWindow> {
        let mut sums: BTreeMap<&str, (QueryWindow, Histogram)> = BTreeMap::new();
        let mut all_us = 0u64;
        for minute in &self.minutes {
            let middle = minute.minute + TimeDelta::seconds(i64::from(minute.span_min) * 30);
            if !window.contains(middle) {
                continue;
            }
            let (sum, durations) = sums.entry(minute.fingerprint_id.as_str()).or_default();
            sum.calls += minute.calls;
            sum.total_us = sum.total_us.saturating_add(minute.total_us);
            sum.max_us = sum.max_us.max(minute.max_us);
            durations.merge(&minute.durations);
            all_us = all_us.saturating_add(minute.total_us);
        }
        self.queries
            .iter()
            .map(|query| {
                let (sum, durations) =
                    sums.remove(query.fingerprint_id.as_str()).unwrap_or_default();
                let ran = sum.calls > 0;
                QueryWindow {
                    fingerprint_id: query.fingerprint_id.clone(),
                    mean_us: ran.then(|| sum.total_us as f64 / sum.calls as f64),
                    p95_us: ran.then(|| durations.quantile(0.95).min(sum.max_us)),
                    share: (all_us > 0).then(|| sum.total_us as f64 / all_us as f64),
                    ..sum
                }
            })
            .collect()
    }
}
