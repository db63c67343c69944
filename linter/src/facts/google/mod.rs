//! Google Cloud: what is read of its resources, by type.

use super::Extractor;
use super::registry::{Known, Placed, known};

/// The types that are read, each with what reads it. A further type is a further row.
pub(super) const TYPES: &[(&str, Extractor)] = &[];

/// Attributes that are known to hold a secret.
pub(super) const SENSITIVE: &[Known] = &[
    known(&["google_secret_manager_secret_version"], &["secret_data"], Some("secret_data_wo")),
    known(&["google_sql_user"], &["password"], Some("password_wo")),
    known(&["google_service_account_key"], &["private_key"], None),
];

/// Places that decide what an exposure in them is called.
pub(super) const PLACES: &[Placed] = &[];
