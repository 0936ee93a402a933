//! Who ran statements, by number: budgets on how many of them are told apart.

use crate::asked::Names;
use crate::queries::{FURTHER_WANTED, Queries};
use crate::shapes::Map;
use std::hash::Hash;
use std::sync::Arc;

/// Contexts that are told apart.
const CONTEXTS_MAX: usize = 8_192;
/// The numbers of nobody and of those that do not fit, wanted and unwanted.
const RESERVED: usize = 3;

/// Who ran a statement, and where, as a log of some engine says it.
pub(crate) trait Context: Default + Eq + Hash {
    /// In the order of `Party`.
    fn names(&self) -> Names<'_>;

    /// The same with some of its names alone.
    fn kept(self, kept: [bool; 4]) -> Self;
}

/// A name, where it is kept.
pub(crate) fn kept_name(name: Box<[u8]>, kept: bool) -> Box<[u8]> {
    if kept { name } else { Box::default() }
}

/// The contexts of a source.
pub(crate) struct Contexts<C> {
    list: Vec<Arc<C>>,
    ids: Map<Arc<C>, u32>,
    /// Whether some did not fit.
    pub(crate) full: bool,
}

impl<C: Context> Default for Contexts<C> {
    fn default() -> Self {
        Self { list: vec![Arc::default(); RESERVED], ids: Map::default(), full: false }
    }
}

impl<C: Context> Contexts<C> {
    /// The context of a number.
    pub(crate) fn get(&self, number: u32) -> Option<&Arc<C>> {
        self.list.get(number as usize)
    }

    /// The number of a context; new ones become known to the queries.
    pub(crate) fn number(&mut self, context: C, queries: &mut Queries) -> u32 {
        if let Some(number) = self.ids.get(&context) {
            return *number;
        }
        if self.list.len() < CONTEXTS_MAX {
            return self.push(context, queries);
        }
        self.full = true;
        let kept = match queries.further_context(&context.names()) {
            Ok(kept) => kept,
            Err(number) => return number,
        };
        // What was asked for is told apart beyond the budget, up to as much again.
        let reduced = context.kept(kept);
        match self.ids.get(&reduced) {
            Some(number) => *number,
            None if self.list.len() < 2 * CONTEXTS_MAX => self.push(reduced, queries),
            None => FURTHER_WANTED,
        }
    }

    fn push(&mut self, context: C, queries: &mut Queries) -> u32 {
        queries.push_context(&context.names());
        let number = u32::try_from(self.list.len()).unwrap_or(FURTHER_WANTED);
        let context = Arc::new(context);
        self.list.push(Arc::clone(&context));
        self.ids.insert(context, number);
        number
    }
}
