//! `secret_rotation`, driven by the provider where the store has no rotator of its own: at apply, when due, in four steps that can each be
//! made again (create → set → test → finish). Their progress is the store's labels: `pending`, `current`, `previous`.

use async_trait::async_trait;
use jiff::Timestamp;
use secret_store::json::{self, JsonFields};
use secret_store::{
    IdempotencyToken, Promotion, PutVersion, SecretDescription, SecretName, SecretValue, StoreError,
    VersionId, VersionLabel, VersionSelector,
};
use serde::{Deserialize, Serialize};
use tf_plugin::{
    Applied, Attribute, Change, Context, CreateRequest, DeleteRequest, Diagnostic, Diagnostics,
    IdentitySchema, ImportRequest, ImportTarget, Imported, PlanRequest, Planned, ReadRequest, Refreshed,
    Resource, Schema, Type, UpdateRequest, Value,
};

use super::secret::{change_metadata, note_key_of, public_key};
use crate::annotations::{Annotations, RotationNote, Triggered};
use crate::client::Client;
use crate::diagnostics::{failed, store_error, wrong};
use crate::generator;
use crate::names;
use crate::schedule::{Period, Schedule};
use crate::text::known;

const REGENERATE: &str = "regenerate";

/// The resource `secret_rotation`.
#[derive(Debug)]
pub(crate) struct SecretRotation;

/// A `secret_rotation` in configuration, plan and state.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct RotationModel {
    secret_id: Value<String>,
    schedule: Value<String>,
    window: Value<String>,
    strategy: Value<String>,
    keep_previous_for: Value<String>,
    trigger: Value<String>,
    id: Value<String>,
    last_rotated_at: Value<String>,
    next_rotation_at: Value<String>,
    version_id: Value<String>,
    previous_version_id: Value<String>,
    previous_expires_at: Value<String>,
}

/// What names a rotation: the secret it rotates.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RotationIdentity {
    secret_id: Value<String>,
}

#[async_trait]
impl Resource for SecretRotation {
    type Client = Client;
    type Model = RotationModel;
    type Identity = RotationIdentity;
    type Private = ();

    fn schema(&self) -> Schema {
        Schema::new()
            .description(
                "Gives a secret a new value on a schedule.\n\n\
                 Where the store has no rotator of its own, the provider rotates at the first `terraform apply` after the value is due: it makes a \
                 new version from the secret's `generate` rule as `pending`, reads it back, and then makes it `current`; the version before becomes \
                 `previous` and can be read until its grace is over. A run that is interrupted is resumed by the next one. Run `terraform apply` on a \
                 schedule (a nightly CI job) to have rotations happen on time.",
            )
            .attribute(
                Attribute::string("secret_id").required().requires_replace().description("The `id` of the secret to rotate."),
            )
            .attribute(Attribute::string("schedule").required().description(
                "How often: a duration since the last new value (`30d`, `12h`), `rate(30 days)`, or a cron expression in UTC, as five fields \
                 (`0 3 * * 1`) or as `cron(0 3 ? * MON *)`.",
            ))
            .attribute(Attribute::string("window").optional().description(
                "How long the store may take after the scheduled time, for stores that rotate by themselves.",
            ))
            .attribute(Attribute::string("strategy").optional_computed().description(
                "How the new value is made. `regenerate` (default): by the secret's `generate` rule.",
            ))
            .attribute(Attribute::string("keep_previous_for").optional().description(
                "Grace: how long the previous value can still be read, such as `24h`. Without it, until the next rotation.",
            ))
            .attribute(Attribute::string("trigger").optional().description(
                "Any text; changing it rotates at the next apply, due or not.",
            ))
            .attribute(Attribute::string("id").computed().description("The secret's `id`."))
            .attribute(
                Attribute::string("last_rotated_at").computed().description("When the current version was made, RFC 3339."),
            )
            .attribute(Attribute::string("next_rotation_at").computed().description("When it is due, RFC 3339."))
            .attribute(Attribute::string("version_id").computed().description(
                "Id of the current version; not confidential. Use it as another resource's `*_wo_version`.",
            ))
            .attribute(
                Attribute::string("previous_version_id").computed().description("Id of the version in its grace, if any."),
            )
            .attribute(
                Attribute::string("previous_expires_at").computed().description("End of that grace, RFC 3339, if it has one."),
            )
    }

