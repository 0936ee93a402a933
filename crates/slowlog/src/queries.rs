//! Queries as they add up: by fingerprint, in spans of time, within a budget.

mod finish;
mod parties;
mod people;
mod slot;
mod sum;

use crate::asked::{Filter, Names, Offered, Party};
use crate::fingerprint::{Engine, FingerprintId};
use crate::floor::{Floor, Seen};
use crate::histogram::Histogram;
use crate::records::{OTHER_ID, Preparing, Query, QueryId, QueryMinute, Timed, TopRoom, Work};
use crate::shapes::{Found, Map, Shape};
use crate::spans::{coarser, start_of};
use parties::{Parties, Room};
use people::People;
use slot::Slot;
use std::collections::BTreeSet;
use std::sync::Arc;
use text::Raw;

pub(crate) use parties::{FURTHER_UNWANTED, FURTHER_WANTED};

/// Fingerprints that are kept: a Mattermost server with plugins has below 2,000.
pub(crate) const QUERIES_MAX: usize = 10_000;
/// Fingerprints above the budget that are kept until the next look, so that looks are rare: each
/// goes through all of them.
const SLACK: usize = 4_000;
/// Bytes of cells and their histograms.
const CELLS_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Bytes of the texts of fingerprints.
const TEXTS_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Longest text that is kept once the texts' budget is met.
const SHORT_TEXT_MAX: usize = 200;
/// Bytes of the tables and columns that queries name: those of the heaviest are kept.
const NAMES_BYTES_MAX: usize = 2 * 1024 * 1024;
/// The cell of executions without a time.
const NO_CELL: i32 = i32::MIN;

/// The number of the row of what did not fit.
pub(crate) const OTHER: u32 = 0;

/// One execution.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Execution {
    /// When it was logged, in microseconds since the epoch; `None` when the log does not say.
    pub(crate) at_us: Option<i64>,
    /// How long it took, in microseconds.
    pub(crate) us: u64,
    /// Number of the context.
    pub(crate) ctx: u32,
    /// Line in the source, from 1.
    pub(crate) line: u64,
    /// How many executions it stands for, in a sampled log; at least 1.
    pub(crate) weight: u64,
    /// What it did, where the log says so.
    pub(crate) work: Work,
}

/// All queries of a source.
pub(crate) struct Queries {
    /// The first is the row of what did not fit.
    slots: Vec<Slot>,
    ids: Map<FingerprintId, u32>,
    span: i32,
    bytes: usize,
    text_bytes: usize,
    /// Whether some queries did not fit.
    pub(crate) overflowed: bool,
    /// Whether some of those who ran statements did not fit, where these are told apart by them.
    pub(crate) overflowed_people: bool,
    /// Whether texts were cut to fit.
    pub(crate) texts_cut: bool,
    /// Whether columns of lighter queries were left out to fit.
    pub(crate) names_cut: bool,
    /// Whether frequent values of lighter queries were left out, to fit.
    pub(crate) tops_cut: bool,
    parties: Parties,
    room: Room,
    asked: Option<Box<AskedFor>>,
}

/// What is asked of a log, where that is not all of it by fingerprint.
struct AskedFor {
    filter: Filter,
    /// Whether each context is asked for.
    wanted: Vec<bool>,
    /// Whether statements of each context were met.
    met: Vec<bool>,
    people: Option<People>,
    /// What tells the log's threshold: statements that were not asked for tell it too.
    seen: Seen,
    offered: Offered,
}

/// What a source's statements add up to.
pub(crate) struct Finished {
    #[expect(clippy::vec_box, reason = "see `SlowLog::queries`")]
    pub(crate) queries: Vec<Box<Query>>,
    pub(crate) minutes: Vec<QueryMinute>,
    pub(crate) preparing: Vec<Preparing>,
    pub(crate) floor: Floor,
    /// What could have been asked for; empty where everything was.
    pub(crate) offered: Offered,
}

/// The numbers of queries after some were moved to the row of others: by the number before.
pub(crate) struct Renumbered(Vec<u32>);

impl Renumbered {
    /// The number now.
    pub(crate) fn of(&self, number: u32) -> u32 {
        self.0.get(number as usize).copied().unwrap_or(number)
    }
}

