//! `secret_grant`: one identity may use one secret. A grant owns exactly one statement in the store and leaves those of others
//! alone. Wildcards are refused before anything is planned.

mod model;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use secret_store::{Access, Grant, GrantId, GrantPlace, Principal, SecretName, StoreError};
use tf_plugin::{
    Applied, Change, Context, CreateRequest, DeleteRequest, Diagnostic, Diagnostics, IdentitySchema,
    ImportRequest, ImportTarget, Imported, PlanRequest, Planned, ReadRequest, Refreshed, Resource, Schema,
    UpdateRequest, Value,
};

pub(crate) use self::model::{GrantIdentity, GrantModel};
use self::model::{granted, is_decided, spec, timestamp};
use crate::client::Client;
use crate::diagnostics::{failed_on, invalid, wrong};
use crate::names;
use crate::text::known;

const ACTIVE: &str = "active";
const EXPIRED: &str = "expired";

/// How long before the end of a grant a plan reminds of it.
const SOON: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The resource `secret_grant`.
#[derive(Debug)]
pub(crate) struct SecretGrant;

#[async_trait]
impl Resource for SecretGrant {
    type Client = Client;
    type Model = GrantModel;
    type Identity = GrantIdentity;
    type Private = ();

    fn schema(&self) -> Schema {
        model::schema()
    }

    fn identity_schema(&self) -> Option<IdentitySchema> {
        Some(model::identity_schema())
    }

    fn identity(&self, state: &GrantModel) -> Option<GrantIdentity> {
        Some(GrantIdentity::of(state))
    }

    async fn validate(&self, config: GrantModel, _context: Context) -> Diagnostics {
        let mut problems = Diagnostics::new();
        if config.secret_id.as_str().is_some_and(|text| text.contains('*')) {
            problems.push(wrong("secret_id", "it has a wildcard; a grant is for exactly one secret"));
        } else {
            problems.extend(names::problem("secret_id", &config.secret_id));
        }
        if let Some(text) = config.principal.as_str() {
            problems.extend(Principal::parse(text).err().map(|error| invalid("principal", &error)));
        }
        if let Some(accesses) = config.access.known() {
            for text in accesses {
                let problem = match text.as_str() {
                    "*" => {
                        Some(wrong("access", "`*` is a wildcard; name what is needed, for example `read`"))
                    }
                    text => Access::parse(text).err().map(|error| invalid("access", &error)),
                };
                problems.extend(problem);
            }
            if accesses.is_empty() {
                problems.push(wrong("access", "it is empty; name what is granted, for example `read`"));
            }
        }
        if let Some(text) = config.expires_at.as_str() {
            problems.extend(timestamp(text).err());
        }
        if let Some(text) = config.via.as_str() {
            problems.extend(GrantPlace::parse(text).err().map(|error| invalid("via", &error)));
        }
        problems
    }

    async fn plan(&self, client: &Client, request: PlanRequest<Self>) -> Result<Planned<Self>, Diagnostics> {
        self.validate(request.config.clone(), request.context.clone()).await.ok_or_errors(())?;
        client.prepare().await?;
        check_place(client, &request.config)?;
        let mut planned = request.proposed;
        let now = Timestamp::now();
        let ended = planned.expires_at.as_str().map(timestamp).transpose()?.is_some_and(|end| end <= now);
        let Change::Update { prior } = &request.change else {
            if ended {
                return Err(
                    wrong("expires_at", "it has passed, so the grant would end before it begins").into()
                );
            }
            check_with_store(client, &planned)?;
            let warning = end_needs_an_apply(client, &planned, None, now);
            let mut result = Planned::new(planned);
            result.diagnostics.extend(warning);
            return Ok(result);
        };
        let active = prior.status.as_str() == Some(ACTIVE);
        if active == ended {
            // It ends, or it is given again. What it is afterwards depends on the clock at apply.
            planned.status.set_unknown();
        }
        if !ended {
            check_with_store(client, &planned)?;
        }
        let warning = end_needs_an_apply(client, &planned, Some(prior), now);
        let moves = planned.via.is_unknown() || prior.place() != planned.place();
        let mut result = Planned::new(planned);
        if moves {
            result = result.replace_for("via");
        }
        result.diagnostics.extend(warning);
        if active && ended {
            result = result.with(
                Diagnostic::warning("A grant has expired")
                    .detail("It will be revoked now. Remove the resource, or give it another `expires_at`.")
                    .at("expires_at"),
            );
        }
        Ok(result)
    }

