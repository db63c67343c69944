//! Certificates that Terraform makes. It renews one only where told to: from `early_renewal_hours` before the end a plan makes the next.

use super::super::collected::Collected;
use super::super::model::Certificate;
use super::super::subject::{Attribute, Subject, steps};

pub(super) fn certificate(subject: &Subject<'_>, collected: &mut Collected) {
    // The root of trust lives for years on purpose, and nobody's apply should replace it.
    if subject.flag("is_ca_certificate") == Some(true) {
        return;
    }
    let mut origin = subject.origin();
    let hours = subject.number_field(&mut origin, "validity_days", steps!["validity_period_hours"]);
    let early = steps!["early_renewal_hours"];
    let renewed = match subject.at(&early) {
        Attribute::Unknown if subject.is_set(&early) => {
            origin.unknown.push("renewed".to_owned());
            None
        }
        _ => Some(subject.number(&early).is_some_and(|hours| hours > 0.0)),
    };
    origin.paths.insert("renewed".to_owned(), early);
    collected.facts.certificates.push(Certificate {
        validity_days: hours.map(|hours| hours / 24.0),
        renewed,
        ..Certificate::of(origin)
    });
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::super::tests::{facts, resource};

    fn read(after: Value) -> Vec<(Option<f64>, Option<bool>)> {
        let facts = facts(vec![resource("tls_self_signed_cert", "a").after(after)]);
        facts
            .certificates
            .iter()
            .map(|certificate| (certificate.validity_days, certificate.renewed))
            .collect()
    }

    #[test]
    fn a_certificate_is_renewed_where_it_says_so() {
        assert_eq!(read(json!({ "validity_period_hours": 8760 })), [(Some(365.0), Some(false))]);
        assert_eq!(
            read(json!({ "validity_period_hours": 720, "early_renewal_hours": 240 })),
            [(Some(30.0), Some(true))]
        );
        assert_eq!(
            read(json!({ "validity_period_hours": 720, "early_renewal_hours": 0 })),
            [(Some(30.0), Some(false))]
        );
        assert_eq!(read(json!({ "validity_period_hours": 87600, "is_ca_certificate": true })), []);
    }
}
