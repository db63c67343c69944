//! Vault and OpenBao: what is read of their resources, by type.

use super::Extractor;
use super::registry::{Known, Placed, known};

/// The types that are read, each with what reads it. A further type is a further row.
pub(super) const TYPES: &[(&str, Extractor)] = &[];

/// Attributes that are known to hold a secret.
pub(super) const SENSITIVE: &[Known] = &[
    known(&["vault_kv_secret_v2"], &["data_json"], Some("data_json_wo")),
    known(&["vault_generic_secret", "vault_kv_secret"], &["data_json"], None),
];

/// Places that decide what an exposure in them is called.
pub(super) const PLACES: &[Placed] = &[];
