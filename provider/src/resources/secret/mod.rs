//! `secret`: a secret's metadata, and where its value comes from. Planning needs metadata rights only; the value exists
//! inside apply, between its origin and the store, and nowhere else.

mod apply;
mod import;
mod labels;
mod metadata;
mod model;
mod moved;
mod origin;
mod state;

pub(super) use self::apply::{change_metadata, note_key_of_next, public_key};
pub(crate) use self::import::found_secret;

use async_trait::async_trait;
use jiff::Timestamp;
use secret_store::{Deletion, SecretDescription, SecretName};
use serde::{Deserialize, Serialize};
use tf_plugin::{
    Applied, AttributePath, Change, Context, CreateRequest, DeleteRequest, Diagnostic, Diagnostics,
    IdentitySchema, ImportRequest, Imported, MoveRequest, Moved, PlanDestroyRequest, PlanRequest, Planned,
    ReadRequest, Refreshed, Resource, Schema, UpdateRequest, Value,
};

use self::model::{DEFAULT_RECOVERY_DAYS, OnConflict, OnDestroy, SecretIdentity, SecretModel};
use self::origin::Origin;
use self::state::{all_tags, refreshed};
use crate::annotations::{Annotations, Claim};
use crate::client::Client;
use crate::diagnostics::{failed, wrong};
use crate::generator::GenerateModel;
use crate::names;
use crate::schedule::Period;
use crate::text::known;

/// The resource `secret`.
#[derive(Debug)]
pub(crate) struct Secret;

/// What Terraform keeps for us beside the state.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct SecretPrivate {
    /// The claim this state holds on the secret.
    #[serde(default)]
    claim: Option<Claim>,
    /// Planned: this creation replaces a secret, so an existing one is not the remains of a crash.
    #[serde(default)]
    replacing: bool,
}

#[async_trait]
impl Resource for Secret {
    type Client = Client;
    type Model = SecretModel;
    type Identity = SecretIdentity;
    type Private = SecretPrivate;

    fn schema(&self) -> Schema {
        model::schema()
    }

    fn identity_schema(&self) -> Option<IdentitySchema> {
        Some(model::identity_schema())
    }

    fn identity(&self, state: &SecretModel) -> Option<SecretIdentity> {
        Some(import::identity(state))
    }

    async fn validate(&self, config: SecretModel, _context: Context) -> Diagnostics {
        let mut problems = origin::check(&config);
        problems.extend(names::problem("name", &config.name));
        if let Some(days) = config.recovery_window_days.known() {
            problems.extend(
                u16::try_from(*days)
                    .err()
                    .map(|_| wrong("recovery_window_days", format!("{days} is not a number of days from 0"))),
            );
        }
        if let Some(text) = config.expires_at.as_str() {
            problems.extend(timestamp(text).err().map(|reason| wrong("expires_at", reason)));
        }
        if let Some(number) = config.max_versions.known() {
            let is_number = u32::try_from(*number).is_ok_and(|number| number > 0);
            problems.extend(
                (!is_number)
                    .then(|| wrong("max_versions", format!("{number} is not a number of versions from 1"))),
            );
        }
        if let Some(text) = config.delete_version_after.as_str() {
            problems.extend(
                text.parse::<Period>().err().map(|error| wrong("delete_version_after", error.to_string())),
            );
        }
        problems.extend(labels::check(&config.version_labels));
        for (key, _) in config.tags.known().into_iter().flatten().filter(|(_, value)| value.is_null()) {
            problems.push(wrong(
                AttributePath::new("tags").key(key),
                "it is null; leave the tag out, or give it a text",
            ));
        }
        if let Some(text) = config.on_conflict.as_str() {
            problems.extend(OnConflict::parse(text).err().map(|reason| wrong("on_conflict", reason)));
        }
        if let Some(text) = config.on_destroy.as_str() {
            problems.extend(OnDestroy::parse(text).err().map(|reason| wrong("on_destroy", reason)));
        }
        problems
    }

