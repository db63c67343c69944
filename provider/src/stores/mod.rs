//! The store blocks of the provider block, one file each: schema, model, checks, and how the store is opened. At most one is
//! given; without any it is the embedded store.

mod aws;
mod local;
mod vault;

use std::sync::Arc;

use secret_store::{Invalid, Store};
use serde::{Deserialize, Serialize};
use tf_plugin::{AttributePath, Diagnostic, Diagnostics, NestedBlock, Value};

use self::aws::AwsModel;
use self::local::LocalModel;
use self::vault::VaultModel;
use crate::diagnostics::{invalid, wrong};

/// The provider block: at most one store.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StoreBlocks {
    aws: Value<AwsModel>,
    local: Value<LocalModel>,
    vault: Value<VaultModel>,
}

/// The blocks as the schema has them.
pub(crate) fn blocks() -> Vec<NestedBlock> {
    vec![aws::block(), local::block(), vault::block()]
}

impl StoreBlocks {
    /// Checks what is known.
    pub(crate) fn check(&self) -> Diagnostics {
        let mut problems = Diagnostics::new();
        let written = self.written();
        if let [first, others @ ..] = written.as_slice() {
            for other in others {
                let reason = format!(
                    "`{first}` and `{other}` both name the store, and a provider has one; for two stores, configure the provider twice, with `alias`"
                );
                problems.push(wrong(*other, reason));
            }
        }
        if let Some(aws) = self.aws.known() {
            problems.extend(aws.check());
        }
        if let Some(local) = self.local.known() {
            problems.extend(local.check());
        }
        if let Some(vault) = self.vault.known() {
            problems.extend(vault.check());
        }
        problems
    }

    /// Opens the store that the block names.
    ///
    /// # Errors
    /// Diagnostics for an argument that is not known yet, or does not lead to a store.
    pub(crate) fn open(self) -> Result<Arc<dyn Store>, Diagnostics> {
        if let Some(aws) = decided(AttributePath::new(aws::NAME), self.aws)? {
            return aws.open();
        }
        if let Some(vault) = decided(AttributePath::new(vault::NAME), self.vault)? {
            return vault.open(&|variable| std::env::var(variable).ok());
        }
        decided(AttributePath::new(local::NAME), self.local)?.unwrap_or_default().open()
    }

    /// The names of the blocks that are given.
    fn written(&self) -> Vec<&'static str> {
        let blocks = [
            (aws::NAME, self.aws.is_null()),
            (local::NAME, self.local.is_null()),
            (vault::NAME, self.vault.is_null()),
        ];
        blocks.into_iter().filter(|(_, is_null)| !is_null).map(|(name, _)| name).collect()
    }
}

/// An argument of a store block that does not lead to a store.
fn not_usable(path: AttributePath, error: &Invalid) -> Diagnostics {
    invalid(path, error).into()
}

/// An argument of a store block, once it is decided. It has to be: every process of a run must find the same store.
fn decided<T>(path: AttributePath, value: Value<T>) -> Result<Option<T>, Diagnostics> {
    value.to_option().map_err(|_| {
        Diagnostic::error(format!("`{path}` is not known yet"))
            .detail(
                "It depends on a resource that does not exist yet, so the store cannot be found when Terraform plans. Give it as a literal or a \
                 variable.",
            )
            .at(path)
            .into()
    })
}

/// How often a request is sent again.
fn retries(path: AttributePath, number: i64) -> Result<u32, Diagnostic> {
    u32::try_from(number)
        .map_err(|_| wrong(path, format!("{number} is no whole number from 0 on; write `3`")))
}
