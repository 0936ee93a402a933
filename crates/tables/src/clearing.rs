//! How raw text enters tables.

use std::cell::RefCell;
use std::collections::HashMap;
use text::{Raw, Redactor, Value};

/// Names that are remembered with their cleared form: nodes, fields, paths repeat in every row.
const REMEMBERED_MAX: usize = 4096;

/// Clears raw text on its way into tables.
#[derive(Debug)]
pub(crate) struct Clearing<'r> {
    redactor: &'r Redactor,
    names: RefCell<HashMap<String, Value>>,
}

impl<'r> Clearing<'r> {
    pub(crate) fn with(redactor: &'r Redactor) -> Self {
        Self { redactor, names: RefCell::default() }
    }

    pub(crate) fn text(&self, raw: &Raw) -> Value {
        self.redactor.clear(raw)
    }

    pub(crate) fn named(&self, key: &str, raw: &Raw) -> Value {
        self.redactor.clear_named(key, raw)
    }

    /// Clears a name that comes as a string: a node, a path, a table.
    pub(crate) fn name(&self, name: &str) -> Value {
        if let Some(known) = self.names.borrow().get(name) {
            return known.clone();
        }
        let value = self.text(&Raw::new(name));
        let mut names = self.names.borrow_mut();
        if names.len() < REMEMBERED_MAX {
            names.insert(name.to_owned(), value.clone());
        }
        value
    }

    /// Clears several texts and joins them.
    pub(crate) fn joined<'a>(
        &self,
        texts: impl IntoIterator<Item = &'a Raw>,
        between: &str,
    ) -> Value {
        let mut joined = String::new();
        for text in texts.into_iter().filter(|text| !text.is_empty()) {
            if !joined.is_empty() {
                joined.push_str(between);
            }
            joined.push_str(self.text(text).as_str());
        }
        Value::trusted(&joined)
    }
}
