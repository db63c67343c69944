//! Addresses and paths of plans, found in small configurations.

use std::path::Path;

use tempfile::TempDir;

use super::*;

fn steps(path: &str) -> Vec<PathStep> {
    path.split('.')
        .filter(|step| !step.is_empty())
        .map(|step| step.parse().map_or_else(|_| PathStep::Name(step.to_owned()), PathStep::Index))
        .collect()
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// `FILE:LINE text` of the place, or `-`.
fn locate(root: &Path, address: &str, path: &str) -> String {
    let mut sources = Sources::open(root);
    let Some(located) = sources.locate(address, &steps(path)) else { return "-".into() };
    let show = |location: Location| {
        let text = sources.text(&location.file).unwrap();
        let file = location.file.strip_prefix(root).unwrap_or(&location.file);
        format!("{}:{} {}", file.display(), location.line, &text[location.span])
    };
    let inner = located.inner.map(|(location, message)| format!(" | {message}: {}", show(location)));
    format!("{}{}", show(located.location), inner.unwrap_or_default())
}

const MAIN: &str = r#"
resource "aws_secretsmanager_secret_policy" "open" {
  count  = 2
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Deny" },
      { Effect = "Allow", Principal = "*" },
    ]
  })
}

data "aws_iam_policy_document" "doc" {
  statement { actions = ["a:B"] }
  statement {
    actions   = ["s:Get", "*"]
    principals {
      identifiers = ["*"]
    }
  }
}

resource "aws_lambda_function" "f" {
  environment {
    variables = merge(local.common, { PASSWORD = "x" })
  }
  dynamic "tag" {
    for_each = var.tags
    content {
      value = tag.value
    }
  }
}

resource "aws_iam_policy" "heredoc" {
  policy = <<-EOT
    {
      "Statement": [{
        "Resource": "${aws_x.y["a"].arn}",
        "Action": ["secretsmanager:*"]
      }]
    }
  EOT
}

locals {
  common = { TOKEN = "y" }
}

output "password" {
  value = var.password
}

variable "password" {
  default = "x"
}

provider "aws" {
  alias      = "west"
  access_key = "x"
}
"#;

#[test]
fn paths_lead_to_their_lines() {
    let folder = folder(&[("main.tf", MAIN)]);
    let check = |address: &str, path: &str, expected: &str| {
        assert_eq!(locate(folder.path(), address, path), expected)
    };
    check(
        "aws_secretsmanager_secret_policy.open[1]",
        "policy.Statement.1.Principal",
        "main.tf:8 Principal = \"*\"",
    );
    check(
        "aws_secretsmanager_secret_policy.open[1]",
        "policy.Statement.0",
        "main.tf:7 { Effect = \"Deny\" }",
    );
    check(
        "aws_secretsmanager_secret_policy.open[0]",
        "policy.Statement.0.Condition",
        "main.tf:7 { Effect = \"Deny\" }",
    );
    check("aws_secretsmanager_secret_policy.open", "policy", "main.tf:4 policy = jsonencode({");
    check(
        "aws_secretsmanager_secret_policy.open",
        "",
        "main.tf:2 resource \"aws_secretsmanager_secret_policy\" \"open\"",
    );
    check("data.aws_iam_policy_document.doc", "statement.1.actions.1", "main.tf:16 \"*\"");
    check(
        "data.aws_iam_policy_document.doc",
        "statement.1.principals.0.identifiers",
        "main.tf:18 identifiers = [\"*\"]",
    );
    check("aws_lambda_function.f", "environment.0.variables.PASSWORD", "main.tf:25 PASSWORD = \"x\"");
    check(
        "aws_lambda_function.f",
        "environment.0.variables.TOKEN",
        "main.tf:47 TOKEN = \"y\" | is used here: main.tf:25 variables = merge(local.common, { PASSWORD = \"x\" })",
    );
    check("aws_lambda_function.f", "tag.3.value", "main.tf:30 value = tag.value");
    check("aws_lambda_function.f", "tag.3", "main.tf:27 dynamic \"tag\"");
    check("aws_iam_policy.heredoc", "policy.Statement.0.Action.0", "main.tf:40 \"secretsmanager:*\"");
    check(
        "output.password",
        "value",
        "main.tf:55 default = \"x\" | is used here: main.tf:51 value = var.password",
    );
    check("var.password", "default", "main.tf:55 default = \"x\"");
    check("provider.aws", "access_key", "main.tf:60 access_key = \"x\"");
    check("aws_nothing.here", "", "-");
}

