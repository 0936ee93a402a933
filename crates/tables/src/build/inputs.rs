//! The table of sources.

use super::{TablesBuilder, table};
use crate::coverage::SourceCoverage;
use model::{CheckedInput, Place};

impl TablesBuilder {
    /// Adds the sources as the report lists them. Their paths are the user's own words.
    pub fn inputs(&mut self, inputs: &[CheckedInput]) {
        for input in inputs {
            let place = Place { source: input.path.clone(), location: "whole".to_owned() };
            self.source("inputs", SourceCoverage { window: None, ..SourceCoverage::from(input) });
            self.data(table("inputs")).push(&place, |row| {
                row.word("path", &input.path);
                row.word("kind", &input.kind);
                row.word("format", &input.format);
                row.int("bytes", Some(input.bytes));
                row.int("records", Some(input.records));
                row.int("skipped", Some(input.skipped));
                row.time("start", input.window.map(|window| window.start));
                row.time("end", input.window.map(|window| window.end));
                row.word("limits", &input.limits.join("; "));
                row.bool("read", Some(input.read));
            });
        }
    }
}
