//! Blocks of a schema: the body of an object, and the bodies nested in it (`local { … }`).

use std::collections::BTreeMap;

use super::Attribute;
use crate::Type;

/// The body of an object or of a nested block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// Its attributes.
    pub attributes: Vec<Attribute>,
    /// The blocks in it.
    pub blocks: Vec<NestedBlock>,
    /// Markdown for the documentation.
    pub description: String,
    /// What to use instead, when it is deprecated.
    pub deprecation: Option<String>,
}

impl Block {
    /// An empty body.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an attribute.
    #[must_use]
    pub fn attribute(mut self, attribute: Attribute) -> Self {
        self.attributes.push(attribute);
        self
    }

    /// Adds a nested block.
    #[must_use]
    pub fn block(mut self, block: NestedBlock) -> Self {
        self.blocks.push(block);
        self
    }

    /// Markdown for the documentation.
    #[must_use]
    pub fn description(mut self, markdown: impl Into<String>) -> Self {
        self.description = markdown.into();
        self
    }

    /// Marks it as deprecated, with what to use instead.
    #[must_use]
    pub fn deprecated(mut self, message: impl Into<String>) -> Self {
        self.deprecation = Some(message.into());
        self
    }

    /// The type of the body on the wire: an object of its attributes and blocks.
    #[must_use]
    pub fn implied_type(&self) -> Type {
        let attributes =
            self.attributes.iter().map(|attribute| (attribute.name.clone(), attribute.implied_type()));
        let blocks = self.blocks.iter().map(|block| (block.name.clone(), block.implied_type()));
        Type::Object(attributes.chain(blocks).collect::<BTreeMap<_, _>>())
    }
}

/// How a nested block may repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlockNesting {
    /// Once or not at all: an object or null.
    Single,
    /// Always there: an object, with null attributes when the user left it out.
    Group,
    /// Many, in order. Never null: none is an empty list.
    List,
    /// Many, without order. Never null. May hold neither write-only nor dynamic attributes.
    Set,
    /// Many, by label. Never null.
    Map,
}

/// A block inside another.
#[derive(Clone, Debug, PartialEq)]
pub struct NestedBlock {
    /// Its name in the configuration.
    pub name: String,
    /// How it may repeat.
    pub nesting: BlockNesting,
    /// What it consists of.
    pub block: Block,
    /// The fewest there must be; 0 for no limit. Lists and sets only.
    pub min_items: i64,
    /// The most there may be; 0 for no limit. Lists and sets only.
    pub max_items: i64,
}

impl NestedBlock {
    /// Once or not at all. In the model: `Value<Model>` or `Option<Model>`.
    #[must_use]
    pub fn single(name: impl Into<String>, block: Block) -> Self {
        Self::new(name, BlockNesting::Single, block)
    }

    /// Always there. In the model: `Model`.
    #[must_use]
    pub fn group(name: impl Into<String>, block: Block) -> Self {
        Self::new(name, BlockNesting::Group, block)
    }

    /// Many, in order. In the model: `Value<Vec<Model>>`, or `Vec<Model>` where it cannot be unknown.
    #[must_use]
    pub fn list(name: impl Into<String>, block: Block) -> Self {
        Self::new(name, BlockNesting::List, block)
    }

    /// Many, without order. In the model: `Value<Vec<Model>>`, or `Vec<Model>` where it cannot be unknown.
    #[must_use]
    pub fn set(name: impl Into<String>, block: Block) -> Self {
        Self::new(name, BlockNesting::Set, block)
    }

    /// Many, by label. In the model: `Value<BTreeMap<String, Model>>`.
    #[must_use]
    pub fn map(name: impl Into<String>, block: Block) -> Self {
        Self::new(name, BlockNesting::Map, block)
    }

    /// A block that repeats as given.
    #[must_use]
    pub fn new(name: impl Into<String>, nesting: BlockNesting, block: Block) -> Self {
        Self { name: name.into(), nesting, block, min_items: 0, max_items: 0 }
    }

    /// The fewest there must be.
    #[must_use]
    pub fn min_items(mut self, number: i64) -> Self {
        self.min_items = number;
        self
    }

    /// The most there may be.
    #[must_use]
    pub fn max_items(mut self, number: i64) -> Self {
        self.max_items = number;
        self
    }

    /// Its type on the wire.
    #[must_use]
    pub fn implied_type(&self) -> Type {
        let object = self.block.implied_type();
        match self.nesting {
            BlockNesting::Single | BlockNesting::Group => object,
            // Blocks whose attributes may differ in type from one to the next are a tuple or an object, so that the
            // type as a whole is only known with the value.
            BlockNesting::List | BlockNesting::Map if object.contains_dynamic() => Type::Dynamic,
            BlockNesting::List => Type::list(object),
            BlockNesting::Set => Type::set(object),
            BlockNesting::Map => Type::map(object),
        }
    }
}
