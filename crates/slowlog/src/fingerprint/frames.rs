//! What is open while a statement is read: parentheses, brackets, `CASE`.

/// A span of the text of a fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    /// Its first byte.
    pub(super) start: usize,
    /// The byte behind it.
    pub(super) end: usize,
}

impl Range {
    /// The bytes; empty when the text is shorter by now.
    pub(super) fn of(self, text: &[u8]) -> &[u8] {
        text.get(self.start..self.end).unwrap_or(b"")
    }
}

/// What kind of list or group it is: decides what may be taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FrameKind {
    /// A function's arguments, a subquery, the statement itself: nothing is taken out.
    Plain,
    /// The list of `IN`.
    In,
    /// A row of `VALUES`.
    Row,
    /// A group that no name stands before: `(1, 2)`.
    Tuple,
    /// `ARRAY[`.
    Array,
    /// The arguments of `CALL`.
    Call,
    /// `CASE` up to its `END`.
    Case,
}

/// Where rows of `VALUES` are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rows {
    /// Nowhere.
    None,
    /// A row may open: behind `VALUES`, or behind the comma after the row `before`.
    Expected {
        /// The row before.
        before: Option<Range>,
    },
    /// A row was read.
    Read {
        /// That row.
        row: Range,
    },
}

/// The `UNION ALL` before a branch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Connector {
    /// Where the text stood before it.
    pub(super) start: usize,
    /// Whether it is a `UNION` (and no `EXCEPT`).
    pub(super) union: bool,
}

/// One open group.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// What it is.
    pub(super) kind: FrameKind,
    /// Where it opened in the text.
    pub(super) start: usize,
    /// Where `array` stands in the text, and whether the group around was pure before it.
    pub(super) array: Option<(usize, bool)>,
    /// Whether it holds nothing but values.
    pub(super) pure: bool,
    /// Items so far.
    pub(super) items: u32,
    /// Where the current item begins.
    pub(super) item_start: Option<usize>,
    /// The item before, where equal ones may be taken back.
    pub(super) item_before: Option<Range>,
    /// Rows of `VALUES` directly in this group.
    pub(super) rows: Rows,
    /// Where the current arm of a `CASE` begins.
    pub(super) arm_start: Option<usize>,
    /// The arm before.
    pub(super) arm_before: Option<Range>,
    /// Where the current branch of a `UNION` begins.
    pub(super) branch_start: Option<usize>,
    /// The branch before.
    pub(super) branch_before: Option<Range>,
    /// The branch before with its connector, if it equals the one before itself.
    pub(super) unit_before: Option<Range>,
    /// The connector before the current branch.
    pub(super) connector: Option<Connector>,
}

impl Frame {
    /// A group that opened at `start`.
    pub(super) fn new(kind: FrameKind, start: usize) -> Self {
        Self {
            kind,
            start,
            array: None,
            pure: true,
            items: 1,
            item_start: None,
            item_before: None,
            rows: Rows::None,
            arm_start: None,
            arm_before: None,
            branch_start: None,
            branch_before: None,
            unit_before: None,
            connector: None,
        }
    }

    /// Notes that a token was written at `at`.
    pub(super) fn begin(&mut self, at: usize) {
        self.item_start.get_or_insert(at);
        self.branch_start.get_or_insert(at);
    }
}
