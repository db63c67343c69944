//! `secret` over a store with the ways of AWS: tags of the configuration, labels of one's own, what is asked of the server at plan, imports
//! by ARN and identity, and objects of the provider `aws` that are taken over.

use std::collections::BTreeMap;
use std::sync::Arc;

use secret_store::memory::MemoryStore;
use secret_store::{
    CreateSecret, IdempotencyToken, Metadata, MoveLabel, PutVersion, SecretValue, Store, VersionLabel,
};
use serde_json::{Value as Json, json};
use tf_plugin::testing::{Stored, TestClient};
use tf_plugin::{Diagnostics, Dynamic};

use super::{On, current, generated, name, process, text};

const ARN: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-AbC123";
const AWS: &str = "registry.terraform.io/hashicorp/aws";

/// A process whose configuration gives every secret these tags.
async fn tagging(store: &MemoryStore, tags: &[(&str, &str)]) -> TestClient<On> {
    let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    process(Arc::new(store.clone().with_default_tags(tags.collect()))).await
}

fn tagged(tags: Json) -> Json {
    json!({ "name": "prod/db", "generate": { "kind": "hex" }, "tags": tags })
}

/// A map of texts, as it stands in a state.
fn map(tree: &Dynamic, attribute: &str) -> Option<BTreeMap<String, String>> {
    match tree.get(attribute) {
        Some(Dynamic::Map(members)) => Some(
            members
                .iter()
                .map(|(key, value)| (key.clone(), value.as_str().unwrap_or("?").to_owned()))
                .collect(),
        ),
        _ => None,
    }
}

fn tags<const N: usize>(tags: [(&str, &str); N]) -> Option<BTreeMap<String, String>> {
    Some(tags.map(|(key, value)| (key.to_owned(), value.to_owned())).into())
}

async fn stored_tags(store: &MemoryStore) -> Option<BTreeMap<String, String>> {
    Some(store.describe(&name("prod/db")).await.unwrap().metadata.tags)
}

fn refused_at(problems: &Diagnostics) -> String {
    let problem = problems.iter().next().unwrap();
    problem.attribute.as_ref().map(ToString::to_string).unwrap_or_default()
}

#[tokio::test]
async fn tags_of_the_configuration_lie_under_those_of_the_resource_and_are_planned() {
    let store = MemoryStore::like_aws();
    let client = tagging(&store, &[("team", "orders"), ("env", "prod")]).await;
    let config = tagged(json!({ "env": "test", "service": "db" }));
    let all = tags([("env", "test"), ("service", "db"), ("team", "orders")]);
    let change = client.plan("secret", &Stored::default(), Some(&config)).await.unwrap();
    assert_eq!(map(&change.planned, "tags_all"), all, "known before anything is made");
    let stored = client.converge("secret", &Stored::default(), &config).await.unwrap();
    assert_eq!(map(&stored.state, "tags"), tags([("env", "test"), ("service", "db")]));
    assert_eq!(map(&stored.state, "tags_all"), all);
    assert_eq!(stored_tags(&store).await, all);
}

#[tokio::test]
async fn a_resource_without_tags_shows_those_of_the_configuration_in_tags_all_only() {
    let store = MemoryStore::like_aws();
    let client = tagging(&store, &[("team", "orders")]).await;
    for empty in [Json::Null, json!({})] {
        let config = tagged(empty);
        let stored = client.converge("secret", &Stored::default(), &config).await;
        let stored = match stored {
            Ok(stored) => stored,
            Err(_) => client.import("secret", "prod/db").await.unwrap(),
        };
        assert_eq!(map(&stored.state, "tags_all"), tags([("team", "orders")]));
        assert!(map(&stored.state, "tags").is_none_or(|tags| tags.is_empty()));
    }
}

#[tokio::test]
async fn a_change_of_the_tags_of_the_configuration_is_planned_as_that_alone() {
    let store = MemoryStore::like_aws();
    let config = tagged(json!({ "service": "db" }));
    let client = tagging(&store, &[("team", "orders"), ("old", "x")]).await;
    let stored = client.converge("secret", &Stored::default(), &config).await.unwrap();
    let client = tagging(&store, &[("team", "platform")]).await;
    let stored = client.read("secret", &stored).await.unwrap();
    assert_eq!(map(&stored.state, "tags"), tags([("service", "db")]));
    let change = client.plan("secret", &stored, Some(&config)).await.unwrap();
    assert!(!change.is_no_op() && change.requires_replace.is_empty());
    assert_eq!(map(&change.planned, "tags_all"), tags([("service", "db"), ("team", "platform")]));
    client.converge("secret", &stored, &config).await.unwrap();
    assert_eq!(stored_tags(&store).await, tags([("service", "db"), ("team", "platform")]));
}

