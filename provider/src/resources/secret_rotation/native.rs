//! Rotation by the store itself: Terraform sets the schedule, and the store keeps it whether Terraform runs or not. So everything the
//! store decides is unknown in every plan that changes something: it may rotate between plan and apply.

use std::time::Duration;

use jiff::SignedDuration;
use jiff::Timestamp;
use secret_store::{
    FirstRotation, IdempotencyToken, RotateNow, RotationSchedule, RotationSpec, RotationStatus, Rotator,
    SecretDescription, SecretName, StoreError, Version, VersionId, VersionLabel, aws,
};
use tf_plugin::{Applied, Checkpoint, Context, Diagnostic, Diagnostics, Value};

use super::SecretRotation;
use super::model::{RotationModel, STORE};
use super::rotator::DATABASE;
use crate::client::Client;
use crate::diagnostics::{failed_on, invalid, on_secret_id, store_error, wrong};
use crate::names;
use crate::schedule::{Period, Schedule, same_length, schedule_text};
use crate::text::known;

/// How long a rotation may take before it counts as stuck. A Lambda function ends after that time at the latest.
const LONGEST_ROTATION: SignedDuration = SignedDuration::from_mins(15);

/// How long a call goes on after an interrupt, so that the request at hand gets its answer.
const GRACE: Duration = Duration::from_secs(2);

/// Checks what is known of a configuration by whose `argument` the store rotates.
pub(super) fn check(config: &RotationModel, argument: &str) -> Diagnostics {
    let mut problems = Diagnostics::new();
    if !config.keep_previous_for.is_null() {
        let why = match argument {
            DATABASE => {
                "the database engine overwrites the password of the login, so only one is valid at any time; leave it out, and have clients read the \
                 login again when they are refused"
            }
            _ => {
                "AWS keeps the previous version (`AWSPREVIOUS`) until the next rotation, and the login in it works for as long as the rotation \
                 function lets it; leave it out"
            }
        };
        problems.push(wrong("keep_previous_for", why));
    }
    if !config.strategy.is_null() && config.strategy.as_str() != Some(STORE) && !config.strategy.is_unknown()
    {
        let why = format!("with `{argument}` the store makes the new value; leave it out");
        problems.push(wrong("strategy", why));
    }
    problems.extend(config.first().err());
    if let Some(text) = config.schedule.as_str() {
        match Schedule::of_store(text, Timestamp::now()) {
            Err(error) => problems.push(wrong("schedule", error.to_string())),
            Ok(schedule) => problems.extend(check_schedule(config, argument, &schedule)),
        }
    }
    problems
}

/// Checks the schedule by the rules of the one store that the argument belongs to, before there is a store to ask.
fn check_schedule(config: &RotationModel, argument: &str, schedule: &RotationSchedule) -> Option<Diagnostic> {
    if argument != DATABASE {
        let window = config.window.as_str().and_then(|text| text.parse::<Period>().ok());
        let checked = aws::check_schedule(schedule, window.map(Period::duration));
        return checked.err().map(|error| invalid(error.field, &error));
    }
    match schedule {
        RotationSchedule::Cron(text) if text.starts_with("cron(") => Some(wrong(
            "schedule",
            format!("`{text}` is not a cron expression: this store takes five fields, such as `0 3 * * 1`"),
        )),
        _ => None,
    }
}

/// Checks with the store what is decided.
pub(super) fn check_with(
    client: &Client,
    config: &RotationModel,
    argument: &'static str,
) -> Result<(), Diagnostics> {
    let decided = config.schedule.is_known() && !config.window.is_unknown() && config.is_rotator_decided();
    if !decided {
        return Ok(());
    }
    let name =
        config.secret_id.is_known().then(|| names::parsed("secret_id", &config.secret_id)).transpose()?;
    let spec = spec(config)?;
    client.store().check_rotation(name.as_ref(), &spec).map_err(|error| {
        let doing = match &name {
            Some(name) => format!("rotate secret `{name}`"),
            None => "plan this rotation".to_owned(),
        };
        let diagnostic = store_error(&doing, &error);
        match &error {
            // The store has no such rotator.
            StoreError::Invalid(error) if error.field == "rotator" => diagnostic.at(argument).into(),
            _ => at_schedule_or(diagnostic).into(),
        }
    })
}

