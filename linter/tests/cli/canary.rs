//! A sentinel value in every place of a configuration and a plan where a value can stand, and in nothing that the linter writes.

use crate::common::{Scratch, finds};

/// Long enough that no part of it appears by chance, and with a character that URLs encode.
const SENTINEL: &str = "canary&Q7mZ2xV9";
const BASE64: &str = "Y2FuYXJ5JlE3bVoyeFY5";
const HEX: &str = "63616e6172792651376d5a3278563";
const URL: &str = "canary%26Q7mZ2xV9";

/// One block for each way to write a value; all are found, so every line is part of an excerpt.
const BLOCKS: &[(&str, &str)] = &[
    ("a_b.plain", "resource \"a_b\" \"plain\" {\n  password = \"VALUE\"\n}\n"),
    (
        "a_b.neighbour",
        "resource \"a_b\" \"neighbour\" {\n  # was VALUE\n  password = var.x // VALUE\n  note = \"VALUE\" /* VALUE\n VALUE */\n}\n",
    ),
    (
        "a_b.heredoc",
        "resource \"a_b\" \"heredoc\" {\n  password = <<-EOT\n    VALUE\n    ${var.x} VALUE\n  EOT\n}\n",
    ),
    (
        "a_b.template",
        "resource \"a_b\" \"template\" {\n  password = \"x-${lookup(var.m, \"VALUE\")}-VALUE-%{ if var.x }VALUE%{ endif }\"\n}\n",
    ),
    ("a_b.choice", "resource \"a_b\" \"choice\" {\n  password = var.x ? \"VALUE\" : \"VALUE\"\n}\n"),
    (
        "a_b.list",
        "resource \"a_b\" \"list\" {\n  password = [\"VALUE\", { key = \"VALUE\", \"key\" : \"VALUE\" }]\n}\n",
    ),
    ("a_b.json", "resource \"a_b\" \"json\" {\n  password = jsonencode({ a = [\"VALUE\"] })\n}\n"),
    ("a_b.json_text", "resource \"a_b\" \"json_text\" {\n  password = \"{\\\"a\\\": \\\"VALUE\\\"}\"\n}\n"),
    (
        "a_b.comparison",
        "resource \"a_b\" \"comparison\" {\n  password = \"VALUE\" == var.x && var.y != \"VALUE\"\n}\n",
    ),
    (
        "a_b.arn",
        "resource \"a_b\" \"arn\" {\n  password = \"arn:aws:VALUE\"\n  url = \"postgres://u:VALUE@h\"\n}\n",
    ),
    ("var.password", "variable \"password\" {\n  default = \"VALUE\"\n}\n"),
    ("output.password", "output \"password\" {\n  value = \"VALUE\"\n}\n"),
    ("provider.aws", "provider \"aws\" {\n  password = \"VALUE\"\n}\n"),
];

fn scratch(topic: &str) -> Scratch {
    let after = format!(
        r#"{{"password": "{SENTINEL}", "list": ["{SENTINEL}"], "json": "{{\"a\": \"{SENTINEL}\"}}"}}"#
    );
    let change = |address: &str| {
        let name = address.rsplit('.').next().unwrap();
        format!(
            r#"{{"address":"{address}","mode":"managed","type":"a_b","name":"{name}","provider_name":"p","change":{{"actions":["create"],"before":null,"after":{after},"after_unknown":{{}},"after_sensitive":{{"password":true}}}}}}"#
        )
    };
    let changes: Vec<String> = BLOCKS
        .iter()
        .filter(|(address, _)| address.starts_with("a_b."))
        .map(|(address, _)| change(address))
        .collect();
    let plan = format!(
        r#"{{"format_version":"1.2","terraform_version":"1.15.5","variables":{{"password":{{"value":"{SENTINEL}"}}}},
        "planned_values":{{"outputs":{{"password":{{"value":"{SENTINEL}"}}}}}},
        "output_changes":{{"password":{{"actions":["create"],"before":null,"after":"{SENTINEL}","after_unknown":false}}}},
        "resource_changes":[{}],"configuration":{{"root_module":{{"variables":{{"password":{{"default":"{SENTINEL}"}}}}}}}}}}"#,
        changes.join(",")
    );
    let scratch = Scratch::new(&[("plan.json", &plan)]);
    let mut main = String::new();
    for (index, (address, block)) in BLOCKS.iter().enumerate() {
        main.push_str(&block.replace("VALUE", SENTINEL));
        let attribute = match *address {
            "var.password" => "[\"default\"]",
            "output.password" => "[\"value\"]",
            _ => "[\"password\"]",
        };
        let rule = finds(&format!("{topic}.rule{index}"), "high", address, attribute);
        scratch.write(&format!("team/rule{index}.rego"), rule.as_bytes());
    }
    scratch.write("main.tf", main.as_bytes());
    scratch
}

#[track_caller]
fn check(what: &str, text: &str) {
    for form in [SENTINEL, BASE64, HEX, URL, "Q7mZ2xV9"] {
        assert!(!text.contains(form), "{what} shows {form}:\n{text}");
    }
}

#[test]
fn no_format_shows_a_value() {
    // A rule about grants shows more of a file than one about values: neither may show this.
    for topic in ["grant", "value", "team"] {
        let scratch = scratch(topic);
        for format in ["human", "json", "sarif", "junit", "github", "gitlab", "markdown", "html"] {
            for more in [&["-v"][..], &["-q"], &["--color", "always", "-vv"], &["--output", "report"]] {
                let arguments = [&["plan.json", "--policy", "team", "--format", format], more].concat();
                let run = scratch.run(&arguments);
                assert_eq!(run.status, 1, "{run:?}");
                let report = if more[0] == "--output" { scratch.read("report") } else { run.stdout.clone() };
                assert!(report.contains("this is wrong"), "{report}");
                check(&format!("{topic} {arguments:?}"), &format!("{report}{}", run.stderr));
            }
        }
        // Every block is in an excerpt, so the test would see what leaks.
        let report = scratch.run(&["plan.json", "--policy", "team"]).stdout;
        for (address, block) in BLOCKS {
            let head = block.lines().nth(1).unwrap().split_whitespace().next().unwrap();
            assert!(
                report.contains(&format!("in {address}, ")) && report.contains(head),
                "{address} is not shown:\n{report}"
            );
        }
        check("facts", &scratch.run(&["facts", "plan.json"]).whole());
    }
}

#[test]
fn a_broken_plan_is_not_quoted() {
    for plan in [
        format!("{{\"format_version\": \"1.2\", \"{SENTINEL}"),
        format!("{{\"format_version\": {SENTINEL}}}"),
        format!("[\"{SENTINEL}\"]"),
    ] {
        let scratch = Scratch::new(&[("plan.json", &plan)]);
        let run = scratch.run(&["plan.json", "-v"]);
        assert_eq!(run.status, 2);
        check("the error of a broken plan", &run.whole());
    }
}

#[test]
fn a_broken_configuration_is_not_quoted() {
    let scratch = scratch("value");
    scratch.write("broken.tf", format!("resource \"a\" \"b\" {{\n  password = \"{SENTINEL}\n").as_bytes());
    scratch.write("broken.tf.json", format!("{{\"a\": {SENTINEL}").as_bytes());
    let run = scratch.run(&["plan.json", "--policy", "team", "-v"]);
    assert!(run.stdout.contains("does not parse"), "{}", run.stdout);
    check("a broken configuration", &run.whole());
}
