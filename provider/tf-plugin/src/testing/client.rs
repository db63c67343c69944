//! A client in place of Terraform: it drives a provider through the same RPCs and the same encoding, in one process, so that
//! a unit test can plan, apply and read without a Terraform.

use std::sync::Arc;
use std::time::SystemTime;

use serde::Serialize;
use serde_json::Value as Json;
use tokio_stream::StreamExt as _;

use super::proposed::propose;
use crate::adapter::DynResource;
use crate::codec;
use crate::generated::tfplugin6 as pb;
use crate::object::Provider;
use crate::rpc::{Entry, Registry, calls};
use crate::shape::{self, Body};
use crate::{Diagnostic, Diagnostics, Dynamic, Severity, Type};

/// Drives one provider. Configurations are JSON objects: a missing attribute is null, the string `"${unknown}"` is unknown.
/// States are kept by the caller as they come back, write-only values nulled.
///
/// Errors of the provider come back as [`Diagnostics`]; so does whatever core would refuse.
pub struct TestClient<P: Provider> {
    registry: Arc<Registry<P>>,
}

/// A planned change.
#[derive(Debug)]
pub struct Change {
    type_name: String,
    prior: Dynamic,
    config: Dynamic,
    /// The planned state; null for a deletion.
    pub planned: Dynamic,
    /// The attributes that make it a replacement, as text such as `name` or `replica[0].region`.
    pub requires_replace: Vec<String>,
    /// Warnings of the plan.
    pub warnings: Diagnostics,
    private: Vec<u8>,
}

impl Change {
    /// Whether applying it would do nothing.
    #[must_use]
    pub fn is_no_op(&self) -> bool {
        self.prior == self.planned
    }
}

/// An object as Terraform stores it.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// Its state; null when it does not exist.
    pub state: Dynamic,
    /// The private data stored with it.
    pub private: Vec<u8>,
}

/// An open ephemeral resource.
#[derive(Clone, Debug)]
pub struct OpenedResult {
    /// Its result.
    pub result: Dynamic,
    /// The private data for [`TestClient::renew`] and [`TestClient::close`].
    pub private: Vec<u8>,
    /// When it is to be renewed.
    pub renew_at: Option<SystemTime>,
}

/// The unknown in a JSON configuration.
const UNKNOWN: &str = "${unknown}";

fn capabilities() -> Option<pb::ClientCapabilities> {
    Some(pb::ClientCapabilities { write_only_attributes_allowed: true, ..Default::default() })
}

impl<P: Provider> TestClient<P> {
    /// A client of an unconfigured provider.
    pub fn new(provider: P) -> Self {
        Self { registry: Arc::new(Registry::new(provider)) }
    }

    /// Configures the provider.
    ///
    /// # Errors
    /// Its diagnostics.
    pub async fn configure(&self, config: Json) -> Result<Diagnostics, Diagnostics> {
        let config = tree(&config, &self.registry.kind, Body::of(&self.registry.schema.block))?;
        let config = Some(encode(&config, &self.registry.kind)?);
        let request = pb::validate_provider_config::Request { config: config.clone() };
        let mut found = diagnostics(calls::validate_provider(&self.registry, request).await.diagnostics);
        if !found.has_errors() {
            let request = pb::configure_provider::Request {
                terraform_version: "1.11.0".to_owned(),
                config,
                client_capabilities: capabilities(),
            };
            found.extend(diagnostics(calls::configure(&self.registry, request).await.diagnostics));
        }
        found.clone().ok_or_errors(found)
    }

    fn resource(&self, type_name: &str) -> Result<Arc<Entry<dyn DynResource<P::Client>>>, Diagnostics> {
        self.registry.resources.get(type_name).cloned().ok_or_else(|| no_such("resource", type_name))
    }

    /// Validates the configuration of a resource.
    ///
    /// # Errors
    /// Its diagnostics, when there are errors among them.
    pub async fn validate(&self, type_name: &str, config: &Json) -> Result<Diagnostics, Diagnostics> {
        let entry = self.resource(type_name)?;
        let config = tree(config, &entry.kind, entry.body())?;
        let request = pb::validate_resource_config::Request {
            type_name: type_name.to_owned(),
            config: Some(encode(&config, &entry.kind)?),
            client_capabilities: capabilities(),
        };
        let found = diagnostics(calls::validate_resource(&self.registry, request).await.diagnostics);
        found.clone().ok_or_errors(found)
    }

