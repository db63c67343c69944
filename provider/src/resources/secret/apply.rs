//! Creating and updating a secret. Written so that it can be killed between any two lines and run again: every write carries a
//! token that the second run derives again, and after the first write there is always a state to return.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use secret_store::json::{self, JsonFields};
use secret_store::{
    CreateSecret, IdempotencyToken, Invalid, Metadata, PutVersion, SecretDescription, SecretName,
    SecretValue, StoreError, Version, VersionId, VersionSelector,
};
use tf_plugin::{Applied, CreateRequest, Diagnostic, Diagnostics, UpdateRequest, Value};

use super::labels;
use super::metadata::{check_new_name, check_with_store, describe_into, keeps_notes};
use super::model::{OnConflict, SecretModel};
use super::origin::{ObjectOrigin, Origin};
use super::state::refreshed;
use super::{Secret, SecretPrivate, rule_changes};
use crate::annotations::{Annotations, Claim};
use crate::client::{Client, FirstHere};
use crate::diagnostics::{failed, store_error, wrong};
use crate::names;

/// For how long a creation that was interrupted is recognised as one's own.
const RESUMABLE: SignedDuration = SignedDuration::from_hours(24);

/// How often a metadata change is tried again when somebody else changed the secret in between.
const CONFLICT_RETRIES: usize = 5;

pub(super) async fn create(
    client: &Client,
    request: CreateRequest<Secret>,
) -> Result<Applied<Secret>, Diagnostics> {
    let name = names::parsed("name", &request.planned.name)?;
    let on_conflict = OnConflict::parse(request.planned.on_conflict.as_str().unwrap_or(OnConflict::DEFAULT))
        .map_err(|reason| Diagnostics::from(wrong("on_conflict", reason)))?;
    let origin = Origin::of(&request.config)?;
    let replacing = request.private.as_ref().is_some_and(|private| private.replacing);
    check_with_store(client, &name, &request.planned).ok_or_errors(())?;
    if on_conflict == OnConflict::Fail {
        check_new_name(client, &name).ok_or_errors(())?;
    }
    let private = SecretPrivate {
        claim: keeps_notes(client, &name).then(|| Claim(IdempotencyToken::random().as_str().to_owned())),
        replacing: false,
    };
    let doing = format!("create secret `{name}`");

    if client.note_creation(&name) == FirstHere::No {
        return Err(Diagnostic::error(format!("Secret `{name}` is declared twice"))
            .detail(
                "Two resources of this configuration have this name. Remove one, or give it another name.",
            )
            .at("name")
            .into());
    }
    let made = match create_or_find(
        client,
        &name,
        &request.planned,
        &origin,
        &private,
        on_conflict,
        replacing,
    )
    .await
    {
        Ok(made) => made,
        Err(error) => {
            client.forget_creation(&name);
            return Err(value_error(&doing, &error, &origin).into());
        }
    };

    // From here on the secret exists, so there is a state whatever happens.
    let mut description = made.description;
    let mut diagnostics = Diagnostics::new();
    let state = |description: &SecretDescription| refreshed(client, &request.planned, description);
    request.checkpoint.save_with_private(&state(&description), &private)?;
    let outcome = match made.found {
        Found::New { public_key } => note_public_key(client, &name, &description, public_key).await,
        Found::Existing => {
            take_over(client, &name, &request.planned, &origin, &private, &mut description).await
        }
    };
    match outcome {
        Ok(Some(newer)) => description = newer,
        Ok(None) => {}
        Err(error) => diagnostics.push(value_error(&doing, &error, &origin)),
    }
    if !diagnostics.has_errors() {
        match make_missing_copies(client, &name, &request.planned, &origin, &private, &description).await {
            Ok(Some(newer)) => description = newer,
            Ok(None) => {}
            Err(error) => diagnostics.push(store_error(&doing, &error)),
        }
    }
    if !diagnostics.has_errors() {
        let labels = &request.planned.version_labels;
        match labels::put(client, &name, &Value::Null, labels, description.clone()).await {
            Ok(newer) => description = newer,
            Err(error) => diagnostics.push(store_error(&doing, &error)),
        }
    }
    Ok(Applied::new(state(&description)).private(private).with_all(diagnostics))
}

