//! AKS: the etcd of a cluster as a place for secrets, and the driver that brings secrets of a Key Vault into its pods as files.

use super::super::collected::Collected;
use super::super::model::{Delivery, Store};
use super::super::subject::{Attribute, Subject, steps};
use super::switch;

pub(super) fn cluster(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let name = subject.field(&mut origin, "name", steps!["name"]);
    let service = steps!["key_management_service"];
    let secrets_encrypted = match subject.at(&service) {
        Attribute::Unknown if subject.is_set(&service) => {
            origin.unknown.push("secrets_encrypted".to_owned());
            None
        }
        _ => Some(super::count(subject, &service) > 0),
    };
    origin.paths.insert("secrets_encrypted".to_owned(), service);
    collected.facts.stores.push(Store { name, secrets_encrypted, ..Store::of(origin, "cluster") });
    if super::count(subject, &steps!["key_vault_secrets_provider"]) == 0 {
        return;
    }
    let mut origin = subject.origin();
    let path = steps!["key_vault_secrets_provider", 0_usize];
    let rotation = steps!["key_vault_secrets_provider", 0_usize, "secret_rotation_enabled"];
    let refreshes = switch(subject, &mut origin, "refreshes", rotation, false);
    collected.facts.deliveries.push(Delivery {
        file_possible: true,
        refreshes,
        ..Delivery::of(origin, "file", path)
    });
}
