//! The managed resources, one file each.

mod secret;
mod secret_grant;
mod secret_rotation;

pub(crate) use secret::Secret;
pub(crate) use secret_grant::SecretGrant;
pub(crate) use secret_rotation::SecretRotation;
