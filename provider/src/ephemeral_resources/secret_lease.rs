//! Ephemeral `secret_lease`: a credential that the store makes for this run and takes back at its end. Prolonged while Terraform
//! runs; what Terraform cannot close, because it was killed, ends by itself.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use secret_store::json;
use secret_store::{LeaseId, LeaseRequest, LeaseTerm, Leases, Renewal};
use serde::{Deserialize, Serialize};
use tf_plugin::{
    Attribute, CloseRequest, Context, Diagnostic, Diagnostics, EphemeralResource, Exposed, OpenRequest,
    Opened, RenewRequest, Renewed, Schema, Type, Value,
};

use super::Sent;
use crate::client::Client;
use crate::diagnostics::{failed, wrong};
use crate::text::known;

/// The ephemeral resource `secret_lease`.
#[derive(Debug)]
pub(crate) struct SecretLease;

/// An ephemeral `secret_lease` in configuration and result.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LeaseModel {
    path: Value<String>,
    parameters: Value<BTreeMap<String, Value<String>>>,
    after: Value<String>,
    fields: Value<BTreeMap<String, Exposed<Sent>>>,
    username: Exposed<Sent>,
    password: Exposed<Sent>,
    lease_id: Value<String>,
    lease_duration: Value<i64>,
}

/// What renewing and closing need.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LeasePrivate {
    lease: LeaseId,
    path: String,
}

#[async_trait]
impl EphemeralResource for SecretLease {
    type Client = Client;
    type Model = LeaseModel;
    type Private = LeasePrivate;

    fn schema(&self) -> Schema {
        Schema::new()
            .description(
                "A credential that the store makes for this run: a database login, a token. It is renewed while Terraform runs and revoked when \
                 nothing needs it any more, and it is in no plan and no state.\n\n\
                 Terraform opens ephemeral resources in a plan too. To have the credential made in the apply only, refer to something that is \
                 unknown until then, in `path` or in `after`.",
            )
            .attribute(Attribute::string("path").required().description(
                "Where the store makes it, in the store's own terms, such as `database/creds/readonly`.",
            ))
            .attribute(Attribute::map("parameters", Type::String).optional().description(
                "Arguments of the path, for engines that take some. With any, the path is written to instead of read.",
            ))
            .attribute(Attribute::string("after").optional().description(
                "Any text; it is not used. While it is unknown the credential is not made: give it an attribute of a resource that must exist first.",
            ))
            .attribute(
                Attribute::map("fields", Type::String)
                    .computed()
                    .sensitive()
                    .description("Everything the store answered, by name, as texts."),
            )
            .attribute(
                Attribute::string("username").computed().sensitive().description("The field `username`; null if there is none."),
            )
            .attribute(
                Attribute::string("password").computed().sensitive().description("The field `password`; null if there is none."),
            )
            .attribute(Attribute::string("lease_id").computed().description("The store's name of the lease."))
            .attribute(
                Attribute::number("lease_duration")
                    .computed()
                    .description("For how many seconds it was given; it is renewed before they are over, where the store can."),
            )
    }

    async fn validate(&self, config: LeaseModel, _context: Context) -> Diagnostics {
        let mut problems = Diagnostics::new();
        if let Some(path) = config.path.as_str() {
            problems.extend(path_problem(path).map(|reason| wrong("path", reason)));
        }
        for (name, value) in config.parameters.known().into_iter().flatten() {
            if value.is_null() {
                let path = tf_plugin::AttributePath::new("parameters").key(name);
                problems.push(wrong(path, "it is null; leave it out, or give it a text"));
            }
        }
        problems
    }