#[tokio::test]
async fn tags_changed_outside_are_drift() {
    let store = MemoryStore::like_aws();
    let client = tagging(&store, &[("team", "orders")]).await;
    let config = tagged(json!({ "service": "db" }));
    let stored = client.converge("secret", &Stored::default(), &config).await.unwrap();
    for outside in [
        vec![("service", "db")],
        vec![("service", "db"), ("team", "theirs")],
        vec![("team", "orders")],
        vec![("service", "db"), ("team", "orders"), ("more", "x")],
    ] {
        let described = store.describe(&name("prod/db")).await.unwrap();
        let mut metadata = described.metadata.clone();
        metadata.tags = outside.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        store.update(&name("prod/db"), metadata, &described.revision).await.unwrap();
        let drifted = client.read("secret", &stored).await.unwrap();
        assert!(drifted.state != stored.state, "{outside:?}");
        client.converge("secret", &drifted, &config).await.unwrap();
        assert_eq!(stored_tags(&store).await, tags([("service", "db"), ("team", "orders")]), "{outside:?}");
    }
}

#[tokio::test]
async fn tags_that_are_not_known_yet_leave_tags_all_open() {
    let client = tagging(&MemoryStore::like_aws(), &[("team", "orders")]).await;
    let change = client.plan("secret", &Stored::default(), Some(&tagged(json!("${unknown}")))).await.unwrap();
    assert_eq!(change.planned.get("tags_all"), Some(&Dynamic::Unknown));
    let partly = tagged(json!({ "service": "${unknown}" }));
    let change = client.plan("secret", &Stored::default(), Some(&partly)).await.unwrap();
    assert_eq!(map(&change.planned, "tags_all"), tags([("service", "?"), ("team", "orders")]));
    let refused = client.validate("secret", &tagged(json!({ "service": null }))).await.unwrap_err();
    assert_eq!(refused_at(&refused), "tags[\"service\"]");
}

fn labelled(value: &str, labels: Json) -> Json {
    json!({ "name": "prod/db", "value_wo": value, "value_wo_version": value, "version_labels": labels })
}

/// The version that has a label.
async fn with_label(store: &MemoryStore, label: &str) -> Option<String> {
    let description = store.describe(&name("prod/db")).await.unwrap();
    description.version_with(&VersionLabel::parse(label).unwrap()).map(|version| version.id.to_string())
}

#[tokio::test]
async fn labels_follow_the_current_version_and_are_taken_away_when_they_are_removed() {
    let store = MemoryStore::like_aws();
    let client = process(Arc::new(store.clone())).await;
    let stored =
        client.converge("secret", &Stored::default(), &labelled("1", json!(["live", "blue"]))).await.unwrap();
    assert_eq!(with_label(&store, "live").await.as_deref(), Some("v1"));
    let stored = client.converge("secret", &stored, &labelled("2", json!(["live"]))).await.unwrap();
    assert_eq!(with_label(&store, "live").await.as_deref(), Some("v2"));
    assert_eq!(with_label(&store, "blue").await, None);

    let theirs = VersionLabel::parse("theirs").unwrap();
    let version = store.describe(&name("prod/db")).await.unwrap().current().unwrap().id.clone();
    let put = MoveLabel { label: theirs, to: Some(version), only_if_on: None };
    store.move_label(&name("prod/db"), put).await.unwrap();
    let stored = client.converge("secret", &stored, &labelled("2", Json::Null)).await.unwrap();
    assert_eq!(with_label(&store, "live").await, None);
    assert_eq!(with_label(&store, "theirs").await.as_deref(), Some("v2"), "others are left alone");
    assert_eq!(stored.state.get("version_labels"), Some(&Dynamic::Null));
}

