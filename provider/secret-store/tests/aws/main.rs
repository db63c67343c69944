//! The store on moto and ministack, doubles of AWS: the contract, what it promises beyond, and what it answers to faults.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail the test, or say what they skip"
)]

mod access;
mod bad_input;
mod contract;
mod faults;
mod granted;
mod grants;
mod list;
mod requests;
mod rotation;
mod scene;
mod secret;
mod versions;
