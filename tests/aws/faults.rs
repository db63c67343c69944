//! AWS throttles, fails, is slow, loses answers, or the provider is killed: applied again, everything converges, nothing is twice and
//! nothing is left over. Counted by boto3.

use std::time::Duration;

use secretlint_tests::on_newest_terraform;
use secretlint_tests::proxy::{Proxy, Rule, When};
use secretlint_tests::terraform::Workspace;
use serde_json::{Value, json};

use crate::scene::Scene;

/// Enough that each fault meets another one of them.
const COUNT: usize = 6;

/// What every write of the whole life is called, by the stage that it belongs to.
const MAKING: [&str; 1] = ["CreateSecret"];
const CHANGING: [&str; 4] = ["UpdateSecret", "TagResource", "UntagResource", "ReplicateSecretToRegions"];
const ROTATING: [&str; 2] = ["PutSecretValue", "UpdateSecretVersionStage"];
const GRANTING: [&str; 3] = ["PutResourcePolicy", "PutRolePolicy", "TagResource"];
const ENDING: [&str; 5] = [
    "DeleteSecret",
    "DeleteResourcePolicy",
    "DeleteRolePolicy",
    "RemoveRegionsFromReplication",
    "UntagResource",
];
/// What every stage reads.
const READING: [&str; 2] = ["DescribeSecret", "ListSecretVersionIds"];

/// The life of some secrets through a proxy.
struct Life {
    scene: Scene,
    proxy: Proxy,
    role: String,
    arguments: &'static str,
}

/// How far a life is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Made,
    Changed,
    Rotated,
    Granted,
}

impl Life {
    fn new(terraform: &mut Workspace, arguments: &'static str) -> Option<Self> {
        let scene = Scene::new(terraform)?;
        let proxy = Proxy::to(scene.api.address());
        scene.speak_to(terraform, proxy.address());
        let role = scene.api.fresh_role(None);
        Some(Self { scene, proxy, role, arguments })
    }

    fn configure(&self, terraform: &mut Workspace, stage: Stage) {
        let changed = if stage >= Stage::Changed {
            "description = \"second\"\n tags = { stage = \"test\" }\n replicas = [{ region = \"us-west-2\" }]"
        } else {
            "description = \"first\"\n tags = { service = \"orders\" }"
        };
        let trigger = if stage >= Stage::Rotated { "second" } else { "first" };
        let grants = if stage >= Stage::Granted {
            format!(
                r#"
                resource "secret_grant" "many" {{
                  count     = {COUNT}
                  secret_id = secret.many[count.index].id
                  principal = "{}"
                  access    = ["read"]
                  via       = count.index % 2 == 0 ? "resource_policy" : "identity_policy"
                }}
                "#,
                self.role
            )
        } else {
            String::new()
        };
        self.scene.configure_with(
            terraform,
            self.arguments,
            &format!(
                r#"
                resource "secret" "many" {{
                  count    = {COUNT}
                  name     = "${{local.prefix}}/many/${{count.index}}"
                  {changed}
                  generate = {{ kind = "password", length = 32 }}
                }}
                resource "secret_rotation" "many" {{
                  count     = {COUNT}
                  secret_id = secret.many[count.index].id
                  schedule  = "30d"
                  trigger   = "{trigger}"
                }}
                {grants}
                "#
            ),
        );
    }

    /// Every secret once, with so many versions, of which one is current and none pending or half written.
    #[track_caller]
    fn each_is_there_once(&self, versions: usize) {
        assert_eq!(self.scene.below("many").len(), COUNT);
        for index in 0..COUNT {
            let name = format!("many/{index}");
            assert_eq!(self.scene.versions(&name).len(), versions, "{name}");
            let stages = self.scene.describe(&name)["VersionIdsToStages"].clone();
            let stages = stages.as_object().expect("versions");
            let label = |labels: &Value| match labels.as_array().map(Vec::as_slice) {
                Some([one]) => one.as_str().unwrap_or_default().to_owned(),
                // The last step of a rotation takes AWSPENDING off the version that is current already; AWS takes it for finished.
                Some([_, _])
                    if labels == &json!(["AWSCURRENT", "AWSPENDING"])
                        || labels == &json!(["AWSPENDING", "AWSCURRENT"]) =>
                {
                    "AWSCURRENT".to_owned()
                }
                _ => labels.to_string(),
            };
            let mut labels: Vec<String> = stages.values().map(label).collect();
            labels.sort_unstable();
            assert_eq!(labels, ["AWSCURRENT", "AWSPREVIOUS"][..versions], "{name}: {stages:?}");
        }
    }

    /// Half of the grants are statements, half are inline policies; each is there once.
    #[track_caller]
    fn grants_are(&self, expected: usize) {
        let statements: usize =
            (0..COUNT).map(|index| self.scene.statements(&format!("many/{index}")).len()).sum();
        let name = self.role.rsplit('/').next().expect("an ARN has a name");
        let policies = self.scene.api.does("iam", "list_role_policies", json!({"RoleName": name}));
        let policies = policies["PolicyNames"].as_array().map_or(0, Vec::len);
        assert_eq!((statements, policies), (expected, expected));
    }

