//! Who to be on the server: a token, or a way to log in; written, or found where the clients and CI systems leave it.

use std::path::{Path, PathBuf};

use reqwest::Url;

use super::{Variables, parse_mount};
use crate::error::Invalid;
use crate::value::SecretValue;

/// How to log in. A `mount` is the auth method's path below `auth/`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthMethod {
    /// With a token that somebody made.
    Token(SecretValue),
    /// As a machine, with a role and its password.
    AppRole {
        /// Usually `approle`.
        mount: String,
        /// Which role.
        role_id: String,
        /// Its password; `None` for a role bound to addresses only.
        secret_id: Option<SecretValue>,
    },
    /// As the service account of the pod this runs in.
    Kubernetes {
        /// Usually `kubernetes`.
        mount: String,
        /// Which role.
        role: String,
        /// The service account's token; see [`AuthMethod::SERVICE_ACCOUNT_TOKEN`].
        token_path: PathBuf,
    },
    /// With a signed token of an identity provider, such as a CI job has.
    Jwt {
        /// Usually `jwt`.
        mount: String,
        /// Which role; `None` for the method's default role.
        role: Option<String>,
        /// Where the signed token is.
        source: JwtSource,
    },
    /// As a person.
    Userpass {
        /// Usually `userpass`.
        mount: String,
        /// Who.
        username: String,
        /// The password.
        password: SecretValue,
    },
    /// With the client's certificate of the connection.
    Cert {
        /// Usually `cert`.
        mount: String,
        /// Which role; `None` for the first that fits.
        role: Option<String>,
    },
}

/// Where a signed token (JWT) is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JwtSource {
    /// Here.
    Token(SecretValue),
    /// In a file, read at login.
    File(PathBuf),
    /// In an environment variable of this name.
    Variable(String),
    /// In the first of [`JwtSource::CI_VARIABLES`] that is set, else from GitHub Actions.
    Ci,
    /// From GitHub Actions, for a job with the permission `id-token: write`.
    GitHubActions {
        /// Whom the token is to be for; `None` for GitHub's default, the address of the repository's owner.
        audience: Option<String>,
    },
    /// In the answer of an address, `{"value": "…"}`, asked with this bearer token at login. What GitHub Actions comes down to.
    Request {
        /// The address, complete.
        url: String,
        /// The token that it wants.
        bearer: SecretValue,
    },
}

impl JwtSource {
    /// Variables in which CI systems leave a job's token: GitLab (as its documentation names it), HCP Terraform, and the one
    /// that HashiCorp's provider reads.
    pub const CI_VARIABLES: [&'static str; 4] =
        ["BAO_ID_TOKEN", "VAULT_ID_TOKEN", "TFC_WORKLOAD_IDENTITY_TOKEN", "TERRAFORM_VAULT_AUTH_JWT"];
}

impl AuthMethod {
    /// Where Kubernetes puts a pod's service account token.
    pub const SERVICE_ACCOUNT_TOKEN: &'static str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

    /// The method's name in messages: its type.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Token(_) => "token",
            Self::AppRole { .. } => "approle",
            Self::Kubernetes { .. } => "kubernetes",
            Self::Jwt { .. } => "jwt",
            Self::Userpass { .. } => "userpass",
            Self::Cert { .. } => "cert",
        }
    }
}

/// The method written, else the token written, else a token from the environment or the client's file.
pub(super) fn resolve_auth(
    written: Option<AuthMethod>,
    token: Option<SecretValue>,
    variables: &Variables<'_>,
) -> Result<AuthMethod, Invalid> {
    let method = match (written, token) {
        (Some(_), Some(_)) => {
            return Err(Invalid::new("token", "give either `token` or one `auth` block, not both"));
        }
        (Some(method), None) => method,
        (None, Some(token)) => AuthMethod::Token(token),
        (None, None) => AuthMethod::Token(found_token(variables)?),
    };
    checked(method, variables)
}

fn found_token(variables: &Variables<'_>) -> Result<SecretValue, Invalid> {
    if let Some((token, _)) = variables.named("TOKEN") {
        return Ok(SecretValue::from_text(token));
    }
    let home = (variables.0)("HOME").or_else(|| (variables.0)("USERPROFILE")).filter(|home| !home.is_empty());
    let file = home.map(|home| Path::new(&home).join(".vault-token"));
    match file.map(|file| (std::fs::read(&file), file)) {
        Some((Ok(bytes), _)) if !bytes.is_empty() => Ok(SecretValue::new(bytes)),
        Some((Err(error), file)) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Invalid::new("token", format!("`{}` cannot be read: {error}", file.display())))
        }
        _ => Err(Invalid::new(
            "token",
            "nothing says who to be on the server. There are three ways: `token` here or BAO_TOKEN or VAULT_TOKEN; \
             `bao login`, which leaves a token in `~/.vault-token`; or an `auth` block that logs in by approle, \
             kubernetes, jwt, userpass or cert",
        )),
    }
}

