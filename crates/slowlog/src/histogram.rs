//! Durations as a log-linear integer histogram: mergeable, sparse, with a stated error.

/// Bits of a value that are kept below its leading one: 64 bins per octave, each 1.6 % wide, so
/// that the middle of a bin is wrong by less than 0.8 %.
const SUB_BITS: u32 = 6;
/// Values below this have a bin of their own.
const EXACT: u64 = 1 << SUB_BITS;
/// A packed bin: its number in the upper 16 bits, its count in the lower 48.
const COUNT_BITS: u32 = 48;
const COUNT_MASK: u64 = (1 << COUNT_BITS) - 1;

/// A histogram of unsigned integers. Adding and merging are exact in counts, and merging is
/// associative and commutative; a quantile is wrong by less than 1 %.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    bins: Bins,
}

/// Packed bins, sorted by bin; none is empty. Up to two stand here, more elsewhere: most of the
/// spans of a query have one or two.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Bins {
    /// Filled from the front; 0 where there is none.
    Few([u64; 2]),
    /// Three or more.
    Many(Vec<u64>),
}

impl Default for Bins {
    fn default() -> Self {
        Self::Few([0; 2])
    }
}

impl Bins {
    const NONE: Self = Self::Few([0; 2]);

    fn get(&self) -> &[u64] {
        match self {
            Self::Few(few) => {
                let n = few.iter().take_while(|packed| **packed != 0).count();
                few.get(..n).unwrap_or_default()
            }
            Self::Many(many) => many,
        }
    }

    fn get_mut(&mut self, at: usize) -> Option<&mut u64> {
        match self {
            Self::Few(few) => few.get_mut(at).filter(|packed| **packed != 0),
            Self::Many(many) => many.get_mut(at),
        }
    }

    fn insert(&mut self, at: usize, packed: u64) {
        match self {
            Self::Few(few) if few[1] == 0 => {
                *few = if at == 0 { [packed, few[0]] } else { [few[0], packed] };
            }
            Self::Few(few) => {
                let mut many = Vec::with_capacity(4);
                many.extend_from_slice(few);
                many.insert(at.min(2), packed);
                *self = Self::Many(many);
            }
            Self::Many(many) => {
                if many.len() == many.capacity() {
                    // Grows by half, not by double: thousands of these are kept.
                    many.reserve_exact(1 + many.len() / 2);
                }
                many.insert(at, packed);
            }
        }
    }

    fn from(mut bins: Vec<u64>) -> Self {
        match *bins.as_slice() {
            [] => Self::NONE,
            [one] => Self::Few([one, 0]),
            [one, two] => Self::Few([one, two]),
            _ => {
                bins.shrink_to_fit();
                Self::Many(bins)
            }
        }
    }
}

/// The bin of a value.
fn bin(value: u64) -> u64 {
    if value < EXACT {
        return value;
    }
    let exponent = 63 - value.leading_zeros();
    let sub = (value >> (exponent - SUB_BITS)) & (EXACT - 1);
    u64::from(exponent - SUB_BITS + 1) * EXACT + sub
}

/// The middle of a bin.
fn middle(bin: u64) -> u64 {
    if bin < EXACT {
        return bin;
    }
    let shift = bin / EXACT - 1;
    let low = (EXACT + bin % EXACT) << shift;
    low + ((1u64 << shift) >> 1)
}

impl Histogram {
    /// An empty histogram.
    #[must_use]
    pub const fn new() -> Self {
        Self { bins: Bins::NONE }
    }

    /// Adds a value once. Returns whether that took a new bin.
    pub fn add(&mut self, value: u64) -> bool {
        self.add_many(value, 1)
    }

    /// Adds a value `count` times. Returns whether that took a new bin.
    pub fn add_many(&mut self, value: u64, count: u64) -> bool {
        if count == 0 {
            return false;
        }
        self.add_packed(bin(value) << COUNT_BITS | count.min(COUNT_MASK))
    }

    /// Adds the count of a packed bin. Returns whether that took a new bin.
    fn add_packed(&mut self, add: u64) -> bool {
        let (key, count) = (add & !COUNT_MASK, add & COUNT_MASK);
        let at = self.bins.get().partition_point(|packed| (packed & !COUNT_MASK) < key);
        match self.bins.get_mut(at) {
            Some(packed) if *packed & !COUNT_MASK == key => {
                *packed = key | ((*packed & COUNT_MASK) + count.min(COUNT_MASK)).min(COUNT_MASK);
                false
            }
            _ => {
                self.bins.insert(at, key | count.min(COUNT_MASK));
                true
            }
        }
    }

