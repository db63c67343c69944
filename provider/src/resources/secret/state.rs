//! The state of a `secret` as the store has it; what only the configuration knows stays as it was.

use std::collections::BTreeMap;

use jiff::Timestamp;
use secret_store::aws::{Arn, is_same_key};
use secret_store::{SecretDescription, VersionLabel, VersionRetention};
use tf_plugin::Value;

use super::model::{ReplicaModel, SecretModel};
use super::{labels, timestamp};
use crate::annotations::current_public_key;
use crate::client::Client;
use crate::schedule::same_length;
use crate::text::known;

/// The state after a read or a write of a secret whose state was `before`.
pub(super) fn refreshed(
    client: &Client,
    before: &SecretModel,
    description: &SecretDescription,
) -> SecretModel {
    let metadata = &description.metadata;
    let mut state = before.clone();
    state.description = Value::from_option(metadata.description.clone());
    state.owner = Value::from_option(metadata.owner.clone());
    let region = Arn::parse(&description.arn).map(|arn| arn.region).unwrap_or_default();
    state.kms_key = same_key(description, &region, &before.kms_key, metadata.kms_key.as_deref());
    state.expires_at = same_instant(&before.expires_at, metadata.expires_at);
    if client.store().capabilities().version_retention.is_yes() {
        let VersionRetention { max_versions, delete_version_after } = metadata.retention;
        state.max_versions = Value::from_option(max_versions.map(i64::from));
        state.delete_version_after = same_length(&before.delete_version_after, delete_version_after);
    }
    // An empty map in the configuration and no tags in the store are the same thing.
    let tags = own_tags(client, before, &metadata.tags);
    if !(tags.is_empty() && before.tags.known().is_none_or(BTreeMap::is_empty)) {
        state.tags = Value::Known(tags);
    }
    state.tags_all =
        tags_value(metadata.tags.iter().map(|(key, value)| (key.clone(), known(value.as_str()))).collect());
    if client.store().capabilities().replicas.is_yes() {
        state.replicas = replicas(before, description);
    }
    state.id = known(description.name.as_str());
    state.arn = known(description.arn.as_str());
    let current = description.current();
    state.version_id = Value::from_option(current.map(|version| version.id.to_string()));
    state.version_created_at = Value::from_option(current.map(|version| version.created_at.to_string()));
    state.previous_version_id = Value::from_option(
        description.version_with(&VersionLabel::Previous).map(|version| version.id.to_string()),
    );
    state.version_labels = labels::shown(&before.version_labels, description);
    state.public_key = Value::from_option(current_public_key(description).map(str::to_owned));
    state
}

/// The tags of `tags_all`: the resource's own, and those that every secret gets and the resource says nothing about. Null without any.
pub(super) fn all_tags(
    client: &Client,
    tags: &Value<BTreeMap<String, Value<String>>>,
) -> Value<BTreeMap<String, Value<String>>> {
    if tags.is_unknown() {
        return Value::Unknown;
    }
    let mut all: BTreeMap<String, Value<String>> =
        client.store().default_tags().into_iter().map(|(key, value)| (key, known(value))).collect();
    all.extend(tags.known().into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())));
    tags_value(all)
}

fn tags_value(tags: BTreeMap<String, Value<String>>) -> Value<BTreeMap<String, Value<String>>> {
    if tags.is_empty() { Value::Null } else { Value::Known(tags) }
}

/// The stored tags without those that are there by the configuration of the store only: as it is now, or as it was when the secret was
/// last written. So a change of those is a change of `tags_all`, and a tag that somebody else wrote is a change of `tags`.
fn own_tags(
    client: &Client,
    before: &SecretModel,
    stored: &BTreeMap<String, String>,
) -> BTreeMap<String, Value<String>> {
    let defaults = client.store().default_tags();
    let is_own = |key: &str, value: &str| {
        let is_written = before.tags.known().is_some_and(|tags| tags.contains_key(key));
        let was_default =
            before.tags_all.known().and_then(|all| all.get(key)).and_then(Value::as_str) == Some(value);
        let is_default = defaults.get(key).is_some_and(|default| default == value);
        is_written || !(was_default || is_default)
    };
    let own = stored.iter().filter(|(key, value)| is_own(key, value));
    own.map(|(key, value)| (key.clone(), known(value.as_str()))).collect()
}

/// The copies, in the order in which they were written as far as they were: their order carries no meaning, and a store has its own.
fn replicas(before: &SecretModel, description: &SecretDescription) -> Value<Vec<ReplicaModel>> {
    let mut present: Vec<_> = description
        .metadata
        .replicas
        .iter()
        .map(|replica| ReplicaModel {
            region: known(replica.region.as_str()),
            kms_key: same_key(
                description,
                &replica.region,
                &written_key(before, &replica.region),
                replica.kms_key.as_deref(),
            ),
        })
        .collect();
    if let Some(written) = before.replicas.known() {
        let place = |replica: &ReplicaModel| written.iter().position(|one| one.region == replica.region);
        present.sort_by_key(|replica| place(replica).unwrap_or(written.len()));
    }
    match &before.replicas {
        Value::Null if present.is_empty() => Value::Null,
        _ => Value::Known(present),
    }
}

/// The key of the copy in a region, as the user wrote it.
fn written_key(before: &SecretModel, region: &str) -> Value<String> {
    let mut written = before.replicas.known().into_iter().flatten();
    let copy = written.find(|copy| copy.region.as_str() == Some(region));
    copy.map_or(Value::Null, |copy| copy.kms_key.clone())
}

/// A key stays as the user wrote it while it means the one that the store has.
fn same_key(
    description: &SecretDescription,
    region: &str,
    written: &Value<String>,
    stored: Option<&str>,
) -> Value<String> {
    match (Arn::parse(&description.arn), written.as_str(), stored) {
        (Some(secret), Some(text), Some(stored)) if is_same_key(&secret, region, text, stored) => {
            written.clone()
        }
        (_, _, stored) => Value::from_option(stored.map(str::to_owned)),
    }
}

/// A time the user wrote stays as he wrote it while it means the instant the store has.
fn same_instant(written: &Value<String>, stored: Option<Timestamp>) -> Value<String> {
    match (written.as_str(), stored) {
        (Some(text), Some(stored)) if timestamp(text).is_ok_and(|written| written == stored) => {
            written.clone()
        }
        (_, stored) => Value::from_option(stored.map(|stored| stored.to_string())),
    }
}