/// What a store does not support is mostly the schedule: said there, where nothing else is named.
fn at_schedule_or(diagnostic: Diagnostic) -> Diagnostic {
    match diagnostic.attribute {
        None => diagnostic.at("schedule"),
        Some(_) => on_secret_id(diagnostic),
    }
}

/// Plans an update.
pub(super) fn plan(prior: &RotationModel, planned: &mut RotationModel) {
    let asked = !planned.trigger.is_null() && prior.trigger != planned.trigger;
    let changed = prior.schedule != planned.schedule
        || prior.window != planned.window
        || prior.database != planned.database
        || prior.rotation_lambda_arn != planned.rotation_lambda_arn
        || prior.rotate_immediately != planned.rotate_immediately
        || prior.trigger != planned.trigger;
    if asked || changed {
        planned.set_computed_unknown();
    }
}

/// Sets the schedule, and rotates if it is asked for.
pub(super) async fn apply(
    client: &Client,
    planned: &RotationModel,
    prior: Option<&RotationModel>,
    context: &Context,
    checkpoint: &Checkpoint<SecretRotation>,
) -> Result<Applied<SecretRotation>, Diagnostics> {
    let store = client.store();
    let name = names::parsed("secret_id", &planned.secret_id)?;
    let doing = format!("schedule the rotation of secret `{name}`");
    let existing = match store.describe(&name).await {
        Ok(description) => description.rotation,
        Err(error) if error.is_not_found() => None,
        Err(error) => return Err(failed_on(&doing, &error)),
    };
    // One that is there already has rotated: by an interrupted run of this configuration, or since it was imported.
    let spec = match existing {
        Some(_) => RotationSpec { first: FirstRotation::WhenDue, ..spec(planned)? },
        None => spec(planned)?,
    };
    if let (None, Some(existing)) = (prior, &existing)
        && !is_same_rotator(&existing.rotator, &spec.rotator)
    {
        return Err(taken(&name, existing).into());
    }
    let is_set = existing.is_some_and(|existing| {
        existing.schedule == spec.schedule
            && existing.rotator == spec.rotator
            && existing.window == spec.window
    });
    if !is_set {
        store
            .check_rotation(Some(&name), &spec)
            .map_err(|error| at_schedule_or(store_error(&doing, &error)))?;
        let set =
            unless_interrupted(context, client, store.schedule_rotation(&name, Some(spec.clone()))).await;
        if let Err(error) = set {
            // It may stand all the same: its answer was lost, or the wait for the first rotation was interrupted.
            let stands =
                |status: RotationStatus| status.schedule == spec.schedule && status.rotator == spec.rotator;
            let is_set = error.is_transient()
                && store.describe(&name).await.is_ok_and(|found| found.rotation.is_some_and(stands));
            if !is_set {
                return Err(match error {
                    // Which schedules the server takes is found out here.
                    StoreError::Unsupported { .. } => at_schedule_or(store_error(&doing, &error)).into(),
                    _ => failed_on(&doing, &error),
                });
            }
        }
    }
    // From here on there is a rotation, whatever happens. What is not known of it yet is null until it is read again.
    checkpoint.save(&started(planned, prior))?;

    let mut diagnostics = Diagnostics::new();
    let mut trigger = planned.trigger.clone();
    if let Some(from) = asked_from(planned, prior)
        && let Err(error) = rotate(client, &name, planned, from, context).await
    {
        diagnostics.push(on_secret_id(store_error(&format!("rotate secret `{name}`"), &error)));
        // A rotation that was asked for and failed is asked for again by the next plan.
        trigger = prior.map_or(Value::Null, |prior| prior.trigger.clone());
    }
    let state = match store.describe(&name).await {
        Ok(description) => match &description.rotation {
            Some(status) => {
                diagnostics.extend(going_on(&description));
                noted(planned, status, &description)
            }
            None => started(planned, prior),
        },
        Err(error) => {
            let doing = format!("read the rotation of secret `{name}`");
            diagnostics.push(on_secret_id(store_error(&doing, &error)));
            started(planned, prior)
        }
    };
    Ok(Applied::new(RotationModel { trigger, ..state }).with_all(diagnostics))
}

