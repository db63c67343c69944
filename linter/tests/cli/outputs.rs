//! Several reports in one run, and everything that can be wrong with where they go.

use std::process::Stdio;

use crate::common::{EMPTY_PLAN, Scratch, finds};

fn scratch() -> Scratch {
    let rule = finds("team.one", "high", "a_b.c", "[\"d\"]");
    Scratch::new(&[("plan.json", EMPTY_PLAN), ("team/one.rego", &rule), ("folder/x", "")])
}

const ARGUMENTS: [&str; 5] = ["plan.json", "--policy", "team", "--rule", "team.one"];

#[test]
fn one_run_writes_many_reports() {
    let scratch = scratch();
    let outputs = [
        "--output",
        "sarif=x.sarif",
        "--output",
        "html=folder/report.html",
        "--output",
        "json=x.json",
        "--output",
        "human=x=y.txt",
    ];
    let run = scratch.run(&[&ARGUMENTS[..], &outputs].concat());
    assert_eq!((run.status, run.stderr.as_str()), (1, ""));
    assert!(run.stdout.ends_with("1 finding: 1 high (1 rule in 1 plan)\n"), "{}", run.stdout);
    assert_eq!(scratch.read("x=y.txt"), run.stdout);
    for (format, file) in [("sarif", "x.sarif"), ("html", "folder/report.html"), ("json", "x.json")] {
        let alone = scratch.run(&[&ARGUMENTS[..], &["--format", format]].concat());
        assert_eq!(scratch.read(file), alone.stdout, "{format}");
    }
}

#[test]
fn a_file_without_a_form_takes_the_place_of_standard_output() {
    let scratch = scratch();
    let outputs = ["--format", "json", "--output", "x.json", "--output", "sarif=x.sarif"];
    let run = scratch.run(&[&ARGUMENTS[..], &outputs].concat());
    assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (1, "", ""));
    assert!(scratch.read("x.json").contains("schema_version"));
    assert!(scratch.read("x.sarif").contains("2.1.0"));
}

/// Exit status 2 and this message, before the plan is read: its error would come otherwise.
#[track_caller]
fn refused(outputs: &[&str], message: &str, help: &str) {
    let scratch = scratch();
    scratch.write("plan.json", b"no plan at all");
    let run = scratch.run(&[&["plan.json"], outputs].concat());
    assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{outputs:?}");
    assert!(run.stderr.contains(message) && run.stderr.contains(help), "{}", run.stderr);
    assert!(!run.stderr.contains("plan.json` is"), "{}", run.stderr);
}

#[test]
fn what_cannot_be_written_is_known_before_the_plan_is_read() {
    refused(&["--output", "no/such/x.txt"], "cannot write the report to `no/such/x.txt`", "make the folder");
    refused(&["--output", "json=folder"], "cannot write the report to `folder`", "");
    refused(
        &["--output", "json=x", "--output", "sarif=./x"],
        "two reports are to be written to `./x`",
        "of its own",
    );
    refused(
        &["--output", "x", "--output", "y"],
        "`--output y` is the second report without a form",
        "FORMAT=FILE",
    );
    refused(&["--output", "sarfi=x"], "`sarfi` is no form of a report", "did you mean `sarif`?");
    refused(&["--output", "html="], "`--output html=` names no file", "");
    refused(
        &["--output", "json=plan.json"],
        "the report would overwrite the plan `plan.json`",
        "another name",
    );
    refused(
        &["--format", "xml"],
        "invalid value 'xml' for '--format <FORMAT>'",
        "possible values: human, json",
    );
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_two_names_of_one_file_are_one() {
    let scratch = scratch();
    scratch.write("real.json", b"before");
    std::os::unix::fs::symlink("real.json", scratch.path().join("link.json")).unwrap();
    let two = scratch
        .run(&[&ARGUMENTS[..], &["--output", "json=real.json", "--output", "sarif=link.json"]].concat());
    assert_eq!(two.status, 2);
    assert_eq!(scratch.read("real.json"), "before", "what is refused writes nothing");
    assert_eq!(scratch.run(&[&ARGUMENTS[..], &["--output", "json=link.json"]].concat()).status, 1);
    assert!(scratch.read("real.json").contains("schema_version"));
    assert!(scratch.path().join("link.json").is_symlink());
}

#[cfg(unix)]
#[test]
fn a_report_has_the_rights_of_any_new_file_and_keeps_those_of_an_old_one() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = scratch();
    let mode =
        |name: &str| std::fs::metadata(scratch.path().join(name)).unwrap().permissions().mode() & 0o777;
    scratch.write("ordinary", b"");
    scratch.write("private.json", b"");
    std::fs::set_permissions(scratch.path().join("private.json"), std::fs::Permissions::from_mode(0o640))
        .unwrap();
    scratch
        .run(&[&ARGUMENTS[..], &["--output", "json=private.json", "--output", "sarif=new.sarif"]].concat());
    assert_eq!((mode("private.json"), mode("new.sarif")), (0o640, mode("ordinary")));
    let left: Vec<String> = std::fs::read_dir(scratch.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(".secretlint"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_is_written_to_and_not_replaced() {
    let scratch = scratch();
    let outputs = ["--output", "json=/dev/null", "--output", "sarif=/dev/null"];
    let run = scratch.run(&[&ARGUMENTS[..], &outputs].concat());
    assert_eq!((run.status, run.stderr.as_str()), (1, ""));
    let kind =
        std::os::unix::fs::FileTypeExt::is_char_device(&std::fs::metadata("/dev/null").unwrap().file_type());
    assert!(kind);
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_still_lets_files_be_written() {
    let scratch = scratch();
    let mut command = scratch.command(&[&ARGUMENTS[..], &["--output", "json=x.json"]].concat());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(1), ""));
    assert!(scratch.read("x.json").ends_with("}\n"));
}

#[test]
fn twenty_plans_are_reported_in_the_order_given() {
    let scratch = scratch();
    let names: Vec<String> = (0..20).map(|number| format!("plan{:02}.json", (number * 7) % 20)).collect();
    for name in &names {
        scratch.write(name, EMPTY_PLAN.as_bytes());
    }
    scratch.write("plan05.json", b"");
    scratch.write("plan11.json", b"{}");
    let mut arguments: Vec<&str> = names.iter().map(String::as_str).collect();
    arguments.extend(["--policy", "team", "--rule", "team.one", "--format", "json"]);
    let run = scratch.run(&arguments);
    assert_eq!(run.status, 2, "two of them cannot be read");
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let reported: Vec<&str> =
        report["plans"].as_array().unwrap().iter().map(|plan| plan["name"].as_str().unwrap()).collect();
    let expected: Vec<&str> = names
        .iter()
        .map(String::as_str)
        .filter(|name| !["plan05.json", "plan11.json"].contains(name))
        .collect();
    assert_eq!(reported, expected);
    let (first, second) = (run.stderr.find("plan05.json").unwrap(), run.stderr.find("plan11.json").unwrap());
    assert_eq!(
        first < second,
        names.iter().position(|name| name == "plan05.json")
            < names.iter().position(|name| name == "plan11.json")
    );
    assert!(!run.stderr.contains("of 20 plans"), "no progress where nobody watches: {}", run.stderr);
}