    async fn open(&self, client: &Client, request: OpenRequest<Self>) -> Result<Opened<Self>, Diagnostics> {
        let config = request.config;
        let leases = leases(client)?;
        let path = config.path.as_str().unwrap_or_default().to_owned();
        let parameters = config.parameters.known().into_iter().flatten();
        let parameters =
            parameters.filter_map(|(name, value)| Some((name.clone(), value.known()?.clone()))).collect();
        let doing = format!("lease a credential at `{path}`");
        let lease = leases
            .lease(LeaseRequest { path: path.clone(), parameters })
            .await
            .map_err(|error| failed(&doing, &error))?;
        let members = lease.value.object().and_then(|object| json::fields(&object));
        let members = match members {
            Ok(members) => members,
            Err(error) => {
                // A credential nobody can use must not live on.
                let ended = leases.end(&lease.id).await;
                let mut problems = failed(&doing, &error.into());
                problems.extend(ended.err().map(|error| not_ended(&lease.id, &error)));
                return Err(problems);
            }
        };
        let member =
            |name: &str| members.get(name).and_then(Sent::text).map(Exposed::new).unwrap_or_default();
        let result = LeaseModel {
            username: member("username"),
            password: member("password"),
            lease_id: known(lease.id.0.as_str()),
            lease_duration: Value::Known(lease.term.duration.as_secs()),
            fields: Value::Known(
                members
                    .iter()
                    .map(|(name, value)| (name.clone(), Exposed::new(Sent::from(value.clone()))))
                    .collect(),
            ),
            ..config
        };
        let opened = Opened::new(result).private(LeasePrivate { lease: lease.id, path });
        Ok(match renew_at(lease.term) {
            Some(time) => opened.renew_at(time),
            None => opened,
        })
    }

    async fn renew(
        &self,
        client: &Client,
        request: RenewRequest<Self>,
    ) -> Result<Renewed<Self>, Diagnostics> {
        let LeasePrivate { lease, path } = private(request.private)?;
        let term = leases(client)?
            .renew(&lease)
            .await
            .map_err(|error| failed(&format!("renew the credential leased at `{path}`"), &error))?;
        Ok(Renewed { private: None, renew_at: renew_at(term), diagnostics: Diagnostics::new() })
    }

    async fn close(&self, client: &Client, request: CloseRequest<Self>) -> Result<Diagnostics, Diagnostics> {
        let LeasePrivate { lease, .. } = private(request.private)?;
        match leases(client)?.end(&lease).await {
            Err(error) if !error.is_not_found() => Err(not_ended(&lease, &error).into()),
            _ => Ok(Diagnostics::new()),
        }
    }
}

/// When two thirds of the term are over, which leaves time for a second try; `None` where it cannot be prolonged.
fn renew_at(term: LeaseTerm) -> Option<SystemTime> {
    match term.renewal {
        Renewal::Impossible => None,
        Renewal::Possible => {
            let seconds = u64::try_from(term.duration.as_secs()).ok().filter(|seconds| *seconds > 0)?;
            SystemTime::now().checked_add(Duration::from_secs(seconds) * 2 / 3)
        }
    }
}

fn leases(client: &Client) -> Result<&dyn Leases, Diagnostics> {
    client.store().leases().ok_or_else(|| {
        Diagnostic::error(format!("Store `{}` leases no credentials", client.store().kind()))
            .detail("It keeps secrets that stay. Use a store that makes credentials, such as `vault`.")
            .into()
    })
}

fn private(private: Option<LeasePrivate>) -> Result<LeasePrivate, Diagnostics> {
    private.ok_or_else(|| {
        Diagnostic::error("The lease is not known any more")
            .detail("Terraform did not pass on what was noted when the credential was made. It ends by itself when its time is over.")
            .into()
    })
}

fn not_ended(lease: &LeaseId, error: &secret_store::StoreError) -> Diagnostic {
    let mut diagnostic = crate::diagnostics::store_error(&format!("revoke lease `{}`", lease.0), error);
    diagnostic
        .detail
        .push_str("\n\nThe credential works until its time is over, unless somebody revokes the lease.");
    diagnostic
}

/// Why a text is no path in a store.
fn path_problem(path: &str) -> Option<&'static str> {
    if path.is_empty() || path.starts_with('/') || path.ends_with('/') || path.contains("//") {
        return Some("write a path such as `database/creds/readonly`: segments divided by single slashes");
    }
    if path.split('/').any(|segment| matches!(segment, "." | "..")) {
        return Some("it has a segment `.` or `..`");
    }
    let refused = |character: char| {
        character.is_control() || character.is_whitespace() || matches!(character, '?' | '#' | '*')
    };
    path.contains(refused).then_some("it has white space, control characters, `?`, `#` or `*`")
}