    /// Adds all values of another.
    pub fn merge(&mut self, other: &Self) {
        if self.is_empty() {
            self.bins.clone_from(&other.bins);
            return;
        }
        if other.len() * 8 < self.len() || other.len() <= 2 {
            // A few into many: no copy of the many.
            for packed in other.bins.get() {
                self.add_packed(*packed);
            }
            return;
        }
        let mut out = Vec::with_capacity(self.len() + other.len());
        let mut mine = self.bins.get().iter().copied().peekable();
        let mut theirs = other.bins.get().iter().copied().peekable();
        loop {
            match (mine.peek().copied(), theirs.peek().copied()) {
                (Some(a), Some(b)) => {
                    let (key_a, key_b) = (a & !COUNT_MASK, b & !COUNT_MASK);
                    if key_a == key_b {
                        let count = ((a & COUNT_MASK) + (b & COUNT_MASK)).min(COUNT_MASK);
                        out.push(key_a | count);
                        mine.next();
                        theirs.next();
                    } else if key_a < key_b {
                        out.push(a);
                        mine.next();
                    } else {
                        out.push(b);
                        theirs.next();
                    }
                }
                (Some(a), None) => {
                    out.push(a);
                    mine.next();
                }
                (None, Some(b)) => {
                    out.push(b);
                    theirs.next();
                }
                (None, None) => break,
            }
        }
        self.bins = Bins::from(out);
    }

    /// How many values.
    pub fn count(&self) -> u64 {
        self.bins.get().iter().map(|packed| packed & COUNT_MASK).sum()
    }

    /// How many bins are in use.
    pub fn len(&self) -> usize {
        self.bins.get().len()
    }

    /// Bytes that it takes besides its own size.
    pub(crate) fn heap_bytes(&self) -> usize {
        // With what the allocator keeps beside it.
        match &self.bins {
            Bins::Few(_) => 0,
            Bins::Many(many) => 8 * many.capacity() + 16,
        }
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.bins.get().is_empty()
    }

    /// The middle of each bin and how many values it holds, in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        self.bins.get().iter().map(|packed| (middle(packed >> COUNT_BITS), packed & COUNT_MASK))
    }

    /// The value below which the share `q` (0 to 1) of the values lies (nearest rank); 0 when
    /// empty.
    pub fn quantile(&self, q: f64) -> u64 {
        let count = self.count();
        let rank = ((q.clamp(0.0, 1.0) * count as f64).ceil() as u64).clamp(1, count.max(1));
        let mut seen = 0;
        for packed in self.bins.get() {
            seen += packed & COUNT_MASK;
            if seen >= rank {
                return middle(packed >> COUNT_BITS);
            }
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_largest_value_has_a_bin() {
        let mut histogram = Histogram::new();
        histogram.add(u64::MAX);
        assert!(histogram.quantile(1.0) > u64::MAX / 64 * 63);
    }

    proptest! {
        #[test]
        fn a_quantile_is_within_one_percent(mut values in prop::collection::vec(0u64..10_000_000_000, 1..300), q in 0.0f64..1.0) {
            let mut histogram = Histogram::new();
            for value in &values {
                histogram.add(*value);
            }
            values.sort_unstable();
            let rank = ((q * values.len() as f64).ceil() as usize).max(1);
            let exact = values[rank - 1] as f64;
            let got = histogram.quantile(q) as f64;
            prop_assert!((got - exact).abs() <= exact * 0.01, "{got} for {exact}");
        }

        #[test]
        fn merging_is_the_same_as_adding_all(a in prop::collection::vec(any::<u64>(), 0..100), b in prop::collection::vec(any::<u64>(), 0..100)) {
            let build = |values: &[u64]| {
                let mut histogram = Histogram::new();
                for value in values {
                    histogram.add(*value);
                }
                histogram
            };
            let mut merged = build(&a);
            merged.merge(&build(&b));
            let mut all = a.clone();
            all.extend(&b);
            prop_assert_eq!(merged, build(&all));
        }
    }
}
