//! What belongs to no cloud: the blocks of Terraform itself, what makes secrets (`random_password`, `tls_private_key`), and resources that
//! only carry a value from one place to another (`terraform_data`, `local_file`, `archive_file`).

mod blocks;
mod carriers;
mod certificates;
pub(super) mod feeds;
mod generators;
mod sources;

use std::collections::BTreeMap;

use super::Extractor;
use super::collected::Collected;
use super::model::{AttributePath, Exposure, Origin};
use super::registry::{Known, Placed, known};
use crate::plan::Plan;

pub(super) use self::generators::{characters, key_strength};

/// The types that are read, each with what reads it. A further type is a further row.
pub(super) const TYPES: &[(&str, Extractor)] = &[
    ("archive_file", carriers::carrier),
    ("local_file", carriers::carrier),
    ("null_resource", carriers::carrier),
    ("random_bytes", generators::generator),
    ("random_id", generators::generator),
    ("random_password", generators::generator),
    ("random_pet", generators::generator),
    ("random_string", generators::generator),
    ("random_uuid", generators::generator),
    ("terraform_data", carriers::carrier),
    ("tls_locally_signed_cert", certificates::certificate),
    ("tls_private_key", generators::generator),
    ("tls_self_signed_cert", certificates::certificate),
];

/// The same for data sources. Those that carry secrets are read in the configuration: one that is read while planning is no change.
pub(super) const DATA: &[(&str, Extractor)] = &[];

/// Attributes that are known to hold a secret.
pub(super) const SENSITIVE: &[Known] = &[
    known(&["random_password"], &["result"], Some("ephemeral random_password")),
    known(&["random_bytes"], &["base64"], None),
    known(&["random_bytes"], &["hex"], None),
    known(&["tls_private_key"], &["private_key_pem"], Some("ephemeral tls_private_key")),
    known(&["tls_private_key"], &["private_key_openssh"], Some("ephemeral tls_private_key")),
    known(&["tls_private_key"], &["private_key_pem_pkcs8"], Some("ephemeral tls_private_key")),
    known(&["local_sensitive_file"], &["content"], None),
    known(&["local_sensitive_file"], &["content_base64"], None),
];

/// Places that decide what an exposure in them is called.
pub(super) const PLACES: &[Placed] = &[];

/// Adds the facts of what is no resource change: blocks, and data sources by their configuration.
pub(super) fn extract(plan: &Plan, collected: &mut Collected) {
    blocks::extract(plan, collected);
    sources::extract(plan, collected);
}

fn origin(address: String, mode: &'static str, actions: Vec<String>) -> Origin {
    Origin {
        address,
        resource_type: mode.to_owned(),
        mode,
        platform: "core",
        actions,
        unknown: Vec::new(),
        paths: BTreeMap::new(),
    }
}

fn exposure(
    mut origin: Origin,
    kind: &'static str,
    path: AttributePath,
    detector: &str,
    source: Option<&'static str>,
) -> Exposure {
    origin.paths.insert("path".to_owned(), path.clone());
    Exposure {
        origin,
        kind,
        path,
        detector: detector.to_owned(),
        encodings: Vec::new(),
        write_only_alternative: None,
        value_source: source,
        hidden: None,
    }
}