    fn identity_schema(&self) -> Option<IdentitySchema> {
        Some(IdentitySchema::new().required("secret_id", Type::String, "The secret's name in the store."))
    }

    fn identity(&self, state: &RotationModel) -> Option<RotationIdentity> {
        Some(RotationIdentity { secret_id: state.secret_id.clone() })
    }

    async fn validate(&self, config: RotationModel, _context: Context) -> Diagnostics {
        let mut problems = Diagnostics::new();
        problems.extend(names::problem("secret_id", &config.secret_id));
        if let Some(text) = config.schedule.as_str() {
            problems.extend(
                Schedule::parse(text, Timestamp::now())
                    .err()
                    .map(|error| wrong("schedule", error.to_string())),
            );
        }
        if let Some(text) = config.keep_previous_for.as_str() {
            problems.extend(
                text.parse::<Period>().err().map(|error| wrong("keep_previous_for", error.to_string())),
            );
        }
        if let Some(strategy) = config.strategy.as_str().filter(|strategy| *strategy != REGENERATE) {
            problems.push(wrong(
                "strategy",
                format!("`{strategy}` is not one of `regenerate`; strategies that change a login need a database target, which no store here has"),
            ));
        }
        problems
    }

    async fn plan(&self, client: &Client, request: PlanRequest<Self>) -> Result<Planned<Self>, Diagnostics> {
        self.validate(request.config.clone(), request.context.clone()).await.ok_or_errors(())?;
        if !request.config.window.is_null() && !client.store().capabilities().native_rotation.is_yes() {
            return Err(wrong(
                "window",
                format!(
                    "store `{}` does not rotate by itself: the provider rotates at the first apply after the value is due, so there is no window",
                    client.store().kind()
                ),
            )
            .into());
        }
        let mut planned = request.proposed;
        if request.config.strategy.is_null() {
            planned.strategy = known(REGENERATE);
        }
        if let Change::Update { prior } = &request.change {
            let now = Timestamp::now();
            let asked = !planned.trigger.is_null() && prior.trigger != planned.trigger;
            let changed =
                prior.schedule != planned.schedule || prior.keep_previous_for != planned.keep_previous_for;
            if asked || changed || is_past(&prior.next_rotation_at, now) {
                // The new times depend on the clock at apply, so they are not known here.
                planned.last_rotated_at.set_unknown();
                planned.next_rotation_at.set_unknown();
                planned.version_id.set_unknown();
                planned.previous_version_id.set_unknown();
                planned.previous_expires_at.set_unknown();
            } else if is_past(&prior.previous_expires_at, now) {
                planned.previous_version_id.set_unknown();
                planned.previous_expires_at.set_unknown();
            }
        }
        Ok(Planned::new(planned))
    }

    async fn read(
        &self,
        client: &Client,
        request: ReadRequest<Self>,
    ) -> Result<Refreshed<Self>, Diagnostics> {
        let name = names::parsed("secret_id", &request.state.secret_id)?;
        match client.store().describe(&name).await {
            Ok(description) if description.deletion.is_some() => Ok(Refreshed::gone()),
            Ok(description) => Ok(match description.metadata.rotation() {
                Some(note) => Refreshed::new(noted(&request.state, &note, &description)),
                None => Refreshed::gone(),
            }),
            Err(error) if error.is_not_found() => Ok(Refreshed::gone()),
            Err(error) => Err(failed(&format!("read the rotation of secret `{name}`"), &error)),
        }
    }

    async fn create(
        &self,
        client: &Client,
        request: CreateRequest<Self>,
    ) -> Result<Applied<Self>, Diagnostics> {
        apply(client, &request.planned, None, &request.checkpoint).await
    }

    async fn update(
        &self,
        client: &Client,
        request: UpdateRequest<Self>,
    ) -> Result<Applied<Self>, Diagnostics> {
        apply(client, &request.planned, Some(&request.prior), &request.checkpoint).await
    }

