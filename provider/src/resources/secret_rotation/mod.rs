//! `secret_rotation`: by the store itself where it can (`native`), else by the provider (`driven`). Which of the two is said by
//! the configuration (`rotator`): `database` names a login that the store's database engine rotates, `rotation_lambda_arn` a function by
//! which it does, and with `managed` it needs none.

mod driven;
mod model;
mod native;
mod rotator;

use async_trait::async_trait;
use jiff::Timestamp;
use secret_store::{SecretDescription, SecretName, StoreError, Support, VersionId};
use tf_plugin::{
    Applied, Change, Context, CreateRequest, DeleteRequest, Diagnostic, Diagnostics, IdentitySchema,
    ImportRequest, ImportTarget, Imported, PlanDestroyRequest, PlanRequest, Planned, ReadRequest, Refreshed,
    Resource, Schema, UpdateRequest, Value,
};

use self::model::{REGENERATE, RotationIdentity, RotationModel, STORE};
use self::rotator::Who;
use crate::annotations::Annotations;
use crate::client::Client;
use crate::diagnostics::{failed_on, wrong};
use crate::names;
use crate::schedule::{Period, Schedule};
use crate::text::known;

/// The resource `secret_rotation`.
#[derive(Debug)]
pub(crate) struct SecretRotation;

#[async_trait]
impl Resource for SecretRotation {
    type Client = Client;
    type Model = RotationModel;
    type Identity = RotationIdentity;
    type Private = ();

    fn schema(&self) -> Schema {
        model::schema()
    }

    fn identity_schema(&self) -> Option<IdentitySchema> {
        Some(model::identity_schema())
    }

    fn identity(&self, state: &RotationModel) -> Option<RotationIdentity> {
        Some(RotationIdentity { secret_id: state.secret_id.clone() })
    }

    async fn validate(&self, config: RotationModel, _context: Context) -> Diagnostics {
        let mut problems = Diagnostics::new();
        problems.extend(names::problem("secret_id", &config.secret_id));
        for (name, value) in [("keep_previous_for", &config.keep_previous_for), ("window", &config.window)] {
            if let Some(text) = value.as_str() {
                problems.extend(text.parse::<Period>().err().map(|error| wrong(name, error.to_string())));
            }
        }
        problems.extend(rotator::check(&config));
        if let Who::Store(argument) = config.who() {
            problems.extend(native::check(&config, argument));
            return problems;
        }
        if let Some(text) = config.schedule.as_str() {
            let now = Timestamp::now();
            let problem = match config.who() {
                Who::Provider => Schedule::parse(text, now).err(),
                _ => Schedule::of_store(text, now).err(),
            };
            problems.extend(problem.map(|error| wrong("schedule", error.to_string())));
        }
        if let Some(strategy) = config.strategy.as_str().filter(|strategy| *strategy != REGENERATE) {
            let which = format!(
                "`{strategy}` is not `regenerate`, the one way in which the provider makes a new value"
            );
            problems.push(wrong(
                "strategy",
                format!("{which}; to have a database login changed, give `database`, in a store that rotates such logins; to have AWS make it, give `rotation_lambda_arn`"),
            ));
        }
        problems
    }

    async fn plan(&self, client: &Client, request: PlanRequest<Self>) -> Result<Planned<Self>, Diagnostics> {
        self.validate(request.config.clone(), request.context.clone()).await.ok_or_errors(())?;
        client.prepare().await?;
        check_rotator(client, &request.config)?;
        let mut planned = request.proposed;
        if request.config.strategy.is_null() {
            planned.strategy = match planned.who() {
                Who::Store(_) => known(STORE),
                Who::Provider => known(REGENERATE),
                Who::Undecided => Value::Unknown,
            };
        }
        let Change::Update { prior } = &request.change else { return Ok(Planned::new(planned)) };
        let other_rotators = prior.other_rotators(&planned);
        match planned.who() {
            Who::Provider => driven::plan(prior, &mut planned),
            Who::Store(_) | Who::Undecided => native::plan(prior, &mut planned),
        }
        let result = Planned::new(planned);
        Ok(other_rotators.into_iter().fold(result, Planned::replace_for))
    }

    async fn plan_destroy(
        &self,
        _client: &Client,
        request: PlanDestroyRequest<Self>,
    ) -> Result<Diagnostics, Diagnostics> {
        let Some(database) = request.prior.database.known() else { return Ok(Diagnostics::new()) };
        let username = database.username.as_str().unwrap_or_default();
        Ok(Diagnostic::warning(format!("The login `{username}` keeps its last password"))
            .detail(
                "The store forgets it with the rotation, and the database does not change it. Whoever has read it can go on using it: set another one in \
                 the database, or drop the login there.",
            )
            .into())
    }

