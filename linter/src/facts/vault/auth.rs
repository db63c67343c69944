//! Roles of auth methods: who may log in as them, what is then allowed, and for how long. A method is a row: the arguments by which its roles
//! tell one caller from another.

use std::collections::HashMap;

use base64::Engine as _;
use serde_json::Value;

use super::super::collected::Collected;
use super::super::model::{Bound, Facts, Origin, Trust};
use super::super::subject::{Attribute, Subject, steps};
use super::server::Server;
use crate::plan::Expression;

/// An auth method's kind of role.
struct Method {
    resource_type: &'static str,
    kind: &'static str,
    /// Arguments that shut callers out, the most telling one first.
    bounds: &'static [&'static str],
}

const fn method(resource_type: &'static str, kind: &'static str, bounds: &'static [&'static str]) -> Method {
    Method { resource_type, kind, bounds }
}

const METHODS: &[Method] = &[
    method("vault_approle_auth_backend_role", "approle", &["secret_id_bound_cidrs"]),
    method(
        "vault_kubernetes_auth_backend_role",
        "kubernetes",
        &[
            "bound_service_account_names",
            "bound_service_account_namespaces",
            "bound_service_account_namespace_selector",
        ],
    ),
    method(
        "vault_aws_auth_backend_role",
        "cloud",
        &[
            "bound_iam_principal_arns",
            "bound_account_ids",
            "bound_iam_role_arns",
            "bound_iam_instance_profile_arns",
            "bound_ami_ids",
            "bound_ec2_instance_ids",
            "bound_regions",
            "bound_subnet_ids",
            "bound_vpc_ids",
        ],
    ),
    method(
        "vault_gcp_auth_backend_role",
        "cloud",
        &[
            "bound_service_accounts",
            "bound_projects",
            "bound_instance_groups",
            "bound_labels",
            "bound_regions",
            "bound_zones",
        ],
    ),
    method(
        "vault_azure_auth_backend_role",
        "cloud",
        &[
            "bound_service_principal_ids",
            "bound_group_ids",
            "bound_resource_groups",
            "bound_scale_sets",
            "bound_subscription_ids",
            "bound_locations",
        ],
    ),
    method("vault_oci_auth_backend_role", "cloud", &["ocid_list"]),
    method(
        "vault_cert_auth_backend_role",
        "certificate",
        &[
            "allowed_common_names",
            "allowed_names",
            "allowed_dns_sans",
            "allowed_email_sans",
            "allowed_uri_sans",
            "allowed_organizational_units",
            "required_extensions",
        ],
    ),
    method("vault_ldap_auth_backend_group", "password", &["groupname"]),
    method("vault_ldap_auth_backend_user", "password", &["username"]),
    method("vault_okta_auth_backend_group", "password", &["group_name"]),
    method("vault_okta_auth_backend_user", "password", &["username"]),
    method("vault_github_team", "password", &["team"]),
    method("vault_github_user", "password", &["user"]),
];

/// A role of a method that has a row.
pub(super) fn role(subject: &Subject<'_>, collected: &mut Collected) {
    let Some(method) = METHODS.iter().find(|method| method.resource_type == subject.resource_type()) else {
        return;
    };
    let mut origin = subject.origin();
    let mut bounds = Vec::new();
    for argument in method.bounds.iter().chain(&["token_bound_cidrs"]) {
        bounds.extend(bound(subject, &mut origin, argument, argument));
    }
    let first = method.bounds.first().copied().unwrap_or_default();
    origin.paths.insert("bounds".to_owned(), steps![first]);
    if method.kind == "approle" && subject.flag("bind_secret_id") != Some(false) {
        // Without another word a caller has to know a secret id.
        bounds.push(Bound {
            claim: "bind_secret_id".to_owned(),
            values: vec!["true".to_owned()],
            path: steps!["bind_secret_id"],
        });
    }
    if method.kind == "approle" && bounds.is_empty() {
        origin.paths.insert("bounds".to_owned(), steps!["bind_secret_id"]);
    }
    if method.kind == "certificate" && bounds.is_empty() && is_of_one_holder(subject) {
        bounds.push(Bound {
            claim: "certificate".to_owned(),
            values: vec!["the certificate itself".to_owned()],
            path: steps!["certificate"],
        });
    }
    push(subject, origin, method.kind, bounds, collected);
}

/// A role for tokens of an issuer. Its bounds are named by the claims they are on.
pub(super) fn jwt_role(subject: &Subject<'_>, collected: &mut Collected) {
    // People of the own directory, who get their policies by the groups they are in.
    let of_people = subject.text("role_type") != Some("jwt");
    let policies = texts(subject.after.get("token_policies"));
    if of_people
        && subject.at(&steps!["token_policies"]) != Attribute::Unknown
        && policies.iter().all(|policy| policy == "default")
    {
        return;
    }
    let mut origin = subject.origin();
    let mut bounds = Vec::new();
    for (argument, claim) in [("bound_subject", "sub"), ("bound_audiences", "aud")] {
        bounds.extend(bound(subject, &mut origin, argument, claim));
    }
    match subject.at(&steps!["bound_claims"]) {
        Attribute::Known(Value::Object(claims)) => {
            for (claim, value) in claims {
                let path = steps!["bound_claims", claim.as_str()];
                if subject.at(&path) == Attribute::Unknown {
                    origin.unknown.push("bounds".to_owned());
                } else if let Some(text) = value.as_str().filter(|text| !text.is_empty()) {
                    // Several values of a claim stand in one text.
                    let values = text.split(',').map(|value| value.trim().to_owned()).collect();
                    bounds.push(Bound { claim: claim.clone(), values, path });
                }
            }
        }
        Attribute::Unknown => origin.unknown.push("bounds".to_owned()),
        _ => {}
    }
    bounds.extend(bound(subject, &mut origin, "token_bound_cidrs", "token_bound_cidrs"));
    origin.paths.insert("bounds".to_owned(), steps!["bound_claims"]);
    origin.paths.insert("issuer".to_owned(), steps!["backend"]);
    let backend = subject
        .referred(&steps!["backend"])
        .into_iter()
        .next()
        .or_else(|| subject.text("backend").map(str::to_owned));
    let backend = backend.unwrap_or_else(|| "jwt".to_owned());
    collected.vault.jwt_roles.push((subject.address().to_owned(), backend));
    push(subject, origin, "oidc", bounds, collected);
}

