//! AWS Secrets Manager: a secret, its versions, its policy, and what rotates it.

use serde_json::Value;

use super::super::collected::{Collected, Tie, TieKind, TiedTo};
use super::super::iam::{self, Attached};
use super::super::model::{Origin, PathStep, Rotation, Secret};
use super::super::schedule;
use super::super::subject::{Attribute, Subject, steps};
use super::{tags, written};
use crate::plan::Target;

/// A secret without its value, and its policy.
pub(super) fn secret(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let name = subject.field(&mut origin, "name", steps!["name"]);
    let description = subject.field(&mut origin, "description", steps!["description"]);
    let kms_key = subject.field_or_reference(&mut origin, "kms_key", steps!["kms_key_id"]);
    let window = subject.number_field(&mut origin, "recovery_window_days", steps!["recovery_window_in_days"]);
    let (tags, owner) = tags(subject, &mut origin);
    for identity in ["arn", "id", "name"] {
        if let Some(text) = subject.text(identity) {
            collected.identities.push((text.to_owned(), subject.address().to_owned()));
        }
    }
    // Before version 4 of the provider a rotation was a block of the secret itself; where it is configured so, it still is one.
    let rules = steps!["rotation_rules", 0_usize, "automatically_after_days"];
    let rotated_here =
        subject.is_set(&steps!["rotation_lambda_arn"]) && subject.at(&rules) != Attribute::Absent;
    let single_region = replicas(subject, &mut origin);
    collected.facts.secrets.push(Secret {
        name,
        description,
        description_supported: true,
        owner,
        tags,
        kms_key,
        customer_key_supported: true,
        // The provider's default, also where the attribute is read as null after an import.
        recovery_window_days: window.or(Some(30.0)),
        recovery_supported: true,
        single_region,
        rotation_expected: true,
        rotation_managed: subject.text("owning_service").is_some_and(|service| !service.is_empty()),
        value_source: Some("none"),
        ..Secret::of(origin, "secret", "aws_secretsmanager")
    });
    if rotated_here {
        add_rotation(
            subject,
            &["rotation_rules"],
            TiedTo::Addresses(vec![subject.address().to_owned()]),
            collected,
        );
    }
    let attached = Attached::Secret(Some(subject.address().to_owned()));
    iam::policy(subject, &steps!["policy"], &attached, collected);
}

/// A secret that has a copy elsewhere is not in one region only. Whether one without was meant to have any, [`super::regions`] asks the
/// whole plan.
fn replicas(subject: &Subject<'_>, origin: &mut Origin) -> Option<bool> {
    let path = steps!["replica"];
    let copies = match subject.at(&path) {
        Attribute::Known(Value::Array(copies)) => !copies.is_empty(),
        // Before version 4 of the provider the block was computed, so that one which is left out is unknown too.
        Attribute::Unknown if subject.is_set(&path) => {
            origin.unknown.push("single_region".to_owned());
            false
        }
        _ => false,
    };
    origin.paths.insert("single_region".to_owned(), path);
    copies.then_some(false)
}

/// A value of a secret: how it got there.
pub(super) fn version(subject: &Subject<'_>, collected: &mut Collected) {
    let source = if subject.is_set(&steps!["secret_string_wo"])
        || subject.is_set(&steps!["secret_string_wo_version"])
        || written(subject, "secret_string_wo")
    {
        Some("write_only")
    } else if written(subject, "secret_binary") {
        subject.value_source(&steps!["secret_binary"])
    } else {
        subject.value_source(&steps!["secret_string"])
    };
    collected.ties.push(Tie {
        from: subject.address().to_owned(),
        kind: TieKind::Version(source),
        store: "aws_secretsmanager",
        to: tied_to(subject, "secret_id"),
    });
}

/// What rotates a secret.
pub(super) fn rotation(subject: &Subject<'_>, collected: &mut Collected) {
    add_rotation(subject, &["rotation_rules"], tied_to(subject, "secret_id"), collected);
}