    async fn read(
        &self,
        client: &Client,
        request: ReadRequest<Self>,
    ) -> Result<Refreshed<Self>, Diagnostics> {
        let name = names::parsed("secret_id", &request.state.secret_id)?;
        match client.store().describe(&name).await {
            Ok(description) if description.deletion.is_some() => Ok(Refreshed::gone()),
            Ok(description) => {
                let refreshed =
                    found(&request.state, &description).map_or_else(Refreshed::gone, Refreshed::new);
                Ok(native::stuck(&description, Timestamp::now()).into_iter().fold(refreshed, Refreshed::with))
            }
            Err(error) if error.is_not_found() => Ok(Refreshed::gone()),
            Err(error) => Err(failed_on(&format!("read the rotation of secret `{name}`"), &error)),
        }
    }

    async fn create(
        &self,
        client: &Client,
        request: CreateRequest<Self>,
    ) -> Result<Applied<Self>, Diagnostics> {
        if request.planned.is_by_store() {
            native::apply(client, &request.planned, None, &request.context, &request.checkpoint).await
        } else {
            driven::apply(client, &request.planned, None, &request.checkpoint).await
        }
    }

    async fn update(
        &self,
        client: &Client,
        request: UpdateRequest<Self>,
    ) -> Result<Applied<Self>, Diagnostics> {
        if request.planned.is_by_store() {
            native::apply(
                client,
                &request.planned,
                Some(&request.prior),
                &request.context,
                &request.checkpoint,
            )
            .await
        } else {
            driven::apply(client, &request.planned, Some(&request.prior), &request.checkpoint).await
        }
    }

    async fn delete(
        &self,
        client: &Client,
        request: DeleteRequest<Self>,
    ) -> Result<Diagnostics, Diagnostics> {
        let name = names::parsed("secret_id", &request.prior.secret_id)?;
        let ended = if request.prior.is_by_store() {
            client.store().schedule_rotation(&name, None).await.map(|_| ())
        } else {
            driven::end(client, &name).await
        };
        match ended {
            Ok(()) => Ok(Diagnostics::new()),
            Err(error)
                if error.is_not_found() || matches!(error, StoreError::ScheduledForDeletion { .. }) =>
            {
                Ok(Diagnostics::new())
            }
            Err(error) => Err(failed_on(&format!("end the rotation of secret `{name}`"), &error)),
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
        let description = client.store().describe(&name).await.map_err(|error| failed_on(&doing, &error))?;
        match found(&RotationModel::default(), &description) {
            Some(state) => Ok(Imported::new(state)),
            None => Err(Diagnostic::error(format!("Could not {doing}"))
                .detail("This secret has no rotation. Create one instead of importing it.")
                .into()),
        }
    }
}

/// What became of a rotation that was asked for.
#[derive(Debug)]
pub(crate) enum Rotated {
    /// This version is current now.
    Done(Option<VersionId>),
    /// The store has begun and not finished it, as the warning says.
    GoesOn(Diagnostic),
}

/// Rotates now, due or not: by the store where it rotates this secret, else by the provider, with the grace of the secret's rotation if
/// it has one.
///
/// # Errors
/// [`StoreError`]; nothing has changed for readers then.
pub(crate) async fn rotate_now(
    client: &Client,
    name: &SecretName,
    context: &Context,
) -> Result<Rotated, StoreError> {
    let description = client.store().describe(name).await?;
    if description.rotation.is_none() {
        return driven::rotate_now(client, name, &description).await.map(done);
    }
    let rotated = native::rotate_now(client, name, &description, context).await?;
    Ok(native::going_on(&rotated).map_or_else(|| done(rotated), Rotated::GoesOn))
}

fn done(description: SecretDescription) -> Rotated {
    Rotated::Done(description.current().map(|version| version.id.clone()))
}

/// The rotation a secret has, if it has one: the store's own, or the provider's as it is noted.
fn found(before: &RotationModel, description: &SecretDescription) -> Option<RotationModel> {
    if let Some(status) = &description.rotation {
        return Some(native::noted(before, status, description));
    }
    let note = description.metadata.rotation()?;
    Some(driven::noted(before, &note, description))
}

/// What the store has to do and cannot, or need not, is said at plan.
fn check_rotator(client: &Client, config: &RotationModel) -> Result<(), Diagnostics> {
    let store = client.store();
    let kind = store.kind();
    let who = config.who();
    if let Who::Store(argument) = who {
        return match store.capabilities().native_rotation {
            Support::Yes => native::check_with(client, config, argument),
            Support::No { why } => Err(Diagnostic::error(format!(
                "Store `{kind}` does not rotate by itself"
            ))
            .detail(format!(
                "{why}. Leave `{argument}` out, and the provider rotates by the secret's `generate` rule."
            ))
            .at(argument)
            .into()),
        };
    }
    if !config.window.is_null() && who == Who::Provider {
        return Err(wrong(
            "window",
            format!(
                "store `{kind}` does not rotate this secret by itself: the provider rotates at the first apply after the value is due, so there is \
                 no window"
            ),
        )
        .into());
    }
    Ok(())
}
