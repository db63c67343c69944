//! What a configured provider shares with its objects: the store, and who this configuration is to it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use secret_store::{IdempotencyToken, Invalid, SecretName, Store, StoreError};

use tf_plugin::Diagnostics;

use crate::diagnostics::failed;

/// A configured provider. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    store: Arc<dyn Store>,
    workspace: Arc<str>,
    created_here: Arc<Mutex<BTreeSet<SecretName>>>,
}

/// Whether this process has created a secret of that name already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FirstHere {
    /// It has not.
    Yes,
    /// It has: two resources of one configuration have the same name.
    No,
}

impl Client {
    /// A client of `store`. `workspace` is what tells this configuration from others: the folder Terraform runs in, because
    /// Terraform tells a provider nothing else about it.
    pub(crate) fn new(store: Arc<dyn Store>, workspace: &str) -> Self {
        Self { store, workspace: workspace.into(), created_here: Arc::default() }
    }

    /// The store.
    pub(crate) fn store(&self) -> &dyn Store {
        self.store.as_ref()
    }

    /// Lets the store learn what it can do, before a plan asks it.
    ///
    /// A setting whose object the same run may be about to make, such as a mount, is not told here: the first call that needs it tells.
    /// Others are, such as a missing region.
    ///
    /// # Errors
    /// The store cannot be asked.
    pub(crate) async fn prepare(&self) -> Result<(), Diagnostics> {
        match self.store.prepare().await {
            Ok(()) => Ok(()),
            Err(StoreError::Invalid(Invalid { field: "auth" | "mount" | "namespace" | "token", .. })) => {
                Ok(())
            }
            Err(error) => Err(failed(&format!("ask store `{}` what it can do", self.store.kind()), &error)),
        }
    }

    /// The token of a creation. The same configuration, run again after a crash, has the same one and finds its own secret.
    pub(crate) fn creation_token(&self, name: &SecretName) -> IdempotencyToken {
        IdempotencyToken::derive(&["create", &self.workspace, name.as_str()])
    }

    /// Notes a creation. Two resources with one name would otherwise look like one creation that is made again.
    pub(crate) fn note_creation(&self, name: &SecretName) -> FirstHere {
        let mut created = self.created_here.lock().unwrap_or_else(PoisonError::into_inner);
        if created.insert(name.clone()) { FirstHere::Yes } else { FirstHere::No }
    }

    /// Takes the note back: the creation failed, or the secret was deleted.
    pub(crate) fn forget_creation(&self, name: &SecretName) {
        self.created_here.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}
