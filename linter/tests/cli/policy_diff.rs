//! `secretlint diff`, on real git repositories.

use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;

use crate::common::{EMPTY_PLAN, Run, Scratch, policy};

fn git(folder: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"])
        .args(["-c", "init.defaultBranch=main"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A rule that says `messages` of one resource each.
fn rule(package: &str, severity: &str, findings: &[(&str, &str)]) -> String {
    let body: String = findings
        .iter()
        .map(|(address, message)| {
            format!("findings contains {{\"address\": {address:?}, \"path\": [\"name\"], \"message\": {message:?}}} if input.secrets\n\n")
        })
        .collect();
    policy(package, severity, &body)
}

/// A repository whose first commit has two rules, and whose working tree has them changed, one gone and one new.
fn repository() -> Scratch {
    let scratch = Scratch::new(&[
        (
            "policies/team/kept.rego",
            &rule("team.kept", "low", &[("a.x", "as it was"), ("a.y", "goes away"), ("a.z", "old words")]),
        ),
        ("policies/team/graver.rego", &rule("team.graver", "low", &[("a.x", "the same words")])),
        ("policies/team/gone.rego", &rule("team.gone", "low", &[("a.x", "nobody will say this")])),
        ("plans/one.json", EMPTY_PLAN),
        ("plans/two.json", EMPTY_PLAN),
    ]);
    git(scratch.path(), &["init", "-q"]);
    git(scratch.path(), &["add", "."]);
    git(scratch.path(), &["commit", "-q", "-m", "first"]);
    scratch.write(
        "policies/team/kept.rego",
        rule("team.kept", "low", &[("a.x", "as it was"), ("a.z", "new | <words>")]).as_bytes(),
    );
    scratch.write(
        "policies/team/graver.rego",
        rule("team.graver", "critical", &[("a.x", "the same words")]).as_bytes(),
    );
    scratch.write("policies/team/new.rego", rule("team.new", "high", &[("a.x", "this is new")]).as_bytes());
    std::fs::remove_file(scratch.path().join("policies/team/gone.rego")).unwrap();
    scratch
}

fn run(scratch: &Scratch, arguments: &[&str]) -> Run {
    let output = scratch.command(arguments).env("PATH", std::env::var_os("PATH").unwrap()).output().unwrap();
    Run {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

const PLANS: [&str; 4] = ["diff", "HEAD", "--plans", "plans/*.json"];

#[test]
fn a_change_shows_what_it_adds_removes_and_changes() {
    assert_snapshot!(run(&repository(), &PLANS).whole());
}

#[test]
fn a_comment_for_a_pull_request() {
    assert_snapshot!(run(&repository(), &[&PLANS[..], &["--format", "markdown"]].concat()).whole());
}

#[test]
fn a_comment_is_never_too_long_for_a_pull_request() {
    let scratch = repository();
    let many: Vec<(String, String)> =
        (0..900).map(|index| (format!("a.r{index}"), "m".repeat(100))).collect();
    let many: Vec<(&str, &str)> =
        many.iter().map(|(address, message)| (address.as_str(), message.as_str())).collect();
    scratch.write("policies/team/new.rego", rule("team.new", "high", &many).as_bytes());
    let run = run(&scratch, &[&PLANS[..], &["--format", "markdown"]].concat());
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.len() < 65_536, "{}", run.stdout.len());
    assert!(run.stdout.contains(" findings more: run `secretlint diff HEAD`."), "the rest is counted");
    assert_eq!(run.stdout.matches("<details>").count(), run.stdout.matches("</details>").count());
}

#[test]
fn a_change_for_a_program() {
    let run = run(&repository(), &[&PLANS[..], &["--format", "json"]].concat());
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["findings"], serde_json::json!({"added": 2, "removed": 4, "changed": 4}));
    assert_eq!(document["rules_added"], serde_json::json!(["team.new"]));
    assert_eq!(document["commit"].as_str().map(str::len), Some(40));
    assert_eq!(document["rules"]["team.graver"][0]["after"]["severity"], "critical");
}

#[test]
fn a_change_fails_only_if_asked_to() {
    let scratch = repository();
    assert_eq!(run(&scratch, &[&PLANS[..], &["--fail-on-change"]].concat()).status, 1);
    git(scratch.path(), &["add", "-A"]);
    git(scratch.path(), &["commit", "-q", "-m", "second"]);
    let same = run(&scratch, &[&PLANS[..], &["--fail-on-change"]].concat());
    assert_eq!(
        (same.status, same.stdout.as_str()),
        (0, "HEAD → working tree, 2 plans: no finding changes\n")
    );
    assert_eq!(run(&scratch, &["diff", "HEAD~1", "--plans", "plans/*.json", "--fail-on-change"]).status, 1);
}

#[test]
fn a_folder_below_the_root_is_found_in_the_commit() {
    let scratch = repository();
    let run = run(&scratch, &["diff", "main", "--policy", "policies/team", "--plans", "plans/*.json"]);
    assert!(
        run.stdout.contains("new rule: team.new") && run.stdout.contains("rule removed: team.gone"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_policy_that_does_not_parse_is_named_with_its_side() {
    let scratch = repository();
    scratch.write("policies/team/new.rego", b"package team.new\n\nfindings contains {\n");
    assert_snapshot!(run(&scratch, &PLANS).whole());
    git(scratch.path(), &["add", "-A"]);
    git(scratch.path(), &["commit", "-q", "-m", "broken"]);
    scratch.write("policies/team/new.rego", rule("team.new", "high", &[]).as_bytes());
    std::fs::remove_file(scratch.path().join("policies/team/new.rego")).unwrap();
    assert_snapshot!(run(&scratch, &PLANS).whole());
}

#[test]
fn what_git_cannot_give_is_an_error() {
    let scratch = repository();
    assert_snapshot!(run(&scratch, &["diff", "no-such-branch", "--plans", "plans/*.json"]).whole());
    assert_eq!(run(&scratch, &["diff", "--plans", "plans/*.json", "--", "--output=x"]).status, 2);
    let outside = Scratch::new(&[
        ("policies/a.rego", &rule("team.a", "low", &[("a", "b")])),
        ("plan.json", EMPTY_PLAN),
    ]);
    assert_snapshot!(run(&outside, &["diff", "HEAD", "--plans", "plan.json"]).whole());
    // Without a PATH there is no git.
    let nothing = Scratch::new(&[]);
    let mut command = scratch.command(&PLANS);
    let output = command.env("PATH", nothing.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("`git` cannot be started"), "{stderr}");
}

#[test]
fn snapshots_show_what_a_change_of_rules_moves() {
    let scratch = repository();
    let check = ["test", "policies", "--plans", "plans/*.json"];
    let first = run(&scratch, &check);
    assert_eq!(first.status, 1);
    assert!(first.stdout.contains("plans/one.json: has no snapshot yet"), "{}", first.stdout);
    let update = [&check[..], &["--update"]].concat();
    assert_eq!(run(&scratch, &update).status, 0);
    assert_snapshot!(scratch.read("policies/snapshots/plans/one.json"));
    let same = run(&scratch, &check);
    assert_eq!((same.status, same.stdout.as_str()), (0, "2 plans: as in the snapshots\n"));
    scratch.write("policies/team/new.rego", rule("team.new", "high", &[("a.x", "this is newer")]).as_bytes());
    std::fs::remove_file(scratch.path().join("plans/two.json")).unwrap();
    assert_snapshot!(run(&scratch, &check).whole());
    assert_snapshot!(run(&scratch, &update).whole());
    assert!(!scratch.path().join("policies/snapshots/plans/two.json").exists());
    assert_eq!(run(&scratch, &check).status, 0);
}

#[test]
fn a_snapshot_that_is_none_or_cannot_be_written_is_an_error() {
    let scratch = repository();
    let check = ["test", "policies", "--plans", "plans/*.json", "--snapshots", "kept"];
    scratch.write("kept/plans/one.json", b"not json");
    assert_eq!(run(&scratch, &check).status, 2);
    scratch.write("file", b"");
    let run =
        run(&scratch, &["test", "policies", "--plans", "plans/*.json", "--snapshots", "file", "--update"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("`file/plans"), "{}", run.stderr);
}
