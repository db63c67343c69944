//! What differs from run to run in an output, replaced: a snapshot shows the rest exactly as a person sees it.

use std::sync::LazyLock;

use regex::Regex;

use crate::programs;

/// Each pattern, and what a snapshot shows in its place.
const REPLACEMENTS: &[(&str, &str)] = &[
    (r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})", "[TIME]"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "[UUID]"),
    (r"(after|elapsed:?) (\d+m)?\d+s", "$1 [DURATION]"),
    (r"Terraform v\d+\.\d+\.\d+", "Terraform [VERSION]"),
    (r"age1[02-9ac-hj-np-z]{58}", "[RECIPIENT]"),
];

static PATTERNS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let compiled =
        REPLACEMENTS.iter().map(|(pattern, shown)| (Regex::new(pattern).expect("a valid pattern"), *shown));
    compiled.collect()
});

/// `text` without times, identifiers, versions and the paths of this machine.
pub fn scrub(text: &str) -> String {
    let mut text = text.replace(&programs::root().display().to_string(), "[ROOT]");
    if let Some(found) = text.find("/secretlint-").and_then(|_| scratch_folder(&text)) {
        text = text.replace(&found, "[SCRATCH]");
    }
    for (pattern, shown) in PATTERNS.iter() {
        text = pattern.replace_all(&text, *shown).into_owned();
    }
    text
}

/// The path of the [`crate::terraform::Workspace`] that the text names.
fn scratch_folder(text: &str) -> Option<String> {
    static SCRATCH: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"(/[^\s"']+)?/secretlint-[A-Za-z0-9]{6}\b"#).expect("a valid pattern"));
    SCRATCH.find(text).map(|found| found.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(scrub(text), expected);
    }

    #[test]
    fn what_differs_from_run_to_run_is_replaced() {
        check("at 2026-11-21T22:29:01.5Z and 2026-11-21T22:29:01+01:00", "at [TIME] and [TIME]");
        check("Creation complete after 1m2s [id=a]", "Creation complete after [DURATION] [id=a]");
        check("id 6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "id [UUID]");
        check("open /tmp/secretlint-aB3dE6/work/main.tf", "open [SCRATCH]/work/main.tf");
        check(&format!("{}/examples", programs::root().display()), "[ROOT]/examples");
    }

    #[test]
    fn the_rest_stays() {
        check(
            "2 to add, 0 to change; prod/orders/db on 2027-06-30",
            "2 to add, 0 to change; prod/orders/db on 2027-06-30",
        );
    }
}