    /// Plans a creation (from `Stored::default()`), an update, or a deletion (to no configuration).
    ///
    /// # Errors
    /// Its diagnostics.
    pub async fn plan(
        &self,
        type_name: &str,
        prior: &Stored,
        config: Option<&Json>,
    ) -> Result<Change, Diagnostics> {
        let entry = self.resource(type_name)?;
        let config = match config {
            Some(config) => tree(config, &entry.kind, entry.body())?,
            None => Dynamic::Null,
        };
        let proposed = propose(&prior.state, &config, entry.body());
        let request = pb::plan_resource_change::Request {
            type_name: type_name.to_owned(),
            prior_state: Some(encode(&prior.state, &entry.kind)?),
            proposed_new_state: Some(encode(&proposed, &entry.kind)?),
            config: Some(encode(&config, &entry.kind)?),
            prior_private: prior.private.clone(),
            client_capabilities: capabilities(),
            ..Default::default()
        };
        let response = calls::plan(&self.registry, request).await;
        let warnings = diagnostics(response.diagnostics);
        warnings.clone().ok_or_errors(())?;
        let planned = decode(response.planned_state, &entry.kind)?;
        let mut requires_replace = Vec::new();
        for path in response.requires_replace {
            requires_replace.push(path_text(path));
        }
        Ok(Change {
            type_name: type_name.to_owned(),
            prior: prior.state.clone(),
            config,
            planned,
            requires_replace,
            warnings,
            private: response.planned_private,
        })
    }

    /// Applies a planned change. The state is what Terraform would store, also when there are errors.
    pub async fn apply(&self, change: Change) -> (Stored, Diagnostics) {
        let prior = Stored { state: change.prior.clone(), private: change.private.clone() };
        match self.apply_inner(change).await {
            Ok(applied) => applied,
            Err(diagnostics) => (prior, diagnostics),
        }
    }

    async fn apply_inner(&self, change: Change) -> Result<(Stored, Diagnostics), Diagnostics> {
        let entry = self.resource(&change.type_name)?;
        let request = pb::apply_resource_change::Request {
            type_name: change.type_name,
            prior_state: Some(encode(&change.prior, &entry.kind)?),
            planned_state: Some(encode(&change.planned, &entry.kind)?),
            config: Some(encode(&change.config, &entry.kind)?),
            planned_private: change.private,
            ..Default::default()
        };
        let response = calls::apply(&self.registry, request).await;
        let stored = Stored { state: decode(response.new_state, &entry.kind)?, private: response.private };
        Ok((stored, diagnostics(response.diagnostics)))
    }

    /// Plans and applies, and insists on success: no errors, and a second plan that changes nothing.
    ///
    /// # Errors
    /// The diagnostics of whichever step failed.
    pub async fn converge(
        &self,
        type_name: &str,
        prior: &Stored,
        config: &Json,
    ) -> Result<Stored, Diagnostics> {
        let _warnings = self.validate(type_name, config).await?;
        let change = self.plan(type_name, prior, Some(config)).await?;
        let (stored, found) = self.apply(change).await;
        found.ok_or_errors(())?;
        let stored = self.read(type_name, &stored).await?;
        let again = self.plan(type_name, &stored, Some(config)).await?;
        if again.is_no_op() {
            return Ok(stored);
        }
        let paths = shape::broken_apply(&again.planned, &stored.state);
        let names: Vec<String> = paths.iter().map(ToString::to_string).collect();
        Err(Diagnostic::error(format!("a second plan changes something again ({})", names.join(", "))).into())
    }

    /// Refreshes an object; a null state means that it is gone.
    ///
    /// # Errors
    /// Its diagnostics.
    pub async fn read(&self, type_name: &str, stored: &Stored) -> Result<Stored, Diagnostics> {
        self.read_with_warnings(type_name, stored).await.map(|(stored, _)| stored)
    }

    /// As [`TestClient::read`], with what a user is warned of.
    ///
    /// # Errors
    /// Errors of the provider.
    pub async fn read_with_warnings(
        &self,
        type_name: &str,
        stored: &Stored,
    ) -> Result<(Stored, Diagnostics), Diagnostics> {
        let entry = self.resource(type_name)?;
        let request = pb::read_resource::Request {
            type_name: type_name.to_owned(),
            current_state: Some(encode(&stored.state, &entry.kind)?),
            private: stored.private.clone(),
            client_capabilities: capabilities(),
            ..Default::default()
        };
        let response = calls::read(&self.registry, request).await;
        let warnings = diagnostics(response.diagnostics);
        warnings.clone().ok_or_errors(())?;
        let stored = Stored { state: decode(response.new_state, &entry.kind)?, private: response.private };
        Ok((stored, warnings))
    }

