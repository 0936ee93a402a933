//! Mathematics over time and over sources: changes of signals, the window of the incident, ranked
//! causes. Knows neither files nor tables.

mod baseline;
mod causes;
mod changes;
mod clocks;
mod downtime;
mod incident;
mod recovery;
mod recurring;
mod restarts;
mod suspects;
pub mod wording;

pub use causes::{CAUSES, Cause, cause_of};
pub use changes::{Options, changes};
pub use clocks::{ClockOffset, clock_offset};
pub use downtime::{Absences, Downtime, Presence, detected, downtime};
pub use incident::{from_findings, from_suspect, given, incident, window};
pub use recovery::{Recovered, recovery, recovery_lines};
pub use restarts::{Restarts, restart_offset, sighting_offset, zone_of};
pub use suspects::{Grounds, agree, suspects};
