//! The blocks `auth_…` of `vault { … }`: the ways to log in, at most one of them.

use std::path::PathBuf;

use secret_store::SecretValue;
use secret_store::vault::{AuthMethod, JwtSource};
use serde::{Deserialize, Serialize};
use tf_plugin::{Attribute, AttributePath, Block, Diagnostics, NestedBlock, Value, WriteOnly};

use super::{at, decided, wrong};

/// A way to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    AppRole,
    Kubernetes,
    Jwt,
    Userpass,
    Cert,
}

impl Method {
    /// The name of its block.
    pub(super) const fn block(self) -> &'static str {
        match self {
            Self::AppRole => "auth_approle",
            Self::Kubernetes => "auth_kubernetes",
            Self::Jwt => "auth_jwt",
            Self::Userpass => "auth_userpass",
            Self::Cert => "auth_cert",
        }
    }

    fn at(self, name: &str) -> AttributePath {
        at(self.block()).attribute(name)
    }

    /// The path of the method on the server: what is written, else its usual one.
    fn mount(self, written: Value<String>) -> Result<String, Diagnostics> {
        let usual = self.block().trim_start_matches("auth_");
        Ok(decided(self.at("mount"), written)?.unwrap_or_else(|| usual.to_owned()))
    }

    fn required(self, name: &str, written: Value<String>) -> Result<String, Diagnostics> {
        Ok(decided(self.at(name), written)?.unwrap_or_default())
    }
}

/// `auth_approle { … }`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AppRoleModel {
    mount: Value<String>,
    role_id: Value<String>,
    secret_id: WriteOnly<SecretValue>,
}

/// `auth_kubernetes { … }`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KubernetesModel {
    mount: Value<String>,
    role: Value<String>,
    token_file: Value<String>,
}

/// `auth_jwt { … }`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct JwtModel {
    mount: Value<String>,
    role: Value<String>,
    token: WriteOnly<SecretValue>,
    token_file: Value<String>,
    token_variable: Value<String>,
}

/// `auth_userpass { … }`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct UserpassModel {
    mount: Value<String>,
    username: Value<String>,
    password: WriteOnly<SecretValue>,
}

/// `auth_cert { … }`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CertModel {
    mount: Value<String>,
    role: Value<String>,
}

/// The schemas of the blocks.
pub(super) fn blocks() -> Vec<NestedBlock> {
    let text = |name: &str, description: &str| Attribute::string(name).optional().description(description);
    let required =
        |name: &str, description: &str| Attribute::string(name).required().description(description);
    let block = |method: Method, description: &str, attributes: Vec<Attribute>| {
        let usual = method.block().trim_start_matches("auth_");
        let mount = text("mount", &format!("Path of the auth method; default `{usual}`."));
        let start = Block::new().description(description).attribute(mount);
        NestedBlock::single(method.block(), attributes.into_iter().fold(start, Block::attribute))
    };
    vec![
        block(
            Method::AppRole,
            "Log in as a machine, with a role and its password.",
            vec![
                required("role_id", "Id of the role."),
                text(
                    "secret_id",
                    "Its password. Without it, the role must be bound to this machine's address.",
                )
                .sensitive(),
            ],
        ),
        block(
            Method::Kubernetes,
            "Log in as the service account of the pod this runs in.",
            vec![
                required("role", "Name of the role."),
                text(
                    "token_file",
                    "File with the service account's token; default `/var/run/secrets/kubernetes.io/serviceaccount/token`.",
                ),
            ],
        ),
        block(
            Method::Jwt,
            "Log in with a signed token of an identity provider, such as a CI job has. At most one of `token`, `token_file` and `token_variable`; \
             without any, the first variable that is set of `BAO_ID_TOKEN`, `VAULT_ID_TOKEN`, `TFC_WORKLOAD_IDENTITY_TOKEN` and \
             `TERRAFORM_VAULT_AUTH_JWT`, else the token that a job of GitHub Actions with `id-token: write` may ask for.",
            vec![
                text("role", "Name of the role; default the method's own."),
                text("token", "The signed token.").sensitive(),
                text("token_file", "File with it, read at login."),
                text("token_variable", "Environment variable with it."),
            ],
        ),
        block(
            Method::Userpass,
            "Log in as a person, with a user name and a password.",
            vec![required("username", "User name."), required("password", "Password.").sensitive()],
        ),
        block(
            Method::Cert,
            "Log in with the client's certificate of the connection, `client_cert_file`.",
            vec![text("role", "Name of the role; default the first that fits.")],
        ),
    ]
}