    /// Imports by id, then reads, as Terraform does.
    ///
    /// # Errors
    /// Its diagnostics.
    pub async fn import(&self, type_name: &str, id: &str) -> Result<Stored, Diagnostics> {
        let request = pb::import_resource_state::Request {
            type_name: type_name.to_owned(),
            id: id.to_owned(),
            client_capabilities: capabilities(),
            identity: None,
        };
        self.import_by(request).await
    }

    /// Imports by identity, then reads, as Terraform does.
    ///
    /// # Errors
    /// Its diagnostics.
    pub async fn import_identity(&self, type_name: &str, identity: &Json) -> Result<Stored, Diagnostics> {
        let entry = self.resource(type_name)?;
        let Some((_, kind)) = &entry.identity else {
            return Err(Diagnostic::error(format!("`{type_name}` has no identity")).into());
        };
        let identity = from_json(identity, kind)?;
        let request = pb::import_resource_state::Request {
            type_name: type_name.to_owned(),
            id: String::new(),
            client_capabilities: capabilities(),
            identity: Some(pb::ResourceIdentityData { identity_data: Some(encode(&identity, kind)?) }),
        };
        self.import_by(request).await
    }

    async fn import_by(&self, request: pb::import_resource_state::Request) -> Result<Stored, Diagnostics> {
        let type_name = request.type_name.clone();
        let entry = self.resource(&type_name)?;
        let response = calls::import(&self.registry, request).await;
        diagnostics(response.diagnostics).ok_or_errors(())?;
        let imported = response.imported_resources.into_iter().next().unwrap_or_default();
        let stored = Stored { state: decode(imported.state, &entry.kind)?, private: imported.private };
        self.read(&type_name, &stored).await
    }

    /// Takes a state as it stands in the state file under a schema version.
    ///
    /// # Errors
    /// Its diagnostics.
    pub async fn upgrade(&self, type_name: &str, version: i64, state: &Json) -> Result<Dynamic, Diagnostics> {
        let entry = self.resource(type_name)?;
        let request = pb::upgrade_resource_state::Request {
            type_name: type_name.to_owned(),
            version,
            raw_state: Some(pb::RawState { json: state.to_string().into_bytes(), ..Default::default() }),
        };
        let response = calls::upgrade(&self.registry, request).await;
        diagnostics(response.diagnostics).ok_or_errors(())?;
        decode(response.upgraded_state, &entry.kind)
    }

    /// Moves an object here from another type.
    ///
    /// # Errors
    /// Its diagnostics.
    pub async fn move_from(
        &self,
        provider: &str,
        source_type: &str,
        state: &Json,
        target_type: &str,
    ) -> Result<Stored, Diagnostics> {
        let entry = self.resource(target_type)?;
        let request = pb::move_resource_state::Request {
            source_provider_address: provider.to_owned(),
            source_type_name: source_type.to_owned(),
            source_state: Some(pb::RawState { json: state.to_string().into_bytes(), ..Default::default() }),
            target_type_name: target_type.to_owned(),
            ..Default::default()
        };
        let response = calls::move_state(&self.registry, request).await;
        diagnostics(response.diagnostics).ok_or_errors(())?;
        Ok(Stored { state: decode(response.target_state, &entry.kind)?, private: response.target_private })
    }

    /// Reads a data source.
    ///
    /// # Errors
    /// Its diagnostics.
    pub async fn read_data(&self, type_name: &str, config: &Json) -> Result<Dynamic, Diagnostics> {
        let entry = self
            .registry
            .data_sources
            .get(type_name)
            .cloned()
            .ok_or_else(|| no_such("data source", type_name))?;
        let config = Some(encode(&tree(config, &entry.kind, entry.body())?, &entry.kind)?);
        let request = pb::validate_data_resource_config::Request {
            type_name: type_name.to_owned(),
            config: config.clone(),
        };
        diagnostics(calls::validate_data(&self.registry, request).await.diagnostics).ok_or_errors(())?;
        let request = pb::read_data_source::Request {
            type_name: type_name.to_owned(),
            config,
            provider_meta: None,
            client_capabilities: capabilities(),
        };
        let response = calls::read_data(&self.registry, request).await;
        diagnostics(response.diagnostics).ok_or_errors(())?;
        decode(response.state, &entry.kind)
    }

