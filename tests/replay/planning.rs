//! What a creation or a change plans, from the schema and the configuration.

use std::collections::BTreeMap;

use tf_plugin::schema::{Attribute, Block, NestedBlock};
use tf_plugin::{Dynamic, Type};

use crate::schemas::{Defaults, Planned, join};

/// The planned state of a new object: its configuration, the defaults, and unknown for the rest that is computed.
pub(crate) fn creation(block: &Block, config: &Dynamic, defaults: &Defaults) -> Dynamic {
    complete(block, config, "", &|path, attribute, siblings| match defaults.get(path) {
        Some(Planned::Value(value)) => plain(value),
        Some(Planned::SameAs { same_as }) => match siblings.get(same_as) {
            None | Some(Dynamic::Null) => Dynamic::Unknown,
            Some(value) => value.clone(),
        },
        None => {
            debug_assert!(attribute.presence.is_computed(), "only computed attributes are asked for");
            Dynamic::Unknown
        }
    })
}

/// The planned state of an object that is there: what Terraform proposes, with the defaults where the configuration is silent. What else is
/// computed stays as it is.
pub(crate) fn change(config: &Dynamic, proposed: Dynamic, defaults: &Defaults) -> Dynamic {
    let Dynamic::Object(mut planned) = proposed else { return proposed };
    let is_silent = |name: &str| config.get(name).is_none_or(Dynamic::is_null);
    // A default within a block belongs to an element that the configuration writes, so it stays with the element.
    for (name, default) in defaults.iter().filter(|(path, _)| !path.contains('.') && is_silent(path)) {
        let value = match default {
            Planned::Value(value) => Some(plain(value)),
            Planned::SameAs { same_as } => config.get(same_as).filter(|value| !value.is_null()).cloned(),
        };
        if let Some(value) = value {
            planned.insert(name.clone(), value);
        }
    }
    Dynamic::Object(planned)
}

/// What a data source or an ephemeral resource returns: its configuration, the recorded row, and for the rest a value that
/// names the attribute, the same at every run.
pub(crate) fn result(block: &Block, config: &Dynamic, row: &BTreeMap<String, Dynamic>) -> Dynamic {
    complete(block, config, "", &|path, attribute, _| match row.get(path) {
        Some(value) => value.clone(),
        None => match attribute.implied_type() {
            Type::String => Dynamic::from(format!("replayed-{path}")),
            Type::Bool => Dynamic::Bool(false),
            Type::Number => Dynamic::from(0_i64),
            _ => Dynamic::Null,
        },
    })
}

/// A JSON value of a data file.
pub(crate) fn plain(value: &serde_json::Value) -> Dynamic {
    serde_json::from_value(value.clone()).unwrap_or_default()
}

/// Asks `fill` for every computed attribute that the configuration leaves null.
fn complete(
    block: &Block,
    config: &Dynamic,
    path: &str,
    fill: &impl Fn(&str, &Attribute, &BTreeMap<String, Dynamic>) -> Dynamic,
) -> Dynamic {
    let Some(given) = config.as_entries() else { return config.clone() };
    let attributes = block.attributes.iter().map(|attribute| {
        let value = given.get(&attribute.name).cloned().unwrap_or_default();
        let empty = value.is_null() && attribute.presence.is_computed();
        let value = if empty { fill(&join(path, &attribute.name), attribute, given) } else { value };
        (attribute.name.clone(), value)
    });
    let blocks = block.blocks.iter().map(|nested| {
        let value = given.get(&nested.name).cloned().unwrap_or_default();
        (nested.name.clone(), complete_nested(nested, value, &join(path, &nested.name), fill))
    });
    Dynamic::object(attributes.chain(blocks))
}

