//! The ways to log in, each one request. Sources: <https://openbao.org/api-docs/auth/approle/> and the pages beside it.

use std::path::Path;

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use serde::Deserialize;
use zeroize::{Zeroize, Zeroizing};

use super::{Issued, issued};
use crate::error::Invalid;
use crate::json::JsonFields;
use crate::value::SecretValue;
use crate::vault::client::{ApiError, Client, Content};
use crate::vault::config::{AuthMethod, JwtSource};
use crate::vault::tls;

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
        JwtSource::Request { url, bearer } => requested_token(url, bearer).await,
        // Replaced by what they stand for when the configuration was read.
        JwtSource::Variable(_) | JwtSource::Ci | JwtSource::GitHubActions { .. } => {
            Err(wrong("auth.token", "the environment was not read".to_owned()))
        }
    }
}

/// Asks for a token that is valid for minutes, and so not before it is needed.
async fn requested_token(url: &str, bearer: &SecretValue) -> Result<SecretValue, ApiError> {
    #[derive(Deserialize)]
    struct Given {
        value: SecretValue,
    }
    let failed = |what: &str| wrong("auth.token", format!("the CI system gives no signed token: {what}"));
    let mut authorization = b"Bearer ".to_vec();
    authorization.extend_from_slice(exposed(bearer));
    let mut header = HeaderValue::from_bytes(&Zeroizing::new(authorization))
        .map_err(|_| failed("the token to ask with has a character that no token has"))?;
    header.set_sensitive(true);
    let client = tls::public_client().map_err(ApiError::Misconfigured)?;
    let request = client.get(url).header(AUTHORIZATION, header).header(ACCEPT, "application/json");
    let answer = request.send().await.map_err(|error| failed(&told(&error.without_url())))?;
    let status = answer.status();
    if !status.is_success() {
        return Err(failed(&format!("it answers {status}")));
    }
    let body = answer.bytes().await.map_err(|error| failed(&told(&error.without_url())))?;
    let given: Given = serde_json::from_slice(&body).map_err(|_| failed("its answer has no `value`"))?;
    if let Ok(mut body) = body.try_into_mut() {
        body.zeroize();
    }
    Ok(given.value)
}

/// An error with its causes.
fn told(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

#[expect(clippy::disallowed_methods, reason = "a request: the token goes into its header")]
fn exposed(bearer: &SecretValue) -> &[u8] {
    bearer.expose()
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
