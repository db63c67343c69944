//! What the options do, and the exit status.

use insta::assert_snapshot;

use crate::common::{EMPTY_PLAN, Scratch, bundled_rules, finds, policy};

/// A rule of each severity, and one that cannot tell.
fn scratch() -> Scratch {
    let scratch = Scratch::new(&[("plan.json", EMPTY_PLAN)]);
    for severity in ["low", "medium", "high", "critical"] {
        let rule = finds(&format!("team.{severity}"), severity, "a_b.c", "[\"d\", 0]");
        scratch.write(&format!("team/{severity}.rego"), rule.as_bytes());
    }
    let unsure = "findings contains finding if {\n\tfinding := input.nothing\n}\n\nundetermined contains {\"address\": \"a_b.c\", \"path\": [], \"message\": \"decided at apply\"}";
    scratch.write("team/unsure.rego", policy("team.unsure", "high", unsure).as_bytes());
    scratch
}

#[track_caller]
fn status(arguments: &[&str], expected: i32) -> String {
    let run = scratch().run(&[&["plan.json", "--policy", "team", "--rule", "team.*"], arguments].concat());
    assert_eq!(run.status, expected, "{arguments:?}: {}{}", run.stdout, run.stderr);
    run.stdout
}

#[test]
fn a_severity_below_the_limit_does_not_fail_the_run() {
    status(&[], 1);
    status(&["--skip", "team.low", "--skip", "team.medium"], 1);
    status(&["--skip", "team.[lm]*", "--fail-on", "high"], 1);
    status(&["--skip", "team.critical", "--skip", "team.high", "--fail-on", "high"], 0);
    status(&["--skip", "team.critical", "--fail-on", "critical"], 0);
    status(&["--fail-on", "none"], 0);
}

#[test]
fn an_undetermined_result_is_shown_hidden_or_fails() {
    let only = ["--skip", "team.[!u]*"];
    let shown = status(&only, 0);
    assert!(shown.contains("undetermined (high): decided at apply"), "{shown}");
    let hidden = status(&[&only[..], &["--on-unknown", "pass"]].concat(), 0);
    assert_eq!(hidden, "no findings (1 rule in 1 plan)\n");
    status(&[&only[..], &["--on-unknown", "fail"]].concat(), 1);
    let quiet = status(&[&only[..], &["--quiet"]].concat(), 0);
    assert_eq!(quiet, "no findings, 1 undetermined (1 rule in 1 plan)\n");
}

#[test]
fn a_pattern_that_matches_no_rule_is_an_error() {
    let scratch = scratch();
    assert_snapshot!(scratch.run(&["plan.json", "--rule", "grant.wildcard_pricipal"]).whole());
    assert_snapshot!(
        scratch.run(&["plan.json", "--policy", "team", "--rule", "team.*", "--skip", "team.*"]).whole()
    );
    assert_eq!(scratch.run(&["plan.json", "--rule", "[", "--policy", "team"]).status, 2);
}

#[test]
fn findings_without_files_are_reported_by_address() {
    let run = scratch().run(&["plan.json", "--policy", "team", "--rule", "team.*"]);
    assert_snapshot!(run.whole());
}

#[test]
fn what_no_rule_could_read_is_undetermined_and_never_a_pass() {
    let plan = r#"{"format_version":"1.2","resource_changes":[{"address":"aws_iam_policy.p","mode":"managed","type":"aws_iam_policy",
        "name":"p","provider_name":"registry.terraform.io/hashicorp/aws","change":{"actions":["create"],"before":null,
        "after":{"name":"p","policy":"{not json"},"after_unknown":{}}}],"configuration":{"root_module":{}}}"#;
    let scratch = Scratch::new(&[("plan.json", plan)]);
    let run = scratch.run(&["plan.json"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stdout.contains("this could not be read, so no rule has looked at it"), "{}", run.stdout);
    assert!(run.stdout.contains("in aws_iam_policy.p, policy"), "{}", run.stdout);
    assert_eq!(scratch.run(&["plan.json", "--on-unknown", "fail"]).status, 1);
    assert_eq!(scratch.run(&["plan.json", "--format", "sarif"]).status, 0);
}

#[test]
fn global_options_stand_before_or_after_a_command() {
    let scratch = scratch();
    for arguments in [["--policy", "team", "rules"], ["rules", "--policy", "team"]] {
        let run = scratch.run(&arguments);
        assert_eq!(run.status, 0, "{run:?}");
        assert!(run.stdout.contains("team.high"), "{}", run.stdout);
    }
}

