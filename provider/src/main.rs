//! Entry point.
mod schedule;
fn main() {}
