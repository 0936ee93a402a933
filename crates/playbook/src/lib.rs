//! The Sev 1 playbook: its steps as data, and what a run's data says to each of them.
//!
//! Rules for all steps: a person's decision is never ticked by a program; a step that is filled
//! from data says from which data and as of when; a step without data says what is missing and
//! how to get it.

mod fill;
mod steps;

pub use fill::{InfoRow, SystemInfo, fill};
pub use steps::{Playbook, PlaybookError, Step, StepKind};