/// Rotates now, for an action: each call of it is one rotation.
pub(super) async fn rotate_now(
    client: &Client,
    name: &SecretName,
    description: &SecretDescription,
    context: &Context,
) -> Result<SecretDescription, StoreError> {
    let from = description.current().map(|version| version.id.clone());
    let request = RotateNow { token: IdempotencyToken::random(), from };
    unless_interrupted(context, client, client.store().rotate_native(name, request)).await
}

/// A call that waits for a rotation, which the user may not want to wait for: the rotation is the store's, and goes on without this process.
///
/// # Errors
/// Those of the call; `Unavailable` when it did not end soon after an interrupt.
async fn unless_interrupted<T>(
    context: &Context,
    client: &Client,
    call: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let interrupted = async {
        context.cancellation.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        biased;
        done = call => done,
        () = interrupted => Err(StoreError::Unavailable {
            store: client.store().kind(),
            reason: "Terraform was interrupted, and did not wait for the rotation to end; it may go on without".to_owned(),
            source: None,
        }),
    }
}

/// The state as the store has it.
pub(super) fn noted(
    before: &RotationModel,
    status: &RotationStatus,
    description: &SecretDescription,
) -> RotationModel {
    let time = |time: Option<Timestamp>| Value::from_option(time.map(|time| time.to_string()));
    let id = |version: Option<&Version>| Value::from_option(version.map(|version| version.id.to_string()));
    let written = before.schedule.as_str().and_then(|text| Schedule::of_store(text, Timestamp::now()).ok());
    let state = RotationModel {
        secret_id: known(description.name.as_str()),
        schedule: if written.as_ref() == Some(&status.schedule) {
            before.schedule.clone()
        } else {
            known(schedule_text(&status.schedule))
        },
        window: same_length(&before.window, status.window),
        strategy: known(STORE),
        keep_previous_for: Value::Null,
        trigger: before.trigger.clone(),
        id: known(description.name.as_str()),
        last_rotated_at: time(status.last_rotated_at),
        next_rotation_at: time(status.next_rotation_at),
        version_id: id(description.current()),
        // A login of a database has one password, and so no such version.
        previous_version_id: id(description.version_with(&VersionLabel::Previous)),
        previous_expires_at: Value::Null,
        ..before.clone()
    };
    state.with_rotator_of(status)
}

/// A warning about a rotation by the store that is not finished, and will not be by itself.
pub(super) fn stuck(description: &SecretDescription, now: Timestamp) -> Option<Diagnostic> {
    let rotator = &description.rotation.as_ref()?.rotator;
    let version = unfinished(description)
        .filter(|version| now.duration_since(version.created_at) > LONGEST_ROTATION)?;
    let summary = format!("A rotation of secret `{}` is not finished", description.name);
    let detail = format!(
        "It began at {}. {}",
        version.created_at,
        aws::about_unfinished_rotation(&description.arn, &version.id, rotator)
    );
    Some(Diagnostic::warning(summary).detail(detail).at("secret_id"))
}

/// The version of a rotation by the store that is going on.
fn unfinished(description: &SecretDescription) -> Option<&Version> {
    description.rotation.as_ref()?;
    description.version_with(&VersionLabel::Pending).filter(|version| !version.has(&VersionLabel::Current))
}

/// A warning about a rotation by the store that was begun just now and is not finished.
pub(super) fn going_on(description: &SecretDescription) -> Option<Diagnostic> {
    let version = unfinished(description)?;
    let warning = Diagnostic::warning(format!("The rotation of secret `{}` goes on", description.name)).detail(format!(
        "Its version `{}` is not current yet, so readers and `version_id` still have the one before. The next plan shows the new one, or says that the rotation is \
         stuck.",
        version.id
    ));
    Some(warning)
}