#[test]
fn a_local_module_is_followed_and_a_remote_one_is_shown_at_its_call() {
    let folder = folder(&[
        (
            "main.tf",
            "module \"near\" {\n  source = \"./mods/near\"\n}\nmodule \"far\" {\n  source = \"acme/far/aws\"\n}\nmodule \"computed\" {\n  source = var.x\n}\n",
        ),
        ("mods/near/a.tf", "module \"inner\" {\n  source = \"../inner\"\n}\n"),
        ("mods/inner/b.tf", "resource \"a_b\" \"c\" {\n  d = 1\n}\n"),
        (".terraform/modules/far/main.tf", "resource \"a_b\" \"c\" {\n}\n"),
        (
            ".terraform/modules/modules.json",
            r#"{"Modules":[{"Key":"far","Source":"acme/far/aws","Dir":".terraform/modules/far"},{"Key":"computed","Source":"./mods/inner","Dir":"mods/inner"}]}"#,
        ),
    ]);
    let check = |address: &str, path: &str, expected: &str| {
        assert_eq!(locate(folder.path(), address, path), expected)
    };
    check("module.near[\"x\"].module.inner.a_b.c[0]", "d", "mods/inner/b.tf:2 d = 1");
    check(
        "module.far.a_b.c",
        "d",
        "main.tf:4 module \"far\" | stands here, in a module from elsewhere: .terraform/modules/far/main.tf:1 resource \"a_b\" \"c\"",
    );
    check("module.far.a_b.absent", "d", "main.tf:4 module \"far\"");
    check("module.computed.a_b.c", "d", "mods/inner/b.tf:2 d = 1");
    check("module.absent.a_b.c", "d", "-");
}

#[test]
fn an_argument_of_a_module_call_and_what_its_module_declares_have_lines() {
    let folder = folder(&[
        (
            "main.tf",
            "module \"near\" {\n  source   = \"./near\"\n  password = \"x\"\n}\nmodule \"far\" {\n  source = \"acme/far/aws\"\n  users = [{\n    token = \"y\"\n  }]\n}\n",
        ),
        (
            "near/a.tf",
            "variable \"token\" {\n  default = \"z\"\n}\noutput \"out\" {\n  value = var.token\n}\nmodule \"inner\" {\n  source = \"./inner\"\n  key = \"k\"\n}\n",
        ),
        ("near/inner/b.tf.json", "{\"module\": {\"deep\": {\"source\": \"./d\",\n \"key\": \"k\"}}}\n"),
    ]);
    let check = |address: &str, path: &str, expected: &str| {
        assert_eq!(locate(folder.path(), address, path), expected)
    };
    check("module.near", "password", "main.tf:3 password = \"x\"");
    check("module.near", "absent", "main.tf:1 module \"near\"");
    check("module.far[\"a\"]", "users.0.token", "main.tf:8 token = \"y\"");
    check("module.near.module.inner", "key", "near/a.tf:9 key = \"k\"");
    check("module.near.module.inner.module.deep", "key", "near/inner/b.tf.json:2 \"key\": \"k\"");
    check("module.near.var.token", "default", "near/a.tf:2 default = \"z\"");
    check(
        "module.near.output.out",
        "value",
        "near/a.tf:2 default = \"z\" | is used here: near/a.tf:5 value = var.token",
    );
    check("module.far.var.token", "default", "main.tf:5 module \"far\"");
}

#[test]
fn json_syntax_is_read_too() {
    let text = "{\n \"resource\": {\n  \"a_b\": {\n   \"c\": [{\n    \"d\": {\"e\": 1}\n   }]\n  }\n },\n \"module\": {\"m\": {\"source\": \"./m\"}}\n}\n";
    let folder = folder(&[("main.tf.json", text), ("m/x.tf", "resource \"a_b\" \"c\" {}\n")]);
    assert_eq!(locate(folder.path(), "a_b.c", "d.e"), "main.tf.json:5 \"e\": 1");
    assert_eq!(locate(folder.path(), "a_b.c", "f"), "main.tf.json:4 \"c\": [{");
    assert_eq!(locate(folder.path(), "a_b.other", "f"), "-");
    assert_eq!(locate(folder.path(), "module.m.a_b.c", "f"), "m/x.tf:1 resource \"a_b\" \"c\"");
}

