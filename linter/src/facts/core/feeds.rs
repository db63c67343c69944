//! Where what a generator makes lands: which resources read it into an attribute that holds a secret. A `random_string` that ends up in the
//! name of a bucket is nothing; the same in a password is a weak one.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::super::collected::Collected;
use super::super::exposure::{names, reads_a_secret, sensitive};
use super::super::model::{AttributePath, Generator, PathStep};
use super::super::subject::{Subject, is_marked, look_up};
use super::generators;
use crate::plan::Target;

/// A generator and a resource that takes its result for a secret, by address.
pub(in super::super) struct Feed {
    generator: String,
    consumer: String,
}

/// Notes which generators the secret attributes of this resource read.
pub(in super::super) fn note(subject: &Subject<'_>, collected: &mut Collected) {
    let mut reading = Vec::new();
    references(&subject.expressions, &mut Vec::new(), &mut reading);
    for path in reading {
        if !takes_a_secret(subject, &path) {
            continue;
        }
        let targets = subject.resolve(&path).targets;
        // Of an object or a text that is built from several values only one need be the secret: `{ username = random_pet…, password = … }`.
        let hidden = targets.iter().any(|target| !is_shown(subject, target) && reads_secret(subject, target));
        for target in &targets {
            if !(hidden && is_shown(subject, target))
                && let Some(generator) = made_by(subject, target)
            {
                let consumer = subject.address().to_owned();
                collected.feeds.push(Feed { generator: generator.to_owned(), consumer });
            }
        }
    }
}

/// Tells every generator whom it feeds.
pub(in super::super) fn tie(feeds: &[Feed], generators: &mut [Generator]) {
    let mut fed: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for feed in feeds {
        fed.entry(&feed.generator).or_default().insert(&feed.consumer);
    }
    for generator in generators {
        let consumers = fed.remove(&*generator.origin.address).unwrap_or_default();
        generator.feeds = consumers.into_iter().map(str::to_owned).collect();
    }
}

