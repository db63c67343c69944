//! What a `secret` says about itself besides its value, as the store keeps it: written at apply, and checked with the store at plan,
//! so that a plan refuses what an apply would, at the attribute that is to blame.

use std::collections::BTreeMap;

use secret_store::{Metadata, Replica, SecretName, StoreError, VersionRetention};
use tf_plugin::{Diagnostics, Value};

use super::model::{ReplicaModel, SecretModel};
use super::origin::Rule;
use super::state::all_tags;
use super::timestamp;
use crate::annotations::{Annotations, Claim};
use crate::client::Client;
use crate::diagnostics::store_error;
use crate::generator::to_note;
use crate::schedule::Period;

/// Writes what the plan says, and the tags that every secret of this store gets, into a secret's metadata and leaves what belongs to others.
/// What is unknown is left out.
pub(super) fn describe_into(
    client: &Client,
    metadata: &mut Metadata,
    planned: &SecretModel,
    rule: &Option<Rule>,
    claim: Option<&Claim>,
) {
    for write in PARTS.map(|(_, write)| write) {
        write(metadata, planned);
    }
    metadata.tags = known_tags(&all_tags(client, &planned.tags));
    match rule {
        Some(rule) => metadata.set_generator(to_note(&rule.generator), rule.field.as_deref()),
        None => metadata.set_generator(None, None),
    }
    if let Some(claim) = claim {
        metadata.set_claim(claim);
    }
}

/// Checks with the store what is known of the plan. Each attribute is asked for alone first, so that an error stands where it belongs.
pub(super) fn check_with_store(client: &Client, name: &SecretName, planned: &SecretModel) -> Diagnostics {
    let store = client.store();
    let doing = format!("keep secret `{name}` in store `{}`", store.kind());
    if let Err(error) = store.check_secret(name, &Metadata::default()) {
        return store_error(&doing, &error).at("name").into();
    }
    let mut parts: Vec<(&str, Metadata)> = PARTS
        .iter()
        .map(|(attribute, write)| {
            let mut metadata = Metadata::default();
            write(&mut metadata, planned);
            (*attribute, metadata)
        })
        .collect();
    let rule = Rule::known(planned);
    if let Some(rule) = &rule {
        let mut metadata = Metadata::default();
        metadata.set_generator(to_note(&rule.generator), rule.field.as_deref());
        parts.push(("generate", metadata));
    }
    let mut problems = Diagnostics::new();
    for (attribute, metadata) in &parts {
        if let Err(error) = store.check_secret(name, metadata) {
            let problem = store_error(&doing, &error);
            let known_place =
                problem.attribute.as_ref().is_some_and(|path| path.to_string().starts_with(attribute));
            problems.push(if known_place { problem } else { problem.at(*attribute) });
        }
    }
    if problems.is_empty() {
        let mut whole = Metadata::default();
        let claim = keeps_notes(client, name).then(sample_claim);
        describe_into(client, &mut whole, planned, &rule, claim.as_ref());
        problems.extend(store.check_secret(name, &whole).err().map(|error| store_error(&doing, &error)));
    }
    problems
}

/// Asks the server about the key and the copies of a secret, where they are known and new: a plan without a change asks nothing.
pub(super) async fn check_references(
    client: &Client,
    prior: Option<&SecretModel>,
    planned: &SecretModel,
) -> Diagnostics {
    let mut metadata = Metadata::default();
    if prior.is_none_or(|prior| prior.kms_key != planned.kms_key) {
        metadata.kms_key = planned.kms_key.known().cloned();
    }
    if prior.is_none_or(|prior| prior.replicas != planned.replicas) {
        metadata.replicas = known_replicas(planned);
    }
    if metadata == Metadata::default() {
        return Diagnostics::new();
    }
    let checked = client.store().check_references(&metadata).await;
    let doing = || format!("plan secret `{}`", planned.name.as_str().unwrap_or_default());
    checked.err().map(|error| store_error(&doing(), &error)).into_iter().collect()
}

/// Refuses a name that a new secret should not have.
pub(super) fn check_new_name(client: &Client, name: &SecretName) -> Diagnostics {
    let checked = client.store().check_new_name(name);
    checked
        .err()
        .map(|error| store_error(&format!("create secret `{name}`"), &error).at("name"))
        .into_iter()
        .collect()
}

/// Whether the store has a place for the provider's notes beside this secret. Where it has none (Vault's KV version 1), a secret has no claim: who
/// manages it cannot be told.
pub(super) fn keeps_notes(client: &Client, name: &SecretName) -> bool {
    let mut metadata = Metadata::default();
    metadata.set_claim(&sample_claim());
    !matches!(client.store().check_secret(name, &metadata), Err(StoreError::Unsupported { .. }))
}

/// As long as a real one.
fn sample_claim() -> Claim {
    Claim("00000000-0000-4000-8000-000000000000".to_owned())
}

type Write = fn(&mut Metadata, &SecretModel);

/// Each attribute that says something about a secret, and where it goes.
const PARTS: [(&str, Write); 8] = [
    ("description", |metadata, planned| metadata.description = planned.description.known().cloned()),
    ("owner", |metadata, planned| metadata.owner = planned.owner.known().cloned()),
    ("kms_key", |metadata, planned| metadata.kms_key = planned.kms_key.known().cloned()),
    ("expires_at", |metadata, planned| {
        metadata.expires_at = planned.expires_at.as_str().and_then(|text| timestamp(text).ok());
    }),
    ("tags", |metadata, planned| {
        metadata.tags = known_tags(&planned.tags);
    }),
    ("replicas", |metadata, planned| {
        metadata.replicas = known_replicas(planned);
    }),
    ("max_versions", |metadata, planned| {
        let max_versions = planned.max_versions.known().and_then(|number| u32::try_from(*number).ok());
        metadata.retention = VersionRetention { max_versions, ..metadata.retention };
    }),
    ("delete_version_after", |metadata, planned| {
        let text = planned.delete_version_after.as_str();
        let delete_version_after = text.and_then(|text| text.parse::<Period>().ok()).map(Period::duration);
        metadata.retention = VersionRetention { delete_version_after, ..metadata.retention };
    }),
];

fn known_tags(tags: &Value<BTreeMap<String, Value<String>>>) -> BTreeMap<String, String> {
    let tags = tags.known().into_iter().flatten();
    tags.filter_map(|(key, value)| Some((key.clone(), value.known()?.clone()))).collect()
}

fn known_replicas(planned: &SecretModel) -> Vec<Replica> {
    let replicas = planned.replicas.known().into_iter().flatten();
    let replica = |replica: &ReplicaModel| {
        Some(Replica { region: replica.region.known()?.clone(), kms_key: replica.kms_key.known().cloned() })
    };
    replicas.filter_map(replica).collect()
}
