//! The three formats, over one configuration with findings of every kind.

use insta::assert_snapshot;
use serde_json::Value;

use crate::common::{EMPTY_PLAN, Scratch, finds, policy};

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
fn a_report_is_the_same_every_time() {
    for format in ["human", "json", "sarif"] {
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
