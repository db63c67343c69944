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

pub(crate) use registry::{Entry, Registry};
pub(crate) use service::Service;

/// The calls themselves, for the client of the `testing` module.
pub(crate) mod calls {
    pub(crate) use super::action::{invoke, validate as validate_action};
    pub(crate) use super::apply::apply;
    pub(crate) use super::convert::path_from_wire;
    pub(crate) use super::data_source::{read as read_data, validate as validate_data};
    pub(crate) use super::ephemeral::{close, open, renew, validate as validate_ephemeral};
    pub(crate) use super::function::call;
    pub(crate) use super::plan::plan;
    pub(crate) use super::provider::{configure, validate as validate_provider};
    pub(crate) use super::resource::{import, read, validate as validate_resource};
    pub(crate) use super::state::{move_state, upgrade};
}
