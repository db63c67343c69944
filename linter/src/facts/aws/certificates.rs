//! Certificates: those that ACM makes and renews, those that somebody brings to ACM or IAM and has to bring again, and those that a private CA
//! issues to a request of one's own.

use super::super::collected::Collected;
use super::super::model::Certificate;
use super::super::subject::{Attribute, Subject, steps};

/// Days of a unit in which a private CA counts.
const UNITS: [(&str, f64); 3] = [("DAYS", 1.0), ("MONTHS", 30.4375), ("YEARS", 365.25)];

/// A certificate of ACM. https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html
pub(super) fn acm_certificate(subject: &Subject<'_>, collected: &mut Collected) {
    if subject.is_set(&steps!["certificate_body"]) {
        return brought(subject, collected);
    }
    let mut origin = subject.origin();
    origin.paths.insert("renewed".to_owned(), steps!["validation_method"]);
    let by_dns = subject.text("validation_method") == Some("DNS");
    let private = subject.is_set(&steps!["certificate_authority_arn"]);
    // Validated by e-mail, somebody is asked each time: whether one answers, no plan tells.
    let renewed = (by_dns || private).then_some(true);
    collected.facts.certificates.push(Certificate { renewed, ..Certificate::of(origin) });
}

/// A certificate that IAM keeps; it renews none.
pub(super) fn server_certificate(subject: &Subject<'_>, collected: &mut Collected) {
    brought(subject, collected);
}

/// A certificate whose text is in the configuration has nobody to renew it. One that another resource makes is renewed or not by that
/// resource, and of one that comes in through a variable nothing is known.
fn brought(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let text = steps!["certificate_body"];
    let renewed = (subject.value_source(&text) == Some("literal")).then_some(false);
    origin.paths.insert("renewed".to_owned(), text);
    collected.facts.certificates.push(Certificate { renewed, ..Certificate::of(origin) });
}

/// A certificate issued by a private CA. ACM renews only what was asked for through ACM. That of a CA itself lives as long as the CA.
pub(super) fn private_certificate(subject: &Subject<'_>, collected: &mut Collected) {
    let template = steps!["template_arn"];
    let of_a_ca = match subject.at(&template) {
        Attribute::Known(arn) => arn.as_str().is_none_or(|arn| arn.contains("CACertificate")),
        Attribute::Unknown => subject.is_set(&template),
        Attribute::Absent => false,
    };
    if of_a_ca {
        return;
    }
    let mut origin = subject.origin();
    let unit = steps!["validity", 0_usize, "type"];
    let count = steps!["validity", 0_usize, "value"];
    if [&unit, &count].into_iter().any(|path| subject.at(path) == Attribute::Unknown) {
        origin.unknown.push("validity_days".to_owned());
    }
    let days = match subject.at(&unit) {
        Attribute::Known(unit) => UNITS.iter().find(|(name, _)| unit == name).map(|(_, days)| days),
        _ => None,
    };
    let validity_days = days.and_then(|days| subject.number(&count).map(|count| count * days));
    origin.paths.insert("validity_days".to_owned(), count);
    origin.paths.insert("renewed".to_owned(), steps!["validity"]);
    let renewed = Some(false);
    collected.facts.certificates.push(Certificate { validity_days, renewed, ..Certificate::of(origin) });
}