#[test]
fn a_file_that_does_not_parse_is_a_warning_that_quotes_nothing() {
    let folder = folder(&[("a.tf", "resource \"a_b\" \"c\" {}\n"), ("b.tf", "password = \"hunter2\n}\n")]);
    let mut sources = Sources::open(folder.path());
    assert!(sources.locate("a_b.c", &[]).is_some());
    let [warning] = sources.warnings() else { panic!("{:?}", sources.warnings()) };
    assert!(warning.message.starts_with("does not parse as HCL at line 1"), "{}", warning.message);
    assert!(warning.file.ends_with("b.tf"));
}

/// Lines of everything that the attribute is a part of.
fn way(root: &Path, address: &str, path: &str) -> Vec<String> {
    let way = Sources::open(root).way(address, &steps(path));
    way.iter()
        .map(|written| {
            let file = written.file.strip_prefix(root).unwrap_or(&written.file);
            format!("{}:{}-{}", file.display(), written.first_line, written.last_line)
        })
        .collect()
}

#[test]
fn an_attribute_is_a_part_of_everything_around_it() {
    let root = folder(&[
        (
            "main.tf",
            "module \"m\" {\n  source = \"./m\"\n}\nresource \"a\" \"b\" {\n  policy = jsonencode({\n    Statement = [\n      { Principal = \"*\" },\n    ]\n  })\n  other = local.x\n}\nlocals {\n  x = {\n    y = 1\n  }\n}\n",
        ),
        ("m/main.tf", "resource \"c\" \"d\" {\n  set {\n    value = 1\n  }\n}\n"),
        ("j.tf.json", "{\"resource\": {\"j\": {\"k\": {\"l\": 1}}}}"),
    ]);
    let root = root.path();
    assert_eq!(
        way(root, "a.b", "policy.Statement.0.Principal"),
        ["main.tf:4-4", "main.tf:5-9", "main.tf:6-8", "main.tf:7-7", "main.tf:7-7"]
    );
    assert_eq!(way(root, "a.b", "other.y"), ["main.tf:4-4", "main.tf:10-10", "main.tf:14-14"]);
    assert_eq!(
        way(root, "module.m[0].c.d", "set.0.value"),
        ["main.tf:1-1", "m/main.tf:1-1", "m/main.tf:2-2", "m/main.tf:3-3"]
    );
    assert_eq!(way(root, "module.m.c.missing", ""), ["main.tf:1-1"]);
    assert!(way(root, "j.k", "l").is_empty() && way(root, "module.none.c.d", "").is_empty());
}

#[test]
fn a_branch_that_leads_nowhere_is_no_part_of_the_way() {
    let root = folder(&[(
        "main.tf",
        "resource \"a\" \"b\" {\n  p = merge({\n    q = {\n      r = 1\n    }\n  }, {\n    q = 2\n  })\n}\n",
    )]);
    assert_eq!(
        way(root.path(), "a.b", "p.q.r"),
        ["main.tf:1-1", "main.tf:2-8", "main.tf:3-5", "main.tf:4-4"]
    );
}

#[test]
fn comments_are_found_in_every_module_of_the_configuration_once() {
    let root = folder(&[
        (
            "main.tf",
            "module \"m\" {\n  source = \"./m\"\n}\nmodule \"n\" {\n  source = \"./x/../m\"\n}\nmodule \"far\" {\n  source = \"a/b/c\"\n}\n",
        ),
        ("m/main.tf", "# secretlint:one\nmodule \"loop\" {\n  source = \"../m\"\n}\n"),
        ("x/main.tf", "# secretlint:never\n"),
    ]);
    let notes = Sources::open(root.path()).notes();
    assert_eq!(notes.iter().map(|(_, note)| note.text.as_str()).collect::<Vec<_>>(), ["one"]);
}

