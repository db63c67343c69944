//! What users do with real Terraform, on the oldest and the newest release that is supported.

mod crash;
mod harness;
mod lifecycle;
mod objects;
mod refused;
mod secrecy;
mod store;
mod together;
