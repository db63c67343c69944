//! CI systems and services: what is read of their resources, by type.

use super::Extractor;
use super::registry::{Known, Placed, known};
use super::subject::Subject;

/// The types that are read, each with what reads it. A further type is a further row.
pub(super) const TYPES: &[(&str, Extractor)] = &[];

/// Attributes that are known to hold a secret.
pub(super) const SENSITIVE: &[Known] = &[
    known(&["github_actions_secret", "github_dependabot_secret"], &["plaintext_value"], None),
    Known {
        when: Some(is_masked),
        ..known(&["gitlab_project_variable", "gitlab_group_variable"], &["value"], None)
    },
    Known { when: Some(is_sensitive_variable), ..known(&["tfe_variable"], &["value"], None) },
];

/// Places that decide what an exposure in them is called.
pub(super) const PLACES: &[Placed] = &[];

fn is_masked(subject: &Subject<'_>) -> bool {
    subject.flag("masked") == Some(true)
}

fn is_sensitive_variable(subject: &Subject<'_>) -> bool {
    subject.flag("sensitive") == Some(true)
}
