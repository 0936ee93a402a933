//! Who ran what: the contexts of a source by number, each as four values that many share.

use crate::asked::{Names, Party};
use crate::records::Top;
use crate::shapes::Map;
use std::collections::BTreeMap;
use std::sync::Arc;
use text::Raw;

/// Contexts (user, database, application, host) beside a query before its values are counted one
/// by one.
const CONTEXTS_MAX: usize = 12;
/// Values of each party that are counted beside a query.
const VALUES_MAX: usize = 64;
/// Values that are counted one by one beside all queries of a source, besides the first contexts.
pub(super) const ROOM: usize = 48_000;
/// The number of a value that was not kept.
const FURTHER: u32 = u32::MAX;

/// A context of what did not fit, whether it is asked for or not: see [`Parties::default`].
pub(crate) const FURTHER_UNWANTED: u32 = 1;
/// The same, asked for.
pub(crate) const FURTHER_WANTED: u32 = 2;

/// The contexts of a source, by number.
#[derive(Debug)]
pub(super) struct Parties {
    values: Vec<Arc<Raw>>,
    numbers: Map<Box<[u8]>, u32>,
    contexts: Vec<[u32; 4]>,
}

impl Default for Parties {
    /// The first context is of those that the log says nothing of, the next two of those that do
    /// not fit.
    fn default() -> Self {
        let mut parties =
            Self { values: Vec::new(), numbers: Map::default(), contexts: Vec::new() };
        parties.push(&[b""; 4]);
        parties.contexts.push([FURTHER; 4]);
        parties.contexts.push([FURTHER; 4]);
        parties
    }
}

impl Parties {
    /// Adds a context; those of a source are added in the order of their numbers.
    pub(super) fn push(&mut self, names: &Names<'_>) {
        let numbers = names.map(|name| match self.numbers.get(name) {
            Some(number) => *number,
            None => {
                let number = u32::try_from(self.values.len()).unwrap_or(FURTHER);
                self.values.push(Arc::new(Raw::from_bytes(name)));
                self.numbers.insert(name.into(), number);
                number
            }
        });
        self.contexts.push(numbers);
    }

    /// The number of a context's value, unless it was not kept.
    fn number(&self, ctx: u32, party: usize) -> Option<u32> {
        let number = *self.contexts.get(ctx as usize)?.get(party)?;
        (number != FURTHER).then_some(number)
    }

    /// A context's value, unless it was not kept.
    pub(super) fn value(&self, ctx: u32, party: Party) -> Option<&Arc<Raw>> {
        self.values.get(self.number(ctx, party as usize)? as usize)
    }
}

/// Calls and time of a number.
type Counted = (u32, u64, u64);

/// Who ran a query: by context while there are few, then by each party's values.
#[derive(Clone, Debug)]
pub(super) enum Who {
    Few(Vec<Counted>),
    Many(Box<[Vec<Counted>; 4]>),
}

impl Default for Who {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

/// Adds to a number of a list; whether it is in it. What is met often comes first.
fn found(list: &mut [Counted], number: u32, calls: u64, us: u64) -> bool {
    let Some(at) = list.iter().position(|(known, _, _)| *known == number) else { return false };
    if let Some(entry) = list.get_mut(at) {
        entry.1 += calls;
        entry.2 = entry.2.saturating_add(us);
    }
    if at > 0 {
        list.swap(at, at - 1);
    }
    true
}

/// Room for values, and whether some were left out for want of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub(super) left: usize,
    pub(super) met: bool,
}

impl Default for Room {
    fn default() -> Self {
        Self { left: ROOM, met: false }
    }
}

impl Who {
    /// Counts calls of a context.
    pub(super) fn add(&mut self, (ctx, calls, us): Counted, parties: &Parties, room: &mut Room) {
        match self {
            Self::Few(list) => {
                if found(list, ctx, calls, us) {
                    return;
                }
                if list.len() < CONTEXTS_MAX {
                    if list.len() == list.capacity() {
                        list.reserve_exact(1 + list.len() / 2);
                    }
                    list.push((ctx, calls, us));
                    return;
                }
                if room.left < 4 * CONTEXTS_MAX {
                    room.met = true;
                    return;
                }
                let few = std::mem::take(list);
                *self = Self::Many(Box::default());
                for counted in few {
                    self.add(counted, parties, room);
                }
                self.add((ctx, calls, us), parties, room);
            }
            Self::Many(lists) => {
                for (party, list) in lists.iter_mut().enumerate() {
                    let Some(value) = parties.number(ctx, party) else { continue };
                    count(list, (value, calls, us), room);
                }
            }
        }
    }

    /// Adds what another query has.
    pub(super) fn absorb(&mut self, other: Self, parties: &Parties, room: &mut Room) {
        match other {
            Self::Few(list) => {
                for counted in list {
                    self.add(counted, parties, room);
                }
            }
            Self::Many(theirs) => {
                if let Self::Few(list) = self {
                    let few = std::mem::take(list);
                    *self = Self::Many(Box::default());
                    for counted in few {
                        self.add(counted, parties, room);
                    }
                }
                if let Self::Many(lists) = self {
                    for (list, theirs) in lists.iter_mut().zip(*theirs) {
                        room.left += theirs.len();
                        for counted in theirs {
                            count(list, counted, room);
                        }
                    }
                }
            }
        }
    }

    /// The frequent values of each party.
    pub(super) fn tops(&self, parties: &Parties) -> [Vec<Top>; 4] {
        [0, 1, 2, 3].map(|party| {
            let mut sums: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
            let mut add = |value: u32, calls: u64, us: u64| {
                let sum = sums.entry(value).or_default();
                sum.0 += calls;
                sum.1 = sum.1.saturating_add(us);
            };
            match self {
                Self::Few(list) => {
                    for (ctx, calls, us) in list {
                        if let Some(value) = parties.number(*ctx, party) {
                            add(value, *calls, *us);
                        }
                    }
                }
                Self::Many(lists) => {
                    for (value, calls, us) in lists.get(party).into_iter().flatten() {
                        add(*value, *calls, *us);
                    }
                }
            }
            let named = sums.into_iter().filter_map(|(value, sum)| {
                Some((Arc::clone(parties.values.get(value as usize)?), sum))
            });
            let tops = Top::of_source(named);
            if tops.len() == 1 && tops.first().is_some_and(|only| only.value.is_empty()) {
                // The log does not say.
                return Vec::new();
            }
            tops
        })
    }
}

/// Counts a value, if there is room for it.
fn count(list: &mut Vec<Counted>, counted: Counted, room: &mut Room) {
    let (value, calls, us) = counted;
    if found(list, value, calls, us) {
        return;
    }
    if list.len() < VALUES_MAX && room.left > 0 {
        room.left -= 1;
        list.push(counted);
    } else {
        room.met = true;
    }
}
