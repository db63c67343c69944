//! Grants where policies are enforced: the grantee's own boto3 reads exactly its secret, and nothing else.

use secretlint_tests::servers::aws::ministack::Ministack;
use secretlint_tests::servers::aws::{Api, Credentials, Faults};
use secretlint_tests::{on_each_terraform, on_newest_terraform};
use serde_json::{Value, json};

use crate::scene::Scene;

const SECRETS: &str = r#"
resource "secret" "orders" {
  name     = "${local.prefix}/orders"
  generate = { kind = "uuid" }
}
resource "secret" "beside" {
  for_each = toset(["orders2", "orders/inner", "other"])
  name     = "${local.prefix}/${each.key}"
  generate = { kind = "uuid" }
}
"#;

fn grant(principal: &str, arguments: &str) -> String {
    format!(
        r#"
        {SECRETS}
        resource "secret_grant" "orders" {{
          secret_id = secret.orders.id
          principal = "{principal}"
          {arguments}
        }}
        "#
    )
}

/// A reader with credentials of its own.
struct Reader {
    api: Api,
}

impl Reader {
    fn new(scene: &Scene, credentials: &Credentials) -> Self {
        Self { api: scene.api.with(credentials) }
    }

    fn can(&self, operation: &str, request: Value) -> bool {
        match self.api.call("secretsmanager", operation, request) {
            Ok(_) => true,
            Err(refused) => {
                assert_eq!(refused.code, "AccessDeniedException", "{operation}: {refused}");
                false
            }
        }
    }

    fn reads(&self, scene: &Scene, name: &str) -> bool {
        self.can("get_secret_value", json!({"SecretId": scene.name(name)}))
    }

    /// It reads the secret that was granted, nothing beside it, and changes nothing.
    #[track_caller]
    fn reads_only_orders(&self, scene: &Scene) {
        assert!(self.reads(scene, "orders"), "it reads what was granted");
        for other in ["orders2", "orders/inner", "other"] {
            assert!(!self.reads(scene, other), "{other}");
        }
        let id = json!(scene.name("orders"));
        assert!(!self.can("put_secret_value", json!({"SecretId": id, "SecretString": "mine"})));
        assert!(!self.can("delete_secret", json!({"SecretId": id})));
        assert!(
            !self
                .can("put_resource_policy", json!({"SecretId": id, "ResourcePolicy": "{\"Statement\": []}"}))
        );
        assert!(!self.can("update_secret", json!({"SecretId": id, "Description": "mine"})));
        assert!(!self.can("list_secrets", json!({})));
    }
}

