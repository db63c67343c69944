//! The rules: which there are, where they come from, and what they say about a plan.
//!
//! A pack is loaded in four steps, each of which can only succeed or end the run with a diagnostic (exit 2), so that a policy can never
//! fail silently:
//!
//! 1. `load` collects `.rego` files, the bundled ones and those of `--policy DIR`;
//! 2. `rewrite` closes the gaps between regorus and OPA; regorus parses them; `metadata` reads the METADATA comment of every rule's package;
//! 3. `calls` looks for calls of functions that do not exist, which regorus itself would notice only when it reaches them;
//! 4. `evaluate` runs each rule under a limit of time, and all under one of memory (`ask`, `memory`), and accepts results of exactly one shape.
//!
//! `testing` runs the `test_` rules of the same files.

mod annotations;
mod ask;
mod builtins;
mod calls;
mod conftest;
mod error;
mod evaluate;
mod load;
mod memory;
mod metadata;
mod pack;
pub mod quality;
mod reach;
mod rewrite;
mod syntax;
pub mod testing;

pub use builtins::RegoVersion;
pub use conftest::{ConftestError, ConftestOptions, ConftestPack, Namespaces, Redaction};
pub use error::PolicyError;
pub use evaluate::{Input, InputShape, Limits, Outcome};
pub use load::PolicyFile;
pub use memory::MemoryLimit;
pub use metadata::{Metadata, Reference};
pub(crate) use pack::similar;
pub use pack::{Pack, Rule, Selection};
pub use reach::Reach;
