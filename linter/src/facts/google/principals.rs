//! Members of IAM bindings: who they are, and whether they live outside the project that something is granted in.
//! <https://cloud.google.com/iam/docs/principal-identifiers>

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::model::PathStep;
use super::super::subject::{self, Attribute, Subject, steps};
use crate::plan::{Expression, Target};

/// The members that stand at a path.
pub(super) struct Found {
    /// Members as written; of one that is unknown the address of the identity it is made of.
    pub(super) names: Vec<String>,
    /// They are read from service accounts or projects that this plan has.
    pub(super) ours: bool,
    /// Some of them cannot be told before the apply.
    pub(super) unknown: bool,
}

/// Reads one member or a list of them.
pub(super) fn read(subject: &Subject<'_>, path: &[PathStep]) -> Found {
    let mut names = Vec::new();
    let mut incomplete = false;
    match subject.at(path) {
        Attribute::Known(Value::String(name)) => names.push(name.clone()),
        Attribute::Known(Value::Array(members)) => {
            names.extend(members.iter().filter_map(Value::as_str).map(str::to_owned));
            incomplete = members.iter().any(Value::is_null) || has_mark(&subject.unknown, path);
        }
        Attribute::Unknown => incomplete = true,
        _ => {}
    }
    let resolution = subject.resolve(path);
    let addresses = subject::addresses(subject.plan, &resolution);
    let unknown = incomplete
        && (addresses.is_empty()
            || resolution
                .targets
                .iter()
                .any(|target| matches!(target, Target::Opaque | Target::Variable { .. })));
    let ours = !addresses.is_empty()
        && addresses.iter().all(|address| address.split('.').any(|part| part == "google_service_account"))
        && !addresses.iter().any(|address| address.contains("data."));
    if incomplete {
        names.extend(addresses);
    }
    Found { names, ours, unknown }
}

fn has_mark(unknown: &Value, path: &[PathStep]) -> bool {
    let marks = subject::look_up(unknown, path).and_then(Value::as_array);
    marks.into_iter().flatten().any(|mark| *mark == Value::Bool(true))
}

/// Everybody on the internet, with or without a Google account.
pub(super) fn is_public(principal: &str) -> bool {
    matches!(principal, "allUsers" | "allAuthenticatedUsers")
}

/// An agent that a service of Google's runs as, in a project of Google's: `service-NUMBER@….iam.gserviceaccount.com`, and the one of
/// Google's APIs, which every project has as an editor. <https://cloud.google.com/iam/docs/service-agents>
pub(super) fn is_service_agent(principal: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    principal.strip_prefix("serviceAccount:").and_then(|account| account.split_once('@')).is_some_and(
        |(name, domain)| match name.strip_prefix("service-") {
            Some(number) => is_number(number) && domain.ends_with(".iam.gserviceaccount.com"),
            None => is_number(name) && domain == "cloudservices.gserviceaccount.com",
        },
    )
}

/// Where something is granted, and so who is outside.
#[derive(Debug, Clone, Copy)]
pub(super) enum Circle<'a> {
    /// In a project: at the resource of this name, if it is known.
    Project(Option<&'a str>),
    /// In all projects of a folder or an organisation, of which the plan does not tell which they are.
    Organization,
}

/// The principals that live in another project, or in none: a consumer account. Whose project it is has to be told by the plan.
pub(super) fn foreign(subject: &Subject<'_>, principals: &[String], circle: Circle<'_>) -> Vec<String> {
    let is_candidate = |principal: &&String| is_consumer(principal) || project_of(principal).is_some();
    if !principals.iter().any(|principal| is_candidate(&principal)) {
        return Vec::new();
    }
    let own = match circle {
        Circle::Project(resource) => own_projects(subject, resource),
        Circle::Organization => BTreeSet::new(),
    };
    let is_foreign = |principal: &&String| {
        is_consumer(principal)
            || project_of(principal).is_some_and(|project| !own.is_empty() && !own.contains(project))
    };
    principals.iter().filter(is_foreign).cloned().collect()
}

/// A personal account, which belongs to no organisation.
fn is_consumer(principal: &str) -> bool {
    principal.strip_prefix("user:").is_some_and(|mail| {
        let mail = mail.to_ascii_lowercase();
        mail.ends_with("@gmail.com") || mail.ends_with("@googlemail.com")
    })
}

/// The project in a principal's name. Google's own agents live in projects of Google's.
fn project_of(principal: &str) -> Option<&str> {
    for prefix in ["projectOwner:", "projectEditor:", "projectViewer:"] {
        if let Some(project) = principal.strip_prefix(prefix) {
            return Some(project);
        }
    }
    let (name, domain) = principal.strip_prefix("serviceAccount:")?.split_once('@')?;
    let is_agent = name
        .strip_prefix("service-")
        .or_else(|| name.strip_prefix('p'))
        .unwrap_or(name)
        .starts_with(|first: char| first.is_ascii_digit());
    let project = domain.strip_suffix(".iam.gserviceaccount.com")?;
    (!is_agent && !project.starts_with("gcp-sa-") && !project.contains('.')).then_some(project)
}

/// The projects that the plan is about: that of the resource, and those of the provider blocks.
fn own_projects(subject: &Subject<'_>, resource: Option<&str>) -> BTreeSet<String> {
    let mut own = BTreeSet::new();
    for text in [subject.text("project"), resource].into_iter().flatten() {
        let project = text.strip_prefix("projects/").unwrap_or(text).split('/').next().unwrap_or_default();
        // A number names a project too, but is never part of an account's name.
        let is_id = !project.is_empty() && !project.bytes().all(|byte| byte.is_ascii_digit());
        if is_id && (text.starts_with("projects/") || subject.text("project") == Some(text)) {
            own.insert(project.to_owned());
        }
    }
    let plan = subject.plan;
    for provider in
        plan.configuration().providers.iter().filter(|provider| provider.name.starts_with("google"))
    {
        let expressions = plan.provider_expressions(provider);
        if let Expression::Constant(Value::String(project)) =
            Expression::find(&expressions, &steps!["project"])
        {
            own.insert(project.clone());
        }
    }
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_account_lives_in_the_project_of_its_name() {
        assert_eq!(project_of("serviceAccount:app@orders-prod.iam.gserviceaccount.com"), Some("orders-prod"));
        assert_eq!(project_of("projectViewer:orders-prod"), Some("orders-prod"));
        assert_eq!(project_of("user:ana@example.com"), None);
    }

    #[test]
    fn googles_own_agents_are_nobodys_neighbours() {
        for agent in [
            "service-123@gcp-sa-secretmanager.iam.gserviceaccount.com",
            "service-123@compute-system.iam.gserviceaccount.com",
            "p123-456@gcp-sa-logging.iam.gserviceaccount.com",
            "123-compute@developer.gserviceaccount.com",
        ] {
            assert_eq!(project_of(&format!("serviceAccount:{agent}")), None, "{agent}");
        }
    }

    #[test]
    fn a_consumer_account_belongs_to_no_organisation() {
        assert!(is_consumer("user:Ana@Gmail.com"));
        assert!(!is_consumer("user:ana@example.com"));
        assert!(!is_consumer("group:ana@gmail.com"));
    }
}