pub(super) async fn update(
    client: &Client,
    request: UpdateRequest<Secret>,
) -> Result<Applied<Secret>, Diagnostics> {
    let name = names::parsed("name", &request.planned.name)?;
    let origin = Origin::of(&request.config)?;
    check_with_store(client, &name, &request.planned).ok_or_errors(())?;
    let private = SecretPrivate { replacing: false, ..request.private.unwrap_or_default() };
    let doing = format!("update secret `{name}`");
    let before = client.store().describe(&name).await.map_err(|error| failed(&doing, &error))?;
    let mut description = change_metadata(client, &name, |metadata| {
        let rule = rule_of(metadata);
        describe_into(client, metadata, &request.planned, &origin.rule(), private.claim.as_ref());
        if rule_of(metadata) != rule {
            metadata.set_rule_changed_at(before.current().map(|version| &version.id));
        }
    })
    .await
    .map_err(|error| failed(&doing, &error))?;
    request.checkpoint.save_with_private(&refreshed(client, &request.prior, &description), &private)?;

    let mut diagnostics = Diagnostics::new();
    if let Some(mut new) = new_value(&request.prior, &request.planned) {
        // A run that was interrupted after it had made the value by the new rule left another version current.
        let current = description.current().map(|version| version.id.as_str());
        new.regenerate = new.regenerate && description.metadata.rule_changed_at() == current;
        match put_value(client, &name, &origin, &description, &new).await {
            Ok(newer) => description = newer,
            Err(error) => diagnostics.push(value_error(&doing, &error, &origin)),
        }
    }
    let (before, planned) = (&request.prior.version_labels, request.planned.version_labels.clone());
    let base = if diagnostics.has_errors() {
        value_arguments_of(&request.prior, &request.planned)
    } else {
        request.planned
    };
    match labels::put(client, &name, before, &planned, description.clone()).await {
        Ok(newer) => description = newer,
        Err(error) => diagnostics.push(store_error(&doing, &error)),
    }
    let mut applied =
        Applied::new(refreshed(client, &base, &description)).private(private).with_all(diagnostics);
    applied.identity = request.identity;
    Ok(applied)
}

/// An error of the store, said where the value comes from if it is about the value.
pub(super) fn value_error(doing: &str, error: &StoreError, origin: &Origin) -> Diagnostic {
    let diagnostic = store_error(doing, error);
    match (error, origin.argument()) {
        (StoreError::Invalid(Invalid { field: "value", .. }), Some(argument)) => diagnostic.at(argument),
        _ => diagnostic,
    }
}

/// Makes the copies that the store could not make with the secret, or says why it cannot: the secret is there, and so is its state.
async fn make_missing_copies(
    client: &Client,
    name: &SecretName,
    planned: &SecretModel,
    origin: &Origin,
    private: &SecretPrivate,
    description: &SecretDescription,
) -> Result<Option<SecretDescription>, StoreError> {
    let mut wanted = description.metadata.clone();
    describe_into(client, &mut wanted, planned, &origin.rule(), private.claim.as_ref());
    let copies = |metadata: &Metadata| metadata.replicas.iter().cloned().collect::<BTreeSet<_>>();
    if copies(&wanted) == copies(&description.metadata) {
        return Ok(None);
    }
    let change = |metadata: &mut Metadata| {
        describe_into(client, metadata, planned, &origin.rule(), private.claim.as_ref())
    };
    change_metadata(client, name, change).await.map(Some)
}

/// The generator's rule and where its value goes.
fn rule_of(metadata: &Metadata) -> (Option<String>, Option<String>) {
    (metadata.generator().map(str::to_owned), metadata.generated_field().map(str::to_owned))
}

/// After a new value could not be stored, the state keeps the old arguments of the value, so that the next plan sends it again.
fn value_arguments_of(prior: &SecretModel, planned: &SecretModel) -> SecretModel {
    SecretModel {
        generate: prior.generate.clone(),
        fields: prior.fields.clone(),
        fields_wo_version: prior.fields_wo_version.clone(),
        value_wo_version: prior.value_wo_version.clone(),
        managed_keys: prior.managed_keys.clone(),
        ..planned.clone()
    }
}

/// A secret that now exists, and whether this call made it.
struct Made {
    description: SecretDescription,
    found: Found,
}

enum Found {
    New { public_key: Option<String> },
    Existing,
}

async fn create_or_find(
    client: &Client,
    name: &SecretName,
    planned: &SecretModel,
    origin: &Origin,
    private: &SecretPrivate,
    on_conflict: OnConflict,
    replacing: bool,
) -> Result<Made, StoreError> {
    let first = first_value(origin)?;
    let mut metadata = Metadata::default();
    describe_into(client, &mut metadata, planned, &origin.rule(), private.claim.as_ref());
    let (value, public_key) = first.map_or((None, None), |first| (Some(first.value), first.public_key));
    let request = CreateSecret { metadata, value, token: client.creation_token(name) };
    match client.store().create(name, request).await {
        Ok(description) if description.metadata.claim() == private.claim => {
            Ok(Made { description, found: Found::New { public_key } })
        }
        // The same creation, made before: by a run that was killed before Terraform could write it down.
        Ok(description) if !replacing && is_recent(description.created_at) => {
            Ok(Made { description, found: Found::Existing })
        }
        Ok(description) if on_conflict == OnConflict::Adopt => {
            Ok(Made { description, found: Found::Existing })
        }
        Ok(_) => Err(StoreError::AlreadyExists { store: client.store().kind(), name: name.clone() }),
        Err(StoreError::AlreadyExists { .. }) if on_conflict == OnConflict::Adopt => {
            Ok(Made { description: client.store().describe(name).await?, found: Found::Existing })
        }
        Err(StoreError::ScheduledForDeletion { .. }) if on_conflict != OnConflict::Fail => {
            Ok(Made { description: client.store().restore(name).await?, found: Found::Existing })
        }
        Err(error) => Err(error),
    }
}