impl JwtModel {
    /// Checks that one place of the token is named at most.
    pub(super) fn check(&self) -> Diagnostics {
        let written: Vec<&str> = [
            ("token", self.token.is_null()),
            ("token_file", self.token_file.is_null()),
            ("token_variable", self.token_variable.is_null()),
        ]
        .into_iter()
        .filter(|(_, is_null)| !is_null)
        .map(|(name, _)| name)
        .collect();
        let mut problems = Diagnostics::new();
        if let [first, others @ ..] = written.as_slice() {
            for other in others {
                let reason =
                    format!("`{first}` and `{other}` both say where the signed token is; keep one of them");
                problems.push(wrong(Method::Jwt.at(other), reason));
            }
        }
        problems
    }

    fn method(self) -> Result<AuthMethod, Diagnostics> {
        let method = Method::Jwt;
        let token = decided(method.at("token"), self.token.into_value())?;
        let file = decided(method.at("token_file"), self.token_file)?;
        let variable = decided(method.at("token_variable"), self.token_variable)?;
        Ok(AuthMethod::Jwt {
            mount: method.mount(self.mount)?,
            role: decided(method.at("role"), self.role)?,
            source: match (token, file, variable) {
                (Some(token), _, _) => JwtSource::Token(token),
                (None, Some(file), _) => JwtSource::File(PathBuf::from(file)),
                (None, None, Some(variable)) => JwtSource::Variable(variable),
                (None, None, None) => JwtSource::Ci,
            },
        })
    }
}

/// The way to log in that is written, if one is.
pub(super) fn method(
    approle: Value<AppRoleModel>,
    kubernetes: Value<KubernetesModel>,
    jwt: Value<JwtModel>,
    userpass: Value<UserpassModel>,
    cert: Value<CertModel>,
) -> Result<Option<AuthMethod>, Diagnostics> {
    if let Some(model) = decided(at(Method::AppRole.block()), approle)? {
        let method = Method::AppRole;
        return Ok(Some(AuthMethod::AppRole {
            mount: method.mount(model.mount)?,
            role_id: method.required("role_id", model.role_id)?,
            secret_id: decided(method.at("secret_id"), model.secret_id.into_value())?,
        }));
    }
    if let Some(model) = decided(at(Method::Kubernetes.block()), kubernetes)? {
        let method = Method::Kubernetes;
        let token_file = decided(method.at("token_file"), model.token_file)?;
        return Ok(Some(AuthMethod::Kubernetes {
            mount: method.mount(model.mount)?,
            role: method.required("role", model.role)?,
            token_path: PathBuf::from(
                token_file.unwrap_or_else(|| AuthMethod::SERVICE_ACCOUNT_TOKEN.to_owned()),
            ),
        }));
    }
    if let Some(model) = decided(at(Method::Jwt.block()), jwt)? {
        return model.method().map(Some);
    }
    if let Some(model) = decided(at(Method::Userpass.block()), userpass)? {
        let method = Method::Userpass;
        let password = decided(method.at("password"), model.password.into_value())?;
        return Ok(Some(AuthMethod::Userpass {
            mount: method.mount(model.mount)?,
            username: method.required("username", model.username)?,
            password: password.unwrap_or_else(|| SecretValue::new(Vec::new())),
        }));
    }
    if let Some(model) = decided(at(Method::Cert.block()), cert)? {
        let method = Method::Cert;
        return Ok(Some(AuthMethod::Cert {
            mount: method.mount(model.mount)?,
            role: decided(method.at("role"), model.role)?,
        }));
    }
    Ok(None)
}
