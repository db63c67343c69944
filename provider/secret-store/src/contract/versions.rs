//! Putting, reading, labelling, promoting and retiring versions.

use std::collections::BTreeSet;

use futures::future::join_all;

use super::*;
use crate::store::{MoveLabel, Promotion};
use crate::version::VersionId;
use VersionLabel::{Current, Pending, Previous};

pub(super) async fn all(store: &dyn Store, options: &Options) {
    Case::run(store, options, "put", putting_makes_the_old_version_previous).await;
    Case::run(store, options, "token", the_same_token_never_makes_a_second_version).await;
    Case::run(store, options, "guard", a_guarded_put_is_refused_when_current_moved).await;
    Case::run(store, options, "rotate", a_rotation_can_be_resumed_at_every_step).await;
    Case::run(store, options, "rollback", promoting_previous_rolls_back).await;
    Case::run(store, options, "labels", labels_move_and_are_taken_away).await;
    Case::run(store, options, "retire", a_retired_version_is_gone).await;
    Case::run(store, options, "grace", a_version_past_its_grace_is_gone).await;
    Case::run(store, options, "values", large_and_binary_values_come_back_unchanged).await;
    Case::run(store, options, "parallel", parallel_puts_all_count_once).await;
}

async fn putting_makes_the_old_version_previous(case: Arc<Case<'_>>) {
    let (name, made) = case.create("db", "one").await;
    let version = case.store.put_version(&name, put("two")).await.unwrap();
    assert_eq!(version.labels, [Current]);
    assert_ne!(version.id, made.current().unwrap().id);
    assert_eq!(
        case.roles(&name).await,
        [(vec![Previous], "one".to_owned()), (vec![Current], "two".to_owned())]
    );
    let metadata_only = case.name("empty");
    case.store.create(&metadata_only, created(None, Metadata::default())).await.unwrap();
    let first = case.store.put_version(&metadata_only, put("first")).await.unwrap();
    assert_eq!(first.labels, [Current]);
}

async fn the_same_token_never_makes_a_second_version(case: Arc<Case<'_>>) {
    let (name, _) = case.create("db", "one").await;
    let request = put("two");
    let made = case.store.put_version(&name, request.clone()).await.unwrap();
    assert_eq!(case.store.put_version(&name, request.clone()).await.unwrap(), made);
    case.store.put_version(&name, put("three")).await.unwrap();
    let other_value = PutVersion { value: value("other"), ..request };
    let again = case.store.put_version(&name, other_value).await.unwrap();
    assert_eq!((again.id, again.labels), (made.id, vec![Previous]), "labels stay where they are now");
    assert_eq!(case.text(&name, Current).await, "three");
    assert_eq!(case.text(&name, Previous).await, "two");
}

async fn a_guarded_put_is_refused_when_current_moved(case: Arc<Case<'_>>) {
    let (name, made) = case.create("db", "one").await;
    let seen = made.current().unwrap().id.clone();
    let guarded = |text: &str| PutVersion { only_if_current: Some(seen.clone()), ..put(text) };
    case.store.put_version(&name, guarded("two")).await.unwrap();
    let late = case.store.put_version(&name, guarded("three")).await;
    expect_error(late, "current moved", |error| matches!(error, StoreError::Conflict { .. }));
    assert_eq!(case.text(&name, Current).await, "two");
}

async fn a_rotation_can_be_resumed_at_every_step(case: Arc<Case<'_>>) {
    let (name, _) = case.create("db", "one").await;
    let create = pending("two");
    let made = case.store.put_version(&name, create.clone()).await.unwrap();
    assert_eq!(made.labels, [Pending]);
    assert_eq!(case.text(&name, Current).await, "one");
    assert_eq!(case.store.put_version(&name, create.clone()).await.unwrap(), made);
    assert_eq!(case.text(&name, Pending).await, "two");
    let finish = Promotion { version: made.id.clone(), keep_previous_for: None };
    let finished = case.store.promote(&name, finish.clone()).await.unwrap();
    assert_eq!(
        case.roles(&name).await,
        [(vec![Previous], "one".to_owned()), (vec![Current], "two".to_owned())]
    );
    assert_eq!(case.store.promote(&name, finish).await.unwrap(), finished);
    let replayed = case.store.put_version(&name, create).await.unwrap();
    assert_eq!(Some(&replayed), finished.current(), "the write is recognised under the id that it has now");
    expect_error(case.store.read(&name, &label(Pending)).await, "nothing pends", StoreError::is_not_found);
}

