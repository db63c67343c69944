//! Versions and labels as AWS, rotation functions and others leave them.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use secret_store::{
    CreateSecret, IdempotencyToken, MoveLabel, Promotion, PutVersion, Store, StoreError, VersionId,
    VersionLabel, VersionSelector,
};
use secretlint_tests::proxy::{Proxy, When};
use secretlint_tests::servers::aws::moto::Moto;
use serde_json::json;

use crate::scene::{
    CURRENT, created, doubles, fresh, open, open_once, pending, put, stages, tagged, tags, text,
};

#[tokio::test(flavor = "multi_thread")]
async fn labels_that_a_rotation_function_or_others_leave_are_read_as_they_are_meant() {
    for api in doubles() {
        let store = open(api);
        let secret = fresh("labels");
        let made = store.create(&secret, created("one")).await.unwrap();
        let first = made.current().unwrap().id.clone();
        // As a rotation function leaves it: current and pending at once.
        let token = IdempotencyToken::random();
        let request = json!({"SecretId": secret, "SecretString": "two", "ClientRequestToken": token.as_str(),
            "VersionStages": ["AWSCURRENT", "AWSPENDING", "not a label here"]});
        api.does("secretsmanager", "put_secret_value", request);
        let second = VersionId::parse(token.as_str()).unwrap();
        let seen = store.describe(&secret).await.unwrap();
        let current = seen.current().unwrap();
        assert_eq!((&current.id, &current.labels), (&second, &vec![VersionLabel::Current]));
        let pending = VersionSelector::Label(VersionLabel::Pending);
        assert!(store.read(&secret, &pending).await.unwrap_err().is_not_found());
        // A promotion that is made again finishes it; a rollback leaves the foreign label, and a retirement takes it.
        let promotion = |version: &VersionId| Promotion { version: version.clone(), keep_previous_for: None };
        store.promote(&secret, promotion(&second)).await.unwrap();
        assert_eq!(stages(api, &secret)[second.as_str()], ["AWSCURRENT", "not a label here"]);
        let back = store.promote(&secret, promotion(&first)).await.unwrap();
        assert_eq!(back.current().unwrap().id, first);
        assert_eq!(stages(api, &secret)[second.as_str()], ["AWSPREVIOUS", "not a label here"]);
        store.retire_version(&secret, &second).await.unwrap();
        assert!(stages(api, &secret).get(second.as_str()).is_none_or(Vec::is_empty));
        assert!(store.retire_version(&secret, &second).await.unwrap_err().is_not_found());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_version_is_current_whatever_its_label() {
    for api in doubles() {
        let store = open(api);
        let secret = fresh("first");
        store.create(&secret, CreateSecret { value: None, ..created("") }).await.unwrap();
        let made = store.put_version(&secret, pending("one")).await.unwrap();
        assert_eq!(made.labels, [VersionLabel::Current]);
        assert_eq!(text(&store, &secret, &CURRENT).await, "one");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_twenty_first_label_is_refused_on_the_label() {
    for api in doubles() {
        let store = open(api);
        let secret = fresh("twenty");
        let made = store.create(&secret, created("one")).await.unwrap();
        let version = made.current().unwrap().id.clone();
        let label = |number: usize| VersionLabel::Custom(format!("label-{number}"));
        let nineteen = PutVersion { labels: (1..20).map(label).collect(), ..put("two") };
        store.put_version(&secret, nineteen).await.unwrap();
        let start = Instant::now();
        let request = MoveLabel { label: label(20), to: Some(version.clone()), only_if_on: None };
        let put = PutVersion { labels: vec![label(21)], ..put("two") };
        let errors = [
            store.move_label(&secret, request).await.unwrap_err(),
            store.put_version(&secret, put).await.unwrap_err(),
        ];
        for error in errors {
            let StoreError::Invalid(error) = error else { panic!("{error:?}") };
            assert!(error.field == "label" && error.reason.contains("20 labels at most"), "{error}");
        }
        assert!(start.elapsed() < Duration::from_secs(5), "a quota is not waited for");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_grace_is_noted_and_kept_by_the_next_write() {
    for api in doubles() {
        let store = open(api);
        let secret = fresh("grace");
        let made = store.create(&secret, created("one")).await.unwrap();
        let first = made.current().unwrap().id.clone();
        let keep_previous_for = Some(SignedDuration::from_hours(1));
        store.put_version(&secret, PutVersion { keep_previous_for, ..put("two") }).await.unwrap();
        let seen = store.describe(&secret).await.unwrap();
        let previous = seen.version_with(&VersionLabel::Previous).unwrap();
        assert_eq!(previous.id, first);
        let end = previous.expires_at.unwrap();
        assert!(end > Timestamp::now() && seen.current().unwrap().expires_at.is_none());
        assert_eq!(tags(api, &secret)["secretlint:grace"], format!("{first} {end}"));
        // An hour later.
        let past = json!([{"Key": "secretlint:grace", "Value": format!("{first} 2020-01-01T00:00:00Z")}]);
        api.does("secretsmanager", "tag_resource", json!({"SecretId": secret, "Tags": past}));
        store.update(&secret, tagged(&[("a", "b")]), &seen.revision).await.unwrap();
        let seen = store.describe(&secret).await.unwrap();
        assert!(seen.version_with(&VersionLabel::Previous).is_none() && seen.versions.len() == 1);
        assert!(!tags(api, &secret).contains_key("secretlint:grace"));
        // Without a grace, a note of an earlier one does not come to life again.
        store.put_version(&secret, PutVersion { keep_previous_for, ..put("three") }).await.unwrap();
        let second =
            store.describe(&secret).await.unwrap().version_with(&VersionLabel::Previous).unwrap().id.clone();
        store.promote(&secret, Promotion { version: second, keep_previous_for: None }).await.unwrap();
        store.put_version(&secret, put("four")).await.unwrap();
        let seen = store.describe(&secret).await.unwrap();
        assert_eq!(seen.version_with(&VersionLabel::Previous).unwrap().expires_at, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_to_move_a_label_is_told_in_the_words_of_aws() {
    let Some(moto) = Moto::shared() else { return };
    let proxy = Proxy::to(moto.address());
    let store = open_once(&moto.api().at(proxy.address()));
    let secret = fresh("refused-move");
    let made = store.create(&secret, created("one")).await.unwrap();
    let waiting = store.put_version(&secret, pending("two")).await.unwrap().id;
    let words = "Operation not permitted on a replica secret.";
    let when = When::request(" UpdateSecretVersionStage$");
    proxy.add(when.refuses(400, "InvalidRequestException", words));
    let current = made.current().unwrap().id.clone();
    let guarded = PutVersion { only_if_current: Some(current), ..put("three") };
    let promotion = Promotion { version: waiting, keep_previous_for: None };
    for error in [
        store.promote(&secret, promotion).await.unwrap_err(),
        store.put_version(&secret, guarded).await.unwrap_err(),
    ] {
        assert!(matches!(&error, StoreError::Conflict { reason, .. } if reason.contains(words)), "{error}");
    }
}
