//! The store on OpenBao, the real server: what it promises beyond the contract, and what it answers to faults.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail the test, or say what they skip"
)]

mod auth;
mod database;
mod lease;
mod support;
mod tls;
