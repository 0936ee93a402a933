//! Which views of the playbook are missing, and how to get them.

use crate::limits::FIRST_SERIES_ONLY;
use crate::{Metrics, View, panels};

/// A view that was not given, or not as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingView {
    /// The view.
    pub view: View,
    /// Whether some of it is there: only the first series of a panel.
    pub partly: bool,
    /// The panel that shows it.
    pub panel: &'static str,
    /// The dashboard that has the panel.
    pub dashboard: &'static str,
    /// What to click, as a sentence.
    pub how_to_get: String,
}

/// Where the panels are: published by Mattermost, number 15582 on grafana.com.
const DASHBOARD: &str = "Mattermost Performance Monitoring v2";

/// The playbook's views that no series shows, in the playbook's order, each with the clicks that
/// get it in the best form: all series, not rounded, with times that need no zone.
pub fn missing_views<'a>(read: impl Iterator<Item = &'a Metrics> + Clone) -> Vec<MissingView> {
    let mut missing = Vec::new();
    for view in View::playbook() {
        let series = || {
            read.clone().flat_map(|m| &m.series).filter(|s| s.view == Some(*view) && s.points() > 0)
        };
        let whole = series().any(|s| !s.limits.iter().any(|limit| limit == FIRST_SERIES_ONLY));
        if whole {
            continue;
        }
        let panel = panels::titles_of(*view).first().copied().unwrap_or_default();
        missing.push(MissingView {
            view: *view,
            partly: series().next().is_some(),
            panel,
            dashboard: DASHBOARD,
            how_to_get: how_to_get(panel),
        });
    }
    missing
}

fn how_to_get(panel: &str) -> String {
    format!(
        "Grafana, dashboard \"{DASHBOARD}\": set the time range from two hours before the incident \
         until now, open the menu of the panel \"{panel}\", Inspect, Data; under Data options choose \
         \"Series joined by time\" and switch \"Formatted data\" off; Download CSV, and keep the file name."
    )
}
