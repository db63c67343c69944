//! Whom a grant names, and where the server keeps that one's list of policies.
//!
//! | Principal | Its policies |
//! |---|---|
//! | `entity:NAME`, `group:NAME` | `policies` of `identity/entity/id/ID`, `identity/group/id/ID` |
//! | `approle:ROLE` | `token_policies` of `auth/approle/role/ROLE` |
//! | `jwt:ROLE`, `oidc:ROLE` | `token_policies` of `auth/jwt/role/ROLE`, `auth/oidc/role/ROLE` |
//! | `userpass:USER` | `token_policies` of `auth/userpass/users/USER` |
//! | `cert:ROLE` | `token_policies` of `auth/cert/certs/ROLE` |
//! | `kubernetes:NAMESPACE/SERVICEACCOUNT` | `token_policies` of each role of `auth/kubernetes` that is bound to exactly it |
//!
//! An auth method that is mounted elsewhere stands before the rest: `approle:team/approle/ROLE`. Without it, it is the one
//! at the usual place, or else the only one of its type.

use std::collections::BTreeMap;
use std::fmt;

use futures::{StreamExt, TryStreamExt};
use serde::Deserialize;
use serde_json::Value;

use super::client::{ApiError, Client};
use crate::error::Invalid;

/// How many requests are under way at once, where many are needed.
pub(super) const CONCURRENCY: usize = 10;

/// One identity of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum VaultPrincipal {
    /// An entity of the identity engine, by name.
    Entity(String),
    /// A group of the identity engine, by name.
    Group(String),
    /// A role, or user, of an auth method.
    Role { method: Method, mount: Option<String>, name: String },
    /// A service account of a Kubernetes cluster.
    ServiceAccount { mount: Option<String>, namespace: String, name: String },
}

/// An auth method whose roles have names that a grant can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    AppRole,
    Cert,
    Jwt,
    Kubernetes,
    Oidc,
    Userpass,
}

impl Method {
    /// Every method, for lists of who can do what.
    pub(super) const ALL: [Self; 6] =
        [Self::AppRole, Self::Cert, Self::Jwt, Self::Kubernetes, Self::Oidc, Self::Userpass];

