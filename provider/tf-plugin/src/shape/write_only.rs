//! Write-only values: the one place that keeps them out of everything that is sent to Terraform.

use super::{Arrangement, Body, objects, objects_mut, path_into};
use crate::{AttributePath, Dynamic};

/// Makes every write-only attribute in it null, however deeply nested.
pub(crate) fn null_write_only(value: &mut Dynamic, body: Body<'_>) {
    for attribute in body.attributes.iter().filter(|attribute| attribute.write_only) {
        if let Some(found) = value.get_mut(&attribute.name) {
            *found = Dynamic::Null;
        }
    }
    for (name, arrangement, inner) in body.inner() {
        let Some(found) = value.get_mut(name) else { continue };
        if arrangement == Arrangement::Single {
            null_write_only(found, inner);
        } else {
            objects_mut(found).into_iter().for_each(|object| null_write_only(object, inner));
        }
    }
}

/// The write-only attributes that are set (known or unknown).
pub(crate) fn set_write_only(value: &Dynamic, body: Body<'_>) -> Vec<AttributePath> {
    let mut found = Vec::new();
    collect(value, body, &AttributePath::root(), &mut found);
    found
}

fn collect(value: &Dynamic, body: Body<'_>, path: &AttributePath, found: &mut Vec<AttributePath>) {
    for attribute in body.attributes.iter().filter(|attribute| attribute.write_only) {
        if value.get(&attribute.name).is_some_and(|value| !value.is_null()) {
            found.push(path.clone().attribute(attribute.name.clone()));
        }
    }
    for (name, arrangement, inner) in body.inner() {
        let Some(value) = value.get(name) else { continue };
        for (step, object) in objects(value, arrangement) {
            collect(object, inner, &path_into(path, name, arrangement, step.as_ref()), found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Attribute, Block, NestedBlock};

    fn block() -> Block {
        let secret = || Attribute::string("secret").optional().write_only();
        Block::new()
            .attribute(secret())
            .attribute(Attribute::nested_single("one", vec![secret()]).optional())
            .attribute(
                Attribute::nested_map("many", vec![secret(), Attribute::string("name").optional()])
                    .optional(),
            )
            .block(NestedBlock::list(
                "rule",
                Block::new()
                    .attribute(secret())
                    .block(NestedBlock::single("inner", Block::new().attribute(secret()))),
            ))
    }

    fn value() -> Dynamic {
        let object = || Dynamic::object([("secret", Dynamic::from("SENTINEL"))]);
        Dynamic::object([
            ("secret", Dynamic::from("SENTINEL")),
            ("one", object()),
            (
                "many",
                Dynamic::Map(
                    [("k".to_owned(), Dynamic::object([("secret", Dynamic::Unknown), ("name", "n".into())]))]
                        .into(),
                ),
            ),
            (
                "rule",
                Dynamic::List(vec![Dynamic::object([("secret", "SENTINEL".into()), ("inner", object())])]),
            ),
        ])
    }

    #[test]
    fn set_write_only_attributes_are_found_at_every_depth() {
        let body = block();
        let paths: Vec<String> =
            set_write_only(&value(), Body::of(&body)).iter().map(ToString::to_string).collect();
        assert_eq!(
            paths,
            ["secret", "one.secret", "many[\"k\"].secret", "rule[0].secret", "rule[0].inner.secret"]
        );
    }

    #[test]
    fn after_nulling_none_is_set_and_the_rest_is_as_before() {
        let body = block();
        let mut value = value();
        null_write_only(&mut value, Body::of(&body));
        assert_eq!(set_write_only(&value, Body::of(&body)), []);
        assert_eq!(value.get("many").and_then(|many| many.get("k")?.get("name")?.as_str()), Some("n"));
    }
}
