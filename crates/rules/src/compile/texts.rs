//! Texts and actions of a rule.

use super::Compiler;
use crate::case::Case;
use crate::place::Placed;
use crate::rule::{ActionText, TextId};
use crate::spec::{ActionSpec, RuleSpec, Word};
use crate::template::Template;
use model::{Kind, Level, Restart, Who};

impl Compiler<'_> {
    /// A required text.
    pub(super) fn text(&mut self, word: Option<&Word>, key: &str) -> Option<TextId> {
        self.word(word, key)?;
        word.and_then(|word| self.template(word))
    }

    /// A text with placeholders.
    pub(super) fn template(&mut self, word: &Word) -> Option<TextId> {
        let placed = Placed::new(self.file.text, word);
        let compiled = self.with_scope(self.table, |scope, used| {
            Template::compile(placed.text.trim(), scope, used)
        });
        match compiled {
            Ok(template) => {
                self.templates.push(template);
                Some(self.templates.len() - 1)
            }
            Err(mut faults) => {
                // The text was trimmed before.
                let shift = placed.text.len() - placed.text.trim_start().len();
                for fault in &mut faults {
                    fault.span = fault.span.start + shift..fault.span.end + shift;
                }
                self.report(&placed, faults);
                None
            }
        }
    }

    pub(super) fn actions(&mut self, spec: &RuleSpec, kind: Option<Kind>) -> Vec<ActionText> {
        let mut actions: Vec<ActionText> =
            spec.action.iter().filter_map(|one| self.action(one)).collect();
        if let Some(measure) = &spec.measure {
            // A finding without a safe action says what to measure instead.
            if let Some(action) = self.template(measure) {
                actions.push(ActionText {
                    action,
                    who: None,
                    command: None,
                    precheck: None,
                    restart: Restart::None,
                    breaks: None,
                    undo: None,
                    verify: None,
                });
            }
        }
        if kind == Some(Kind::Fault) && spec.action.is_empty() && spec.measure.is_none() {
            let at = spec.kind.as_ref().map_or(0..0, Word::span);
            self.lint(at, "a fault needs an [[action]], or `measure`: what to look at", None);
        }
        actions
    }

    fn action(&mut self, spec: &ActionSpec) -> Option<ActionText> {
        let near = [&spec.who, &spec.undo, &spec.verify]
            .into_iter()
            .flatten()
            .next()
            .map_or(0..0, Word::span);
        let Some(word) = &spec.action else {
            self.fault(near, "an [[action]] needs `do`", None);
            return None;
        };
        let action = self.template(word)?;
        let who: Option<Who> = spec.who.as_ref().and_then(|who| self.level(Some(who), "who"));
        if spec.who.is_none() {
            self.lint(word.span(), "an [[action]] says `who` does it", None);
        }
        let restart = match &spec.restart {
            Some(word) => {
                self.level(Some(word), "restart").unwrap_or(Restart::ALL.first().copied()?)
            }
            None => {
                self.lint(
                    word.span(),
                    "an [[action]] says what it restarts: `restart = \"none\"`",
                    None,
                );
                Restart::None
            }
        };
        let mut text = |word: &Option<Word>| word.as_ref().and_then(|word| self.template(word));
        Some(ActionText {
            action,
            who,
            command: text(&spec.command),
            precheck: text(&spec.precheck),
            restart,
            breaks: text(&spec.breaks),
            undo: text(&spec.undo),
            verify: text(&spec.verify),
        })
    }

    pub(super) fn cases(&mut self, spec: &RuleSpec) -> Vec<Case> {
        let mut faults = Vec::new();
        let cases =
            spec.case.iter().map(|one| Case::compile(self.file, one, &mut faults)).collect();
        self.faults.append(&mut faults);
        cases
    }
}