/// What is known of a rotation before it has been read: the configuration, and what was true before.
fn started(planned: &RotationModel, prior: Option<&RotationModel>) -> RotationModel {
    let before = prior.cloned().unwrap_or_default();
    RotationModel {
        id: planned.secret_id.clone(),
        last_rotated_at: before.last_rotated_at,
        next_rotation_at: before.next_rotation_at,
        version_id: before.version_id,
        previous_version_id: Value::Null,
        previous_expires_at: Value::Null,
        trigger: before.trigger,
        ..planned.clone()
    }
}

/// The version to be replaced, when a changed `trigger` asks for a rotation. That of the state, as it was planned: another one that is
/// current by now is newer than what the user wanted to be rid of.
fn asked_from(planned: &RotationModel, prior: Option<&RotationModel>) -> Option<Option<VersionId>> {
    let prior = prior?;
    let by = planned.trigger.as_str()?;
    // The trigger of a new rotation is the one it starts with: it asks for nothing.
    (prior.trigger.as_str() != Some(by))
        .then(|| prior.version_id.as_str().and_then(|version| VersionId::parse(version).ok()))
}

/// Rotates once. An answer that was lost is no failure when the version has changed.
async fn rotate(
    client: &Client,
    name: &SecretName,
    planned: &RotationModel,
    from: Option<VersionId>,
    context: &Context,
) -> Result<(), StoreError> {
    let by = planned.trigger.as_str().unwrap_or_default();
    let from_text = from.as_ref().map_or("none", VersionId::as_str);
    let token = IdempotencyToken::derive(&["rotate", name.as_str(), from_text, by]);
    let call = client.store().rotate_native(name, RotateNow { token, from: from.clone() });
    let Err(error) = unless_interrupted(context, client, call).await else { return Ok(()) };
    let now = client.store().describe(name).await;
    let current = now.as_ref().ok().and_then(|description| description.current()).map(|version| &version.id);
    if current.is_some() && current != from.as_ref() { Ok(()) } else { Err(error) }
}

fn spec(model: &RotationModel) -> Result<RotationSpec, Diagnostics> {
    let text = model.schedule.as_str().unwrap_or_default();
    let schedule = Schedule::of_store(text, Timestamp::now())
        .map_err(|error| Diagnostics::from(wrong("schedule", error.to_string())))?;
    let window = model
        .window
        .as_str()
        .map(str::parse::<Period>)
        .transpose()
        .map_err(|error| Diagnostics::from(wrong("window", error.to_string())))?;
    Ok(RotationSpec {
        schedule,
        window: window.map(Period::duration),
        rotator: model.rotator(),
        first: model.first()?,
    })
}

/// Whether two rotators are the same function, or change the same login of the same database.
fn is_same_rotator(one: &Rotator, other: &Rotator) -> bool {
    match (one, other) {
        (Rotator::DatabaseLogin(one), Rotator::DatabaseLogin(other)) => {
            one.connection == other.connection && one.username == other.username
        }
        _ => one == other,
    }
}

fn taken(name: &SecretName, existing: &RotationStatus) -> Diagnostic {
    let (whose, otherwise) = match &existing.rotator {
        Rotator::DatabaseLogin(login) => (
            format!("It is the login `{}` of connection `{}`", login.username, login.connection),
            "choose another name",
        ),
        Rotator::Function(function) => {
            (format!("It is rotated by the function `{function}`"), "end that one first")
        }
        _ => ("The service that owns it rotates it".to_owned(), "choose another secret"),
    };
    Diagnostic::error(format!("`{name}` is rotated already"))
        .detail(format!(
            "{whose}. To manage that rotation, import it (`terraform import ADDRESS {name}`); otherwise {otherwise}."
        ))
        .at("secret_id")
}