    async fn read(
        &self,
        client: &Client,
        request: ReadRequest<Self>,
    ) -> Result<Refreshed<Self>, Diagnostics> {
        let name = names::parsed("secret_id", &request.state.secret_id)?;
        let doing = format!("read the grants of secret `{name}`");
        let grants = match client.store().grants(&name).await {
            Ok(grants) => grants,
            Err(error)
                if error.is_not_found() || matches!(error, StoreError::ScheduledForDeletion { .. }) =>
            {
                return Ok(Refreshed::gone());
            }
            Err(error) => return Err(failed_on(&doing, &error)),
        };
        let id = id(&request.state, &name)?;
        let expired = request.state.status.as_str() == Some(EXPIRED);
        match grants.iter().find(|grant| grant.id == id) {
            Some(grant) => {
                let mut refreshed = Refreshed::new(granted(&request.state, grant));
                // Terraform refuses an identity that changes.
                refreshed.identity = request.identity;
                Ok(refreshed)
            }
            // A grant that ended as it should is no reason to make it again.
            None if expired || has_ended(&request.state) => {
                Ok(Refreshed::new(GrantModel { status: known(EXPIRED), ..request.state }))
            }
            None => Ok(Refreshed::gone()),
        }
    }

    async fn create(
        &self,
        client: &Client,
        request: CreateRequest<Self>,
    ) -> Result<Applied<Self>, Diagnostics> {
        give(client, &request.planned).await
    }

    async fn update(
        &self,
        client: &Client,
        request: UpdateRequest<Self>,
    ) -> Result<Applied<Self>, Diagnostics> {
        if !has_ended(&request.planned) {
            return give(client, &request.planned).await;
        }
        let diagnostics = revoke(client, &request.prior).await?;
        let id = id(&request.prior, &names::parsed("secret_id", &request.prior.secret_id)?)?;
        let state = GrantModel { id: id.to_string().into(), status: known(EXPIRED), ..request.planned };
        Ok(Applied::new(state).with_all(diagnostics))
    }

    async fn delete(
        &self,
        client: &Client,
        request: DeleteRequest<Self>,
    ) -> Result<Diagnostics, Diagnostics> {
        revoke(client, &request.prior).await
    }

    async fn import(
        &self,
        client: &Client,
        request: ImportRequest<Self>,
    ) -> Result<Imported<Self>, Diagnostics> {
        let identity = match request.target {
            ImportTarget::Id(id) => GrantIdentity::parse(&id)?,
            ImportTarget::Identity(identity) => identity,
        };
        let secret = identity.secret_id.as_str().unwrap_or_default().to_owned();
        let doing = format!("import a grant on secret `{secret}`");
        let name = client.store().resolve(&secret).await.map_err(|error| failed_on(&doing, &error))?;
        let wanted = identity.model(&name);
        check_place(client, &wanted)?;
        let spec = spec(&wanted)?;
        let id = spec.id(&name);
        let grants = client.store().grants(&name).await.map_err(|error| failed_on(&doing, &error))?;
        match grants.iter().find(|grant| grant.id == id) {
            Some(grant) => Ok(Imported::new(granted(&wanted, grant))),
            None => Err(Diagnostic::error(format!("Could not {doing}"))
                .detail(format!(
                    "It has no grant of this access to `{}`. `secret_access` lists the grants of a secret.",
                    spec.principal
                ))
                .into()),
        }
    }
}

/// A grant that was found in the store, as an import would have it.
pub(crate) fn found_grant(secret: &SecretName, grant: &Grant) -> GrantModel {
    granted(&GrantModel { secret_id: known(secret.as_str()), ..GrantModel::default() }, grant)
}

