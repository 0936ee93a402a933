//! A query in the list of all, in as little memory as it needs.

use super::Execution;
use super::parties::{Parties, Room};
use super::sum::Sum;
use crate::records::Work;
use crate::shapes::Shape;
use std::sync::Arc;

/// A query in the list of all: nothing yet, one execution, or a sum. In a log in which every
/// statement is another one most are of one execution, which takes a fifth of a sum.
#[derive(Debug, Default)]
pub(super) struct Slot {
    /// `None` for the row of others.
    pub(super) shape: Option<Arc<Shape>>,
    runs: Runs,
    /// With literals: how long the longest took, and its text.
    pub(super) sample: Option<Box<(u64, Vec<u8>)>>,
    /// How long it was parsed and bound: how often, in all, the longest.
    pub(super) preparing: Option<Box<(u64, u64, u64)>>,
    /// Whether it is asked for.
    pub(super) wanted: bool,
    /// Whether it ran, asked for or not; known where not all is asked for.
    pub(super) met: bool,
}

/// How a query ran.
#[derive(Debug, Default)]
enum Runs {
    #[default]
    Never,
    Once(Once),
    Often(Box<Sum>),
}

/// The only execution so far.
#[derive(Debug)]
struct Once {
    at_us: Option<i64>,
    us: u64,
    line: u64,
    weight: u64,
    work: Option<Box<Work>>,
    ctx: u32,
}

impl Once {
    fn new(execution: &Execution) -> Self {
        let Execution { at_us, us, ctx, line, weight, work } = *execution;
        let work = (!work.is_empty()).then(|| Box::new(work));
        Self { at_us, us, line, weight, work, ctx }
    }

    fn execution(&self) -> Execution {
        let work = self.work.as_deref().copied().unwrap_or_default();
        let Self { at_us, us, line, weight, ctx, .. } = *self;
        Execution { at_us, us, ctx, line, weight, work }
    }
}

impl Slot {
    /// Nothing of a fingerprint yet.
    pub(super) fn new(shape: Arc<Shape>, wanted: bool) -> Self {
        Self { shape: Some(shape), wanted, ..Self::default() }
    }

    /// Adds an execution; how many bytes of cells that took.
    pub(super) fn add(
        &mut self,
        execution: &Execution,
        span: i32,
        parties: &Parties,
        room: &mut Room,
    ) -> usize {
        match &mut self.runs {
            Runs::Never => {
                self.runs = Runs::Once(Once::new(execution));
                0
            }
            Runs::Once(once) => {
                let mut sum = Box::new(Sum::default());
                let bytes = sum.add(&once.execution(), span, parties, room)
                    + sum.add(execution, span, parties, room);
                self.runs = Runs::Often(sum);
                bytes
            }
            Runs::Often(sum) => sum.add(execution, span, parties, room),
        }
    }

    /// How often it ran.
    pub(super) fn calls(&self) -> u64 {
        match &self.runs {
            Runs::Never => 0,
            Runs::Once(once) => once.weight,
            Runs::Often(sum) => sum.calls,
        }
    }

    /// How long it ran, in microseconds.
    pub(super) fn total_us(&self) -> u64 {
        match &self.runs {
            Runs::Never => 0,
            Runs::Once(once) => once.us.saturating_mul(once.weight),
            Runs::Often(sum) => sum.total_us,
        }
    }

    /// How many spans it has, at most.
    pub(super) fn n_cells(&self) -> usize {
        match &self.runs {
            Runs::Never => 0,
            Runs::Once(_) => 1,
            Runs::Often(sum) => sum.cells.len(),
        }
    }

    /// Bytes of its cells.
    pub(super) fn bytes(&self) -> usize {
        match &self.runs {
            Runs::Never | Runs::Once(_) => 0,
            Runs::Often(sum) => sum.bytes(),
        }
    }

    /// Makes spans `factor` times as long; how many bytes the cells take then.
    pub(super) fn coarsen(&mut self, factor: i32) -> usize {
        match &mut self.runs {
            Runs::Never | Runs::Once(_) => 0,
            Runs::Often(sum) => sum.coarsen(factor),
        }
    }

    /// Adds everything of another but its sample.
    pub(super) fn absorb(&mut self, other: Self, span: i32, parties: &Parties, room: &mut Room) {
        if let Some(theirs) = other.preparing {
            let mine = &mut **self.preparing.get_or_insert_default();
            *mine = (mine.0 + theirs.0, mine.1.saturating_add(theirs.1), mine.2.max(theirs.2));
        }
        let mut sum = match std::mem::take(&mut self.runs) {
            Runs::Never => Box::new(Sum::default()),
            Runs::Once(once) => {
                let mut sum = Box::new(Sum::default());
                sum.add(&once.execution(), span, parties, room);
                sum
            }
            Runs::Often(sum) => sum,
        };
        match other.runs {
            Runs::Never => {}
            Runs::Once(once) => {
                sum.add(&once.execution(), span, parties, room);
            }
            Runs::Often(other) => sum.absorb(*other, parties, room),
        }
        self.runs = Runs::Often(sum);
    }

    /// All of it, as one sum.
    pub(super) fn into_parts(
        self,
        span: i32,
        parties: &Parties,
        room: &mut Room,
    ) -> (Option<Arc<Shape>>, Sum, Option<Vec<u8>>) {
        let sum = match self.runs {
            Runs::Never => Sum::default(),
            Runs::Once(once) => {
                let mut sum = Sum::default();
                sum.add(&once.execution(), span, parties, room);
                sum
            }
            Runs::Often(sum) => *sum,
        };
        (self.shape, sum, self.sample.map(|sample| sample.1))
    }
}
