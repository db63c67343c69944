//! What a secret's name means: a path in the KV engine, or a login that the database engine rotates.
//!
//! A name such as `database/static-creds/app`, which is what one reads to get the login, is a static role where an
//! engine of type `database` is mounted at `database`. Every other name is a path in the KV engine.

use super::VaultStore;
use super::mounts::{KvMount, KvVersion, Mounts};
use crate::Result;
use crate::error::Invalid;
use crate::name::SecretName;

/// Where a secret is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// In the KV engine.
    Kv(KvPath),
    /// A login of the database engine.
    StaticRole(StaticRole),
}

/// A path in a KV engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KvPath {
    /// The engine's path, without a slash at the end.
    pub(super) mount: String,
    /// Which engine it is.
    pub(super) version: KvVersion,
    /// The path in the engine: the secret's name.
    pub(super) path: String,
}

/// A static role of a database engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StaticRole {
    /// The engine's path, without a slash at the end.
    pub(super) mount: String,
    /// The role's name.
    pub(super) role: String,
}

/// The last segment of the path where a version waits to be promoted.
pub(super) const PENDING: &str = ".pending";

impl KvPath {
    /// What clients read and write: the value, in version 2 below `data/`.
    pub(super) fn data(&self) -> String {
        match self.version {
            KvVersion::One => format!("{}/{}", self.mount, self.path),
            KvVersion::Two => self.below("data"),
        }
    }

    /// What is known about it. Version 2 only, as the rest.
    pub(super) fn metadata(&self) -> String {
        self.below("metadata")
    }

    /// Where versions are deleted so that they can be brought back.
    pub(super) fn delete(&self) -> String {
        self.below("delete")
    }

    /// Where deleted versions are brought back.
    pub(super) fn undelete(&self) -> String {
        self.below("undelete")
    }

    /// Where versions are destroyed.
    pub(super) fn destroy(&self) -> String {
        self.below("destroy")
    }

    /// Where a version of it waits to be promoted.
    pub(super) fn pending(&self) -> Self {
        Self { path: format!("{}/{PENDING}", self.path), ..self.clone() }
    }

    fn below(&self, part: &str) -> String {
        format!("{}/{part}/{}", self.mount, self.path)
    }
}

impl StaticRole {
    /// What it is: readable without reading the password.
    pub(super) fn definition(&self) -> String {
        format!("{}/static-roles/{}", self.mount, self.role)
    }

    /// Its login.
    pub(super) fn credentials(&self) -> String {
        format!("{}/static-creds/{}", self.mount, self.role)
    }

    /// Where it is rotated now.
    pub(super) fn rotation(&self) -> String {
        format!("{}/rotate-role/{}", self.mount, self.role)
    }
}

/// A static role, if the name is one where these engines are mounted.
fn static_role(mounts: &Mounts, name: &SecretName) -> Result<Option<StaticRole>, Invalid> {
    let Some((mount, rest)) = mounts.database_of(name.as_str()) else { return Ok(None) };
    match rest.split_once('/') {
        Some(("static-creds", role)) if !role.contains('/') => {
            Ok(Some(StaticRole { mount, role: role.to_owned() }))
        }
        Some(("creds", _)) => Err(Invalid::new(
            "name",
            format!(
                "`{name}` makes a new login at every reading; lease it with the ephemeral resource `secret_lease`"
            ),
        )),
        Some(("static-roles" | "rotate-role", role)) => Err(Invalid::new(
            "name",
            format!("to mean this static role, write `{mount}/static-creds/{role}`"),
        )),
        _ => Ok(None),
    }
}

impl VaultStore {
    /// Where the secret of this name is, if the server has been asked already what is mounted, and it is there.
    pub(super) fn known_address(&self, name: &SecretName) -> Result<Option<Address>> {
        let Some(mounts) = self.known_mounts() else { return Ok(None) };
        if let Some(role) = static_role(&mounts, name)? {
            return Ok(Some(Address::StaticRole(role)));
        }
        // Its engine may be mounted by the same run of Terraform.
        if name.as_str().contains("/static-creds/") {
            return Ok(None);
        }
        let kv = |mount: KvMount| {
            Address::Kv(KvPath { mount: mount.path, version: mount.version, path: name.as_str().to_owned() })
        };
        Ok(self.known_kv_mount().map(kv))
    }

    /// Where the secret of this name is.
    pub(super) async fn address(&self, name: &SecretName) -> Result<Address> {
        if let Some(role) = static_role(&*self.mounts().await?, name)? {
            return Ok(Address::StaticRole(role));
        }
        // The engine may have been mounted by the same run of Terraform.
        if name.as_str().contains("/static-creds/")
            && let Some(role) = static_role(&*self.mounts_now().await?, name)?
        {
            return Ok(Address::StaticRole(role));
        }
        let mount = self.kv_mount().await?;
        Ok(Address::Kv(KvPath { mount: mount.path, version: mount.version, path: name.as_str().to_owned() }))
    }
}
