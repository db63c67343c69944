//! What the provider offers: names, schemas, capabilities.

use super::registry::Registry;
use super::schema;
use crate::generated::tfplugin6 as pb;
use crate::object::Provider;

fn capabilities() -> pb::ServerCapabilities {
    pb::ServerCapabilities {
        plan_destroy: true,
        get_provider_schema_optional: true,
        move_resource_state: true,
        generate_resource_config: false,
    }
}

impl<P: Provider> Registry<P> {
    pub(crate) fn metadata(&self) -> pb::get_metadata::Response {
        use pb::get_metadata as meta;
        pb::get_metadata::Response {
            server_capabilities: Some(capabilities()),
            diagnostics: Vec::new(),
            data_sources: self
                .data_sources
                .keys()
                .map(|name| meta::DataSourceMetadata { type_name: name.clone() })
                .collect(),
            resources: self
                .resources
                .keys()
                .map(|name| meta::ResourceMetadata { type_name: name.clone() })
                .collect(),
            functions: self
                .functions
                .keys()
                .map(|name| meta::FunctionMetadata { name: name.clone() })
                .collect(),
            ephemeral_resources: self
                .ephemeral_resources
                .keys()
                .map(|name| meta::EphemeralMetadata { type_name: name.clone() })
                .collect(),
            list_resources: self
                .list_resources
                .keys()
                .map(|name| meta::ListResourceMetadata { type_name: name.clone() })
                .collect(),
            state_stores: Vec::new(),
            actions: self
                .actions
                .keys()
                .map(|name| meta::ActionMetadata { type_name: name.clone() })
                .collect(),
        }
    }

    pub(crate) fn provider_schema(&self) -> pb::get_provider_schema::Response {
        pb::get_provider_schema::Response {
            provider: Some(schema::schema(&self.schema)),
            resource_schemas: self
                .resources
                .iter()
                .map(|(name, entry)| (name.clone(), schema::schema(&entry.schema)))
                .collect(),
            data_source_schemas: self
                .data_sources
                .iter()
                .map(|(name, entry)| (name.clone(), schema::schema(&entry.schema)))
                .collect(),
            functions: self.function_schemas(),
            ephemeral_resource_schemas: self
                .ephemeral_resources
                .iter()
                .map(|(name, entry)| (name.clone(), schema::schema(&entry.schema)))
                .collect(),
            list_resource_schemas: self
                .list_resources
                .iter()
                .map(|(name, entry)| (name.clone(), schema::schema(&entry.schema)))
                .collect(),
            state_store_schemas: Default::default(),
            action_schemas: self
                .actions
                .iter()
                .map(|(name, entry)| {
                    (name.clone(), pb::ActionSchema { schema: Some(schema::schema(&entry.schema)) })
                })
                .collect(),
            diagnostics: Vec::new(),
            provider_meta: None,
            server_capabilities: Some(capabilities()),
        }
    }

    pub(crate) fn function_schemas(&self) -> std::collections::HashMap<String, pb::Function> {
        self.functions
            .iter()
            .map(|(name, (_, signature))| (name.clone(), schema::function(signature)))
            .collect()
    }

    pub(crate) fn identity_schemas(&self) -> pb::get_resource_identity_schemas::Response {
        let identity_schemas = self
            .resources
            .iter()
            .filter_map(|(name, entry)| {
                entry.identity.as_ref().map(|(identity, _)| (name.clone(), schema::identity(identity)))
            })
            .collect();
        pb::get_resource_identity_schemas::Response { identity_schemas, diagnostics: Vec::new() }
    }
}
