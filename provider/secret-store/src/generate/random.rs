//! Random bytes from the operating system, and unbiased choices made of them.

use std::sync::Arc;
use zeroize::Zeroizing;

use super::unavailable;
use crate::Result;

/// So many random bytes, wiped when dropped.
pub(super) fn bytes(count: usize) -> Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; count]);
    fill(&mut bytes)?;
    Ok(bytes)
}

/// Fills a buffer with random bytes.
pub(super) fn fill(buffer: &mut [u8]) -> Result<()> {
    getrandom::fill(buffer)
        .map_err(|error| unavailable("the operating system gives no random bytes", Some(Arc::new(error))))
}

/// Makes unbiased choices, fetching random bytes in blocks.
pub(super) struct Chooser {
    block: Zeroizing<[u8; 256]>,
    used: usize,
}

impl Chooser {
    pub(super) fn new() -> Self {
        Self { block: Zeroizing::new([0; 256]), used: 256 }
    }

    /// A number below `bound`, each equally likely. `bound` is at least 1 and at most 65,536.
    pub(super) fn below(&mut self, bound: usize) -> Result<usize> {
        // Numbers at or above the largest multiple of the bound are thrown away: a remainder of them would favour small ones.
        let limit = 65_536 - 65_536 % bound.max(1);
        loop {
            let number = self.two_bytes()?;
            if number < limit {
                return Ok(number % bound.max(1));
            }
        }
    }

    fn two_bytes(&mut self) -> Result<usize> {
        if self.used + 2 > self.block.len() {
            fill(self.block.as_mut_slice())?;
            self.used = 0;
        }
        let pair = [self.block[self.used], self.block[self.used + 1]];
        self.used += 2;
        Ok(usize::from(u16::from_le_bytes(pair)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_evenly_spread() {
        // Chi-squared over 88 outcomes: above 160 happens by chance about once in 10^6 runs (87 degrees of freedom).
        let (bound, draws) = (88_usize, 200_000_u32);
        let mut chooser = Chooser::new();
        let mut counts = vec![0_u32; bound];
        for _ in 0..draws {
            counts[chooser.below(bound).unwrap()] += 1;
        }
        let expected = f64::from(draws) / 88.0;
        let statistic: f64 =
            counts.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum();
        assert!(statistic < 160.0, "chi-squared {statistic}");
    }

    #[test]
    fn the_largest_bound_works() {
        let mut chooser = Chooser::new();
        for bound in [1, 2, 65_535, 65_536] {
            assert!(chooser.below(bound).unwrap() < bound);
        }
    }
}
