//! The rules that Terraform has for schemas. It checks some of them when it loads a provider, and then refuses the whole
//! provider, and others never, and then fails on a value.

use std::collections::BTreeSet;

use crate::object::Provider;
use crate::rpc::Registry;
use crate::schema::{
    Attribute, AttributeType, Block, BlockNesting, IdentitySchema, NestedNesting, Presence, Schema,
};
use crate::{AttributePath, Type};

/// Names that mean something to Terraform in every resource block.
const RESERVED_IN_RESOURCES: [&str; 8] =
    ["connection", "count", "depends_on", "for_each", "lifecycle", "locals", "provider", "provisioner"];

/// Names that mean something to Terraform in a provider block.
const RESERVED_IN_PROVIDERS: [&str; 2] = ["alias", "version"];

/// Where a schema stands, which decides what it may hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Provider,
    Resource,
    DataSource,
    Ephemeral,
    Action,
    List,
}

/// Everything about the schemas that Terraform would refuse; empty when they are sound.
#[must_use]
pub fn check_schemas<P: Provider>(provider: P) -> Vec<String> {
    problems(&Registry::new(provider))
}

pub(super) fn problems<P: Provider>(registry: &Registry<P>) -> Vec<String> {
    let mut checks = Checks { problems: Vec::new() };
    checks.schema("provider", &registry.schema, Place::Provider);
    for (name, entry) in &registry.resources {
        checks.schema(&format!("resource `{name}`"), &entry.schema, Place::Resource);
        if let Some((identity, _)) = &entry.identity {
            checks.identity(name, identity);
        }
    }
    for (name, entry) in &registry.data_sources {
        checks.schema(&format!("data source `{name}`"), &entry.schema, Place::DataSource);
    }
    for (name, entry) in &registry.ephemeral_resources {
        checks.schema(&format!("ephemeral resource `{name}`"), &entry.schema, Place::Ephemeral);
    }
    for (name, entry) in &registry.actions {
        checks.schema(&format!("action `{name}`"), &entry.schema, Place::Action);
    }
    for (name, entry) in &registry.list_resources {
        checks.schema(&format!("list resource `{name}`"), &entry.schema, Place::List);
        if registry.resources.get(name).is_none_or(|resource| resource.identity.is_none()) {
            checks.problem(format!(
                "list resource `{name}`: there is no managed resource `{name}` with an identity"
            ));
        }
    }
    for (name, (_, signature)) in &registry.functions {
        let mut seen = BTreeSet::new();
        for parameter in signature.parameters.iter().chain(&signature.variadic) {
            if !seen.insert(&parameter.name) {
                checks.problem(format!("function `{name}`: two parameters are called `{}`", parameter.name));
            }
            checks.name(&format!("function `{name}`"), &parameter.name);
        }
        checks.name("functions", name);
    }
    for name in registry
        .resources
        .keys()
        .chain(registry.data_sources.keys())
        .chain(registry.ephemeral_resources.keys())
        .chain(registry.actions.keys())
    {
        checks.name("type names", name);
    }
    checks.problems
}

struct Checks {
    problems: Vec<String>,
}

impl Checks {
    fn problem(&mut self, text: String) {
        if !self.problems.contains(&text) {
            self.problems.push(text);
        }
    }

    fn name(&mut self, object: &str, name: &str) {
        let mut characters = name.chars();
        let starts = characters.next().is_some_and(|first| first.is_ascii_lowercase() || first == '_');
        if !starts
            || !characters.all(|next| next.is_ascii_lowercase() || next.is_ascii_digit() || next == '_')
        {
            self.problem(format!(
                "{object}: `{name}` is not a name; use lower case letters, digits and underscores, and start with a letter"
            ));
        }
    }

    fn schema(&mut self, object: &str, schema: &Schema, place: Place) {
        let reserved: &[&str] = match place {
            Place::Provider => &RESERVED_IN_PROVIDERS,
            Place::Resource | Place::DataSource | Place::Ephemeral => &RESERVED_IN_RESOURCES,
            Place::Action | Place::List => &[],
        };
        let names = schema.block.attributes.iter().map(|attribute| &attribute.name);
        for name in names.chain(schema.block.blocks.iter().map(|block| &block.name)) {
            if reserved.contains(&name.as_str()) {
                self.problem(format!("{object}: `{name}` is a word of Terraform's own there"));
            }
        }
        if schema.version < 0 {
            self.problem(format!("{object}: the schema version is negative"));
        }
        self.block(object, &schema.block, place, &AttributePath::root(), InSet::No);
    }

