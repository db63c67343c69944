//! Keys of service accounts, and who may be a service account without one: providers of workload identity pools, and the bindings that let the
//! identities of a pool in.

use serde_json::Value;

use super::super::collected::Collected;
use super::super::model::{Bound, Credential, Trust};
use super::super::subject::{Attribute, Subject, steps};
use super::condition;
use super::iam::Binding;
use super::written;

pub(super) fn account_key(subject: &Subject<'_>, collected: &mut Collected) {
    credential(subject, "service_account_id", collected);
}

pub(super) fn hmac_key(subject: &Subject<'_>, collected: &mut Collected) {
    if subject.text("state") != Some("INACTIVE") {
        credential(subject, "service_account_email", collected);
    }
}

/// An API key names a project for the bill; only one that is bound to a service account lets its holder act.
pub(super) fn api_key(subject: &Subject<'_>, collected: &mut Collected) {
    if subject.is_set(&steps!["service_account_email"]) {
        credential(subject, "service_account_email", collected);
    }
}

fn credential(subject: &Subject<'_>, attribute: &str, collected: &mut Collected) {
    let mut origin = subject.origin();
    let who = subject.field_or_reference(&mut origin, "subject", steps![attribute]);
    // The key is made anew when `keepers` change, which a `time_rotating` does by itself.
    let keepers = subject.referred(&steps!["keepers"]);
    let renewed = keepers.iter().any(|address| address.split('.').any(|part| part == "time_rotating"));
    collected.facts.credentials.push(Credential {
        subject: who,
        ends: Some(false),
        renewed,
        ..Credential::of(origin, "static_cloud_key")
    });
}

pub(super) fn pool_provider(subject: &Subject<'_>, collected: &mut Collected) {
    if subject.flag("disabled") == Some(true) {
        return;
    }
    let mut origin = subject.origin();
    let has = |block: &str| matches!(subject.at(&steps![block]), Attribute::Known(Value::Array(blocks)) if !blocks.is_empty());
    let mut bounds = Vec::new();
    let (kind, issuer) = if has("aws") {
        let path = steps!["aws", 0_usize, "account_id"];
        if let Some(account) = subject.field_or_reference(&mut origin, "bounds", path.clone()) {
            bounds.push(Bound { claim: "account".to_owned(), values: vec![account], path });
        }
        ("cloud", None)
    } else if has("x509") {
        bounds.push(Bound {
            claim: "trust_store".to_owned(),
            values: vec!["certificates of the trust store".to_owned()],
            path: steps!["x509", 0_usize, "trust_store"],
        });
        ("certificate", None)
    } else if has("oidc") {
        let path = steps!["oidc", 0_usize, "issuer_uri"];
        let issuer = subject.field_or_reference(&mut origin, "issuer", path);
        ("oidc", issuer.map(|issuer| issuer.trim_start_matches("https://").trim_end_matches('/').to_owned()))
    } else {
        // SAML: the metadata of one identity provider of one's own.
        return;
    };
    let audiences = steps!["oidc", 0_usize, "allowed_audiences"];
    if let Attribute::Known(Value::Array(values)) = subject.at(&audiences) {
        let values: Vec<String> = values.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        if !values.is_empty() {
            bounds.push(Bound { claim: "aud".to_owned(), values, path: audiences });
        }
    }
    let path = steps!["attribute_condition"];
    match subject.at(&path) {
        Attribute::Known(Value::String(expression)) => {
            bounds.extend(condition::claims(expression).into_iter().map(|claim| Bound {
                claim: claim.name,
                values: claim.values,
                path: path.clone(),
            }));
        }
        Attribute::Unknown if written(subject, &path) => origin.unknown.push("bounds".to_owned()),
        _ => {}
    }
    origin.paths.insert("bounds".to_owned(), path);
    collected.facts.trusts.push(Trust {
        kind,
        issuer,
        bounds,
        policies: Vec::new(),
        ttl_seconds: None,
        origin,
    });
}

/// The role by which an identity of a pool is a service account.
const WORKLOAD_USER: &str = "roles/iam.workloadIdentityUser";

/// Adds whom a binding of [`WORKLOAD_USER`] lets in. All of a pool (`…/*`) is what the pool's provider lets in, which is told of there.
pub(super) fn workload_users(subject: &Subject<'_>, binding: &Binding, collected: &mut Collected) {
    if binding.role.as_deref() != Some(WORKLOAD_USER) {
        return;
    }
    for member in &binding.principals {
        let Some((kind, bounds)) = let_in(member) else { continue };
        let mut origin = subject.origin();
        let account = subject.field_or_reference(&mut origin, "policies", steps!["service_account_id"]);
        origin.paths.insert("bounds".to_owned(), binding.members_path.clone());
        collected.facts.trusts.push(Trust {
            kind,
            issuer: None,
            bounds: bounds
                .into_iter()
                .map(|(claim, value)| Bound {
                    claim: claim.to_owned(),
                    values: vec![value.to_owned()],
                    path: binding.members_path.clone(),
                })
                .collect(),
            policies: account.into_iter().collect(),
            ttl_seconds: None,
            origin,
        });
    }
}

/// What must hold of an identity that a member names.
fn let_in(member: &str) -> Option<(&'static str, Vec<(&str, &str)>)> {
    // `serviceAccount:PROJECT.svc.id.goog[NAMESPACE/ACCOUNT]`
    if let Some((_, account)) = member.split_once(".svc.id.goog[") {
        let (namespace, account) = account.strip_suffix(']')?.split_once('/')?;
        return Some(("kubernetes", vec![("namespace", namespace), ("service_account", account)]));
    }
    let (_, identity) = member.split_once("/workloadIdentityPools/")?;
    let (_, identity) = identity.split_once('/')?;
    let bound = match identity.split_once('/')? {
        ("subject", subject) => ("sub", subject),
        ("group", group) => ("group", group),
        (attribute, value) => (attribute.strip_prefix("attribute.")?, value),
    };
    Some(("oidc", vec![bound]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POOL: &str = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci";

    #[test]
    fn a_member_of_a_pool_is_bound_by_what_its_name_says() {
        let check = |member: String, expected| assert_eq!(let_in(&member), expected, "{member}");
        check(
            format!("principalSet:{POOL}/attribute.repository/example/orders"),
            Some(("oidc", vec![("repository", "example/orders")])),
        );
        check(
            format!("principal:{POOL}/subject/repo:example/orders:ref:refs/heads/main"),
            Some(("oidc", vec![("sub", "repo:example/orders:ref:refs/heads/main")])),
        );
        check(format!("principalSet:{POOL}/*"), None);
        check("user:ana@example.com".to_owned(), None);
    }

    #[test]
    fn a_service_account_of_a_cluster_is_bound_to_its_namespace_and_name() {
        assert_eq!(
            let_in("serviceAccount:orders-prod.svc.id.goog[orders/web]"),
            Some(("kubernetes", vec![("namespace", "orders"), ("service_account", "web")]))
        );
    }
}