/// An auth method for tokens of an issuer.
pub(super) fn jwt_method(subject: &Subject<'_>, collected: &mut Collected) {
    let Some(issuer) = ["bound_issuer", "oidc_discovery_url"]
        .into_iter()
        .filter_map(|name| subject.text(name))
        .find(|text| !text.is_empty())
    else {
        return;
    };
    let issuer = issuer.trim_start_matches("https://").trim_end_matches('/').to_owned();
    let path = subject.text("path").unwrap_or("jwt").trim_matches('/').to_owned();
    collected.vault.issuers.push((subject.address().to_owned(), path, issuer));
}

/// Names the issuer of the roles whose method is in the plan.
pub(super) fn name_issuers(server: &Server, facts: &mut Facts) {
    let backends: HashMap<&str, &str> =
        server.jwt_roles.iter().map(|(role, backend)| (role.as_str(), backend.trim_matches('/'))).collect();
    let issuers: HashMap<&str, &String> = server
        .issuers
        .iter()
        .flat_map(|(address, path, issuer)| [(address.as_str(), issuer), (path.as_str(), issuer)])
        .collect();
    for trust in &mut facts.trusts {
        if let Some(backend) = backends.get(trust.origin.address.as_str()) {
            trust.issuer = issuers.get(backend).map(|issuer| (*issuer).clone());
        }
    }
}

fn push(
    subject: &Subject<'_>,
    mut origin: Origin,
    kind: &'static str,
    bounds: Vec<Bound>,
    collected: &mut Collected,
) {
    let argument =
        if subject.at(&steps!["policies"]) == Attribute::Absent { "token_policies" } else { "policies" };
    origin.paths.insert("policies".to_owned(), steps![argument]);
    if subject.at(&steps![argument]) == Attribute::Unknown {
        origin.unknown.push("policies".to_owned());
    }
    let longest = ["token_explicit_max_ttl", "token_max_ttl"]
        .into_iter()
        .find(|name| subject.number(&steps![*name]).is_some_and(|seconds| seconds > 0.0));
    let longest = longest.unwrap_or("token_max_ttl");
    let ttl = subject.number_field(&mut origin, "ttl_seconds", steps![longest]);
    collected.facts.trusts.push(Trust {
        bounds,
        policies: texts(subject.after.get(argument)),
        ttl_seconds: ttl.or(Some(0.0)),
        ..Trust::of(origin, kind)
    });
}

/// The bound that an argument is, if it is written.
fn bound(subject: &Subject<'_>, origin: &mut Origin, argument: &str, claim: &str) -> Option<Bound> {
    let path = steps![argument];
    let values = match subject.at(&path) {
        Attribute::Absent => return None,
        Attribute::Known(value) => texts(Some(value)),
        Attribute::Unknown if subject.expression(&path) == Expression::Absent => return None,
        Attribute::Unknown => {
            let referred = subject.referred(&path);
            if referred.is_empty() {
                origin.unknown.push("bounds".to_owned());
            }
            referred
        }
    };
    (!values.is_empty()).then(|| Bound { claim: claim.to_owned(), values, path })
}

/// The texts of a text, list or map.
fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) if !text.is_empty() => vec![text.clone()],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::Object(members)) => {
            let pair = |(name, value): (&String, &Value)| Some(format!("{name}={}", value.as_str()?));
            members.iter().filter_map(pair).collect()
        }
        _ => Vec::new(),
    }
}

/// The trusted certificate signs no others, so that only who holds its key can log in. One that is not read counts so too: whether it is an
/// authority's cannot be told.
fn is_of_one_holder(subject: &Subject<'_>) -> bool {
    /// The object identifier of the basic constraints of a certificate.
    const BASIC_CONSTRAINTS: [u8; 3] = [0x55, 0x1d, 0x13];
    /// A flag that is set; the constraints begin with one in the certificate of an authority.
    const AUTHORITY: [u8; 3] = [0x01, 0x01, 0xff];
    let Some(text) = subject.text("certificate") else { return true };
    let encoded: String = text
        .lines()
        .skip_while(|line| !line.starts_with("-----BEGIN"))
        .skip(1)
        .take_while(|line| !line.starts_with("-----END"))
        .map(str::trim)
        .collect();
    let Ok(der) = base64::engine::general_purpose::STANDARD.decode(encoded) else { return true };
    let Some(at) = memchr::memmem::find(&der, &BASIC_CONSTRAINTS) else { return true };
    let rest = der.get(at + BASIC_CONSTRAINTS.len()..).unwrap_or_default();
    // The first flag may be the extension's own, which says that it is critical.
    let rest = rest.strip_prefix(&AUTHORITY).unwrap_or(rest);
    // Two headers of two bytes, then the flag.
    rest.get(4..4 + AUTHORITY.len()) != Some(&AUTHORITY)
}