#[tokio::test]
async fn a_label_that_somebody_moved_or_a_new_version_left_behind_is_drift() {
    let store = MemoryStore::like_aws();
    let client = process(Arc::new(store.clone())).await;
    let config = labelled("1", json!(["live"]));
    let stored = client.converge("secret", &Stored::default(), &config).await.unwrap();
    let take = MoveLabel { label: VersionLabel::parse("live").unwrap(), to: None, only_if_on: None };
    store.move_label(&name("prod/db"), take).await.unwrap();
    let drifted = client.read("secret", &stored).await.unwrap();
    assert!(drifted.state != stored.state);
    let stored = client.converge("secret", &drifted, &config).await.unwrap();

    let put = PutVersion::current(SecretValue::from_text("theirs".into()), IdempotencyToken::random());
    store.put_version(&name("prod/db"), put).await.unwrap();
    let drifted = client.read("secret", &stored).await.unwrap();
    client.converge("secret", &drifted, &config).await.unwrap();
    assert_eq!(with_label(&store, "live").await.as_deref(), Some("v2"));
}

#[tokio::test]
async fn labels_that_cannot_be_are_refused_before_anything_is_made() {
    let store = MemoryStore::like_aws();
    let client = process(Arc::new(store.clone())).await;
    for label in ["current", "Pending", "a b", ""] {
        let refused = client.validate("secret", &labelled("1", json!([label]))).await.unwrap_err();
        assert_eq!(refused_at(&refused), "version_labels", "{label}");
    }
    let many: Vec<String> = (0..20).map(|index| format!("blue-{index}")).collect();
    let refused =
        client.plan("secret", &Stored::default(), Some(&labelled("1", json!(many)))).await.unwrap_err();
    assert_eq!(refused_at(&refused), "version_labels", "with AWSCURRENT they are 21");
    let without_value = json!({ "name": "prod/db", "version_labels": ["live"] });
    let refused = client.plan("secret", &Stored::default(), Some(&without_value)).await.unwrap_err();
    assert_eq!(refused_at(&refused), "version_labels");
    assert!(refused.to_string().contains("no version"), "{refused}");
    assert!(store.describe(&name("prod/db")).await.is_err());
}

#[tokio::test]
async fn a_name_like_the_end_of_an_arn_is_for_secrets_that_exist() {
    let store = MemoryStore::like_aws();
    let client = process(Arc::new(store.clone())).await;
    let config = |on_conflict: &str| json!({ "name": "db-backup", "generate": { "kind": "hex" }, "on_conflict": on_conflict });
    let refused = client.plan("secret", &Stored::default(), Some(&config("fail"))).await.unwrap_err();
    assert_eq!(refused_at(&refused), "name");
    let request =
        CreateSecret { metadata: Metadata::default(), value: None, token: IdempotencyToken::random() };
    store.create(&name("db-backup"), request).await.unwrap();
    let imported = client.import("secret", "db-backup").await.unwrap();
    client.converge("secret", &imported, &config("fail")).await.unwrap();
    client.converge("secret", &Stored::default(), &config("adopt")).await.unwrap();
}

#[tokio::test]
async fn keys_are_asked_for_when_they_are_new_and_never_without_a_change() {
    let store = MemoryStore::like_aws();
    let client = process(Arc::new(store.clone())).await;
    let asked = || store.calls().iter().filter(|call| call.method == "check_references").count();
    let with = |key: Json, replica_key: Json| {
        let mut config = generated();
        config["kms_key"] = key;
        config["replicas"] = json!([{ "region": "eu-west-1", "kms_key": replica_key }]);
        config
    };
    let missing = with(json!("alias/missing"), Json::Null);
    let refused = client.plan("secret", &Stored::default(), Some(&missing)).await.unwrap_err();
    assert_eq!(refused_at(&refused), "kms_key");
    let missing = with(Json::Null, json!("alias/missing"));
    let refused = client.plan("secret", &Stored::default(), Some(&missing)).await.unwrap_err();
    assert_eq!(refused_at(&refused), "replicas");

    let config = with(json!("alias/orders"), Json::Null);
    let stored = client.converge("secret", &Stored::default(), &config).await.unwrap();
    let (before, calls) = (asked(), store.calls().len());
    let stored = client.read("secret", &stored).await.unwrap();
    assert!(client.plan("secret", &stored, Some(&config)).await.unwrap().is_no_op());
    assert_eq!(
        (asked(), store.calls().len()),
        (before, calls + 1),
        "a plan without a change describes, once"
    );
    client.plan("secret", &stored, Some(&with(json!("alias/other"), Json::Null))).await.unwrap();
    assert_eq!(asked(), before + 1);
}

