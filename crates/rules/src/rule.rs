//! A compiled rule.

use crate::case::Case;
use crate::expr::{ColumnUse, Expr, FactUse, LetNames, Names, Param};
use crate::fault::Fault;
use crate::template::{Template, open};
use model::{Basis, Confidence, Kind, Restart, Severity, Who};
use std::collections::{BTreeMap, BTreeSet};
use tables::{Engine, TableDoc};

/// A rule that can be run: everything that can be wrong with its file was found before.
#[derive(Clone, Debug)]
pub struct Rule {
    pub(crate) id: String,
    pub(crate) area: String,
    pub(crate) file: String,
    pub(crate) kind: Kind,
    pub(crate) severity: Severity,
    pub(crate) confidence: Confidence,
    pub(crate) basis: Basis,
    /// The engine without which it makes no sense.
    pub(crate) engine: Option<Engine>,
    pub(crate) step: String,
    pub(crate) cause: Option<String>,
    /// The condition as written.
    pub(crate) written: String,
    pub(crate) condition: Expr,
    pub(crate) rows: Option<Rows>,
    pub(crate) facts: Vec<FactUse>,
    /// The first so many facts stand in conditions, the others in texts alone.
    pub(crate) n_condition_facts: usize,
    pub(crate) columns: Vec<ColumnUse>,
    pub(crate) params: BTreeMap<String, Param>,
    pub(crate) let_names: Vec<LetNames>,
    pub(crate) lets: Vec<Let>,
    pub(crate) escalations: Vec<Escalation>,
    pub(crate) templates: Vec<Template>,
    /// What the findings of a rule without rows are about.
    pub(crate) subject: Option<TextId>,
    pub(crate) title: TextId,
    pub(crate) summary: TextId,
    pub(crate) why: Vec<EngineText>,
    pub(crate) false_positives: Vec<EngineText>,
    pub(crate) do_not: Vec<EngineText>,
    pub(crate) actions: Vec<ActionText>,
    pub(crate) references: Vec<String>,
    pub(crate) requires: Vec<(&'static str, &'static [&'static str])>,
    pub(crate) supersedes: Vec<String>,
    /// Why the user switched it off.
    pub(crate) disabled: Option<String>,
    /// The severity that the user wants.
    pub(crate) severity_override: Option<Severity>,
    pub(crate) cases: Vec<Case>,
    pub(crate) lints: Vec<Fault>,
}

/// Index into the rule's templates.
pub(crate) type TextId = usize;

/// A text and the engine that it is for; `None`: for every database.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EngineText {
    pub(crate) engine: Option<Engine>,
    pub(crate) text: TextId,
}

/// What makes a rule a table rule.
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    pub(crate) table: &'static TableDoc,
    /// Indexes into the rule's columns.
    pub(crate) subject: usize,
    /// Columns to sort by, and whether the largest comes first.
    pub(crate) order: Vec<(usize, bool)>,
    pub(crate) limit: usize,
    pub(crate) group: Vec<usize>,
    pub(crate) first: Option<usize>,
    pub(crate) last: Option<usize>,
    pub(crate) impact: Option<usize>,
    /// The table's own column of nodes.
    pub(crate) node: Option<usize>,
}

/// A local fact from a table.
#[derive(Clone, Debug)]
pub(crate) struct Let {
    pub(crate) name: String,
    pub(crate) table: &'static TableDoc,
    pub(crate) condition: Option<Expr>,
    pub(crate) columns: Vec<ColumnUse>,
    pub(crate) values: Vec<Aggregate>,
    /// Whether its condition names the row that the rule asks.
    pub(crate) by_row: bool,
}

/// A value of a `[let]`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Aggregate {
    pub(crate) how: How,
    /// Index into the let's columns; `None` for COUNT(*).
    pub(crate) column: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    Count,
    CountDistinct,
    Sum,
    Min,
    Max,
}

