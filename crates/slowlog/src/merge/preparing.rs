//! Queries by how long they were parsed and bound, of several logs as one.

use crate::records::{OTHER_ID, Preparing};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Queries that are kept: those with the most time. People look at a handful.
const PREPARING_MAX: usize = 200;

impl Preparing {
    /// The heaviest, most time first; the others as one row, so that no time is lost.
    pub(crate) fn heaviest(mut all: Vec<Self>) -> Vec<Self> {
        let weight = |it: &Self| {
            let is_other = it.fingerprint_id == OTHER_ID;
            (is_other, Reverse(it.timed.total_us), it.fingerprint_id.clone())
        };
        all.sort_by_key(weight);
        if all.len() > PREPARING_MAX {
            let mut other = Self {
                fingerprint_id: OTHER_ID.into(),
                fingerprint: "other queries".to_owned(),
                ..Self::default()
            };
            for light in all.split_off(PREPARING_MAX - 1) {
                other.absorb(&light);
            }
            all.push(other);
        }
        all
    }

    fn absorb(&mut self, other: &Self) {
        self.timed = self.timed.with(other.timed);
        self.max_us = self.max_us.max(other.max_us);
    }
}

/// Adds those of another log.
pub(super) fn add(mine: &mut Vec<Preparing>, theirs: Vec<Preparing>) {
    let mut sums: BTreeMap<_, Preparing> = BTreeMap::new();
    for one in std::mem::take(mine).into_iter().chain(theirs) {
        match sums.get_mut(&one.fingerprint_id) {
            Some(known) => known.absorb(&one),
            None => {
                sums.insert(one.fingerprint_id.clone(), one);
            }
        }
    }
    *mine = Preparing::heaviest(sums.into_values().collect());
}