#[tokio::test]
async fn a_key_that_aws_spells_in_its_own_way_is_no_drift() {
    let store = MemoryStore::like_aws();
    let client = process(Arc::new(store.clone())).await;
    let mut config = generated();
    config["kms_key"] = json!("alias/orders");
    config["replicas"] = json!([{ "region": "eu-west-1", "kms_key": "1234abcd" }]);
    let stored = client.converge("secret", &Stored::default(), &config).await.unwrap();
    let respell = async |key: &str, copys: &str| {
        let described = store.describe(&name("prod/db")).await.unwrap();
        let mut metadata = described.metadata.clone();
        metadata.kms_key = Some(key.to_owned());
        metadata.replicas[0].kms_key = Some(copys.to_owned());
        store.update(&name("prod/db"), metadata, &described.revision).await.unwrap();
    };
    let whole = "arn:aws:kms:eu-central-1:123456789012:alias/orders";
    respell(whole, "arn:aws:kms:eu-west-1:123456789012:key/1234abcd").await;
    let read = client.read("secret", &stored).await.unwrap();
    assert!(client.plan("secret", &read, Some(&config)).await.unwrap().is_no_op());

    respell(whole, "arn:aws:kms:eu-west-1:123456789012:key/another").await;
    let read = client.read("secret", &stored).await.unwrap();
    assert!(!client.plan("secret", &read, Some(&config)).await.unwrap().is_no_op());
}

#[tokio::test]
async fn the_order_of_replicas_carries_no_meaning() {
    let store = MemoryStore::like_aws();
    let client = process(Arc::new(store.clone())).await;
    let regions = |regions: [&str; 2]| {
        let mut config = generated();
        config["replicas"] = json!(regions.map(|region| json!({ "region": region })));
        config
    };
    let config = regions(["eu-west-1", "eu-north-1"]);
    let stored = client.converge("secret", &Stored::default(), &config).await.unwrap();
    let described = store.describe(&name("prod/db")).await.unwrap();
    let mut metadata = described.metadata.clone();
    metadata.replicas.reverse();
    store.update(&name("prod/db"), metadata, &described.revision).await.unwrap();
    let read = client.read("secret", &stored).await.unwrap();
    assert!(client.plan("secret", &read, Some(&config)).await.unwrap().is_no_op());
}

#[tokio::test]
async fn a_value_that_is_too_large_is_said_where_it_comes_from() {
    let client = process(Arc::new(MemoryStore::like_aws())).await;
    let large = "x".repeat(65_537);
    let cases = [
        (json!({ "name": "a", "value_wo": large, "value_wo_version": "1" }), "value_wo"),
        (json!({ "name": "b", "fields_wo": { "k": large }, "fields_wo_version": "1" }), "fields_wo"),
        (json!({ "name": "c", "fields": { "k": large } }), "fields"),
    ];
    for (config, place) in cases {
        let problems = client.plan("secret", &Stored::default(), Some(&config)).await.unwrap_err();
        assert_eq!(refused_at(&problems), place, "{problems}");
        assert!(problems.to_string().contains("65536") && !problems.to_string().contains("xxxx"));
    }
}

#[tokio::test]
async fn a_value_that_is_not_sent_is_not_measured() {
    let client = process(Arc::new(MemoryStore::like_aws())).await;
    let config = |value: &str| json!({ "name": "a", "value_wo": value, "value_wo_version": "1" });
    let stored = client.converge("secret", &Stored::default(), &config("short")).await.unwrap();
    let plan = client.plan("secret", &stored, Some(&config(&"x".repeat(65_537)))).await.unwrap();
    assert!(plan.is_no_op());
}

#[tokio::test]
async fn a_secret_is_imported_by_name_arn_or_identity() {
    let store = MemoryStore::like_aws();
    let client = process(Arc::new(store.clone())).await;
    client.converge("secret", &Stored::default(), &generated()).await.unwrap();
    let before = current(&store, "prod/db").await;
    let mut imported =
        vec![client.import("secret", "prod/db").await.unwrap(), client.import("secret", ARN).await.unwrap()];
    for identity in [
        json!({ "name": "prod/db" }),
        json!({ "arn": ARN }),
        json!({ "arn": ARN, "name": "prod/db", "account_id": "123456789012", "region": "eu-central-1" }),
    ] {
        imported.push(client.import_identity("secret", &identity).await.unwrap());
    }
    for stored in imported {
        assert_eq!((text(&stored, "name"), text(&stored, "arn")), (Some("prod/db"), Some(ARN)));
        client.converge("secret", &stored, &generated()).await.unwrap();
    }
    assert!(before == current(&store, "prod/db").await);
}

