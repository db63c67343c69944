//! The store blocks of the provider block, one file each: schema, model, checks, and how the store is opened. At most one is
//! given; without any it is the embedded store.

mod local;

use std::sync::Arc;

use secret_store::{Invalid, Store};
use serde::{Deserialize, Serialize};
use tf_plugin::{AttributePath, Diagnostic, Diagnostics, NestedBlock, Value};

use self::local::LocalModel;
use crate::diagnostics::invalid;

/// The provider block: at most one store.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StoreBlocks {
    local: Value<LocalModel>,
}

/// The blocks as the schema has them.
pub(crate) fn blocks() -> Vec<NestedBlock> {
    vec![local::block()]
}

impl StoreBlocks {
    /// Checks what is known.
    pub(crate) fn check(&self) -> Diagnostics {
        let mut problems = Diagnostics::new();
        if let Some(local) = self.local.known() {
            problems.extend(local.check());
        }
        problems
    }

    /// Opens the store that the block names.
    ///
    /// # Errors
    /// Diagnostics for an argument that is not known yet, or does not lead to a store.
    pub(crate) async fn open(self) -> Result<Arc<dyn Store>, Diagnostics> {
        self.local.into_known().unwrap_or_default().open()
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
