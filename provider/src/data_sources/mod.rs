//! The data sources, one file each: metadata, never a value.

mod secret;
mod secret_access;
mod secrets;

pub(crate) use secret::SecretData;
pub(crate) use secret_access::SecretAccess;
pub(crate) use secrets::Secrets;