    /// Opens an ephemeral resource.
    ///
    /// # Errors
    /// Its diagnostics.
    pub async fn open(&self, type_name: &str, config: &Json) -> Result<OpenedResult, Diagnostics> {
        let entry = self
            .registry
            .ephemeral_resources
            .get(type_name)
            .cloned()
            .ok_or_else(|| no_such("ephemeral resource", type_name))?;
        let config = Some(encode(&tree(config, &entry.kind, entry.body())?, &entry.kind)?);
        let request = pb::validate_ephemeral_resource_config::Request {
            type_name: type_name.to_owned(),
            config: config.clone(),
        };
        diagnostics(calls::validate_ephemeral(&self.registry, request).await.diagnostics).ok_or_errors(())?;
        let request = pb::open_ephemeral_resource::Request {
            type_name: type_name.to_owned(),
            config,
            client_capabilities: None,
        };
        let response = calls::open(&self.registry, request).await;
        diagnostics(response.diagnostics).ok_or_errors(())?;
        Ok(OpenedResult {
            result: decode(response.result, &entry.kind)?,
            private: response.private.unwrap_or_default(),
            renew_at: response.renew_at.and_then(|time| time.try_into().ok()),
        })
    }

    /// Renews an ephemeral resource: when to do it again, and the private data for that.
    ///
    /// # Errors
    /// Its diagnostics.
    pub async fn renew(
        &self,
        type_name: &str,
        private: Vec<u8>,
    ) -> Result<(Option<SystemTime>, Vec<u8>), Diagnostics> {
        let request =
            pb::renew_ephemeral_resource::Request { type_name: type_name.to_owned(), private: Some(private) };
        let response = calls::renew(&self.registry, request).await;
        diagnostics(response.diagnostics).ok_or_errors(())?;
        Ok((response.renew_at.and_then(|time| time.try_into().ok()), response.private.unwrap_or_default()))
    }

    /// Closes an ephemeral resource.
    ///
    /// # Errors
    /// Its diagnostics.
    pub async fn close(&self, type_name: &str, private: Vec<u8>) -> Result<(), Diagnostics> {
        let request =
            pb::close_ephemeral_resource::Request { type_name: type_name.to_owned(), private: Some(private) };
        diagnostics(calls::close(&self.registry, request).await.diagnostics).ok_or_errors(())
    }

    /// Validates and invokes an action; the answer is what it reported on the way, warnings at the end.
    ///
    /// # Errors
    /// Its diagnostics.
    pub async fn invoke(&self, type_name: &str, config: &Json) -> Result<Vec<String>, Diagnostics> {
        let entry = self.registry.actions.get(type_name).cloned();
        let entry = entry.ok_or_else(|| no_such("action", type_name))?;
        let config = Some(encode(&tree(config, &entry.kind, entry.body())?, &entry.kind)?);
        let request =
            pb::validate_action_config::Request { type_name: type_name.to_owned(), config: config.clone() };
        diagnostics(calls::validate_action(&self.registry, request).await.diagnostics).ok_or_errors(())?;
        let request = pb::invoke_action::Request {
            action_type: type_name.to_owned(),
            config,
            client_capabilities: capabilities(),
        };
        let mut events = calls::invoke(&self.registry, request);
        let mut reported = Vec::new();
        while let Some(Ok(event)) = events.next().await {
            match event.r#type {
                Some(pb::invoke_action::event::Type::Progress(progress)) => reported.push(progress.message),
                Some(pb::invoke_action::event::Type::Completed(completed)) => {
                    let found = diagnostics(completed.diagnostics);
                    reported.extend(found.iter().map(ToString::to_string));
                    found.ok_or_errors(())?;
                }
                None => {}
            }
        }
        Ok(reported)
    }

    /// Calls a function; arguments as JSON, or anything that serialises.
    ///
    /// # Errors
    /// The function's error, as a diagnostic.
    pub async fn call<A: Serialize>(&self, name: &str, arguments: &[A]) -> Result<Dynamic, Diagnostics> {
        let Some((_, signature)) = self.registry.functions.get(name) else {
            return Err(no_such("function", name));
        };
        let mut wire = Vec::new();
        for (position, argument) in arguments.iter().enumerate() {
            let Some(parameter) = signature.parameters.get(position).or(signature.variadic.as_ref()) else {
                return Err(Diagnostic::error("too many arguments").into());
            };
            let json = serde_json::to_vec(argument).map_err(|error| Diagnostic::error(error.to_string()))?;
            let tree = codec::decode_json(&json, &parameter.kind)
                .map_err(|error| error.into_diagnostics("the argument"))?;
            wire.push(encode(&tree, &parameter.kind)?);
        }
        let request = pb::call_function::Request { name: name.to_owned(), arguments: wire };
        let response = calls::call(&self.registry, request).await;
        match response.error {
            Some(error) => Err(Diagnostic::error(error.text).into()),
            None => decode(response.result, &signature.result),
        }
    }

    /// Interrupts the provider, as a Ctrl-C of the user does.
    pub fn stop(&self) {
        self.registry.stop.cancel();
    }

    /// Ends the provider, as the end of its process does: clients that were configured are closed.
    pub async fn end(&self) {
        self.registry.close().await;
    }
}