impl Queries {
    /// No queries.
    pub(crate) fn new() -> Self {
        Self {
            slots: vec![Slot::default()],
            ids: Map::default(),
            span: 1,
            bytes: 0,
            text_bytes: 0,
            overflowed: false,
            overflowed_people: false,
            texts_cut: false,
            names_cut: false,
            tops_cut: false,
            parties: Parties::default(),
            room: Room::default(),
            asked: None,
        }
    }

    /// Counts only what passes a filter, under its fingerprint or under who ran it. Called before
    /// anything is added.
    pub(crate) fn ask(&mut self, filter: &Filter, by: Option<Party>) {
        if filter.is_empty() && by.is_none() {
            return;
        }
        self.asked = Some(Box::new(AskedFor {
            wanted: vec![filter.wants(&[b""; 4]), false, true],
            met: Vec::new(),
            filter: filter.clone(),
            people: by.map(People::new),
            seen: Seen::default(),
            offered: Offered::default(),
        }));
    }

    /// By whom statements are told apart, where that is asked for.
    pub(crate) fn by(&self) -> Option<Party> {
        self.asked.as_ref()?.people.as_ref().map(People::party)
    }

    /// Adds a context; those of a source are added in the order of their numbers, from 3 on: 0 is
    /// of those that the log says nothing of, 1 and 2 are of those that do not fit.
    pub(crate) fn push_context(&mut self, names: &Names<'_>) {
        if let Some(asked) = &mut self.asked {
            asked.wanted.push(asked.filter.wants(names));
        }
        self.parties.push(names);
    }

    /// The number of a context that does not fit, or which of its names are kept to find another
    /// one: those that are asked for.
    pub(crate) fn further_context(&self, names: &Names<'_>) -> Result<[bool; 4], u32> {
        let Some(asked) = &self.asked else { return Err(FURTHER_WANTED) };
        if !asked.filter.wants(names) {
            return Err(FURTHER_UNWANTED);
        }
        let by = asked.people.as_ref().map(|people| people.party());
        Ok(Party::ALL.map(|party| by == Some(party) || asked.filter.looks_at(party)))
    }

    /// The number of a fingerprint; holds until [`Queries::settle`].
    pub(crate) fn number(&mut self, found: Found<'_>) -> u32 {
        self.number_of(found.id, || found.shape())
    }

    /// The same, of what is described where it is new.
    fn number_of(&mut self, id: FingerprintId, describe: impl FnOnce() -> Shape) -> u32 {
        if let Some(number) = self.ids.get(&id) {
            return *number;
        }
        let number = u32::try_from(self.slots.len()).unwrap_or(OTHER);
        let mut shape = describe();
        let wanted = self
            .asked
            .as_ref()
            .is_none_or(|asked| asked.filter.wants_query(shape.kind, || shape.names().tables));
        if self.text_bytes > TEXTS_BYTES_MAX && shape.text.len() > SHORT_TEXT_MAX {
            shape = shape.shortened(SHORT_TEXT_MAX);
            self.texts_cut = true;
        }
        self.text_bytes += shape.weight();
        self.ids.insert(shape.id, number);
        self.slots.push(Slot::new(Arc::new(shape), wanted));
        number
    }

    /// The fingerprint of a number; `None` for what did not fit.
    pub(crate) fn shape(&self, number: u32) -> Option<&Arc<Shape>> {
        self.slots.get(number as usize)?.shape.as_ref()
    }

    /// Adds an execution; whether it is asked for.
    pub(crate) fn add(&mut self, number: u32, execution: &Execution) -> bool {
        let Some(slot) = self.slots.get_mut(number as usize) else { return false };
        let Some(asked) = &mut self.asked else {
            self.bytes += slot.add(execution, self.span, &self.parties, &mut self.room);
            return true;
        };
        asked.seen.add(execution.us, execution.weight, number);
        let at = execution.ctx as usize;
        if asked.met.len() <= at {
            asked.met.resize(at + 1, false);
        }
        if let Some(met) = asked.met.get_mut(at) {
            *met = true;
        }
        if !std::mem::replace(&mut slot.met, true)
            && let Some(shape) = &slot.shape
        {
            asked.offered.query(shape.kind, shape.names().tables);
        }
        if !slot.wanted || !asked.wanted.get(at).copied().unwrap_or(false) {
            return false;
        }
        match &mut asked.people {
            Some(people) => people.add(execution, &self.parties),
            None => self.bytes += slot.add(execution, self.span, &self.parties, &mut self.room),
        }
        true
    }

