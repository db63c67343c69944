//! Protocol code, generated from `proto/` and committed, so that building needs no generator. See `examples/generate.rs`.
#![allow(
    clippy::all,
    clippy::allow_attributes_without_reason,
    clippy::fn_params_excessive_bools,
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "generated code keeps its own style"
)]

#[rustfmt::skip]
pub(crate) mod plugin;
#[rustfmt::skip]
pub(crate) mod tfplugin6;
