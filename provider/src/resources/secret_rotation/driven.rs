//! Rotation driven by the provider where the store has no rotator of its own for a secret: at apply, when due, in four steps that can each
//! be made again (create → set → test → finish). Their progress is the store's labels: `pending`, `current`, `previous`.

use jiff::Timestamp;
use secret_store::json::{self, JsonFields};
use secret_store::{
    IdempotencyToken, Promotion, PutVersion, SecretDescription, SecretName, SecretValue, StoreError,
    VersionId, VersionLabel, VersionSelector,
};
use tf_plugin::{Applied, Checkpoint, Diagnostic, Diagnostics, Value};

use super::SecretRotation;
use super::model::{REGENERATE, RotationModel};
use crate::annotations::{Annotations, RotationNote, Triggered};
use crate::client::Client;
use crate::diagnostics::{failed_on, on_secret_id, store_error, wrong};
use crate::generator;
use crate::names;
use crate::resources::secret::{change_metadata, note_key_of_next, public_key};
use crate::schedule::{Period, Schedule};
use crate::text::known;

/// Plans an update.
pub(super) fn plan(prior: &RotationModel, planned: &mut RotationModel) {
    let now = Timestamp::now();
    let asked = !planned.trigger.is_null() && prior.trigger != planned.trigger;
    let changed = prior.schedule != planned.schedule || prior.keep_previous_for != planned.keep_previous_for;
    if asked || changed || is_past(&prior.next_rotation_at, now) {
        // The new times depend on the clock at apply, so they are not known here.
        planned.set_computed_unknown();
    } else if is_past(&prior.previous_expires_at, now) {
        planned.previous_version_id.set_unknown();
        planned.previous_expires_at.set_unknown();
    }
}

/// Ends the rotation: the note of it is taken away.
pub(super) async fn end(client: &Client, name: &SecretName) -> Result<(), StoreError> {
    change_metadata(client, name, |metadata| metadata.set_rotation(None)).await.map(|_| ())
}

/// Rotates now, with the grace of the secret's rotation if it has one.
pub(super) async fn rotate_now(
    client: &Client,
    name: &SecretName,
    description: &SecretDescription,
) -> Result<SecretDescription, StoreError> {
    let note = description.metadata.rotation();
    let grace = note.as_ref().and_then(|note| note.keep_previous_for.as_deref());
    rotate(client, name, grace, description).await
}

/// Notes the rotation, rotates if it is asked for or due, and ends graces that are over.
pub(super) async fn apply(
    client: &Client,
    planned: &RotationModel,
    prior: Option<&RotationModel>,
    checkpoint: &Checkpoint<SecretRotation>,
) -> Result<Applied<SecretRotation>, Diagnostics> {
    let name = names::parsed("secret_id", &planned.secret_id)?;
    let doing = format!("rotate secret `{name}`");
    let schedule_text = planned.schedule.as_str().unwrap_or_default();
    let schedule = Schedule::parse(schedule_text, Timestamp::now())
        .map_err(|error| Diagnostics::from(wrong("schedule", error.to_string())))?;
    let before = client.store().describe(&name).await.map_err(|error| failed_on(&doing, &error))?;
    if before.rotation.is_some() {
        return Err(by_store(&name).into());
    }
    if before.metadata.generator().is_none() {
        return Err(no_rule(&name).into());
    }
    let note = RotationNote {
        schedule: schedule_text.to_owned(),
        strategy: planned.strategy.as_str().unwrap_or(REGENERATE).to_owned(),
        keep_previous_for: planned.keep_previous_for.known().cloned(),
        triggered: triggered(planned, prior, &before),
    };
    let mut description = change_metadata(client, &name, |metadata| metadata.set_rotation(Some(&note)))
        .await
        .map_err(|error| failed_on(&doing, &error))?;
    let state = |description: &SecretDescription| noted(planned, &note, description);
    checkpoint.save(&state(&description))?;

    let mut diagnostics = Diagnostics::new();
    if is_asked_for(&note, &description) || is_due(&schedule, &description) {
        match rotate(client, &name, note.keep_previous_for.as_deref(), &description).await {
            Ok(newer) => description = newer,
            Err(error) => diagnostics.push(on_secret_id(store_error(&doing, &error))),
        }
    }
    match end_graces(client, &name, &description).await {
        Ok(newer) => description = newer,
        Err(error) => diagnostics.push(on_secret_id(store_error(
            &format!("retire the previous version of secret `{name}`"),
            &error,
        ))),
    }
    let mut state = state(&description);
    if diagnostics.has_errors() {
        // A rotation that was asked for and failed is asked for again by the next plan.
        state.trigger = prior.map_or(Value::Null, |prior| prior.trigger.clone());
    }
    Ok(Applied::new(state).with_all(diagnostics))
}