async fn promoting_previous_rolls_back(case: Arc<Case<'_>>) {
    let (name, made) = case.create("db", "one").await;
    case.store.put_version(&name, put("two")).await.unwrap();
    let back = Promotion { version: made.current().unwrap().id.clone(), keep_previous_for: None };
    case.store.promote(&name, back).await.unwrap();
    // By label: where versions are numbered in the order in which they become current, it is a new version.
    assert_eq!(
        (case.text(&name, Current).await, case.text(&name, Previous).await),
        ("one".to_owned(), "two".to_owned())
    );
    let nowhere = Promotion { version: VersionId::parse("v999").unwrap(), keep_previous_for: None };
    expect_error(case.store.promote(&name, nowhere).await, "an unknown version", StoreError::is_not_found);
}

async fn labels_move_and_are_taken_away(case: Arc<Case<'_>>) {
    let (name, made) = case.create("db", "one").await;
    let first = made.current().unwrap().id.clone();
    let second = case.store.put_version(&name, pending("two")).await.unwrap().id;
    let away = |label: VersionLabel| MoveLabel { label, to: None, only_if_on: None };
    expect_error(case.store.move_label(&name, away(Current)).await, "taking current away", |error| {
        matches!(error, StoreError::Invalid(_))
    });
    let onto =
        |label: VersionLabel, to: &VersionId| MoveLabel { label, to: Some(to.clone()), only_if_on: None };
    let guarded = MoveLabel { only_if_on: Some(second.clone()), ..onto(Current, &second) };
    expect_error(case.store.move_label(&name, guarded).await, "current is elsewhere", |error| {
        matches!(error, StoreError::Conflict { .. })
    });
    let described = case.store.move_label(&name, onto(Current, &second)).await.unwrap();
    let second = described.current().unwrap().id.clone();
    assert_eq!(
        case.roles(&name).await,
        [(vec![Previous], "one".to_owned()), (vec![Current], "two".to_owned())]
    );
    if case.store.capabilities().custom_labels.is_yes() {
        let blue = VersionLabel::parse("blue").unwrap();
        let moved = case.store.move_label(&name, onto(blue.clone(), &first)).await.unwrap();
        assert_eq!(case.store.move_label(&name, onto(blue.clone(), &first)).await.unwrap(), moved);
        assert_eq!(case.text(&name, blue.clone()).await, "one");
        case.store.move_label(&name, onto(blue.clone(), &second)).await.unwrap();
        assert_eq!(case.text(&name, blue.clone()).await, "two");
        case.store.move_label(&name, away(blue.clone())).await.unwrap();
        expect_error(
            case.store.read(&name, &label(blue)).await,
            "the label is gone",
            StoreError::is_not_found,
        );
    }
}

async fn a_retired_version_is_gone(case: Arc<Case<'_>>) {
    let (name, made) = case.create("db", "one").await;
    let first = made.current().unwrap().id.clone();
    expect_error(case.store.retire_version(&name, &first).await, "retiring current", |error| {
        matches!(error, StoreError::Invalid(_))
    });
    case.store.put_version(&name, put("two")).await.unwrap();
    case.store.retire_version(&name, &first).await.unwrap();
    if case.store.capabilities().version_destruction.is_yes() {
        let by_id = VersionSelector::Id(first.clone());
        expect_error(case.store.read(&name, &by_id).await, "reading it by id", StoreError::is_not_found);
    }
    expect_error(
        case.store.read(&name, &label(Previous)).await,
        "reading it by label",
        StoreError::is_not_found,
    );
    expect_error(
        case.store.retire_version(&name, &first).await,
        "retiring it again",
        StoreError::is_not_found,
    );
    assert_eq!(case.roles(&name).await, [(vec![Current], "two".to_owned())]);
    let third = case.store.put_version(&name, put("three")).await.unwrap();
    assert_ne!(third.id, first, "ids are not reused");
}

