//! Writes the provider's pages in the layout of the Terraform Registry, from the schemas and the examples. A test compares them with
//! what is committed, so a page cannot say something else than the code.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use tf_plugin::schema::{AttributeType, BlockNesting, NestedNesting, Presence};
use tf_plugin::{Attribute, Block, NestedBlock, Objects, Provider, Schema, Type};

use crate::provider::SecretProvider;

/// Provider name in page titles and in the address of a page.
const PROVIDER: &str = "secret";

/// Kinds of objects: their folder, their word in a heading, and the file of their example.
const KINDS: [Kind; 5] = [
    Kind { folder: "resources", word: "Resource", example: "resource.tf" },
    Kind { folder: "data-sources", word: "Data Source", example: "data-source.tf" },
    Kind { folder: "ephemeral-resources", word: "Ephemeral Resource", example: "ephemeral-resource.tf" },
    Kind { folder: "actions", word: "Action", example: "action.tf" },
    Kind { folder: "list-resources", word: "List Resource", example: "list-resource.tfquery.hcl" },
];

struct Kind {
    folder: &'static str,
    word: &'static str,
    example: &'static str,
}

/// All pages by their path below `docs/`.
///
/// # Errors
/// When an example cannot be read.
pub(crate) fn pages(examples: &Path) -> io::Result<BTreeMap<PathBuf, String>> {
    let schemas = Objects::schemas(&SecretProvider.objects());
    let mut pages = BTreeMap::new();
    pages.insert(PathBuf::from("index.md"), index(examples)?);
    let resources = schemas.resources.into_iter().map(|(name, (schema, _))| (name, schema)).collect();
    let groups: [BTreeMap<String, Schema>; 5] = [
        resources,
        schemas.data_sources,
        schemas.ephemeral_resources,
        schemas.actions,
        schemas.list_resources,
    ];
    for (kind, objects) in KINDS.iter().zip(groups) {
        for (name, schema) in objects {
            let path = Path::new(kind.folder).join(format!("{}.md", page_name(&name)));
            pages.insert(path, page(kind, &name, &schema, examples)?);
        }
    }
    Ok(pages)
}

/// Writes the pages below `docs`, and removes pages of objects that no longer exist.
///
/// # Errors
/// When a file cannot be read or written.
pub(crate) fn write(docs: &Path, examples: &Path) -> io::Result<()> {
    let pages = pages(examples)?;
    for kind in &KINDS {
        let Ok(present) = fs::read_dir(docs.join(kind.folder)) else { continue };
        for entry in present {
            let path = entry?.path();
            if path.strip_prefix(docs).is_ok_and(|path| !pages.contains_key(path)) {
                fs::remove_file(path)?;
            }
        }
    }
    for (path, text) in pages {
        let path = docs.join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, text)?;
    }
    Ok(())
}

/// The registry names a page after the type without the provider's prefix.
fn page_name(type_name: &str) -> &str {
    type_name.strip_prefix("secret_").unwrap_or(type_name)
}

fn index(examples: &Path) -> io::Result<String> {
    let schema = SecretProvider.schema();
    let mut text = front_matter("secret Provider", &schema.block.description);
    let _ = write!(text, "\n# secret Provider\n\n{}\n", schema.block.description);
    example(&mut text, &examples.join("provider/provider.tf"))?;
    schema_section(&mut text, &schema.block);
    Ok(text)
}

fn page(kind: &Kind, name: &str, schema: &Schema, examples: &Path) -> io::Result<String> {
    let mut text = front_matter(&format!("{name} {} - {PROVIDER}", kind.word), &schema.block.description);
    let _ = write!(text, "\n# {name} ({})\n\n{}\n", kind.word, schema.block.description);
    let folder = examples.join(kind.folder).join(name);
    example(&mut text, &folder.join(kind.example))?;
    schema_section(&mut text, &schema.block);
    let import = folder.join("import.sh");
    if import.exists() {
        let _ = write!(
            text,
            "\n## Import\n\nImport is supported using the following syntax:\n\n```shell\n{}```\n",
            fs::read_to_string(import)?
        );
    }
    Ok(text)
}

fn front_matter(title: &str, description: &str) -> String {
    let first = description.split("\n\n").next().unwrap_or_default();
    format!("---\npage_title: \"{title}\"\nsubcategory: \"\"\ndescription: |-\n  {first}\n---\n")
}

fn example(text: &mut String, path: &Path) -> io::Result<()> {
    if path.exists() {
        let _ = write!(text, "\n## Example Usage\n\n```terraform\n{}```\n", fs::read_to_string(path)?);
    }
    Ok(())
}

