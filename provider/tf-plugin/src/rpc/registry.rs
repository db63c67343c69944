//! What a running provider consists of: its objects with their schemas, its client once configured, and the checks that
//! everything passes on its way in and out.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use tokio_util::sync::CancellationToken;

use crate::adapter::{DynAction, DynDataSource, DynEphemeral, DynFunction, DynList, DynResource};
use crate::codec;
use crate::generated::tfplugin6 as pb;
use crate::object::{ClientCapabilities, Context, Objects, Provider, Signature};
use crate::schema::{IdentitySchema, Schema};
use crate::shape::{self, Body, Misfit};
use crate::{AttributePath, Diagnostic, Diagnostics, Dynamic, Type};

/// An object with its schema, asked for once.
pub(crate) struct Entry<T: ?Sized> {
    pub(crate) object: Arc<T>,
    pub(crate) schema: Schema,
    pub(crate) kind: Type,
    pub(crate) identity: Option<(IdentitySchema, Type)>,
}

impl<T: ?Sized> Entry<T> {
    fn new(object: &Arc<T>, schema: Schema, identity: Option<IdentitySchema>) -> Arc<Self> {
        let kind = schema.implied_type();
        let identity = identity.map(|schema| {
            let kind = schema.implied_type();
            (schema, kind)
        });
        Arc::new(Self { object: Arc::clone(object), schema, kind, identity })
    }

    pub(crate) fn body(&self) -> Body<'_> {
        Body::of(&self.schema.block)
    }
}

/// By type name.
pub(crate) type Entries<T> = BTreeMap<String, Arc<Entry<T>>>;

/// A running provider.
pub(crate) struct Registry<P: Provider> {
    pub(crate) provider: P,
    pub(crate) schema: Schema,
    pub(crate) kind: Type,
    pub(crate) resources: Entries<dyn DynResource<P::Client>>,
    pub(crate) data_sources: Entries<dyn DynDataSource<P::Client>>,
    pub(crate) ephemeral_resources: Entries<dyn DynEphemeral<P::Client>>,
    pub(crate) actions: Entries<dyn DynAction<P::Client>>,
    pub(crate) list_resources: Entries<dyn DynList<P::Client>>,
    pub(crate) functions: BTreeMap<String, (Arc<dyn DynFunction>, Signature)>,
    /// All that were made. The last one is in use; a process with `--debug` is configured by every Terraform that uses it.
    clients: RwLock<Vec<P::Client>>,
    pub(crate) stop: CancellationToken,
}

impl<P: Provider> Registry<P> {
    pub(crate) fn new(provider: P) -> Self {
        let schema = provider.schema();
        let objects: Objects<P::Client> = provider.objects();
        Self {
            kind: schema.implied_type(),
            schema,
            provider,
            resources: objects
                .resources
                .iter()
                .map(|(name, object)| {
                    (name.clone(), Entry::new(object, object.schema(), object.identity_schema()))
                })
                .collect(),
            data_sources: objects
                .data_sources
                .iter()
                .map(|(name, object)| (name.clone(), Entry::new(object, object.schema(), None)))
                .collect(),
            ephemeral_resources: objects
                .ephemeral_resources
                .iter()
                .map(|(name, object)| (name.clone(), Entry::new(object, object.schema(), None)))
                .collect(),
            actions: objects
                .actions
                .iter()
                .map(|(name, object)| (name.clone(), Entry::new(object, object.schema(), None)))
                .collect(),
            list_resources: objects
                .list_resources
                .iter()
                .map(|(name, object)| (name.clone(), Entry::new(object, object.schema(), None)))
                .collect(),
            functions: objects
                .functions
                .into_iter()
                .map(|(name, function)| {
                    let signature = function.signature();
                    (name, (function, signature))
                })
                .collect(),
            clients: RwLock::default(),
            stop: CancellationToken::new(),
        }
    }

    pub(crate) fn set_client(&self, client: P::Client) {
        self.clients.write().unwrap_or_else(PoisonError::into_inner).push(client);
    }

    /// Has the provider give back what its clients hold. Nothing is asked of them afterwards.
    pub(crate) async fn close(self: &Arc<Self>) {
        let clients = std::mem::take(&mut *self.clients.write().unwrap_or_else(PoisonError::into_inner));
        for client in clients {
            let this = Arc::clone(self);
            // In a task of its own, as every call of the author's code: a panic is in the log, and the next one is closed.
            let closed = tokio::spawn(async move { this.provider.close(client).await }).await;
            let outcome = if closed.is_ok() { "ok" } else { "error" };
            tracing::trace!(target: "tf_plugin", outcome, "client closed");
        }
    }

    pub(crate) fn client(&self) -> Result<P::Client, Diagnostics> {
        self.clients.read().unwrap_or_else(PoisonError::into_inner).last().cloned().ok_or_else(|| {
            Diagnostic::error("the provider is not configured")
                .detail(
                    "Terraform asked for something that needs the provider's configuration before giving it.",
                )
                .into()
        })
    }

    pub(crate) fn context(&self, type_name: &str, capabilities: Option<pb::ClientCapabilities>) -> Context {
        let capabilities = capabilities.unwrap_or_default();
        Context {
            type_name: Arc::from(type_name),
            capabilities: ClientCapabilities {
                deferral_allowed: capabilities.deferral_allowed,
                write_only_attributes_allowed: capabilities.write_only_attributes_allowed,
            },
            cancellation: self.stop.child_token(),
        }
    }
}

