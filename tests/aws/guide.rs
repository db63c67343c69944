//! docs/guides/aws.md: the rights that it names for each operation are enough for that operation, and none of them can be left out,
//! on a double that enforces policies.

use secretlint_tests::guide::Guide;
use secretlint_tests::on_newest_terraform;
use secretlint_tests::servers::aws::{Credentials, Permission};
use secretlint_tests::terraform::Workspace;
use serde_json::{Value, json};

use crate::scene::Scene;

const PLAN: &str = "### Plan";
const CREATE: &str = "### Create, change, rotate and destroy a `secret`";
const READ: &str = "### Read a value by `ephemeral \"secret\"`";
const REPLICAS: &str = "### Replicas";
const KEY: &str = "### A customer-managed key";
const ROTATE_BY_LAMBDA: &str = "### Rotation by Lambda";
const GRANT: &str = "### Grants in the secret's policy";
const GRANT_BY_IDENTITY: &str = "### Grants in the principal's policy";
const ACCESS: &str = "### Who can read: `data \"secret_access\"`";
const INVENTORY: &str = "### The inventory: `data \"secret_inventory\"`";

/// One thing that a step does.
enum Step<'a> {
    /// Applies these resources, after which a plan has nothing to do. `local.at` is a folder of its own.
    Apply(&'a str),
    Destroy,
}

/// Who plays an operation, and where.
struct Attempt<'a> {
    scene: &'a Scene,
    folder: String,
}

impl Attempt<'_> {
    fn name(&self, name: &str) -> String {
        self.scene.name(&format!("{}/{name}", self.folder))
    }

    /// Plays the steps; the first command that fails ends it, with what it said.
    fn play(
        &self,
        terraform: &mut Workspace,
        credentials: &Credentials,
        steps: &[Step<'_>],
    ) -> Result<(), String> {
        let _ = std::fs::remove_file(terraform.folder().join("terraform.tfstate"));
        self.scene.work_as(terraform, credentials);
        for step in steps {
            let runs = match step {
                Step::Apply(resources) => {
                    let at = format!("locals {{ at = \"{}\" }}\n", self.name(""));
                    let at = at.replace("/\" }", "\" }");
                    self.scene.configure(terraform, &format!("{at}{resources}"));
                    vec![terraform.apply(), terraform.plan()]
                }
                Step::Destroy => vec![terraform.destroy()],
            };
            if let Some(failed) = runs.into_iter().find(|run| run.code != Some(0)) {
                return Err(failed.to_string());
            }
        }
        Ok(())
    }
}

/// The statements below a heading, for the secrets of this scene.
fn statements(scene: &Scene, heading: &str) -> Vec<Value> {
    let blocks = Guide::read("aws").below(heading).blocks("json");
    let [block] = blocks.as_slice() else { panic!("{heading} has one policy, not {}", blocks.len()) };
    let document: Value =
        serde_json::from_str(&block.replace(":secret:prod/", &format!(":secret:{}/", scene.prefix)))
            .expect("a policy is JSON");
    document["Statement"].as_array().cloned().expect("a list of statements")
}

/// The actions of a statement.
fn actions(statement: &Value) -> Vec<String> {
    match &statement["Action"] {
        Value::String(one) => vec![one.clone()],
        list => list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect(),
    }
}

/// A user with these statements.
fn user(scene: &Scene, statements: &[Value]) -> Credentials {
    let statements: Vec<&Value> =
        statements.iter().filter(|statement| !actions(statement).is_empty()).collect();
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    scene.api.fresh_user((!statements.is_empty()).then_some(&policy)).1
}

