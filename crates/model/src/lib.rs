//! The nouns that all crates share. Nothing here reads, decides or writes.

mod finding;
mod levels;
mod parse;
mod report;
mod signal;

pub use finding::{Action, Evidence, Finding, FindingSpec, NoEvidence, Who};
pub use levels::{Basis, Confidence, Exit, Kind, Level, Restart, Severity};
pub use parse::{Coverage, Format, Head, Issue, Issues, Parsed, Place, Sink, Window};
pub use report::{
    CheckedInput, Course, Disagreement, Disproof, ExitReason, Incident, OutcomeKind, OutcomeLine,
    PacketInfo, Report, StepFill, StepState, Suspect, SuspectCode, TimelineEntry, TimelineKind,
    ToolInfo, Traffic, Unknown,
};
pub use signal::{Change, ChangeKind, Signal, SignalKind};
