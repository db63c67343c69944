//! The list resources (`terraform query`, Terraform ≥ 1.14), one file each: what the store has, to be imported.

mod secret;
mod secret_grant;

pub(crate) use secret::ListSecrets;
pub(crate) use secret_grant::ListGrants;
