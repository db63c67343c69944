//! One attribute of a schema. Its builder asks first for what Terraform insists on: exactly one of required, optional,
//! computed, or optional and computed. There is no attribute without that answer.

use std::collections::BTreeMap;

use crate::Type;

/// Who sets an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Presence {
    /// The user must.
    Required,
    /// The user may; else it is null.
    Optional,
    /// The provider does; the user cannot.
    Computed,
    /// The user may; else the provider does.
    OptionalComputed,
}

impl Presence {
    /// Whether the user can write it.
    #[must_use]
    pub const fn is_configurable(self) -> bool {
        !matches!(self, Self::Computed)
    }

    /// Whether the provider decides it when the user does not.
    #[must_use]
    pub const fn is_computed(self) -> bool {
        matches!(self, Self::Computed | Self::OptionalComputed)
    }
}

/// How the objects of a nested attribute are arranged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NestedNesting {
    /// One object, or null.
    Single,
    /// A list of objects.
    List,
    /// A set of objects.
    Set,
    /// A map of objects.
    Map,
}

/// What an attribute holds.
#[derive(Clone, Debug, PartialEq)]
pub enum AttributeType {
    /// A value of a type.
    Plain(Type),
    /// Objects whose attributes have a schema of their own.
    Nested {
        /// One, or many and how.
        nesting: NestedNesting,
        /// The attributes of each object.
        attributes: Vec<Attribute>,
    },
}

/// One attribute. Start with [`Attribute::string`] and its sisters.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// Its name: lower case letters, digits and underscores, starting with a letter.
    pub name: String,
    /// What it holds.
    pub kind: AttributeType,
    /// Who sets it.
    pub presence: Presence,
    /// Hidden in plans and outputs of Terraform; still in state in plain text.
    pub sensitive: bool,
    /// From configuration to provider only: never in plan or state (Terraform and OpenTofu ≥ 1.11).
    pub write_only: bool,
    /// A change of it replaces the object. Not sent as part of the schema: the server works it out in each plan.
    pub requires_replace: bool,
    /// Markdown for the documentation.
    pub description: String,
    /// What to use instead, when it is deprecated.
    pub deprecation: Option<String>,
}

/// An attribute for which nobody has said yet who sets it.
#[derive(Clone, Debug)]
#[must_use = "say who sets it: required(), optional(), computed() or optional_computed()"]
pub struct UnfinishedAttribute {
    name: String,
    kind: AttributeType,
}

impl UnfinishedAttribute {
    /// The user must set it.
    #[must_use]
    pub fn required(self) -> Attribute {
        self.finish(Presence::Required)
    }

    /// The user may set it.
    #[must_use]
    pub fn optional(self) -> Attribute {
        self.finish(Presence::Optional)
    }

    /// The provider sets it.
    #[must_use]
    pub fn computed(self) -> Attribute {
        self.finish(Presence::Computed)
    }

    /// The user may set it, else the provider does.
    #[must_use]
    pub fn optional_computed(self) -> Attribute {
        self.finish(Presence::OptionalComputed)
    }

    /// The same four, as a value.
    #[must_use]
    pub fn finish(self, presence: Presence) -> Attribute {
        Attribute {
            name: self.name,
            kind: self.kind,
            presence,
            sensitive: false,
            write_only: false,
            requires_replace: false,
            description: String::new(),
            deprecation: None,
        }
    }
}

impl Attribute {
    /// Text.
    pub fn string(name: impl Into<String>) -> UnfinishedAttribute {
        Self::of(name, Type::String)
    }

    /// A number.
    pub fn number(name: impl Into<String>) -> UnfinishedAttribute {
        Self::of(name, Type::Number)
    }

    /// `true` or `false`. (Named so because `bool` would read as the Rust type.)
    pub fn boolean(name: impl Into<String>) -> UnfinishedAttribute {
        Self::of(name, Type::Bool)
    }

