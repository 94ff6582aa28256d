//! Random draws that never change with a library's version.

/// A stream of draws (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
#[derive(Clone, Debug)]
pub(super) struct Draw(u64);

impl Draw {
    /// The stream that belongs to these numbers.
    pub(super) fn of(numbers: [u64; 3]) -> Self {
        let mut draw = Self(0);
        for number in numbers {
            draw.0 ^= number;
            draw.0 = draw.next();
        }
        draw
    }

    /// The next 64 bits.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number below `end`. The skew of the remainder is far below one in a million here.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.next().checked_rem(end).unwrap_or_default()
    }

    /// True in so many of a hundred cases.
    pub(super) fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of several, the first ones more often than the last ones.
    pub(super) fn skewed<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let count = u64::try_from(of.len()).unwrap_or_default();
        let at = self.below(count).min(self.below(count));
        of.get(usize::try_from(at).ok()?)
    }
}