    /// What begins a principal, and where the method is mounted usually.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::AppRole => "approle",
            Self::Cert => "cert",
            Self::Jwt => "jwt",
            Self::Kubernetes => "kubernetes",
            Self::Oidc => "oidc",
            Self::Userpass => "userpass",
        }
    }

    /// What its roles are below the mount.
    pub(super) const fn folder(self) -> &'static str {
        match self {
            Self::Cert => "certs",
            Self::Userpass => "users",
            Self::AppRole | Self::Jwt | Self::Kubernetes | Self::Oidc => "role",
        }
    }

    /// What one of them is called in messages.
    const fn noun(self) -> &'static str {
        match self {
            Self::Userpass => "user",
            _ => "role",
        }
    }

    /// Whether a mount of this type has roles of this method. One engine serves both `jwt` and `oidc`.
    pub(super) fn is_type(self, text: &str) -> bool {
        match self {
            Self::Jwt | Self::Oidc => matches!(text, "jwt" | "oidc"),
            other => other.as_str() == text,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == text)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

fn invalid<T>(reason: impl Into<String>) -> Result<T, Invalid> {
    Err(Invalid::new("principal", reason))
}

const FORMS: &str = "write `entity:NAME`, `group:NAME`, `approle:ROLE`, `userpass:USER`, `jwt:ROLE`, `oidc:ROLE`, `cert:ROLE` or \
     `kubernetes:NAMESPACE/SERVICEACCOUNT`";

impl VaultPrincipal {
    /// Parses a principal as grants name it.
    ///
    /// # Errors
    /// [`Invalid`] on field `principal`, saying what can be written.
    pub(super) fn parse(text: &str) -> Result<Self, Invalid> {
        if text == "root" {
            return invalid(format!("the root token may do everything already; {FORMS}"));
        }
        let Some((kind, rest)) = text.split_once(':') else {
            return invalid(format!("`{text}` does not say what it names; {FORMS}"));
        };
        if rest.is_empty() {
            return invalid(format!("`{text}` names nobody; {FORMS}"));
        }
        // A name becomes part of a path on the server.
        if let Some(part) = rest.split('/').find(|part| matches!(*part, "" | "." | ".." | "+")) {
            return invalid(format!("`{text}` has the part `{part}` between slashes; {FORMS}"));
        }
        if rest.contains('*') {
            return invalid(format!("`{text}` has a wildcard; a grant names exactly one identity"));
        }
        match (kind, Method::parse(kind)) {
            ("entity", _) => Ok(Self::Entity(rest.to_owned())),
            ("group", _) => Ok(Self::Group(rest.to_owned())),
            (_, Some(Method::Kubernetes)) => {
                let mut parts = rest.rsplitn(3, '/');
                let (Some(name), Some(namespace)) = (parts.next(), parts.next()) else {
                    return invalid(format!(
                        "`{text}` has no namespace; write `kubernetes:NAMESPACE/{rest}`"
                    ));
                };
                let (name, namespace) = (name.to_owned(), namespace.to_owned());
                Ok(Self::ServiceAccount { mount: parts.next().map(str::to_owned), namespace, name })
            }
            (_, Some(method)) => Ok(match rest.rsplit_once('/') {
                Some((mount, name)) => {
                    Self::Role { method, mount: Some(mount.to_owned()), name: name.to_owned() }
                }
                None => Self::Role { method, mount: None, name: rest.to_owned() },
            }),
            (other, None) => invalid(format!("`{other}` is nothing that a grant can name here; {FORMS}")),
        }
    }
}

/// Why a principal was not found.
#[derive(Debug, thiserror::Error)]
pub(super) enum LookupError {
    /// It is not there, or is more than one. Next: correct the principal, or make it.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The server could not be asked.
    #[error(transparent)]
    Api(#[from] ApiError),
}

/// A place with a list of policies: the path of a role, user, entity or group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct PolicyHolder(String);

impl PolicyHolder {
    /// The holder at a path that [`PolicyHolder::path`] gave.
    pub(super) fn at(path: impl Into<String>) -> Self {
        Self(path.into())
    }

    /// Its path.
    pub(super) fn path(&self) -> &str {
        &self.0
    }

    /// Which of its fields is the list.
    pub(super) fn field(&self) -> &'static str {
        if self.0.starts_with("identity/") { "policies" } else { "token_policies" }
    }
}

/// What a path answers.
pub(super) type Fields = serde_json::Map<String, Value>;

/// Reads a path that may not be there.
pub(super) async fn read_fields(client: &Client, path: &str) -> Result<Option<Fields>, ApiError> {
    #[derive(Deserialize)]
    struct Answer {
        #[serde(default)]
        data: Option<Fields>,
    }
    match client.read::<Answer>(path).await {
        Ok(answer) => Ok(answer.data),
        Err(ApiError::NotFound { .. } | ApiError::Refused { status: 404, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A list of texts in an answer; none when it is null or absent.
pub(super) fn texts(fields: &Fields, key: &str) -> Vec<String> {
    let items = fields.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The names below a path; none when there is no such path.
pub(super) async fn names_at(client: &Client, path: &str) -> Result<Vec<String>, ApiError> {
    match client.list(path).await {
        Err(ApiError::Refused { status: 404, .. }) => Ok(Vec::new()),
        other => other,
    }
}

/// The auth methods: type by mount path without a slash at its end.
pub(super) async fn auth_mounts(client: &Client) -> Result<BTreeMap<String, String>, ApiError> {
    #[derive(Deserialize)]
    struct Mount {
        #[serde(rename = "type")]
        method: String,
    }
    #[derive(Deserialize)]
    struct Answer {
        data: BTreeMap<String, Mount>,
    }
    let answer: Answer = client.read("sys/auth").await?;
    let mounts = answer.data.into_iter();
    Ok(mounts.map(|(path, mount)| (path.trim_end_matches('/').to_owned(), mount.method)).collect())
}

impl VaultPrincipal {
    /// Finds where its policies are; more than one place for a service account with several roles of its own.
    pub(super) async fn holders(&self, client: &Client) -> Result<Vec<PolicyHolder>, LookupError> {
        match self {
            Self::Entity(name) => identity(client, "entity", name).await,
            Self::Group(name) => identity(client, "group", name).await,
            Self::Role { method, mount, name } => role(client, *method, mount.as_deref(), name).await,
            Self::ServiceAccount { mount, namespace, name } => {
                service_account(client, mount.as_deref(), namespace, name).await
            }
        }
    }
}

async fn identity(client: &Client, kind: &str, name: &str) -> Result<Vec<PolicyHolder>, LookupError> {
    let found = read_fields(client, &format!("identity/{kind}/name/{name}")).await?;
    match found.as_ref().and_then(|fields| fields.get("id")?.as_str()) {
        // By id, so that it is found again when somebody has renamed it.
        Some(id) => Ok(vec![PolicyHolder::at(format!("identity/{kind}/id/{id}"))]),
        None => {
            let hint = similar(client, &format!("identity/{kind}/name"), name).await;
            Ok(invalid(format!(
                "there is no {kind} `{name}`{hint}; make it with `bao write identity/{kind} name={name}`"
            ))?)
        }
    }
}

async fn role(
    client: &Client,
    method: Method,
    mount: Option<&str>,
    name: &str,
) -> Result<Vec<PolicyHolder>, LookupError> {
    let usual = mount.unwrap_or(method.as_str());
    let path = |mount: &str| format!("auth/{mount}/{}/{name}", method.folder());
    if read_fields(client, &path(usual)).await?.is_some() {
        return Ok(vec![PolicyHolder::at(path(usual))]);
    }
    let at = mount_of(client, method, mount).await?;
    if at != usual && read_fields(client, &path(&at)).await?.is_some() {
        return Ok(vec![PolicyHolder::at(path(&at))]);
    }
    let hint = similar(client, &format!("auth/{at}/{}", method.folder()), name).await;
    let (noun, path) = (method.noun(), path(&at));
    let made = match method {
        Method::Userpass => format!("bao write {path} password=…"),
        _ => format!("bao write {path} …"),
    };
    Ok(invalid(format!("there is no {noun} `{name}` at `auth/{at}`{hint}; make it with `{made}`"))?)
}

async fn service_account(
    client: &Client,
    mount: Option<&str>,
    namespace: &str,
    name: &str,
) -> Result<Vec<PolicyHolder>, LookupError> {
    let mut at = mount.unwrap_or(Method::Kubernetes.as_str()).to_owned();
    let mut roles = names_at(client, &format!("auth/{at}/role")).await?;
    if roles.is_empty() {
        at = mount_of(client, Method::Kubernetes, mount).await?;
        roles = names_at(client, &format!("auth/{at}/role")).await?;
    }
    let read = |role: String| {
        let path = format!("auth/{at}/role/{role}");
        async move { Ok::<_, ApiError>((role, read_fields(client, &path).await?)) }
    };
    let mut read: Vec<_> =
        futures::stream::iter(roles).map(read).buffer_unordered(CONCURRENCY).try_collect().await?;
    read.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut exact = Vec::new();
    let mut wider = Vec::new();
    for (role, fields) in read {
        let Some(fields) = fields else { continue };
        match Binding::of(&fields).covers(namespace, name) {
            Coverage::Exact => exact.push(PolicyHolder::at(format!("auth/{at}/role/{role}"))),
            Coverage::Wider => wider.push(format!("`{role}`")),
            Coverage::None => {}
        }
    }
    if !exact.is_empty() {
        return Ok(exact);
    }
    let found = if wider.is_empty() {
        format!("no role at `auth/{at}` is bound to")
    } else {
        format!("the roles {} at `auth/{at}` are for more than", wider.join(", "))
    };
    Ok(invalid(format!(
        "{found} service account `{name}` in namespace `{namespace}`; make one that is bound to exactly it: `bao write \
         auth/{at}/role/{namespace}-{name} bound_service_account_names={name} bound_service_account_namespaces={namespace}`"
    ))?)
}

/// Which service accounts a role of Kubernetes is for.
struct Binding {
    names: Vec<String>,
    namespaces: Vec<String>,
    /// Whether namespaces are chosen by label as well.
    has_selector: bool,
}

enum Coverage {
    Exact,
    Wider,
    None,
}

impl Binding {
    fn of(fields: &Fields) -> Self {
        let selector = fields.get("bound_service_account_namespace_selector").and_then(Value::as_str);
        Self {
            names: texts(fields, "bound_service_account_names"),
            namespaces: texts(fields, "bound_service_account_namespaces"),
            has_selector: selector.is_some_and(|selector| !selector.is_empty()),
        }
    }

    fn covers(&self, namespace: &str, name: &str) -> Coverage {
        if self.names == [name] && self.namespaces == [namespace] && !self.has_selector {
            return Coverage::Exact;
        }
        let has = |list: &[String], item: &str| {
            list.iter().any(|entry| match entry.split_once('*') {
                Some((start, _)) => item.starts_with(start),
                None => entry == item,
            })
        };
        if has(&self.names, name) && (self.has_selector || has(&self.namespaces, namespace)) {
            Coverage::Wider
        } else {
            Coverage::None
        }
    }
}

/// Where the method is mounted: as the principal says, at its usual place, or wherever its only mount is.
async fn mount_of(client: &Client, method: Method, wanted: Option<&str>) -> Result<String, LookupError> {
    let usual = wanted.unwrap_or(method.as_str());
    let mounts = match auth_mounts(client).await {
        Ok(mounts) => mounts,
        // Without the right to list the methods, the usual place is all one can go by.
        Err(ApiError::Denied { .. }) => return Ok(usual.to_owned()),
        Err(error) => return Err(error.into()),
    };
    match mounts.get(usual) {
        Some(found) if method.is_type(found) => return Ok(usual.to_owned()),
        Some(found) if wanted.is_some() => {
            return Ok(invalid(format!("`auth/{usual}` is of type `{found}`, not `{method}`"))?);
        }
        _ => {}
    }
    let of_type: Vec<_> =
        mounts.iter().filter(|(_, found)| method.is_type(found)).map(|(path, _)| path).collect();
    match (wanted, of_type.as_slice()) {
        (None, [only]) => Ok((*only).clone()),
        (_, []) => Ok(invalid(format!(
            "no auth method of type `{method}` is mounted; mount it with `bao auth enable {method}`"
        ))?),
        (_, several) => {
            let listed: Vec<_> = several.iter().map(|path| format!("`{path}`")).collect();
            Ok(invalid(format!(
                "nothing of type `{method}` is mounted at `auth/{usual}`, but at {}; write such as `{method}:{}/…`",
                listed.join(", "),
                several[0]
            ))?)
        }
    }
}

/// `; perhaps … is meant`, if there is something like it. A hint must not fail what it is a hint of.
async fn similar(client: &Client, folder: &str, name: &str) -> String {
    let names = names_at(client, folder).await.unwrap_or_default();
    let mut close: Vec<_> = names
        .iter()
        .map(|candidate| (strsim::jaro_winkler(candidate, name), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .collect();
    close.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let quoted: Vec<_> = close.iter().take(3).map(|(_, candidate)| format!("`{candidate}`")).collect();
    if quoted.is_empty() { String::new() } else { format!("; perhaps {} is meant", quoted.join(" or ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role_of(method: Method, mount: Option<&str>, name: &str) -> VaultPrincipal {
        VaultPrincipal::Role { method, mount: mount.map(str::to_owned), name: name.to_owned() }
    }

    fn account(mount: Option<&str>, namespace: &str, name: &str) -> VaultPrincipal {
        let mount = mount.map(str::to_owned);
        VaultPrincipal::ServiceAccount { mount, namespace: namespace.to_owned(), name: name.to_owned() }
    }

    #[test]
    fn each_kind_is_parsed() {
        for (text, expected) in [
            ("entity:orders", VaultPrincipal::Entity("orders".to_owned())),
            ("group:team:a", VaultPrincipal::Group("team:a".to_owned())),
            ("approle:orders", role_of(Method::AppRole, None, "orders")),
            ("approle:team/approle/orders", role_of(Method::AppRole, Some("team/approle"), "orders")),
            ("userpass:alice", role_of(Method::Userpass, None, "alice")),
            ("jwt:ci", role_of(Method::Jwt, None, "ci")),
            ("oidc:people", role_of(Method::Oidc, None, "people")),
            ("cert:web", role_of(Method::Cert, None, "web")),
            ("kubernetes:prod/orders", account(None, "prod", "orders")),
            ("kubernetes:eu/cluster/prod/orders", account(Some("eu/cluster"), "prod", "orders")),
        ] {
            assert_eq!(VaultPrincipal::parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_names_nobody_or_everybody_is_refused_with_what_to_write() {
        for (text, expected) in [
            ("root", "may do everything already"),
            ("orders", "does not say what it names"),
            ("approle:", "names nobody"),
            ("approle:a*", "wildcard"),
            ("approle:+", "the part `+`"),
            ("approle:../../sys", "the part `..`"),
            ("approle:team//x", "the part ``"),
            ("entity:a/", "the part ``"),
            ("kubernetes:orders", "write `kubernetes:NAMESPACE/orders`"),
            ("ldap:alice", "`ldap` is nothing that a grant can name here; write `entity:NAME`"),
            ("token:root", "`token` is nothing"),
        ] {
            let error = VaultPrincipal::parse(text).unwrap_err();
            assert_eq!(error.field, "principal");
            assert!(error.reason.contains(expected), "{text}: {error}");
        }
    }
}
