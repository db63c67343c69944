//! The harness of the end-to-end suites: it runs the real Terraform and the built programs in a scratch folder, and
//! looks for a secret in everything that they leave behind.
//!
//! A case is a function on a [`terraform::Workspace`]; see [`on_each_terraform!`]. The servers that a store needs are in
//! [`servers`], and the faults between them and the program under test in [`proxy`]. What a case needs and the machine does not have is reported with [`skip::skip`], which is a failure in CI.

pub mod canary;
pub mod certificates;
pub mod guide;
pub mod http;
pub mod process;
pub mod programs;
pub mod proxy;
pub mod recorded;
pub mod scrub;
pub mod servers;
pub mod skip;
pub mod terraform;
pub mod tokens;