/// A schema nested in another one: where it is anchored, and what it has.
struct Nested<'s> {
    path: String,
    anchor: &'static str,
    attributes: &'s [Attribute],
    blocks: &'s [NestedBlock],
}

fn schema_section(text: &mut String, block: &Block) {
    text.push_str("\n## Schema\n");
    let mut nested = body(text, "", &block.attributes, &block.blocks);
    while !nested.is_empty() {
        let mut deeper = Vec::new();
        for one in nested {
            let _ = write!(
                text,
                "\n<a id=\"{}--{}\"></a>\n### Nested Schema for `{}`\n",
                one.anchor,
                one.path.replace('.', "--"),
                one.path
            );
            deeper.extend(body(text, &one.path, one.attributes, one.blocks));
        }
        nested = deeper;
    }
}

/// The lists of required, optional and read-only members; returns what they nest.
fn body<'s>(
    text: &mut String,
    path: &str,
    attributes: &'s [Attribute],
    blocks: &'s [NestedBlock],
) -> Vec<Nested<'s>> {
    let heading = if path.is_empty() { "###" } else { "####" };
    let mut nested = Vec::new();
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    for title in ["Required", "Optional", "Read-Only"] {
        let mut lines: Vec<(&str, String)> = Vec::new();
        for attribute in attributes.iter().filter(|attribute| title_of(attribute.presence) == title) {
            let mut line =
                format!("- `{}` ({}) {}", attribute.name, kind_of(attribute), attribute.description);
            if let Some(message) = &attribute.deprecation {
                let _ = write!(line, " **Deprecated:** {message}");
            }
            if let AttributeType::Nested { attributes, .. } = &attribute.kind {
                let path = below(&attribute.name);
                let _ =
                    write!(line, " (see [below for nested schema](#nestedatt--{}))", path.replace('.', "--"));
                nested.push(Nested { path, anchor: "nestedatt", attributes, blocks: &[] });
            }
            lines.push((&attribute.name, line));
        }
        for block in blocks
            .iter()
            .filter(|block| (title == "Required") == (block.min_items > 0) && title != "Read-Only")
        {
            let path = below(&block.name);
            lines.push((
                &block.name,
                format!(
                    "- `{}` ({}) {} (see [below for nested schema](#nestedblock--{}))",
                    block.name,
                    block_kind(block.nesting),
                    block.block.description,
                    path.replace('.', "--")
                ),
            ));
            nested.push(Nested {
                path,
                anchor: "nestedblock",
                attributes: &block.block.attributes,
                blocks: &block.block.blocks,
            });
        }
        if !lines.is_empty() {
            lines.sort_by_key(|(name, _)| *name);
            let _ = write!(text, "\n{heading} {title}\n\n");
            for (_, line) in lines {
                text.push_str(&line);
                text.push('\n');
            }
        }
    }
    nested
}

fn title_of(presence: Presence) -> &'static str {
    match presence {
        Presence::Required => "Required",
        Presence::Optional | Presence::OptionalComputed => "Optional",
        Presence::Computed => "Read-Only",
    }
}

fn kind_of(attribute: &Attribute) -> String {
    let mut kind = match &attribute.kind {
        AttributeType::Plain(kind) => type_name(kind),
        AttributeType::Nested { nesting, .. } => match nesting {
            NestedNesting::Single => "Attributes".to_owned(),
            NestedNesting::List => "Attributes List".to_owned(),
            NestedNesting::Set => "Attributes Set".to_owned(),
            NestedNesting::Map => "Attributes Map".to_owned(),
        },
    };
    if attribute.sensitive {
        kind.push_str(", Sensitive");
    }
    if attribute.write_only {
        kind.push_str(", [Write-only](https://developer.hashicorp.com/terraform/language/resources/ephemeral#write-only-arguments)");
    }
    kind
}

fn block_kind(nesting: BlockNesting) -> &'static str {
    match nesting {
        BlockNesting::Single | BlockNesting::Group => "Block, Optional",
        BlockNesting::List => "Block List",
        BlockNesting::Set => "Block Set",
        BlockNesting::Map => "Block Map",
    }
}

fn type_name(kind: &Type) -> String {
    match kind {
        Type::Bool => "Boolean".to_owned(),
        Type::Number => "Number".to_owned(),
        Type::String => "String".to_owned(),
        Type::Dynamic => "Dynamic".to_owned(),
        Type::List(element) => format!("List of {}", type_name(element)),
        Type::Set(element) => format!("Set of {}", type_name(element)),
        Type::Map(element) => format!("Map of {}", type_name(element)),
        Type::Tuple(_) => "Tuple".to_owned(),
        Type::Object(_) => "Object".to_owned(),
    }
}
