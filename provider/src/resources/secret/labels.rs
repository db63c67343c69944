//! Labels of the user's own on versions (`version_labels`): they are on the version that is current, and follow it to each new one. Labels
//! of others are left alone.

use std::collections::BTreeSet;

use secret_store::{Invalid, MoveLabel, SecretDescription, SecretName, StoreError, VersionLabel};
use tf_plugin::{Diagnostic, Diagnostics, Value};

use super::model::{OnConflict, SecretModel};
use crate::client::Client;
use crate::diagnostics::{invalid, store_error, wrong};

/// The argument.
const ARGUMENT: &str = "version_labels";

const NO_VERSION: &str =
    "there is no version that could have a label; give the secret a value first, or leave the labels out";

/// Checks the spelling of what is known.
pub(super) fn check(labels: &Value<BTreeSet<String>>) -> Diagnostics {
    labels.known().into_iter().flatten().filter_map(|text| problem(text)).collect()
}

fn problem(text: &str) -> Option<Diagnostic> {
    match VersionLabel::parse(text) {
        Ok(VersionLabel::Custom(_)) => None,
        Ok(label) => {
            Some(wrong(ARGUMENT, format!("`{label}` is put and moved by the provider itself; leave it out")))
        }
        Err(error) => Some(invalid(ARGUMENT, &error)),
    }
}

/// Refuses labels that the store does not take, and all where no version will exist to have them.
pub(super) fn check_planned(
    client: &Client,
    prior: Option<&SecretModel>,
    planned: &SecretModel,
    config: &SecretModel,
) -> Diagnostics {
    let is_wanted = planned.version_labels.known().is_some_and(|labels| !labels.is_empty());
    let has_version = match prior {
        Some(prior) => !prior.version_id.is_null() || super::new_version_planned(prior, planned),
        None => {
            let fails_on_existing = planned.on_conflict.as_str() == Some(OnConflict::DEFAULT);
            !(config.value_wo.is_null()
                && config.fields_wo.is_null()
                && config.fields.is_null()
                && config.generate.is_null()
                && fails_on_existing)
        }
    };
    if is_wanted && !has_version {
        return wrong(ARGUMENT, NO_VERSION).into();
    }
    let labels = planned.version_labels.known().into_iter().flatten();
    let labels: BTreeSet<VersionLabel> = labels.filter_map(|text| VersionLabel::parse(text).ok()).collect();
    let doing = || format!("plan secret `{}`", planned.name.as_str().unwrap_or_default());
    let checked = client.store().check_labels(&labels);
    checked.err().map(|error| store_error(&doing(), &error).at(ARGUMENT)).into_iter().collect()
}

/// Those of the labels in `before` that the current version has. Without any asked for, labels are somebody else's business.
pub(super) fn shown(
    before: &Value<BTreeSet<String>>,
    description: &SecretDescription,
) -> Value<BTreeSet<String>> {
    let Some(wanted) = before.known() else { return Value::Null };
    let present = description.current().into_iter().flat_map(|version| &version.labels);
    Value::Known(
        present
            .map(VersionLabel::as_str)
            .filter(|label| wanted.contains(*label))
            .map(str::to_owned)
            .collect(),
    )
}

/// Puts the labels that are planned on the current version, and takes away those that are planned no more.
pub(super) async fn put(
    client: &Client,
    name: &SecretName,
    before: &Value<BTreeSet<String>>,
    planned: &Value<BTreeSet<String>>,
    description: SecretDescription,
) -> Result<SecretDescription, StoreError> {
    let labels = |value: &Value<BTreeSet<String>>| -> Result<BTreeSet<VersionLabel>, Invalid> {
        value.known().into_iter().flatten().map(|text| VersionLabel::parse(text)).collect()
    };
    let (before, planned) = (labels(before)?, labels(planned)?);
    let mut description = description;
    for label in before.difference(&planned) {
        let Some(version) = description.version_with(label).map(|version| version.id.clone()) else {
            continue;
        };
        let request = MoveLabel { label: label.clone(), to: None, only_if_on: Some(version) };
        description = client.store().move_label(name, request).await?;
    }
    for label in &planned {
        let Some(current) = description.current() else {
            return Err(Invalid::new("label", NO_VERSION).into());
        };
        if current.has(label) {
            continue;
        }
        let request = MoveLabel { label: label.clone(), to: Some(current.id.clone()), only_if_on: None };
        description = client.store().move_label(name, request).await?;
    }
    Ok(description)
}
