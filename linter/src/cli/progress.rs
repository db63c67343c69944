//! How far a run over several plans is, for somebody who watches: on standard error, on a terminal only, and gone before the report appears.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Whether anybody wants to see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Watched {
    /// `--quiet` was given.
    Quiet,
    /// Nothing speaks against it.
    Normal,
}

/// A bar that counts plans, hidden wherever nobody watches.
pub(super) fn bar(plans: usize, watched: Watched) -> ProgressBar {
    // Every CI system sets `CI`; some give the job a terminal that keeps each redrawn line in its log.
    let is_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false");
    if plans < 2 || watched == Watched::Quiet || is_ci || !io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let length = u64::try_from(plans).unwrap_or(u64::MAX);
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos} of {len} plans {elapsed}") {
        bar.set_style(style);
    }
    bar
}
