//! Mathematics over time and over sources: changes of signals, the window of the incident, ranked
//! causes. Knows neither files nor tables.

mod baseline;
mod changes;

pub use changes::{Options, changes};
