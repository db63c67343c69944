//! Certificates of the PKI engine and keys of the transit engine.

use super::super::collected::Collected;
use super::super::model::{Certificate, Key};
use super::super::subject::{Attribute, Subject, steps};
use super::tokens::seconds;

/// A certificate that Terraform asks for and keeps.
pub(super) fn certificate(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let ttl = subject.field(&mut origin, "validity_days", steps!["ttl"]);
    let at = steps!["auto_renew"];
    let undecided = subject.at(&at) == Attribute::Unknown && subject.is_set(&at);
    if undecided {
        origin.unknown.push("renewed".to_owned());
    }
    origin.paths.insert("renewed".to_owned(), at);
    collected.facts.certificates.push(Certificate {
        validity_days: days(ttl.as_deref()),
        renewed: (!undecided).then(|| subject.flag("auto_renew") == Some(true)),
        ..Certificate::of(origin)
    });
}

/// A role decides how long the certificates are valid that others ask for; they are renewed where they are used.
pub(super) fn certificate_role(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let ttl = subject.field(&mut origin, "validity_days", steps!["max_ttl"]);
    let validity_days = days(ttl.as_deref());
    if validity_days.is_some() || origin.unknown.iter().any(|field| field == "validity_days") {
        collected.facts.certificates.push(Certificate { validity_days, ..Certificate::of(origin) });
    }
}

fn days(ttl: Option<&str>) -> Option<f64> {
    ttl.and_then(seconds).filter(|seconds| *seconds > 0.0).map(|seconds| seconds / 86_400.0)
}

/// A key of the transit engine. It is not rotated unless `auto_rotate_period` says so, and cannot be deleted unless `deletion_allowed` does.
pub(super) fn transit(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let period = steps!["auto_rotate_period"];
    let undecided = subject.at(&period) == Attribute::Unknown && subject.is_set(&period);
    if undecided {
        origin.unknown.extend(["rotation_enabled".to_owned(), "rotation_period_days".to_owned()]);
    }
    let seconds = subject.number(&period).filter(|seconds| *seconds > 0.0);
    origin.paths.insert("rotation_enabled".to_owned(), period.clone());
    origin.paths.insert("rotation_period_days".to_owned(), period);
    let deletion = steps!["deletion_allowed"];
    let deletion_undecided = subject.at(&deletion) == Attribute::Unknown && subject.is_set(&deletion);
    if deletion_undecided {
        origin.unknown.push("purge_protection".to_owned());
    }
    origin.paths.insert("purge_protection".to_owned(), deletion);
    collected.facts.keys.push(Key {
        rotation_enabled: (!undecided).then_some(seconds.is_some()),
        rotation_period_days: seconds.map(|seconds| seconds / 86_400.0),
        purge_protection: (!deletion_undecided).then(|| subject.flag("deletion_allowed") != Some(true)),
        ..Key::of(origin, "vault_transit")
    });
}