/// Checks what goes into paths and headers, and finds a CI job's token.
fn checked(method: AuthMethod, variables: &Variables<'_>) -> Result<AuthMethod, Invalid> {
    let filled = |field: &'static str, text: &str| {
        if text.is_empty() { Err(Invalid::new(field, "it is empty")) } else { Ok(()) }
    };
    let mount = |mount: &str| parse_mount("auth.mount", mount);
    Ok(match method {
        AuthMethod::Token(token) => AuthMethod::Token(parse_token(token)?),
        AuthMethod::AppRole { mount: path, role_id, secret_id } => {
            filled("auth.role_id", &role_id)?;
            AuthMethod::AppRole { mount: mount(&path)?, role_id, secret_id }
        }
        AuthMethod::Kubernetes { mount: path, role, token_path } => {
            filled("auth.role", &role)?;
            AuthMethod::Kubernetes { mount: mount(&path)?, role, token_path }
        }
        AuthMethod::Jwt { mount: path, role, source } => {
            AuthMethod::Jwt { mount: mount(&path)?, role, source: found_jwt(source, variables)? }
        }
        AuthMethod::Userpass { mount: path, username, password } => {
            // It becomes a segment of a path.
            if parse_mount("auth.username", &username).is_err() || username.contains('/') {
                return Err(Invalid::new("auth.username", format!("`{username}` is no user's name")));
            }
            AuthMethod::Userpass { mount: mount(&path)?, username, password }
        }
        AuthMethod::Cert { mount: path, role } => AuthMethod::Cert { mount: mount(&path)?, role },
    })
}

fn found_jwt(source: JwtSource, variables: &Variables<'_>) -> Result<JwtSource, Invalid> {
    let variable = |name: &str| (variables.0)(name).filter(|text| !text.is_empty());
    match source {
        JwtSource::Variable(name) => match variable(&name) {
            Some(token) => Ok(JwtSource::Token(SecretValue::from_text(token))),
            None => Err(Invalid::new(
                "auth.token_variable",
                format!("the environment variable {name} is not set, or empty"),
            )),
        },
        JwtSource::Ci => match JwtSource::CI_VARIABLES.iter().find_map(|name| variable(name)) {
            Some(token) => Ok(JwtSource::Token(SecretValue::from_text(token))),
            None => github_actions(None, &variable).ok_or_else(|| {
                let names = JwtSource::CI_VARIABLES.join(", ");
                let reason = format!(
                    "no signed token is given, none of {names} is set, and this is no job of GitHub Actions with `id-token: write`; name a token, a file or a variable"
                );
                Invalid::new("auth.token", reason)
            }),
        },
        JwtSource::GitHubActions { audience } => {
            github_actions(audience.as_deref(), &variable).ok_or_else(|| {
                Invalid::new(
                    "auth.token",
                    "this is no job of GitHub Actions with the permission `id-token: write`, which sets ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN",
                )
            })
        }
        known => Ok(known),
    }
}

/// How a job asks for its token. Source: <https://docs.github.com/actions/reference/security/oidc#methods-for-requesting-the-oidc-token>.
fn github_actions(audience: Option<&str>, variable: &dyn Fn(&str) -> Option<String>) -> Option<JwtSource> {
    let mut url = Url::parse(&variable("ACTIONS_ID_TOKEN_REQUEST_URL")?).ok()?;
    let bearer = SecretValue::from_text(variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN")?);
    if let Some(audience) = audience {
        url.query_pairs_mut().append_pair("audience", audience);
    }
    Some(JwtSource::Request { url: url.into(), bearer })
}

/// Files end in a line break, and a header must not hold one.
#[expect(
    clippy::disallowed_methods,
    reason = "a token is checked for what a header can hold; none of it is shown"
)]
fn parse_token(token: SecretValue) -> Result<SecretValue, Invalid> {
    let trimmed = token.expose().trim_ascii();
    if trimmed.is_empty() {
        return Err(Invalid::new("token", "it is empty"));
    }
    if !trimmed.iter().all(u8::is_ascii_graphic) {
        return Err(Invalid::new(
            "token",
            "it has a space, a line break or another character that no token has; copy it again",
        ));
    }
    Ok(if trimmed.len() == token.len() { token } else { SecretValue::new(trimmed.to_vec()) })
}
