//! The schema of `secret_grant`, the structs it is read into, and the way between them and a grant of the store.

use std::collections::BTreeSet;

use jiff::Timestamp;
use secret_store::{Access, AccessSet, Condition, Grant, GrantPlace, GrantSpec, Principal, SecretName};
use serde::{Deserialize, Serialize};
use tf_plugin::{Attribute, Diagnostic, Diagnostics, IdentitySchema, Schema, Type, Value};

use super::ACTIVE;
use crate::diagnostics::{invalid, wrong};
use crate::text::known;

/// A `secret_grant` in configuration, plan and state.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct GrantModel {
    pub(super) secret_id: Value<String>,
    pub(super) principal: Value<String>,
    pub(super) access: Value<BTreeSet<String>>,
    pub(super) expires_at: Value<String>,
    pub(super) reason: Value<String>,
    pub(super) conditions: Value<Vec<ConditionModel>>,
    pub(super) via: Value<String>,
    pub(super) id: Value<String>,
    pub(super) status: Value<String>,
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
    pub(super) secret_id: Value<String>,
    principal: Value<String>,
    access: Value<String>,
    via: Value<String>,
}

/// The resource's schema.
pub(super) fn schema() -> Schema {
    Schema::new()
        .description(
            "Lets one identity use one secret. Each grant owns one statement in the store; grants of others, by Terraform or not, are left \
             alone. What an identity has read it may have kept: rotate the secret after a grant is revoked.\n\n\
             In the embedded store a grant is real: the principal is an `age` recipient, and exactly the secrets granted to it can be \
             decrypted with its identity. Revoking encrypts them anew without it. In Vault and OpenBao it is a policy of its own, on AWS a statement in the \
             secret's policy or in the principal's (`via`), with the rights on the secret's key that go with it.",
        )
        .attribute(Attribute::string("secret_id").required().requires_replace().description("The `id` of the secret."))
        .attribute(Attribute::string("principal").required().requires_replace().description(
            "Exactly one identity; wildcards are refused. In the embedded store an `age` recipient (`age1…`), in Vault and OpenBao such as `approle:orders`, \
             on AWS the ARN of a role or user, an account, or a service such as `ecs-tasks.amazonaws.com`.",
        ))
        .attribute(Attribute::set("access", Type::String).required().requires_replace().description(
            "What it may do: `read`, `write`, `rotate`, `describe`, as far as the store can enforce it; the embedded store enforces `read`.",
        ))
        .attribute(Attribute::string("expires_at").optional().description(
            "End of the grant, RFC 3339 (break-glass). Where the store does not end it by itself, the first apply after that revokes it; where it does, \
             that apply takes away what is left of it.",
        ))
        .attribute(Attribute::string("reason").optional().description("Why; kept with the grant and, where the store has one, in its audit log."))
        .attribute(
            Attribute::nested_list(
                "conditions",
                vec![
                    Attribute::string("operator").required().description("Comparison, such as `StringEquals`."),
                    Attribute::string("key").required().description("What is compared, such as `aws:SourceVpce`."),
                    Attribute::set("values", Type::String).required().description("What it may be: one of these."),
                ],
            )
            .optional()
            .description("Conditions in the store's own language, where it has them; all must hold. Their order carries no meaning."),
        )
        .attribute(Attribute::string("via").optional().description(
            "Where the grant is written, in a store with more than one place. On AWS `resource_policy` (default), the secret's own policy, or \
             `identity_policy`, an inline policy of the role or user. Another place is another grant: it is replaced.",
        ))
        .attribute(Attribute::string("id").computed().description("Deterministic id of the grant in the store."))
        .attribute(Attribute::string("status").computed().description("`active`, or `expired` once `expires_at` has passed."))
}

/// The identity's schema.
pub(super) fn identity_schema() -> IdentitySchema {
    IdentitySchema::new()
        .version(1)
        .required("secret_id", Type::String, "The secret's name in the store.")
        .required("principal", Type::String, "The identity it is granted to.")
        .optional("access", Type::String, "What is granted, separated by commas; `read` when left out.")
        .optional("via", Type::String, "Where it is written, if not in the store's usual place.")
}

impl GrantModel {
    /// Where it is written, if not in the usual place.
    pub(super) fn place(&self) -> Option<&str> {
        self.via.as_str().filter(|via| *via != GrantPlace::ResourcePolicy.as_str())
    }
}

impl GrantIdentity {
    /// The identity of a grant.
    pub(super) fn of(state: &GrantModel) -> Self {
        let access = state.access.known();
        let access = access.map(|access| access.iter().map(String::as_str).collect::<Vec<_>>().join(","));
        Self {
            secret_id: state.secret_id.clone(),
            principal: state.principal.clone(),
            access: Value::from_option(access),
            via: Value::from_option(state.place().map(str::to_owned)),
        }
    }

    /// Parses the id of an import: `SECRET|PRINCIPAL`, then perhaps `|ACCESS` and `|VIA`.
    pub(super) fn parse(id: &str) -> Result<Self, Diagnostics> {
        let mut parts = id.split('|').map(str::to_owned);
        match (parts.next(), parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(secret), Some(principal), access, via, None) => Ok(Self {
                secret_id: secret.into(),
                principal: principal.into(),
                access: Value::from_option(access),
                via: Value::from_option(via),
            }),
            _ => Err(Diagnostic::error("Unexpected import id")
                .detail(
                    "Write `SECRET|PRINCIPAL`, or `SECRET|PRINCIPAL|ACCESS` for another access than `read`, or `SECRET|PRINCIPAL|ACCESS|VIA` for another \
                     place than the usual one; for example `prod/orders/db|arn:aws:iam::123456789012:role/orders|read|identity_policy`.",
                )
                .into()),
        }
    }

    /// The grant it names, on the secret that it was found to mean.
    pub(super) fn model(&self, name: &SecretName) -> GrantModel {
        let access = self.access.as_str().unwrap_or("read");
        GrantModel {
            secret_id: known(name.as_str()),
            principal: self.principal.clone(),
            access: Value::Known(access.split(',').map(|text| text.trim().to_owned()).collect()),
            via: self.via.clone(),
            ..GrantModel::default()
        }
    }
}

