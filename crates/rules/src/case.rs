//! Cases: the tests that a rule brings with it.

mod build;
mod expect;
mod run;
mod series;

pub use run::{CaseReport, CaseResult, test};

use crate::fault::{Fault, File, nearest};
use crate::schema;
use crate::spec::{CaseSpec, Word};
use expect::Expect;

/// A case that can be run.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) spec: CaseSpec,
    pub(crate) expect: Expect,
}

impl Case {
    /// Checks the names in a case. Whether its values are of the right kind is seen when it is
    /// run.
    pub(crate) fn compile(file: File<'_>, spec: &CaseSpec, faults: &mut Vec<Fault>) -> Self {
        let name = spec.name.as_ref().map(|word| word.get_ref().clone()).unwrap_or_default();
        let near = spec.name.as_ref().map_or(0..0, Word::span);
        if name.trim().is_empty() {
            faults.push(file.fault(near.clone(), "a [[case]] needs a `name`", None));
        }
        let expect = match &spec.expect {
            Some(value) => Expect::read(value.get_ref()).unwrap_or_else(|message| {
                faults.push(file.fault(value.span(), message, None));
                Expect::default()
            }),
            None => {
                let message =
                    "a [[case]] needs `expect`: \"fired\", \"clear\", { skipped = [\"fact\"] }";
                faults.push(file.fault(near.clone(), message, None));
                Expect::default()
            }
        };
        let of_nodes = spec.nodes.values().flat_map(|facts| facts.keys());
        let paths = spec.facts.keys().chain(of_nodes).chain(&spec.masked).chain(&spec.unreadable);
        for path in paths {
            if tables::find_fact(path.get_ref()).is_none() {
                let near = nearest(path.get_ref(), tables::catalogue().iter().map(|doc| doc.path));
                faults.push(file.fault(path.span(), format!("no fact `{}`", path.get_ref()), near));
            }
        }
        let tables = spec.tables.keys().chain(spec.sources.keys());
        for table in tables.filter(|table| schema::table(table.get_ref()).is_none()) {
            let near = nearest(table.get_ref(), schema::table_names());
            faults.push(file.fault(table.span(), format!("no table `{}`", table.get_ref()), near));
        }
        for (table, rows) in &spec.tables {
            let Some(doc) = schema::table(table.get_ref()) else { continue };
            for column in rows.iter().flat_map(|row| row.keys()) {
                if doc.column(column.get_ref()).is_none() {
                    let near =
                        nearest(column.get_ref(), doc.columns.iter().map(|column| column.name));
                    let message =
                        format!("no column `{}` in table `{}`", column.get_ref(), doc.name);
                    faults.push(file.fault(column.span(), message, near));
                }
            }
        }
        let line = file.fault(near, "", None).line;
        Self { name, line, spec: spec.clone(), expect }
    }
}