    fn block(&mut self, object: &str, block: &Block, place: Place, path: &AttributePath, in_set: InSet) {
        self.attributes(object, &block.attributes, place, path, in_set);
        let mut seen: BTreeSet<&String> = block.attributes.iter().map(|attribute| &attribute.name).collect();
        for nested in &block.blocks {
            let at = path.clone().attribute(nested.name.clone());
            if !seen.insert(&nested.name) {
                self.problem(format!("{object}: `{at}` is there twice"));
            }
            self.name(object, &nested.name);
            let repeats = matches!(nested.nesting, BlockNesting::List | BlockNesting::Set);
            let limited = nested.min_items != 0 || nested.max_items != 0;
            let ordered = nested.max_items == 0 || nested.min_items <= nested.max_items;
            if (!repeats && limited) || nested.min_items < 0 || nested.max_items < 0 || !ordered {
                self.problem(format!("{object}: the limits of block `{at}` do not fit its nesting"));
            }
            let inner = if nested.nesting == BlockNesting::Set { InSet::Yes } else { in_set };
            self.block(object, &nested.block, place, &at, inner);
        }
    }

    fn attributes(
        &mut self,
        object: &str,
        attributes: &[Attribute],
        place: Place,
        path: &AttributePath,
        in_set: InSet,
    ) {
        let mut seen = BTreeSet::new();
        for attribute in attributes {
            let at = path.clone().attribute(attribute.name.clone());
            if !seen.insert(&attribute.name) {
                self.problem(format!("{object}: `{at}` is there twice"));
            }
            self.name(object, &attribute.name);
            self.attribute(object, attribute, place, &at, in_set);
        }
    }

    fn attribute(
        &mut self,
        object: &str,
        attribute: &Attribute,
        place: Place,
        at: &AttributePath,
        in_set: InSet,
    ) {
        if attribute.write_only {
            if attribute.presence.is_computed() {
                self.problem(format!(
                    "{object}: `{at}` is write-only and computed, which excludes each other"
                ));
            }
            if !matches!(place, Place::Resource | Place::Action) {
                self.problem(format!(
                    "{object}: `{at}` is write-only, which only resources and actions may have"
                ));
            }
            if in_set == InSet::Yes {
                self.problem(format!("{object}: `{at}` is write-only inside a set"));
            }
        }
        if attribute.presence.is_computed() && matches!(place, Place::Provider | Place::Action | Place::List)
        {
            self.problem(format!("{object}: `{at}` is computed, but there is nothing that could compute it"));
        }
        match &attribute.kind {
            AttributeType::Plain(kind) => {
                if in_set == InSet::Yes && kind.contains_dynamic() {
                    self.problem(format!("{object}: `{at}` is dynamic inside a set"));
                }
                if collection_of_dynamic(kind) {
                    self.problem(format!(
                        "{object}: `{at}` is a collection of dynamic elements; make the whole dynamic"
                    ));
                }
            }
            AttributeType::Nested { nesting, attributes } => {
                let inner = if *nesting == NestedNesting::Set { InSet::Yes } else { in_set };
                if *nesting != NestedNesting::Single && contains_dynamic(attributes) {
                    self.problem(format!("{object}: `{at}` is a collection with a dynamic attribute"));
                }
                if attribute.write_only && !attributes.iter().all(|attribute| attribute.write_only) {
                    self.problem(format!("{object}: `{at}` is write-only, so everything in it must be"));
                }
                if attribute.presence == Presence::Computed
                    && attributes.iter().any(|inner| inner.presence == Presence::Required)
                {
                    self.problem(format!("{object}: `{at}` is computed, but something in it is required"));
                }
                self.attributes(object, attributes, place, at, inner);
            }
        }
    }

    fn identity(&mut self, name: &str, identity: &IdentitySchema) {
        let object = format!("identity of `{name}`");
        if identity.attributes.is_empty() {
            self.problem(format!("{object}: it has no attributes"));
        }
        for attribute in &identity.attributes {
            self.name(&object, &attribute.name);
            let primitive = match &attribute.kind {
                Type::List(element) => element.is_primitive(),
                kind => kind.is_primitive(),
            };
            if !primitive {
                self.problem(format!(
                    "{object}: `{}` is neither a primitive nor a list of primitives",
                    attribute.name
                ));
            }
        }
    }
}

/// Whether some set encloses the attribute.
#[derive(Clone, Copy, PartialEq, Eq)]
enum InSet {
    No,
    Yes,
}

fn collection_of_dynamic(kind: &Type) -> bool {
    match kind {
        Type::List(element) | Type::Set(element) | Type::Map(element) => element.contains_dynamic(),
        _ => false,
    }
}

fn contains_dynamic(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| attribute.implied_type().contains_dynamic())
}
