//! Errors, one variant per thing the caller does next. No variant can carry a secret value: the fields are names,
//! paths, times and reasons written by this crate.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::name::SecretName;

/// Why a store did not do what it was asked.
///
/// The text is this layer's own; the cause, where there is one, is in [`std::error::Error::source`].
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no such secret or version. Next: create it, or treat a deletion as done.
    #[error("{what} does not exist in store `{store}`")]
    NotFound {
        /// The store asked, for example `local`.
        store: &'static str,
        /// What is missing, for example ``secret `prod/db` `` or ``version `v3` of secret `prod/db` ``.
        what: String,
    },
    /// The name is taken by a live secret. Next: adopt it, or choose another name.
    #[error("secret `{name}` already exists in store `{store}`; adopt or import it, or choose another name")]
    AlreadyExists {
        /// The store asked.
        store: &'static str,
        /// The taken name.
        name: SecretName,
    },
    /// The secret is deleted but still recoverable, so neither usable nor free. Next: restore or purge it.
    #[error("secret `{name}` is {}", recoverable(.until.as_ref()))]
    ScheduledForDeletion {
        /// The deleted secret.
        name: SecretName,
        /// When it is gone for good; `None` where the store keeps it until somebody purges it.
        until: Option<Timestamp>,
    },
    /// The identity in use may not do this. Next: use another identity, or have the right granted.
    #[error("not allowed to {action} secret `{name}`: {reason}")]
    Denied {
        /// The secret.
        name: SecretName,
        /// What was attempted.
        action: Action,
        /// Why, and what to do.
        reason: String,
    },
    /// Somebody else changed the secret in between. Next: describe it again and retry.
    #[error("secret `{name}` changed meanwhile: {reason}; read its metadata again and retry")]
    Conflict {
        /// The secret.
        name: SecretName,
        /// What was expected and what is there.
        reason: String,
    },
    /// The store asks for patience. Next: wait, then repeat the same call with the same token.
    #[error("store `{store}` is limiting requests; try again later")]
    Throttled {
        /// The store.
        store: &'static str,
        /// How long the store asked to wait, if it said so.
        retry_after: Option<Duration>,
    },
    /// The request itself is wrong. Next: correct the input named by `field`.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// This store cannot do this at all. Next: leave it out, or use another store.
    #[error("store `{store}` does not support {what}: {why}")]
    Unsupported {
        /// The store.
        store: &'static str,
        /// What was asked for.
        what: String,
        /// Why not, and what to do instead.
        why: String,
    },
    /// The store could not be reached or used just now. Next: repair what `reason` names, then repeat the call.
    #[error("store `{store}` is unavailable: {reason}")]
    Unavailable {
        /// The store.
        store: &'static str,
        /// What could not be done, where, and what to do.
        reason: String,
        /// The cause, for the error chain.
        #[source]
        source: Option<Arc<dyn std::error::Error + Send + Sync>>,
    },
    /// What the store holds is damaged. Nothing was changed. Next: a person repairs it as `help` says.
    #[error("{what} in `{}` is damaged; {help}", path.display())]
    Corrupt {
        /// What is damaged and how, for example `secret.toml, line 3: expected a string`.
        what: String,
        /// The file or other place.
        path: PathBuf,
        /// What to do.
        help: String,
    },
}

fn recoverable(until: Option<&Timestamp>) -> String {
    match until {
        Some(until) => format!("scheduled for deletion on {until}; restore it, purge it, or wait until then"),
        None => "deleted but can be restored; restore it or purge it".to_owned(),
    }
}

impl StoreError {
    /// True for [`StoreError::NotFound`]: what a deletion treats as success.
    #[must_use]
    pub const fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }

    /// True when repeating the same call with the same token can succeed with nobody repairing anything.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Throttled { .. } | Self::Unavailable { .. })
    }

    /// [`StoreError::NotFound`] for a whole secret.
    #[must_use]
    pub fn secret_not_found(store: &'static str, name: &SecretName) -> Self {
        Self::NotFound { store, what: format!("secret `{name}`") }
    }

    /// [`StoreError::NotFound`] for one version (or label) of a secret.
    #[must_use]
    pub fn version_not_found(store: &'static str, name: &SecretName, version: &impl fmt::Display) -> Self {
        Self::NotFound { store, what: format!("version `{version}` of secret `{name}`") }
    }
}

/// An input that cannot be right in any store, or not in this one: which, why, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid {field}: {reason}")]
pub struct Invalid {
    /// The input's name as a user knows it: `name`, `principal`, `generate.length`, ….
    pub field: &'static str,
    /// What is wrong, where in the text, and what to do. Never a secret value.
    pub reason: String,
}

impl Invalid {
    /// An error about `field`.
    #[must_use]
    pub fn new(field: &'static str, reason: impl Into<String>) -> Self {
        Self { field, reason: reason.into() }
    }
}

/// What was attempted on a secret, as a verb for messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Make a new secret.
    Create,
    /// Read its metadata.
    Describe,
    /// Change its metadata.
    Update,
    /// Read a value.
    Read,
    /// Add a version, or move or retire one.
    Write,
    /// Delete or restore it.
    Delete,
    /// Change who may use it.
    Grant,
    /// Rotate it or change its schedule.
    Rotate,
    /// List the secrets of a store.
    List,
}

impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Create => "create",
            Self::Describe => "describe",
            Self::Update => "update",
            Self::Read => "read",
            Self::Write => "write",
            Self::Delete => "delete",
            Self::Grant => "change the grants of",
            Self::Rotate => "rotate",
            Self::List => "list",
        })
    }
}
