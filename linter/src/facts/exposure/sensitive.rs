//! Attributes that are known to hold a secret, asked by type and path; the rows are in the tables of the platforms.

use serde_json::Value;

use super::super::model::PathStep;
use super::super::registry::{self, Known, Placed};
use super::super::subject::{Subject, look_up};

/// The attributes of a type.
pub(super) fn of_type(resource_type: &str) -> impl Iterator<Item = &'static Known> {
    registry::of_type(resource_type).into_iter().flat_map(|registered| registered.sensitive.iter().copied())
}

/// The type has rows on secrets, or on places whose text says nothing before it is read: worth opening even where nothing in its text looks like a secret.
pub(crate) fn knows_type(resource_type: &str) -> bool {
    registry::of_type(resource_type).is_some_and(|registered| {
        !registered.sensitive.is_empty() || registered.places.iter().any(is_told_by_its_text)
    })
}

/// A script may be encoded, and in a document within a document every name is followed by an escaped quote.
fn is_told_by_its_text(row: &&Placed) -> bool {
    matches!(row.kind, "user_data" | "environment")
}

/// The attribute of this type and name holds a secret.
pub(crate) fn is_known(resource_type: &str, attribute: &str) -> bool {
    of_type(resource_type)
        .any(|known| known.path.last() == Some(&attribute) || known.path.first() == Some(&attribute))
}

/// The same, and the secret is all of it, not a part of a block.
pub(crate) fn is_known_whole(resource_type: &str, attribute: &str) -> bool {
    of_type(resource_type).any(|known| known.path == [attribute])
}

/// The write-only argument for the attribute at `path`.
pub(super) fn write_only_instead(resource_type: &str, path: &[PathStep]) -> Option<&'static str> {
    let first = path.iter().find_map(|step| match step {
        PathStep::Name(name) => Some(name.as_str()),
        PathStep::Index(_) => None,
    })?;
    of_type(resource_type).find(|known| known.path == [first]).and_then(|known| known.instead)
}

/// The schema in use has what would keep the value out: an argument beside the one at `path`, which a plan shows as null. An ephemeral
/// resource is shown by no plan, and is taken to be there.
pub(super) fn is_offered(subject: &Subject<'_>, path: &[PathStep], instead: &str) -> bool {
    if instead.starts_with("ephemeral ") {
        return true;
    }
    (0..path.len()).rev().any(|length| {
        let beside = path.get(..length).and_then(|block| look_up(&subject.after, block));
        beside.and_then(Value::as_object).is_some_and(|arguments| arguments.contains_key(instead))
    })
}

impl Known {
    /// Some rows hold for some resources of the type only.
    pub(super) fn applies(&self, subject: &Subject<'_>) -> bool {
        self.when.is_none_or(|when| when(subject))
    }

    /// The row is about the attribute at `path`.
    fn is_at(&self, path: &[PathStep]) -> bool {
        self.path.len() == path.len()
            && self.path.iter().zip(path).all(|(part, step)| match step {
                _ if *part == "*" => true,
                PathStep::Name(name) => name == part,
                PathStep::Index(_) => false,
            })
    }
}

/// Attributes that a provider marks whole although only a part of them can hold a secret, which a row or a name tells.
const MARKED_WHOLE: [(&str, &str); 5] = [
    ("aws_glue_connection", "connection_properties"),
    ("aws_ssm_parameter", "insecure_value"),
    ("google_parameter_manager_parameter_version", "parameter_data"),
    ("google_parameter_manager_regional_parameter_version", "parameter_data"),
    // A set, of which Terraform can mark no single block.
    ("helm_release", "set_sensitive"),
];

/// Attributes that a provider marks although most of their values are no secrets, or none in this resource: `value` of a plain SSM
/// parameter, `secret` of an access key that is encrypted to somebody's key.
pub(super) fn is_no_secret(subject: &Subject<'_>, path: &[PathStep]) -> bool {
    if let [PathStep::Name(name)] = path
        && MARKED_WHOLE.contains(&(subject.resource_type(), name.as_str()))
    {
        return true;
    }
    let mut rows = of_type(subject.resource_type()).filter(|known| known.is_at(path)).peekable();
    rows.peek().is_some() && rows.all(|known| !known.applies(subject))
}

/// Attributes that hold another attribute's secret once more, in another form: a hash beside the password, a key in a second format. One
/// secret is told of once.
const OTHER_FORMS: [(&str, &str); 6] = [
    ("aws_iam_access_key", "ses_smtp_password_v4"),
    ("random_bytes", "hex"),
    ("random_password", "bcrypt_hash"),
    ("terraform_data", "output"),
    ("tls_private_key", "private_key_openssh"),
    ("tls_private_key", "private_key_pem_pkcs8"),
];

/// The attribute at `path` is another form of a secret that the resource tells of elsewhere.
pub(super) fn is_another_form(resource_type: &str, path: &[PathStep]) -> bool {
    matches!(path, [PathStep::Name(name)] if OTHER_FORMS.contains(&(resource_type, name.as_str())))
}
