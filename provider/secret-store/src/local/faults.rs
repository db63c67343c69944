//! Stops the process, or fails as a full disk does, at a chosen step of the file system. Compiled in for tests only.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

/// A plan of one failure. Steps count from 1.
#[derive(Debug, Default)]
pub struct Faults {
    steps: AtomicU64,
    plan: FaultPlan,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FaultPlan {
    /// Nothing.
    #[default]
    None,
    /// The process is gone before this step, without any destructor, as by `kill -9`.
    AbortAt(u64),
    /// This step and all later ones fail: no space left on device.
    DiskFullFrom(u64),
}

impl Faults {
    /// Plans one failure.
    #[must_use]
    pub fn new(plan: FaultPlan) -> Self {
        Self { steps: AtomicU64::new(0), plan }
    }

    pub(super) fn step(&self) -> io::Result<()> {
        let step = self.steps.fetch_add(1, Ordering::SeqCst) + 1;
        match self.plan {
            FaultPlan::AbortAt(at) if step == at => std::process::abort(),
            FaultPlan::DiskFullFrom(from) if step >= from => Err(io::Error::from(io::ErrorKind::StorageFull)),
            _ => Ok(()),
        }
    }
}
