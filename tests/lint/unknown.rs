//! What is decided at apply is neither right nor wrong: a policy, a key and a whole IAM document that nobody knows yet are said to be
//! undetermined, each with its reason, and `--on-unknown` decides what that means.

use secretlint_tests::recorded::record;
use secretlint_tests::scrub::scrub;
use secretlint_tests::terraform::{Version, Workspace};

use crate::secretlint;

const CONFIGURATION: &str = r#"terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# What it makes is known when it is made.
resource "terraform_data" "made" {
  input = "later"
}

resource "aws_kms_key" "orders" {
  description         = "Orders"
  enable_key_rotation = true
}

# A key of this plan: its ARN is unknown, and it is a key of one's own all the same.
resource "aws_secretsmanager_secret" "known_key" {
  name        = "orders/known"
  description = "Orders service database login"
  kms_key_id  = aws_kms_key.orders.arn
  tags        = { owner = "team-orders" }
}

# A whole policy that somebody computes.
resource "aws_secretsmanager_secret_policy" "whole" {
  secret_arn = aws_secretsmanager_secret.known_key.arn
  policy     = terraform_data.made.output
}

# One principal of a document.
resource "aws_kms_key_policy" "principal" {
  key_id = aws_kms_key.orders.id
  policy = data.aws_iam_policy_document.principal.json
}

data "aws_iam_policy_document" "principal" {
  statement {
    actions   = ["kms:Decrypt"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = [terraform_data.made.output]
    }
  }
}

# What a statement is about.
resource "aws_iam_policy" "resource" {
  name   = "orders"
  policy = data.aws_iam_policy_document.resource.json
}

data "aws_iam_policy_document" "resource" {
  statement {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [terraform_data.made.output]
  }
}
"#;

#[test]
fn what_is_decided_at_apply_is_undetermined_with_its_reason() {
    let Some(mut workspace) = Workspace::new(Version::Newest) else { return };
    let folder = tempfile::tempdir().expect("a scratch folder");
    std::fs::write(folder.path().join("main.tf"), CONFIGURATION).expect("a file");
    let plan = record(&mut workspace, folder.path());
    std::fs::write(folder.path().join("plan.json"), plan).expect("a file");
    let lint = |arguments: &[&str]| {
        secretlint(
            folder.path(),
            &[&["plan.json", "--rule", "grant.*", "--rule", "storage.*"], arguments].concat(),
        )
    };
    let said = lint(&[]).exits_with(0);
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("unknown", scrub(&said.stdout));
    });
    lint(&["--on-unknown", "fail"]).exits_with(1);
    let silent = lint(&["--on-unknown", "pass"]).exits_with(0);
    assert!(silent.stdout.starts_with("no findings"), "{}", silent.stdout);
}
