//! Waivers and inline ignores: what they suppress, how that shows in each format, and what becomes of those that are over, unused or wrong.
//! The binary asks the clock, so a date that must not be over is in 2199 and one that must be is in 2020.

use insta::assert_snapshot;
use serde_json::Value;

use crate::common::{EMPTY_PLAN, Run, Scratch, finds, policy};

const TERMS: &str = "thresholds {\n  waiver_max_days = 100000\n}\n";

const MAIN: &str = r#"resource "aws_db_instance" "main" {
  username = "orders"
  password = "hunter2"
}

module "legacy" {
  source = "./legacy"
}
"#;

const LEGACY: &str = r#"resource "aws_db_instance" "old" {
  for_each = var.tenants
  password = "hunter3"
}
"#;

/// Four findings: two of `value.written` in the root and in a module, one of `team.open`, and one result that cannot tell.
fn scratch() -> Scratch {
    let scratch = Scratch::new(&[("plan.json", EMPTY_PLAN), ("main.tf", MAIN), ("legacy/main.tf", LEGACY)]);
    let places =
        [("aws_db_instance.main", "password"), (r#"module.legacy.aws_db_instance.old[\"a\"]"#, "password")];
    let written: String = places
        .iter()
        .map(|(address, path)| {
            format!("findings contains {{\"address\": \"{address}\", \"path\": [\"{path}\"], \"message\": \"this is wrong\"}}\n\n")
        })
        .collect();
    let written = written
        + "undetermined contains {\"address\": \"aws_db_instance.main\", \"path\": [\"username\"], \"message\": \"decided at apply\"}";
    scratch.write("team/written.rego", policy("value.written", "high", &written).as_bytes());
    let open = finds("team.open", "low", "aws_db_instance.main", "[]");
    scratch.write("team/open.rego", open.as_bytes());
    scratch
}

fn waiver(rule: &str, address: &str, until: &str) -> String {
    format!(
        "waiver {{\n  rule    = \"{rule}\"\n  address = \"{address}\"\n  reason  = \"moved to the store in Q1\"\n  owner   = \"team-orders\"\n  until   = \"{until}\"\n}}\n"
    )
}

const ARGUMENTS: [&str; 7] =
    ["plan.json", "--policy", "team", "--rule", "value.written", "--rule", "team.open"];

fn run(scratch: &Scratch, more: &[&str]) -> Run {
    scratch.run(&[&ARGUMENTS[..], more].concat())
}

/// A run with this in `secretlint.hcl`.
fn with_config(config: &str, more: &[&str]) -> Run {
    let scratch = scratch();
    scratch.write("secretlint.hcl", config.as_bytes());
    run(&scratch, more)
}

/// A run with `from` in `main.tf` replaced.
fn with_main(from: &str, to: &str, more: &[&str]) -> Run {
    assert!(MAIN.contains(from));
    let scratch = scratch();
    scratch.write("secretlint.hcl", TERMS.as_bytes());
    scratch.write("main.tf", MAIN.replace(from, to).as_bytes());
    run(&scratch, more)
}

/// Rule, address, path and decision of every suppressed finding.
#[track_caller]
fn suppressed(run: &Run) -> Vec<String> {
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"));
    let findings = report["findings"].as_array().unwrap();
    findings
        .iter()
        .filter(|finding| !finding["suppression"].is_null())
        .map(|finding| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            format!(
                "{} {} {} {}",
                text(&finding["rule"]),
                text(&finding["address"]),
                text(&finding["path"][0]),
                text(&finding["suppression"]["kind"])
            )
        })
        .collect()
}

const MAIN_PASSWORD: &str = "value.written aws_db_instance.main password";
const MAIN_USERNAME: &str = "value.written aws_db_instance.main username";
const MAIN_OPEN: &str = "team.open aws_db_instance.main ";
const OLD_PASSWORD: &str = "value.written module.legacy.aws_db_instance.old[\"a\"] password";

#[test]
fn a_waived_finding_does_not_count_and_is_still_known() {
    let config = format!("{TERMS}{}", waiver("*", "*", "2199-01-31"));
    assert_snapshot!("waived_human", with_config(&config, &[]).whole());
    assert_snapshot!("waived_verbose", with_config(&config, &["-v"]).whole());
    assert_snapshot!("waived_json", with_config(&config, &["--format", "json"]).whole());
    assert_snapshot!(
        "waived_sarif",
        with_config(&config, &["--format", "sarif", "--rule", "team.open"]).whole()
    );
}

#[test]
fn a_waiver_is_for_rules_addresses_and_paths() {
    let check = |waiver: String, expected: &[&str]| {
        let run = with_config(&format!("{TERMS}{waiver}"), &["--format", "json"]);
        let expected: Vec<String> = expected.iter().map(|finding| format!("{finding} waiver")).collect();
        assert_eq!(suppressed(&run), expected, "{waiver}");
        assert_eq!(run.status, 1);
    };
    check(waiver("value.written", "aws_db_instance.main", "2199-01-31"), &[MAIN_PASSWORD, MAIN_USERNAME]);
    check(waiver("value.*", "module.legacy.*", "2199-01-31"), &[OLD_PASSWORD]);
    check(waiver("value.*", "module.legacy.aws_db_instance.old[*]", "2199-01-31"), &[OLD_PASSWORD]);
    check(waiver("value.*", r#"module.legacy.aws_db_instance.old[\"a\"]"#, "2199-01-31"), &[OLD_PASSWORD]);
    check(waiver("value.*", r#"module.legacy.aws_db_instance.old[\"*\"]"#, "2199-01-31"), &[]);
    check(waiver("team.*", "*.main", "2199-01-31"), &[MAIN_OPEN]);
    let only = waiver("*", "aws_db_instance.main", "2199-01-31")
        .replace("  until", "  path = \"username\"\n  until");
    check(only, &[MAIN_USERNAME]);
}

#[test]
fn a_result_that_cannot_tell_can_be_waived_too() {
    let arguments = ["--on-unknown", "fail", "--skip", "team.open"];
    let waivers = format!("{TERMS}{}", waiver("value.*", "*", "2199-01-31"));
    assert_eq!(with_config(&waivers, &arguments).status, 0);
    let only_sure = waivers.replace("  until", "  path = \"password\"\n  until");
    assert_eq!(with_config(&only_sure, &arguments).status, 1);
}

#[test]
fn the_error_of_a_rule_cannot_be_waived() {
    let scratch = scratch();
    scratch.write("secretlint.hcl", format!("{TERMS}{}", waiver("*", "*", "2199-01-31")).as_bytes());
    let broken =
        policy("team.broken", "low", "findings contains finding if {\n\tfinding := {\"address\": 1}\n}");
    scratch.write("team/broken.rego", broken.as_bytes());
    let run = scratch.run(&["plan.json", "--policy", "team"]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
}

#[test]
fn a_waiver_that_is_over_has_no_effect_and_says_so() {
    let config = format!(
        "{TERMS}{}{}",
        waiver("value.*", "module.*", "2020-01-31"),
        waiver("value.*", "nowhere.*", "2020-01-31")
    );
    assert_snapshot!("expired", with_config(&config, &["--skip", "team.open", "-q"]).whole());
    // With nothing else to say it makes the run fail, and like other violations only from its severity on.
    let only = format!("{TERMS}{}", waiver("team.open", "nowhere.*", "2020-01-31"));
    assert_eq!(with_config(&only, &["--skip", "value.*"]).status, 1);
    let scratch = scratch();
    scratch.write("secretlint.hcl", only.as_bytes());
    let none = ["plan.json", "--policy", "team", "--rule", "lifecycle.*"];
    assert_eq!(scratch.run(&none).status, 1);
    assert_eq!(scratch.run(&[&none[..], &["--fail-on", "high"]].concat()).status, 0);
}

#[test]
fn a_waiver_that_covers_nothing_is_reported_and_does_not_fail_the_run() {
    let unused = format!("{TERMS}{}", waiver("team.open", "module.legacy.aws_db_instance.old", "2199-01-31"));
    let everything = waiver("*", "*", "2199-01-31");
    let config = format!("{unused}{everything}");
    assert_snapshot!("unused", with_config(&config, &[]).whole());
    let hidden = with_config(&format!("on_unused_waiver = \"pass\"\n{config}"), &[]);
    assert_eq!((hidden.status, hidden.stdout.contains("waiver.unused")), (0, false));
    assert_eq!(with_config(&format!("on_unused_waiver = \"fail\"\n{config}"), &[]).status, 1);
    // Nobody knows whether it is needed for a rule that was not asked, or for a plan that could not be read.
    let skipped = with_config(&config, &["--skip", "team.open"]);
    assert!(!skipped.stdout.contains("waiver.unused"), "{}", skipped.stdout);
    let unreadable = with_config(&config, &["missing.json"]);
    assert_eq!((unreadable.status, unreadable.stdout.contains("waiver.unused")), (2, false));
}

#[test]
fn a_waiver_without_instances_is_told_that_there_are_some() {
    let config =
        format!("{TERMS}{}", waiver("value.written", "module.legacy.aws_db_instance.old", "2199-01-31"));
    let run = with_config(&config, &[]);
    let said = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("there is a finding in module.legacy.aws_db_instance.old[\"a\"]: an address"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_waiver_that_ends_soon_is_a_warning() {
    let config = format!(
        "thresholds {{\n  waiver_max_days = 100000\n  waiver_warn_days = 99999\n}}\n{}",
        waiver("*", "*", "2199-01-31")
    );
    let run = with_config(&config, &[]);
    assert_snapshot!("ends_soon", run.whole());
}

#[test]
fn a_waiver_of_one_plan_is_not_unused_because_of_another() {
    let scratch = scratch();
    scratch.write("other.json", EMPTY_PLAN.as_bytes());
    scratch.write("secretlint.hcl", format!("{TERMS}{}", waiver("*", "*", "2199-01-31")).as_bytes());
    let run = run(&scratch, &["other.json"]);
    assert_eq!((run.status, run.stdout.contains("waiver.unused")), (0, false), "{}", run.stdout);
}

#[test]
fn a_wrong_waiver_is_shown_at_its_place() {
    for (name, waiver) in [
        ("wrong_rule", waiver("value.writen", "*", "2199-01-31")),
        ("wrong_date", waiver("value.written", "*", "31.1.2199")),
        ("wrong_term", waiver("value.written", "*", "2999-01-31")),
        ("wrong_own", waiver("waiver.expired", "*", "2199-01-31")),
        ("wrong_missing", "waiver {\n  rule = \"value.written\"\n}\n".to_owned()),
        ("wrong_address", waiver("value.written", "a.b[c]", "2199-01-31")),
    ] {
        let run = with_config(&format!("{TERMS}{waiver}"), &[]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{waiver}");
        insta::with_settings!({ filters => vec![TODAY] }, { assert_snapshot!(name, run.stderr) });
    }
}

/// The last day that may be named depends on the day of the test.
const TODAY: (&str, &str) = (r"today is \d{4}-\d\d-\d\d", "today is [DAY]");

const IGNORE: &str = "secretlint:ignore value.written until=2199-01-31 reason=\"moved to the store in Q1\"";

#[track_caller]
fn check_inline(from: &str, to: &str, expected: &[&str]) {
    let run = with_main(from, &to.replace("IGNORE", IGNORE), &["--format", "json"]);
    let expected: Vec<String> = expected.iter().map(|finding| format!("{finding} inline")).collect();
    assert_eq!(suppressed(&run), expected, "{to}");
}

#[test]
fn an_ignore_is_for_the_attribute_or_the_block_it_stands_at() {
    let password = "  password = \"hunter2\"";
    check_inline(password, &format!("{password} # IGNORE"), &[MAIN_PASSWORD]);
    check_inline(password, &format!("{password} // IGNORE"), &[MAIN_PASSWORD]);
    check_inline(password, &format!("{password} /* IGNORE */"), &[MAIN_PASSWORD]);
    check_inline(password, &format!("  # IGNORE\n{password}"), &[MAIN_PASSWORD]);
    check_inline(
        password,
        &format!("  /* IGNORE\n     owner=x */\n  # and more\n{password}"),
        &[MAIN_PASSWORD],
    );
    check_inline(password, &format!("  # IGNORE\n\n{password}"), &[]);
    check_inline(password, "  password = join(\"\", [\n    \"hunter2\",\n  ]) # IGNORE", &[MAIN_PASSWORD]);
    let head = "resource \"aws_db_instance\" \"main\" {";
    check_inline(head, &format!("# IGNORE\n{head}"), &[MAIN_PASSWORD, MAIN_USERNAME]);
    check_inline(head, &format!("{head} # IGNORE"), &[MAIN_PASSWORD, MAIN_USERNAME]);
    check_inline("module \"legacy\" {", "// IGNORE\nmodule \"legacy\" {", &[OLD_PASSWORD]);
}

#[test]
fn an_ignore_in_a_module_is_for_all_its_instances() {
    let scratch = scratch();
    scratch.write("secretlint.hcl", TERMS.as_bytes());
    scratch.write(
        "legacy/main.tf",
        LEGACY.replace("  password", &format!("  # {IGNORE}\n  password")).as_bytes(),
    );
    assert_eq!(suppressed(&run(&scratch, &["--format", "json"])), [format!("{OLD_PASSWORD} inline")]);
}

#[test]
fn an_ignore_names_all_rules_that_it_is_for() {
    let head = "resource \"aws_db_instance\" \"main\" {";
    let both = IGNORE.replace("value.written", "value.*, team.open");
    let run = with_main(head, &format!("# {both}\n{head}"), &["--format", "json"]);
    let expected = [MAIN_OPEN, MAIN_PASSWORD, MAIN_USERNAME].map(|finding| format!("{finding} inline"));
    assert_eq!(suppressed(&run), expected);
}

#[test]
fn an_ignored_finding_shows_who_ignores_it() {
    let password = "  password = \"hunter2\"";
    let ignore = format!("{password} # {IGNORE} owner=\"team-orders\"");
    assert_snapshot!("ignored_verbose", with_main(password, &ignore, &["-v", "--skip", "team.open"]).whole());
    let sarif = with_main(password, &ignore, &["--format", "sarif"]).stdout;
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    let suppressions: Vec<&Value> = sarif["runs"][0]["results"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|result| result["suppressions"].as_array().unwrap())
        .collect();
    assert_snapshot!("ignored_sarif", serde_json::to_string_pretty(&suppressions).unwrap());
}

#[test]
fn an_ignore_that_is_over_or_unused_is_reported_where_it_stands() {
    let password = "  password = \"hunter2\"";
    let over = IGNORE.replace("2199", "2020");
    let unused = IGNORE.replace("value.written", "value.written,team.open");
    let to = format!("{password} # {over}\n  port = 5432 # {unused}");
    assert_snapshot!(
        "ignores_over_and_unused",
        with_main(password, &to, &["--skip", "team.open", "-q"]).whole()
    );
}

#[test]
fn a_wrong_ignore_ends_the_run() {
    let password = "  password = \"hunter2\"";
    let wrong = [
        "secretlint:ignore value.written until=2199-01-31",
        "secretlint:ignore value.writen until=2199-01-31 reason=\"x\"",
        "secretlint:ignore value.written until=2999-01-31 reason=\"x\"",
        "secretlint:ingore value.written",
        "secretlint:ignore value.written untill=2199-01-31 reason=\"x\"",
    ];
    let to: String = wrong.iter().map(|comment| format!("  # {comment}\n")).collect();
    let wrong_run = with_main(password, &format!("{to}{password}"), &[]);
    insta::with_settings!({ filters => vec![TODAY] }, { assert_snapshot!("wrong_ignores", wrong_run.whole()) });
    // Also in a file where nothing is found.
    let scratch = scratch();
    scratch.write("legacy/other.tf", b"locals {\n  a = 1 # secretlint:ignore\n}\n");
    let run = run(&scratch, &[]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("legacy/other.tf:2: there is no rule to ignore"), "{}", run.stderr);
}

#[test]
fn what_looks_like_an_ignore_and_is_none_is_a_warning() {
    let scratch = scratch();
    scratch.write("other.tf.json", b"{\"//\": \"secretlint:ignore value.written\", \"locals\": {}}");
    scratch.write("other.tf", format!("# todo, then {IGNORE}\nlocals {{}}\n").as_bytes());
    let run = run(&scratch, &["--skip", "value.*"]);
    assert_snapshot!("unheeded", run.whole());
}

#[test]
fn results_about_waivers_are_explained() {
    let scratch = Scratch::new(&[]);
    for (name, start) in
        [("waiver.expired", "waiver.expired (medium)\n"), ("waiver.unused", "waiver.unused (low)\n")]
    {
        let run = scratch.run(&["explain", name]);
        assert_eq!((run.status, run.stderr.as_str()), (0, ""));
        assert!(run.stdout.starts_with(start) && run.stdout.contains("\nWhat to do:\n"), "{run:?}");
    }
}
