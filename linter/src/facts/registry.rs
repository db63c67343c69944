//! What is known of every resource type, gathered from the tables of the platforms: who reads it, which of its attributes hold a secret,
//! and what the places in it are for. Adding a type is adding rows to its platform's tables; nothing here changes.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::model::PathStep;
use super::subject::Subject;
use super::{Extractor, aws, azure, core, google, kubernetes, own, saas, vault};

/// An attribute of some types that is known to hold a secret. Plans of Terraform before 0.15 mark nothing, and no plan says which argument
/// would keep the value out of the state; both come from the providers' schemas.
pub(crate) struct Known {
    /// The types that share it.
    pub(crate) types: &'static [&'static str],
    /// Path, with `*` for every element of a list or map.
    pub(crate) path: &'static [&'static str],
    /// What keeps the value out of the plan and the state: a write-only argument, or an ephemeral resource.
    pub(crate) instead: Option<&'static str>,
    /// The attribute holds a secret in these resources only.
    pub(crate) when: Option<fn(&Subject<'_>) -> bool>,
}

/// A row of [`Known`] that always holds.
pub(crate) const fn known(
    types: &'static [&'static str],
    path: &'static [&'static str],
    instead: Option<&'static str>,
) -> Known {
    Known { types, path, instead, when: None }
}

/// A place in some types that decides what an exposure there is called.
pub(crate) struct Placed {
    /// The types that have it.
    pub(crate) types: &'static [&'static str],
    /// Path of the place, or of what is above it, with `*` for every element of a list or map.
    pub(crate) path: &'static [&'static str],
    /// The kind of an exposure there (see [`super::model::Exposure::kind`]), or [`HARMLESS`].
    pub(crate) kind: &'static str,
    /// The attribute that, set to true, hides what stands there from those who read settings and logs.
    pub(crate) hidden_by: Option<&'static str>,
    /// The place is what the row says in these resources only.
    pub(crate) when: Option<fn(&Subject<'_>) -> bool>,
}

/// Kind of a place where nothing is a secret, whatever it is called: encrypted values, names of members, a copy of what stands elsewhere.
pub(crate) const HARMLESS: &str = "harmless";

/// A row of [`Placed`] with nothing that hides, which always holds.
pub(crate) const fn placed(
    types: &'static [&'static str],
    path: &'static [&'static str],
    kind: &'static str,
) -> Placed {
    Placed { types, path, kind, hidden_by: None, when: None }
}

/// Everything the tables say of one type.
#[derive(Default)]
pub(crate) struct Registered {
    pub(crate) extractor: Option<Extractor>,
    pub(crate) sensitive: Vec<&'static Known>,
    pub(crate) places: Vec<&'static Placed>,
}

/// The types of all platforms but our own provider's, whose names are anybody's words.
const TYPES: [&[(&str, Extractor)]; 7] =
    [aws::TYPES, google::TYPES, azure::TYPES, vault::TYPES, kubernetes::TYPES, saas::TYPES, core::TYPES];
const SENSITIVE: [&[Known]; 7] = [
    aws::SENSITIVE,
    google::SENSITIVE,
    azure::SENSITIVE,
    vault::SENSITIVE,
    kubernetes::SENSITIVE,
    saas::SENSITIVE,
    core::SENSITIVE,
];
const PLACES: [&[Placed]; 7] = [
    aws::PLACES,
    google::PLACES,
    azure::PLACES,
    vault::PLACES,
    kubernetes::PLACES,
    saas::PLACES,
    core::PLACES,
];

/// What the tables say of a type; none for a type that has no row.
pub(crate) fn of_type(resource_type: &str) -> Option<&'static Registered> {
    static REGISTRY: OnceLock<HashMap<&'static str, Registered>> = OnceLock::new();
    let registry = REGISTRY.get_or_init(|| {
        let mut registry: HashMap<&'static str, Registered> = HashMap::new();
        for (resource_type, extractor) in TYPES.into_iter().flatten() {
            registry.entry(resource_type).or_default().extractor = Some(*extractor);
        }
        for row in SENSITIVE.into_iter().flatten() {
            for resource_type in row.types {
                registry.entry(resource_type).or_default().sensitive.push(row);
            }
        }
        for row in PLACES.into_iter().flatten() {
            for resource_type in row.types {
                registry.entry(resource_type).or_default().places.push(row);
            }
        }
        registry
    });
    registry.get(resource_type)
}

/// The extractor of a managed resource, if it has one.
pub(crate) fn extractor(resource_type: &str, platform: &str) -> Option<Extractor> {
    if platform == "secret" {
        return own::TYPES.iter().find(|(name, _)| *name == resource_type).map(|(_, extractor)| *extractor);
    }
    of_type(resource_type).and_then(|registered| registered.extractor)
}

/// The extractor of a data source, if it has one.
pub(crate) fn data_extractor(resource_type: &str) -> Option<Extractor> {
    core::DATA.iter().find(|(name, _)| *name == resource_type).map(|(_, extractor)| *extractor)
}

impl Placed {
    /// Some rows hold for some resources of the type only.
    pub(crate) fn applies(&self, subject: &Subject<'_>) -> bool {
        self.when.is_none_or(|when| when(subject))
    }

    /// The place is at `path` or above it.
    pub(crate) fn holds(&self, path: &[PathStep]) -> bool {
        path.len() >= self.path.len()
            && self.path.iter().zip(path).all(|(part, step)| match step {
                _ if *part == "*" => true,
                PathStep::Name(name) => name == part,
                PathStep::Index(_) => false,
            })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_type_has_one_extractor() {
        let mut seen = BTreeSet::new();
        for (resource_type, _) in TYPES.into_iter().flatten() {
            assert!(seen.insert(resource_type), "{resource_type} stands twice");
        }
    }

    #[test]
    fn a_row_says_something() {
        for row in SENSITIVE.into_iter().flatten() {
            assert!(!row.types.is_empty() && !row.path.is_empty(), "{:?} {:?}", row.types, row.path);
        }
        for row in PLACES.into_iter().flatten() {
            assert!(!row.types.is_empty() && !row.path.is_empty(), "{:?} {:?}", row.types, row.path);
        }
    }

    #[test]
    fn a_place_holds_what_is_in_it() {
        let row = placed(&["t"], &["block", "*", "value"], "manifest");
        let path = |steps: &[PathStep]| row.holds(steps);
        assert!(path(&["block".into(), 0_usize.into(), "value".into()]));
        assert!(path(&["block".into(), 3_usize.into(), "value".into(), "deeper".into()]));
        assert!(!path(&["block".into(), 0_usize.into(), "name".into()]));
        assert!(!path(&["block".into(), 0_usize.into()]));
    }
}
