//! One planned change of a resource. Names and actions are read at once, values stay as text in the plan until somebody asks for them:
//! of 80,000 changes, a few hundred have to do with secrets.

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::address::{InstanceKey, ModulePath};
use super::span::Span;

/// What kind of object a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A `resource` block.
    Managed,
    /// A `data` block.
    Data,
    /// Something else, such as an ephemeral resource in a plan of a newer version.
    Other,
}

/// One planned change. Values are reached through [`super::Plan::after`] and its neighbours.
#[derive(Debug)]
pub struct ResourceChange {
    /// Full address with module and instance key.
    pub address: Box<str>,
    /// Address before a `moved` block.
    pub previous_address: Option<Box<str>>,
    /// Module address with instance keys; none for the root module.
    pub module_address: Option<Box<str>>,
    /// Kind of object.
    pub mode: Mode,
    /// Resource type.
    pub resource_type: Box<str>,
    /// Name in the configuration.
    pub name: Box<str>,
    /// Instance key.
    pub index: Option<InstanceKey>,
    /// Provider's source address, such as `registry.terraform.io/hashicorp/aws`.
    pub provider_name: Box<str>,
    /// Planned actions as Terraform names them.
    pub actions: Vec<Box<str>>,
    /// Why, where Terraform says it.
    pub action_reason: Option<Box<str>>,
    pub(super) before: Option<Span>,
    pub(super) after: Option<Span>,
    pub(super) after_unknown: Option<Span>,
    pub(super) before_sensitive: Option<Span>,
    pub(super) after_sensitive: Option<Span>,
    pub(super) replace_paths: Option<Span>,
}

impl ResourceChange {
    /// The object exists after the apply: it is not only deleted, and not only forgotten.
    pub fn exists_after(&self) -> bool {
        !self.actions.iter().all(|action| matches!(&**action, "delete" | "forget")) || self.actions.is_empty()
    }

    /// The modules around it.
    pub fn module_path(&self) -> ModulePath {
        self.module_address.as_deref().and_then(ModulePath::parse).unwrap_or_default()
    }

    /// Address within the module, without the instance key: `aws_x.y` or `data.aws_x.y`.
    pub fn configuration_address(&self) -> String {
        let data = if self.mode == Mode::Data { "data." } else { "" };
        format!("{data}{}.{}", self.resource_type, self.name)
    }

    pub(super) fn read(text: &str, raw: RawChange<'_>) -> Option<Self> {
        // A deposed object is an old instance on its way out; the same address stands a second time for what stays.
        if raw.deposed.is_some() {
            return None;
        }
        let span = |raw: Option<&RawValue>| raw.map(|raw| Span::of(text, raw.get()));
        Some(Self {
            address: raw.address,
            previous_address: raw.previous_address,
            module_address: raw.module_address,
            mode: match &*raw.mode {
                "managed" | "" => Mode::Managed,
                "data" => Mode::Data,
                _ => Mode::Other,
            },
            resource_type: raw.resource_type,
            name: raw.name,
            index: raw.index.as_ref().and_then(InstanceKey::from_json),
            provider_name: raw.provider_name,
            actions: raw.change.actions,
            action_reason: raw.action_reason,
            before: span(raw.change.before),
            after: span(raw.change.after),
            after_unknown: span(raw.change.after_unknown),
            before_sensitive: span(raw.change.before_sensitive),
            after_sensitive: span(raw.change.after_sensitive),
            replace_paths: span(raw.change.replace_paths),
        })
    }
}

/// Reads `null` as the type's default: Go writes an empty list or map as null in places.
pub(super) fn null_is_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// An element of `resource_changes` as Terraform writes it.
#[derive(Deserialize)]
pub(super) struct RawChange<'a> {
    address: Box<str>,
    #[serde(default)]
    previous_address: Option<Box<str>>,
    #[serde(default)]
    module_address: Option<Box<str>>,
    #[serde(default, deserialize_with = "null_is_default")]
    mode: Box<str>,
    #[serde(rename = "type")]
    resource_type: Box<str>,
    #[serde(default, deserialize_with = "null_is_default")]
    name: Box<str>,
    #[serde(default)]
    index: Option<Value>,
    #[serde(default, deserialize_with = "null_is_default")]
    provider_name: Box<str>,
    #[serde(default)]
    deposed: Option<Box<str>>,
    #[serde(default)]
    action_reason: Option<Box<str>>,
    #[serde(borrow)]
    change: RawBody<'a>,
}

#[derive(Deserialize)]
struct RawBody<'a> {
    #[serde(default, deserialize_with = "null_is_default")]
    actions: Vec<Box<str>>,
    #[serde(borrow, default)]
    before: Option<&'a RawValue>,
    #[serde(borrow, default)]
    after: Option<&'a RawValue>,
    #[serde(borrow, default)]
    after_unknown: Option<&'a RawValue>,
    #[serde(borrow, default)]
    before_sensitive: Option<&'a RawValue>,
    #[serde(borrow, default)]
    after_sensitive: Option<&'a RawValue>,
    #[serde(borrow, default)]
    replace_paths: Option<&'a RawValue>,
}
