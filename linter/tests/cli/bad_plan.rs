//! Plans that cannot be linted: exit status 2, with what to do.

use insta::assert_snapshot;

use crate::common::{EMPTY_PLAN, Scratch};

fn run(plan: &[u8]) -> String {
    let scratch = Scratch::new(&[]);
    scratch.write("plan.json", plan);
    scratch.run(&["plan.json"]).whole()
}

#[test]
fn a_file_that_is_not_there() {
    assert_snapshot!(Scratch::new(&[]).run(&["paln.json"]).whole());
}

#[test]
fn a_misspelt_command_is_taken_for_a_plan_and_explained() {
    assert_snapshot!(Scratch::new(&[]).run(&["ruels"]).whole());
}

#[test]
fn an_empty_file() {
    assert_snapshot!(run(b""));
}

#[test]
fn text_that_is_not_json() {
    assert_snapshot!(run(b"{\"format_version\": \"1.2\", hunter2"));
}

#[test]
fn json_that_is_not_a_plan() {
    assert_snapshot!(run(b"{\"a\": 1}"));
    assert_snapshot!(run(b"[1]"));
}

#[test]
fn a_state() {
    assert_snapshot!(run(
        br#"{"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "x", "resources": []}"#
    ));
}

#[test]
fn a_binary_plan_is_told_how_to_become_json() {
    // What `terraform plan -out` writes is a zip archive.
    assert_snapshot!(run(b"PK\x03\x04\x14\x00\x08\x00\x08\x00tfplan"));
}

#[test]
fn a_format_of_the_future() {
    assert_snapshot!(run(br#"{"format_version": "2.0", "resource_changes": []}"#));
}

#[test]
fn a_folder() {
    let scratch = Scratch::new(&[("folder/x", "")]);
    assert_eq!(scratch.run(&["folder"]).status, 2);
}

#[test]
fn nesting_ten_thousand_deep() {
    let deep = format!(
        r#"{{"format_version":"1.2","resource_changes":[{{"address":"a.b","change":{{"after":{}1{}}}}}]}}"#,
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    let output = run(deep.as_bytes());
    assert!(output.starts_with("exit status 2"), "{output}");
    assert!(output.contains("nested deeper"), "{output}");
}

#[test]
fn one_bad_plan_does_not_hide_the_report_of_a_good_one() {
    let scratch = Scratch::new(&[("good.json", EMPTY_PLAN), ("bad.json", "")]);
    assert_snapshot!(scratch.run(&["bad.json", "good.json"]).whole());
}

#[test]
fn byte_order_marks_utf_16_and_log_lines_are_read() {
    let utf16: Vec<u8> =
        std::iter::once(0xfeff_u16).chain(EMPTY_PLAN.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let bom = [b"\xef\xbb\xbf", EMPTY_PLAN.as_bytes()].concat();
    let log = format!("terraform show -json\n{EMPTY_PLAN}\nDone.\n").into_bytes();
    for plan in [utf16, bom, log] {
        let output = run(&plan);
        assert!(output.starts_with("exit status 0"), "{output}");
    }
}
