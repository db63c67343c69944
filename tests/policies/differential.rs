//! What a policy says does not depend on who reads it: a pack written for conftest, and every bundled rule, give the same verdicts in the
//! linter and in OPA itself (from its wheel), on every plan that was recorded with real Terraform.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use secretlint_tests::process::{Finished, Running};
use secretlint_tests::programs;
use secretlint_tests::skip::skip;
use serde_json::{Value, json};

/// Where the pack lies: 15 files with helpers, data, exceptions and four namespaces; and one of version 0.
const PACK: &str = "tests/policies/conftest";

/// `(rule, message, metadata, counts)` of everything that is said about one plan.
type Verdicts = BTreeSet<(String, String, String, bool)>;

#[test]
fn a_pack_for_conftest_says_what_opa_says_on_every_recorded_plan() {
    let Some(opa) = opa() else { return };
    let arguments = ["--conftest", "policy", "--all-namespaces", "--data", "data"];
    let data = json!({
        "teams": json_file(&folder().join("data/teams/names.json")),
        "limits": yaml_limits(),
    });
    let rules = [
        "main.deny_owner",
        "main.deny_provider",
        "main.deny_rotation",
        "main.violation_wildcard",
        "main.warn",
        "main.warn_name",
        "main.warn_unknown",
        "team.naming.deny_given_away",
        "team.naming.warn_form",
        "team.network.deny_range",
        "team.network.warn_range",
        "team.silent.deny",
        "team.silent.violation",
    ];
    compare(&opa, &arguments, "policy", &data, &rules);
}

#[test]
fn a_pack_of_version_0_says_what_its_translation_says_in_opa() {
    let Some(opa) = opa() else { return };
    let arguments = ["--conftest", "v0", "--rego-version", "v0"];
    compare(&opa, &arguments, "v0_as_v1", &json!({}), &["main.deny", "main.warn_count"]);
}

#[test]
fn the_bundled_rules_say_what_they_say_in_opa_on_every_recorded_plan() {
    let Some(opa) = opa() else { return };
    let listed = secretlint(&["rules", "--format", "json"]).succeeds();
    let listed: Value = serde_json::from_str(&listed.stdout).expect("the list is JSON");
    let rules: Vec<String> = elements(&listed).iter().map(|rule| text(&rule["id"]).to_owned()).collect();
    let packages = rules.iter().map(|rule| format!("secretlint.{rule}"));
    let paths: Vec<String> = packages
        .flat_map(|package| ["findings", "undetermined"].map(|set| format!("{package}.{set}")))
        .collect();
    let plans = plans();
    let facts = plans.iter().map(|plan| {
        let facts = secretlint(&["facts", &plan.display().to_string()]).succeeds();
        serde_json::from_str(&facts.stdout).expect("facts are JSON")
    });
    let answers =
        ask(&opa, &policies(&programs::root().join("policies")), &json!({}), facts.collect(), &paths);
    let mut said = 0;
    for (plan, answer) in plans.iter().zip(answers) {
        assert!(answer.get("error").is_none(), "{}: {}", plan.display(), answer["error"]);
        let expected: BTreeSet<String> = rules
            .iter()
            .flat_map(|rule| {
                [("findings", "violation"), ("undetermined", "undetermined")]
                    .map(|(set, word)| (rule, set, word))
            })
            .flat_map(|(rule, set, certainty)| {
                let elements =
                    answer.get(format!("secretlint.{rule}.{set}")).map(elements).unwrap_or_default();
                elements.into_iter().map(move |element| {
                    json!([rule, certainty, element["address"], element["path"], element["message"]])
                        .to_string()
                })
            })
            .collect();
        let report = report(&[&plan.display().to_string()]);
        let found: BTreeSet<String> = elements(&report["findings"])
            .iter()
            .filter(|finding| finding["rule"] != "linter.unreadable")
            .map(|finding| {
                let fields =
                    ["rule", "certainty", "address", "path", "message"].map(|field| finding[field].clone());
                Value::from(fields.to_vec()).to_string()
            })
            .collect();
        assert_eq!(found, expected, "{}", plan.display());
        said += found.len();
    }
    assert!(said >= rules.len(), "{} rules said only {said} things on {} plans", rules.len(), plans.len());
}

