//! The RPCs of the protocol, one file per kind of object. Everything that comes in is decoded by the schema, everything that
//! goes out passes [`outgoing`](Registry::outgoing): fitted to the schema, write-only values nulled, unknowns refused where
//! there may be none.

mod action;
mod apply;
mod convert;
mod data_source;
mod ephemeral;
mod function;
mod list;
mod metadata;
mod plan;
mod provider;
mod registry;
mod resource;
mod run;
mod schema;
mod service;
mod state;

pub(crate) use registry::Registry;
pub(crate) use service::Service;
