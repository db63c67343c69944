//! The data files: what `terraform providers schema -json` prints of a real provider, for the types that the examples use,
//! with four additions:
//! - `planned`: by type and dotted attribute path, what the real provider plans where the configuration is silent, because
//!   the schema does not tell. Such an attribute is served as computed, which Terraform demands of a provider that does
//!   not use the old type system;
//! - `replaced_by`: by type, the attributes that cannot be changed in place, which the schema does not tell either;
//! - `aliases`: other names of the same type;
//! - `rows`: what a data source without input returns.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use tf_plugin::schema::{Attribute, Block, BlockNesting, NestedBlock, Presence};
use tf_plugin::{Schema, Type};

/// The recorded schemas of one provider.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recorded {
    /// The source address, such as `hashicorp/aws`.
    pub(crate) source: String,
    pub(crate) provider: RecordedSchema,
    #[serde(default)]
    pub(crate) resource_schemas: BTreeMap<String, RecordedSchema>,
    #[serde(default)]
    pub(crate) data_source_schemas: BTreeMap<String, RecordedSchema>,
    #[serde(default)]
    pub(crate) ephemeral_resource_schemas: BTreeMap<String, RecordedSchema>,
    #[serde(default)]
    aliases: BTreeMap<String, String>,
    #[serde(default)]
    planned: BTreeMap<String, Defaults>,
    #[serde(default)]
    pub(crate) replaced_by: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub(crate) rows: BTreeMap<String, BTreeMap<String, serde_json::Value>>,
}

/// By dotted path, what is planned where the configuration is silent.
pub(crate) type Defaults = BTreeMap<String, Planned>;

