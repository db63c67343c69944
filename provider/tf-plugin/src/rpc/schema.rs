//! Schemas on the wire.

use crate::Type;
use crate::generated::tfplugin6 as pb;
use crate::object::{NullArguments, Parameter, Signature};
use crate::schema::{
    Attribute, AttributeType, Block, BlockNesting, IdentityImport, IdentitySchema, NestedBlock,
    NestedNesting, Presence, Schema,
};

/// A type in JSON. Serialising it cannot fail; an empty type would be refused by Terraform.
fn type_json(kind: &Type) -> Vec<u8> {
    serde_json::to_vec(kind).unwrap_or_default()
}

const MARKDOWN: i32 = pb::StringKind::Markdown as i32;

pub(crate) fn schema(schema: &Schema) -> pb::Schema {
    pb::Schema { version: schema.version, block: Some(block(&schema.block, schema.version)) }
}

fn block(block: &Block, version: i64) -> pb::schema::Block {
    pb::schema::Block {
        version,
        attributes: block.attributes.iter().map(attribute).collect(),
        block_types: block.blocks.iter().map(nested_block).collect(),
        description: block.description.clone(),
        description_kind: MARKDOWN,
        deprecated: block.deprecation.is_some(),
        deprecation_message: block.deprecation.clone().unwrap_or_default(),
        computed: false,
    }
}

fn attribute(attribute: &Attribute) -> pb::schema::Attribute {
    let (kind, nested_type) = match &attribute.kind {
        AttributeType::Plain(kind) => (type_json(kind), None),
        AttributeType::Nested { nesting, attributes } => {
            (Vec::new(), Some(nested_object(*nesting, attributes)))
        }
    };
    pb::schema::Attribute {
        name: attribute.name.clone(),
        r#type: kind,
        nested_type,
        description: attribute.description.clone(),
        required: attribute.presence == Presence::Required,
        optional: matches!(attribute.presence, Presence::Optional | Presence::OptionalComputed),
        computed: attribute.presence.is_computed(),
        sensitive: attribute.sensitive,
        description_kind: MARKDOWN,
        deprecated: attribute.deprecation.is_some(),
        write_only: attribute.write_only,
        deprecation_message: attribute.deprecation.clone().unwrap_or_default(),
    }
}

fn nested_object(nesting: NestedNesting, attributes: &[Attribute]) -> pb::schema::Object {
    use pb::schema::object::NestingMode;
    let nesting = match nesting {
        NestedNesting::Single => NestingMode::Single,
        NestedNesting::List => NestingMode::List,
        NestedNesting::Set => NestingMode::Set,
        NestedNesting::Map => NestingMode::Map,
    };
    pb::schema::Object {
        attributes: attributes.iter().map(attribute).collect(),
        nesting: nesting.into(),
        min_items: 0,
        max_items: 0,
    }
}

fn nested_block(nested: &NestedBlock) -> pb::schema::NestedBlock {
    use pb::schema::nested_block::NestingMode;
    let nesting = match nested.nesting {
        BlockNesting::Single => NestingMode::Single,
        BlockNesting::Group => NestingMode::Group,
        BlockNesting::List => NestingMode::List,
        BlockNesting::Set => NestingMode::Set,
        BlockNesting::Map => NestingMode::Map,
    };
    pb::schema::NestedBlock {
        type_name: nested.name.clone(),
        block: Some(block(&nested.block, 0)),
        nesting: nesting.into(),
        min_items: nested.min_items,
        max_items: nested.max_items,
    }
}

pub(crate) fn identity(schema: &IdentitySchema) -> pb::ResourceIdentitySchema {
    let identity_attributes = schema
        .attributes
        .iter()
        .map(|attribute| pb::resource_identity_schema::IdentityAttribute {
            name: attribute.name.clone(),
            r#type: type_json(&attribute.kind),
            required_for_import: attribute.import == IdentityImport::Required,
            optional_for_import: attribute.import == IdentityImport::Optional,
            description: attribute.description.clone(),
        })
        .collect();
    pb::ResourceIdentitySchema { version: schema.version, identity_attributes }
}

pub(crate) fn function(signature: &Signature) -> pb::Function {
    pb::Function {
        parameters: signature.parameters.iter().map(parameter).collect(),
        variadic_parameter: signature.variadic.as_ref().map(parameter),
        r#return: Some(pb::function::Return { r#type: type_json(&signature.result) }),
        summary: signature.summary.clone(),
        description: signature.description.clone(),
        description_kind: MARKDOWN,
        deprecation_message: signature.deprecation.clone().unwrap_or_default(),
    }
}

fn parameter(parameter: &Parameter) -> pb::function::Parameter {
    pb::function::Parameter {
        name: parameter.name.clone(),
        r#type: type_json(&parameter.kind),
        allow_null_value: parameter.nulls == NullArguments::Accepted,
        allow_unknown_values: false,
        description: parameter.description.clone(),
        description_kind: MARKDOWN,
    }
}
