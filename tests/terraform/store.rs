//! A workspace with the provider on its embedded store, looked at with the standard age tool.

use std::path::{Path, PathBuf};

use secretlint_tests::process::Finished;
use secretlint_tests::terraform::Workspace;
use secretlint_tests::{programs, skip::skip};

/// The start of every configuration: the provider, its store in `store/`.
pub(crate) const HEADER: &str = r#"
terraform {
  required_providers {
    secret = { source = "secretlint/secret" }
  }
}

provider "secret" {
  local {
    path = "store"
  }
}
"#;

/// Serves the provider and writes `main.tf`.
pub(crate) fn configure(terraform: &mut Workspace, resources: &str) {
    terraform.provide_secret().write("main.tf", format!("{HEADER}{resources}"));
}

/// The owner's identity, which the store makes at its first use.
pub(crate) fn owner_identity(terraform: &Workspace) -> PathBuf {
    terraform.everything().join("home/.config/terraform-provider-secret/identity.txt")
}

/// Decrypts a version with the age tool, as somebody who knows nothing of this provider would.
pub(crate) fn decrypt(
    terraform: &mut Workspace,
    identity: &Path,
    name: &str,
    version: &str,
) -> Option<Finished> {
    let Some(age) = programs::on_path("age") else {
        skip("the age tool is not installed: run `tests/tools/install tests`");
        return None;
    };
    let file = format!("store/{name}/{version}.age");
    Some(terraform.run_program(&age, &["--decrypt", "--identity", &identity.display().to_string(), &file]))
}

/// An identity of somebody else, and its recipient.
pub(crate) fn another_identity(terraform: &mut Workspace, name: &str) -> Option<(PathBuf, String)> {
    let Some(keygen) = programs::on_path("age-keygen") else {
        skip("the age tool is not installed: run `tests/tools/install tests`");
        return None;
    };
    let path = terraform.everything().join("home").join(format!("{name}.txt"));
    let text = path.display().to_string();
    terraform.run_program(&keygen, &["-o", &text]).succeeds();
    let recipient = terraform.run_program(&keygen, &["-y", &text]).succeeds().stdout.trim().to_owned();
    Some((path, recipient))
}
