//! Ephemeral `secret_password`: a new password at every open, for a write-only argument. What needs a value that stays the same uses
//! `generate` of the resource `secret`.

use std::collections::BTreeSet;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tf_plugin::{
    Attribute, Context, Diagnostic, Diagnostics, EphemeralResource, Exposed, OpenRequest, Opened, Schema,
    Value,
};

use super::Sent;
use crate::client::Client;
use crate::diagnostics::failed;
use crate::generator::{GenerateModel, password_attributes};
use crate::text::known;

/// The ephemeral resource `secret_password`.
#[derive(Debug)]
pub(crate) struct SecretPassword;

/// An ephemeral `secret_password` in configuration and result.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PasswordModel {
    length: Value<i64>,
    classes: Value<BTreeSet<String>>,
    min_lower: Value<i64>,
    min_upper: Value<i64>,
    min_digits: Value<i64>,
    min_symbols: Value<i64>,
    symbol_set: Value<String>,
    exclude: Value<String>,
    result: Exposed<Sent>,
}

impl PasswordModel {
    fn rule(&self) -> GenerateModel {
        GenerateModel {
            kind: known("password"),
            length: self.length,
            classes: self.classes.clone(),
            min_lower: self.min_lower,
            min_upper: self.min_upper,
            min_digits: self.min_digits,
            min_symbols: self.min_symbols,
            symbol_set: self.symbol_set.clone(),
            exclude: self.exclude.clone(),
            ..GenerateModel::default()
        }
    }
}

#[async_trait]
impl EphemeralResource for SecretPassword {
    type Client = Client;
    type Model = PasswordModel;
    type Private = ();

    fn schema(&self) -> Schema {
        let schema = Schema::new().description(
            "A new random password each time it is opened, so at plan and again at apply. Use it for a write-only argument, and change that \
             argument's version to have a new one sent. It is in no plan and no state.",
        );
        password_attributes("Number of characters; default 32.")
            .into_iter()
            .fold(schema, Schema::attribute)
            .attribute(Attribute::string("result").computed().sensitive().description("The password."))
    }

    async fn validate(&self, config: PasswordModel, _context: Context) -> Diagnostics {
        config.rule().check().err().map(at_top_level).unwrap_or_default()
    }

    async fn open(&self, _client: &Client, request: OpenRequest<Self>) -> Result<Opened<Self>, Diagnostics> {
        let generator = request.config.rule().generator().map_err(at_top_level)?;
        let made = generator.generate().map_err(|error| failed("make a password", &error))?;
        Ok(Opened::new(PasswordModel { result: Exposed::new(Sent::from(made.value)), ..request.config }))
    }
}

/// The rule's errors are at `generate.length`; here the attribute is `length`.
fn at_top_level(diagnostics: Diagnostics) -> Diagnostics {
    diagnostics
        .into_iter()
        .map(|diagnostic| {
            let Some(path) = &diagnostic.attribute else { return diagnostic };
            let below = tf_plugin::AttributePath::from(path.steps()[path.steps().len().min(1)..].to_vec());
            Diagnostic {
                summary: format!("Invalid value for `{below}`"),
                attribute: Some(below),
                ..diagnostic
            }
        })
        .collect()
}