/// The inline policies of a role, by name.
fn inline(scene: &Scene, role: &str) -> Vec<String> {
    let name = role.rsplit('/').next().expect("an ARN has a name");
    let listed = scene.api.does("iam", "list_role_policies", json!({"RoleName": name}));
    listed["PolicyNames"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

on_each_terraform! {
    /// One statement in the secret's own policy, beside those of others; the role reads exactly its secret, a revoke ends it.
    fn a_role_reads_its_secret_by_the_resource_policy(terraform) {
        let Some(scene) = Scene::guarded(terraform) else { return };
        let role = scene.api.fresh_role(None);
        let reader = Reader::new(&scene, &scene.api.assume(&role));
        scene.configure(terraform, SECRETS);
        terraform.apply().succeeds();
        assert!(!reader.reads(&scene, "orders"), "not yet");
        // Somebody else's statement, with a member that we do not know.
        let theirs = json!({
            "Sid": "Theirs", "Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": ["secretsmanager:StopReplicationToReplica"],
            "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        });
        let document = json!({"Version": "2012-10-17", "Id": "shared", "Statement": [theirs]}).to_string();
        scene.api.does("secretsmanager", "put_resource_policy", json!({"SecretId": scene.name("orders"), "ResourcePolicy": document}));
        scene.configure(terraform, &grant(&role, r#"access = ["read"]"#));
        terraform.plan().exits_with(2);
        terraform.apply_plan().succeeds();
        terraform.has_no_changes();
        reader.reads_only_orders(&scene);
        let statements = scene.statements("orders");
        assert_eq!(statements.len(), 2);
        assert!(statements.contains(&theirs), "{statements:?}");
        assert!(statements.iter().any(|one| one["Sid"].as_str().is_some_and(|sid| sid.starts_with("Secretlint"))));

        // Somebody takes ours away, or widens it: it comes back as it was.
        let document = json!({"Version": "2012-10-17", "Id": "shared", "Statement": [theirs]}).to_string();
        scene.api.does("secretsmanager", "put_resource_policy", json!({"SecretId": scene.name("orders"), "ResourcePolicy": document}));
        assert!(!reader.reads(&scene, "orders"));
        terraform.plan().exits_with(2);
        terraform.apply().succeeds();
        reader.reads_only_orders(&scene);

        scene.configure(terraform, SECRETS);
        terraform.apply().succeeds().says("1 destroyed");
        assert!(!reader.reads(&scene, "orders"));
        assert_eq!(scene.statements("orders"), [theirs]);
        terraform.destroy().succeeds();
    }

    /// An inline policy on the role, beside its own; the secret has no policy at all.
    fn a_role_reads_its_secret_by_its_own_policy(terraform) {
        let Some(scene) = Scene::guarded(terraform) else { return };
        let own = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:ListKeys", "Resource": "*"}]});
        let role = scene.api.fresh_role(Some(&own));
        let reader = Reader::new(&scene, &scene.api.assume(&role));
        scene.configure(terraform, &grant(&role, "access = [\"read\"]\nvia = \"identity_policy\""));
        terraform.apply().succeeds();
        terraform.has_no_changes();
        reader.reads_only_orders(&scene);
        assert_eq!(scene.statements("orders"), Vec::<Value>::new());
        let policies = inline(&scene, &role);
        assert!(policies.len() == 2 && policies.iter().any(|name| name.starts_with("secretlint-")), "{policies:?}");
        scene.configure(terraform, SECRETS);
        terraform.apply().succeeds();
        assert!(!reader.reads(&scene, "orders"));
        assert_eq!(inline(&scene, &role), ["inline"]);
        terraform.has_no_changes();
        terraform.destroy().succeeds();
    }
}

on_newest_terraform! {
    /// A user too, by either place; and the one that was not granted reads nothing.
    fn a_user_reads_what_another_user_may_not(terraform) {
        let Some(scene) = Scene::guarded(terraform) else { return };
        for via in ["resource_policy", "identity_policy"] {
            let ((user, key), (_, other)) = (scene.api.fresh_user(None), scene.api.fresh_user(None));
            scene.configure(terraform, &grant(&user, &format!("access = [\"read\"]\nvia = \"{via}\"")));
            terraform.apply().succeeds();
            Reader::new(&scene, &key).reads_only_orders(&scene);
            assert!(!Reader::new(&scene, &other).reads(&scene, "orders"), "{via}");
            terraform.has_no_changes();
        }
        terraform.destroy().succeeds();
    }

    /// `write` writes and does not read; `describe` describes and does not read.
    fn each_access_is_what_it_says(terraform) {
        let Some(scene) = Scene::guarded(terraform) else { return };
        let (writer, auditor) = (scene.api.fresh_role(None), scene.api.fresh_role(None));
        scene.configure(terraform, &format!(r#"
            {}
            resource "secret_grant" "auditor" {{
              secret_id = secret.orders.id
              principal = "{auditor}"
              access    = ["describe"]
            }}
        "#, grant(&writer, r#"access = ["write"]"#)));
        terraform.apply().succeeds();
        terraform.has_no_changes();
        let id = json!(scene.name("orders"));
        let writer = Reader::new(&scene, &scene.api.assume(&writer));
        assert!(writer.can("put_secret_value", json!({"SecretId": id, "SecretString": "theirs"})));
        assert!(!writer.reads(&scene, "orders") && !writer.can("put_secret_value", json!({"SecretId": scene.name("other"), "SecretString": "theirs"})));
        let auditor = Reader::new(&scene, &scene.api.assume(&auditor));
        assert!(auditor.can("describe_secret", json!({"SecretId": id})));
        assert!(!auditor.reads(&scene, "orders") && !auditor.can("put_secret_value", json!({"SecretId": id, "SecretString": "theirs"})));
        assert_eq!(scene.statements("orders").len(), 2, "one statement for each");
    }

    /// Break-glass: AWS itself ends the grant at its end, with Terraform or without; the next apply takes the statement away.
    fn a_grant_that_has_ended_is_refused_by_aws_itself(terraform) {
        let Some(scene) = Scene::guarded(terraform) else { return };
        let role = scene.api.fresh_role(None);
        let reader = Reader::new(&scene, &scene.api.assume(&role));
        scene.configure(terraform, SECRETS);
        terraform.apply().succeeds();
        let end = jiff::Timestamp::now().as_second() + 12;
        let end = jiff::Timestamp::from_second(end).expect("a time");
        scene.configure(terraform, &grant(&role, &format!("access = [\"read\"]\nexpires_at = \"{end}\"\nreason = \"incident 7: Störung\"")));
        terraform.apply().succeeds();
        assert!(reader.reads(&scene, "orders"));
        while jiff::Timestamp::now() <= end + jiff::SignedDuration::from_secs(1) {
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        assert!(!reader.reads(&scene, "orders"), "AWS ends it");
        assert_eq!(scene.statements("orders").len(), 1);
        terraform.apply().succeeds();
        assert_eq!(scene.statements("orders").len(), 0);
        terraform.has_no_changes();
    }

    /// A condition of AWS's own narrows it.
    fn a_condition_narrows_a_grant(terraform) {
        let Some(scene) = Scene::guarded(terraform) else { return };
        let role = scene.api.fresh_role(None);
        let reader = Reader::new(&scene, &scene.api.assume(&role));
        for (range, allowed) in [("10.0.0.0/8", false), ("127.0.0.0/8", true)] {
            let condition = format!(r#"
                access     = ["read"]
                conditions = [{{ operator = "IpAddress", key = "aws:SourceIp", values = ["{range}"] }}]
            "#);
            scene.configure(terraform, &grant(&role, &condition));
            terraform.apply().succeeds();
            terraform.has_no_changes();
            assert_eq!(reader.reads(&scene, "orders"), allowed, "{range}");
        }
    }

    /// Twelve grants on one secret at once: each is there, none was overwritten by another.
    fn many_grants_on_one_secret_do_not_overwrite_each_other(terraform) {
        let Some(scene) = Scene::guarded(terraform) else { return };
        let roles: Vec<String> = (0..12).map(|_| scene.api.fresh_role(None)).collect();
        scene.configure(terraform, &format!(r#"
            {SECRETS}
            resource "secret_grant" "orders" {{
              for_each  = toset({})
              secret_id = secret.orders.id
              principal = each.key
              access    = ["read"]
            }}
        "#, json!(roles)));
        terraform.apply().succeeds();
        assert_eq!(scene.statements("orders").len(), 12);
        terraform.has_no_changes();
        terraform.destroy().succeeds();
    }

    /// A principal that is deleted leaves an id of its own in the policy, which AWS takes from nobody: it is pruned, and what is granted
    /// later still goes in.
    fn what_is_left_of_a_deleted_role_is_pruned(terraform) {
        // As published: only that takes a document such as AWS shows after the deletion.
        let Some(stack) = Ministack::start_with(Faults::AsPublished) else { return };
        let scene = Scene::on(stack.api(), terraform);
        scene.api.does("secretsmanager", "create_secret", json!({"Name": scene.name("orders"), "SecretString": "theirs"}));
        let grant = |principal: &str| format!(r#"
            resource "secret_grant" "orders" {{
              secret_id = "${{local.prefix}}/orders"
              principal = "{principal}"
              access    = ["read"]
            }}
        "#);
        let (gone, role) = (scene.api.fresh_role(None), scene.api.fresh_role(None));
        scene.configure(terraform, &grant(&gone));
        terraform.apply().succeeds();
        let statement = scene.statements("orders")[0].to_string().replace(&gone, "AROAEXAMPLEEXAMPLE123");
        let document = format!("{{\"Version\": \"2012-10-17\", \"Statement\": [{statement}]}}");
        scene.api.does("secretsmanager", "put_resource_policy", json!({"SecretId": scene.name("orders"), "ResourcePolicy": document}));
        terraform.plan().exits_with(2).says("will be created");
        scene.configure(terraform, &grant(&role));
        terraform.apply().succeeds();
        let statements = scene.statements("orders");
        assert_eq!(statements.len(), 1, "{statements:?}");
        assert!(Reader::new(&scene, &scene.api.assume(&role)).reads(&scene, "orders"));
        terraform.has_no_changes();
    }

    /// What a provider that makes public, a document that is too long, or an unknown principal gets.
    fn a_grant_that_cannot_be_is_refused_at_its_argument(terraform) {
        let Some(scene) = Scene::guarded(terraform) else { return };
        let role = scene.api.fresh_role(None);
        for (principal, arguments, expected) in [
            ("*", "access = [\"read\"]", "wildcard"),
            ("arn:aws:iam::123456789012:group/readers", "access = [\"read\"]", "group"),
            ("arn:aws:iam::123456789012:role/*", "access = [\"read\"]", "wildcard"),
            (&role, "access = [\"read\"]\nvia = \"somewhere\"", "via"),
            (&role, "access = [\"own\"]", "access"),
        ] {
            scene.configure(terraform, &grant(principal, arguments));
            terraform.plan().exits_with(1).says(expected);
        }
        assert!(!scene.exists("orders"));
    }

    /// Who can use a secret: by our grant, by somebody's statement and by somebody's identity policy.
    fn everybody_who_can_read_is_listed(terraform) {
        let Some(scene) = Scene::guarded(terraform) else { return };
        let role = scene.api.fresh_role(None);
        let (user, _) = scene.api.fresh_user(None);
        scene.configure(terraform, &grant(&role, r#"access = ["read"]"#));
        terraform.apply().succeeds();
        let mut statements = scene.statements("orders");
        statements.push(json!({"Sid": "Theirs", "Effect": "Allow", "Principal": {"AWS": user}, "Action": "secretsmanager:GetSecretValue", "Resource": "*"}));
        let document = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        scene.api.does("secretsmanager", "put_resource_policy", json!({"SecretId": scene.name("orders"), "ResourcePolicy": document}));
        scene.configure(terraform, &format!(r#"
            {}
            data "secret_access" "orders" {{
              secret_id  = secret.orders.id
              depends_on = [secret_grant.orders]
            }}
            output "readers" {{ value = [for one in data.secret_access.orders.accessors : one.principal if contains(one.access, "read")] }}
        "#, grant(&role, r#"access = ["read"]"#)));
        terraform.apply().succeeds();
        let readers = terraform.output("readers");
        for principal in [role, user] {
            assert!(readers.as_array().is_some_and(|all| all.contains(&json!(principal))), "{principal}: {readers}");
        }
    }
}