/// Plays the steps by a user who has the rights below the headings; and then, for each action below the last heading that the double
/// enforces, by one who has all but that: it must be refused, and named. `before` prepares, as the account's root.
#[track_caller]
fn takes_exactly(
    terraform: &mut Workspace,
    scene: &Scene,
    headings: &[&str],
    steps: &[Step<'_>],
    before: impl Fn(&mut Workspace, &Attempt<'_>),
) {
    let (last, others) = headings.split_last().expect("a heading");
    let given: Vec<Value> = others.iter().flat_map(|heading| statements(scene, heading)).collect();
    let asked = statements(scene, last);
    let mut play = |folder: String, statements: Vec<Value>| {
        let attempt = Attempt { scene, folder };
        scene.work_as(terraform, scene.api.credentials());
        before(terraform, &attempt);
        attempt.play(terraform, &user(scene, &statements), steps)
    };
    let all = given.iter().chain(&asked).cloned().collect();
    if let Err(failed) = play("all".to_owned(), all) {
        panic!("the rights below {headings:?} are not enough\n{failed}");
    }
    let needed: Vec<(usize, String)> = asked
        .iter()
        .enumerate()
        .flat_map(|(index, statement)| actions(statement).into_iter().map(move |action| (index, action)))
        .collect();
    for (index, action) in needed {
        // No double couples keys and functions to secrets.
        if action.starts_with("kms:") || action.starts_with("lambda:") {
            continue;
        }
        let mut lesser = asked.clone();
        let left: Vec<String> = actions(&lesser[index]).into_iter().filter(|one| *one != action).collect();
        lesser[index]["Action"] = json!(left);
        let folder = format!("{index}-{}", action.replace(':', "-"));
        match play(folder, given.iter().cloned().chain(lesser).collect()) {
            Ok(()) => panic!("{last}: nothing needs `{action}`"),
            Err(failed) => {
                let words: String =
                    failed.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
                assert!(
                    words.contains(&action),
                    "`{action}` is missing, and the error does not say so\n{failed}"
                );
            }
        }
    }
}

fn nothing(_: &mut Workspace, _: &Attempt<'_>) {}

/// A secret that is there already, and nobody's.
fn existing(_: &mut Workspace, attempt: &Attempt<'_>) {
    let secret = json!({"Name": attempt.name("existing"), "SecretString": "an example"});
    attempt.scene.api.does("secretsmanager", "create_secret", secret);
}

const ONE: &str = r#"
resource "secret" "one" {
  name     = "${local.at}/one"
  owner    = "team-orders"
  tags     = { service = "orders" }
  generate = { kind = "uuid" }
}
"#;

on_newest_terraform! {
    fn a_plan_takes_exactly_the_rights_of_the_guide(terraform) {
        let Some(scene) = Scene::guarded(terraform) else { return };
        scene.configure(terraform, "resource \"secret\" \"one\" {\n name = \"${local.prefix}/one\"\n generate = { kind = \"uuid\" }\n}\n");
        terraform.apply().succeeds();
        let rights = statements(&scene, PLAN);
        scene.work_as(terraform, &user(&scene, &rights));
        terraform.has_no_changes();
        for action in actions(&rights[0]) {
            let mut lesser = rights.clone();
            lesser[0]["Action"] = json!(actions(&rights[0]).into_iter().filter(|one| *one != action).collect::<Vec<_>>());
            scene.work_as(terraform, &user(&scene, &lesser));
            terraform.plan().exits_with(1).says(&action);
        }
    }

    fn the_life_of_a_secret_takes_exactly_the_rights_of_the_guide(terraform) {
        let Some(scene) = Scene::guarded(terraform) else { return };
        let rotated = |one: &str, trigger: &str| format!("{one}resource \"secret_rotation\" \"one\" {{\n secret_id = secret.one.id\n schedule = \"30d\"\n trigger = \"{trigger}\"\n}}\n");
        let changed = ONE.replace("tags     = { service = \"orders\" }", "description = \"Orders\"");
        let restored = changed.replace("owner ", "on_conflict = \"restore\"\n owner ");
        let (first, second) = (rotated(ONE, "1"), rotated(&changed, "2"));
        let steps = [Step::Apply(&first), Step::Apply(&second), Step::Destroy, Step::Apply(&restored), Step::Destroy];
        takes_exactly(terraform, &scene, &[CREATE], &steps, nothing);
    }

    fn reading_takes_exactly_the_rights_of_the_guide(terraform) {
        let Some(scene) = Scene::guarded(terraform) else { return };
        let read = r#"
            ephemeral "secret" "existing" {
              secret_id = "${local.at}/existing"
            }
            resource "terraform_data" "length" {
              provisioner "local-exec" {
                command     = "test $LENGTH = 10"
                environment = { LENGTH = length(ephemeral.secret.existing.value) }
              }
            }
        "#;
        takes_exactly(terraform, &scene, &[READ], &[Step::Apply(read)], existing);
    }

    fn replicas_take_exactly_the_rights_of_the_guide(terraform) {
        let Some(scene) = Scene::guarded(terraform) else { return };
        let key = scene.api.in_region("us-west-2").fresh_key();
        let with = |replicas: &str| ONE.replace("owner ", &format!("replicas = [{replicas}]\n owner "));
        let (plain, keyed) = (with("{ region = \"us-west-2\" }"), with(&format!("{{ region = \"us-west-2\", kms_key = \"{key}\" }}")));
        takes_exactly(terraform, &scene, &[CREATE, REPLICAS], &[Step::Apply(ONE), Step::Apply(&plain), Step::Apply(&keyed), Step::Apply(ONE), Step::Destroy], nothing);
    }

    fn a_key_takes_the_rights_of_the_guide(terraform) {
        let Some(scene) = Scene::guarded(terraform) else { return };
        let key = scene.api.fresh_key();
        let keyed = ONE.replace("owner ", &format!("kms_key = \"{key}\"\n owner "));
        takes_exactly(terraform, &scene, &[CREATE, KEY], &[Step::Apply(&keyed), Step::Apply(ONE), Step::Destroy], nothing);
    }

    fn rotation_by_lambda_takes_exactly_the_rights_of_the_guide(terraform) {
        let Some(scene) = Scene::guarded(terraform) else { return };
        let rotation = format!(r#"
            resource "secret_rotation" "existing" {{
              secret_id           = "${{local.at}}/existing"
              rotation_lambda_arn = "{}"
              schedule            = "rate(10 days)"
            }}
        "#, scene.api.fresh_function(Permission::Granted));
        takes_exactly(terraform, &scene, &[PLAN, ROTATE_BY_LAMBDA], &[Step::Apply(&rotation), Step::Destroy], existing);
    }

    fn grants_take_exactly_the_rights_of_the_guide(terraform) {
        let Some(scene) = Scene::guarded(terraform) else { return };
        let role = scene.api.fresh_role(None);
        for (heading, via) in [(GRANT, "resource_policy"), (GRANT_BY_IDENTITY, "identity_policy")] {
            let grant = format!(r#"
                resource "secret_grant" "existing" {{
                  secret_id = "${{local.at}}/existing"
                  principal = "{role}"
                  access    = ["read"]
                  via       = "{via}"
                }}
            "#);
            takes_exactly(terraform, &scene, &[PLAN, heading], &[Step::Apply(&grant), Step::Destroy], existing_once);
        }
    }

    fn the_readers_take_the_rights_of_the_guide(terraform) {
        let Some(scene) = Scene::guarded(terraform) else { return };
        let access = r#"
            data "secret_access" "existing" {
              secret_id = "${local.at}/existing"
            }
            output "not_examined" { value = data.secret_access.existing.not_examined }
        "#;
        let attempt = Attempt { scene: &scene, folder: "all".to_owned() };
        existing(terraform, &attempt);
        let rights: Vec<Value> = [PLAN, ACCESS].iter().flat_map(|heading| statements(&scene, heading)).collect();
        attempt.play(terraform, &user(&scene, &rights), &[Step::Apply(access)]).expect("the rights are enough");
        let whole = terraform.output("not_examined");
        // Without IAM's rights it says what it could not look at.
        let resource_only: Vec<Value> = rights.iter().filter(|one| !actions(one).iter().any(|action| action.starts_with("iam:"))).cloned().collect();
        attempt.play(terraform, &user(&scene, &resource_only), &[Step::Apply(access)]).expect("what may not be seen is no error");
        assert_ne!(terraform.output("not_examined"), whole);
    }

    fn the_inventory_takes_exactly_the_rights_of_the_guide(terraform) {
        let Some(scene) = Scene::guarded(terraform) else { return };
        let inventory = r#"
            data "secret_inventory" "all" {
              name_prefix = "${local.at}/"
            }
            output "names" { value = data.secret_inventory.all.secrets[*].name }
        "#;
        takes_exactly(terraform, &scene, &[PLAN, INVENTORY], &[Step::Apply(inventory)], existing);
    }
}

/// As [`existing`]; the folder may have been used before.
fn existing_once(terraform: &mut Workspace, attempt: &Attempt<'_>) {
    let known = json!({"SecretId": attempt.name("existing")});
    if attempt.scene.api.call("secretsmanager", "describe_secret", known).is_err() {
        existing(terraform, attempt);
    }
}
