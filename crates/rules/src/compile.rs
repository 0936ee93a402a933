//! From a rule as written to a rule that can be run. Every fault is reported.

mod engines;
mod lets;
mod texts;
mod words;

pub(crate) use words::{param, scalar};

use crate::expr::{ExprFault, LetNames, Param, Scope, Used};
use crate::fault::{Fault, File, nearest};
use crate::overrides::Override;
use crate::place::Placed;
use crate::rule::{Escalation, Rows, Rule};
use crate::schema;
use crate::spec::{RuleSpec, Word};
use crate::template::Template;
use crate::vocabulary::{REQUIREMENTS, STEPS, causes};
use model::{Confidence, Level, Severity};
use std::collections::BTreeMap;
use std::ops::Range;
use tables::TableDoc;

/// Findings of a table rule that are listed unless it says otherwise.
const LIMIT_DEFAULT: usize = 5;

/// Findings of a table rule that may be listed.
const LIMIT_MAX: u64 = 50;

/// Compiles one rule. `None` when it has faults; they are added to `faults`.
pub(crate) fn compile(
    file: File<'_>,
    spec: &RuleSpec,
    over: Option<&Override>,
    faults: &mut Vec<Fault>,
) -> Option<Rule> {
    let mut compiler = Compiler {
        file,
        faults: Vec::new(),
        lints: Vec::new(),
        params: BTreeMap::new(),
        lets: Vec::new(),
        table: None,
        used: Used::default(),
        templates: Vec::new(),
    };
    let rule = compiler.rule(spec, over);
    let clean = compiler.faults.is_empty();
    faults.append(&mut compiler.faults);
    rule.filter(|_| clean)
}

pub(super) struct Compiler<'f> {
    file: File<'f>,
    faults: Vec<Fault>,
    lints: Vec<Fault>,
    params: BTreeMap<String, Param>,
    lets: Vec<LetNames>,
    table: Option<&'static TableDoc>,
    used: Used,
    templates: Vec<Template>,
}