    async fn plan(&self, client: &Client, request: PlanRequest<Self>) -> Result<Planned<Self>, Diagnostics> {
        client.prepare().await?;
        let mut problems = check_capabilities(client, &request.config);
        problems.extend(self.validate(request.config.clone(), request.context.clone()).await);
        if problems.is_empty() && request.config.name.is_known() {
            let name = names::parsed("name", &request.config.name)?;
            problems.extend(metadata::check_with_store(client, &name, &request.config));
        }
        problems.ok_or_errors(())?;
        let mut planned = request.proposed;
        planned.tags_all = all_tags(client, &planned.tags);
        default_to(&request.config.on_conflict, &mut planned.on_conflict, OnConflict::DEFAULT);
        default_to(&request.config.on_destroy, &mut planned.on_destroy, OnDestroy::DEFAULT);
        if request.config.recovery_window_days.is_null() {
            planned.recovery_window_days = Value::from_option(default_recovery_days(client));
        }
        let prior = match &request.change {
            Change::Create => None,
            Change::Update { prior } => Some(prior),
        };
        check_planned(client, prior, &planned, &request.config).await.ok_or_errors(())?;
        let mut private = request.private.unwrap_or_default();
        match &request.change {
            Change::Create => Ok(Planned::new(planned).private(private)),
            Change::Update { prior } => {
                // If this turns out to be the first half of a replacement, the second half is told by the private data.
                private.replacing = true;
                if new_version_planned(prior, &planned) {
                    planned.version_id.set_unknown();
                    planned.version_created_at.set_unknown();
                    planned.previous_version_id.set_unknown();
                    planned.public_key.set_unknown();
                }
                let gone = value_to_send_again(prior, &planned);
                let mut result = Planned::<Self>::new(planned).private(private);
                result.diagnostics.extend(gone);
                if prior.generate.is_null() && result.state.generate.is_known() && prior.version_id.is_known()
                {
                    result = result.with(
                        Diagnostic::warning("The present value is kept")
                            .detail(
                                "This secret has a value that `generate` did not make, and `generate` never overwrites one: the rule is \
                                 noted, and the next rotation follows it (`secret_rotation`).",
                            )
                            .at("generate"),
                    );
                }
                Ok(result)
            }
        }
    }

    async fn plan_destroy(
        &self,
        _client: &Client,
        request: PlanDestroyRequest<Self>,
    ) -> Result<Diagnostics, Diagnostics> {
        let name = request.prior.name.as_str().unwrap_or_default();
        Ok(match destruction(&request.prior)? {
            Destruction::Retain => Diagnostic::warning(format!("Secret `{name}` stays in the store"))
                .detail("`on_destroy` is `retain`: Terraform forgets the secret, and the store keeps it.")
                .into(),
            Destruction::Delete(Deletion::Purge) => Diagnostic::warning(format!("Secret `{name}` will be destroyed for good"))
                .detail("It cannot be restored. `on_destroy = \"soft_delete\"` with `recovery_window_days` above 0 keeps that possible.")
                .into(),
            Destruction::Delete(Deletion::Recoverable { .. }) => Diagnostics::new(),
        })
    }

    async fn read(
        &self,
        client: &Client,
        request: ReadRequest<Self>,
    ) -> Result<Refreshed<Self>, Diagnostics> {
        let name = names::parsed("name", &request.state.name)?;
        let description = match client.store().describe(&name).await {
            Ok(description) if description.deletion.is_some() => return Ok(Refreshed::gone()),
            Ok(description) => description,
            Err(error) if error.is_not_found() => return Ok(Refreshed::gone()),
            Err(error) => return Err(failed(&format!("read the metadata of secret `{name}`"), &error)),
        };
        let held = request.private.as_ref().and_then(|private| private.claim.as_ref());
        let superseded = superseded(held, &description);
        let state = refreshed(client, &request.state, &description);
        let mut result = Refreshed::new(state);
        // Terraform refuses an identity that changes: that of a secret which was made again under its name stays, and its `arn` changes.
        result.identity = request.identity;
        if superseded {
            result = result.with(
                Diagnostic::warning(format!("Secret `{name}` belongs to another resource as well"))
                    .detail(
                        "Another resource or configuration created or adopted a secret of this name after this one did. Only one of them \
                         should manage it; remove this one from the state with `terraform state rm` if it is the other's. Destroying this \
                         one will leave the secret alone.",
                    )
                    .at("name"),
            );
        }
        Ok(result)
    }

    async fn create(
        &self,
        client: &Client,
        request: CreateRequest<Self>,
    ) -> Result<Applied<Self>, Diagnostics> {
        apply::create(client, request).await
    }

    async fn update(
        &self,
        client: &Client,
        request: UpdateRequest<Self>,
    ) -> Result<Applied<Self>, Diagnostics> {
        apply::update(client, request).await
    }

