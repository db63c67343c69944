//! The binary as a user meets it: what it prints and how it ends, for good input and for bad. One file per subject; `common` runs it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails the test")]

mod bad_input;
mod bad_plan;
mod bad_policy;
mod baseline;
mod canary;
mod common;
mod conftest;
mod documentation;
mod formats;
mod new_rule;
mod options;
mod outputs;
mod policy_diff;
mod rego_gaps;
mod rego_tests;
mod review;
mod waivers;