#[test]
fn an_argument_that_a_command_would_ignore_is_an_error() {
    for arguments in [&["--fail-on", "high", "rules"][..], &["--quiet", "rules"]] {
        let run = scratch().run(arguments);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""));
        assert!(
            run.stderr.contains("belongs to checking a plan, and `rules` is another command"),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn several_plans_are_reported_by_name() {
    let scratch = scratch();
    scratch.write("other.json", EMPTY_PLAN.as_bytes());
    assert_snapshot!(
        scratch.run(&["plan.json", "other.json", "--policy", "team", "--rule", "team.high", "-q"]).whole()
    );
}

#[test]
fn standard_input_is_a_plan() {
    let scratch = Scratch::new(&[]);
    let run = scratch.run_with_input(&["-"], EMPTY_PLAN.as_bytes());
    assert_eq!((run.status, run.stdout), (0, format!("no findings ({} rules in 1 plan)\n", bundled_rules())));
}

#[test]
fn the_configuration_file_decides_what_the_command_line_leaves_open() {
    let scratch = scratch();
    scratch.write(
        "secretlint.hcl",
        b"fail_on = \"critical\"\nrule \"team.critical\" {\n  severity = \"high\"\n}\nrule \"team.low\" {\n  enabled = false\n}\n",
    );
    let arguments = ["plan.json", "--policy", "team", "--rule", "team.*", "-q"];
    let run = scratch.run(&arguments);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(
        run.stdout.ends_with("3 findings: 2 high, 1 medium, 1 undetermined (4 rules in 1 plan)\n"),
        "{}",
        run.stdout
    );
    assert_eq!(scratch.run(&[&arguments[..], &["--fail-on", "medium"]].concat()).status, 1);
}

#[test]
fn a_rule_says_nothing_beyond_the_addresses_it_is_limited_to() {
    let scratch = scratch();
    let arguments = ["plan.json", "--policy", "team", "--rule", "team.high", "--format", "json"];
    let count = |limit: &str| {
        scratch.write("secretlint.hcl", format!("rule \"team.high\" {{\n  {limit}\n}}\n").as_bytes());
        let run = scratch.run(&arguments);
        let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        (
            run.status,
            report["findings"].as_array().map(Vec::len),
            report["suppressed"].as_array().map(Vec::len),
        )
    };
    let (everywhere, nowhere) = (count("enabled = true"), count("except = [\"a_b.*\"]"));
    assert_eq!((everywhere.0, everywhere.1), (1, Some(1)));
    assert_eq!((nowhere.0, nowhere.1, nowhere.2), (0, Some(0), everywhere.2), "not even as suppressed");
    assert_eq!(count("only = [\"a_b.c\"]"), everywhere);
    assert_eq!(count("only = [\"module.prod.*\"]"), nowhere);
}

#[test]
fn a_limit_that_cannot_be_meant_is_shown_at_its_place() {
    let scratch = Scratch::new(&[
        ("plan.json", EMPTY_PLAN),
        ("a.hcl", "rule \"value.literal\" {\n  only = [\"module.prod[a].*\"]\n}\n"),
        ("b.hcl", "rule \"value.literal\" {\n}\nrule \"value.literal\" {\n  severity = \"low\"\n}\n"),
    ]);
    for file in ["a.hcl", "b.hcl"] {
        assert_snapshot!(format!("limit_{file}"), scratch.run(&["plan.json", "--config", file]).whole());
    }
}

#[test]
fn a_wrong_configuration_file_is_shown_at_its_place() {
    let scratch = Scratch::new(&[
        ("plan.json", EMPTY_PLAN),
        ("a.hcl", "fail_on = \"hihg\"\nthreshold {\n}\n"),
        ("b.hcl", "rule \"grant.wildcard_pricipal\" {\n  enabled = false\n}\n"),
        ("c.hcl", "fail_on = \n"),
    ]);
    for file in ["a.hcl", "b.hcl", "c.hcl", "d.hcl"] {
        assert_snapshot!(file, scratch.run(&["plan.json", "--config", file]).whole());
    }
}

#[test]
fn thresholds_reach_the_rules() {
    let body = "findings contains finding if {\n\tfinding := {\"address\": \"a\", \"path\": [], \"message\": sprintf(\"%v days\", [input.config.thresholds.rotation_max_days])}\n}";
    let scratch = Scratch::new(&[
        ("plan.json", EMPTY_PLAN),
        ("team/r.rego", &policy("team.r", "low", body)),
        ("secretlint.hcl", "thresholds {\n  rotation_max_days = 45\n}\n"),
    ]);
    let run = scratch.run(&["plan.json", "--policy", "team", "--rule", "team.r"]);
    assert!(run.stdout.contains("low: 45 days"), "{}", run.stdout);
}

#[test]
fn a_report_that_cannot_be_written_is_an_error() {
    let scratch = scratch();
    let run = scratch.run(&["plan.json", "--output", "no/such/folder.txt"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("cannot write the report to `no/such/folder.txt`"), "{}", run.stderr);
    assert_eq!(scratch.run(&["plan.json", "--output", "report.txt"]).status, 0);
    assert_eq!(scratch.read("report.txt"), format!("no findings ({} rules in 1 plan)\n", bundled_rules()));
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_error() {
    use std::process::Stdio;
    let scratch = scratch();
    let mut child =
        scratch.command(&["rules"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let status =
        scratch().command(&["rules"]).stdout(full).stderr(std::process::Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(2));
}

#[test]
fn colours_are_used_only_where_they_are_wanted() {
    let scratch = scratch();
    let arguments = ["plan.json", "--policy", "team", "--rule", "team.high"];
    assert!(!scratch.run(&arguments).stdout.contains('\u{1b}'));
    assert!(scratch.run(&[&arguments[..], &["--color", "always"]].concat()).stdout.contains('\u{1b}'));
}

#[test]
fn the_environment_decides_about_colours_where_the_option_does_not() {
    let scratch = scratch();
    let arguments = ["plan.json", "--policy", "team", "--rule", "team.high"];
    let is_coloured = |color: &str, environment: &[(&str, &str)]| {
        let mut command = scratch.command(&[&arguments[..], &["--color", color]].concat());
        let output = command.envs(environment.iter().copied()).output().unwrap();
        output.stdout.contains(&0x1b)
    };
    // Standard output is a pipe here, which by itself wants none.
    assert!(!is_coloured("auto", &[]));
    assert!(is_coloured("auto", &[("CLICOLOR_FORCE", "1")]));
    assert!(!is_coloured("auto", &[("CLICOLOR_FORCE", "0")]));
    assert!(!is_coloured("auto", &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(is_coloured("auto", &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "")]), "an empty one is none");
    assert!(is_coloured("always", &[("NO_COLOR", "1")]), "an option goes before the environment");
    assert!(!is_coloured("never", &[("CLICOLOR_FORCE", "1")]));
}

#[test]
fn a_wrong_option_is_shown_like_every_other_problem() {
    let scratch = scratch();
    assert_snapshot!(scratch.run(&["plan.json", "--formt", "json"]).whole());
    assert_snapshot!(scratch.run(&["explain"]).whole());
    assert_eq!(scratch.run(&["plan.json", "-q", "-v"]).status, 2);
    let help = scratch.run(&["--help"]);
    assert_eq!((help.status, help.stderr.as_str()), (0, ""));
    assert!(help.stdout.contains("Exit status: 0 clean"), "{}", help.stdout);
}

#[test]
fn completions_are_written_for_every_shell() {
    let scratch = scratch();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let run = scratch.run(&["completions", shell]);
        assert_eq!((run.status, run.stderr.as_str()), (0, ""));
        assert!(run.stdout.contains("secretlint") && run.stdout.contains("on-unknown"), "{shell}");
    }
    assert_eq!(scratch.run(&["completions", "tcsh"]).status, 2);
}

#[cfg(unix)]
#[test]
fn bash_completes_an_option_and_a_form() {
    let scratch = scratch();
    scratch.write("completion", scratch.run(&["completions", "bash"]).stdout.as_bytes());
    let complete = |words: &str, last: &str, before: &str| {
        let script = format!(
            "source ./completion; COMP_WORDS=({words}); COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 )); _secretlint secretlint '{last}' '{before}'; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        let output = std::process::Command::new("bash")
            .args(["--norc", "-c", &script])
            .current_dir(scratch.path())
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(complete("secretlint --on-un", "--on-un", "secretlint"), "--on-unknown\n");
    assert_eq!(complete("secretlint --format sa", "sa", "--format"), "sarif\n");
}

#[test]
fn the_manual_page_describes_options_and_commands() {
    let run = scratch().run(&["man"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    for part in
        [".TH secretlint 1", ".SH OPTIONS", "\\-\\-fail\\-on", ".SH SUBCOMMANDS", "secretlint\\-explain(1)"]
    {
        assert!(run.stdout.contains(part), "{part} is not in\n{}", run.stdout);
    }
}

#[test]
fn no_argument_is_a_question() {
    assert_snapshot!(Scratch::new(&[]).run(&[]).whole());
}

#[test]
fn a_rule_is_explained() {
    let scratch = scratch();
    assert_snapshot!(scratch.run(&["explain", "team.high", "--policy", "team"]).whole());
    assert_snapshot!(scratch.run(&["explain", "team.hihg", "--policy", "team"]).whole());
}

#[test]
fn rules_are_listed() {
    let scratch = scratch();
    let run = scratch.run(&["rules", "--policy", "team"]);
    assert_eq!(run.status, 0);
    assert!(run.stdout.contains("high      team.high"), "{}", run.stdout);
    let json = scratch.run(&["rules", "--format", "json"]).stdout;
    let rules: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(rules.as_array().map(Vec::len), Some(bundled_rules()));
    assert_eq!(rules[0]["id"], "audit.short_retention");
}

#[test]
fn facts_are_printed_with_the_configuration() {
    let scratch = scratch();
    let facts: serde_json::Value =
        serde_json::from_str(&scratch.run(&["facts", "plan.json"]).stdout).unwrap();
    assert_eq!(facts["format_version"], "1.2");
    assert_eq!(facts["config"]["thresholds"]["recovery_min_days"], 7.0);
    assert_eq!(scratch.run(&["facts", "nothing.json"]).status, 2);
}

#[test]
fn a_result_of_the_linter_itself_is_explained() {
    let run = Scratch::new(&[]).run(&["explain", "linter.unreadable"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert!(
        run.stdout.starts_with("linter.unreadable (medium") && run.stdout.contains("\nWhat to do:\n"),
        "{run:?}"
    );
}