#[test]
fn a_name_is_followed_to_where_its_value_is_written() {
    let folder = folder(&[
        (
            "main.tf",
            "locals {\n  password = \"x\"\n  computed = upper(\"x\")\n  deep = { users = [{ token = \"y\" }] }\n}\nresource \"a\" \"b\" {\n  password = local.password\n  other = local.computed\n  token = local.deep.users[0].token\n  region = var.region\n  given = (var.given)\n  none = var.none\n}\n",
        ),
        (
            "variables.tf",
            "variable \"region\" {\n  default = \"eu\"\n}\nvariable \"given\" {\n  default = \"a\"\n}\nvariable \"none\" {}\n",
        ),
        ("terraform.tfvars", "given = \"b\"\n"),
        ("z.auto.tfvars", "given = \"c\"\n"),
    ]);
    let check = |path: &str, expected: &str| assert_eq!(locate(folder.path(), "a.b", path), expected);
    check("password", "main.tf:2 password = \"x\" | is used here: main.tf:7 password = local.password");
    check("other", "main.tf:8 other = local.computed");
    check("token", "main.tf:4 token = \"y\" | is used here: main.tf:9 token = local.deep.users[0].token");
    check("region", "variables.tf:2 default = \"eu\" | is used here: main.tf:10 region = var.region");
    check("given", "z.auto.tfvars:1 given = \"c\" | is used here: main.tf:11 given = (var.given)");
    check("none", "main.tf:12 none = var.none");
}

#[test]
fn a_variable_of_a_module_is_followed_to_the_argument_of_its_call() {
    let folder = folder(&[
        (
            "main.tf",
            "module \"db\" {\n  source = \"acme/db/aws\"\n  password = \"x\"\n  policy = jsonencode({ Statement = [{ Principal = \"*\" }] })\n}\n",
        ),
        (
            ".terraform/modules/modules.json",
            r#"{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"db","Source":"acme/db/aws","Dir":".terraform/modules/db"},{"Key":"db.inner","Source":"./inner","Dir":".terraform/modules/db/inner"}]}"#,
        ),
        (
            ".terraform/modules/db/main.tf",
            "variable \"password\" {}\nvariable \"policy\" {}\nmodule \"inner\" {\n  source = \"./inner\"\n  password = var.password\n  fixed = \"f\"\n}\nresource \"p\" \"q\" {\n  policy = var.policy\n}\n",
        ),
        (
            ".terraform/modules/db/inner/main.tf",
            "variable \"password\" {}\nresource \"a\" \"b\" {\n  password = var.password\n  fixed = var.fixed\n}\n",
        ),
    ]);
    let check = |address: &str, path: &str, expected: &str| {
        assert_eq!(locate(folder.path(), address, path), expected)
    };
    check(
        "module.db[0].module.inner.a.b",
        "password",
        "main.tf:3 password = \"x\" | is used here: .terraform/modules/db/inner/main.tf:3 password = var.password",
    );
    check(
        "module.db[0].module.inner.a.b",
        "fixed",
        "main.tf:1 module \"db\" | stands here, in a module from elsewhere: .terraform/modules/db/main.tf:6 fixed = \"f\"",
    );
    check(
        "module.db[0].p.q",
        "policy.Statement.0.Principal",
        "main.tf:4 Principal = \"*\" | is used here: .terraform/modules/db/main.tf:9 policy = var.policy",
    );
}

#[test]
fn a_name_in_json_syntax_is_followed_too() {
    let folder = folder(&[
        (
            "main.tf.json",
            "{\n \"locals\": {\"p\": \"x\",\n  \"doc\": {\"a\": {\"b\": 1}}},\n \"resource\": {\"a\": {\"b\": {\n  \"password\": \"${local.p}\",\n  \"region\": \"${var.region}\",\n  \"doc\": \"${local.doc}\",\n  \"text\": \"x${local.p}\"}}}\n}\n",
        ),
        ("v.tf", "variable \"region\" {\n  default = \"eu\"\n}\n"),
    ]);
    let check = |path: &str, expected: &str| assert_eq!(locate(folder.path(), "a.b", path), expected);
    check(
        "password",
        "main.tf.json:2 \"p\": \"x\" | is used here: main.tf.json:5 \"password\": \"${local.p}\"",
    );
    check("region", "v.tf:2 default = \"eu\" | is used here: main.tf.json:6 \"region\": \"${var.region}\"");
    check("doc.a.b", "main.tf.json:3 \"b\": 1 | is used here: main.tf.json:7 \"doc\": \"${local.doc}\"");
    check("text", "main.tf.json:8 \"text\": \"x${local.p}\"");
}

#[test]
fn names_that_lead_in_a_circle_end() {
    let folder = folder(&[(
        "main.tf",
        "locals {\n  a = local.b\n  b = local.a\n}\nresource \"a\" \"b\" {\n  x = local.a\n}\nmodule \"m\" {\n  source = \"./\"\n}\n",
    )]);
    assert_eq!(locate(folder.path(), "a.b", "x"), "main.tf:6 x = local.a");
    assert_eq!(locate(folder.path(), "a.b", "x.y"), "main.tf:6 x = local.a");
}
