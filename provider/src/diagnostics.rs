//! From a store's error to what Terraform's user reads: what happened, at which attribute, what to do. Causes are followed;
//! a value cannot be among them, as no error type of the store can hold one.

use std::error::Error as _;

use secret_store::{Invalid, StoreError};
use tf_plugin::{AttributePath, Diagnostic, Diagnostics};

/// A diagnostic for a store's error; `doing` completes "could not …".
pub(crate) fn store_error(doing: &str, error: &StoreError) -> Diagnostic {
    let mut detail = sentence(&match error {
        StoreError::Invalid(Invalid { field, reason }) if is_setting(field) => {
            format!("the store block of the provider has a wrong `{field}`: {reason}")
        }
        StoreError::Invalid(Invalid { field, reason }) if is_variable(field) => {
            format!("the environment variable `{field}` is wrong: {reason}")
        }
        error => error.to_string(),
    });
    let mut cause = error.source();
    while let Some(error) = cause {
        detail.push_str("\nCause: ");
        detail.push_str(&error.to_string());
        cause = error.source();
    }
    if let Some(advice) = advice(error) {
        detail.push_str("\n\n");
        detail.push_str(advice);
    }
    let diagnostic = Diagnostic::error(format!("Could not {doing}")).detail(detail);
    match error {
        StoreError::Invalid(invalid) => match attribute(invalid.field) {
            Some(path) => diagnostic.at(path),
            None => diagnostic,
        },
        StoreError::AlreadyExists { .. } | StoreError::ScheduledForDeletion { .. } => diagnostic.at("name"),
        _ => diagnostic,
    }
}

/// The same, as the error of a call that changed nothing.
pub(crate) fn failed(doing: &str, error: &StoreError) -> Diagnostics {
    store_error(doing, error).into()
}

/// The same, of an object that names its secret in `secret_id`.
pub(crate) fn failed_on(doing: &str, error: &StoreError) -> Diagnostics {
    on_secret_id(store_error(doing, error)).into()
}

/// What the store calls `name` is `secret_id` in an object that refers to a secret.
pub(crate) fn on_secret_id(diagnostic: Diagnostic) -> Diagnostic {
    if diagnostic.attribute == Some(AttributePath::new("name")) {
        diagnostic.at("secret_id")
    } else {
        diagnostic
    }
}

/// A diagnostic for input that does not parse, at its attribute.
pub(crate) fn invalid(path: impl Into<AttributePath>, error: &Invalid) -> Diagnostic {
    let path = path.into();
    Diagnostic::error(format!("Invalid value for `{path}`")).detail(sentence(&error.reason)).at(path)
}

/// A diagnostic for other input that is wrong.
pub(crate) fn wrong(path: impl Into<AttributePath>, detail: impl AsRef<str>) -> Diagnostic {
    let path = path.into();
    Diagnostic::error(format!("Invalid value for `{path}`")).detail(sentence(detail.as_ref())).at(path)
}

/// Errors are written as clauses, diagnostics as sentences.
fn sentence(clause: &str) -> String {
    let mut characters = clause.chars();
    let mut text: String = match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    };
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}

/// A setting of the store itself, which only the server could judge. It stands in the provider block, where a resource's error
/// cannot point.
fn is_setting(field: &str) -> bool {
    const SETTINGS: [&str; 11] = [
        "access_keys",
        "address",
        "assume_role",
        "auth",
        "default_tags",
        "endpoint_url",
        "mount",
        "namespace",
        "profile",
        "region",
        "token",
    ];
    field.split('.').next().is_some_and(|first| SETTINGS.contains(&first))
}

/// A setting that stands in the environment only, such as `AWS_CA_BUNDLE`.
fn is_variable(field: &str) -> bool {
    field.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

fn attribute(field: &str) -> Option<AttributePath> {
    const ATTRIBUTES: [&str; 23] = [
        "database",
        "delete_version_after",
        "keep_previous_for",
        "kms_key",
        "managed",
        "max_versions",
        "parameters",
        "path",
        "replicas",
        "rotation_lambda_arn",
        "schedule",
        "window",
        "name",
        "principal",
        "access",
        "expires_at",
        "conditions",
        "description",
        "owner",
        "tags",
        "reason",
        "generate",
        "via",
    ];
    if field == "label" {
        return Some(AttributePath::new("version_labels"));
    }
    if matches!(field, "recovery_days" | "days") {
        return Some(AttributePath::new("recovery_window_days"));
    }
    if matches!(field, "connection" | "username" | "statements") {
        return Some(AttributePath::new("database").attribute(field));
    }
    let mut parts = field.split('.');
    let first = parts.next().filter(|first| ATTRIBUTES.contains(first))?;
    Some(parts.fold(AttributePath::new(first), AttributePath::attribute))
}

fn advice(error: &StoreError) -> Option<&'static str> {
    match error {
        StoreError::AlreadyExists { .. } => Some(
            "To manage the existing secret, import it (`terraform import ADDRESS NAME`) or set `on_conflict = \"adopt\"`; \
             its value is then kept unless this resource gives one. Otherwise choose another name.",
        ),
        StoreError::ScheduledForDeletion { .. } => Some(
            "To bring it back with its value, set `on_conflict = \"restore\"`. To be rid of it, purge it in the store \
             (`on_destroy = \"purge\"` avoids the wait next time).",
        ),
        StoreError::Conflict { .. } => Some("Nothing was lost: run terraform apply again."),
        StoreError::Throttled { .. } => {
            Some("Nothing was lost: wait, then run terraform apply again, perhaps with a lower -parallelism.")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_setting_is_said_to_be_in_the_provider_block() {
        let error = StoreError::from(Invalid::new("mount", "`kv` is not mounted"));
        let diagnostic = store_error("create secret `a`", &error);
        assert_eq!(
            diagnostic.detail,
            "The store block of the provider has a wrong `mount`: `kv` is not mounted."
        );
        assert_eq!(diagnostic.attribute, None);
    }

    #[test]
    fn a_wrong_variable_is_said_to_be_in_the_environment() {
        let error = StoreError::from(Invalid::new("AWS_CA_BUNDLE", "the file `/x` cannot be read"));
        let diagnostic = store_error("create secret `a`", &error);
        assert_eq!(
            diagnostic.detail,
            "The environment variable `AWS_CA_BUNDLE` is wrong: the file `/x` cannot be read."
        );
        assert_eq!(diagnostic.attribute, None);
    }

    #[test]
    fn a_clause_becomes_a_sentence() {
        assert_eq!(sentence("secret `a` does not exist"), "Secret `a` does not exist.");
        assert_eq!(sentence(""), ".");
    }
}
