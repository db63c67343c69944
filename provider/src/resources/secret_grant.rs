//! `secret_grant`: one identity may use one secret. A grant owns exactly one statement in the store and leaves those of others
//! alone. Wildcards are refused before anything is planned.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use secret_store::{
    Access, AccessSet, Condition, Grant, GrantId, GrantSpec, Principal, SecretName, StoreError,
};
use serde::{Deserialize, Serialize};
use tf_plugin::{
    Applied, Attribute, Change, Context, CreateRequest, DeleteRequest, Diagnostic, Diagnostics,
    IdentitySchema, ImportRequest, ImportTarget, Imported, PlanRequest, Planned, ReadRequest, Refreshed,
    Resource, Schema, Type, UpdateRequest, Value,
};

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

/// A `secret_grant` in configuration, plan and state.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct GrantModel {
    secret_id: Value<String>,
    principal: Value<String>,
    access: Value<BTreeSet<String>>,
    expires_at: Value<String>,
    reason: Value<String>,
    conditions: Value<Vec<ConditionModel>>,
    via: Value<String>,
    id: Value<String>,
    status: Value<String>,
}

/// A condition in the store's own language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ConditionModel {
    operator: Value<String>,
    key: Value<String>,
    values: Value<BTreeSet<String>>,
}

/// What names a grant.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct GrantIdentity {
    secret_id: Value<String>,
    principal: Value<String>,
    access: Value<String>,
}

#[async_trait]
impl Resource for SecretGrant {
    type Client = Client;
    type Model = GrantModel;
    type Identity = GrantIdentity;
    type Private = ();

    fn schema(&self) -> Schema {
        Schema::new()
            .description(
                "Lets one identity use one secret. Each grant owns one statement in the store; grants of others, by Terraform or not, are left \
                 alone.\n\n\
                 In the embedded store a grant is real: the principal is an `age` recipient, and exactly the secrets granted to it can be \
                 decrypted with its identity. Revoking encrypts them anew without it; what it has read it may have kept, so rotate the secret then.",
            )
            .attribute(
                Attribute::string("secret_id").required().requires_replace().description("The `id` of the secret."),
            )
            .attribute(Attribute::string("principal").required().requires_replace().description(
                "Exactly one identity; wildcards are refused. In the embedded store an `age` recipient (`age1…`).",
            ))
            .attribute(Attribute::set("access", Type::String).required().requires_replace().description(
                "What it may do: `read`, `write`, `rotate`, `describe`, as far as the store can enforce it; the embedded store enforces `read`.",
            ))
            .attribute(Attribute::string("expires_at").optional().description(
                "End of the grant, RFC 3339 (break-glass). Where the store does not end it by itself, the first apply after that revokes it.",
            ))
            .attribute(Attribute::string("reason").optional().description("Why; kept with the grant and in the audit log."))
            .attribute(
                Attribute::nested_list(
                    "conditions",
                    vec![
                        Attribute::string("operator").required().description("Comparison, such as `StringEquals`."),
                        Attribute::string("key").required().description("What is compared, such as `aws:SourceVpce`."),
                        Attribute::set("values", Type::String).required().description("What it may be."),
                    ],
                )
                .optional()
                .description("Conditions in the store's own language, where it has them."),
            )
            .attribute(Attribute::string("via").optional().description(
                "Where the grant is written, for stores with more than one place (`resource_policy`, `identity_policy`).",
            ))
            .attribute(Attribute::string("id").computed().description("Deterministic id of the grant in the store."))
            .attribute(Attribute::string("status").computed().description("`active`, or `expired` once `expires_at` has passed."))
    }

    fn identity_schema(&self) -> Option<IdentitySchema> {
        Some(
            IdentitySchema::new()
                .required("secret_id", Type::String, "The secret's name in the store.")
                .required("principal", Type::String, "The identity it is granted to.")
                .optional(
                    "access",
                    Type::String,
                    "What is granted, separated by commas; `read` when left out.",
                ),
        )
    }

    fn identity(&self, state: &GrantModel) -> Option<GrantIdentity> {
        let access = state
            .access
            .known()
            .map(|access| access.iter().map(String::as_str).collect::<Vec<_>>().join(","));
        Some(GrantIdentity {
            secret_id: state.secret_id.clone(),
            principal: state.principal.clone(),
            access: Value::from_option(access),
        })
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
        problems
    }