/// Every rule of `rules` says the same in both, on every plan.
fn compare(opa: &Path, arguments: &[&str], policy: &str, data: &Value, rules: &[&str]) {
    let plans = plans();
    let namespaces: BTreeSet<&str> =
        rules.iter().filter_map(|rule| rule.rsplit_once('.')).map(|(namespace, _)| namespace).collect();
    let exceptions = namespaces.iter().map(|namespace| format!("{namespace}.exception"));
    let paths: Vec<String> = rules.iter().map(|rule| (*rule).to_owned()).chain(exceptions).collect();
    let inputs = plans.iter().map(|plan| json_file(plan)).collect();
    let answers = ask(opa, &policies(&folder().join(policy)), data, inputs, &paths);
    let names: Vec<String> = plans.iter().map(|plan| plan.display().to_string()).collect();
    let all: Vec<&str> = names.iter().map(String::as_str).chain(arguments.iter().copied()).collect();
    let report = report(&all);
    let evaluated: BTreeSet<&str> = elements(&report["rules"])
        .iter()
        .map(|rule| text(&rule["id"]))
        .filter(|rule| rule.starts_with("main.") || rule.starts_with("team."))
        .collect();
    assert_eq!(evaluated, rules.iter().copied().collect(), "the rules of the pack");
    let mut fired = BTreeSet::new();
    let mut excepted = 0;
    for (name, answer) in names.iter().zip(answers) {
        let expected = said_by_opa(&answer, rules);
        let found: Verdicts = elements(&report["findings"])
            .iter()
            .filter(|finding| finding["plan"] == name.as_str() && finding.get("metadata").is_some())
            .map(|finding| {
                let mut metadata = finding["metadata"].clone();
                if let Some(fields) = metadata.as_object_mut() {
                    assert!(fields.remove("query").is_some(), "every result names its query");
                }
                let counts = finding["suppression"].is_null();
                (
                    text(&finding["rule"]).to_owned(),
                    text(&finding["message"]).to_owned(),
                    metadata.to_string(),
                    counts,
                )
            })
            .collect();
        let found: Verdicts = found.into_iter().map(|verdict| revealed(verdict, &expected)).collect();
        assert_eq!(found, expected, "{name}");
        fired.extend(found.iter().map(|(rule, ..)| rule.clone()));
        excepted += found.iter().filter(|(.., counts)| !counts).count();
    }
    assert!(fired.len() * 2 > rules.len() && excepted > 0, "fired: {fired:?}, excepted: {excepted}");
}

/// The verdict with the values that the linter took out of it, where OPA says the same but for them.
fn revealed(verdict: (String, String, String, bool), expected: &Verdicts) -> (String, String, String, bool) {
    let pattern = |text: &str| {
        let pattern = regex::escape(text).replace(&regex::escape("(sensitive value)"), ".+");
        regex::Regex::new(&format!("^{pattern}$")).expect("an escaped text is a pattern")
    };
    let (message, metadata) = (pattern(&verdict.1), pattern(&verdict.2));
    let same = expected.iter().find(|other| {
        other.0 == verdict.0
            && message.is_match(&other.1)
            && metadata.is_match(&other.2)
            && other.3 == verdict.3
    });
    same.cloned().unwrap_or(verdict)
}