    async fn delete(
        &self,
        client: &Client,
        request: DeleteRequest<Self>,
    ) -> Result<Diagnostics, Diagnostics> {
        let name = names::parsed("name", &request.prior.name)?;
        let Destruction::Delete(deletion) = destruction(&request.prior)? else {
            client.forget_creation(&name);
            return Ok(Diagnostics::new());
        };
        let doing = format!("delete secret `{name}`");
        let held = request.private.as_ref().and_then(|private| private.claim.as_ref());
        match client.store().describe(&name).await {
            Ok(description) if superseded(held, &description) => {
                return Ok(Diagnostic::warning(format!("Secret `{name}` was left in the store"))
                    .detail("Another resource or configuration has taken it over since.")
                    .into());
            }
            Ok(_) => {}
            Err(error) if error.is_not_found() => return Ok(Diagnostics::new()),
            Err(error) => return Err(failed(&doing, &error)),
        }
        match client.store().delete(&name, deletion).await {
            Ok(_) => {
                client.forget_creation(&name);
                Ok(Diagnostics::new())
            }
            Err(error) if error.is_not_found() => Ok(Diagnostics::new()),
            Err(error) => Err(failed(&doing, &error)),
        }
    }

    async fn import(
        &self,
        client: &Client,
        request: ImportRequest<Self>,
    ) -> Result<Imported<Self>, Diagnostics> {
        import::import(client, request).await
    }

    async fn move_state(&self, request: MoveRequest) -> Result<Option<Moved<Self>>, Diagnostics> {
        moved::take_over(&request)
    }
}

/// Checks of a plan that need to know whether it is a creation, or what it changes.
async fn check_planned(
    client: &Client,
    prior: Option<&SecretModel>,
    planned: &SecretModel,
    config: &SecretModel,
) -> Diagnostics {
    let mut problems = labels::check_planned(client, prior, planned, config);
    if prior.is_none_or(|prior| new_version_planned(prior, planned)) {
        problems.extend(check_value(client, config));
    }
    let is_new = prior.is_none() && planned.on_conflict.as_str() == Some(OnConflict::DEFAULT);
    if let Some(Ok(name)) = planned.name.as_str().filter(|_| is_new).map(SecretName::parse) {
        problems.extend(metadata::check_new_name(client, &name));
    }
    problems.extend(metadata::check_references(client, prior, planned).await);
    problems
}

/// Checks as much of the value as the configuration gives. One that is not sent is not looked at: a run that changes nothing may have none.
fn check_value(client: &Client, config: &SecretModel) -> Option<Diagnostic> {
    // What else is wrong with it was said before, or is not known yet.
    let origin = Origin::of(config).ok()?;
    let checked = match origin.given() {
        Ok(value) => client.store().check_value(&value?),
        Err(error) => Err(error.into()),
    };
    let doing = format!("plan secret `{}`", config.name.as_str().unwrap_or_default());
    checked.err().map(|error| apply::value_error(&doing, &error, &origin))
}

/// What cannot be done by this store is said at plan, at the attribute.
fn check_capabilities(client: &Client, config: &SecretModel) -> Diagnostics {
    let capabilities = client.store().capabilities();
    let kind = client.store().kind();
    let mut problems = Diagnostics::new();
    let mut unsupported = |path: &str, what: &str, support: secret_store::Support| {
        if let secret_store::Support::No { why } = support {
            problems.push(
                Diagnostic::error(format!("Store `{kind}` has no {what}")).detail(format!("{why}.")).at(path),
            );
        }
    };
    if !config.kms_key.is_null() {
        unsupported("kms_key", "customer-managed keys", capabilities.customer_keys);
    }
    if config.version_labels.known().is_some_and(|labels| !labels.is_empty()) {
        unsupported("version_labels", "labels of one's own", capabilities.custom_labels);
    }
    if config.replicas.known().is_some_and(|replicas| !replicas.is_empty()) {
        unsupported("replicas", "replicas", capabilities.replicas);
    }
    for (name, is_set) in [
        ("max_versions", !config.max_versions.is_null()),
        ("delete_version_after", !config.delete_version_after.is_null()),
    ] {
        if is_set {
            unsupported(name, "limits on versions", capabilities.version_retention);
        }
    }
    // Written, it is a promise; as the default it is what the store can do.
    if config.on_destroy.as_str() == Some(OnDestroy::DEFAULT) && capabilities.recovery_days.is_none() {
        let reason =
            format!("store `{kind}` deletes for good; write `purge`, or `retain` to keep the secret");
        problems.push(wrong("on_destroy", reason));
    }
    if let Some(days) = config.recovery_window_days.known().filter(|days| **days != 0) {
        match capabilities.recovery_days {
            None => problems.push(wrong(
                "recovery_window_days",
                format!("store `{kind}` deletes for good: only 0 is possible"),
            )),
            Some(range) => {
                if !u16::try_from(*days).is_ok_and(|days| range.contains(&days)) {
                    problems.push(wrong(
                        "recovery_window_days",
                        format!("store `{kind}` takes 0, or {} to {} days", range.start(), range.end()),
                    ));
                }
            }
        }
    }
    problems
}