/// The entry of this type name.
pub(crate) fn find<T: ?Sized>(
    entries: &Entries<T>,
    what: &str,
    type_name: &str,
) -> Result<Arc<Entry<T>>, Diagnostics> {
    entries.get(type_name).cloned().ok_or_else(|| {
        Diagnostic::error(format!("this provider has no {what} `{type_name}`"))
            .detail("Terraform and the provider disagree about what the provider offers. Run `terraform init -upgrade`.")
            .into()
    })
}

/// A value from Terraform.
pub(crate) fn incoming(
    value: Option<pb::DynamicValue>,
    kind: &Type,
    what: &str,
) -> Result<Dynamic, Diagnostics> {
    let Some(value) = value else { return Ok(Dynamic::Null) };
    // The bytes may hold secrets: erased when decoded.
    let msgpack = zeroize::Zeroizing::new(value.msgpack);
    let json = zeroize::Zeroizing::new(value.json);
    let decoded = if !msgpack.is_empty() {
        codec::decode_msgpack(&msgpack, kind)
    } else if !json.is_empty() {
        codec::decode_json(&json, kind)
    } else {
        Ok(Dynamic::Null)
    };
    decoded.map_err(|error| error.into_diagnostics(&format!("{what} from Terraform")))
}

/// A value for Terraform. It has passed [`checked`], so failing here is a bug of this library.
pub(crate) fn wire(value: &Dynamic, kind: &Type) -> Result<pb::DynamicValue, Diagnostics> {
    let msgpack = codec::encode_msgpack(value, kind)
        .map_err(|error| error.into_diagnostics("the provider's result"))?;
    Ok(pb::DynamicValue { msgpack, json: Vec::new() })
}

/// Whether a value on its way out may have unknown parts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unknowns {
    /// In a plan.
    Allowed,
    /// In everything that is stored.
    Refused,
}

/// What an author returned, fitted to the schema and without write-only values.
pub(crate) fn outgoing(
    value: Dynamic,
    schema: &Schema,
    unknowns: Unknowns,
    type_name: &str,
) -> Result<Dynamic, Diagnostics> {
    let mut fitted = shape::fit(value, schema).map_err(|misfits| misfit_diagnostics(&misfits, type_name))?;
    shape::null_write_only(&mut fitted, Body::of(&schema.block));
    if unknowns == Unknowns::Refused {
        let paths = shape::unknown_paths(&fitted);
        if !paths.is_empty() {
            return Err(bug(type_name, "left values unknown that must be known by now", &paths));
        }
    }
    Ok(fitted)
}

/// The identity an author returned.
pub(crate) fn outgoing_identity(
    value: Option<Dynamic>,
    identity: Option<&(IdentitySchema, Type)>,
    type_name: &str,
) -> Result<Option<pb::ResourceIdentityData>, Diagnostics> {
    let (Some(value), Some((_, kind))) = (value, identity) else { return Ok(None) };
    let fitted = shape::fit_type(value, kind).map_err(|misfits| misfit_diagnostics(&misfits, type_name))?;
    Ok(Some(pb::ResourceIdentityData { identity_data: Some(wire(&fitted, kind)?) }))
}

pub(crate) fn incoming_identity(
    value: Option<pb::ResourceIdentityData>,
    identity: Option<&(IdentitySchema, Type)>,
) -> Result<Option<Dynamic>, Diagnostics> {
    let (Some(value), Some((_, kind))) = (value, identity) else { return Ok(None) };
    let decoded = incoming(value.identity_data, kind, "the identity")?;
    Ok(Some(decoded).filter(|decoded| !decoded.is_null()))
}

fn misfit_diagnostics(misfits: &[Misfit], type_name: &str) -> Diagnostics {
    misfits
        .iter()
        .map(|misfit| {
            Diagnostic::error(format!("`{type_name}`: `{}` does not fit the schema", misfit.path))
                .detail(format!("Here {}. {BUG}", misfit.message))
                .at(misfit.path.clone())
        })
        .collect()
}

const BUG: &str = "This is a bug in the provider; please report it to its authors.";

/// An error of the provider's author, found here rather than by Terraform.
pub(crate) fn bug(type_name: &str, what: &str, paths: &[AttributePath]) -> Diagnostics {
    let names: Vec<String> = paths.iter().map(|path| format!("`{path}`")).collect();
    let diagnostic = Diagnostic::error(format!("`{type_name}` {what}: {}", names.join(", "))).detail(BUG);
    Diagnostic { attribute: paths.first().filter(|path| !path.is_root()).cloned(), ..diagnostic }.into()
}

/// Refuses write-only values from a Terraform that would store them.
pub(crate) fn check_write_only(config: &Dynamic, body: Body<'_>, context: &Context) -> Diagnostics {
    if context.capabilities.write_only_attributes_allowed {
        return Diagnostics::new();
    }
    shape::set_write_only(config, body)
        .into_iter()
        .map(|path| {
            Diagnostic::error(format!("`{path}` needs Terraform or OpenTofu 1.11 or newer"))
                .detail(
                    "It is a write-only attribute. This version of Terraform would store its value in the state file in \
                     plain text, so the provider refuses it. Upgrade, or leave the attribute out.",
                )
                .at(path)
        })
        .collect()
}
