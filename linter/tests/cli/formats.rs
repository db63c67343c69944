//! The formats, over one configuration with findings of every kind.

use insta::assert_snapshot;
use serde_json::Value;

use crate::common::{EMPTY_PLAN, Scratch, finds, policy};

const FORMATS: [&str; 8] = ["human", "json", "sarif", "junit", "github", "gitlab", "markdown", "html"];

const MAIN: &str = r#"# The orders service; its first password was hunter2.
resource "aws_secretsmanager_secret_policy" "open" {
  secret_arn = aws_secretsmanager_secret.orders.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow" # anybody
      Principal = "*"
      Action    = ["secretsmanager:GetSecretValue"]
    }]
  })
}

resource "aws_db_instance" "orders" {
  username = "orders"
  password = "hunter2"
  port     = 5432
}
"#;

fn scratch() -> Scratch {
    let scratch = Scratch::new(&[("plan.json", EMPTY_PLAN), ("main.tf", MAIN)]);
    let open = r#"findings contains finding if {
	finding := {
		"address": "aws_secretsmanager_secret_policy.open",
		"path": ["policy", "Statement", 0, "Principal"],
		"message": "anybody may read this secret",
		"labels": [{"path": ["policy", "Statement", 0, "Action"], "message": "this is what they may"}],
		"help": "Name the role that needs it.",
	}
}

undetermined contains {"address": "module.far.a_b.c", "path": ["d"], "message": "decided at apply"}"#;
    scratch.write("team/open.rego", policy("grant.open", "critical", open).as_bytes());
    let literal = finds("value.written", "medium", "aws_db_instance.orders", "[\"password\"]");
    scratch.write("team/literal.rego", literal.as_bytes());
    scratch
}

const ARGUMENTS: [&str; 7] =
    ["plan.json", "--policy", "team", "--rule", "grant.open", "--rule", "value.written"];

fn run(format: &str) -> String {
    let run = scratch().run(&[&ARGUMENTS[..], &["--format", format]].concat());
    assert_eq!((run.status, run.stderr.as_str()), (1, ""));
    run.stdout.replace(env!("CARGO_PKG_VERSION"), "[VERSION]")
}

#[test]
fn human() {
    assert_snapshot!(run("human"));
}

#[test]
fn json() {
    assert_snapshot!(run("json"));
}

#[test]
fn sarif() {
    assert_snapshot!(run("sarif"));
}

#[test]
fn junit() {
    assert_snapshot!(run("junit"));
}

#[test]
fn github() {
    assert_snapshot!(run("github"));
}

#[test]
fn gitlab() {
    assert_snapshot!(run("gitlab"));
}

#[test]
fn markdown() {
    assert_snapshot!(run("markdown"));
}

#[test]
fn html() {
    // The style and the script are files of their own; what the page is made of is the snapshot.
    let page = run("html");
    let without = |text: String, tag: &str| {
        let (before, rest) = text.split_once(&format!("<{tag}>")).unwrap();
        let (_, after) = rest.split_once(&format!("</{tag}>")).unwrap();
        format!("{before}<{tag}></{tag}>{after}")
    };
    let page = without(without(page, "style"), "script");
    insta::with_settings!({filters => [("'sha256-[^']+'", "[HASH]")]}, {
        assert_snapshot!(page.replace("><", ">\n<"));
    });
}

#[test]
fn a_report_is_the_same_every_time() {
    for format in FORMATS {
        assert_eq!(run(format), run(format));
    }
}

#[test]
fn every_result_of_sarif_names_its_rule_by_index() {
    let document: Value = serde_json::from_str(&run("sarif")).unwrap();
    let run = &document["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 3);
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        assert!(result["partialFingerprints"]["secretlint/v1"].is_string());
    }
}

#[test]
fn a_file_that_does_not_parse_is_a_warning() {
    let scratch = scratch();
    scratch.write("broken.tf", b"password = \"hunter2\n");
    let run = scratch.run(&ARGUMENTS);
    assert_eq!(run.status, 1);
    assert!(run.stdout.contains("warning: `broken.tf` does not parse as HCL at line 1"), "{}", run.stdout);
    assert!(run.stdout.contains("─[main.tf:8:7]"), "{}", run.stdout);
}

#[test]
fn the_folder_of_the_files_can_be_given() {
    let scratch = scratch();
    scratch.write("elsewhere/plan.json", EMPTY_PLAN.as_bytes());
    scratch.write("conf/main.tf", format!("\n{MAIN}").as_bytes());
    let mut arguments = ARGUMENTS.to_vec();
    arguments[0] = "elsewhere/plan.json";
    assert!(scratch.run(&arguments).stdout.contains("─[main.tf:8:7]"), "the current folder is used");
    arguments.extend(["--source", "conf"]);
    let run = scratch.run(&arguments);
    assert!(run.stdout.contains("─[conf/main.tf:9:7]"), "{}", run.stdout);
    arguments.extend(["--source", "nowhere"]);
    assert_eq!(scratch.run(&arguments[..7]).status, 1);
    assert_eq!(scratch.run(&["plan.json", "--source", "nowhere"]).status, 2);
}

