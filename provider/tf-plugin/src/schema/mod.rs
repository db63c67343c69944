//! Schemas as data: which attributes and blocks an object has. Terraform reads them once per run; this library uses
//! the same data to decode, to plan defaults, to null write-only values and to check what a provider returns.

mod attribute;
mod block;
mod identity;

pub use attribute::{Attribute, AttributeType, NestedNesting, Presence, UnfinishedAttribute};
pub use block::{Block, BlockNesting, NestedBlock};
pub use identity::{IdentityAttribute, IdentityImport, IdentitySchema};

use crate::Type;

/// The schema of a provider, resource, data source, ephemeral resource, action or list resource.
///
/// ```
/// use tf_plugin::{Attribute, Schema};
///
/// let schema = Schema::new()
///     .attribute(Attribute::string("name").required().requires_replace().description("Name of the note."))
///     .attribute(Attribute::string("text").optional().write_only())
///     .attribute(Attribute::string("id").computed());
/// assert_eq!(schema.block.attributes.len(), 3);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    /// Version of the state's shape; states of older versions go through
    /// [`Resource::upgrade_state`](crate::Resource::upgrade_state). Starts at 0.
    pub version: i64,
    /// What it consists of.
    pub block: Block,
}

impl Schema {
    /// An empty schema of version 0.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the version of the state's shape.
    #[must_use]
    pub fn version(mut self, version: i64) -> Self {
        self.version = version;
        self
    }

    /// Markdown for the documentation.
    #[must_use]
    pub fn description(mut self, markdown: impl Into<String>) -> Self {
        self.block = self.block.description(markdown);
        self
    }

    /// Marks the whole object as deprecated, with what to use instead.
    #[must_use]
    pub fn deprecated(mut self, message: impl Into<String>) -> Self {
        self.block = self.block.deprecated(message);
        self
    }

    /// Adds an attribute.
    #[must_use]
    pub fn attribute(mut self, attribute: Attribute) -> Self {
        self.block = self.block.attribute(attribute);
        self
    }

    /// Adds a nested block.
    #[must_use]
    pub fn block(mut self, block: NestedBlock) -> Self {
        self.block = self.block.block(block);
        self
    }

    /// The type of the whole object as it is on the wire.
    #[must_use]
    pub fn implied_type(&self) -> Type {
        self.block.implied_type()
    }
}
