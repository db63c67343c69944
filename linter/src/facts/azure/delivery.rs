//! How secrets of a Key Vault reach App Service, Functions and Container Apps. A setting of an app that refers to a vault is no secret but the way
//! of one; App Service has no other way, Container Apps can give a file as well.

use serde_json::Value;

use super::super::collected::Collected;
use super::super::model::{AttributePath, Delivery, PathStep};
use super::super::subject::{Attribute, Subject, steps};
use super::count;
use crate::plan::{Plan, Target};

/// How a setting of an app refers to a vault.
const REFERENCE: &str = "@microsoft.keyvault(";

/// The settings of an app.
pub(super) fn app(subject: &Subject<'_>, collected: &mut Collected) {
    settings(subject, &steps!["app_settings"], collected);
    for index in 0..count(subject, &steps!["connection_string"]) {
        let path = steps!["connection_string", index, "value"];
        let name = match subject.at(&steps!["connection_string", index, "name"]) {
            Attribute::Known(Value::String(name)) => Some(name.clone()),
            _ => None,
        };
        setting(subject, path, name, collected);
    }
}

fn settings(subject: &Subject<'_>, at: &[PathStep], collected: &mut Collected) {
    let known = match subject.at(at) {
        Attribute::Known(Value::Object(members)) => members.keys().cloned().collect(),
        _ => Vec::new(),
    };
    let undecided = match super::super::subject::look_up(&subject.unknown, at) {
        Some(Value::Object(members)) => members.keys().cloned().collect(),
        _ => Vec::new(),
    };
    let mut names: Vec<String> = [known, undecided].concat();
    names.sort();
    names.dedup();
    for name in names {
        let path = [at, &steps![name.as_str()]].concat();
        setting(subject, path, Some(name), collected);
    }
}

fn setting(subject: &Subject<'_>, path: AttributePath, name: Option<String>, collected: &mut Collected) {
    let (secret, refreshes) = match subject.at(&path) {
        Attribute::Known(Value::String(text)) if is_reference(text) => {
            (Some(text.clone()), Some(!names_a_version(text)))
        }
        // Unknown because the secret is made in the same plan.
        Attribute::Unknown => match referred(subject, &path) {
            Some((address, refreshes)) => (Some(address), refreshes),
            None => return,
        },
        _ => return,
    };
    collected.facts.deliveries.push(Delivery {
        name,
        secret,
        refreshes,
        ..Delivery::of(subject.origin(), "environment", path)
    });
}

/// One of the blocks of this name holds a value itself, not the reference to a secret of a vault.
pub(super) fn holds_value(subject: &Subject<'_>, block: &str) -> bool {
    (0..count(subject, &steps![block])).any(|index| {
        let path = steps![block, index, "value"];
        match subject.at(&path) {
            Attribute::Known(Value::String(text)) => !text.is_empty() && !is_reference(text),
            Attribute::Unknown => subject.is_set(&path) && referred(subject, &path).is_none(),
            _ => false,
        }
    })
}

/// The text names a secret of a vault and is none itself.
fn is_reference(text: &str) -> bool {
    let start = text.trim_start();
    start.get(..REFERENCE.len()).is_some_and(|start| start.eq_ignore_ascii_case(REFERENCE))
}

/// A reference that names a version stays with it; one without follows the newest within a day.
fn names_a_version(reference: &str) -> bool {
    let inside = reference.get(REFERENCE.len()..).unwrap_or_default().trim().trim_end_matches(')');
    inside.split(';').any(|part| match part.trim().split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("SecretVersion") => !value.trim().is_empty(),
        Some((name, value)) if name.trim().eq_ignore_ascii_case("SecretUri") => uri_has_version(value.trim()),
        _ => false,
    })
}

/// `https://NAME.vault.azure.net/secrets/NAME/VERSION`.
fn uri_has_version(uri: &str) -> bool {
    let rest = uri.split_once("/secrets/").map_or("", |(_, rest)| rest);
    rest.split('/').filter(|part| !part.is_empty()).count() > 1
}

/// The vault's secret whose id, never whose value, the expression reads, and whether it follows the newest version.
fn referred(subject: &Subject<'_>, path: &[PathStep]) -> Option<(String, Option<bool>)> {
    let read = secret_attributes(subject.plan, &subject.resolve(path).targets);
    let (address, _) = read.first()?.clone();
    let versionless =
        |attribute: &str| matches!(attribute, "versionless_id" | "resource_versionless_id" | "name");
    if !read
        .iter()
        .all(|(_, attribute)| versionless(attribute) || attribute == "id" || attribute == "version")
    {
        return None;
    }
    let versions = read.iter().filter(|(_, attribute)| !versionless(attribute)).count();
    let refreshes = match versions {
        0 => Some(true),
        all if all == read.len() => Some(false),
        _ => None,
    };
    Some((address, refreshes))
}

