//! What Terraform's core does between configuration and provider, as far as tests of a provider need it: the proposed new
//! state is the configuration, with prior values where a computed attribute is not configured.

use crate::Dynamic;
use crate::path::PathStep;
use crate::shape::{Arrangement, Body};

/// The proposed new state; `prior` is null on create.
pub(super) fn propose(prior: &Dynamic, config: &Dynamic, body: Body<'_>) -> Dynamic {
    if config.is_null() || config.is_unknown() {
        return config.clone();
    }
    let mut proposed = config.clone();
    for attribute in body.attributes {
        let Some(value) = proposed.get_mut(&attribute.name) else { continue };
        if value.is_null() && attribute.presence.is_computed() {
            *value = prior.get(&attribute.name).cloned().unwrap_or_default();
        }
    }
    for (name, arrangement, inner) in body.inner() {
        let before = prior.get(name).cloned().unwrap_or_default();
        let Some(value) = proposed.get_mut(name) else { continue };
        inside(&before, value, arrangement, inner);
    }
    proposed
}

fn inside(prior: &Dynamic, value: &mut Dynamic, arrangement: Arrangement, inner: Body<'_>) {
    let counterpart = |step: Option<&PathStep>| match (arrangement, step) {
        (Arrangement::Single, _) => prior.clone(),
        (Arrangement::List, Some(PathStep::Index(index))) => {
            let index = usize::try_from(*index).unwrap_or(usize::MAX);
            prior.as_elements().and_then(|elements| elements.get(index)).cloned().unwrap_or_default()
        }
        (Arrangement::Map, Some(PathStep::Key(key))) => prior.get(key).cloned().unwrap_or_default(),
        _ => Dynamic::Null,
    };
    match value {
        Dynamic::Object(_) if arrangement == Arrangement::Single => *value = propose(prior, value, inner),
        Dynamic::List(elements) | Dynamic::Set(elements) | Dynamic::Tuple(elements) => {
            for (index, element) in elements.iter_mut().enumerate() {
                let step = PathStep::Index(i64::try_from(index).unwrap_or(i64::MAX));
                *element = propose(&counterpart(Some(&step)), element, inner);
            }
        }
        Dynamic::Map(entries) => {
            for (key, element) in entries {
                *element = propose(&counterpart(Some(&PathStep::Key(key.clone()))), element, inner);
            }
        }
        _ => {}
    }
}