#[tokio::test]
async fn an_identity_that_says_something_else_is_refused() {
    let store = MemoryStore::like_aws();
    let client = process(Arc::new(store.clone())).await;
    client.converge("secret", &Stored::default(), &generated()).await.unwrap();
    for (identity, place) in [
        (json!({}), ""),
        (json!({ "name": "prod/db", "account_id": "999999999999" }), "account_id"),
        (json!({ "name": "prod/db", "region": "us-east-1" }), "region"),
        (json!({ "name": "prod/other", "arn": ARN }), "name"),
        (json!({ "arn": ARN.replace("AbC123", "Zzz999") }), "name"),
    ] {
        let refused = client.import_identity("secret", &identity).await.unwrap_err();
        assert_eq!(refused_at(&refused), place, "{identity}: {refused}");
    }
    let plain = process(Arc::new(MemoryStore::new())).await;
    plain.converge("secret", &Stored::default(), &generated()).await.unwrap();
    plain.import_identity("secret", &json!({ "name": "prod/db" })).await.unwrap();
    let refused =
        plain.import_identity("secret", &json!({ "name": "prod/db", "region": "x" })).await.unwrap_err();
    assert!(refused.to_string().contains("have none"), "{refused}");
}

#[tokio::test]
async fn an_arn_in_place_of_a_name_is_explained() {
    let client = process(Arc::new(MemoryStore::like_aws())).await;
    for (kind, attribute, config) in [
        ("secret", "name", json!({ "name": ARN })),
        ("secret_grant", "secret_id", json!({ "secret_id": ARN, "principal": "p", "access": ["read"] })),
        ("secret_rotation", "secret_id", json!({ "secret_id": ARN, "schedule": "30d" })),
    ] {
        let refused = client.validate(kind, &config).await.unwrap_err();
        assert_eq!(refused_at(&refused), attribute);
        assert!(refused.to_string().contains("is an ARN"), "{refused}");
    }
    let refused = client.read_data("secret", &json!({ "secret_id": ARN })).await.unwrap_err();
    assert!(refused.to_string().contains("`secret.NAME.id`"), "{refused}");
    let refused = client.open("secret", &json!({ "secret_id": ARN })).await.unwrap_err();
    assert!(refused.to_string().contains("`secret.NAME.id`"), "{refused}");
}

#[tokio::test]
async fn versions_are_read_by_any_label() {
    let store = MemoryStore::like_aws();
    let client = process(Arc::new(store.clone())).await;
    let stored = client.converge("secret", &Stored::default(), &labelled("1", Json::Null)).await.unwrap();
    client.converge("secret", &stored, &labelled("2", json!(["live"]))).await.unwrap();
    for (label, version) in [("current", "v2"), ("live", "v2"), ("previous", "v1")] {
        let config = json!({ "secret_id": "prod/db", "version_label": label });
        let opened = client.open("secret", &config).await.unwrap();
        assert_eq!(opened.result.get("version_id").and_then(Dynamic::as_str), Some(version), "{label}");
    }
}

/// A state of `aws_secretsmanager_secret` as provider 6 writes it.
fn aws_secret() -> Json {
    json!({
        "arn": ARN, "description": "Orders", "force_overwrite_replica_secret": false, "id": ARN, "kms_key_id": "",
        "name": "prod/db", "name_prefix": "", "policy": "", "recovery_window_in_days": 7, "region": "eu-central-1",
        "replica": [{
            "kms_key_id": "", "last_accessed_date": "", "region": "eu-west-1", "status": "InSync", "status_message": "",
        }],
        "tags": { "service": "db" }, "tags_all": { "service": "db", "team": "orders" },
    })
}

/// A state of `aws_secretsmanager_secret_version` as provider 5 writes it, with its plain text.
fn aws_version() -> Json {
    json!({
        "arn": ARN, "has_secret_string_wo": null, "id": format!("{ARN}|terraform-20250101000000000000000001"),
        "secret_binary": "U0VOVElORUw=", "secret_id": ARN, "secret_string": "SENTINEL", "secret_string_wo": null,
        "secret_string_wo_version": null, "version_id": "terraform-20250101000000000000000001",
        "version_stages": ["AWSCURRENT"],
    })
}

