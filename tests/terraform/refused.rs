//! What is wrong is said before anything is done: which argument, why, and what to do.

use std::process::Command;

use secretlint_tests::on_each_terraform;
use secretlint_tests::process::Running;
use secretlint_tests::programs;
use secretlint_tests::terraform::Workspace;

use crate::store::configure;

/// Expects that a secret with these arguments is refused at plan, with all these texts.
#[track_caller]
fn refuses(terraform: &mut Workspace, resources: &str, texts: &[&str]) {
    configure(terraform, resources);
    let mut planned = terraform.plan().exits_with(1);
    for text in texts {
        planned = planned.says(text);
    }
    assert!(!terraform.folder().join("store").exists(), "a refused plan wrote to the store");
}

fn secret(arguments: &str) -> String {
    format!("resource \"secret\" \"one\" {{\n{arguments}\n}}\n")
}

on_each_terraform! {
    /// Names that leave the store's folder, or that no file system takes.
    fn a_name_that_is_none_is_refused(terraform) {
        for name in ["../outside", "a/../../b", "/absolute", "", "a//b", "nul\\u0000byte"] {
            refuses(terraform, &secret(&format!("name = \"{name}\"")), &["name"]);
        }
        refuses(terraform, &secret(&format!("name = \"{}\"", "x".repeat(300))), &["name", "300 bytes"]);
    }

    /// Long and foreign names are names.
    fn a_long_or_foreign_name_is_a_name(terraform) {
        let long = "n".repeat(255);
        configure(terraform, &format!(r#"
            resource "secret" "long" {{
              name     = "{long}"
              generate = {{ kind = "uuid" }}
            }}
            resource "secret" "foreign" {{
              name     = "prod/Zürich/数据库"
              generate = {{ kind = "uuid" }}
            }}
        "#));
        terraform.apply().succeeds();
        terraform.has_no_changes();
        terraform.destroy().succeeds();
    }

    /// Rules that no value satisfies.
    fn an_impossible_generator_is_refused(terraform) {
        refuses(terraform, &secret("name = \"a\"\ngenerate = { kind = \"password\", length = 0 }"), &["length"]);
        refuses(terraform, &secret("name = \"a\"\ngenerate = { kind = \"sonnet\" }"), &["sonnet", "password"]);
    }

    /// One value has one origin.
    fn two_origins_are_refused(terraform) {
        let arguments = "name = \"a\"\nvalue_wo = \"x\"\nvalue_wo_version = \"1\"\ngenerate = { kind = \"uuid\" }";
        refuses(terraform, &secret(arguments), &["generate", "value_wo"]);
    }

    /// A mistyped recipient, by its checksum.
    fn a_recipient_with_a_wrong_checksum_is_refused(terraform) {
        refuses(terraform, &format!(r#"{}
            resource "secret_grant" "wrong" {{
              secret_id = secret.one.id
              principal = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8q"
              access    = ["read"]
            }}
        "#, secret("name = \"a\"\ngenerate = { kind = \"uuid\" }")), &["principal"]);
    }

    /// Everybody is nobody in particular.
    fn a_wildcard_principal_is_refused(terraform) {
        refuses(terraform, &format!(r#"{}
            resource "secret_grant" "wrong" {{
              secret_id = secret.one.id
              principal = "*"
              access    = ["read"]
            }}
        "#, secret("name = \"a\"\ngenerate = { kind = \"uuid\" }")), &["principal"]);
    }

    /// A schedule that has no next time.
    fn a_schedule_that_never_fires_is_refused(terraform) {
        for schedule in ["cron(0 0 31 2 ? *)", "0d", "every tuesday"] {
            refuses(terraform, &format!(r#"{}
                resource "secret_rotation" "wrong" {{
                  secret_id = secret.one.id
                  schedule  = "{schedule}"
                }}
            "#, secret("name = \"a\"\ngenerate = { kind = \"uuid\" }")), &["schedule"]);
        }
    }

    /// A broken store is named, with its file, and is not repaired by overwriting it.
    fn a_corrupt_record_is_named_and_left_alone(terraform) {
        configure(terraform, &secret("name = \"a\"\ngenerate = { kind = \"uuid\" }"));
        terraform.apply().succeeds();
        let record = terraform.folder().join("store/a/secret.toml");
        std::fs::write(&record, "version = [broken").expect("the store has a record");
        terraform.plan().exits_with(1).says("secret.toml");
        terraform.apply().exits_with(1);
        assert_eq!(std::fs::read_to_string(&record).expect("still there"), "version = [broken");
    }

    /// A truncated value is named, and nothing is made of what is left of it.
    fn a_truncated_value_is_named(terraform) {
        let source = secret("name = \"a\"\ngenerate = { kind = \"uuid\" }");
        configure(terraform, &source);
        terraform.apply().succeeds();
        let file = terraform.folder().join("store/a/v1.age");
        let whole = std::fs::read(&file).expect("the store has the value");
        std::fs::write(&file, &whole[..whole.len() / 2]).expect("a writable file");
        configure(terraform, &format!("{source}{}", r#"
            ephemeral "secret" "one" {
              secret_id = secret.one.id
            }
            resource "secret" "copy" {
              name             = "copy"
              value_wo         = ephemeral.secret.one.value
              value_wo_version = secret.one.version_id
            }
        "#));
        terraform.apply().exits_with(1).says("v1.age");
        assert!(!terraform.folder().join("store/copy/v1.age").exists());
    }

    /// A file where the store's folder should be.
    fn a_store_that_is_no_folder_is_named(terraform) {
        configure(terraform, &secret("name = \"a\"\ngenerate = { kind = \"uuid\" }"));
        let path = terraform.write("store", "not a folder");
        terraform.apply().exits_with(1).says("store");
        assert_eq!(std::fs::read_to_string(path).expect("still there"), "not a folder");
    }

    /// Another owner's store cannot be opened, and says which identity was used.
    fn a_wrong_identity_is_refused(terraform) {
        configure(terraform, &secret("name = \"a\"\ngenerate = { kind = \"uuid\" }"));
        terraform.apply().succeeds();
        let before = std::fs::read(terraform.folder().join("store/a/secret.toml")).expect("a record");
        // Another home has another identity.
        let home = terraform.everything().join("tmp");
        terraform.set("HOME", home);
        configure(terraform, &format!("{}\n{}",
            secret("name = \"a\"\ngenerate = { kind = \"uuid\" }\ndescription = \"changed\""),
            "resource \"secret\" \"two\" {\nname = \"b\"\ngenerate = { kind = \"uuid\" }\n}"));
        terraform.apply().exits_with(1).says("identity");
        assert_eq!(std::fs::read(terraform.folder().join("store/a/secret.toml")).expect("a record"), before);
    }
}

/// A plugin started from a shell says what it is.
#[test]
fn a_provider_started_by_hand_says_what_it_is() {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let mut command = Command::new(programs::provider());
    command.env_clear();
    let ended = Running::start(command, &scratch.path().join("run"), None).wait();
    let ended = ended.exits_with(1);
    ended.says("This program is a Terraform provider");
}