#[track_caller]
fn validate(schema: &str, report: &str) {
    let schema: Value = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let report: Value = serde_json::from_str(report).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&report).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

const JSON_SCHEMA: &str = include_str!("../../../docs/schemas/report.schema.json");
const SARIF_SCHEMA: &str = include_str!("schemas/sarif-schema-2.1.0.json");
const GITLAB_SCHEMA: &str = include_str!("schemas/gitlab-code-quality.schema.json");

/// Every report in a snapshot of one form, of whatever test.
fn snapshots(is_meant: fn(&str) -> bool) -> Vec<(String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/snapshots");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let body = text.splitn(3, "---\n").nth(2).unwrap_or_default().to_owned();
        let body = match body.split_once("--- stdout\n").and_then(|(_, rest)| rest.split_once("--- stderr")) {
            Some((stdout, _)) => stdout.to_owned(),
            None => body,
        };
        if body.starts_with(['{', '[']) && is_meant(&body) {
            found.push((path.display().to_string(), body));
        }
    }
    found
}

#[test]
fn every_json_report_follows_the_published_schema() {
    let reports = snapshots(|body| body.contains("\"schema_version\": 1") && body.contains("\"summary\": {"));
    assert!(reports.len() >= 2, "the reports of this file and of the waivers: {}", reports.len());
    for (_, report) in reports {
        validate(JSON_SCHEMA, &report.replace("[VERSION]", "0.1.0"));
    }
}

#[test]
fn every_sarif_report_follows_the_official_schema() {
    // A bracket that JavaScript takes as itself and stricter engines want escaped; it stays the file that OASIS published.
    let schema = SARIF_SCHEMA.replace("{2}]?$", "{2}\\\\]?$");
    let reports = snapshots(|body| body.contains("\"version\": \"2.1.0\""));
    assert!(reports.len() >= 2, "the reports of this file and of the waivers: {}", reports.len());
    for (_, report) in reports {
        validate(&schema, &report.replace("[VERSION]", "0.1.0"));
    }
}

#[test]
fn the_code_quality_report_follows_its_schema_and_tells_plans_apart() {
    validate(GITLAB_SCHEMA, &run("gitlab"));
    let scratch = scratch();
    scratch.write("other.json", EMPTY_PLAN.as_bytes());
    let two = scratch.run(&[&ARGUMENTS[..], &["other.json", "--format", "gitlab"]].concat()).stdout;
    validate(GITLAB_SCHEMA, &two);
    let issues: Vec<Value> = serde_json::from_str(&two).unwrap();
    let fingerprints: std::collections::HashSet<&str> =
        issues.iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
    assert_eq!((issues.len(), fingerprints.len()), (6, 6));
}

/// A rule with `count` findings, each as long as a message may be in a real plan.
fn many(count: usize) -> Scratch {
    let body = format!(
        "findings contains finding if {{\n\tsome number in numbers.range(1, {count})\n\tfinding := {{\"address\": sprintf(\"module.a[\\\"%d\\\"].b_c.d\", [number]), \"path\": [\"e\"], \"message\": \"this is *wrong* and\\n::error::takes, as it stands here: some words to say so, @everybody\"}}\n}}"
    );
    Scratch::new(&[("plan.json", EMPTY_PLAN), ("team/many.rego", &policy("team.many", "high", &body))])
}

#[test]
fn github_shows_ten_and_the_log_has_the_rest() {
    let run = many(14).run(&["plan.json", "--policy", "team", "--rule", "team.many", "--format", "github"]);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines.iter().filter(|line| line.starts_with("::error title=team.many (high)::")).count(), 10);
    assert_eq!(lines.len(), 15, "a line break in a message begins no line: {}", run.stdout);
    assert!(lines[10..14].iter().all(|line| line.starts_with("high team.many: this is *wrong* and ::error")));
    assert_eq!(
        lines[14],
        "secretlint: 14 findings: 14 high (1 rule in 1 plan); 4 of them only here and not as annotations, of which GitHub shows 10 of each level"
    );
}

#[test]
fn a_comment_is_never_too_long_and_counts_what_it_leaves_out() {
    let scratch = many(1000);
    let run = scratch.run(&["plan.json", "--policy", "team", "--rule", "team.many", "--format", "markdown"]);
    let characters = run.stdout.chars().count();
    assert!((60_000..=65_000).contains(&characters), "{characters}");
    let shown = run.stdout.lines().filter(|line| line.starts_with("- `module.a")).count();
    let left_out = format!("**{} findings are left out here**", 1000 - shown);
    assert!(run.stdout.contains(&left_out), "{}", run.stdout.lines().last().unwrap());
    assert!(run.stdout.contains("| <b>high</b> | `team.many` | 1000 |"));
    assert!(!run.stdout.contains("@everybody") && run.stdout.contains("\n</details>\n"));
}
