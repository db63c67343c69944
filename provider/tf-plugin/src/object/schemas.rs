//! The schemas of everything a provider offers, for a generator of documentation or a check of one's own.

use std::collections::BTreeMap;

use super::{Objects, Signature};
use crate::Schema;
use crate::schema::IdentitySchema;

/// The schemas of a provider's objects, by the names users write. See [`Objects::schemas`].
#[derive(Clone, Debug, Default)]
pub struct ObjectSchemas {
    /// Managed resources, with their identities.
    pub resources: BTreeMap<String, (Schema, Option<IdentitySchema>)>,
    /// Data sources.
    pub data_sources: BTreeMap<String, Schema>,
    /// Ephemeral resources.
    pub ephemeral_resources: BTreeMap<String, Schema>,
    /// Functions.
    pub functions: BTreeMap<String, Signature>,
    /// Actions.
    pub actions: BTreeMap<String, Schema>,
    /// List resources: the schema of their configuration.
    pub list_resources: BTreeMap<String, Schema>,
}

impl<C> Objects<C> {
    /// The schemas of all objects.
    #[must_use]
    pub fn schemas(&self) -> ObjectSchemas {
        ObjectSchemas {
            resources: each(&self.resources, |resource| (resource.schema(), resource.identity_schema())),
            data_sources: each(&self.data_sources, |source| source.schema()),
            ephemeral_resources: each(&self.ephemeral_resources, |ephemeral| ephemeral.schema()),
            functions: each(&self.functions, |function| function.signature()),
            actions: each(&self.actions, |action| action.schema()),
            list_resources: each(&self.list_resources, |list| list.schema()),
        }
    }
}

fn each<T: ?Sized, S>(
    objects: &BTreeMap<String, std::sync::Arc<T>>,
    schema: impl Fn(&T) -> S,
) -> BTreeMap<String, S> {
    objects.iter().map(|(name, object)| (name.clone(), schema(object))).collect()
}
