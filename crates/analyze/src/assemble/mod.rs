//! From outcomes to a report: headline, unknowns, what is fine, the timeline.

pub(crate) mod clocks;
pub(crate) mod code;
pub(crate) mod dba;
pub(crate) mod disagreements;
pub(crate) mod metric_clock;
pub(crate) mod sighted;
pub(crate) mod system;
pub(crate) mod timeline;
pub(crate) mod unknown;
