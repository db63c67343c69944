//! The linter as a library, so that tests and the documentation generator use what the binary uses. The stages, in order:
//! `plan` → `facts` → `policy` → `source` → `waiver` → `report`; `cli` ties them together.

pub mod cli;
pub mod comparison;
pub mod config;
pub mod docs;
pub mod facts;
pub mod finding;
pub mod plan;
pub mod policy;
pub mod problem;
pub mod recorded;
pub mod report;
pub mod scaffold;
pub mod source;
pub mod waiver;
