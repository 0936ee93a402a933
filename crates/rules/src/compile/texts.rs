//! Texts and actions of a rule.

use super::Compiler;
use crate::case::Case;
use crate::fault::nearest;
use crate::place::Placed;
use crate::rule::{ActionText, EngineText, TextId};
use crate::spec::{ActionSpec, RuleSpec, TextSpec, Word};
use crate::template::{Template, open};
use model::{Kind, Level, Restart, Who};
use tables::Engine;

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

    /// A required text for every database, or one for each engine.
    pub(super) fn texts(
        &mut self,
        spec: Option<&TextSpec>,
        key: &str,
        rule: Option<Engine>,
    ) -> Vec<EngineText> {
        let Some(spec) = spec else {
            self.fault(0..0, format!("the key `{key}` is missing"), None);
            return Vec::new();
        };
        if spec.words().next().is_none() {
            self.fault(0..0, format!("`{key}` has no text for any engine"), None);
        }
        let mut out = Vec::new();
        for (engine, word) in spec.words() {
            self.word(Some(word), key);
            self.within(word, engine, rule);
            if let Some(text) = self.template(word) {
                out.push(EngineText { engine: engine.or(rule), text });
            }
        }
        out
    }

    /// Reports a text for an engine that its rule or action is not about.
    fn within(&mut self, word: &Word, engine: Option<Engine>, outer: Option<Engine>) {
        if let (Some(engine), Some(outer)) = (engine, outer)
            && engine != outer
        {
            let (engine, outer) = (engine.as_str(), outer.as_str());
            let message = format!("this is for {engine}, but stands in what is for {outer}");
            self.fault(word.span(), message, None);
        }
    }

    pub(super) fn actions(
        &mut self,
        spec: &RuleSpec,
        kind: Option<Kind>,
        engine: Option<Engine>,
    ) -> Vec<ActionText> {
        let mut actions: Vec<ActionText> =
            spec.action.iter().flat_map(|one| self.action(one, engine)).collect();
        if let Some(measure) = &spec.measure {
            // A finding without a safe action says what to measure instead.
            let texts = self.texts(Some(measure), "measure", engine);
            actions.extend(texts.into_iter().map(|of| ActionText {
                engine: of.engine,
                action: of.text,
                who: None,
                command: None,
                precheck: None,
                restart: Restart::None,
                breaks: None,
                undo: None,
                verify: None,
            }));
        }
        if kind == Some(Kind::Fault) && spec.action.is_empty() && spec.measure.is_none() {
            let at = spec.kind.as_ref().map_or(0..0, Word::span);
            self.lint(at, "a fault needs an [[action]], or `measure`: what to look at", None);
        }
        actions
    }

    /// An action; one with texts for each engine is one for each of them.
    fn action(&mut self, spec: &ActionSpec, rule: Option<Engine>) -> Vec<ActionText> {
        let Some(action) = &spec.action else {
            let near = [&spec.undo, &spec.verify].into_iter().flatten().next().map(TextSpec::span);
            let near = near.or(spec.who.as_ref().map(Word::span)).unwrap_or(0..0);
            self.fault(near, "an [[action]] needs `do`", None);
            return Vec::new();
        };
        let own: Option<Engine> =
            spec.engine.as_ref().and_then(|word| self.level(Some(word), "engine"));
        if let Some(word) = &spec.engine {
            self.within(word, own, rule);
        }
        let who: Option<Who> = spec.who.as_ref().and_then(|who| self.level(Some(who), "who"));
        if spec.who.is_none() {
            self.lint(action.span(), "an [[action]] says `who` does it", None);
        }
        let restart = match &spec.restart {
            Some(word) => self.level(Some(word), "restart").unwrap_or(Restart::None),
            None => {
                self.lint(
                    action.span(),
                    "an [[action]] says what it restarts: `restart = \"none\"`",
                    None,
                );
                Restart::None
            }
        };
        let engine = own.or(rule);
        let mut texts = |spec: &Option<TextSpec>| {
            spec.as_ref().map_or_else(Vec::new, |spec| self.texts(Some(spec), "text", engine))
        };
        let action = texts(&spec.action);
        let others = [&spec.command, &spec.precheck, &spec.breaks, &spec.undo, &spec.verify];
        let [command, precheck, breaks, undo, verify] = others.map(&mut texts);
        let all = [&action, &command, &precheck, &breaks, &undo, &verify];
        for of in all.into_iter().flatten() {
            if let Some(template) = self.templates.get_mut(of.text) {
                template.make_exact();
            }
        }
        for of in [&command, &precheck, &undo].into_iter().flatten() {
            if let Some(template) = self.templates.get_mut(of.text) {
                template.make_pasted();
            }
        }
        for (spec, of) in [(&spec.command, &command), (&spec.precheck, &precheck)] {
            self.lint_places(spec.as_ref(), of);
        }
        let by_engine = engine.is_none() && all.into_iter().flatten().any(|of| of.engine.is_some());
        let engines: Vec<Option<Engine>> =
            if by_engine { Engine::ALL.iter().copied().map(Some).collect() } else { vec![engine] };
        let of = |texts: &[EngineText], engine: Option<Engine>| {
            let fits = |of: &&EngineText| of.engine.is_none() || of.engine == engine;
            texts.iter().find(fits).map(|of| of.text)
        };
        let one = |engine: Option<Engine>| {
            Some(ActionText {
                engine,
                action: of(&action, engine)?,
                who,
                command: of(&command, engine),
                precheck: of(&precheck, engine),
                restart,
                breaks: of(&breaks, engine),
                undo: of(&undo, engine),
                verify: of(&verify, engine),
            })
        };
        engines.into_iter().filter_map(one).collect()
    }

    /// Places that a command leaves open, or may leave open, and of which nobody knows what belongs
    /// there.
    fn lint_places(&mut self, spec: Option<&TextSpec>, texts: &[EngineText]) {
        let Some(spec) = spec else { return };
        let mut found = Vec::new();
        for ((_, word), of) in spec.words().zip(texts) {
            let Some(template) = self.templates.get(of.text) else { continue };
            let unclear = |written: &&str| open::source(written, of.engine).is_none();
            for written in template.without_words().filter(unclear) {
                let message = format!(
                    "`{written}` may be unknown or no name: say what stands there then, as in `{{{{ {written} or <table> }}}}`"
                );
                found.push((word.span(), message, None));
            }
            for place in template.places() {
                if open::source(&place, of.engine).is_none() {
                    let message = format!(
                        "nobody knows where one gets `<{place}>`: add it to the list of open places"
                    );
                    found.push((word.span(), message, nearest(&place, open::names())));
                }
            }
        }
        for (span, message, near) in found {
            self.lint(span, message, near);
        }
    }

    pub(super) fn cases(&mut self, spec: &RuleSpec) -> Vec<Case> {
        let mut faults = Vec::new();
        let cases =
            spec.case.iter().map(|one| Case::compile(self.file, one, &mut faults)).collect();
        self.faults.append(&mut faults);
        cases
    }
}