/// Paths of the expressions that may read a generator, directly or through a module.
fn references(expressions: &Value, path: &mut AttributePath, found: &mut Vec<AttributePath>) {
    const ROOTS: [&str; 5] = ["random_", "tls_private_key.", "module.", "var.", "each."];
    match expressions {
        Value::Object(members) => {
            if let Some(names) = members.get("references").and_then(Value::as_array) {
                let mut names = names.iter().filter_map(Value::as_str);
                if names.any(|name| ROOTS.iter().any(|root| name.starts_with(root))) {
                    found.push(path.clone());
                }
                return;
            }
            for (name, value) in members {
                path.push(PathStep::from(name.as_str()));
                references(value, path, found);
                path.pop();
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                path.push(PathStep::Index(index));
                references(value, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

/// The attribute at `path`, or a member of the map there, is a secret's place: marked, known, or named so.
fn takes_a_secret(subject: &Subject<'_>, path: &[PathStep]) -> bool {
    let named: Vec<&str> = path
        .iter()
        .filter_map(|step| match step {
            PathStep::Name(name) => Some(name.as_str()),
            PathStep::Index(_) => None,
        })
        .collect();
    let (Some(first), Some(last)) = (named.first(), named.last()) else { return false };
    // An argument that is compared, never kept.
    if matches!(*first, "keepers" | "triggers" | "triggers_replace" | "lifecycle") {
        return false;
    }
    let plain = last.strip_suffix("_wo").unwrap_or(last);
    let member_is_secret = |values: &Value| {
        look_up(values, path)
            .and_then(Value::as_object)
            .is_some_and(|members| members.keys().any(|name| names::names_a_secret(name)))
    };
    sensitive::is_known(subject.resource_type(), first)
        || sensitive::is_known(subject.resource_type(), plain)
        || names::names_a_secret(plain)
        || is_marked(&subject.sensitive, path)
        || member_is_secret(&subject.after)
        || member_is_secret(&subject.unknown)
}

/// Address of the generator whose result the target is.
fn made_by<'s>(subject: &'s Subject<'_>, target: &Target) -> Option<&'s str> {
    let Target::Change { place, attribute } = target else { return None };
    let change = subject.plan.changes().get(*place)?;
    generators::makes(&change.resource_type, attribute.as_deref()).then_some(&*change.address)
}

fn is_shown(subject: &Subject<'_>, target: &Target) -> bool {
    match target {
        Target::Change { place, .. } => subject
            .plan
            .changes()
            .get(*place)
            .is_some_and(|change| generators::is_shown(&change.resource_type)),
        _ => false,
    }
}

/// Whatever else could be the secret of an expression: an attribute or variable that is one, or something that cannot be told.
fn reads_secret(subject: &Subject<'_>, target: &Target) -> bool {
    *target == Target::Opaque || made_by(subject, target).is_some() || reads_a_secret(subject.plan, target)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::super::tests::{Resource, facts, facts_with, resource};

    fn reads(names: &[&str]) -> Value {
        json!({ "references": names })
    }

    /// Whom the generator `random_string.a` feeds.
    fn fed(resources: Vec<Resource>) -> Vec<String> {
        let mut all = vec![resource("random_string", "a"), resource("random_password", "b")];
        all.extend(resources);
        facts(all).generators.remove(0).feeds
    }

    #[test]
    fn a_password_is_fed_and_a_name_is_not() {
        let database = |attribute: &str| {
            resource("aws_db_instance", "a")
                .after(json!({ "password": null }))
                .unknown(json!({ attribute: true }))
                .expressions(json!({ attribute: reads(&["random_string.a.result", "random_string.a"]) }))
        };
        assert_eq!(fed(vec![database("password")]), ["aws_db_instance.a"]);
        assert_eq!(fed(vec![database("password_wo")]), ["aws_db_instance.a"]);
        assert_eq!(fed(vec![database("identifier")]), [""; 0]);
        assert_eq!(fed(vec![database("password_length")]), [""; 0]);
    }

    #[test]
    fn beside_a_password_a_shown_value_is_taken_for_a_name() {
        let secret = |names: &[&str]| {
            resource("kubernetes_secret_v1", "a")
                .unknown(json!({ "data": true }))
                .expressions(json!({ "data": reads(names) }))
        };
        assert_eq!(fed(vec![secret(&["random_string.a.result"])]), ["kubernetes_secret_v1.a"]);
        assert_eq!(fed(vec![secret(&["random_string.a.result", "random_password.b.result"])]), [""; 0]);
        assert_eq!(fed(vec![secret(&["random_string.a.result", "var.db_password"])]), [""; 0]);
        assert_eq!(fed(vec![secret(&["random_string.a.length"])]), [""; 0]);
    }

    #[test]
    fn members_of_a_map_tell_by_their_names() {
        let function = |member: &str| {
            resource("aws_lambda_function", "a")
                .after(json!({ "environment": [{ "variables": {} }], "x": "token" }))
                .unknown(json!({ "environment": [{ "variables": { member: true } }] }))
                .expressions(json!({ "environment": [{ "variables": reads(&["random_string.a.result"]) }] }))
        };
        assert_eq!(fed(vec![function("DB_PASSWORD")]), ["aws_lambda_function.a"]);
        assert_eq!(fed(vec![function("SUFFIX")]), [""; 0]);
    }

    #[test]
    fn a_value_is_followed_into_a_module() {
        let mut inner = resource("aws_db_instance", "db").after(json!({ "password": null }));
        inner.change["address"] = json!("module.db.aws_db_instance.db");
        inner.change["module_address"] = json!("module.db");
        let block = json!({
            "mode": "managed", "type": "aws_db_instance", "name": "db",
            "expressions": { "password": reads(&["var.login"]) },
        });
        let call = json!({ "source": "./db", "expressions": { "login": reads(&["random_string.a.result", "random_string.a"]) },
            "module": { "resources": [block], "variables": { "login": {} } } });
        let generator = resource("random_string", "a").after(json!({ "length": 8 }));
        let more = json!({ "root_module": { "module_calls": { "db": call } } });
        let facts = facts_with(vec![generator, inner], more);
        assert_eq!(facts.generators[0].feeds, ["module.db.aws_db_instance.db"]);
    }
}
