//! Logins whose password the database engine owns and rotates: its static roles, each a secret named by the path that one
//! reads, `<mount>/static-creds/<role>`.
//!
//! - `describe` reads the definition, never the password. A version's id is the time of the rotation that made it, in
//!   milliseconds since 1970: there is always exactly one version, the current one, because the engine overwrites the password.
//! - Making a role takes the login over: the engine sets a new password at once, unless the server has `skip_import_rotation`.
//!   Writing an existing role rotates nothing; even so, it is written only where its definition differs.
//! - What a server can do is found in its own description of the endpoint (`?help=1`), which every token may read, and never in
//!   its name. OpenBao ignores arguments it does not know, so a schedule in cron would be lost without a word.
//! - The database's error texts can repeat a part of the new password (``at or near "…"``): only their codes are shown.
//!
//! Source: <https://openbao.org/api-docs/secret/databases/#create-static-role>.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::address::StaticRole;
use super::client::{ApiError, Operation};
use super::{KIND, VaultStore};
use crate::Result;
use crate::error::{Action, Invalid, StoreError};
use crate::json::{self, JsonFields};
use crate::metadata::SecretDescription;
use crate::name::SecretName;
use crate::rotation::{DatabaseLogin, RotationSchedule, RotationSpec, RotationStatus};
use crate::store::{ReadSecret, RotateNow};
use crate::value::SecretValue;
use crate::version::VersionSelector;

mod check;
mod fault;
mod feature;
mod role;

pub(super) use self::check::{check, no_engine};
use self::check::{checked, too_short};
pub(super) use self::fault::Fault;
use self::feature::{Feature, Role, arguments};
use self::role::{Definition, Wanted, current_version, other_login};

#[derive(Deserialize)]
struct Answer<T> {
    data: T,
}

/// The public part of a login that is read.
#[derive(Deserialize)]
struct Rotated {
    #[serde(default)]
    last_vault_rotation: Option<Timestamp>,
}

/// What the members of a login are called: a password, or a key where the role is of that type.
const LOGIN: [&str; 3] = ["username", "password", "rsa_private_key"];

impl VaultStore {
    /// Everything about a login but its password. One request.
    pub(super) async fn describe_login(
        &self,
        name: &SecretName,
        role: &StaticRole,
    ) -> Result<SecretDescription> {
        match self.definition(role).await {
            Ok(Some(definition)) => Ok(definition.description(name)?),
            Ok(None) => Err(StoreError::secret_not_found(KIND, name)),
            Err(error) => Err(error.during(Action::Describe, name)),
        }
    }