async fn a_version_past_its_grace_is_gone(case: Arc<Case<'_>>) {
    let Some(advance) = &case.options.advance else { return };
    let (name, _) = case.create("db", "one").await;
    let grace = SignedDuration::from_hours(1);
    case.store.put_version(&name, PutVersion { keep_previous_for: Some(grace), ..put("two") }).await.unwrap();
    let described = case.store.describe(&name).await.unwrap();
    let previous = described.version_with(&Previous).unwrap();
    assert!(previous.expires_at.is_some());
    assert_eq!(case.text(&name, Previous).await, "one");
    advance(SignedDuration::from_hours(2));
    expect_error(case.store.read(&name, &label(Previous)).await, "past its grace", StoreError::is_not_found);
    assert_eq!(case.roles(&name).await, [(vec![Current], "two".to_owned())]);
    case.store.put_version(&name, put("three")).await.unwrap();
    assert_eq!(case.text(&name, Previous).await, "two");
    assert_eq!(case.store.describe(&name).await.unwrap().version_with(&Previous).unwrap().expires_at, None);
}

async fn large_and_binary_values_come_back_unchanged(case: Arc<Case<'_>>) {
    let limit = case.store.capabilities().max_value_bytes;
    let bytes: Vec<u8> = (0..=255_u8).cycle().take(limit).collect();
    let name = case.name("db");
    for (index, wanted) in [bytes.clone(), Vec::from(b"\r\n\0\xff "), vec![b' ']].into_iter().enumerate() {
        let wanted = SecretValue::new(wanted);
        if index == 0 {
            let request = CreateSecret { value: Some(wanted.clone()), ..created(None, Metadata::default()) };
            case.store.create(&name, request).await.unwrap();
        } else {
            case.store.put_version(&name, PutVersion { value: wanted.clone(), ..put("") }).await.unwrap();
        }
        let read = case.store.read(&name, &label(Current)).await.unwrap();
        assert!(read.value == wanted, "value {index} came back otherwise");
    }
    let too_large = SecretValue::new(vec![b'x'; limit + 1]);
    expect_error(
        case.store.put_version(&name, PutVersion { value: too_large, ..put("") }).await,
        "too large",
        |error| matches!(error, StoreError::Invalid(_)),
    );
}

async fn parallel_puts_all_count_once(case: Arc<Case<'_>>) {
    let (name, _) = case.create("db", "one").await;
    let requests: Vec<PutVersion> = (0..8).map(|index| put(&format!("parallel {index}"))).collect();
    // Each is sent twice, as after a lost answer.
    let calls =
        requests.iter().chain(&requests).map(|request| case.store.put_version(&name, request.clone()));
    let made: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    let ids: BTreeSet<_> = made.iter().map(|version| version.id.clone()).collect();
    assert_eq!(ids.len(), requests.len());
    for (request, version) in requests.iter().zip(&made) {
        let read = case.store.read(&name, &VersionSelector::Id(version.id.clone())).await.unwrap();
        assert!(read.value == request.value, "version {} has another's value", version.id);
    }
    let described = case.store.describe(&name).await.unwrap();
    let with = |label: &VersionLabel| described.versions.iter().filter(|version| version.has(label)).count();
    assert_eq!((with(&Current), with(&Previous)), (1, 1));
    let (left, right) = (case.create("left", "l"), case.create("right", "r"));
    let ((left, _), (right, _)) = futures::join!(left, right);
    assert_eq!(
        (case.text(&left, Current).await, case.text(&right, Current).await),
        ("l".to_owned(), "r".to_owned())
    );
}