    /// Adds the time that a query was parsed or bound; it counts as no execution.
    pub(crate) fn prepare(&mut self, number: u32, ctx: u32, us: u64) {
        let Some(slot) = self.slots.get_mut(number as usize) else { return };
        if let Some(asked) = &self.asked
            && !(slot.wanted && asked.wanted.get(ctx as usize).copied().unwrap_or(false))
        {
            return;
        }
        let (calls, total_us, max_us) = &mut **slot.preparing.get_or_insert_default();
        *calls += 1;
        *total_us = total_us.saturating_add(us);
        *max_us = (*max_us).max(us);
    }

    /// Those that were parsed and bound longest.
    fn preparing(&self) -> Vec<Preparing> {
        let of_slot = |slot: &Slot| {
            let (calls, total_us, max_us) = **slot.preparing.as_ref()?;
            let shape = slot.shape.as_ref();
            Some(Preparing {
                fingerprint_id: shape.map_or_else(
                    || QueryId::from(OTHER_ID),
                    |shape| QueryId::from(shape.id.to_string()),
                ),
                fingerprint: shape
                    .map_or_else(|| "other queries".to_owned(), |shape| shape.text.to_string()),
                timed: Timed { calls, total_us },
                max_us,
            })
        };
        Preparing::heaviest(self.slots.iter().filter_map(of_slot).collect())
    }

    /// Keeps a text with its literals as the sample, if it is the longest so far.
    pub(crate) fn sample(&mut self, number: u32, us: u64, text: Vec<u8>) {
        if let Some(slot) = self.slots.get_mut(number as usize)
            && slot.sample.as_ref().is_none_or(|sample| us > sample.0)
            && slot.shape.is_some()
            && self.text_bytes < TEXTS_BYTES_MAX
        {
            self.text_bytes += text.len();
            slot.sample = Some(Box::new((us, text)));
        }
    }

    /// Brings everything within its budget. Called at fixed places of a source. Gives the numbers
    /// of queries where they have changed. `held`: those that are kept whatever they took, since
    /// what they take is not known yet.
    pub(crate) fn settle(&mut self, held: impl FnOnce() -> BTreeSet<u32>) -> Option<Renumbered> {
        if let Some(people) = self.asked.as_mut().and_then(|asked| asked.people.as_mut()) {
            people.settle();
        }
        let full = self.slots.len() > QUERIES_MAX + SLACK;
        let renumbered = full.then(|| self.shed(&held()));
        while self.bytes > CELLS_BYTES_MAX
            && let Some(longer) = coarser(self.span)
        {
            let factor = longer / self.span;
            self.span = longer;
            self.bytes = self.slots.iter_mut().map(|slot| slot.coarsen(factor)).sum();
        }
        renumbered
    }

    /// Moves those with the least total time into the row of others; among equals the larger id.
    fn shed(&mut self, held: &BTreeSet<u32>) -> Renumbered {
        self.overflowed = true;
        let heaviest_first = |slot: &Slot| {
            let id = slot.shape.as_ref().map(|shape| shape.id);
            let preparing_us = slot.preparing.as_ref().map_or(0, |preparing| preparing.1);
            (std::cmp::Reverse(slot.total_us().saturating_add(preparing_us)), id)
        };
        let mut keys: Vec<_> = self.slots.iter().skip(1).map(heaviest_first).collect();
        let last = keys.get(QUERIES_MAX..).is_some_and(|shed| !shed.is_empty()).then(|| {
            let (_, first_shed, _) = keys.select_nth_unstable(QUERIES_MAX);
            *first_shed
        });
        drop(keys);
        let mut renumbered = vec![OTHER; self.slots.len()];
        let mut other = self.slots.first_mut().map(std::mem::take).unwrap_or_default();
        self.ids.clear();
        self.text_bytes = 0;
        self.bytes = 0;
        let (mut number, mut kept) = (0u32, 0u32);
        let Self { slots, ids, text_bytes, bytes, span, parties, room, .. } = self;
        // In place: a second list would be as large.
        slots.retain_mut(|slot| {
            let old = number;
            number += 1;
            let light = last.is_some_and(|last| heaviest_first(slot) >= last);
            if old != OTHER && light && !held.contains(&old) {
                other.absorb(std::mem::take(slot), *span, parties, room);
                return false;
            }
            if let Some(new) = renumbered.get_mut(old as usize) {
                *new = kept;
            }
            if let Some(shape) = &slot.shape {
                ids.insert(shape.id, kept);
                *text_bytes += shape.weight();
            }
            *text_bytes += slot.sample.as_ref().map_or(0, |sample| sample.1.len());
            *bytes += slot.bytes();
            kept += 1;
            true
        });
        self.bytes += other.bytes();
        if let Some(first) = self.slots.first_mut() {
            *first = other;
        }
        Renumbered(renumbered)
    }