/// What is planned for one attribute.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Planned {
    /// The value of a neighbour, if it has one.
    SameAs {
        /// The neighbour's name.
        same_as: String,
    },
    /// Always this.
    Value(serde_json::Value),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordedSchema {
    version: i64,
    block: RecordedBlock,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordedBlock {
    #[serde(default)]
    attributes: BTreeMap<String, RecordedAttribute>,
    #[serde(default)]
    block_types: BTreeMap<String, RecordedNesting>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordedAttribute {
    #[serde(rename = "type")]
    kind: Type,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    computed: bool,
    #[serde(default)]
    sensitive: bool,
    #[serde(default)]
    write_only: bool,
    #[serde(default)]
    deprecated: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordedNesting {
    nesting_mode: NestingMode,
    block: RecordedBlock,
    #[serde(default)]
    min_items: i64,
    #[serde(default)]
    max_items: i64,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum NestingMode {
    Single,
    Group,
    List,
    Set,
    Map,
}

impl Recorded {
    /// The recording of the provider with this local name.
    ///
    /// # Errors
    /// A text for the terminal.
    pub(crate) fn load(name: &str) -> Result<Self, String> {
        // Read when it is run, so that a provider is added by adding its file.
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("replay/schemas/{name}.json"));
        let text = std::fs::read_to_string(path)
            .map_err(|_| format!("no schemas are recorded for a provider named `{name}`"))?;
        let mut recorded: Self = serde_json::from_str(&text)
            .map_err(|error| format!("tests/replay/schemas/{name}.json: {error}"))?;
        for (alias, name) in std::mem::take(&mut recorded.aliases) {
            let schema = recorded.resource_schemas.get(&name).cloned();
            let schema = schema.ok_or_else(|| format!("the alias `{alias}` names no type"))?;
            recorded.resource_schemas.insert(alias.clone(), schema);
            if let Some(planned) = recorded.planned.get(&name).cloned() {
                recorded.planned.insert(alias.clone(), planned);
            }
            if let Some(replaced_by) = recorded.replaced_by.get(&name).cloned() {
                recorded.replaced_by.insert(alias, replaced_by);
            }
        }
        Ok(recorded)
    }

    /// What a resource type plans where the configuration is silent.
    pub(crate) fn defaults(&self, type_name: &str) -> Defaults {
        self.planned.get(type_name).cloned().unwrap_or_default()
    }
}

impl RecordedSchema {
    /// The schema as it is served: the recorded one, with what has a default marked as computed.
    pub(crate) fn served(&self, defaults: &Defaults) -> Schema {
        Schema { version: self.version, block: self.block.served(defaults, "") }
    }
}

impl RecordedBlock {
    fn served(&self, defaults: &Defaults, path: &str) -> Block {
        let attributes = self.attributes.iter();
        let attributes = attributes.map(|(name, attribute)| {
            let presence = attribute.presence(defaults.contains_key(&join(path, name)));
            attribute.served(name, presence)
        });
        let blocks = self.block_types.iter().map(|(name, nested)| NestedBlock {
            min_items: nested.min_items,
            max_items: nested.max_items,
            ..NestedBlock::new(
                name,
                nested.nesting_mode.into(),
                nested.block.served(defaults, &join(path, name)),
            )
        });
        Block { attributes: attributes.collect(), blocks: blocks.collect(), ..Block::new() }
    }
}

impl RecordedAttribute {
    fn presence(&self, has_default: bool) -> Presence {
        match (self.required, self.optional, self.computed || has_default) {
            (true, ..) => Presence::Required,
            (false, true, false) => Presence::Optional,
            (false, true, true) => Presence::OptionalComputed,
            (false, false, _) => Presence::Computed,
        }
    }

    fn served(&self, name: &str, presence: Presence) -> Attribute {
        let mut attribute = Attribute::of(name, self.kind.clone()).finish(presence);
        attribute.sensitive = self.sensitive;
        attribute.write_only = self.write_only;
        attribute.deprecation = self.deprecated.then(|| "as in the real provider".to_owned());
        attribute
    }
}

impl From<NestingMode> for BlockNesting {
    fn from(mode: NestingMode) -> Self {
        match mode {
            NestingMode::Single => Self::Single,
            NestingMode::Group => Self::Group,
            NestingMode::List => Self::List,
            NestingMode::Set => Self::Set,
            NestingMode::Map => Self::Map,
        }
    }
}

/// The dotted path of `name` below `path`.
pub(crate) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names of the data files.
    fn providers() -> Vec<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("replay/schemas");
        let files = std::fs::read_dir(folder).expect("the folder of the schemas").flatten();
        files.filter_map(|file| file.path().file_stem()?.to_str().map(str::to_owned)).collect()
    }

    fn paths(block: &RecordedBlock, path: &str) -> Vec<String> {
        let attributes = block.attributes.keys().map(|name| join(path, name));
        let nested =
            block.block_types.iter().flat_map(|(name, nested)| paths(&nested.block, &join(path, name)));
        attributes.chain(nested).collect()
    }

    #[test]
    fn every_planned_value_belongs_to_an_attribute() {
        for name in providers() {
            let recorded = Recorded::load(&name).expect("a recording");
            for (type_name, defaults) in &recorded.planned {
                let schema = &recorded.resource_schemas[type_name];
                let known = paths(&schema.block, "");
                for path in defaults.keys() {
                    assert!(known.contains(path), "{type_name} has no attribute `{path}`");
                }
            }
            for (type_name, attributes) in &recorded.replaced_by {
                let known = &recorded.resource_schemas[type_name].block.attributes;
                for name in attributes {
                    assert!(known.contains_key(name), "{type_name} has no attribute `{name}`");
                }
            }
        }
    }

    #[test]
    fn an_attribute_is_required_or_optional_or_computed() {
        fn check(block: &RecordedBlock) {
            for (name, attribute) in &block.attributes {
                assert!(attribute.required || attribute.optional || attribute.computed, "{name}");
                assert!(!(attribute.required && (attribute.optional || attribute.computed)), "{name}");
                assert!(!(attribute.write_only && attribute.computed), "{name}");
            }
            block.block_types.values().for_each(|nested| check(&nested.block));
        }
        for name in providers() {
            let recorded = Recorded::load(&name).expect("a recording");
            recorded.resource_schemas.values().for_each(|schema| check(&schema.block));
        }
    }

    #[test]
    fn an_attribute_with_a_default_is_served_as_computed() {
        let recorded = Recorded::load("aws").expect("a recording");
        let served = recorded.resource_schemas["aws_kms_key"].served(&recorded.defaults("aws_kms_key"));
        let presence = |name: &str| {
            served
                .block
                .attributes
                .iter()
                .find(|attribute| attribute.name == name)
                .map(|found| found.presence)
        };
        assert_eq!(presence("enable_key_rotation"), Some(Presence::OptionalComputed));
        assert_eq!(presence("deletion_window_in_days"), Some(Presence::Optional));
    }
}
