//! The provider's binary. Terraform starts it and speaks plugin protocol 6 with it; started by hand it says what it is.

mod actions;
mod annotations;
mod client;
mod data_sources;
mod diagnostics;
mod docs;
mod ephemeral_resources;
mod generator;
mod list_resources;
mod provider;
mod resources;
mod schedule;

fn main() {}