/// The note of a rotation by `trigger`. One that was noted by an interrupted run keeps the version it started from.
fn triggered(
    planned: &RotationModel,
    prior: Option<&RotationModel>,
    description: &SecretDescription,
) -> Option<Triggered> {
    let noted = description.metadata.rotation().and_then(|note| note.triggered);
    let by = planned.trigger.as_str()?;
    // The trigger of a new rotation is the one it starts with: it asks for nothing.
    let prior = prior?;
    if prior.trigger.as_str() == Some(by) {
        return noted;
    }
    match noted {
        Some(noted) if noted.by == by => Some(noted),
        _ => Some(Triggered { by: by.to_owned(), from: description.current()?.id.clone() }),
    }
}

fn is_asked_for(note: &RotationNote, description: &SecretDescription) -> bool {
    let current = description.current().map(|version| &version.id);
    note.triggered.as_ref().is_some_and(|triggered| Some(&triggered.from) == current)
}

fn is_due(schedule: &Schedule, description: &SecretDescription) -> bool {
    description
        .current()
        .and_then(|version| schedule.next_after(version.created_at))
        .is_some_and(|next| next <= Timestamp::now())
}

/// The four steps. Killed after any of them, the next run makes the same calls and ends at the same place.
async fn rotate(
    client: &Client,
    name: &SecretName,
    grace: Option<&str>,
    description: &SecretDescription,
) -> Result<SecretDescription, StoreError> {
    let store = client.store();
    let Some(from) = description.current().map(|version| version.id.clone()) else {
        return Ok(description.clone());
    };
    let keep_previous_for = grace.and_then(|text| text.parse::<Period>().ok()).map(Period::duration);

    // Create. The token is that of "the rotation after this version", so a second run gets the version the first one made.
    let (value, key) = next_value(client, name, &from, description).await?;
    let token = IdempotencyToken::derive(&["rotate", &description.id.to_string(), from.as_str()]);
    let put = PutVersion { only_if_current: Some(from.clone()), ..PutVersion::pending(value.clone(), token) };
    let pending = store.put_version(name, put).await?;

    // Set: with `regenerate`, the store is the only place that has to learn the value.

    // Test: what is promoted next can be read, and by readers of the object's shape.
    let stored = store.read(name, &VersionSelector::Id(pending.id.clone())).await?.value;
    if let Some(field) = description.metadata.generated_field() {
        json::fields(&stored)?.get(field).ok_or_else(|| StoreError::Conflict {
            name: name.clone(),
            reason: format!("its pending version has no member `{field}`"),
        })?;
    }
    // The public key of a version made by an interrupted run is not known any more; it is noted only with its own value.
    let key = key.filter(|_| stored == value);
    if let Some(key) = &key {
        note_key_of_next(client, name, &pending.id, &from, key.clone()).await?;
    }

    // Finish. Where versions are numbered by promotion, the version has another id from now on, and the note of its key follows it.
    let promoted = store.promote(name, Promotion { version: pending.id.clone(), keep_previous_for }).await?;
    match promoted.current() {
        Some(current) if current.id != pending.id && key.is_some() => {
            change_metadata(client, name, |_| {}).await
        }
        _ => Ok(promoted),
    }
}