impl Compiler<'_> {
    fn fault(&mut self, span: Range<usize>, message: impl Into<String>, near: Option<String>) {
        let fault = self.file.fault(span, message, near);
        self.faults.push(fault);
    }

    fn lint(&mut self, span: Range<usize>, message: impl Into<String>, near: Option<String>) {
        let fault = self.file.fault(span, message, near);
        self.lints.push(fault);
    }

    /// Reports faults of an expression at their places in the file.
    fn report(&mut self, placed: &Placed, faults: Vec<ExprFault>) {
        for fault in faults {
            self.fault(placed.place(&fault.span), fault.message, fault.nearest);
        }
    }

    /// Runs a compiler of expressions with everything that may be named.
    fn with_scope<T>(
        &mut self,
        table: Option<&'static TableDoc>,
        run: impl FnOnce(Scope<'_>, &mut Used) -> Result<T, Vec<ExprFault>>,
    ) -> Result<T, Vec<ExprFault>> {
        let scope = Scope { table, params: &self.params, lets: &self.lets, row: None };
        run(scope, &mut self.used)
    }

    fn rule(&mut self, spec: &RuleSpec, over: Option<&Override>) -> Option<Rule> {
        let (id, area) = self.id(spec);
        self.params(spec, over);
        self.table = spec.from.as_ref().and_then(|from| self.table_of(from));
        let lets = self.all_lets(spec);
        let condition = self.condition(spec.condition.as_ref(), "where", 0..0);
        let escalations = self.escalations(spec);
        let rows = self.rows(spec);
        let n_condition_facts = self.used.facts.len();

        let kind = self.level(spec.kind.as_ref(), "kind");
        let severity = self.level(spec.severity.as_ref(), "severity");
        let confidence = self.level(spec.confidence.as_ref(), "confidence");
        let basis = self.level(spec.basis.as_ref(), "basis");
        let step = self.word(spec.step.as_ref(), "step");
        // A table rule names the column that its findings are about, another says it in words.
        let subject = match (&spec.from, &spec.subject) {
            (None, Some(word)) => self.template(word),
            _ => None,
        };
        let title = self.text(spec.title.as_ref(), "title");
        let summary = self.text(spec.summary.as_ref(), "summary");
        let engine = spec.engine.as_ref().and_then(|word| self.level(Some(word), "engine"));
        let why = self.texts(spec.why.as_ref(), "why", engine);
        let false_positives = self.texts(spec.false_positives.as_ref(), "false_positives", engine);
        let do_not =
            spec.do_not.iter().flat_map(|one| self.texts(Some(one), "do_not", engine)).collect();
        let actions = self.actions(spec, kind, engine);
        let requires = self.requires(spec);
        let severity_override = over.and_then(|over| over.severity);
        let cases = self.cases(spec);
        if self.faults.is_empty() {
            self.lint_rule(spec, condition.as_ref());
            self.lint_engines(spec, engine);
        }
        let written =
            spec.condition.as_ref().map(|word| word.get_ref().clone()).unwrap_or_default();
        Some(Rule {
            id,
            area,
            file: self.file.name.to_owned(),
            kind: kind?,
            severity: severity?,
            confidence: confidence?,
            basis: basis?,
            engine,
            step: step?,
            cause: spec.cause.as_ref().map(|word| word.get_ref().clone()),
            written,
            condition: condition?,
            rows,
            facts: std::mem::take(&mut self.used.facts),
            n_condition_facts,
            columns: std::mem::take(&mut self.used.columns),
            params: std::mem::take(&mut self.params),
            let_names: std::mem::take(&mut self.lets),
            lets,
            escalations,
            templates: std::mem::take(&mut self.templates),
            subject,
            title: title?,
            summary: summary?,
            why,
            false_positives,
            do_not,
            actions,
            references: spec.references.iter().map(|word| word.get_ref().clone()).collect(),
            requires,
            supersedes: spec.supersedes.iter().map(|word| word.get_ref().clone()).collect(),
            disabled: over.and_then(|over| over.disabled.clone()),
            severity_override,
            cases,
            lints: std::mem::take(&mut self.lints),
        })
    }

    /// The id, which is the file's stem, and the area, which is its folder.
    fn id(&mut self, spec: &RuleSpec) -> (String, String) {
        let mut parts = self.file.name.rsplit(['/', '\\']);
        let stem = parts.next().unwrap_or_default().trim_end_matches(".toml").to_owned();
        let area = parts.next().unwrap_or_default().to_owned();
        if let Some(id) = &spec.id {
            let shape = !id.get_ref().is_empty()
                && id
                    .get_ref()
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
            if !shape {
                self.fault(id.span(), "an id is of lower-case letters, digits and hyphens", None);
            } else if *id.get_ref() != stem {
                let message =
                    format!("the id is `{}`, but the file is named `{stem}.toml`", id.get_ref());
                self.fault(id.span(), message, None);
            }
        } else {
            self.fault(0..0, "the key `id` is missing", Some(stem.clone()));
        }
        (stem, area)
    }

    fn condition(
        &mut self,
        word: Option<&Word>,
        key: &str,
        near: Range<usize>,
    ) -> Option<crate::expr::Expr> {
        let Some(word) = word else {
            self.fault(near, format!("the key `{key}` is missing"), None);
            return None;
        };
        let placed = Placed::new(self.file.text, word);
        match self
            .with_scope(self.table, |scope, used| crate::expr::condition(&placed.text, scope, used))
        {
            Ok(expr) => Some(expr),
            Err(faults) => {
                self.report(&placed, faults);
                None
            }
        }
    }

    fn escalations(&mut self, spec: &RuleSpec) -> Vec<Escalation> {
        let mut out = Vec::new();
        for one in &spec.escalate {
            let near = [&one.severity, &one.confidence]
                .into_iter()
                .flatten()
                .next()
                .map_or(0..0, Word::span);
            let when = self.condition(one.when.as_ref(), "when", near.clone());
            let severity: Option<Severity> =
                one.severity.as_ref().and_then(|word| self.level(Some(word), "severity"));
            let confidence: Option<Confidence> =
                one.confidence.as_ref().and_then(|word| self.level(Some(word), "confidence"));
            if one.severity.is_none() && one.confidence.is_none() {
                let at = one.when.as_ref().map_or(near, Word::span);
                self.fault(at, "an escalation raises `severity`, `confidence` or both", None);
            }
            let base = spec.severity.as_ref().and_then(|word| Severity::parse(word.get_ref()));
            if let (Some(base), Some(raised), Some(word)) = (base, severity, &one.severity)
                && raised > base
            {
                let message = format!("an escalation raises; {raised} is below the rule's {base}");
                self.fault(word.span(), message, None);
            }
            if let Some(when) = when {
                out.push(Escalation { when, severity, confidence });
            }
        }
        out
    }

    fn table_of(&mut self, word: &Word) -> Option<&'static TableDoc> {
        let name = word.get_ref();
        let found = schema::table(name);
        if found.is_none() {
            let near = nearest(name, schema::table_names());
            self.fault(word.span(), format!("no table `{name}`"), near);
        }
        found
    }

    /// The keys of a table rule; a rule without `from` has none of them.
    fn rows(&mut self, spec: &RuleSpec) -> Option<Rows> {
        if spec.from.is_none() {
            let alone = [
                ("order", spec.order.as_ref()),
                ("first", spec.first.as_ref()),
                ("last", spec.last.as_ref()),
                ("impact", spec.impact.as_ref()),
                ("group", spec.group.first()),
            ];
            for (key, word) in alone {
                if let Some(word) = word {
                    self.fault(word.span(), format!("`{key}` needs a `from` table"), None);
                }
            }
            if let Some(limit) = &spec.limit {
                self.fault(limit.span(), "`limit` needs a `from` table", None);
            }
            return None;
        }
        let table = self.table?;
        let from = spec.from.as_ref().map_or(0..0, Word::span);
        if spec.subject.is_none() {
            self.fault(
                from,
                "a rule with `from` needs `subject`: the column that its findings are about",
                None,
            );
        }
        let subject =
            spec.subject.as_ref().and_then(|word| self.column(table, word.get_ref(), word.span()));
        let order = spec.order.as_ref().map(|word| self.order(table, word)).unwrap_or_default();
        let limit = match &spec.limit {
            Some(limit) if *limit.get_ref() == 0 || *limit.get_ref() > LIMIT_MAX => {
                self.fault(limit.span(), format!("`limit` is from 1 to {LIMIT_MAX}"), None);
                LIMIT_DEFAULT
            }
            Some(limit) => usize::try_from(*limit.get_ref()).unwrap_or(LIMIT_DEFAULT),
            None => LIMIT_DEFAULT,
        };
        let group = spec
            .group
            .iter()
            .filter_map(|word| self.column(table, word.get_ref(), word.span()))
            .collect();
        let mut time = |one: &Option<Word>, defaults: &[&str], key: &str| match one {
            Some(word) => {
                let at = self.column(table, word.get_ref(), word.span())?;
                let doc = table.column(word.get_ref());
                if doc.is_some_and(|doc| doc.kind != tables::Kind::Time) {
                    self.fault(word.span(), format!("`{key}` names a column of times"), None);
                }
                Some(at)
            }
            None => {
                let name = defaults.iter().find(|name| table.column(name).is_some())?;
                self.column(table, name, 0..0)
            }
        };
        let first = time(&spec.first, schema::dating_columns(table), "first");
        let last = time(&spec.last, schema::ending_columns(table), "last");
        let impact = spec.impact.as_ref().and_then(|word| {
            let at = self.column(table, word.get_ref(), word.span())?;
            let doc = table.column(word.get_ref())?;
            if !matches!(doc.kind, tables::Kind::Float | tables::Kind::Int) {
                self.fault(word.span(), "`impact` names a column with a share from 0 to 1", None);
            }
            Some(at)
        });
        let node = table.column("node").and_then(|_| self.column(table, "node", 0..0));
        Some(Rows { table, subject: subject?, order, limit, group, first, last, impact, node })
    }

    fn order(&mut self, table: &'static TableDoc, word: &Word) -> Vec<(usize, bool)> {
        let placed = Placed::new(self.file.text, word);
        let mut out = Vec::new();
        let mut start = 0;
        for part in placed.text.split(',') {
            let span = start..start + part.len();
            start += part.len() + 1;
            let mut words = part.split_whitespace();
            let name = words.next().unwrap_or_default();
            let descending = match words.next().map(str::to_ascii_uppercase).as_deref() {
                None | Some("ASC") => false,
                Some("DESC") => true,
                Some(_) => {
                    self.fault(placed.place(&span), "an order is `column` or `column DESC`", None);
                    continue;
                }
            };
            if let Some(at) = self.column(table, name, placed.place(&span)) {
                out.push((at, descending));
            }
        }
        out
    }

    /// The index of a column in use; adds it.
    fn column(
        &mut self,
        table: &'static TableDoc,
        name: &str,
        span: Range<usize>,
    ) -> Option<usize> {
        let Some(doc) = table.column(name) else {
            let near = nearest(name, table.columns.iter().map(|column| column.name));
            self.fault(span, format!("no column `{name}` in table `{}`", table.name), near);
            return None;
        };
        Some(self.used.columns.iter().position(|column| column.name == name).unwrap_or_else(|| {
            self.used.columns.push(crate::expr::ColumnUse { name: doc.name, unit: doc.unit });
            self.used.columns.len() - 1
        }))
    }

    fn requires(&mut self, spec: &RuleSpec) -> Vec<(&'static str, &'static [&'static str])> {
        let mut out = Vec::new();
        for word in &spec.requires {
            match REQUIREMENTS.iter().find(|(name, _)| name == word.get_ref()) {
                Some(known) => out.push(*known),
                None => {
                    let near = nearest(word.get_ref(), REQUIREMENTS.iter().map(|(name, _)| *name));
                    self.fault(word.span(), format!("no requirement `{}`", word.get_ref()), near);
                }
            }
        }
        out
    }

    /// What is no fault and still wrong: see `lint`.
    fn lint_rule(&mut self, spec: &RuleSpec, condition: Option<&crate::expr::Expr>) {
        let in_list = |list: &[&str], word: &str| list.contains(&word);
        if let Some(step) = &spec.step
            && !in_list(STEPS, step.get_ref())
        {
            let near = nearest(step.get_ref(), STEPS.iter().copied());
            self.lint(step.span(), format!("no step `{}` in the playbook", step.get_ref()), near);
        }
        if let Some(cause) = &spec.cause
            && !causes().any(|known| known == cause.get_ref())
        {
            let near = nearest(cause.get_ref(), causes());
            self.lint(
                cause.span(),
                format!("no cause `{}` in the vocabulary", cause.get_ref()),
                near,
            );
        }
        let unused: Vec<_> = spec
            .params
            .keys()
            .filter(|name| !self.used.params.contains(name.get_ref()))
            .cloned()
            .collect();
        for name in unused {
            self.lint(
                name.span(),
                format!("the parameter `{}` is never used", name.get_ref()),
                None,
            );
        }
        for (at, (name, values)) in spec.lets.iter().enumerate() {
            let used = self.used.lets.iter().any(|(one, _)| *one == at);
            if !used && values.len() > 1 {
                self.lint(name.span(), format!("[let.{}] is never used", name.get_ref()), None);
            }
        }
        if spec.references.is_empty() {
            let at = spec.id.as_ref().map_or(0..0, Word::span);
            self.lint(at, "no `references`: where can one read on?", None);
        }
        for word in &spec.references {
            if !word.get_ref().starts_with("https://") {
                self.lint(word.span(), "a reference is an https:// address", None);
            }
        }
        if let (Some(word), Some(condition)) = (&spec.condition, condition) {
            let placed = Placed::new(self.file.text, word);
            let mut found = Vec::new();
            condition.walk(&mut |expr| {
                if let crate::expr::Node::Compare(_, left, right) = &expr.node {
                    found.extend(
                        [left, right].into_iter().filter_map(|side| words::bare_threshold(side)),
                    );
                }
            });
            for span in found {
                let message = "write this threshold as a parameter, so that it can be overridden";
                self.lint(placed.place(&span), message, None);
            }
        }
    }
}