/// When a finding is worse than its rule says.
#[derive(Clone, Debug)]
pub(crate) struct Escalation {
    pub(crate) when: Expr,
    pub(crate) severity: Option<Severity>,
    pub(crate) confidence: Option<Confidence>,
}

#[derive(Clone, Debug)]
pub(crate) struct ActionText {
    /// The engine that its commands are for.
    pub(crate) engine: Option<Engine>,
    pub(crate) action: TextId,
    pub(crate) who: Option<Who>,
    pub(crate) command: Option<TextId>,
    pub(crate) precheck: Option<TextId>,
    pub(crate) restart: Restart,
    pub(crate) breaks: Option<TextId>,
    pub(crate) undo: Option<TextId>,
    pub(crate) verify: Option<TextId>,
}

impl Rule {
    /// The id, which is the file's name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The folder that it stands in.
    pub fn area(&self) -> &str {
        &self.area
    }

    /// The file that it was read from.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// What is wrong when it fires, placeholders as names.
    pub fn title(&self) -> String {
        self.template(self.title).names(&self.names())
    }

    /// Fault or advice.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// How bad if true, before escalation.
    pub fn severity(&self) -> Severity {
        self.severity_override.unwrap_or(self.severity)
    }

    /// How sure, before escalation.
    pub fn confidence(&self) -> Confidence {
        self.confidence
    }

    /// Where its thresholds come from.
    pub fn basis(&self) -> Basis {
        self.basis
    }

    /// The engine without which it makes no sense; `None`: it is about any.
    pub fn engine(&self) -> Option<Engine> {
        self.engine
    }

    /// What its actions have to be run: commands, what to look at before, ways back; each with the
    /// engine that it is for, placeholders as `<names>`.
    pub fn commands(&self) -> impl Iterator<Item = (Option<Engine>, String)> {
        self.actions.iter().flat_map(|action| {
            let texts = [action.precheck, action.command, action.undo].into_iter().flatten();
            texts.map(|id| (action.engine, self.template(id).names(&self.names())))
        })
    }

    /// Places that its commands may leave open, and where one gets what belongs there.
    pub(crate) fn places(&self) -> impl Iterator<Item = (String, String)> {
        self.actions.iter().flat_map(|action| {
            let texts = [action.precheck, action.command, action.undo].into_iter().flatten();
            texts.flat_map(|id| self.template(id).places()).map(|place| {
                let source = open::source(&place, action.engine.or(self.engine));
                let source = source.map_or_else(|| "not known".to_owned(), String::from);
                (place, source)
            })
        })
    }

    /// The step of the playbook that it fills.
    pub fn step(&self) -> &str {
        &self.step
    }

    /// The root cause that it argues for.
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The condition as written.
    pub fn condition(&self) -> &str {
        self.written.trim()
    }

    /// Facts that its conditions name.
    pub fn facts(&self) -> impl Iterator<Item = &str> {
        self.facts.iter().take(self.n_condition_facts).map(|fact| fact.path.as_str())
    }

    /// Tables that it reads, sorted.
    pub fn tables(&self) -> BTreeSet<&'static str> {
        let own = self.rows.iter().map(|rows| rows.table.name);
        own.chain(self.lets.iter().map(|one| one.table.name)).collect()
    }

    /// Where to read on.
    pub fn references(&self) -> &[String] {
        &self.references
    }

    pub(crate) fn template(&self, id: TextId) -> &Template {
        static EMPTY: std::sync::LazyLock<Template> = std::sync::LazyLock::new(Template::default);
        self.templates.get(id).unwrap_or(&EMPTY)
    }

    pub(crate) fn names(&self) -> Names<'_> {
        Names { facts: &self.facts, columns: &self.columns, lets: &self.let_names, row: &[] }
    }

    pub(crate) fn let_names_of<'r>(&'r self, one: &'r Let) -> Names<'r> {
        Names {
            facts: &self.facts,
            columns: &one.columns,
            lets: &self.let_names,
            row: &self.columns,
        }
    }
}
