//! Names that a query has to do with.

use super::NAMES_MAX;
use crate::fingerprint;

/// What a query touches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) tables: Vec<String>,
    pub(crate) columns: Vec<String>,
    pub(crate) object: Option<String>,
    pub(crate) store_method: Option<&'static str>,
}

impl Names {
    /// Of the text of a fingerprint.
    pub(crate) fn of(text: &str) -> Self {
        let mut touched = fingerprint::touched(text);
        let store_method = fingerprint::store_method(text, touched.kind, &touched.tables);
        for names in [&mut touched.tables, &mut touched.columns] {
            names.truncate(NAMES_MAX);
            names.shrink_to_fit();
        }
        let fingerprint::Touches { tables, columns, object, .. } = touched;
        Self { tables, columns, object, store_method }
    }

    /// About how many bytes they take: a name is a string of its own.
    pub(crate) fn weight(&self) -> usize {
        const NAME: usize = 64;
        size_of::<Self>() + NAME * (self.tables.len() + self.columns.len())
    }
}