    /// How long a span is, in minutes.
    pub(crate) fn span_min(&self) -> u32 {
        self.span.unsigned_abs()
    }

    /// The queries, or who ran them where that was asked for, most total time first; their spans;
    /// and from how long on statements were logged.
    pub(crate) fn finish(&mut self, label: &str, engine: Engine) -> Finished {
        let preparing = self.preparing();
        let Some(mut asked) = self.asked.take() else {
            let (queries, minutes) = self.finish_sums(label, engine);
            let floor = Floor::of(&queries);
            return Finished { queries, minutes, preparing, floor, offered: Offered::default() };
        };
        for (ctx, _) in asked.met.iter().enumerate().filter(|(_, met)| **met) {
            let ctx = u32::try_from(ctx).unwrap_or(FURTHER_WANTED);
            for party in Party::ALL {
                if let Some(value) = self.parties.value(ctx, party) {
                    asked.offered.party(party, value.untrusted().as_bytes());
                }
            }
        }
        if let Some(people) = asked.people.take() {
            let parties = std::mem::take(&mut self.parties);
            *self = Self { parties, ..people.sums };
            self.overflowed_people = std::mem::take(&mut self.overflowed);
        }
        let (queries, minutes) = self.finish_sums(label, engine);
        let floor = asked.seen.floor();
        Finished { queries, minutes, preparing, floor, offered: asked.offered }
    }

    #[expect(clippy::vec_box, reason = "see `SlowLog::queries`")]
    fn finish_sums(&mut self, label: &str, engine: Engine) -> (Vec<Box<Query>>, Vec<QueryMinute>) {
        if self.slots.len() > QUERIES_MAX + 1 {
            self.shed(&BTreeSet::new());
        }
        self.ids = Map::default();
        let mut slots = std::mem::take(&mut self.slots);
        slots.retain(|slot| slot.calls() > 0);
        slots.sort_unstable_by_key(|slot| {
            let id = slot.shape.as_ref().map(|shape| shape.id);
            (id.is_none(), std::cmp::Reverse(slot.total_us()), id)
        });
        let mut queries = Vec::with_capacity(slots.len());
        let mut minutes = Vec::with_capacity(slots.iter().map(Slot::n_cells).sum());
        let span_min = self.span.unsigned_abs();
        let mut names_room = NAMES_BYTES_MAX;
        let mut top_room = TopRoom::default();
        let label: Arc<str> = label.into();
        for slot in slots {
            let (shape, mut sum, sample) =
                slot.into_parts(self.span, &self.parties, &mut self.room);
            let id = shape.as_ref().map_or_else(
                || QueryId::from(OTHER_ID),
                |shape| QueryId::from(shape.id.to_string()),
            );
            let mut durations = Histogram::new();
            for cell in std::mem::take(&mut sum.cells) {
                durations.merge(&cell.durations);
                if cell.cell != NO_CELL {
                    minutes.push(QueryMinute {
                        fingerprint_id: id.clone(),
                        minute: start_of(cell.cell, self.span),
                        span_min,
                        calls: cell.calls,
                        total_us: cell.total_us,
                        max_us: cell.max_us,
                        durations: cell.durations,
                        work: cell.work,
                    });
                }
            }
            let mut names = shape.as_ref().map(|shape| shape.names()).unwrap_or_default();
            match names_room.checked_sub(names.weight()) {
                Some(room) => names_room = room,
                None => {
                    names.columns = Vec::new();
                    names_room = names_room.saturating_sub(names.weight());
                    self.names_cut = true;
                }
            }
            let mut query =
                Box::new(sum.into_query(id, &label, shape, names, durations, &self.parties));
            query.engine = Some(engine);
            query.sample = sample.map(|sample| Raw::from_bytes(&sample));
            top_room.cut(query.tops_mut());
            queries.push(query);
        }
        self.tops_cut = top_room.met || self.room.met;
        (queries, minutes)
    }
}
