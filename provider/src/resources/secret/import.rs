//! Finding an existing secret: by its name, by its address in the platform (an ARN), or by its identity.

use secret_store::SecretDescription;
use secret_store::aws::Arn;
use tf_plugin::{Diagnostic, Diagnostics, ImportRequest, ImportTarget, Imported, Value};

use super::model::{OnConflict, SecretIdentity, SecretModel};
use super::state::refreshed;
use super::{Secret, default_recovery_days};
use crate::annotations::Annotations;
use crate::client::Client;
use crate::diagnostics::{failed, wrong};
use crate::generator::{self, GenerateModel};
use crate::text::known;

/// The identity of a secret: its name, and where it is if its address says so.
pub(super) fn identity(state: &SecretModel) -> SecretIdentity {
    let arn = state.arn.as_str().and_then(|text| Arn::parse(text).map(|arn| (text, arn)));
    let name = state.name.clone();
    match arn {
        None => SecretIdentity { name, ..SecretIdentity::default() },
        Some((text, arn)) => SecretIdentity {
            name,
            arn: known(text),
            account_id: known(arn.account),
            region: known(arn.region),
        },
    }
}

pub(super) async fn import(
    client: &Client,
    request: ImportRequest<Secret>,
) -> Result<Imported<Secret>, Diagnostics> {
    let wanted = match request.target {
        ImportTarget::Id(id) if Arn::parse(&id).is_some() => {
            SecretIdentity { arn: known(id), ..SecretIdentity::default() }
        }
        ImportTarget::Id(id) => SecretIdentity { name: known(id), ..SecretIdentity::default() },
        ImportTarget::Identity(identity) => identity,
    };
    let Some(text) = wanted.arn.as_str().or(wanted.name.as_str()) else {
        return Err(Diagnostic::error("The identity names no secret")
            .detail("Give `name`, or `arn` where the store has ARNs.")
            .into());
    };
    let doing = format!("import secret `{text}`");
    let name = client.store().resolve(text).await.map_err(|error| failed(&doing, &error))?;
    let description = client.store().describe(&name).await.map_err(|error| failed(&doing, &error))?;
    if let Some(deletion) = description.deletion {
        let until = deletion.until.map_or_else(String::new, |until| format!(" until {until}"));
        return Err(Diagnostic::error(format!("Secret `{name}` is deleted"))
            .detail(format!(
                "It can be restored{until}: create it with `on_conflict = \"restore\"` instead of importing it."
            ))
            .into());
    }
    let found = found_secret(client, &description);
    check_identity(&wanted, &identity(&found))?;
    Ok(Imported::new(found))
}

/// What the user says about a secret must be true of the one that is found.
fn check_identity(wanted: &SecretIdentity, found: &SecretIdentity) -> Result<(), Diagnostics> {
    let parts = [
        ("name", &wanted.name, &found.name),
        ("arn", &wanted.arn, &found.arn),
        ("account_id", &wanted.account_id, &found.account_id),
        ("region", &wanted.region, &found.region),
    ];
    for (part, wanted, found) in parts {
        let Some(text) = wanted.as_str() else { continue };
        if wanted == found {
            continue;
        }
        let reason = match found.as_str() {
            Some(found) => format!("it is `{text}`, and the secret that was found has `{found}`"),
            None => format!("it is `{text}`, and the secrets of this store have none; leave it out"),
        };
        return Err(wrong(part, reason).into());
    }
    Ok(())
}

/// A secret that was found in the store, as an import would have it.
pub(crate) fn found_secret(client: &Client, description: &SecretDescription) -> SecretModel {
    let start = SecretModel {
        name: known(description.name.as_str()),
        on_conflict: known(OnConflict::DEFAULT),
        on_destroy: known(super::model::OnDestroy::DEFAULT),
        recovery_window_days: Value::from_option(default_recovery_days(client)),
        generate: imported_generate(description),
        ..SecretModel::default()
    };
    refreshed(client, &start, description)
}

/// The rule an earlier resource noted; so that importing what this provider made does not plan a new value.
fn imported_generate(description: &SecretDescription) -> Value<GenerateModel> {
    let metadata = &description.metadata;
    Value::from_option(
        metadata
            .generator()
            .and_then(generator::from_note)
            .map(|rule| GenerateModel::from_generator(&rule, metadata.generated_field())),
    )
}
