//! SSM parameters. A `SecureString` is a secret; any other type is a setting, and what is recognised in one is an exposure.

use super::super::collected::Collected;
use super::super::model::Secret;
use super::super::subject::{Subject, steps};
use super::{tags, written};

/// A parameter of type `SecureString`.
pub(super) fn parameter(subject: &Subject<'_>, collected: &mut Collected) {
    if subject.text("type").is_some_and(|kind| kind != "SecureString") {
        return;
    }
    let mut origin = subject.origin();
    let name = subject.field(&mut origin, "name", steps!["name"]);
    let description = subject.field(&mut origin, "description", steps!["description"]);
    // Without a key of one's own the provider writes the name of the one AWS manages.
    let kms_key = subject
        .field_or_reference(&mut origin, "kms_key", steps!["key_id"])
        .filter(|key| !matches!(key.as_str(), "alias/aws/ssm"));
    let (tags, owner) = tags(subject, &mut origin);
    let write_only = written(subject, "value_wo") || subject.is_set(&steps!["value_wo_version"]);
    collected.facts.secrets.push(Secret {
        name,
        description,
        description_supported: true,
        owner,
        tags,
        kms_key,
        customer_key_supported: true,
        value_source: if write_only { Some("write_only") } else { subject.value_source(&steps!["value"]) },
        ..Secret::of(origin, "parameter", "aws_ssm")
    });
}