fn is_recent(created_at: Timestamp) -> bool {
    Timestamp::now().duration_since(created_at) < RESUMABLE
}

/// Makes an existing secret what the plan says. Its value is kept if the origin is a generator, and replaced if one is given.
async fn take_over(
    client: &Client,
    name: &SecretName,
    planned: &SecretModel,
    origin: &Origin,
    private: &SecretPrivate,
    description: &mut SecretDescription,
) -> Result<Option<SecretDescription>, StoreError> {
    let resumed = description.metadata.generator().is_some();
    *description = change_metadata(client, name, |metadata| {
        describe_into(client, metadata, planned, &origin.rule(), private.claim.as_ref());
        if matches!(origin, Origin::Generated(_)) && !resumed {
            metadata.set_adopted();
        }
    })
    .await?;
    let token_part = private.claim.as_ref().map(|claim| claim.0.clone()).unwrap_or_default();
    match origin {
        Origin::External => Ok(None),
        Origin::Generated(_) if description.current().is_some() => Ok(None),
        _ => {
            put_value(client, name, origin, description, &NewValue { reason: token_part, regenerate: false })
                .await
                .map(Some)
        }
    }
}

/// Why an update makes a new value.
struct NewValue {
    /// Part of the token: a repeated run gives the same one.
    reason: String,
    /// A generated part is made anew too.
    regenerate: bool,
}

fn new_value(prior: &SecretModel, planned: &SecretModel) -> Option<NewValue> {
    if !super::new_version_planned(prior, planned) {
        return None;
    }
    let reason = format!(
        "value_wo {:?}, fields_wo {:?}",
        planned.value_wo_version.as_str(),
        planned.fields_wo_version.as_str()
    );
    Some(NewValue { reason, regenerate: rule_changes(&prior.generate, &planned.generate) })
}

/// Puts the value the origin gives, as a new version, unless the current version has it already.
async fn put_value(
    client: &Client,
    name: &SecretName,
    origin: &Origin,
    description: &SecretDescription,
    new: &NewValue,
) -> Result<SecretDescription, StoreError> {
    let store = client.store();
    let current = match description.current() {
        Some(version) => Some(store.read(name, &VersionSelector::Id(version.id.clone())).await?.value),
        None => None,
    };
    let regenerate = new.regenerate && !description.metadata.is_adopted();
    let next = match origin {
        Origin::External => None,
        Origin::Given(value) => Some(Generated::plain(value.clone())),
        Origin::Generated(generator) if regenerate || current.is_none() => Some(generate(generator)?),
        Origin::Generated(_) => None,
        Origin::Object(object) => Some(compose(object, current.as_ref(), regenerate)?),
    };
    let Some(next) = next.filter(|next| current.as_ref() != Some(&next.value)) else {
        return store.describe(name).await;
    };
    let from = description.current().map(|version| version.id.clone());
    let version = put_converging(client, name, description, from, next.value, &new.reason).await?;
    let newer = store.describe(name).await?;
    match next.public_key {
        Some(key) => note_key_of(client, name, &version.id, key).await,
        None => Ok(newer),
    }
}

/// A put whose token a repeated run derives again. If that run comes with another value (an ephemeral one is made anew in every run), the
/// value of this run is the one the rest of the configuration uses, so it is put as well.
async fn put_converging(
    client: &Client,
    name: &SecretName,
    description: &SecretDescription,
    from: Option<VersionId>,
    value: SecretValue,
    reason: &str,
) -> Result<Version, StoreError> {
    let store = client.store();
    // Without a version to follow, the metadata's state tells this write from one whose version was destroyed since.
    let from_text = match &from {
        Some(from) => from.to_string(),
        None => format!("none at {}", description.revision),
    };
    let token = IdempotencyToken::derive(&["value", &description.id.to_string(), &from_text, reason]);
    let put = PutVersion { only_if_current: from, ..PutVersion::current(value.clone(), token) };
    let version = store.put_version(name, put).await?;
    let stored = store.read(name, &VersionSelector::Id(version.id.clone())).await?.value;
    if stored == value {
        return Ok(version);
    }
    store.put_version(name, PutVersion::current(value, IdempotencyToken::random())).await
}

