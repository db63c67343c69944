//! Variables of CI systems. Some providers mark every value as sensitive, `LOG_LEVEL` included; what is none by its settings, its name and
//! its text is left alone.

use super::super::exposure::{detectors, names};
use super::super::subject::{Attribute, Subject, steps};

/// Where a type writes the name of its variable.
const NAMES: [&str; 3] = ["key", "variable_name", "name"];

/// The variable is set to be hidden from those who read settings or logs, so somebody takes it for a secret.
pub(super) fn is_hidden(subject: &Subject<'_>) -> bool {
    ["masked", "hidden", "sensitive", "is_secret", "secure"]
        .into_iter()
        .any(|flag| subject.flag(flag) == Some(true))
}

/// The variable is a secret by its settings, its name or its text.
pub(super) fn is_secret(subject: &Subject<'_>) -> bool {
    if is_hidden(subject) {
        return true;
    }
    let name = NAMES.iter().find_map(|name| subject.text(name)).unwrap_or_default();
    match subject.at(&steps!["value"]) {
        Attribute::Known(value) => value.as_str().is_some_and(|text| {
            !detectors::detect(text).is_empty()
                || (names::names_a_secret(name) && names::could_be_a_secret(text, name))
        }),
        _ => names::names_a_secret(name),
    }
}

/// The variable is a plain setting.
pub(super) fn is_plain(subject: &Subject<'_>) -> bool {
    !is_secret(subject)
}