    /// A value of any type.
    pub fn dynamic(name: impl Into<String>) -> UnfinishedAttribute {
        Self::of(name, Type::Dynamic)
    }

    /// A list of one type.
    pub fn list(name: impl Into<String>, element: Type) -> UnfinishedAttribute {
        Self::of(name, Type::list(element))
    }

    /// A set of one type.
    pub fn set(name: impl Into<String>, element: Type) -> UnfinishedAttribute {
        Self::of(name, Type::set(element))
    }

    /// A map of one type.
    pub fn map(name: impl Into<String>, element: Type) -> UnfinishedAttribute {
        Self::of(name, Type::map(element))
    }

    /// A value of the given type.
    pub fn of(name: impl Into<String>, kind: Type) -> UnfinishedAttribute {
        UnfinishedAttribute { name: name.into(), kind: AttributeType::Plain(kind) }
    }

    /// One object with a schema of its own: `generate = { … }`.
    pub fn nested_single(name: impl Into<String>, attributes: Vec<Self>) -> UnfinishedAttribute {
        Self::nested(name, NestedNesting::Single, attributes)
    }

    /// A list of objects: `replicas = [{ … }, { … }]`.
    pub fn nested_list(name: impl Into<String>, attributes: Vec<Self>) -> UnfinishedAttribute {
        Self::nested(name, NestedNesting::List, attributes)
    }

    /// A set of objects. It may hold neither write-only nor dynamic attributes.
    pub fn nested_set(name: impl Into<String>, attributes: Vec<Self>) -> UnfinishedAttribute {
        Self::nested(name, NestedNesting::Set, attributes)
    }

    /// A map of objects.
    pub fn nested_map(name: impl Into<String>, attributes: Vec<Self>) -> UnfinishedAttribute {
        Self::nested(name, NestedNesting::Map, attributes)
    }

    /// Objects with a schema of their own, arranged as given.
    pub fn nested(
        name: impl Into<String>,
        nesting: NestedNesting,
        attributes: Vec<Self>,
    ) -> UnfinishedAttribute {
        UnfinishedAttribute { name: name.into(), kind: AttributeType::Nested { nesting, attributes } }
    }

    /// Hides the value in Terraform's output. It is still stored in state: for a secret use
    /// [`write_only`](Self::write_only).
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// Keeps the value out of plan and state. Use [`WriteOnly<T>`](crate::WriteOnly) for it in the model.
    #[must_use]
    pub fn write_only(mut self) -> Self {
        self.write_only = true;
        self
    }

    /// Replaces the object (destroy, then create) when the planned value differs from the prior one. A prior or planned
    /// null counts as a value of its own; a planned unknown counts as different.
    #[must_use]
    pub fn requires_replace(mut self) -> Self {
        self.requires_replace = true;
        self
    }

    /// Markdown for the documentation.
    #[must_use]
    pub fn description(mut self, markdown: impl Into<String>) -> Self {
        self.description = markdown.into();
        self
    }

    /// Warns whoever sets it, with what to use instead.
    #[must_use]
    pub fn deprecated(mut self, message: impl Into<String>) -> Self {
        self.deprecation = Some(message.into());
        self
    }

    /// Its type on the wire.
    #[must_use]
    pub fn implied_type(&self) -> Type {
        match &self.kind {
            AttributeType::Plain(kind) => kind.clone(),
            AttributeType::Nested { nesting, attributes } => {
                let object = object_type(attributes);
                match nesting {
                    NestedNesting::Single => object,
                    NestedNesting::List => Type::list(object),
                    NestedNesting::Set => Type::set(object),
                    NestedNesting::Map => Type::map(object),
                }
            }
        }
    }
}

/// The object type with these attributes.
pub(crate) fn object_type(attributes: &[Attribute]) -> Type {
    Type::Object(
        attributes
            .iter()
            .map(|attribute| (attribute.name.clone(), attribute.implied_type()))
            .collect::<BTreeMap<_, _>>(),
    )
}