fn no_such(what: &str, name: &str) -> Diagnostics {
    Diagnostic::error(format!("this provider has no {what} `{name}`")).into()
}

fn encode(value: &Dynamic, kind: &Type) -> Result<pb::DynamicValue, Diagnostics> {
    let msgpack =
        codec::encode_msgpack(value, kind).map_err(|error| error.into_diagnostics("the test's value"))?;
    Ok(pb::DynamicValue { msgpack, json: Vec::new() })
}

fn decode(value: Option<pb::DynamicValue>, kind: &Type) -> Result<Dynamic, Diagnostics> {
    match value {
        Some(value) if !value.msgpack.is_empty() => codec::decode_msgpack(&value.msgpack, kind)
            .map_err(|error| error.into_diagnostics("the provider's answer")),
        _ => Ok(Dynamic::Null),
    }
}

/// A JSON configuration as a tree of the schema's types.
fn tree(config: &Json, kind: &Type, body: Body<'_>) -> Result<Dynamic, Diagnostics> {
    let Some(object) = config.as_object() else {
        return Err(Diagnostic::error("a configuration is a JSON object").into());
    };
    let names = body.attributes.iter().map(|attribute| &attribute.name);
    let known: Vec<&String> = names.chain(body.blocks.iter().map(|block| &block.name)).collect();
    if let Some(name) = object.keys().find(|name| !known.contains(name)) {
        return Err(Diagnostic::error(format!("the schema has no attribute `{name}`")).into());
    }
    let marked = from_json(config, kind)?;
    let schema = crate::Schema {
        version: 0,
        block: crate::Block {
            attributes: body.attributes.to_vec(),
            blocks: body.blocks.to_vec(),
            ..crate::Block::default()
        },
    };
    shape::fit(marked, &schema).map_err(|misfits| {
        misfits
            .into_iter()
            .map(|misfit| Diagnostic::error(format!("`{}`: {}", misfit.path, misfit.message)))
            .collect()
    })
}

fn from_json(json: &Json, kind: &Type) -> Result<Dynamic, Diagnostics> {
    let misfit = || {
        Diagnostics::from(Diagnostic::error(format!("the configuration does not fit: {kind} was expected")))
    };
    match (json, kind) {
        (Json::String(text), _) if text == UNKNOWN => Ok(Dynamic::Unknown),
        (Json::Null, _) => Ok(Dynamic::Null),
        (Json::Array(elements), Type::List(element) | Type::Set(element)) => {
            let elements = elements.iter().map(|json| from_json(json, element)).collect::<Result<_, _>>()?;
            Ok(if matches!(kind, Type::Set(_)) { Dynamic::Set(elements) } else { Dynamic::List(elements) })
        }
        (Json::Object(entries), Type::Map(element)) => {
            let entries = entries.iter().map(|(key, json)| Ok((key.clone(), from_json(json, element)?)));
            Ok(Dynamic::Map(entries.collect::<Result<_, Diagnostics>>()?))
        }
        (Json::Object(entries), Type::Object(attributes)) => {
            let attributes = attributes.iter().map(|(name, kind)| {
                Ok((name.clone(), from_json(entries.get(name).unwrap_or(&Json::Null), kind)?))
            });
            Ok(Dynamic::Object(attributes.collect::<Result<_, Diagnostics>>()?))
        }
        (json, Type::Dynamic) => serde_json::from_value(json.clone()).map_err(|_| misfit()),
        (json, kind) => codec::decode_json(json.to_string().as_bytes(), kind).map_err(|_| misfit()),
    }
}

fn diagnostics(wire: Vec<pb::Diagnostic>) -> Diagnostics {
    wire.into_iter()
        .map(|diagnostic| Diagnostic {
            severity: if diagnostic.severity == i32::from(pb::diagnostic::Severity::Warning) {
                Severity::Warning
            } else {
                Severity::Error
            },
            summary: diagnostic.summary,
            detail: diagnostic.detail,
            attribute: diagnostic.attribute.map(calls::path_from_wire),
        })
        .collect()
}

fn path_text(path: pb::AttributePath) -> String {
    calls::path_from_wire(path).to_string()
}
