//! Rotation by AWS itself: what is set, seen with boto3; that a rotation is made once whatever becomes of the answers; and what is said
//! when it cannot be.
//!
//! No double runs a rotation function. Where AWS begins a rotation and finishes it later, the doubles have finished it when they answer; one
//! that never ends is made with boto3, as a function that fails leaves it.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use secret_store::aws::AwsStore;
use secret_store::{
    FirstRotation, IdempotencyToken, RotateNow, RotationSchedule, RotationSpec, RotationStatus, Rotator,
    SecretName, Store, StoreError, VersionId, VersionLabel,
};
use secretlint_tests::proxy::{Proxy, When};
use secretlint_tests::servers::aws::moto::Moto;
use secretlint_tests::servers::aws::{Api, Permission};
use serde_json::{Value, json};

use crate::scene::{created, fresh, name, open, open_once, pending};

const NOT_COMPLETE: &str = "A previous rotation isn't complete. That rotation will be reattempted.";
const CANNOT_INVOKE: &str = "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the principal \
     secretsmanager.amazonaws.com.";

/// A secret with one version, and a function that may rotate it.
struct Scene {
    api: Api,
    store: AwsStore,
    secret: SecretName,
    function: String,
}

impl Scene {
    /// `None`, and a line that says so, where moto is not installed.
    async fn new(text: &str) -> Option<Self> {
        let api = Moto::shared()?.api().clone();
        let store = open(&api);
        let secret = fresh(text);
        store.create(&secret, created("one")).await.unwrap();
        let function = api.fresh_function(Permission::Granted);
        Some(Self { api, store, secret, function })
    }

    fn spec(&self, schedule: RotationSchedule) -> RotationSpec {
        RotationSpec {
            schedule,
            window: None,
            rotator: Rotator::Function(self.function.clone()),
            first: FirstRotation::WhenDue,
        }
    }

    async fn set(&self, spec: RotationSpec) -> RotationStatus {
        self.store.schedule_rotation(&self.secret, Some(spec)).await.unwrap().unwrap()
    }

    async fn refused(&self, spec: RotationSpec) -> StoreError {
        self.store.schedule_rotation(&self.secret, Some(spec)).await.unwrap_err()
    }

    async fn current(&self) -> VersionId {
        self.store.describe(&self.secret).await.unwrap().current().unwrap().id.clone()
    }

    /// As boto3 sees it.
    fn described(&self) -> Value {
        self.api.does("secretsmanager", "describe_secret", json!({"SecretId": self.secret.as_str()}))
    }

    /// All versions, also those without a label.
    fn versions(&self) -> BTreeSet<String> {
        let asked = json!({"SecretId": self.secret.as_str(), "IncludeDeprecated": true});
        let listed = self.api.does("secretsmanager", "list_secret_version_ids", asked);
        let versions = listed["Versions"].as_array().unwrap();
        versions.iter().map(|version| version["VersionId"].as_str().unwrap().to_owned()).collect()
    }
}

fn days(days: i64) -> RotationSchedule {
    RotationSchedule::Every(SignedDuration::from_hours(days * 24))
}

fn cron(text: &str) -> RotationSchedule {
    RotationSchedule::Cron(text.to_owned())
}