    /// The whole life, with a fault on the first request of each operation of each stage. The life itself may fail at each, and
    /// converges at the next apply.
    fn goes_on_after(&self, terraform: &mut Workspace, fault: impl Fn(When) -> Rule) {
        let stages: [(Stage, &[&str], usize); 4] = [
            (Stage::Made, &MAKING, 1),
            (Stage::Changed, &CHANGING, 1),
            (Stage::Rotated, &ROTATING, 2),
            (Stage::Granted, &GRANTING, 2),
        ];
        for (stage, operations, versions) in stages {
            self.configure(terraform, stage);
            self.fail_once(operations, &fault);
            terraform.apply();
            self.proxy.behave();
            terraform.apply().succeeds();
            self.each_is_there_once(versions);
        }
        self.grants_are(COUNT / 2);
        terraform.has_no_changes();
        self.fail_once(&ENDING, &fault);
        terraform.destroy();
        self.proxy.behave();
        terraform.destroy().succeeds();
        self.nothing_is_left();
    }

    fn fail_once(&self, operations: &[&str], fault: &impl Fn(When) -> Rule) {
        for operation in operations.iter().chain(&READING) {
            // Not the first one of those that read: without any answer a plan ends before anything is done.
            let after = if READING.contains(operation) { COUNT * 2 } else { 0 };
            self.proxy.add(fault(When::request(&format!(" {operation}$")).after(after).times(1)));
        }
    }

    #[track_caller]
    fn nothing_is_left(&self) {
        for index in 0..COUNT {
            let secret = self.scene.describe(&format!("many/{index}"));
            assert!(secret["DeletedDate"].is_string(), "{secret}");
        }
        let name = self.role.rsplit('/').next().expect("an ARN has a name");
        assert_eq!(
            self.scene.api.does("iam", "list_role_policies", json!({"RoleName": name}))["PolicyNames"],
            json!([])
        );
    }
}

on_newest_terraform! {
    /// Each write went through and its answer was lost, with nobody asking again within the run: the next apply finds what was done.
    fn a_lost_answer_is_made_good_by_the_next_apply(terraform) {
        let Some(life) = Life::new(terraform, "max_retries = 0") else { return };
        life.goes_on_after(terraform, When::loses_the_answer);
    }

    /// A connection breaks before AWS hears of the request.
    fn a_broken_connection_is_made_good_by_the_next_apply(terraform) {
        let Some(life) = Life::new(terraform, "max_retries = 0") else { return };
        life.goes_on_after(terraform, When::resets);
    }

    /// Throttling, failures of AWS's own, answers that are lost and slow ones pass by within one run: nobody notices.
    fn a_busy_aws_is_asked_again(terraform) {
        let Some(life) = Life::new(terraform, "") else { return };
        for stage in [Stage::Made, Stage::Changed, Stage::Rotated, Stage::Granted] {
            life.configure(terraform, stage);
            for operation in ["CreateSecret", "UpdateSecret", "TagResource", "PutSecretValue", "UpdateSecretVersionStage", "PutResourcePolicy", "DescribeSecret"] {
                let when = || When::request(&format!(" {operation}$"));
                life.proxy.add(when().times(2).refuses(400, "ThrottlingException", "Rate exceeded"));
                life.proxy.add(when().times(1).refuses(500, "InternalServiceError", "An error occurred on the server side."));
                life.proxy.add(when().times(1).loses_the_answer());
                life.proxy.add(when().times(2).delays(Duration::from_millis(300)));
            }
            life.proxy.add(When::request(" PutRolePolicy$").times(1).refuses(400, "Throttling", "Rate exceeded"));
            terraform.apply().succeeds();
            life.proxy.behave();
        }
        life.each_is_there_once(2);
        life.grants_are(COUNT / 2);
        terraform.has_no_changes();
    }

    /// Throttling that stays: a clear error, and nothing lost.
    fn throttling_that_stays_is_a_clear_error(terraform) {
        let Some(life) = Life::new(terraform, "max_retries = 1") else { return };
        life.configure(terraform, Stage::Made);
        life.proxy.add(When::request(" CreateSecret$").after(2).refuses(400, "ThrottlingException", "Rate exceeded"));
        terraform.apply().exits_with(1).says("limiting");
        life.proxy.behave();
        terraform.apply().succeeds();
        life.each_is_there_once(1);
        terraform.has_no_changes();
    }

    /// Killed at several moments: the next apply goes on from there, with no orphan and no second version.
    fn an_apply_after_a_killed_one_converges(terraform) {
        let Some(life) = Life::new(terraform, "") else { return };
        for (stage, pattern, after) in [
            (Stage::Made, " CreateSecret$", 2),
            (Stage::Made, " CreateSecret$", 0),
            (Stage::Changed, " UpdateSecret$", 1),
            (Stage::Changed, " TagResource$", 1),
            (Stage::Rotated, " PutSecretValue$", 1),
            (Stage::Rotated, " UpdateSecretVersionStage$", 1),
            (Stage::Granted, " PutResourcePolicy$", 1),
            (Stage::Granted, " PutRolePolicy$", 1),
        ] {
            life.configure(terraform, stage);
            terraform.apply_killed_at(&life.proxy, pattern, after);
            if stage == Stage::Changed {
                // A rotation that is made together with its secret does not rotate it.
                terraform.apply().succeeds();
            }
        }
        terraform.apply().succeeds();
        life.each_is_there_once(2);
        life.grants_are(COUNT / 2);
        terraform.has_no_changes();
        terraform.destroy().succeeds();
        life.nothing_is_left();
    }
}
