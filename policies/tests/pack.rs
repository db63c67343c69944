//! Proves the pack without the linter: every rule is whole (METADATA, test, name), and every Rego test passes on regorus alone, so that a
//! failure here is the policy's and one in the linter's tests is the linter's.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;

use regorus::{Engine, Value};
use serde::Deserialize;

type Outcome = Result<(), Box<dyn Error>>;

/// A rule's METADATA, with no key optional: the pack says everything that may be said.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Metadata {
    title: String,
    description: String,
    related_resources: Vec<Related>,
    custom: Custom,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Related {
    r#ref: String,
    description: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Custom {
    severity: Severity,
    remediation: String,
    references: Vec<String>,
    covers: Vec<String>,
    aliases: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

fn text_of(path: &str) -> Option<&'static str> {
    secretlint_policies::files().iter().find(|(name, _)| *name == path).map(|(_, text)| *text)
}

fn is_test(path: &str) -> bool {
    path.ends_with("_test.rego")
}

/// Path and text of every rule.
fn rules() -> impl Iterator<Item = (&'static str, &'static str)> {
    secretlint_policies::files()
        .iter()
        .copied()
        .filter(|(path, _)| !is_test(path) && !path.starts_with("lib/"))
}

fn metadata(text: &str) -> Result<Metadata, Box<dyn Error>> {
    let comment: String = text
        .strip_prefix("# METADATA\n")
        .ok_or("the first line is not `# METADATA`")?
        .lines()
        .map_while(|line| line.strip_prefix('#'))
        .flat_map(|line| [line, "\n"])
        .collect();
    Ok(yaml_serde::from_str(&comment)?)
}

fn package(text: &str) -> Option<&str> {
    text.lines().find_map(|line| line.strip_prefix("package "))
}

/// A rule's id stands in waivers and configuration files of others: none goes away or is renamed by chance.
#[test]
fn there_are_these_rules() {
    let found: Vec<&str> = rules().map(|(path, _)| path).collect();
    assert_eq!(
        found,
        [
            "audit/short_retention.rego",
            "audit/store_not_audited.rego",
            "credential/no_ttl.rego",
            "credential/root_token.rego",
            "credential/static_cloud_key.rego",
            "credential/unbounded_role.rego",
            "credential/unconstrained_oidc_trust.rego",
            "delivery/environment_instead_of_file.rego",
            "delivery/kubernetes_source_of_truth.rego",
            "delivery/no_refresh.rego",
            "grant/administrator.rego",
            "grant/break_glass_without_expiry.rego",
            "grant/cross_account_unconditioned.rego",
            "grant/decrypt_any_key.rego",
            "grant/expiry_too_far.rego",
            "grant/kubernetes_list_secrets.rego",
            "grant/negated.rego",
            "grant/privilege_escalation.rego",
            "grant/project_wide.rego",
            "grant/public.rego",
            "grant/shared_identity.rego",
            "grant/vault_root_or_sudo.rego",
            "grant/wildcard_action.rego",
            "grant/wildcard_principal.rego",
            "grant/wildcard_secret.rego",
            "lifecycle/deleted_without_recovery.rego",
            "lifecycle/no_description.rego",
            "lifecycle/no_expiry.rego",
            "lifecycle/no_owner.rego",
            "lifecycle/replaced.rego",
            "rotation/certificate_not_renewed.rego",
            "rotation/disabled.rego",
            "rotation/dynamic_available.rego",
            "rotation/key_not_rotated.rego",
            "rotation/missing.rego",
            "rotation/no_grace.rego",
            "rotation/single_user.rego",
            "rotation/too_slow.rego",
            "storage/etcd_not_encrypted.rego",
            "storage/no_customer_key.rego",
            "storage/no_recovery_window.rego",
            "storage/public_network.rego",
            "storage/purge_not_protected.rego",
            "storage/single_region.rego",
            "storage/unversioned.rego",
            "value/encoded.rego",
            "value/in_ci_variable.rego",
            "value/in_connection_string.rego",
            "value/in_environment.rego",
            "value/in_kubernetes_manifest.rego",
            "value/in_output.rego",
            "value/in_provider_block.rego",
            "value/in_state.rego",
            "value/in_tags.rego",
            "value/in_user_data.rego",
            "value/in_variable_default.rego",
            "value/literal.rego",
            "value/plain_parameter.rego",
            "value/weak_generator.rego",
            "value/write_only_available.rego",
        ]
    );
}

#[test]
fn every_rego_file_of_the_folder_is_embedded() -> Outcome {
    fn walk(folder: &Path, root: &Path, found: &mut BTreeSet<String>) -> Outcome {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                walk(&path, root, found)?;
            } else if path.extension().is_some_and(|extension| extension == "rego") {
                found.insert(path.strip_prefix(root)?.to_string_lossy().replace('\\', "/"));
            }
        }
        Ok(())
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    walk(root, root, &mut found)?;
    let embedded: BTreeSet<String> =
        secretlint_policies::files().iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(embedded, found);
    assert_eq!(embedded.len(), secretlint_policies::files().len(), "a path is embedded twice");
    Ok(())
}

#[test]
fn a_package_is_named_as_its_file() {
    for (path, text) in secretlint_policies::files() {
        let expected = format!("secretlint.{}", path.trim_end_matches(".rego").replace('/', "."));
        assert_eq!(package(text), Some(expected.as_str()), "{path}");
    }
}

