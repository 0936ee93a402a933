//! What a case expects.

use crate::evaluate::RuleOutcome;
use model::OutcomeKind;
use toml::{Table, Value};

/// What a case expects; what is `None` is not looked at.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expect {
    pub(crate) outcome: OutcomeKind,
    /// For skipped: the names that were missing, all of them.
    missing: Option<Vec<String>>,
    severity: Option<String>,
    confidence: Option<String>,
    /// How many findings.
    n: Option<usize>,
    /// The findings' subjects, in order.
    subjects: Option<Vec<String>>,
    /// The nodes of all findings.
    nodes: Option<Vec<String>>,
    /// What the first finding's summary contains.
    summary: Option<String>,
    /// What the first finding's evidence contains.
    evidence: Option<String>,
    /// What the outcome's basis contains.
    basis: Option<String>,
}

const FORMS: &str = "expect is \"fired\", \"clear\", \"skipped\", \"not-applicable\", \
    { skipped = [\"fact\"] }, { clear = \"words of its basis\" } or \
    { fired = { severity, confidence, n, subjects, nodes, summary, evidence } }";

impl Default for Expect {
    fn default() -> Self {
        Self {
            outcome: OutcomeKind::Fired,
            missing: None,
            severity: None,
            confidence: None,
            n: None,
            subjects: None,
            nodes: None,
            summary: None,
            evidence: None,
            basis: None,
        }
    }
}

impl Expect {
    pub(crate) fn read(value: &Value) -> Result<Self, String> {
        if let Value::String(word) = value {
            return Ok(Self { outcome: kind(word)?, ..Self::default() });
        }
        let Value::Table(table) = value else { return Err(FORMS.to_owned()) };
        let mut entries = table.iter();
        let (Some((word, detail)), None) = (entries.next(), entries.next()) else {
            return Err(FORMS.to_owned());
        };
        let mut out = Self { outcome: kind(word)?, ..Self::default() };
        match (out.outcome, detail) {
            (OutcomeKind::Skipped, Value::Array(_)) => out.missing = Some(words(detail)?),
            (OutcomeKind::Clear, Value::String(words)) => out.basis = Some(words.clone()),
            (OutcomeKind::Fired, Value::Table(detail)) => out.fired(detail)?,
            _ => return Err(FORMS.to_owned()),
        }
        Ok(out)
    }

    fn fired(&mut self, detail: &Table) -> Result<(), String> {
        for (key, value) in detail {
            let word =
                || value.as_str().map(str::to_owned).ok_or_else(|| format!("`{key}` is a text"));
            match key.as_str() {
                "severity" => self.severity = Some(word()?),
                "confidence" => self.confidence = Some(word()?),
                "n" => {
                    let n = value.as_integer().and_then(|n| usize::try_from(n).ok());
                    self.n = Some(n.ok_or("`n` is how many findings there are")?);
                }
                "subjects" => self.subjects = Some(words(value)?),
                "nodes" => self.nodes = Some(words(value)?),
                "summary" => self.summary = Some(word()?),
                "evidence" => self.evidence = Some(word()?),
                other => return Err(format!("no key `{other}` here; {FORMS}")),
            }
        }
        Ok(())
    }

    /// What is different, if something is.
    pub(crate) fn differs(&self, outcome: &RuleOutcome) -> Option<String> {
        if outcome.outcome != self.outcome {
            let detail = match outcome.outcome {
                OutcomeKind::Skipped => format!(", for want of {}", outcome.missing.join(", ")),
                OutcomeKind::Fired
                | OutcomeKind::Clear
                | OutcomeKind::NotApplicable
                | OutcomeKind::Disabled
                | OutcomeKind::Superseded
                | OutcomeKind::Error => format!(" ({})", outcome.basis.plain()),
            };
            return Some(format!(
                "expected {}, is {}{detail}",
                self.outcome.as_str(),
                outcome.outcome.as_str()
            ));
        }
        if let Some(missing) = &self.missing {
            let mut wanted = missing.clone();
            wanted.sort();
            let mut found = outcome.missing.clone();
            found.sort();
            if wanted != found {
                return Some(format!("expected to miss {wanted:?}, missed {found:?}"));
            }
        }
        if let Some(words) = &self.basis
            && !outcome.basis.plain().contains(words)
        {
            return Some(format!(
                "expected a basis with {words:?}, is {:?}",
                outcome.basis.plain()
            ));
        }
        let findings = &outcome.findings;
        if let Some(n) = self.n
            && findings.len() != n
        {
            return Some(format!("expected {n} findings, there are {}", findings.len()));
        }
        let first = findings.first();
        let word = |what: &str, wanted: &Option<String>, found: Option<String>| {
            let wanted = wanted.as_ref()?;
            let found = found.unwrap_or_default();
            (*wanted != found).then(|| format!("expected {what} {wanted}, is {found}"))
        };
        let part = |what: &str, wanted: &Option<String>, found: String| {
            let wanted = wanted.as_ref()?;
            (!found.contains(wanted))
                .then(|| format!("expected {what} with {wanted:?}, is {found:?}"))
        };
        let list = |what: &str, wanted: &Option<Vec<String>>, found: Vec<String>| {
            let wanted = wanted.as_ref()?;
            (*wanted != found).then(|| format!("expected {what} {wanted:?}, are {found:?}"))
        };
        let mut nodes: Vec<String> =
            findings.iter().flat_map(|one| one.nodes.iter().map(text::Text::plain)).collect();
        nodes.sort();
        nodes.dedup();
        let evidence = first.map(|one| {
            one.evidence.iter().map(|entry| entry.text.plain()).collect::<Vec<_>>().join("; ")
        });
        word("severity", &self.severity, first.map(|one| one.severity.to_string()))
            .or_else(|| {
                word("confidence", &self.confidence, first.map(|one| one.confidence.to_string()))
            })
            .or_else(|| {
                list(
                    "subjects",
                    &self.subjects,
                    findings.iter().map(|one| one.subject.plain()).collect(),
                )
            })
            .or_else(|| list("nodes", &self.nodes, nodes))
            .or_else(|| {
                part(
                    "a summary",
                    &self.summary,
                    first.map(|one| one.summary.plain()).unwrap_or_default(),
                )
            })
            .or_else(|| part("evidence", &self.evidence, evidence.unwrap_or_default()))
    }
}

fn kind(word: &str) -> Result<OutcomeKind, String> {
    const KINDS: &[OutcomeKind] =
        &[OutcomeKind::Fired, OutcomeKind::Clear, OutcomeKind::Skipped, OutcomeKind::NotApplicable];
    KINDS.iter().copied().find(|kind| kind.as_str() == word).ok_or_else(|| FORMS.to_owned())
}

fn words(value: &Value) -> Result<Vec<String>, String> {
    value
        .as_array()
        .and_then(|items| items.iter().map(|item| item.as_str().map(str::to_owned)).collect())
        .ok_or_else(|| "this is a list of texts".to_owned())
}
