//! The incident file: what people decided, said and noted, in `incident.toml`.
//!
//! Edited by people and by commands; a command changes what it was told to and keeps everything
//! else, comments and keys that it does not know included.

mod read;
mod write;

pub use read::{Done, IncidentRecord, NotNeeded, Note, Post, moment_of};

use toml_edit::DocumentMut;

/// The name of the file in an incident folder.
pub const INCIDENT_FILE: &str = "incident.toml";
/// Bytes of the largest incident file that is read: a thousand times what people write.
pub const INCIDENT_BYTES_MAX: usize = 4 << 20;
/// Notes, posts and decisions that are read; more are counted as a fault.
pub(crate) const ENTRIES_MAX: usize = 10_000;

/// The kinds of notes: word and meaning. Others are kept, and stand in the timeline as they are.
pub static NOTE_KINDS: &[(&str, &str)] = &[
    ("note", "something that happened or was seen"),
    ("decision", "what was decided"),
    ("mitigation", "what was changed at the customer"),
    ("update", "the customer was told; the clock of updates begins anew"),
    ("ceo", "the CEO is in the loop"),
];

/// The roles of the playbook: key and name.
pub static ROLES: &[(&str, &str)] = &[
    ("owner", "owner"),
    ("csm", "CSM"),
    ("tam", "TAM"),
    ("de", "DE"),
    ("ceo", "CEO"),
    ("engineer", "Mattermost engineer"),
    ("customer", "customer's contact"),
    ("customer_dba", "customer's DBA"),
];

/// Single values that a command may set: key and meaning.
pub static FIELDS: &[(&str, &str)] = &[
    ("customer", "the customer's name"),
    ("severity", "1 to 4"),
    ("impact_start", "when the impact began"),
    ("resolved", "when it was resolved"),
    ("zone", "time zone of who responds: Europe/Berlin"),
    ("update_every_min", "minutes between updates to the customer"),
    ("holidays", "days on which nobody works: a file with a date on each line, beside this one"),
    ("channel", "the incident channel"),
    ("run", "the id of the playbook's run"),
];

/// Why an incident file, or a change of it, is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IncidentError {
    /// Not TOML.
    #[error("incident file: {0}")]
    Form(#[from] Box<toml_edit::TomlError>),
    /// Too large.
    #[error("incident file: over {INCIDENT_BYTES_MAX} bytes")]
    TooLarge,
    /// A part that has another form than a command needs.
    #[error("incident file: `{0}` is there and is no {1}; mend it by hand, nothing was changed")]
    Shape(String, &'static str),
    /// A kind of note that is not known.
    #[error("no kind of note `{0}`; there are {1}")]
    Kind(String, String),
    /// A field that is not known.
    #[error("no field `{0}`; there are {1}, roles.NAME and links.NAME")]
    Field(String, String),
    /// A value that a field cannot have.
    #[error("{0}: `{1}` is no {2}")]
    Value(String, String, &'static str),
    /// A step that must be done.
    #[error("step `{0}` cannot be set not needed; only steps that the playbook marks as optional")]
    Needed(String),
    /// A reason that is missing.
    #[error("a step is not needed for a reason; write --because '...'")]
    NoReason,
}

/// An incident file.
#[derive(Clone, Debug)]
pub struct IncidentFile {
    document: DocumentMut,
}

impl IncidentFile {
    /// Reads the text of an incident file. Values of a wrong form are faults of
    /// [`IncidentFile::record`], not errors: people edit this file in a hurry.
    pub fn parse(text: &str) -> Result<Self, IncidentError> {
        if text.len() > INCIDENT_BYTES_MAX {
            return Err(IncidentError::TooLarge);
        }
        let document = text.parse::<DocumentMut>().map_err(Box::new)?;
        Ok(Self { document })
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        self.document.to_string()
    }

    /// What the file says.
    pub fn record(&self) -> IncidentRecord {
        read::record(&self.document)
    }
}

#[cfg(test)]
mod tests;