    async fn delete(
        &self,
        client: &Client,
        request: DeleteRequest<Self>,
    ) -> Result<Diagnostics, Diagnostics> {
        let name = names::parsed("secret_id", &request.prior.secret_id)?;
        match change_metadata(client, &name, |metadata| metadata.set_rotation(None)).await {
            Ok(_) => Ok(Diagnostics::new()),
            Err(error)
                if error.is_not_found() || matches!(error, StoreError::ScheduledForDeletion { .. }) =>
            {
                Ok(Diagnostics::new())
            }
            Err(error) => Err(failed(&format!("end the rotation of secret `{name}`"), &error)),
        }
    }

    async fn import(
        &self,
        client: &Client,
        request: ImportRequest<Self>,
    ) -> Result<Imported<Self>, Diagnostics> {
        let id = match request.target {
            ImportTarget::Id(id) => Value::Known(id),
            ImportTarget::Identity(identity) => identity.secret_id,
        };
        let name = names::parsed("secret_id", &id)?;
        let doing = format!("import the rotation of secret `{name}`");
        let description = client.store().describe(&name).await.map_err(|error| failed(&doing, &error))?;
        let Some(note) = description.metadata.rotation() else {
            return Err(Diagnostic::error(format!("Could not {doing}"))
                .detail("This secret has no rotation. Create one instead of importing it.")
                .into());
        };
        let start = RotationModel { secret_id: known(name.as_str()), ..RotationModel::default() };
        Ok(Imported::new(noted(&start, &note, &description)))
    }
}

/// Notes the rotation, rotates if it is asked for or due, and ends graces that are over.
async fn apply(
    client: &Client,
    planned: &RotationModel,
    prior: Option<&RotationModel>,
    checkpoint: &tf_plugin::Checkpoint<SecretRotation>,
) -> Result<Applied<SecretRotation>, Diagnostics> {
    let name = names::parsed("secret_id", &planned.secret_id)?;
    let doing = format!("rotate secret `{name}`");
    let schedule_text = planned.schedule.as_str().unwrap_or_default();
    let schedule = Schedule::parse(schedule_text, Timestamp::now())
        .map_err(|error| Diagnostics::from(wrong("schedule", error.to_string())))?;
    let before = client.store().describe(&name).await.map_err(|error| failed(&doing, &error))?;
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
        .map_err(|error| failed(&doing, &error))?;
    let state = |description: &SecretDescription| noted(planned, &note, description);
    checkpoint.save(&state(&description))?;

    let mut diagnostics = Diagnostics::new();
    if is_asked_for(&note, &description) || is_due(&schedule, &description) {
        match rotate(client, &name, note.keep_previous_for.as_deref(), &description).await {
            Ok(newer) => description = newer,
            Err(error) => diagnostics.push(store_error(&doing, &error)),
        }
    }
    match end_graces(client, &name, &description).await {
        Ok(newer) => description = newer,
        Err(error) => {
            diagnostics.push(store_error(&format!("retire the previous version of secret `{name}`"), &error))
        }
    }
    let mut state = state(&description);
    if diagnostics.has_errors() {
        // A rotation that was asked for and failed is asked for again by the next plan.
        state.trigger = prior.map_or(Value::Null, |prior| prior.trigger.clone());
    }
    Ok(Applied::new(state).with_all(diagnostics))
}

/// Rotates now, due or not, with the grace of the secret's rotation if it has one.
///
/// # Errors
/// [`StoreError`]; nothing has changed for readers then.
pub(crate) async fn rotate_now(client: &Client, name: &SecretName) -> Result<SecretDescription, StoreError> {
    let description = client.store().describe(name).await?;
    let note = description.metadata.rotation();
    let grace = note.as_ref().and_then(|note| note.keep_previous_for.as_deref());
    rotate(client, name, grace, &description).await
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
    if let Some(key) = key.filter(|_| stored == value) {
        note_key_of(client, name, &pending.id, key).await?;
    }

    // Finish.
    store.promote(name, Promotion { version: pending.id, keep_previous_for }).await
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
fn noted(before: &RotationModel, note: &RotationNote, description: &SecretDescription) -> RotationModel {
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

fn no_rule(name: &SecretName) -> Diagnostic {
    Diagnostic::error(format!("Secret `{name}` cannot be rotated"))
        .detail(
            "The provider makes the next value by the secret's `generate` rule, and this secret has none. Give the `secret` resource a `generate`; \
             a value that is there already is kept until the first rotation.",
        )
        .at("secret_id")
}
