//! Mathematics over time and over sources: changes of signals, the window of the incident, ranked
//! causes. Knows neither files nor tables.

mod baseline;
mod changes;
mod incident;
pub mod wording;

pub use changes::{Options, changes};
pub use incident::{given, incident, window};
