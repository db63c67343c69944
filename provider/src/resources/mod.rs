//! The managed resources, one file each.

mod secret;
mod secret_grant;
mod secret_rotation;

pub(crate) use secret::{Secret, found_secret};
pub(crate) use secret_grant::{SecretGrant, found_grant};
pub(crate) use secret_rotation::{Rotated, SecretRotation, rotate_now};
