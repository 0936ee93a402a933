//! Statements by who ran them: the same sums as of queries, under the value of a party.

use super::parties::Parties;
use super::{Execution, OTHER, Queries};
use crate::asked::Party;
use crate::fingerprint::FingerprintId;
use crate::shapes::Shape;
use std::collections::BTreeSet;

/// Not yet numbered, or no longer.
const UNNUMBERED: u32 = u32::MAX;

/// Sums by the values of a party.
pub(super) struct People {
    party: Party,
    pub(super) sums: Queries,
    /// The number in `sums` of each context's value.
    numbers: Vec<u32>,
}

impl People {
    pub(super) fn new(party: Party) -> Self {
        Self { party, sums: Queries::new(), numbers: Vec::new() }
    }

    pub(super) fn party(&self) -> Party {
        self.party
    }

    /// Counts an execution under the value of its context.
    pub(super) fn add(&mut self, execution: &Execution, parties: &Parties) {
        let at = execution.ctx as usize;
        if self.numbers.len() <= at {
            self.numbers.resize(at + 1, UNNUMBERED);
        }
        let known = self.numbers.get(at).copied().unwrap_or(UNNUMBERED);
        let number = if known == UNNUMBERED {
            let number = match parties.value(execution.ctx, self.party) {
                Some(value) => {
                    let text = value.untrusted();
                    self.sums.number_of(FingerprintId::of(text.as_bytes()), || Shape {
                        id: FingerprintId::of(text.as_bytes()),
                        text: text.into(),
                        ..Shape::default()
                    })
                }
                None => OTHER,
            };
            if let Some(slot) = self.numbers.get_mut(at) {
                *slot = number;
            }
            number
        } else {
            known
        };
        self.sums.add(number, execution);
    }

    /// Brings the sums within their budget.
    pub(super) fn settle(&mut self) {
        if self.sums.settle(BTreeSet::new).is_some() {
            // What was moved into the row of others is counted anew if it comes again.
            self.numbers.clear();
        }
    }
}
