//! Sources that say different things: it lowers trust, and is often the clue.

use model::Disagreement;
use tables::{FactState, Tables};
use text::{Raw, Redactor, Text};

/// Facts of the cluster on which nodes differ by nature or by the moment of capture.
const EXPECTED: &[&str] = &[
    "config.store_type",
    "ClusterSettings.OverrideHostname",
    "ClusterSettings.BindAddress",
    "ClusterSettings.AdvertiseAddress",
    "ServiceSettings.ListenAddress",
    "JobSettings.RunJobs",
    "JobSettings.RunScheduler",
];
/// Facts that are listed one by one; more are counted.
const LISTED_MAX: usize = 12;

/// Disagreements that the packet itself shows.
pub(crate) fn disagreements(tables: &Tables, redactor: &Redactor) -> Vec<Disagreement> {
    let facts = tables.facts();
    facts
        .disagreements()
        .into_iter()
        .filter(|doc| !EXPECTED.contains(&doc.path))
        .take(LISTED_MAX)
        .map(|doc| {
            let mut sources = Vec::new();
            let mut values = Vec::new();
            for reading in facts.values(doc.path) {
                let value = match reading.state {
                    FactState::Value(cell) => cell.to_string(),
                    FactState::Masked => "hidden".to_owned(),
                    FactState::Unreadable => "not readable".to_owned(),
                    FactState::Missing | FactState::NotApplicable => continue,
                };
                let place = reading.place.map_or_else(String::new, |place| place.source.clone());
                sources.push(reading.node.map_or(place, str::to_owned));
                values.push(Text::value(redactor.clear_named(doc.path, &Raw::new(value))));
            }
            Disagreement {
                what: Text::ours(format!("nodes differ in {}", doc.path)),
                sources,
                values,
            }
        })
        .collect()
}