    async fn plan(&self, client: &Client, request: PlanRequest<Self>) -> Result<Planned<Self>, Diagnostics> {
        self.validate(request.config.clone(), request.context.clone()).await.ok_or_errors(())?;
        client.prepare().await?;
        if !request.config.via.is_null() {
            return Err(wrong(
                "via",
                format!("store `{}` has one place for grants only; leave it out", client.store().kind()),
            )
            .into());
        }
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
        let mut result = Planned::new(planned);
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
        let id = spec(&request.state)?.id(&name);
        let expired = request.state.status.as_str() == Some(EXPIRED);
        match grants.iter().find(|grant| grant.id == id) {
            Some(grant) => Ok(Refreshed::new(granted(&request.state, grant))),
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
        let id = spec(&request.planned)?.id(&names::parsed("secret_id", &request.planned.secret_id)?);
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
        let (secret, principal, access) = match request.target {
            ImportTarget::Id(id) => {
                let mut parts = id.split('|').map(str::to_owned);
                match (parts.next(), parts.next(), parts.next(), parts.next()) {
                    (Some(secret), Some(principal), access, None) => (secret, principal, access),
                    _ => {
                        return Err(Diagnostic::error("Unexpected import id")
                            .detail(
                                "Write `SECRET|PRINCIPAL`, or `SECRET|PRINCIPAL|ACCESS` for another access than `read`, for example \
                                 `prod/orders/db|age1…|read`.",
                            )
                            .into());
                    }
                }
            }
            ImportTarget::Identity(identity) => (
                identity.secret_id.into_known().unwrap_or_default(),
                identity.principal.into_known().unwrap_or_default(),
                identity.access.into_known(),
            ),
        };
        let access =
            access.as_deref().unwrap_or("read").split(',').map(|text| text.trim().to_owned()).collect();
        let wanted = GrantModel {
            secret_id: secret.into(),
            principal: principal.into(),
            access: Value::Known(access),
            ..GrantModel::default()
        };
        let name = names::parsed("secret_id", &wanted.secret_id)?;
        let id = spec(&wanted)?.id(&name);
        let doing = format!("import a grant on secret `{name}`");
        let grants = client.store().grants(&name).await.map_err(|error| failed_on(&doing, &error))?;
        match grants.iter().find(|grant| grant.id == id) {
            Some(grant) => Ok(Imported::new(granted(&wanted, grant))),
            None => Err(Diagnostic::error(format!("Could not {doing}"))
                .detail(format!(
                    "It has no grant of this access to `{}`. `secret_access` lists the grants of a secret.",
                    wanted.principal.as_str().unwrap_or_default()
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
    let id = match state.id.as_str().map(GrantId::parse) {
        Some(Ok(id)) => id,
        _ => spec(state)?.id(&name),
    };
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

/// Everything that makes up the grant is known.
fn is_decided(model: &GrantModel) -> bool {
    let conditions_known = match &model.conditions {
        Value::Known(conditions) => conditions.iter().all(|condition| {
            condition.operator.is_known() && condition.key.is_known() && condition.values.is_known()
        }),
        other => other.is_null(),
    };
    model.principal.is_known()
        && model.access.is_known()
        && !model.expires_at.is_unknown()
        && conditions_known
}

fn spec(model: &GrantModel) -> Result<GrantSpec, Diagnostics> {
    let principal = Principal::parse(model.principal.as_str().unwrap_or_default())
        .map_err(|error| Diagnostics::from(invalid("principal", &error)))?;
    let accesses = model
        .access
        .known()
        .into_iter()
        .flatten()
        .map(|text| Access::parse(text))
        .collect::<Result<Vec<_>, _>>()
        .and_then(AccessSet::new)
        .map_err(|error| Diagnostics::from(invalid("access", &error)))?;
    let text = |value: &Value<String>| value.as_str().unwrap_or_default().to_owned();
    Ok(GrantSpec {
        expires_at: model.expires_at.as_str().map(timestamp).transpose()?,
        reason: model.reason.known().cloned(),
        conditions: model
            .conditions
            .known()
            .into_iter()
            .flatten()
            .map(|condition| Condition {
                operator: text(&condition.operator),
                key: text(&condition.key),
                values: condition.values.known().into_iter().flatten().cloned().collect(),
            })
            .collect(),
        ..GrantSpec::new(principal, accesses)
    })
}

/// The state as the store has it.
fn granted(before: &GrantModel, grant: &Grant) -> GrantModel {
    let written = before.expires_at.as_str().and_then(|text| text.parse::<Timestamp>().ok());
    let expires_at = match grant.spec.expires_at {
        stored if stored == written => before.expires_at.clone(),
        stored => Value::from_option(stored.map(|stored| stored.to_string())),
    };
    GrantModel {
        secret_id: before.secret_id.clone(),
        principal: known(grant.spec.principal.as_str()),
        access: Value::Known(grant.spec.access.iter().map(|access| access.as_str().to_owned()).collect()),
        reason: Value::from_option(grant.spec.reason.clone()),
        conditions: before.conditions.clone(),
        via: before.via.clone(),
        id: grant.id.to_string().into(),
        // It is there, so it is active until it has been revoked, even when its end has passed.
        status: known(ACTIVE),
        expires_at,
    }
}

fn has_ended(model: &GrantModel) -> bool {
    model
        .expires_at
        .as_str()
        .and_then(|text| text.parse::<Timestamp>().ok())
        .is_some_and(|end| end <= Timestamp::now())
}

fn timestamp(text: &str) -> Result<Timestamp, Diagnostic> {
    text.parse().map_err(|_| {
        wrong("expires_at", format!("`{text}` is not a time in RFC 3339, such as `2027-06-30T00:00:00Z`"))
    })
}