fn secret_attributes(plan: &Plan, targets: &[Target]) -> Vec<(String, String)> {
    let is_secret = |address: &str| super::type_of(address) == "azurerm_key_vault_secret";
    let attribute = |target: &Target| match target {
        Target::Change { place, attribute: Some(attribute) } => {
            let change = plan.changes().get(*place)?;
            is_secret(&change.address).then(|| (change.address.to_string(), attribute.clone()))
        }
        Target::Outside { address, attribute: Some(attribute) } => {
            is_secret(address).then(|| (address.clone(), attribute.clone()))
        }
        _ => None,
    };
    targets.iter().filter_map(attribute).collect()
}

/// A Container App: its secrets, the variables that are filled from them and the volumes that hold them.
pub(super) fn container_app(subject: &Subject<'_>, collected: &mut Collected) {
    let secrets = secrets(subject);
    for (block, index) in containers(subject) {
        let container = steps!["template", 0_usize, block, index];
        for variable in 0..count(subject, &[&container[..], &steps!["env"]].concat()) {
            let path = [&container[..], &steps!["env", variable, "secret_name"]].concat();
            if !subject.is_set(&path) {
                continue;
            }
            let name = [&container[..], &steps!["env", variable, "name"]].concat();
            let mut origin = subject.origin();
            let name = subject.field(&mut origin, "name", name);
            let secret = subject.field_or_reference(&mut origin, "secret", path.clone());
            let of_vault = secrets.iter().find(|(name, _)| Some(name) == secret.as_ref());
            collected.facts.deliveries.push(Delivery {
                name,
                file_possible: true,
                // A new version of the vault restarts the revisions that read it; any other new value needs a new revision.
                refreshes: of_vault.and_then(|(_, follows)| *follows),
                secret,
                ..Delivery::of(origin, "environment", path)
            });
        }
    }
    for volume in 0..count(subject, &steps!["template", 0_usize, "volume"]) {
        let path = steps!["template", 0_usize, "volume", volume];
        let kind = [&path[..], &steps!["storage_type"]].concat();
        if !matches!(subject.at(&kind), Attribute::Known(Value::String(kind)) if kind == "Secret") {
            continue;
        }
        let mut origin = subject.origin();
        let name = subject.field(&mut origin, "name", [&path[..], &steps!["name"]].concat());
        collected.facts.deliveries.push(Delivery {
            name,
            file_possible: true,
            ..Delivery::of(origin, "file", path)
        });
    }
}

fn containers(subject: &Subject<'_>) -> Vec<(&'static str, usize)> {
    let of_block = |block: &'static str| {
        (0..count(subject, &steps!["template", 0_usize, block])).map(move |index| (block, index))
    };
    of_block("container").chain(of_block("init_container")).collect()
}

/// The secrets of an app that are in a vault, and whether each follows the newest version.
fn secrets(subject: &Subject<'_>) -> Vec<(String, Option<bool>)> {
    let follows = |index: usize| {
        let path = steps!["secret", index, "key_vault_secret_id"];
        match subject.at(&path) {
            Attribute::Known(Value::String(uri)) => Some(!uri_has_version(uri)),
            Attribute::Unknown => referred(subject, &path).and_then(|(_, follows)| follows),
            _ => None,
        }
    };
    (0..count(subject, &steps!["secret"]))
        .filter_map(|index| match subject.at(&steps!["secret", index, "name"]) {
            Attribute::Known(Value::String(name)) => Some((name.clone(), follows(index))),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_with_a_version_stays_with_it() {
        for (reference, expected) in [
            ("@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/db)", false),
            ("@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/db/)", false),
            ("@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/db/0123)", true),
            ("@Microsoft.KeyVault(VaultName=kv;SecretName=db)", false),
            ("@Microsoft.KeyVault(VaultName=kv;SecretName=db;SecretVersion=0123)", true),
        ] {
            assert!(is_reference(reference));
            assert_eq!(names_a_version(reference), expected, "{reference}");
        }
        assert!(!is_reference("hunter2"));
    }
}
