//! Drafts: facts in the form of a letter. A person completes and sends them.
//!
//! Templates are data, and users can replace them. What a template may use depends on who reads
//! the draft: towards customers and in public only facts that are safe by construction, so that no
//! template can show a host, a query or a name; what comes out is checked all the same. No draft
//! names a time of resolution: the place where a person must write is marked `[[ PERSON: ... ]]`.

mod forbidden;
mod inside;
mod safe;

use crate::{Clock, IncidentRecord, SystemInfo};
use chrono::{DateTime, Utc};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value};
use model::Report;
use text::Redactor;

pub use forbidden::forbidden_in;

/// Bytes of the largest template that is used: a hundred times a long letter.
pub const TEMPLATE_BYTES_MAX: usize = 1 << 20;
/// How the place begins where a person must write.
pub const PERSON_MARK: &str = "[[ PERSON:";

/// Who reads a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// The customer, or who may forward it to them.
    Customer,
    /// Everybody: it may stand in a public repository.
    Public,
    /// Who responds.
    Inside,
}

/// A draft, as data.
#[derive(Debug)]
pub struct Draft {
    /// Its name on the command line.
    pub name: &'static str,
    /// One line for help.
    pub about: &'static str,
    /// Who reads it.
    pub audience: Audience,
    /// The shipped template.
    pub template: &'static str,
}

/// Every draft. To add one: its template, and its line here.
pub static DRAFTS: &[Draft] = &[
    Draft {
        name: "first-reply",
        about: "the first answer to the customer; needs no data",
        audience: Audience::Customer,
        template: include_str!("../templates/first-reply.md"),
    },
    Draft {
        name: "customer-update",
        about: "condition, what is known, what comes next, what is needed",
        audience: Audience::Customer,
        template: include_str!("../templates/customer-update.md"),
    },
    Draft {
        name: "executive-update",
        about: "the same in six lines, for the CEO in the loop",
        audience: Audience::Customer,
        template: include_str!("../templates/executive-update.md"),
    },
    Draft {
        name: "qa-steps",
        about: "test server, how to bring the fault about, how to see that it is gone",
        audience: Audience::Inside,
        template: include_str!("../templates/qa-steps.md"),
    },
    Draft {
        name: "pull-request",
        about: "description of the pull request with the fix",
        audience: Audience::Public,
        template: include_str!("../templates/pull-request.md"),
    },
    Draft {
        name: "retrospective",
        about: "impact, cause, timeline, decisions, clocks, unknowns",
        audience: Audience::Inside,
        template: include_str!("../templates/retrospective.md"),
    },
    Draft {
        name: "incident-summary",
        about: "analysis of the incident, for inside",
        audience: Audience::Inside,
        template: include_str!("../templates/incident-summary.md"),
    },
    Draft {
        name: "customer-summary",
        about: "analysis of the incident, for the customer",
        audience: Audience::Customer,
        template: include_str!("../templates/customer-summary.md"),
    },
];

/// The draft of that name.
pub fn draft(name: &str) -> Option<&'static Draft> {
    DRAFTS.iter().find(|draft| draft.name == name)
}

/// What drafts are filled with.
#[derive(Clone, Copy, Debug)]
pub struct DraftFacts<'a> {
    /// The report, if anything was read.
    pub report: Option<&'a Report>,
    /// The system information.
    pub system: &'a SystemInfo,
    /// What the incident file says.
    pub record: &'a IncidentRecord,
    /// The clocks.
    pub clocks: &'a [Clock],
    /// The time.
    pub now: DateTime<Utc>,
    /// Clears what people wrote.
    pub redactor: &'a Redactor,
}

/// Why a draft is not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DraftError {
    /// The template is at fault, or uses a fact that its readers must not see.
    #[error("template of {0}: {1:#}")]
    Template(&'static str, #[source] Box<minijinja::Error>),
    /// Too large.
    #[error("template: over {TEMPLATE_BYTES_MAX} bytes")]
    TooLarge,
    /// What came out must not be sent.
    #[error("draft {0} is not written, for it holds what must not be sent: {1}")]
    Forbidden(&'static str, String),
}

/// Writes a draft from its own template or from `template`.
pub fn write_draft(
    draft: &'static Draft,
    template: Option<&str>,
    facts: &DraftFacts<'_>,
) -> Result<String, DraftError> {
    let template = template.unwrap_or(draft.template);
    if template.len() > TEMPLATE_BYTES_MAX {
        return Err(DraftError::TooLarge);
    }
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // Only fails for delimiters of one's own; these are the usual ones.
    if let Ok(syntax) = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build() {
        environment.set_syntax(syntax);
    }
    let wrong = |error| DraftError::Template(draft.name, Box::new(error));
    let compiled = environment.template_from_str(template).map_err(wrong)?;
    let safe = safe::SafeFacts::of(facts);
    let text = match draft.audience {
        Audience::Customer => compiled.render(Value::from(Serde(&safe))),
        Audience::Public => compiled.render(Value::from(Serde(safe.for_the_public(facts)))),
        Audience::Inside => {
            compiled.render(Value::from(Serde(inside::InsideFacts::of(safe, facts))))
        }
    }
    .map_err(wrong)?;
    let found = match draft.audience {
        Audience::Inside => Vec::new(),
        Audience::Customer => forbidden::for_customer(&text, facts),
        Audience::Public => forbidden::for_public(&text, facts),
    };
    if !found.is_empty() {
        return Err(DraftError::Forbidden(draft.name, found.join(", ")));
    }
    Ok(tidy(&text))
}

/// Lines without blanks at their ends, never two empty ones in a row.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines().map(str::trim_end) {
        if !(line.is_empty() && (out.is_empty() || out.ends_with("\n\n"))) {
            out.push_str(line);
            out.push('\n');
        }
    }
    while out.ends_with("\n\n") {
        out.pop();
    }
    out
}

/// A time as drafts show it.
fn shown(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests;
