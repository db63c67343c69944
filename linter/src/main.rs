//! Entry point.

/// Reads nothing yet: the stages are built in their own modules.
fn main() {}