/// Everything that makes up the grant is known.
pub(super) fn is_decided(model: &GrantModel) -> bool {
    let conditions_known = match &model.conditions {
        Value::Known(conditions) => conditions.iter().all(|condition| {
            condition.operator.is_known() && condition.key.is_known() && condition.values.is_known()
        }),
        other => other.is_null(),
    };
    model.principal.is_known()
        && model.access.is_known()
        && !model.expires_at.is_unknown()
        && !model.via.is_unknown()
        && conditions_known
}

/// The grant as the store is asked for it.
pub(super) fn spec(model: &GrantModel) -> Result<GrantSpec, Diagnostics> {
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
    let via = model.via.as_str().map(GrantPlace::parse).transpose();
    let conditions = model.conditions.known().into_iter().flatten();
    Ok(GrantSpec {
        expires_at: model.expires_at.as_str().map(timestamp).transpose()?,
        reason: model.reason.known().cloned(),
        conditions: conditions.map(ConditionModel::condition).collect(),
        via: via.map_err(|error| Diagnostics::from(invalid("via", &error)))?,
        ..GrantSpec::new(principal, accesses)
    })
}

impl ConditionModel {
    fn condition(&self) -> Condition {
        let text = |value: &Value<String>| value.as_str().unwrap_or_default().to_owned();
        Condition {
            operator: text(&self.operator),
            key: text(&self.key),
            values: self.values.known().into_iter().flatten().cloned().collect(),
        }
    }
}

impl From<&Condition> for ConditionModel {
    fn from(condition: &Condition) -> Self {
        Self {
            operator: known(condition.operator.as_str()),
            key: known(condition.key.as_str()),
            values: Value::Known(condition.values.iter().cloned().collect()),
        }
    }
}

/// The state as the store has it. What means the same stays as it was written: the id says which grant it is, so another spelling of the
/// principal is no change.
pub(super) fn granted(before: &GrantModel, grant: &Grant) -> GrantModel {
    let written = before.expires_at.as_str().and_then(|text| text.parse::<Timestamp>().ok());
    let expires_at = match grant.spec.expires_at {
        stored if stored == written => before.expires_at.clone(),
        stored => Value::from_option(stored.map(|stored| stored.to_string())),
    };
    let principal = match &before.principal {
        Value::Known(_) => before.principal.clone(),
        Value::Null | Value::Unknown => known(grant.spec.principal.as_str()),
    };
    let place = grant.spec.via.filter(|place| *place != GrantPlace::ResourcePolicy);
    let via = match place {
        place if place.map(GrantPlace::as_str) == before.place() => before.via.clone(),
        place => Value::from_option(place.map(|place| place.to_string())),
    };
    GrantModel {
        secret_id: before.secret_id.clone(),
        principal,
        access: Value::Known(grant.spec.access.iter().map(|access| access.as_str().to_owned()).collect()),
        reason: Value::from_option(grant.spec.reason.clone()),
        conditions: conditions(before, &grant.spec.conditions),
        via,
        id: grant.id.to_string().into(),
        // It is there, so it is active until it has been revoked, even when its end has passed.
        status: known(ACTIVE),
        expires_at,
    }
}

/// The stored conditions, in the order in which they were written as far as they were.
fn conditions(before: &GrantModel, stored: &[Condition]) -> Value<Vec<ConditionModel>> {
    let mut present: Vec<_> = stored.iter().map(ConditionModel::from).collect();
    let written = before.conditions.known().map(Vec::as_slice).unwrap_or_default();
    let place = |condition: &ConditionModel| written.iter().position(|one| one == condition);
    present.sort_by_key(|condition| place(condition).unwrap_or(written.len()));
    match &before.conditions {
        Value::Known(_) => Value::Known(present),
        Value::Null | Value::Unknown if present.is_empty() => Value::Null,
        Value::Null | Value::Unknown => Value::Known(present),
    }
}

/// A time in RFC 3339, at `expires_at`.
pub(super) fn timestamp(text: &str) -> Result<Timestamp, Diagnostic> {
    text.parse().map_err(|_| {
        wrong("expires_at", format!("`{text}` is not a time in RFC 3339, such as `2027-06-30T00:00:00Z`"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_spelling_of_the_principal_is_no_change() {
        let written = GrantModel {
            secret_id: known("prod/db"),
            principal: known("123456789012"),
            access: Value::Known(BTreeSet::from(["read".to_owned()])),
            ..GrantModel::default()
        };
        let name = SecretName::parse("prod/db").unwrap();
        let asked = spec(&written).unwrap();
        let stored = Grant {
            id: asked.id(&name),
            spec: GrantSpec {
                principal: Principal::parse("arn:aws:iam::123456789012:root").unwrap(),
                via: Some(GrantPlace::ResourcePolicy),
                ..asked
            },
            created_at: Timestamp::UNIX_EPOCH,
        };
        let state = granted(&written, &stored);
        assert_eq!((state.principal.as_str(), state.via.as_str()), (Some("123456789012"), None));
        let found = granted(&GrantModel::default(), &stored);
        assert_eq!(found.principal.as_str(), Some("arn:aws:iam::123456789012:root"));
    }
}
