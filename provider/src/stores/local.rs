//! `local { … }`: the embedded store, standard `age` files in a folder.

use std::path::PathBuf;
use std::sync::Arc;

use secret_store::Store;
use secret_store::local::{IdentitySource, LocalConfig, LocalStore};
use serde::{Deserialize, Serialize};
use tf_plugin::{Attribute, AttributePath, Block, Diagnostic, Diagnostics, NestedBlock, Value};

use super::{decided, not_usable};

/// The block's name.
pub(super) const NAME: &str = "local";

/// The embedded store.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct LocalModel {
    path: Value<String>,
    identity_file: Value<String>,
}

/// The block's schema.
pub(super) fn block() -> NestedBlock {
    NestedBlock::single(
        NAME,
        Block::new()
            .description(
                "The embedded store: standard `age` files in a folder. Everybody who is granted a secret opens it with the `age` tool.",
            )
            .attribute(
                Attribute::string("path").optional().description("The folder; default `.secrets` in the working directory."),
            )
            .attribute(Attribute::string("identity_file").optional().description(
                "File with the owner's `age` identity. Default: the text in `SECRET_IDENTITY`, or the file in `SECRET_IDENTITY_FILE`, or \
                 `terraform-provider-secret/identity.txt` in `$XDG_CONFIG_HOME` (`~/.config`), made with mode 0600 at the first write.",
            )),
    )
}

fn at(name: &str) -> AttributePath {
    AttributePath::new(NAME).attribute(name)
}

impl LocalModel {
    /// Checks what is known.
    pub(super) fn check(&self) -> Diagnostics {
        let mut problems = Diagnostics::new();
        for (name, value) in [("path", &self.path), ("identity_file", &self.identity_file)] {
            if value.as_str() == Some("") {
                problems.push(
                    Diagnostic::error(format!("Invalid value for `local.{name}`"))
                        .detail("It is empty. Give a path, or leave the argument out.")
                        .at(at(name)),
                );
            }
        }
        problems
    }

    /// Opens the store; the folder is made at the first write.
    pub(super) fn open(self) -> Result<Arc<dyn Store>, Diagnostics> {
        let path = decided(at("path"), self.path)?.map_or_else(|| PathBuf::from(".secrets"), PathBuf::from);
        let identity_file = decided(at("identity_file"), self.identity_file)?.map(PathBuf::from);
        let identity =
            IdentitySource::resolve(identity_file.as_deref(), |variable| std::env::var_os(variable))
                .map_err(|error| not_usable(at("identity_file"), &error))?;
        let store = LocalStore::open(LocalConfig::new(path, identity))
            .map_err(|error| not_usable(at("path"), &error))?;
        Ok(Arc::new(store))
    }
}