fn said_by_opa(answer: &Value, rules: &[&str]) -> Verdicts {
    assert!(answer.get("error").is_none(), "{answer}");
    let mut verdicts = Verdicts::new();
    for rule in rules {
        let (namespace, name) = rule.rsplit_once('.').expect("a rule has a namespace");
        let suffix = name.split_once('_').map_or("", |(_, suffix)| suffix);
        let exceptions = answer.get(format!("{namespace}.exception")).map(elements).unwrap_or_default();
        let counts = !exceptions.iter().any(|names| elements(names).iter().any(|name| text(name) == suffix));
        for element in answer.get(*rule).map(elements).unwrap_or_default() {
            let (message, metadata) = match element {
                Value::String(message) => (message.clone(), json!({})),
                object => {
                    let mut metadata = object.clone();
                    let message = metadata.as_object_mut().and_then(|fields| fields.remove("msg"));
                    (text(&message.expect("a message")).to_owned(), metadata)
                }
            };
            verdicts.insert(((*rule).to_owned(), message, metadata.to_string(), counts));
        }
    }
    verdicts
}

/// OPA's answers to all inputs, in their order.
fn ask(
    opa: &Path,
    policies: &BTreeMap<String, String>,
    data: &Value,
    inputs: Vec<Value>,
    paths: &[String],
) -> Vec<Value> {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let runs: Vec<Value> = inputs.into_iter().map(|input| json!({"input": input, "paths": paths})).collect();
    let job = scratch.path().join("job.json");
    let file = File::create(&job).expect("the scratch folder is writable");
    serde_json::to_writer(file, &json!({"policies": policies, "data": data, "runs": runs}))
        .expect("the job is written");
    let run = Running::start(Command::new(opa), &scratch.path().join("opa"), Some(&job)).wait().succeeds();
    serde_json::from_str(&run.stdout).expect("OPA answers in JSON")
}

fn opa() -> Option<PathBuf> {
    let opa = programs::tool("opa-0.4.4/opa");
    if opa.is_none() {
        skip("OPA's engine is not installed: `tests/tools/install tests`");
    }
    opa
}

fn secretlint(arguments: &[&str]) -> Finished {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let mut command = Command::new(programs::secretlint());
    command.current_dir(folder()).env_clear().args(arguments);
    Running::start(command, &scratch.path().join("run"), None).wait()
}

fn report(arguments: &[&str]) -> Value {
    let run = secretlint(&[arguments, &["--format", "json", "--fail-on", "none"]].concat()).succeeds();
    serde_json::from_str(&run.stdout).expect("the report is JSON")
}

fn folder() -> PathBuf {
    programs::root().join(PACK)
}

/// Every recorded plan.
fn plans() -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(programs::root().join("examples/rules")).sort_by_file_name();
    let files = files.into_iter().map(|entry| entry.expect("the examples are readable").into_path());
    let plans: Vec<PathBuf> = files.filter(|path| path.ends_with("plan.json")).collect();
    assert!(plans.len() > 20, "{} recorded plans", plans.len());
    plans
}

/// Policies by name, without their tests.
fn policies(folder: &Path) -> BTreeMap<String, String> {
    let files = walkdir::WalkDir::new(folder).into_iter().map(|entry| entry.expect("readable").into_path());
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "rego"))
        .filter(|path| !path.to_string_lossy().ends_with("_test.rego"))
        .map(|path| (path.display().to_string(), std::fs::read_to_string(&path).expect("a policy is text")))
        .collect()
}

fn json_file(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).expect("the file exists")).expect("it is JSON")
}

/// `data/limits/limits.yaml`, whose reading by the linter is part of what is compared.
fn yaml_limits() -> Value {
    json!({
        "secret_types": [
            "aws_secretsmanager_secret", "google_secret_manager_secret", "azurerm_key_vault_secret", "secret",
        ],
        "shortest_name": 8,
        "rotation_days": 30,
        "providers": ["registry.terraform.io/hashicorp/aws", "registry.terraform.io/hashicorp/google"],
        "ranges": ["10.0.0.0/9", "10.128.0.0/9", "192.168.0.0/16"],
    })
}

fn elements(value: &Value) -> Vec<&Value> {
    value.as_array().map(|elements| elements.iter().collect()).unwrap_or_default()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
