//! The Sev 1 playbook: its steps as data, what a run's data says to each of them, the incident
//! file, the clocks, the drafts and the file for Playbooks.
//!
//! Rules for all steps: a person's decision is never ticked by a program; a step that is filled
//! from data says from which data and as of when; a step without data says what is missing and
//! how to get it.

mod calendar;
mod clocks;
mod drafts;
mod fill;
mod import;
mod incident;
mod people;
mod steps;

pub use calendar::{Calendar, HOLIDAYS_MAX, HolidayError};
pub use clocks::{Clock, ClockState, UPDATE_EVERY_MIN, clocks, is_overdue};
pub use drafts::{
    Audience, DRAFTS, Draft, DraftError, DraftFacts, PERSON_MARK, TEMPLATE_BYTES_MAX, draft,
    forbidden_in, write_draft,
};
pub use fill::{DbaState, InfoRow, SystemInfo, fill};
pub use import::{PLAYBOOKS_TITLE, completed_keyword, playbooks_file, playbooks_file_of};
pub use incident::{
    Done, FIELDS, INCIDENT_BYTES_MAX, INCIDENT_FILE, IncidentError, IncidentFile, IncidentRecord,
    NOTE_KINDS, NotNeeded, Note, Post, ROLES, moment_of,
};
pub use people::add_people;
pub use steps::{Due, DueFrom, Playbook, PlaybookError, Step, StepKind};