#[tokio::test]
async fn a_secret_of_the_provider_aws_is_taken_over_without_a_replacement() {
    let store = MemoryStore::like_aws();
    let client = tagging(&store, &[("team", "orders")]).await;
    let metadata = Metadata {
        description: Some("Orders".into()),
        tags: BTreeMap::from([("service".into(), "db".into()), ("team".into(), "orders".into())]),
        replicas: vec![secret_store::Replica { region: "eu-west-1".into(), kms_key: None }],
        ..Metadata::default()
    };
    let value = SecretValue::from_text(r#"{"password":"theirs","username":"app"}"#.into());
    let request = CreateSecret { metadata, value: Some(value.clone()), token: IdempotencyToken::random() };
    store.create(&name("prod/db"), request).await.unwrap();
    for provider in [AWS, "registry.opentofu.org/hashicorp/aws", "example.com/mirror/aws"] {
        let moved =
            client.move_from(provider, "aws_secretsmanager_secret", &aws_secret(), "secret").await.unwrap();
        let stored = client.read("secret", &moved).await.unwrap();
        let config = json!({
            "name": "prod/db", "description": "Orders", "tags": { "service": "db" }, "recovery_window_days": 7,
            "replicas": [{ "region": "eu-west-1" }],
        });
        let change = client.plan("secret", &stored, Some(&config)).await.unwrap();
        assert!(change.is_no_op(), "{:?}", change.planned);
    }
    let moved = client.move_from(AWS, "aws_secretsmanager_secret", &aws_secret(), "secret").await.unwrap();
    let stored = client.read("secret", &moved).await.unwrap();
    let change = client.plan("secret", &stored, Some(&generated())).await.unwrap();
    assert!(change.requires_replace.is_empty());
    let (_, problems) = client.apply(change).await;
    assert!(!problems.has_errors(), "{problems}");
    assert!(value == current(&store, "prod/db").await, "`generate` keeps what is there");
}

#[tokio::test]
async fn a_version_of_the_provider_aws_is_taken_over_without_its_plain_text() {
    let client = process(Arc::new(MemoryStore::like_aws())).await;
    let moved =
        client.move_from(AWS, "aws_secretsmanager_secret_version", &aws_version(), "secret").await.unwrap();
    assert_eq!(
        (text(&moved, "name"), text(&moved, "arn"), text(&moved, "version_id")),
        (Some("prod/db"), Some(ARN), Some("terraform-20250101000000000000000001"))
    );
    let everything = format!("{:?} {:?}", moved.state, String::from_utf8_lossy(&moved.private));
    assert!(!everything.contains("SENTINEL") && !everything.contains("U0VOVElORUw"), "{everything}");
    let mut by_name = aws_version();
    by_name["arn"] = Json::Null;
    by_name["secret_id"] = json!("prod/db");
    let moved = client.move_from(AWS, "aws_secretsmanager_secret_version", &by_name, "secret").await.unwrap();
    assert_eq!(text(&moved, "name"), Some("prod/db"));
}

#[tokio::test]
async fn what_cannot_be_taken_over_is_refused_without_a_value() {
    let client = process(Arc::new(MemoryStore::like_aws())).await;
    let mut nameless = aws_version();
    nameless["arn"] = json!("");
    nameless["secret_id"] = json!("");
    let mut misshapen = aws_version();
    misshapen["version_id"] = json!({ "secret": "SENTINEL" });
    for (provider, kind, state, expected) in [
        (AWS, "aws_secretsmanager_secret_rotation", aws_version(), "cannot be moved"),
        (
            "registry.terraform.io/hashicorp/awscc",
            "aws_secretsmanager_secret",
            aws_secret(),
            "cannot be moved",
        ),
        (AWS, "aws_secretsmanager_secret_version", nameless, "does not name its secret"),
        (AWS, "aws_secretsmanager_secret_version", misshapen, "cannot be read"),
    ] {
        let refused = client.move_from(provider, kind, &state, "secret").await.unwrap_err().to_string();
        assert!(refused.contains(expected) && !refused.contains("SENTINEL"), "{refused}");
    }
}
