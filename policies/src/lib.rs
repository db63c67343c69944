//! The bundled policies of secretlint, embedded, so that the linter is one file. What a rule is and how one is added stands in the
//! folder's `README.md`; this crate knows nothing of Rego, plans or the linter.

/// Every policy of the pack, its libraries and its tests, as (path below `policies/`, text), sorted by path.
///
/// ```
/// let rule = secretlint_policies::files().iter().find(|(path, _)| *path == "credential/static_cloud_key.rego");
/// assert!(rule.is_some_and(|(_, text)| text.contains("package secretlint.credential.static_cloud_key")));
/// ```
#[must_use]
pub const fn files() -> &'static [(&'static str, &'static str)] {
    FILES
}

const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/files.rs"));
