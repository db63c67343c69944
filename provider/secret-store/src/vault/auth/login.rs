//! The ways to log in, each one request. Sources: <https://openbao.org/api-docs/auth/approle/> and the pages beside it.

use std::path::Path;

use super::{Issued, issued};
use crate::error::Invalid;
use crate::json::JsonFields;
use crate::value::SecretValue;
use crate::vault::client::{ApiError, Client, Content};
use crate::vault::config::{AuthMethod, JwtSource};

/// Logs in. What the server refuses is [`ApiError::Misconfigured`]: trying again helps nobody.
pub(super) async fn log_in(server: &Client, method: &AuthMethod) -> Result<Issued, ApiError> {
    let mut fields = JsonFields::new();
    let path = match method {
        AuthMethod::Token(_) => {
            return Err(wrong("token", "a token is used, not logged in with".to_owned()));
        }
        AuthMethod::AppRole { mount, role_id, secret_id } => {
            fields.set_public("role_id", role_id);
            if let Some(secret_id) = secret_id {
                fields.set("secret_id", secret_id.clone());
            }
            format!("auth/{mount}/login")
        }
        AuthMethod::Kubernetes { mount, role, token_path } => {
            fields.set_public("role", role);
            fields.set("jwt", read_token("auth.token_path", token_path).await?);
            format!("auth/{mount}/login")
        }
        AuthMethod::Jwt { mount, role, source } => {
            if let Some(role) = role {
                fields.set_public("role", role);
            }
            fields.set("jwt", signed_token(source).await?);
            format!("auth/{mount}/login")
        }
        AuthMethod::Userpass { mount, username, password } => {
            fields.set("password", password.clone());
            format!("auth/{mount}/login/{username}")
        }
        AuthMethod::Cert { mount, role } => {
            if let Some(role) = role {
                fields.set_public("name", role);
            }
            format!("auth/{mount}/login")
        }
    };
    let content = Content::from_value(&fields.object().map_err(ApiError::Misconfigured)?);
    let kind = method.kind();
    issued(server, &path, &content, None).await.map_err(|error| match error {
        ApiError::Refused { messages, .. } => {
            wrong("auth", format!("the login by {kind} at `{path}` was refused: {}", plain(&messages)))
        }
        // An auth method that is not mounted denies, so that nobody can find out which there are.
        ApiError::Denied { .. } | ApiError::NotFound { .. } => wrong(
            "auth",
            format!(
                "the login by {kind} at `{path}` was refused; is that auth method there, and the role in it?"
            ),
        ),
        // What the method answers when the identity provider or the cluster behind it cannot be asked.
        other => other,
    })
}

/// The server's words without the frame that it puts around lists of errors.
fn plain(messages: &[String]) -> String {
    let lines = messages.iter().flat_map(|message| message.lines());
    let said: Vec<&str> = lines
        .map(|line| line.trim().trim_start_matches("* "))
        .filter(|line| !line.is_empty() && !line.ends_with("occurred:"))
        .collect();
    if said.is_empty() { "the server does not say why".to_owned() } else { said.join("; ") }
}

async fn signed_token(source: &JwtSource) -> Result<SecretValue, ApiError> {
    match source {
        JwtSource::Token(token) => Ok(token.clone()),
        JwtSource::File(path) => read_token("auth.token_file", path).await,
        // Replaced by the variable's content when the configuration was read.
        JwtSource::Variable(name) => {
            Err(wrong("auth.token_variable", format!("the variable {name} was not read")))
        }
        JwtSource::Ci => Err(wrong("auth.token", "no variable of a CI system was read".to_owned())),
    }
}

/// Read at every login, because it is replaced while the process works.
#[expect(clippy::disallowed_methods, reason = "white space around a token in a file is not part of it")]
async fn read_token(field: &'static str, path: &Path) -> Result<SecretValue, ApiError> {
    let bytes = match tokio::fs::read(path).await {
        Ok(bytes) => SecretValue::new(bytes),
        Err(error) => return Err(wrong(field, format!("`{}` cannot be read: {error}", path.display()))),
    };
    let token = bytes.expose().trim_ascii();
    if token.is_empty() {
        return Err(wrong(field, format!("`{}` is empty", path.display())));
    }
    Ok(SecretValue::new(token.to_vec()))
}

fn wrong(field: &'static str, reason: String) -> ApiError {
    ApiError::Misconfigured(Invalid::new(field, reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frame_around_the_servers_words_is_left_out() {
        let said = |messages: &[&str]| {
            plain(&messages.iter().map(|message| (*message).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(said(&["1 error occurred:\n\t* permission denied\n\n"]), "permission denied");
        assert_eq!(said(&["invalid role or secret ID"]), "invalid role or secret ID");
        assert_eq!(said(&["2 errors occurred:\n\t* one\n\t* two\n\n"]), "one; two");
        assert_eq!(said(&[]), "the server does not say why");
    }
}