/// An optional attribute with a default: what the configuration leaves out is the default, not what it was before.
fn default_to(config: &Value<String>, planned: &mut Value<String>, default: &str) {
    if config.is_null() {
        *planned = known(default);
    }
}

fn default_recovery_days(client: &Client) -> Option<i64> {
    let range = client.store().capabilities().recovery_days?;
    Some(DEFAULT_RECOVERY_DAYS.clamp(i64::from(*range.start()), i64::from(*range.end())))
}

/// Whether applying the plan makes a new version.
fn new_version_planned(prior: &SecretModel, planned: &SecretModel) -> bool {
    let sent_again = |prior: &Value<String>, planned: &Value<String>| !planned.is_null() && prior != planned;
    sent_again(&prior.value_wo_version, &planned.value_wo_version)
        || sent_again(&prior.fields_wo_version, &planned.fields_wo_version)
        || (!planned.fields.is_null() && prior.fields != planned.fields)
        || (prior.version_id.is_null() && has_own_value(planned))
        || rule_changes(&prior.generate, &planned.generate)
}

/// Whether the plan itself says what the value is, so that it can be made again when the store has none any more.
fn has_own_value(planned: &SecretModel) -> bool {
    !planned.generate.is_null() || !planned.fields.is_null()
}

/// The value is gone, and only its owner has it: Terraform keeps no write-only value.
fn value_to_send_again(prior: &SecretModel, planned: &SecretModel) -> Option<Diagnostic> {
    if !prior.version_id.is_null() || new_version_planned(prior, planned) {
        return None;
    }
    let versions = [("value_wo", &planned.value_wo_version), ("fields_wo", &planned.fields_wo_version)];
    let (argument, _) = versions.into_iter().find(|(_, version)| version.is_known())?;
    Some(
        Diagnostic::warning(format!("Secret `{}` has no value", prior.name.as_str().unwrap_or_default()))
            .detail(format!(
                "Its versions were deleted outside of Terraform, and Terraform keeps no write-only value. Change `{argument}_version` to send \
                 `{argument}` again."
            ))
            .at(format!("{argument}_version").as_str()),
    )
}

/// Whether `generate` changes in a way that makes a new value: a rule that only is written out more fully does not, and neither does the
/// first rule of a secret that has a value already.
fn rule_changes(prior: &Value<GenerateModel>, planned: &Value<GenerateModel>) -> bool {
    match (prior, planned) {
        (Value::Known(prior), Value::Known(planned)) => {
            prior != planned
                && (prior.field != planned.field
                    || match (prior.generator(), planned.generator()) {
                        (Ok(prior), Ok(planned)) => prior != planned,
                        _ => true,
                    })
        }
        (_, planned) => planned.is_unknown(),
    }
}

/// What destroying the resource does.
enum Destruction {
    Retain,
    Delete(Deletion),
}

fn destruction(state: &SecretModel) -> Result<Destruction, Diagnostics> {
    let on_destroy = OnDestroy::parse(state.on_destroy.as_str().unwrap_or(OnDestroy::DEFAULT))
        .map_err(|reason| Diagnostics::from(wrong("on_destroy", reason)))?;
    let days = state.recovery_window_days.known().and_then(|days| u16::try_from(*days).ok()).unwrap_or(0);
    Ok(match (on_destroy, days) {
        (OnDestroy::Retain, _) => Destruction::Retain,
        (OnDestroy::Purge, _) | (OnDestroy::SoftDelete, 0) => Destruction::Delete(Deletion::Purge),
        (OnDestroy::SoftDelete, days) => Destruction::Delete(Deletion::Recoverable { days }),
    })
}

/// The secret has been claimed by another state since this one claimed it.
fn superseded(held: Option<&Claim>, description: &SecretDescription) -> bool {
    match (held, description.metadata.claim()) {
        (Some(held), Some(present)) => *held != present,
        _ => false,
    }
}

fn timestamp(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| format!("`{text}` is not a time in RFC 3339, such as `2027-06-30T00:00:00Z`"))
}