/// The next value by the secret's rule, and its public key if it is a private one.
async fn next_value(
    client: &Client,
    name: &SecretName,
    from: &VersionId,
    description: &SecretDescription,
) -> Result<(SecretValue, Option<String>), StoreError> {
    let Some(rule) = description.metadata.generator().and_then(generator::from_note) else {
        return Err(StoreError::Unsupported {
            store: client.store().kind(),
            what: "rotation of this secret".to_owned(),
            why: "it has no `generate` rule, or one of a newer version of this provider".to_owned(),
        });
    };
    let made = rule.generate()?;
    let key = public_key(made.public);
    let Some(field) = description.metadata.generated_field() else { return Ok((made.value, key)) };
    let current = client.store().read(name, &VersionSelector::Id(from.clone())).await?.value;
    let mut members = JsonFields::new();
    members.set(field, made.value);
    Ok((members.merged_into(&current)?, key))
}

/// Retires versions whose grace is over.
async fn end_graces(
    client: &Client,
    name: &SecretName,
    description: &SecretDescription,
) -> Result<SecretDescription, StoreError> {
    let now = Timestamp::now();
    let over: Vec<&VersionId> = description
        .versions
        .iter()
        .filter(|version| {
            !version.has(&VersionLabel::Current) && version.expires_at.is_some_and(|end| end <= now)
        })
        .map(|version| &version.id)
        .collect();
    for version in &over {
        match client.store().retire_version(name, version).await {
            Err(error) if !error.is_not_found() => return Err(error),
            _ => {}
        }
    }
    if over.is_empty() { Ok(description.clone()) } else { client.store().describe(name).await }
}

/// The state as the store has it.
pub(super) fn noted(
    before: &RotationModel,
    note: &RotationNote,
    description: &SecretDescription,
) -> RotationModel {
    let now = Timestamp::now();
    let current = description.current();
    let previous = description.version_with(&VersionLabel::Previous);
    let next = current.and_then(|version| {
        let schedule = Schedule::parse(&note.schedule, now).ok()?;
        schedule.next_after(version.created_at)
    });
    RotationModel {
        secret_id: known(description.name.as_str()),
        schedule: known(note.schedule.as_str()),
        window: before.window.clone(),
        database: Value::Null,
        rotation_lambda_arn: Value::Null,
        managed: Value::Null,
        rotate_immediately: Value::Null,
        strategy: known(note.strategy.as_str()),
        keep_previous_for: Value::from_option(note.keep_previous_for.clone()),
        trigger: before.trigger.clone(),
        id: known(description.name.as_str()),
        last_rotated_at: Value::from_option(current.map(|version| version.created_at.to_string())),
        next_rotation_at: Value::from_option(next.map(|next| next.to_string())),
        version_id: Value::from_option(current.map(|version| version.id.to_string())),
        previous_version_id: Value::from_option(previous.map(|version| version.id.to_string())),
        previous_expires_at: Value::from_option(
            previous.and_then(|version| version.expires_at).map(|end| end.to_string()),
        ),
    }
}

fn is_past(time: &Value<String>, now: Timestamp) -> bool {
    time.as_str().and_then(|text| text.parse::<Timestamp>().ok()).is_some_and(|time| time <= now)
}

fn by_store(name: &SecretName) -> Diagnostic {
    Diagnostic::error(format!("Secret `{name}` is rotated by the store"))
        .detail("To manage that rotation, give `database`, `rotation_lambda_arn` or `managed`, as it has, and import it.")
        .at("secret_id")
}

fn no_rule(name: &SecretName) -> Diagnostic {
    Diagnostic::error(format!("Secret `{name}` cannot be rotated"))
        .detail(
            "The provider makes the next value by the secret's `generate` rule, and this secret has none. Give the `secret` resource a `generate`; \
             a value that is there already is kept until the first rotation.",
        )
        .at("secret_id")
}
