//! Mathematics over time and over sources: changes of signals, the window of the incident, ranked
//! causes. Knows neither files nor tables.

mod baseline;
mod causes;
mod changes;
mod incident;
mod suspects;
pub mod wording;

pub use causes::{CAUSES, Cause, cause_of};
pub use changes::{Options, changes};
pub use incident::{from_suspect, given, incident, window};
pub use suspects::{Grounds, suspects};
