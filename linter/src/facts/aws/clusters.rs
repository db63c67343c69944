//! EKS clusters, as the places that keep Kubernetes Secrets: with which key etcd encrypts them, and whether the API server writes down who
//! reads one.

use serde_json::Value;

use super::super::collected::Collected;
use super::super::model::Store;
use super::super::subject::{Attribute, Subject, steps};
use super::any_marked;

/// A cluster. https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html
pub(super) fn cluster(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let name = subject.field(&mut origin, "name", steps!["name"]);
    let encryption = steps!["encryption_config"];
    let encrypts_secrets = |block: &Value| lists(block.get("resources"), "secrets");
    let secrets_encrypted = match subject.at(&encryption) {
        Attribute::Known(Value::Array(blocks)) if blocks.iter().any(encrypts_secrets) => Some(true),
        Attribute::Known(Value::Array(blocks)) => {
            let resources = |index: usize| steps!["encryption_config", index, "resources"];
            let undecided =
                (0..blocks.len()).any(|index| subject.at(&resources(index)) == Attribute::Unknown);
            (!undecided).then_some(false)
        }
        Attribute::Unknown if subject.is_set(&encryption) => None,
        _ => Some(false),
    };
    if secrets_encrypted.is_none() {
        origin.unknown.push("secrets_encrypted".to_owned());
    }
    origin.paths.insert("secrets_encrypted".to_owned(), encryption);
    let audited = writes_down_reads(subject);
    if audited.is_none() {
        origin.unknown.push("audited".to_owned());
    }
    origin.paths.insert("audited".to_owned(), steps!["enabled_cluster_log_types"]);
    collected.facts.stores.push(Store { name, secrets_encrypted, audited, ..Store::of(origin, "cluster") });
}

/// The API server's audit log is switched on; it is off where nothing is said.
/// https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html
pub(super) fn writes_down_reads(subject: &Subject<'_>) -> Option<bool> {
    let path = steps!["enabled_cluster_log_types"];
    let audited = lists(subject.after.get("enabled_cluster_log_types"), "audit");
    if audited {
        return Some(true);
    }
    let undecided = subject.at(&path) == Attribute::Unknown
        || subject.unknown.get("enabled_cluster_log_types").is_some_and(any_marked);
    (!undecided).then_some(false)
}

fn lists(list: Option<&Value>, what: &str) -> bool {
    list.and_then(Value::as_array).is_some_and(|items| items.iter().any(|item| item == what))
}