fn add_rotation(subject: &Subject<'_>, rules: &[&str], to: TiedTo, collected: &mut Collected) {
    let mut origin = subject.origin();
    let rule = |name: &str| {
        let mut path: Vec<PathStep> = rules.iter().map(|part| PathStep::from(*part)).collect();
        path.extend(steps![0_usize, name]);
        path
    };
    let expression = rule("schedule_expression");
    let schedule = subject.field(&mut origin, "schedule", expression.clone());
    let period_days = match &schedule {
        Some(text) => match schedule::period_days(text) {
            Ok(days) => Some(days),
            Err(error) => {
                collected.facts.unreadable.push(subject.unreadable(expression.clone(), error.to_string()));
                None
            }
        },
        None => subject.number(&rule("automatically_after_days")),
    };
    if period_days.is_none()
        && (origin.unknown.iter().any(|field| field == "schedule")
            || subject.at(&rule("automatically_after_days")) == Attribute::Unknown)
    {
        origin.unknown.push("period_days".to_owned());
    }
    let at = if schedule.is_some() { expression } else { rule("automatically_after_days") };
    origin.paths.insert("period_days".to_owned(), at);
    origin.paths.insert("secret".to_owned(), steps!["secret_id"]);
    // Computed: a rotation that is being made will be on, and one whose state says otherwise was cancelled outside of Terraform.
    let enabled = Some(subject.flag("rotation_enabled").unwrap_or(true));
    origin.paths.insert("enabled".to_owned(), steps!["rotation_enabled"]);
    let strategy = strategy(subject, &mut origin).to_owned();
    collected.facts.rotations.push(Rotation {
        enabled,
        period_days,
        schedule,
        strategy: Some(strategy),
        ..Rotation::of(origin, "secret")
    });
    collected.ties.push(Tie {
        from: subject.address().to_owned(),
        kind: TieKind::Rotation,
        store: "aws_secretsmanager",
        to,
    });
}

/// How it rotates: the functions that AWS publishes say in their names whether the one login gets a new password under those who use it,
/// or two logins take turns. https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_available-rotation-templates.html
fn strategy(subject: &Subject<'_>, origin: &mut Origin) -> &'static str {
    let function = steps!["rotation_lambda_arn"];
    origin.paths.insert("strategy".to_owned(), function.clone());
    if !subject.is_set(&function) {
        return "managed";
    }
    let published = subject.resolve(&function).targets.into_iter().find_map(|target| {
        let Target::Change { place, .. } = target else { return None };
        let change = subject.plan.changes().get(place)?;
        if &*change.resource_type != "aws_serverlessapplicationrepository_cloudformation_stack" {
            return None;
        }
        let application = subject.plan.after(change).ok()?;
        let application = application.get("application_id")?.as_str()?;
        match application {
            _ if application.ends_with("SingleUser") => Some("single_user"),
            _ if application.ends_with("MultiUser") => Some("alternating_users"),
            _ => None,
        }
    });
    published.unwrap_or("lambda")
}

/// Which secret the attribute names: by reference, else by its known text.
pub(crate) fn tied_to(subject: &Subject<'_>, attribute: &str) -> TiedTo {
    let at = steps![attribute];
    let referred = subject.referred(&at);
    if !referred.is_empty() {
        return TiedTo::Addresses(referred);
    }
    match subject.at(&at) {
        Attribute::Known(Value::String(text)) => TiedTo::Identity(text.clone()),
        _ => TiedTo::Unknown,
    }
}

/// The policy of a secret, as a resource of its own.
pub(super) fn policy(subject: &Subject<'_>, collected: &mut Collected) {
    let owner = subject
        .referred(&steps!["secret_arn"])
        .into_iter()
        .next()
        .or_else(|| subject.text("secret_arn").map(str::to_owned));
    iam::policy(subject, &steps!["policy"], &Attached::Secret(owner), collected);
}