#[test]
fn every_policy_has_a_test_of_known_and_of_missing_values() {
    for (path, _) in secretlint_policies::files().iter().filter(|(path, _)| !is_test(path)) {
        let test = path.replace(".rego", "_test.rego");
        let text = text_of(&test).unwrap_or_else(|| panic!("{path} has no test `{test}`"));
        if path.starts_with("lib/") {
            continue;
        }
        for name in ["test_reports_", "test_accepts_"] {
            assert!(text.contains(&format!("\n{name}")), "{test} has no `{name}…`");
        }
        assert!(
            text.lines().any(|line| line.starts_with("test_") && line.contains("after_apply")),
            "{test} does not say what the rule does with a value that is decided at apply"
        );
        assert!(text.contains("test_accepts_deleted_") || text.contains("test_accepts_removed_"), "{test}");
    }
}

#[test]
fn metadata_is_complete() -> Outcome {
    let mut titles = BTreeSet::new();
    for (path, text) in rules() {
        let metadata = metadata(text).map_err(|error| format!("{path}: {error}"))?;
        assert!(!metadata.title.ends_with('.') && metadata.title.len() <= 72, "{path}: {}", metadata.title);
        assert!(titles.insert(metadata.title.clone()), "{path}: another rule has this title");
        assert!(metadata.description.split_whitespace().count() >= 30, "{path}: say why it matters");
        assert!(metadata.custom.remediation.split_whitespace().count() >= 15, "{path}: say what to do");
        assert!(!metadata.related_resources.is_empty(), "{path}: name a page to read on");
        for related in &metadata.related_resources {
            assert!(related.r#ref.starts_with("https://"), "{path}: {}", related.r#ref);
            assert!(!related.description.is_empty(), "{path}: {}", related.r#ref);
        }
        assert!(!metadata.custom.references.is_empty(), "{path}: name a CWE or a benchmark");
        // `covers` may be empty: of some rules nobody else has the like.
        for ids in [&metadata.custom.references, &metadata.custom.covers, &metadata.custom.aliases] {
            let different: BTreeSet<&String> = ids.iter().collect();
            assert_eq!(different.len(), ids.len(), "{path}: an id stands twice");
        }
        // Matched, so that a new severity is decided on here too.
        match metadata.custom.severity {
            Severity::Low | Severity::Medium | Severity::High | Severity::Critical => {}
        }
    }
    Ok(())
}

#[test]
fn a_rule_is_one_screen() {
    for (path, text) in rules() {
        let lines = text.lines().count();
        assert!(lines <= 140, "{path} has {lines} lines");
        assert!(text.lines().all(|line| line.chars().count() <= 150), "{path} has a line that is too long");
    }
}

#[test]
fn every_rego_test_passes() -> Outcome {
    let mut engine = Engine::new();
    for (path, text) in secretlint_policies::files() {
        engine.add_policy((*path).to_owned(), (*text).to_owned())?;
    }
    let mut failed = Vec::new();
    let mut passed = 0;
    for (path, text) in secretlint_policies::files().iter().filter(|(path, _)| is_test(path)) {
        for line in text.lines().filter(|line| line.starts_with("test_")) {
            let name: String =
                line.chars().take_while(|&letter| letter.is_alphanumeric() || letter == '_').collect();
            let rule = format!("data.{}.{name}", package(text).unwrap_or_default());
            match engine.eval_rule(rule) {
                Ok(Value::Bool(true)) => passed += 1,
                Ok(value) => failed.push(format!("{path}: {name} is {value}")),
                Err(error) => failed.push(format!("{path}: {name}: {error}")),
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(passed > 100, "only {passed} tests were found");
    Ok(())
}

/// The samples of the Rego tests stand for what the linter really says; a field that the model lost or never had would make a test prove
/// nothing.
#[test]
fn samples_have_the_fields_of_the_model() -> Outcome {
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../linter/src/facts/model.rs");
    let model = std::fs::read_to_string(model)?;
    let mut engine = Engine::new();
    let path = "lib/samples_test.rego";
    engine.add_policy(path.to_owned(), text_of(path).ok_or("no samples")?.to_owned())?;
    for (sample, structure) in [
        ("secret", "Secret"),
        ("rotation", "Rotation"),
        ("grant", "Grant"),
        ("exposure", "Exposure"),
        ("credential", "Credential"),
        ("key", "Key"),
        ("store", "Store"),
        ("audit", "Audit"),
        ("delivery", "Delivery"),
        ("removal", "Removal"),
        ("generator", "Generator"),
        ("trust", "Trust"),
        ("certificate", "Certificate"),
    ] {
        let results = engine.eval_query(format!("data.secretlint.lib.samples_test.{sample}({{}})"), false)?;
        let value = results.result.first().and_then(|result| result.expressions.first()).ok_or("no value")?;
        let fields: BTreeSet<String> = value
            .value
            .as_object()?
            .keys()
            .map(|key| key.as_string().map(|key| key.to_string()))
            .collect::<Result<_, _>>()?;
        let mut expected = fields_of(&model, structure)?;
        assert!(expected.remove("origin"), "{structure} has no origin");
        expected.extend(fields_of(&model, "Origin")?);
        assert!(expected.remove("resource_type"), "the serialised name is `type`");
        expected.insert("type".to_owned());
        assert_eq!(fields, expected, "{sample}");
    }
    Ok(())
}

fn fields_of(model: &str, structure: &str) -> Result<BTreeSet<String>, Box<dyn Error>> {
    let (_, body) = model
        .split_once(&format!("pub struct {structure} {{"))
        .ok_or_else(|| format!("model.rs has no `{structure}`"))?;
    let (body, _) = body.split_once("\n}").ok_or("model.rs ends early")?;
    Ok(body
        .lines()
        .filter_map(|line| line.trim().strip_prefix("pub "))
        .filter_map(|field| field.split_once(':'))
        .map(|(name, _)| name.to_owned())
        .collect())
}