/// A value, with the public key if it is a private one.
struct Generated {
    value: SecretValue,
    public_key: Option<String>,
}

impl Generated {
    fn plain(value: SecretValue) -> Self {
        Self { value, public_key: None }
    }
}

fn generate(generator: &secret_store::generate::Generator) -> Result<Generated, StoreError> {
    let generated = generator.generate()?;
    Ok(Generated { value: generated.value, public_key: public_key(generated.public) })
}

/// The public half as users paste it: the OpenSSH line where there is one, else PEM, else whatever there is.
pub(crate) fn public_key(mut public: BTreeMap<String, String>) -> Option<String> {
    ["public_key_openssh", "public_key_pem"]
        .iter()
        .find_map(|name| public.remove(*name))
        .or_else(|| public.into_values().next())
}

/// The value of a new secret.
fn first_value(origin: &Origin) -> Result<Option<Generated>, StoreError> {
    match origin {
        Origin::External => Ok(None),
        Origin::Generated(generator) => generate(generator).map(Some),
        Origin::Given(value) => Ok(Some(Generated::plain(value.clone()))),
        Origin::Object(object) => compose(object, None, true).map(Some),
    }
}

/// The JSON object of the origin. What a generator or, with `managed_keys`, somebody else put there is kept from `current`.
fn compose(
    object: &ObjectOrigin,
    current: Option<&SecretValue>,
    regenerate: bool,
) -> Result<Generated, StoreError> {
    let present = current.map(json::fields).transpose()?.unwrap_or_default();
    // A member that is not there yet is written whoever owns it: an object without it would be of no use.
    let writes = |name: &str| {
        object.managed_keys.as_ref().is_none_or(|keys| keys.contains(name)) || !present.contains_key(name)
    };
    let mut members = JsonFields::new();
    for (name, text) in object.fields.iter().filter(|(name, _)| writes(name)) {
        members.set_public(name, text);
    }
    for (name, value) in object.confidential.iter().filter(|(name, _)| writes(name)) {
        members.set(name, value.clone());
    }
    let mut public_key = None;
    if let Some((name, generator)) = &object.generated {
        match present.get(name) {
            Some(kept) if !regenerate || !writes(name) => members.set(name, kept.clone()),
            _ => {
                let made = generate(generator)?;
                members.set(name, made.value);
                public_key = made.public_key;
            }
        }
    }
    let value = match (current, &object.managed_keys) {
        (Some(current), Some(_)) => members.merged_into(current)?,
        _ => members.object()?,
    };
    Ok(Generated { value, public_key })
}

/// Reads, changes and writes the metadata, again if somebody else was quicker. No write where nothing changes.
pub(crate) async fn change_metadata(
    client: &Client,
    name: &SecretName,
    change: impl Fn(&mut Metadata),
) -> Result<SecretDescription, StoreError> {
    let mut attempt = 0;
    loop {
        let description = client.store().describe(name).await?;
        let mut metadata = description.metadata.clone();
        metadata.settle_public_key(&description.versions);
        change(&mut metadata);
        if metadata == description.metadata && description.deletion.is_none() {
            return Ok(description);
        }
        match client.store().update(name, metadata, &description.revision).await {
            Err(StoreError::Conflict { .. }) if attempt < CONFLICT_RETRIES => attempt += 1,
            outcome => return outcome,
        }
    }
}

async fn note_public_key(
    client: &Client,
    name: &SecretName,
    description: &SecretDescription,
    key: Option<String>,
) -> Result<Option<SecretDescription>, StoreError> {
    match (key, description.current()) {
        (Some(key), Some(version)) => note_key_of(client, name, &version.id, key).await.map(Some),
        _ => Ok(None),
    }
}

/// Notes the public key of a version.
async fn note_key_of(
    client: &Client,
    name: &SecretName,
    version: &VersionId,
    key: String,
) -> Result<SecretDescription, StoreError> {
    let live = live_versions(client, name).await?;
    change_metadata(client, name, |metadata| metadata.set_public_key(version, key.clone(), &live)).await
}

/// Notes the public key of a version that waits to be promoted after the version `from`.
pub(crate) async fn note_key_of_next(
    client: &Client,
    name: &SecretName,
    version: &VersionId,
    from: &VersionId,
    key: String,
) -> Result<SecretDescription, StoreError> {
    let live = live_versions(client, name).await?;
    change_metadata(client, name, |metadata| metadata.set_next_public_key(version, from, key.clone(), &live))
        .await
}

async fn live_versions(client: &Client, name: &SecretName) -> Result<Vec<VersionId>, StoreError> {
    Ok(client.store().describe(name).await?.versions.into_iter().map(|version| version.id).collect())
}
