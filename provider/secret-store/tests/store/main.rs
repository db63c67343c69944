//! The crate's one integration binary: the contract, the `age` tool as oracle, crashes, full disks, several processes, and
//! bad input.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail the test, or say what they skip"
)]

mod age_tool;
mod bad_input;
mod contract;
mod crash;
mod key_tools;
mod processes;
mod support;
