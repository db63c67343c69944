//! One call at a time on a path within this process, so that only other processes have to be waited for over the network.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

/// A lock for each path in use.
#[derive(Debug, Default)]
pub(crate) struct Locks(Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>);

impl Locks {
    /// Waits until nobody else in this process works on the path, and keeps others waiting while the answer lives.
    pub(crate) async fn of(&self, path: &str) -> OwnedMutexGuard<()> {
        let lock = {
            let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            locks.retain(|_, lock| Arc::strong_count(lock) > 1);
            Arc::clone(locks.entry(path.to_owned()).or_default())
        };
        lock.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_path_is_free_again_and_forgotten_after_its_guard() {
        let locks = Locks::default();
        let first = locks.of("a").await;
        let other = locks.of("b").await;
        assert_eq!(locks.0.lock().unwrap().len(), 2);
        drop((first, other));
        let _again = locks.of("a").await;
        assert_eq!(locks.0.lock().unwrap().len(), 1);
    }
}
