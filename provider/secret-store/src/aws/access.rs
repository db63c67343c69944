//! Who can use a secret, by its own policy and by those of roles and users.

use super::AwsStore;
use crate::Result;
use crate::grant::AccessReport;
use crate::name::SecretName;

impl AwsStore {
    pub(super) async fn accessors(&self, _name: &SecretName) -> Result<AccessReport> {
        later()
    }
}

fn later<T>() -> Result<T> {
    Err(crate::error::StoreError::Unsupported {
        store: super::KIND,
        what: "this".to_owned(),
        why: "it is being built".to_owned(),
    })
}
