//! Where a value stands decides what its exposure is called: an environment, a script, a tag. What holds for every provider is told here by
//! the name of the attribute; what is special to a type is a row in its platform's `PLACES`, which comes first.

use super::super::model::{Exposure, PathStep};
use super::super::registry::{self, Placed};
use super::super::subject::{Attribute, Subject, steps};

/// A place with a name of its own.
pub(super) struct Place {
    /// The kind of an exposure in it.
    pub(super) kind: &'static str,
    /// The attribute that, set to true, hides what stands there.
    hidden_by: Option<&'static str>,
}

const fn place(kind: &'static str) -> Place {
    Place { kind, hidden_by: None }
}

/// Settings of a process, whoever runs it.
const ENVIRONMENT: [&str; 14] = [
    "app_settings",
    "build_environment_variables",
    "config_vars",
    "env",
    "env_variables",
    "env_vars",
    "environment",
    "environment_variable",
    "environment_variables",
    "runtime_environment_variables",
    "secret_environment_variables",
    "secure_environment_variables",
    "sensitive_config_vars",
    "site_config",
];

/// Scripts that a machine runs when it starts.
const SCRIPTS: [&str; 11] = [
    "cloud_config",
    "cloud_init",
    "custom_data",
    "metadata_startup_script",
    "startup-script",
    "startup_script",
    "user-data",
    "user_data",
    "user_data_base64",
    "user_data_replace",
    "userdata",
];

/// Maps whose keys are labels, not settings: a tag called `token` describes.
const TAGS: [&str; 10] = [
    "annotations",
    "effective_annotations",
    "effective_labels",
    "labels",
    "match_labels",
    "resource_tags",
    "tags",
    "tags_all",
    "terraform_labels",
    "user_labels",
];

/// Texts that are there to be read.
const TEXTS: [&str; 6] = ["comment", "description", "display_name", "friendly_name", "name", "title"];

/// The place at `path`, if it has a name of its own; an ordinary attribute has none.
pub(super) fn of(subject: &Subject<'_>, path: &[PathStep], detector: &str) -> Option<Place> {
    if let Some(row) = row(subject, path) {
        return Some(Place { kind: row.kind, hidden_by: row.hidden_by });
    }
    if is_config_map(subject.resource_type(), path) {
        return Some(place("config_map"));
    }
    // A mark or a name says nothing of a label: only a text that gives itself away makes it an exposure of this kind.
    let by_content = !matches!(detector, "sensitive-attribute" | "secret-name" | "secret-reference");
    let stage = subject.resource_type().ends_with("_stage");
    let in_name = |name: &str| match name {
        _ if ENVIRONMENT.contains(&name) || (stage && name == "variables") => Some(place("environment")),
        _ if SCRIPTS.contains(&name) => Some(place("user_data")),
        _ if by_content && TAGS.contains(&name) => Some(place("tag")),
        _ => None,
    };
    names(path).find_map(in_name).or_else(|| {
        let last = names(path).last().filter(|name| by_content && TEXTS.contains(name));
        last.map(|_| place("tag"))
    })
}

/// What is at `path` is labelled, not set: its name says nothing of its value.
pub(super) fn is_label(path: &[PathStep]) -> bool {
    names(path).any(|name| TAGS.contains(&name) || name == "triggers")
}

/// A script is at `path`.
pub(super) fn is_script(subject: &Subject<'_>, path: &[PathStep]) -> bool {
    names(path).any(|name| SCRIPTS.contains(&name))
        || row(subject, path).is_some_and(|row| row.kind == "user_data")
}

/// What a platform's table says of the place at `path`.
pub(super) fn row(subject: &Subject<'_>, path: &[PathStep]) -> Option<&'static Placed> {
    let registered = registry::of_type(subject.resource_type())?;
    registered.places.iter().copied().find(|row| row.holds(path) && row.applies(subject))
}

impl Place {
    /// Says in the fact whether the place hides what stands there.
    pub(super) fn note_hidden(&self, subject: &Subject<'_>, exposure: &mut Exposure) {
        let Some(flag) = self.hidden_by else { return };
        exposure.origin.paths.insert("hidden".to_owned(), steps![flag]);
        if subject.at(&steps![flag]) == Attribute::Unknown {
            exposure.origin.unknown.push("hidden".to_owned());
        } else {
            exposure.hidden = Some(subject.flag(flag) == Some(true));
        }
    }
}

fn names(path: &[PathStep]) -> impl Iterator<Item = &str> {
    path.iter().filter_map(|step| match step {
        PathStep::Name(name) => Some(name.as_str()),
        PathStep::Index(_) => None,
    })
}

fn is_config_map(resource_type: &str, path: &[PathStep]) -> bool {
    matches!(
        resource_type,
        "kubernetes_config_map" | "kubernetes_config_map_v1" | "kubernetes_config_map_v1_data"
    ) && names(path).next().is_some_and(|name| name == "data" || name == "binary_data")
}