async fn give(client: &Client, planned: &GrantModel) -> Result<Applied<SecretGrant>, Diagnostics> {
    let name = names::parsed("secret_id", &planned.secret_id)?;
    let spec = spec(planned)?;
    let grant = client
        .store()
        .grant(&name, spec)
        .await
        .map_err(|error| failed_on(&format!("grant access to secret `{name}`"), &error))?;
    Ok(Applied::new(granted(planned, &grant)))
}

async fn revoke(client: &Client, state: &GrantModel) -> Result<Diagnostics, Diagnostics> {
    let name = names::parsed("secret_id", &state.secret_id)?;
    let id = id(state, &name)?;
    match client.store().revoke(&name, &id).await {
        Ok(revocation) if revocation.exposed.is_empty() => Ok(Diagnostics::new()),
        Ok(_) => Ok(Diagnostic::warning(format!("Secret `{name}` should be rotated"))
            .detail(format!(
                "`{}` could read its value until now and may have kept it. Change `trigger` of its `secret_rotation`.",
                state.principal.as_str().unwrap_or_default()
            ))
            .into()),
        Err(error) if error.is_not_found() || matches!(error, StoreError::ScheduledForDeletion { .. }) => {
            Ok(Diagnostics::new())
        }
        Err(error) => Err(failed_on(&format!("revoke access to secret `{name}`"), &error)),
    }
}

/// The id of the grant: what the store said when it was given, whatever the spelling of the principal is.
fn id(state: &GrantModel, name: &SecretName) -> Result<GrantId, Diagnostics> {
    match state.id.as_str().map(GrantId::parse) {
        Some(Ok(id)) => Ok(id),
        _ => Ok(spec(state)?.id(name)),
    }
}

/// Refuses a place for the grant that the store has not.
fn check_place(client: &Client, config: &GrantModel) -> Result<(), Diagnostics> {
    let kind = client.store().kind();
    let reason = match (client.store().capabilities().grant_places, config.via.as_str()) {
        ([], _) if config.via.is_null() => return Ok(()),
        ([], _) => format!("store `{kind}` has one place for grants only; leave it out"),
        (places, Some(text)) if places.iter().all(|place| place.as_str() != text) => {
            let places: Vec<_> = places.iter().map(|place| format!("`{place}`")).collect();
            format!("store `{kind}` writes grants in {}", places.join(" or "))
        }
        _ => return Ok(()),
    };
    Err(wrong("via", reason).into())
}

/// Refuses what the store would refuse at apply, if all of it is known.
fn check_with_store(client: &Client, planned: &GrantModel) -> Result<(), Diagnostics> {
    if !is_decided(planned) {
        return Ok(());
    }
    let name = match &planned.secret_id {
        Value::Known(_) => Some(names::parsed("secret_id", &planned.secret_id)?),
        _ => None,
    };
    client
        .store()
        .check_grant(name.as_ref(), &spec(planned)?)
        .map_err(|error| failed_on("plan this grant", &error))
}

/// A store that does not end grants by itself leaves it to an apply: said when the end is set, and again when it comes near.
fn end_needs_an_apply(
    client: &Client,
    planned: &GrantModel,
    prior: Option<&GrantModel>,
    now: Timestamp,
) -> Option<Diagnostic> {
    if client.store().capabilities().ending_grants.is_yes() {
        return None;
    }
    let end = planned.expires_at.as_str()?.parse::<Timestamp>().ok().filter(|end| *end > now)?;
    let is_new = prior.is_none_or(|prior| prior.expires_at != planned.expires_at);
    let is_near = end.duration_since(now) <= SOON;
    let who = planned.principal.as_str().unwrap_or_default();
    (is_new || is_near).then(|| {
        Diagnostic::warning(format!("The grant to `{who}` ends by an apply"))
            .detail(format!(
                "Store `{}` does not end grants by itself: the first `terraform apply` after {end} revokes it. Run one then.",
                client.store().kind()
            ))
            .at("expires_at")
    })
}

fn has_ended(model: &GrantModel) -> bool {
    model
        .expires_at
        .as_str()
        .and_then(|text| text.parse::<Timestamp>().ok())
        .is_some_and(|end| end <= Timestamp::now())
}
