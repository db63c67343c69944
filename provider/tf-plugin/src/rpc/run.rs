//! How every call runs: in a task of its own, so that a client that goes away does not tear a half-done write apart, and a
//! panic becomes a diagnostic while the process lives on. Logged are the names of call and type and how long it took.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::registry::Registry;
use crate::object::Provider;
use crate::{Diagnostic, Diagnostics};

/// What an interrupt of the user does to a running call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interrupt {
    /// It only reads: dropped at once.
    Drops,
    /// It changes something: told by its cancellation token, and waited for.
    Asks,
}

/// Runs one call of the author's code.
pub(crate) async fn run<P: Provider, T: Send + 'static>(
    registry: &Arc<Registry<P>>,
    rpc: &'static str,
    type_name: &str,
    interrupt: Interrupt,
    call: impl Future<Output = Result<T, Diagnostics>> + Send + 'static,
) -> Result<T, Diagnostics> {
    let started = Instant::now();
    let mut task = tokio::spawn(call);
    let joined = match interrupt {
        Interrupt::Asks => task.await,
        Interrupt::Drops => tokio::select! {
            joined = &mut task => joined,
            () = registry.stop.cancelled() => {
                task.abort();
                return Err(Diagnostic::error("interrupted").into());
            }
        },
    };
    let result = joined.unwrap_or_else(|failed| {
        let how = if failed.is_panic() { "crashed" } else { "was cancelled" };
        Err(Diagnostic::error(format!("the provider {how} in {rpc} of `{type_name}`"))
            .detail(
                "This is a bug in the provider; please report it to its authors, with the place in the code that the log \
                 names (TF_LOG=ERROR).",
            )
            .into())
    });
    let outcome = if result.is_ok() { "ok" } else { "error" };
    let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::trace!(target: "tf_plugin", rpc, type_name, outcome, milliseconds, "call finished");
    result
}

/// The value of a lock, whether or not a panic happened while it was held.
pub(crate) fn locked<T: Default>(mutex: &Mutex<T>) -> T {
    std::mem::take(&mut *mutex.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Diagnostics for a failure, with an error among them even if the author forgot it.
pub(crate) fn failure(diagnostics: Diagnostics) -> Diagnostics {
    if diagnostics.has_errors() {
        return diagnostics;
    }
    diagnostics.with(
        Diagnostic::error("the provider failed and did not say why")
            .detail("This is a bug in the provider; please report it to its authors."),
    )
}
