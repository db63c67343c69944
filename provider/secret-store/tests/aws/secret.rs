//! A secret as a whole: how boto3 sees what the store writes, what others write, copies, keys, ARNs, windows of deletion.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::{SignedDuration, Timestamp};
use secret_store::{
    CreateSecret, Deletion, DeletionOutcome, Metadata, PutVersion, Replica, SecretDescription, SecretValue,
    Store, StoreError,
};
use secretlint_tests::proxy::{Proxy, When};
use secretlint_tests::servers::aws::Api;
use secretlint_tests::servers::aws::moto::Moto;
use serde_json::{Value, json};

use crate::scene::{
    CURRENT, created, described, doubles, fresh, name, open, open_once, pairs, put, tagged, tags, text,
    value, with,
};

fn replicas(regions: &[(&str, Option<&str>)]) -> Vec<Replica> {
    let replica = |(region, key): &(&str, Option<&str>)| Replica {
        region: (*region).to_owned(),
        kms_key: key.map(str::to_owned),
    };
    regions.iter().map(replica).collect()
}

/// What boto3 reads.
fn read(api: &Api, request: Value) -> Value {
    api.does("secretsmanager", "get_secret_value", request)
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3_sees_what_was_said() {
    for api in doubles() {
        let store = open(api);
        let secret = fresh("seen");
        let metadata = Metadata {
            description: Some("Orders, \"quoted\" ключ".to_owned()),
            owner: Some("team-orders".to_owned()),
            expires_at: Some("2027-06-30T00:00:00Z".parse().unwrap()),
            tags: pairs(&[("service", "orders"), ("Größe", "4 / 2")]),
            annotations: pairs(&[("terraform.claim", "abc"), ("terraform.generator", r#"{"kind":"uuid"}"#)]),
            ..Metadata::default()
        };
        let request = with(metadata.clone());
        let made = store.create(&secret, request.clone()).await.unwrap();
        assert_eq!(made.metadata, metadata);
        let seen = described(api, &secret);
        assert_eq!(seen["Description"], json!(metadata.description));
        assert_eq!(seen["ARN"], json!(made.arn));
        assert_eq!(seen["VersionIdsToStages"], json!({request.token.as_str(): ["AWSCURRENT"]}));
        let wanted = pairs(&[
            ("Größe", "4 / 2"),
            ("expires_at", "2027-06-30T00:00:00Z"),
            ("owner", "team-orders"),
            ("secretlint:creation", request.token.as_str()),
            ("secretlint:terraform.claim", "abc"),
            ("secretlint:terraform.generator", "base64:1/1:eyJraW5kIjoidXVpZCJ9"),
            ("service", "orders"),
        ]);
        assert_eq!(tags(api, &secret), wanted);
        assert_eq!(read(api, json!({"SecretId": made.arn}))["SecretString"], "one");
        let binary = SecretValue::new(vec![0, 255, 1]);
        let version = store.put_version(&secret, PutVersion { value: binary, ..put("") }).await.unwrap();
        let seen = read(api, json!({"SecretId": secret}));
        assert_eq!(seen["SecretBinary"], json!(BASE64_STANDARD.encode([0, 255, 1])));
        assert_eq!(seen["VersionId"], json!(version.id.as_str()));
        assert_eq!(seen["SecretString"], Value::Null);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_of_others_are_shown_and_replaced_but_not_those_of_aws() {
    let Some(moto) = Moto::shared() else { return };
    let (api, store) = (moto.api(), open(moto.api()));
    let secret = fresh("tags");
    let of_aws = json!([
        {"Key": "aws:secretsmanager:owningService", "Value": "rds"}, {"Key": "Owner", "Value": "a, b"},
        {"Key": "expires_at", "Value": "never"}, {"Key": "secretlint:note", "Value": "base64:1/3:x"},
        {"Key": "secretlint:grant:7", "Value": "somebody"},
    ]);
    api.does("secretsmanager", "create_secret", json!({"Name": secret, "SecretString": "x", "Tags": of_aws}));
    let seen = store.describe(&secret).await.unwrap();
    let wanted = Metadata {
        annotations: pairs(&[("note", "base64:1/3:x")]),
        ..tagged(&[("Owner", "a, b"), ("expires_at", "never")])
    };
    assert_eq!(seen.metadata, wanted);
    let updated = store.update(&secret, tagged(&[("team", "orders")]), &seen.revision).await.unwrap();
    assert_eq!(updated.metadata, tagged(&[("team", "orders")]));
    let wanted = pairs(&[
        ("aws:secretsmanager:owningService", "rds"),
        ("secretlint:grant:7", "somebody"),
        ("team", "orders"),
    ]);
    assert_eq!(tags(api, &secret), wanted);
    assert_eq!(store.describe(&secret).await.unwrap().revision, updated.revision);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_note_comes_back_and_grows_and_shrinks() {
    for api in doubles() {
        let store = open(api);
        let secret = fresh("notes");
        let noted =
            |text: &str| Metadata { annotations: pairs(&[("public_key", text)]), ..Metadata::default() };
        let mut seen = store.create(&secret, with(noted("short"))).await.unwrap();
        for length in [800, 300, 801, 0] {
            let text: String = "-----BEGIN\n{}ключ".chars().cycle().take(length).collect();
            seen = store.update(&secret, noted(&text), &seen.revision).await.unwrap();
            assert_eq!(seen.metadata, noted(&text), "{length}");
        }
        assert_eq!(tags(api, &secret).len(), 2, "nothing is left over: {:?}", tags(api, &secret));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_description_and_a_key_come_and_go() {
    for api in doubles() {
        let store = open(api);
        let (secret, key) = (fresh("details"), api.fresh_key());
        let with_both = Metadata {
            description: Some("Orders".to_owned()),
            kms_key: Some(key.clone()),
            ..Metadata::default()
        };
        let made = store.create(&secret, with(with_both.clone())).await.unwrap();
        assert_eq!(made.metadata, with_both);
        assert_eq!(described(api, &secret)["KmsKeyId"], json!(key));
        let without = store.update(&secret, Metadata::default(), &made.revision).await.unwrap();
        assert_eq!(without.metadata, Metadata::default());
        let again = store.update(&secret, with_both.clone(), &without.revision).await.unwrap();
        assert_eq!((again.metadata, again.versions), (with_both, made.versions));
        assert_eq!(text(&store, &secret, &CURRENT).await, "one");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_are_added_removed_and_encrypted_otherwise_in_place() {
    for api in doubles() {
        let store = open(api);
        let secret = fresh("copies");
        let copied = |regions: &[(&str, Option<&str>)]| Metadata {
            replicas: replicas(regions),
            ..Metadata::default()
        };
        let key = api.in_region("us-east-1").fresh_key();
        let steps = [
            copied(&[("eu-west-1", None), ("us-east-1", Some(&key))]),
            copied(&[("us-east-1", None)]),
            copied(&[("ap-south-1", None), ("us-east-1", Some(&key))]),
            copied(&[]),
            copied(&[("eu-west-1", None)]),
        ];
        let mut steps = steps.into_iter();
        let first = steps.next().unwrap();
        let mut seen = store.create(&secret, with(first.clone())).await.unwrap();
        assert_eq!(seen.metadata, first);
        let copy = described(&api.in_region("us-east-1"), &secret);
        assert_eq!((&copy["PrimaryRegion"], &copy["KmsKeyId"]), (&json!(api.region()), &json!(key)));
        for wanted in steps {
            seen = store.update(&secret, wanted.clone(), &seen.revision).await.unwrap();
            assert_eq!(seen.metadata, wanted);
        }
        let there = api.in_region("eu-west-1");
        assert_eq!(read(&there, json!({"SecretId": secret}))["SecretString"], "one");
        // AWS deletes no secret that has copies.
        let outcome = store.delete(&secret, Deletion::Recoverable { days: 7 }).await.unwrap();
        assert!(matches!(outcome, DeletionOutcome::RecoverableUntil(Some(_))));
        assert!(there.call("secretsmanager", "describe_secret", json!({"SecretId": secret})).is_err());
        let restored = store.restore(&secret).await.unwrap();
        assert_eq!(restored.metadata, Metadata::default(), "the copies are made again by the next apply");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_fails_is_told_with_its_reason_and_made_by_the_next_apply() {
    let Some(moto) = Moto::shared() else { return };
    let store = open(moto.api());
    let secret = fresh("in-the-way");
    let there = moto.api().in_region("eu-west-1");
    there.does("secretsmanager", "create_secret", json!({"Name": secret, "SecretString": "another's"}));
    let request = with(Metadata { replicas: replicas(&[("eu-west-1", None)]), ..Metadata::default() });
    let made = store.create(&secret, request.clone()).await.unwrap();
    assert_eq!(made.metadata.replicas, [], "the secret is there, and a copy that failed is none");
    assert_eq!(store.create(&secret, request.clone()).await.unwrap(), made);
    match store.update(&secret, request.metadata, &made.revision).await {
        Err(StoreError::Invalid(error)) => {
            assert!(error.field == "replicas" && error.reason.contains("in `eu-west-1`"), "{error}");
            assert!(error.reason.contains("already exists in region"), "{error}");
        }
        other => panic!("{other:?}"),
    }
    let seen = store.describe(&secret).await.unwrap();
    let delete = json!({"SecretId": secret, "ForceDeleteWithoutRecovery": true});
    there.does("secretsmanager", "delete_secret", delete);
    // moto keeps the entry that failed beside the new one, so it is taken away first.
    let region = json!({"SecretId": secret, "RemoveReplicaRegions": ["eu-west-1"]});
    moto.api().does("secretsmanager", "remove_regions_from_replication", region);
    let wanted = Metadata { replicas: replicas(&[("eu-west-1", None)]), ..Metadata::default() };
    let updated = store.update(&secret, wanted.clone(), &seen.revision).await.unwrap();
    assert_eq!(updated.metadata, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_was_made_and_cannot_be_described_is_told_as_it_was_asked_for() {
    let Some(moto) = Moto::shared() else { return };
    let proxy = Proxy::to(moto.address());
    let store = open_once(&moto.api().at(proxy.address()));
    let secret = fresh("undescribed");
    let metadata = Metadata { owner: Some("team".to_owned()), ..Metadata::default() };
    let request = CreateSecret { value: Some(value("one")), ..with(metadata) };
    proxy.add(When::request(" DescribeSecret$").refuses(400, "AccessDeniedException", "no"));
    let made = store.create(&secret, request).await.unwrap();
    proxy.behave();
    let described = store.describe(&secret).await.unwrap();
    assert_eq!(
        (&made.arn, &made.metadata, &made.revision),
        (&described.arn, &described.metadata, &described.revision)
    );
    let versions = |description: &SecretDescription| -> Vec<_> {
        description.versions.iter().map(|version| (version.id.clone(), version.labels.clone())).collect()
    };
    assert_eq!(versions(&made), versions(&described));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_is_recognised_by_its_token_also_without_its_first_version() {
    for api in doubles() {
        let store = open(api);
        let secret = fresh("again");
        let request = CreateSecret { value: None, ..created("") };
        let made = store.create(&secret, request.clone()).await.unwrap();
        assert_eq!(store.create(&secret, request.clone()).await.unwrap(), made);
        store.put_version(&secret, put("one")).await.unwrap();
        let again =
            store.create(&secret, CreateSecret { value: Some(value("two")), ..request }).await.unwrap();
        assert_eq!((again.id, again.versions.len()), (made.id, 1));
        assert_eq!(text(&store, &secret, &CURRENT).await, "one");
        let another = store.create(&secret, created("two")).await;
        assert!(matches!(another, Err(StoreError::AlreadyExists { .. })), "{another:?}");
        // Another's secret, made without this store.
        let theirs = fresh("theirs");
        api.does("secretsmanager", "create_secret", json!({"Name": theirs}));
        let taken = store.create(&theirs, CreateSecret { value: None, ..created("") }).await;
        assert!(matches!(taken, Err(StoreError::AlreadyExists { .. })), "{taken:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_aws_is_still_deleting_is_waited_for() {
    let Some(moto) = Moto::shared() else { return };
    let proxy = Proxy::to(moto.address());
    let store = open(&moto.api().at(proxy.address()));
    let busy =
        "You can't create this secret because a secret with this name is already scheduled for deletion.";
    proxy.add(When::request(" CreateSecret$").times(2).refuses(400, "InvalidRequestException", busy));
    let secret = fresh("busy");
    store.create(&secret, created("one")).await.unwrap();
    assert_eq!(proxy.count(" CreateSecret$"), 3);
    // AWS deletes in the background: the secret is still described for a moment.
    let arn = described(moto.api(), &secret)["ARN"].clone();
    proxy.forget();
    let still = json!({"ARN": arn, "Name": secret, "DeletedDate": 1_700_000_000});
    proxy.add(When::request(" DescribeSecret$").after(1).times(2).answers(200, still));
    assert_eq!(store.delete(&secret, Deletion::Purge).await.unwrap(), DeletionOutcome::Gone);
    assert_eq!(proxy.count(" DescribeSecret$"), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_lasts_its_window_and_its_first_date_stands() {
    for api in doubles() {
        let store = open(api);
        let secret = fresh("window");
        store.create(&secret, created("one")).await.unwrap();
        let before = Timestamp::now();
        let outcome = store.delete(&secret, Deletion::Recoverable { days: 7 }).await.unwrap();
        let DeletionOutcome::RecoverableUntil(Some(until)) = outcome else { panic!("{outcome:?}") };
        let lasts = until.duration_since(before);
        assert!(
            lasts > SignedDuration::from_hours(24 * 7 - 1) && lasts < SignedDuration::from_hours(24 * 7 + 1)
        );
        assert_eq!(store.delete(&secret, Deletion::Recoverable { days: 30 }).await.unwrap(), outcome);
        let deletion = store.describe(&secret).await.unwrap().deletion.unwrap();
        assert_eq!(deletion.until, Some(until));
        assert!(deletion.deleted_at <= Timestamp::now());
        for days in [0, 6, 31] {
            let refused = store.delete(&secret, Deletion::Recoverable { days }).await;
            assert!(matches!(refused, Err(StoreError::Invalid(_))), "{refused:?}");
        }
        store.restore(&secret).await.unwrap();
        assert_eq!(read(api, json!({"SecretId": secret}))["SecretString"], "one");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_arn_is_read_as_the_name_of_the_secret_that_it_is_of() {
    let Some(moto) = Moto::shared() else { return };
    let store = open(moto.api());
    let secret = fresh("orders-db");
    let arn = store.create(&secret, created("one")).await.unwrap().arn;
    assert_eq!(store.resolve(&arn).await.unwrap(), secret);
    assert_eq!(store.resolve("prod/db").await.unwrap(), name("prod/db"));
    let (partial, _) = arn.rsplit_once('-').unwrap();
    let missing = format!("{}-AbC123", partial.replace(secret.as_str(), "nothing/here"));
    for (text, expected) in [
        (partial.to_owned(), "does not end in the hyphen and six characters"),
        (format!("{partial}-ZZZZZZ"), "was another secret of that name"),
        (
            arn.replace("eu-central-1", "us-east-1"),
            "is in region `us-east-1`, and the provider works in `eu-central-1`",
        ),
        (arn.replace("123456789012", "999999999999"), "is of account 999999999999"),
        (missing.replace("123456789012", "999999999999"), "is of account 999999999999"),
        ("arn:aws:iam::123456789012:role/x".to_owned(), "of the service `iam`"),
        ("arn:aws".to_owned(), "not a whole ARN"),
    ] {
        match store.resolve(&text).await {
            Err(StoreError::Invalid(error)) => {
                assert!(error.field == "name" && error.reason.contains(expected), "{text}: {error}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
    assert!(store.resolve(&missing).await.unwrap_err().is_not_found());
}