#[track_caller]
fn check_invalid(error: &StoreError, field: &str, expected: &str) {
    let StoreError::Invalid(invalid) = error else { panic!("{error}") };
    assert_eq!(invalid.field, field, "{error}");
    assert!(invalid.reason.contains(expected), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_is_set_in_each_form_and_changed_from_each_to_each() {
    let Some(scene) = Scene::new("schedules").await else { return };
    let first = scene.current().await;
    let hours = SignedDuration::from_hours;
    let cases = [
        (days(30), None, json!({"AutomaticallyAfterDays": 30})),
        (cron("cron(0 8 1 * ? *)"), None, json!({"ScheduleExpression": "cron(0 8 1 * ? *)"})),
        (days(7), None, json!({"AutomaticallyAfterDays": 7})),
        (RotationSchedule::Every(hours(12)), None, json!({"ScheduleExpression": "rate(12 hours)"})),
        (
            days(10),
            Some(hours(3)),
            json!({"ScheduleExpression": "rate(10 days)", "Duration": "3h", "AutomaticallyAfterDays": 10}),
        ),
        (
            cron("cron(0 3 ? * MON *)"),
            Some(hours(2)),
            json!({"ScheduleExpression": "cron(0 3 ? * MON *)", "Duration": "2h"}),
        ),
        (days(1000), None, json!({"AutomaticallyAfterDays": 1000})),
    ];
    for (schedule, window, expected) in cases {
        let set = scene.set(RotationSpec { window, ..scene.spec(schedule.clone()) }).await;
        assert_eq!((&set.schedule, set.window), (&schedule, window));
        assert_eq!(set.rotator, Rotator::Function(scene.function.clone()));
        let described = scene.described();
        assert_eq!(described["RotationRules"], expected);
        assert_eq!(described["RotationLambdaARN"], json!(scene.function));
        let seen = scene.store.describe(&scene.secret).await.unwrap().rotation.unwrap();
        assert_eq!(seen, set);
    }
    assert_eq!(scene.current().await, first, "no rotation was asked for");
    assert_eq!(scene.versions().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn making_a_rotation_can_rotate_at_once() {
    let Some(scene) = Scene::new("at-once").await else { return };
    let first = scene.current().await;
    let set = scene.set(RotationSpec { first: FirstRotation::Now, ..scene.spec(days(30)) }).await;
    let described = scene.store.describe(&scene.secret).await.unwrap();
    let current = described.current().unwrap();
    assert_ne!(current.id, first);
    assert_eq!(current.labels, [VersionLabel::Current], "AWSPENDING beside it is what functions leave");
    assert_eq!(described.version_with(&VersionLabel::Previous).unwrap().id, first);
    assert!(set.last_rotated_at.is_some() && set.next_rotation_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_function_takes_over_in_place() {
    let Some(scene) = Scene::new("another").await else { return };
    scene.set(scene.spec(days(30))).await;
    let other = scene.api.fresh_function(Permission::Granted);
    let spec = RotationSpec { rotator: Rotator::Function(other.clone()), ..scene.spec(days(30)) };
    assert_eq!(scene.set(spec).await.rotator, Rotator::Function(other.clone()));
    assert_eq!(scene.described()["RotationLambdaARN"], json!(other));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_token_makes_one_rotation() {
    let Some(scene) = Scene::new("token").await else { return };
    scene.set(scene.spec(days(30))).await;
    let from = scene.current().await;
    let token = IdempotencyToken::random();
    for from in [Some(from.clone()), None, Some(from.clone())] {
        let rotated =
            scene.store.rotate_native(&scene.secret, RotateNow { token: token.clone(), from }).await.unwrap();
        assert_eq!(rotated.current().unwrap().id.as_str(), token.as_str());
    }
    let other = IdempotencyToken::random();
    let answer = scene
        .store
        .rotate_native(&scene.secret, RotateNow { token: other, from: Some(from.clone()) })
        .await
        .unwrap();
    assert_eq!(
        answer.current().unwrap().id.as_str(),
        token.as_str(),
        "what was to be replaced is gone already"
    );
    assert_eq!(scene.versions(), BTreeSet::from([from.to_string(), token.as_str().to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_whose_answer_is_lost_is_made_once() {
    let Some(scene) = Scene::new("lost").await else { return };
    scene.set(scene.spec(days(30))).await;
    let proxy = Proxy::to(scene.api.address());
    let through = open(&scene.api.at(proxy.address()));
    let mut made = scene.versions();
    for rule in [
        When::request(" RotateSecret$").times(1).loses_the_answer(),
        When::request(" RotateSecret$").times(1).resets(),
        When::request(" RotateSecret$").times(2).refuses(400, "ThrottlingException", "Rate exceeded"),
        When::request(" RotateSecret$").times(1).passes_then_refuses(500, "InternalServiceError", "no"),
        // What AWS says to the second attempt while the first one is going on.
        When::request(" RotateSecret$").times(1).passes_then_refuses(
            400,
            "InvalidRequestException",
            NOT_COMPLETE,
        ),
        When::request(" DescribeSecret$").after(1).times(1).resets(),
    ] {
        proxy.behave();
        proxy.add(rule);
        let from = Some(scene.current().await);
        let token = IdempotencyToken::random();
        let rotated =
            through.rotate_native(&scene.secret, RotateNow { token: token.clone(), from }).await.unwrap();
        assert_eq!(rotated.current().unwrap().id.as_str(), token.as_str());
        made.insert(token.as_str().to_owned());
        assert_eq!(scene.versions(), made);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_whose_answer_is_lost_is_there() {
    let Some(scene) = Scene::new("lost-schedule").await else { return };
    let proxy = Proxy::to(scene.api.address());
    let once = open_once(&scene.api.at(proxy.address()));
    proxy.add(When::request(" RotateSecret$").times(1).loses_the_answer());
    let spec = RotationSpec { first: FirstRotation::Now, ..scene.spec(days(30)) };
    let error = once.schedule_rotation(&scene.secret, Some(spec.clone())).await.unwrap_err();
    assert!(error.is_transient(), "{error}");
    let status = scene.store.describe(&scene.secret).await.unwrap().rotation.unwrap();
    assert_eq!(status.schedule, days(30), "so who looks before he sets it again need not");
    assert_eq!(scene.versions().len(), 2);

    let patient = open(&scene.api.at(proxy.address()));
    proxy.add(When::request(" RotateSecret$").times(1).loses_the_answer());
    patient.schedule_rotation(&scene.secret, Some(spec)).await.unwrap();
    assert_eq!(scene.versions().len(), 3, "one for each time that it was asked for");
}

#[tokio::test(flavor = "multi_thread")]
async fn ending_a_rotation_succeeds_however_often_and_where_there_is_none() {
    let Some(scene) = Scene::new("end").await else { return };
    assert_eq!(scene.store.schedule_rotation(&scene.secret, None).await.unwrap(), None);
    scene.set(scene.spec(days(30))).await;
    for _ in 0..2 {
        assert_eq!(scene.store.schedule_rotation(&scene.secret, None).await.unwrap(), None);
        assert_eq!(scene.described()["RotationEnabled"], json!(false));
        assert_eq!(scene.store.describe(&scene.secret).await.unwrap().rotation, None);
    }
    let request = RotateNow { token: IdempotencyToken::random(), from: None };
    let error = scene.store.rotate_native(&scene.secret, request).await.unwrap_err();
    check_invalid(&error, "name", "does not rotate");
    assert_eq!(scene.described()["RotationEnabled"], json!(false), "rotating does not switch it on again");

    scene.set(scene.spec(cron("cron(0 8 1 * ? *)"))).await;
    assert_eq!(scene.described()["RotationEnabled"], json!(true));
    let missing = scene.store.schedule_rotation(&name("test/none-of-this-name"), None).await.unwrap_err();
    assert!(missing.is_not_found(), "{missing}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_secret_has_no_rotation_to_set_or_end() {
    let Some(scene) = Scene::new("deleted").await else { return };
    scene.set(scene.spec(days(30))).await;
    scene.store.delete(&scene.secret, secret_store::Deletion::Recoverable { days: 7 }).await.unwrap();
    let scheduled = |error: StoreError| matches!(error, StoreError::ScheduledForDeletion { .. });
    assert!(scheduled(scene.refused(scene.spec(days(7))).await));
    assert!(scheduled(scene.store.schedule_rotation(&scene.secret, None).await.unwrap_err()));
    let request = RotateNow { token: IdempotencyToken::random(), from: None };
    assert!(scheduled(scene.store.rotate_native(&scene.secret, request).await.unwrap_err()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_may_not_be_invoked_is_said_with_the_command_that_allows_it() {
    let Some(scene) = Scene::new("closed").await else { return };
    let closed = scene.api.fresh_function(Permission::Missing);
    let function_name = closed.rsplit(':').next().unwrap();
    let error = scene
        .refused(RotationSpec { rotator: Rotator::Function(closed.clone()), ..scene.spec(days(30)) })
        .await;
    let command = format!(
        "`aws lambda add-permission --region eu-central-1 --function-name {function_name} --statement-id secretsmanager --action lambda:InvokeFunction --principal \
         secretsmanager.amazonaws.com --source-account 123456789012`"
    );
    check_invalid(&error, "rotation_lambda_arn", &command);
    assert_eq!(scene.store.describe(&scene.secret).await.unwrap().rotation, None);

    // As the command does it.
    let permission = json!({
        "FunctionName": function_name, "StatementId": "secretsmanager", "Action": "lambda:InvokeFunction",
        "Principal": "secretsmanager.amazonaws.com", "SourceAccount": "123456789012",
    });
    scene.api.does("lambda", "add_permission", permission);
    scene.set(RotationSpec { rotator: Rotator::Function(closed), ..scene.spec(days(30)) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_that_was_given_just_before_is_waited_for() {
    let Some(scene) = Scene::new("just-allowed").await else { return };
    let proxy = Proxy::to(scene.api.address());
    proxy.add(When::request(" RotateSecret$").times(1).refuses(400, "AccessDeniedException", CANNOT_INVOKE));
    let through = open(&scene.api.at(proxy.address()));
    through.schedule_rotation(&scene.secret, Some(scene.spec(days(30)))).await.unwrap();
    assert_eq!(proxy.count(" RotateSecret$"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_a_service_owns_is_rotated_by_it() {
    let Some(scene) = Scene::new("ordinary").await else { return };
    let managed = RotationSpec { rotator: Rotator::Store, ..scene.spec(days(7)) };
    check_invalid(&scene.refused(managed.clone()).await, "managed", "`rotation_lambda_arn`");
    // A function that it had stays on a secret, and AWS would take it.
    scene.set(scene.spec(days(30))).await;
    scene.store.schedule_rotation(&scene.secret, None).await.unwrap();
    check_invalid(&scene.refused(managed.clone()).await, "managed", "no service of AWS owns this secret");
    assert_eq!(scene.described()["RotationEnabled"], json!(false));

    let owned = fresh("owned");
    let made = json!({
        "Name": owned.as_str(), "SecretString": r#"{"username": "admin", "password": "an example"}"#,
        "Tags": [{"Key": "aws:secretsmanager:owningService", "Value": "rds"}],
    });
    scene.api.does("secretsmanager", "create_secret", made);
    let set = scene.store.schedule_rotation(&owned, Some(managed)).await.unwrap().unwrap();
    assert_eq!((set.rotator, set.schedule), (Rotator::Store, days(7)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stuck_rotation_is_explained_and_what_is_said_to_help_helps() {
    let Some(scene) = Scene::new("stuck").await else { return };
    scene.set(scene.spec(days(30))).await;
    // A function that failed leaves its version like this.
    let stuck = scene.store.put_version(&scene.secret, pending("half made")).await.unwrap();
    let current = scene.current().await;
    let request = || RotateNow { token: IdempotencyToken::random(), from: Some(current.clone()) };
    let rotation = scene.store.rotate_native(&scene.secret, request()).await.unwrap_err();
    let schedule = scene.refused(scene.spec(days(7))).await;
    let function_name = scene.function.rsplit(':').next().unwrap();
    let arn = scene.described()["ARN"].as_str().unwrap().to_owned();
    let command = format!(
        "`aws secretsmanager update-secret-version-stage --region eu-central-1 --secret-id {arn} --version-stage AWSPENDING --remove-from-version-id {}`",
        stuck.id
    );
    for error in [rotation, schedule] {
        let StoreError::Conflict { reason, .. } = &error else { panic!("{error}") };
        for expected in [command.as_str(), &format!("`/aws/lambda/{function_name}`"), "is not finished"] {
            assert!(reason.contains(expected), "{reason}");
        }
    }
    assert_eq!(scene.current().await, current);

    let given_up = json!({
        "SecretId": arn, "VersionStage": "AWSPENDING", "RemoveFromVersionId": stuck.id.as_str(),
    });
    scene.api.does("secretsmanager", "update_secret_version_stage", given_up);
    let rotated = scene.store.rotate_native(&scene.secret, request()).await.unwrap();
    assert_ne!(rotated.current().unwrap().id, current);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_aws_does_not_take_is_refused_before_it_is_asked() {
    let Some(scene) = Scene::new("checked").await else { return };
    let proxy = Proxy::to(scene.api.address());
    let through = open(&scene.api.at(proxy.address()));
    let hours = SignedDuration::from_hours;
    let spec = || scene.spec(days(30));
    let function = |arn: &str| RotationSpec { rotator: Rotator::Function(arn.to_owned()), ..spec() };
    let elsewhere = scene.function.replace("eu-central-1", "us-east-1");
    for (spec, field, expected) in [
        (RotationSpec { schedule: days(1001), ..spec() }, "schedule", "at most 1000 days"),
        (
            RotationSpec { schedule: cron("cron(0 0/2 * * ? *)"), ..spec() },
            "schedule",
            "at most every 4 hours",
        ),
        (RotationSpec { window: Some(hours(25)), ..spec() }, "window", "`1h` to `24h`"),
        (function(&elsewhere), "rotation_lambda_arn", "region `us-east-1` and the secret in `eu-central-1`"),
        (function("rotate"), "rotation_lambda_arn", "is not the ARN of a Lambda function"),
        (
            RotationSpec { rotator: Rotator::Announce(Vec::new()), ..spec() },
            "rotator",
            "`rotation_lambda_arn`",
        ),
    ] {
        check_invalid(&through.check_rotation(Some(&scene.secret), &spec).unwrap_err(), field, expected);
        check_invalid(
            &through.schedule_rotation(&scene.secret, Some(spec)).await.unwrap_err(),
            field,
            expected,
        );
    }
    assert_eq!(proxy.requests(), []);
}
