//! Draws random integers only, so that the same seed gives the same bytes on every machine.
//!
//! ```text
//! Draw::new(7, Stream::Orders).between(1, 6)   a die; the same die for the same seed and stream
//! ```

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A source of random integers. Each extract has its own stream, so that a change in one leaves the others unchanged.
pub(crate) struct Draw(ChaCha8Rng);

/// The extract that draws.
#[derive(Clone, Copy)]
pub(crate) enum Stream {
    Products = 1,
    Customers,
    Orders,
    Activities,
    CostPools,
    Deviations,
    Receivables,
    Rebates,
    Prospects,
    Stock,
    Times,
    Actions,
    Causes,
}

impl Draw {
    pub(crate) fn new(seed: u64, stream: Stream) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(stream as u64);
        Self(generator)
    }

    /// An integer from 0 up to `end`, exclusive.
    pub(crate) fn below(&mut self, end: i64) -> i64 {
        let wide = u128::from(self.0.next_u64()) * u128::from(end.max(1).unsigned_abs());
        i64::try_from(wide >> 64).unwrap_or_default()
    }

    /// An integer from `first` up to `last`, inclusive.
    pub(crate) fn between(&mut self, first: i64, last: i64) -> i64 {
        first + self.below(last - first + 1)
    }

    /// True that many times in a thousand.
    pub(crate) fn chance(&mut self, per_mille: i64) -> bool {
        self.below(1_000) < per_mille
    }

    /// One of the items.
    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.index(items.len())]
    }

    /// An index into a list of `len`.
    pub(crate) fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(i64::try_from(len).unwrap_or(i64::MAX))).unwrap_or_default()
    }

    /// An index into a list of `len` that favours the first ones strongly: a few products sell most.
    pub(crate) fn skewed_index(&mut self, len: usize) -> usize {
        let end = self.index(len) + 1;
        self.index(end)
    }

    /// An index drawn by weight.
    pub(crate) fn weighted(&mut self, weights: &[i64]) -> usize {
        let mut rest = self.below(weights.iter().sum());
        for (index, weight) in weights.iter().enumerate() {
            rest -= weight;
            if rest < 0 {
                return index;
            }
        }
        0
    }

    /// A whole number with the mean `thousandths` ÷ 1000, spread from half to one and a half times.
    pub(crate) fn count(&mut self, thousandths: i64) -> i64 {
        let spread = thousandths * self.between(50, 150) / 100;
        spread / 1_000 + i64::from(self.chance(spread % 1_000))
    }

    /// The items in random order (Fisher and Yates).
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.index(last + 1);
            items.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_stream_draw_the_same() {
        let draws = |seed, stream| {
            let mut draw = Draw::new(seed, stream);
            (0..20).map(|_| draw.between(1, 1_000)).collect::<Vec<_>>()
        };
        assert_eq!(draws(7, Stream::Orders), draws(7, Stream::Orders));
        assert_ne!(draws(7, Stream::Orders), draws(7, Stream::Stock));
        assert_ne!(draws(7, Stream::Orders), draws(8, Stream::Orders));
    }

    #[test]
    fn a_count_keeps_its_mean() {
        let mut draw = Draw::new(1, Stream::Orders);
        let total: i64 = (0..10_000).map(|_| draw.count(700)).sum();
        assert!((6_700..7_300).contains(&total), "{total}");
    }
}
