//! The identity of a resource (Terraform ≥ 1.12): the few attributes that name the remote object and never change,
//! used to import it (`import { identity = { … } }`), to list it and to move it.

use std::collections::BTreeMap;

use crate::Type;

/// Whether the user gives the attribute when importing by identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IdentityImport {
    /// Must.
    Required,
    /// May; the provider knows a default, such as its own account.
    Optional,
}

/// One attribute of an identity.
#[derive(Clone, Debug, PartialEq)]
pub struct IdentityAttribute {
    /// Its name.
    pub name: String,
    /// Its type: a primitive or a list of primitives.
    pub kind: Type,
    /// Whether it must be given to import.
    pub import: IdentityImport,
    /// What it is.
    pub description: String,
}

/// The identity of a resource.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IdentitySchema {
    /// Version of the identity's shape.
    pub version: i64,
    /// What it consists of.
    pub attributes: Vec<IdentityAttribute>,
}

impl IdentitySchema {
    /// An identity without attributes, of version 0.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the version of the identity's shape.
    #[must_use]
    pub fn version(mut self, version: i64) -> Self {
        self.version = version;
        self
    }

    /// Adds an attribute that is required to import.
    #[must_use]
    pub fn required(self, name: impl Into<String>, kind: Type, description: impl Into<String>) -> Self {
        self.with(name, kind, IdentityImport::Required, description)
    }

    /// Adds an attribute that may be left out to import.
    #[must_use]
    pub fn optional(self, name: impl Into<String>, kind: Type, description: impl Into<String>) -> Self {
        self.with(name, kind, IdentityImport::Optional, description)
    }

    fn with(
        mut self,
        name: impl Into<String>,
        kind: Type,
        import: IdentityImport,
        description: impl Into<String>,
    ) -> Self {
        self.attributes.push(IdentityAttribute {
            name: name.into(),
            kind,
            import,
            description: description.into(),
        });
        self
    }

    /// The type of the whole identity.
    #[must_use]
    pub fn implied_type(&self) -> Type {
        Type::Object(
            self.attributes
                .iter()
                .map(|attribute| (attribute.name.clone(), attribute.kind.clone()))
                .collect::<BTreeMap<_, _>>(),
        )
    }
}
