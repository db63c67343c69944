//! The store on OpenBao, the real server: the contract, what it promises beyond, and what it answers to faults.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail the test, or say what they skip"
)]

mod access;
mod auth;
mod contract;
mod database;
mod faults;
mod grants;
mod kv;
mod lease;
mod outside;
mod races;
mod requests;
mod scene;
mod support;
mod tls;
mod version_1;
