//! Watches how much memory rules take. The engine's own limit would need its allocator, which is written in C; so the side that waits for
//! the rules looks at the resident memory of the whole process now and then, and ends the run before the operating system does.

use std::time::{Duration, Instant};

/// Between two looks, each of which takes some ten microseconds. Rules have been seen to take a gigabyte per second.
pub(super) const INTERVAL: Duration = Duration::from_millis(20);

/// How far the process may grow while rules run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryLimit {
    megabytes: u32,
}

impl MemoryLimit {
    /// A limit of so many megabytes (10⁶ bytes).
    #[must_use]
    pub const fn of_megabytes(megabytes: u32) -> Self {
        Self { megabytes }
    }

    /// The same as a number.
    #[must_use]
    pub const fn megabytes(self) -> u32 {
        self.megabytes
    }
}

impl Default for MemoryLimit {
    fn default() -> Self {
        Self { megabytes: 4096 }
    }
}

/// What the process has at most while rules run.
#[derive(Debug)]
pub(super) struct MemoryWatch {
    /// In bytes; none where the operating system does not say how much there is.
    ceiling: Option<usize>,
    looked: Instant,
}

impl MemoryWatch {
    /// Takes what the process has now for its beginning.
    pub(super) fn begin(limit: MemoryLimit) -> Self {
        let allowed = usize::try_from(limit.megabytes).unwrap_or(usize::MAX).saturating_mul(1_000_000);
        Self { ceiling: resident().map(|now| now.saturating_add(allowed)), looked: Instant::now() }
    }

    /// The process has grown further than it may. Looks at most once in an [`INTERVAL`].
    pub(super) fn is_exceeded(&mut self) -> bool {
        let Some(ceiling) = self.ceiling else { return false };
        if self.looked.elapsed() < INTERVAL {
            return false;
        }
        self.looked = Instant::now();
        resident().is_some_and(|now| now > ceiling)
    }
}

fn resident() -> Option<usize> {
    memory_stats::memory_stats().map(|stats| stats.physical_mem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_seen_and_what_was_there_before_is_not_counted() {
        let before = vec![1_u8; 64 << 20];
        let mut watch = MemoryWatch::begin(MemoryLimit::of_megabytes(32));
        std::thread::sleep(INTERVAL);
        assert!(!watch.is_exceeded(), "nothing has grown");
        let more = vec![1_u8; 64 << 20];
        std::thread::sleep(INTERVAL);
        assert!(watch.is_exceeded());
        assert_eq!(before.len(), more.len());
    }
}
