//! Everything that can fail before anything is sent, and the last look for secrets.

use super::Plan;
use crate::Limits;
use serde_json::Value as Json;
use text::Redactor;

/// What the server and its plugins add to the props of a post.
const PROPS_ROOM: usize = 600;

/// Why a plan is not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// What would be posted still holds a secret or personal data.
    #[error(
        "nothing was posted: {place} still holds {what}; this is a fault of the redaction, please report it"
    )]
    Leak {
        /// In which post or file.
        place: String,
        /// Kinds and counts.
        what: String,
    },
    /// A message that the server would cut or refuse.
    #[error(
        "nothing was posted: a message of {part} has {runes} characters, the server takes {most}"
    )]
    TooLong {
        /// Which part.
        part: String,
        /// How long it is.
        runes: usize,
        /// What the server takes.
        most: usize,
    },
    /// An empty message.
    #[error("nothing was posted: {0} has nothing to say")]
    Empty(String),
    /// A file that the server would refuse.
    #[error(
        "nothing was posted: {name} has {bytes} bytes, the server takes {most}; leave files out with --no-files"
    )]
    FileTooLarge {
        /// Its name.
        name: String,
        /// How large it is.
        bytes: u64,
        /// What the server takes.
        most: u64,
    },
    /// What is kept for the next run.
    #[error(
        "nothing was posted: what is kept for the next run has {runes} characters, the server takes {most}"
    )]
    Memory {
        /// How long it is.
        runes: usize,
        /// What the server takes.
        most: usize,
    },
}

impl Plan {
    /// Checks all of it against what fits and against what must not leave this machine.
    pub fn check(&self, limits: &Limits) -> Result<(), PlanError> {
        let memory = serde_json::to_string(&self.memory).unwrap_or_default().chars().count();
        let most = limits.props_runes.saturating_sub(PROPS_ROOM);
        if memory > most {
            return Err(PlanError::Memory { runes: memory, most });
        }
        within("what is kept for the next run", &Json::Object(self.memory.clone()))?;
        for part in &self.parts {
            if part.messages.is_empty() {
                return Err(PlanError::Empty(part.id.clone()));
            }
            for message in &part.messages {
                let runes = message.runes();
                if message.is_empty() {
                    return Err(PlanError::Empty(part.id.clone()));
                }
                if runes > limits.message_runes {
                    return Err(PlanError::TooLong {
                        part: part.id.clone(),
                        runes,
                        most: limits.message_runes,
                    });
                }
                leaks(&part.id, &as_shown(message.as_str()))?;
            }
            for file in &part.files {
                let bytes = file.bytes.len() as u64;
                if bytes > limits.file_bytes {
                    let most = limits.file_bytes;
                    return Err(PlanError::FileTooLarge { name: file.name.clone(), bytes, most });
                }
                leaks("the name of a file", &file.name)?;
                if let Ok(json) = serde_json::from_slice::<Json>(&file.bytes) {
                    // Text by text: what escapes and quotes do to a whole file is not ours.
                    within(&file.name, &json)?;
                } else if let Ok(words) = std::str::from_utf8(&file.bytes) {
                    leaks(&file.name, &as_shown(words))?;
                }
            }
        }
        Ok(())
    }
}

/// Markdown as it is shown: an escape in front of a sign could hide what the sign belongs to.
fn as_shown(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut chars = markdown.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.peek().is_some_and(char::is_ascii_punctuation) => {
                out.extend(chars.next())
            }
            _ => out.push(c),
        }
    }
    out.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// Looks into every text of a JSON value.
fn within(place: &str, json: &Json) -> Result<(), PlanError> {
    match json {
        Json::String(words) => leaks(place, words),
        Json::Array(items) => items.iter().try_for_each(|item| within(place, item)),
        Json::Object(entries) => entries.iter().try_for_each(|(key, item)| {
            leaks(place, key)?;
            within(place, item)
        }),
        Json::Null | Json::Bool(_) | Json::Number(_) => Ok(()),
    }
}

fn leaks(place: &str, words: &str) -> Result<(), PlanError> {
    let found = Redactor::found(words);
    if found.is_empty() {
        return Ok(());
    }
    let what: Vec<String> = found.iter().map(|(kind, n)| format!("{kind} ({n})")).collect();
    Err(PlanError::Leak { place: place.to_owned(), what: what.join(", ") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Part, Upload};
    use serde_json::Map;
    use text::{Document, Line, Markdown, Text};

    fn plan(message: Markdown, files: Vec<Upload>) -> Plan {
        let part = Part { files, ..Part::text("report", true, vec![message]) };
        Plan { key: "k".to_owned(), parts: vec![part], memory: Map::new() }
    }

    fn message(words: &str) -> Markdown {
        let mut document = Document::new();
        document.line(Line::new().text(&Text::ours(words)));
        document.split(16_383).remove(0)
    }

    #[test]
    fn what_holds_a_secret_is_not_posted() {
        // A sentence that was put together by mistake from what was never cleared.
        for words in [
            "mail ann@example.com",
            "postgres://mmuser:hunter2@db/mattermost",
            "`password=hunter2`",
        ] {
            let error = plan(message(words), Vec::new()).check(&Limits::SMALLEST).expect_err(words);
            let shown = error.to_string();
            assert!(shown.starts_with("nothing was posted: report still holds"), "{shown}");
            assert!(!shown.contains("hunter2") && !shown.contains("ann@"), "{shown}");
        }
        // What is masked is no secret, however it is written.
        let masked = plan(message("db password=*** and `token=***`"), Vec::new());
        assert_eq!(masked.check(&Limits::SMALLEST), Ok(()));
        let file = Upload { name: "report.md".to_owned(), bytes: b"ann@example.com".to_vec() };
        assert!(plan(message("fine"), vec![file]).check(&Limits::SMALLEST).is_err());
        let file = Upload {
            name: "report.json".to_owned(),
            bytes: br#"{"a": [{"b": "at\nann@example.com"}]}"#.to_vec(),
        };
        assert!(plan(message("fine"), vec![file]).check(&Limits::SMALLEST).is_err());
        assert_eq!(plan(message("fine"), Vec::new()).check(&Limits::SMALLEST), Ok(()));
    }

    #[test]
    fn what_the_server_would_cut_or_refuse_is_not_sent() {
        let small = Limits { file_bytes: 3, ..Limits::SMALLEST };
        let file = Upload { name: "a.png".to_owned(), bytes: vec![0xFF; 4] };
        assert!(matches!(
            plan(message("m"), vec![file]).check(&small),
            Err(PlanError::FileTooLarge { .. })
        ));
        let long = message(&"word ".repeat(1000));
        assert!(matches!(
            plan(long, Vec::new()).check(&Limits::SMALLEST),
            Err(PlanError::TooLong { .. })
        ));
        assert!(matches!(
            plan(Markdown::ours(" "), Vec::new()).check(&small),
            Err(PlanError::Empty(_))
        ));
    }
}
