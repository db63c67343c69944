//! Tokens and AppRole secret ids that Terraform makes: whether they end by themselves.

use super::super::collected::Collected;
use super::super::model::Credential;
use super::super::schedule;
use super::super::subject::{Attribute, Subject, look_up, steps};

/// A token. Without a time of its own it lives as long as the server allows (768 hours where nobody set another limit), and one with a
/// period for ever, as long as somebody renews it.
pub(super) fn token(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let who = subject.field_or_reference(&mut origin, "subject", steps!["display_name"]);
    let policies = subject.after.get("policies").and_then(serde_json::Value::as_array);
    let root = policies.into_iter().flatten().any(|policy| policy.as_str() == Some("root"));
    let seconds = |name: &str| subject.text(name).and_then(seconds).filter(|seconds| *seconds > 0.0);
    let longest = ["explicit_max_ttl", "ttl"].into_iter().find(|name| seconds(name).is_some());
    let periodic = seconds("period").is_some() && seconds("explicit_max_ttl").is_none();
    let undecided = ["explicit_max_ttl", "ttl", "period"].into_iter().any(|name| {
        let at = steps![name];
        subject.at(&at) == Attribute::Unknown && subject.is_set(&at)
    });
    let ends = if periodic {
        Some(false)
    } else if longest.is_some() {
        Some(true)
    } else {
        Some(!root)
    };
    if undecided {
        origin.unknown.push("ends".to_owned());
    }
    let at = if periodic { "period" } else { longest.unwrap_or("ttl") };
    for field in ["ends", "ttl_seconds"] {
        origin.paths.insert(field.to_owned(), steps![at]);
    }
    origin.paths.insert("kind".to_owned(), steps!["policies"]);
    collected.facts.credentials.push(Credential {
        subject: who,
        ttl_seconds: longest.filter(|_| !periodic).and_then(seconds),
        ends: ends.filter(|_| !undecided),
        ..Credential::of(origin, if root { "root_token" } else { "token" })
    });
}

/// A secret id. One that says nothing of its end ends as its role says, where the role is in the plan.
pub(super) fn secret_id(subject: &Subject<'_>, collected: &mut Collected) {
    let mut origin = subject.origin();
    let who = subject.field_or_reference(&mut origin, "subject", steps!["role_name"]);
    let own_ttl = subject.number(&steps!["ttl"]).filter(|seconds| *seconds > 0.0);
    let own_uses = subject.number(&steps!["num_uses"]).filter(|uses| *uses > 0.0);
    let role = subject
        .referred(&steps!["role_name"])
        .first()
        .and_then(|address| subject.plan.change_at(address))
        .filter(|change| &*change.resource_type == "vault_approle_auth_backend_role")
        .and_then(|change| subject.plan.after(change).ok());
    let of_role = |name: &str| {
        let number = role.as_ref().and_then(|role| look_up(role, &steps![name])?.as_f64());
        number.filter(|number| *number > 0.0)
    };
    let ttl = own_ttl.or_else(|| of_role("secret_id_ttl"));
    let uses = own_uses.or_else(|| of_role("secret_id_num_uses"));
    let undecided = ["ttl", "num_uses"].into_iter().any(|name| {
        let at = steps![name];
        subject.at(&at) == Attribute::Unknown && subject.is_set(&at)
    });
    let ends = match (ttl.or(uses), role.is_some() || subject.at(&steps!["ttl"]) != Attribute::Absent) {
        (Some(_), _) => Some(true),
        (None, true) if !undecided => Some(false),
        _ => None,
    };
    if undecided && ends.is_none() {
        origin.unknown.push("ends".to_owned());
    }
    for field in ["ends", "ttl_seconds"] {
        origin.paths.insert(field.to_owned(), steps!["ttl"]);
    }
    collected.facts.credentials.push(Credential {
        subject: who,
        ttl_seconds: ttl,
        ends,
        ..Credential::of(origin, "secret_id")
    });
}

/// The token is handed out wrapped: what Terraform keeps can be unwrapped once, by whoever comes first.
pub(super) fn is_wrapped(subject: &Subject<'_>) -> bool {
    subject.is_set(&steps!["wrapping_ttl"])
}

/// A time as Vault takes it: `24h`, `1h30m`, or a number of seconds.
pub(super) fn seconds(text: &str) -> Option<f64> {
    let text = text.trim();
    text.parse::<f64>().ok().or_else(|| schedule::duration_days(text).map(|days| (days * 86_400.0).round()))
}
