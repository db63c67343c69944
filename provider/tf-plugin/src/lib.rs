//! Terraform plugin protocol 6 (up to 6.11) for Rust: write a Terraform or OpenTofu provider as a set of typed traits,
//! and [`serve`] it.
//!
//! Start with [`Provider`] and [`Resource`]; `examples/note.rs` is a whole provider on one page. What the library sees to,
//! so that no provider has to:
//!
//! - **Null, unknown and known are three things**: [`Value<T>`].
//! - **Write-only values never leave**: they are made null in one central place, in every response, driven by the schema.
//! - **Nobody else drives the process**: mutual TLS with the client's certificate compared byte for byte, over a Unix
//!   socket in a folder of mode 0700.
//! - **No value in logs**: `Debug` of anything that holds a value shows its shape only.
//! - **A bug of the author is named as one**, with the resource and the attribute, instead of Terraform's riddle; and
//!   [`testing`] finds most of them before Terraform does.

mod adapter;
mod codec;
mod diagnostics;
mod dynamic;
mod generated;
mod model;
mod number;
mod object;
mod path;
mod rpc;
pub mod schema;
mod secret;
mod server;
mod shape;
pub mod testing;
mod types;
mod value;

/// The quick start of the README is compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;

pub use async_trait::async_trait;
pub use tokio_util::sync::CancellationToken;

pub use diagnostics::{Diagnostic, Diagnostics, Severity};
pub use dynamic::{Dynamic, Text};
pub use number::{NotANumber, Number};
pub use object::*;
pub use path::{AttributePath, PathStep};
pub use schema::{Attribute, Block, IdentitySchema, NestedBlock, Schema};
pub use secret::{Exposed, NotText, WireSecret, WireSink, WriteOnly};
pub use server::{ServeOptions, serve};
pub use types::Type;
pub use value::{StillUnknown, Value};
