//! The actions (Terraform ≥ 1.14), one file each: what somebody on call does with a secret between two applies.

mod secret_restore;
mod secret_revoke;
mod secret_rollback;
mod secret_rotate;

use secret_store::SecretName;
use serde::{Deserialize, Serialize};
use tf_plugin::{Attribute, Diagnostics, Value};

use crate::names;

pub(crate) use secret_restore::SecretRestore;
pub(crate) use secret_revoke::SecretRevoke;
pub(crate) use secret_rollback::SecretRollback;
pub(crate) use secret_rotate::SecretRotate;

/// The configuration of an action on a whole secret.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct OnSecret {
    secret_id: Value<String>,
}

impl OnSecret {
    fn name(&self) -> Result<SecretName, Diagnostics> {
        names::parsed("secret_id", &self.secret_id)
    }

    fn check(&self) -> Diagnostics {
        names::problem("secret_id", &self.secret_id).into_iter().collect()
    }
}

fn secret_id() -> Attribute {
    Attribute::string("secret_id").required().description("The `id` of the secret.")
}