fn complete_nested(
    nested: &NestedBlock,
    value: Dynamic,
    path: &str,
    fill: &impl Fn(&str, &Attribute, &BTreeMap<String, Dynamic>) -> Dynamic,
) -> Dynamic {
    let each = |element: Dynamic| complete(&nested.block, &element, path, fill);
    match value {
        Dynamic::List(elements) => Dynamic::List(elements.into_iter().map(each).collect()),
        Dynamic::Set(elements) => Dynamic::Set(elements.into_iter().map(each).collect()),
        Dynamic::Map(entries) => {
            Dynamic::Map(entries.into_iter().map(|(key, element)| (key, each(element))).collect())
        }
        Dynamic::Object(entries) => each(Dynamic::Object(entries)),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use tf_plugin::schema::Presence;

    use super::*;
    use crate::schemas::Recorded;

    fn plan(type_name: &str, given: &[(&str, Dynamic)]) -> Dynamic {
        let provider = type_name.split('_').next().expect("a type name");
        let recorded = Recorded::load(provider).expect("a recording");
        let defaults = recorded.defaults(type_name);
        let block = recorded.resource_schemas[type_name].served(&defaults).block;
        let nulls = block.attributes.iter().map(|attribute| (attribute.name.clone(), Dynamic::Null));
        let empty = block.blocks.iter().map(|nested| (nested.name.clone(), Dynamic::List(Vec::new())));
        let given = given.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        creation(&block, &Dynamic::object(nulls.chain(empty).chain(given)), &defaults)
    }

    #[track_caller]
    fn check(planned: &Dynamic, path: &[&str], expected: &Dynamic) {
        let mut value = planned;
        for step in path {
            value = match step.parse::<usize>() {
                Ok(position) => &value.as_elements().expect("a list")[position],
                Err(_) => value.get(step).expect("an attribute"),
            };
        }
        assert!(value == expected, "{path:?} is {value:?}");
    }

    #[test]
    fn the_configuration_is_kept_and_computed_values_are_unknown() {
        let planned = plan("aws_secretsmanager_secret", &[("name", "prod/db".into())]);
        check(&planned, &["name"], &"prod/db".into());
        check(&planned, &["arn"], &Dynamic::Unknown);
        check(&planned, &["kms_key_id"], &Dynamic::Null);
    }

    #[test]
    fn an_unknown_configuration_stays_unknown() {
        let planned = plan("aws_secretsmanager_secret", &[("kms_key_id", Dynamic::Unknown)]);
        check(&planned, &["kms_key_id"], &Dynamic::Unknown);
    }

    #[test]
    fn a_silent_configuration_gets_the_default_and_a_speaking_one_does_not() {
        check(&plan("aws_kms_key", &[]), &["enable_key_rotation"], &false.into());
        check(
            &plan("aws_kms_key", &[("enable_key_rotation", true.into())]),
            &["enable_key_rotation"],
            &true.into(),
        );
    }

    #[test]
    fn tags_all_follows_tags() {
        let tags = Dynamic::Map(BTreeMap::from([("owner".to_owned(), Dynamic::from("team-a"))]));
        check(&plan("aws_kms_key", &[("tags", tags.clone())]), &["tags_all"], &tags);
        check(&plan("aws_kms_key", &[]), &["tags_all"], &Dynamic::Unknown);
    }

    #[test]
    fn a_change_returns_to_the_default_and_keeps_what_is_computed() {
        let defaults = Recorded::load("aws").expect("a recording").defaults("aws_secretsmanager_secret");
        let tags = Dynamic::Map(BTreeMap::from([("owner".to_owned(), Dynamic::from("team-b"))]));
        let config = Dynamic::object([("name", Dynamic::from("a")), ("tags", tags.clone())]);
        let proposed = Dynamic::object([
            ("name", Dynamic::from("a")),
            ("arn", "arn:a".into()),
            ("recovery_window_in_days", Dynamic::from(0_i64)),
            ("tags", tags.clone()),
            ("tags_all", Dynamic::Null),
        ]);
        let planned = change(&config, proposed, &defaults);
        check(&planned, &["arn"], &"arn:a".into());
        check(&planned, &["recovery_window_in_days"], &Dynamic::from(30_i64));
        check(&planned, &["tags_all"], &tags);
    }

    #[test]
    fn nested_blocks_are_completed_too() {
        let subject = Dynamic::object([
            ("kind", Dynamic::from("ServiceAccount")),
            ("name", "orders".into()),
            ("namespace", Dynamic::Null),
            ("api_group", Dynamic::Null),
        ]);
        let planned = plan("kubernetes_role_binding_v1", &[("subject", Dynamic::List(vec![subject]))]);
        check(&planned, &["subject", "0", "namespace"], &"default".into());
        check(&planned, &["subject", "0", "api_group"], &Dynamic::Unknown);
    }

    #[test]
    fn a_result_is_wholly_known() {
        let recorded = Recorded::load("random").expect("a recording");
        let block = recorded.ephemeral_resource_schemas["random_password"].served(&Defaults::new()).block;
        let given = block.attributes.iter().map(|attribute| {
            let required = attribute.presence == Presence::Required;
            (attribute.name.clone(), if required { Dynamic::from(32_i64) } else { Dynamic::Null })
        });
        let opened = result(&block, &Dynamic::object(given), &BTreeMap::new());
        assert!(opened.is_wholly_known());
        check(&opened, &["result"], &"replayed-result".into());
    }
}