    /// The login as a JSON object of `username` and `password`. One request.
    pub(super) async fn read_login(
        &self,
        name: &SecretName,
        role: &StaticRole,
        version: &VersionSelector,
    ) -> Result<ReadSecret> {
        #[derive(Deserialize)]
        struct Raw<'a> {
            #[serde(borrow)]
            data: &'a RawValue,
        }
        let path = role.credentials();
        let body = match self.client.send(Operation::Read, &path, None).await {
            Ok(body) => body,
            Err(ApiError::Refused { messages, .. }) if says(&messages, "unknown role") => {
                return Err(StoreError::secret_not_found(KIND, name));
            }
            Err(error) => return Err(error.during(Action::Read, name)),
        };
        let unexpected = || {
            let reason = "it has no login".to_owned();
            ApiError::Unexpected { operation: Operation::Read, path: path.clone(), reason }.without_secret()
        };
        // Twice over the same wiped bytes, so that the password goes from there into its type by no other way.
        let public: Answer<Rotated> = body.parse().map_err(|_| unexpected())?;
        let current = current_version(public.data.last_vault_rotation)?;
        let is_current = match version {
            VersionSelector::Id(id) => *id == current.id,
            VersionSelector::Label(label) => current.has(label),
        };
        if !is_current {
            return Err(StoreError::version_not_found(KIND, name, version));
        }
        let raw: Raw<'_> = body.parse().map_err(|_| unexpected())?;
        let mut members =
            json::fields(&SecretValue::new(raw.data.get().as_bytes().to_vec())).map_err(|_| unexpected())?;
        let mut fields = JsonFields::new();
        for member in LOGIN {
            if let Some(value) = members.remove(member) {
                fields.set(member, value);
            }
        }
        Ok(ReadSecret { value: fields.object()?, version: current })
    }

    /// Has the engine rotate a login, or changes how. An existing role that is as wanted already is left alone. One request
    /// then; three for a new role.
    pub(super) async fn schedule_login(
        &self,
        name: &SecretName,
        role: &StaticRole,
        spec: &RotationSpec,
    ) -> Result<RotationStatus> {
        let login = checked(spec)?;
        let during = |error: ApiError| error.during(Action::Rotate, name);
        let before = self.definition(role).await.map_err(during)?;
        if let Some(before) = &before {
            before.check_same_login(role, login)?;
            if before.is_as(spec, login) {
                return Ok(before.status());
            }
        }
        let features = self
            .needed_features(role, spec, if before.is_none() { Role::New } else { Role::Existing })
            .await?;
        let wanted = Wanted::of(spec, login, features);
        self.write_role(name, role, &wanted, login).await?;
        let after = self.definition(role).await.map_err(during)?;
        let after = after.ok_or_else(|| StoreError::secret_not_found(KIND, name))?;
        if after.is_as(spec, login) {
            return Ok(after.status());
        }
        Err(StoreError::Unsupported {
            store: KIND,
            what: format!("this schedule for `{name}`"),
            why: format!(
                "the server keeps `{}` instead of what was written",
                describe_schedule(&after.schedule())
            ),
        })
    }

    /// Ends the engine's hold on a login. Its password stays in the database as it is, and nobody knows it who has not read it
    /// before: set a new one there. One request.
    pub(super) async fn release_login(&self, name: &SecretName, role: &StaticRole) -> Result<()> {
        self.client.delete(&role.definition()).await.map_err(|error| error.during(Action::Rotate, name))?;
        tracing::info!(%name, "the login is no longer rotated, and keeps the password of the last rotation");
        Ok(())
    }

    /// Rotates a login now, once, however often it is asked to with the same `from`. Three requests, or one if it has
    /// happened already.
    pub(super) async fn rotate_login(
        &self,
        name: &SecretName,
        role: &StaticRole,
        request: &RotateNow,
    ) -> Result<SecretDescription> {
        let before = self.describe_login(name, role).await?;
        let current =
            |description: &SecretDescription| description.current().map(|version| version.id.clone());
        let replaced = current(&before);
        if request.from.is_some() && request.from != replaced {
            return Ok(before);
        }
        for _ in 0..2 {
            match self.client.put(&role.rotation(), &Empty {}).await {
                Ok(()) => return self.describe_login(name, role).await,
                // The connection broke: the rotation shows in the definition if it happened.
                Err(ApiError::Lost { messages, .. }) if messages.is_empty() => {
                    let after = self.describe_login(name, role).await?;
                    if current(&after) != replaced {
                        return Ok(after);
                    }
                }
                Err(error) => return Err(self.database_error(name, error, None).await),
            }
        }
        Err(StoreError::Unavailable {
            store: KIND,
            reason: format!("`{name}` was not rotated: the connection broke twice"),
            source: None,
        })
    }

    async fn definition(&self, role: &StaticRole) -> Result<Option<Definition>, ApiError> {
        match self.client.read::<Answer<Definition>>(&role.definition()).await {
            Ok(answer) => Ok(Some(answer.data)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writing a role again changes nothing, so an answer that was lost is asked for again.
    async fn write_role(
        &self,
        name: &SecretName,
        role: &StaticRole,
        wanted: &Wanted<'_>,
        login: &DatabaseLogin,
    ) -> Result<()> {
        let path = role.definition();
        let mut answer = self.client.put(&path, wanted).await;
        if let Err(ApiError::Lost { messages, .. }) = &answer
            && messages.is_empty()
        {
            answer = self.client.put(&path, wanted).await;
        }
        match answer {
            Ok(()) => Ok(()),
            Err(error) => Err(self.database_error(name, error, Some((role, login))).await),
        }
    }

    /// What the engine's refusal means. The connections are asked for only where that helps.
    async fn database_error(
        &self,
        name: &SecretName,
        error: ApiError,
        wanted: Option<(&StaticRole, &DatabaseLogin)>,
    ) -> StoreError {
        let messages = match error {
            ApiError::Lost { messages, .. } if !messages.is_empty() => messages,
            ApiError::Refused { messages, .. } => messages,
            error => return error.during(Action::Rotate, name),
        };
        let invalid = |field: &'static str, reason: String| StoreError::from(Invalid::new(field, reason));
        match (Fault::of(&messages), wanted) {
            (Fault::NoConnection, Some((role, login))) => invalid(
                "connection",
                format!(
                    "the engine `{}` has no connection `{}`; {}",
                    role.mount,
                    login.connection,
                    self.known_connections(role).await
                ),
            ),
            (Fault::NotAllowed, Some((role, login))) => invalid(
                "connection",
                format!(
                    "the connection `{}` does not allow the role `{}`; add it to the connection's `allowed_roles`",
                    login.connection, role.role
                ),
            ),
            (Fault::NoLogin, Some((_, login))) => invalid(
                "username",
                format!(
                    "the database of the connection `{}` has no login `{}`; create it there first",
                    login.connection, login.username
                ),
            ),
            (Fault::OtherLogin, Some((role, _))) => invalid("username", other_login(role, None)),
            (Fault::NoRole, _) => StoreError::secret_not_found(KIND, name),
            (Fault::ShortPeriod, _) => invalid("schedule", too_short()),
            (Fault::Statement { code }, _) => invalid(
                "statements",
                format!(
                    "the database refused to change the password ({code}); its own log says more. The text is not shown here, because it may repeat the password"
                ),
            ),
            (fault, _) => StoreError::Unavailable {
                store: KIND,
                reason: format!("`{name}` was not rotated: {}", fault.plain()),
                source: None,
            },
        }
    }

    async fn known_connections(&self, role: &StaticRole) -> String {
        match self.client.list(&format!("{}/config", role.mount)).await {
            Ok(names) if names.is_empty() => "it has none; configure one first".to_owned(),
            Ok(names) => format!("it has `{}`", names.join("`, `")),
            // Not needed for anything else, so it is no error not to be allowed to.
            Err(_) => format!("list `{}/config` to see which it has", role.mount),
        }
    }

    /// Asks the server what its endpoint takes, where the wish needs more than every server has.
    async fn needed_features(
        &self,
        role: &StaticRole,
        spec: &RotationSpec,
        taken: Role,
    ) -> Result<Vec<Feature>> {
        let needed = feature::needed(spec, taken);
        if needed.is_empty() {
            return Ok(needed);
        }
        #[derive(Deserialize)]
        struct Help {
            help: String,
        }
        let body = self.client.send(Operation::Help, &role.definition(), None).await;
        let help: Help = match body.map(|body| body.parse()) {
            Ok(Ok(help)) => help,
            // Without a description nothing is known to be missing; what the server keeps is compared afterwards.
            Ok(Err(_))
            | Err(ApiError::Denied { .. } | ApiError::NotFound { .. } | ApiError::Refused { .. }) => {
                return Ok(needed);
            }
            Err(error) => return Err(error.without_secret()),
        };
        match needed.iter().find(|feature| !arguments(&help.help).any(|name| name == feature.argument())) {
            None => Ok(needed),
            Some(missing) => Err(StoreError::Unsupported {
                store: KIND,
                what: missing.what().to_owned(),
                why: format!(
                    "the database engine of this server has no `{}`; {}",
                    missing.argument(),
                    missing.instead()
                ),
            }),
        }
    }
}

#[derive(Serialize)]
struct Empty {}

fn describe_schedule(schedule: &RotationSchedule) -> String {
    match schedule {
        RotationSchedule::Every(period) => format!("every {period:#}"),
        RotationSchedule::Cron(schedule) => schedule.clone(),
    }
}

fn says(messages: &[String], text: &str) -> bool {
    messages.iter().any(|message| message.contains(text))
}
