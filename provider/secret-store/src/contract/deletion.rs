//! Deleting recoverably and for good, restoring, and the end of the window.

use super::*;
use crate::store::{DeletedSecrets, DeletionOutcome, MoveLabel, Promotion};
use VersionLabel::{Current, Previous};

pub(super) async fn all(store: &dyn Store, options: &Options) {
    Case::run(store, options, "purge", a_purged_secret_is_gone_and_its_name_free).await;
    if store.capabilities().recovery_days.is_some() {
        Case::run(store, options, "soft", a_deleted_secret_can_only_be_described_restored_or_deleted).await;
        Case::run(store, options, "restore", restoring_brings_everything_back).await;
        Case::run(store, options, "window", after_its_window_a_secret_is_gone).await;
        Case::run(store, options, "days", days_outside_the_range_are_refused).await;
    }
}

async fn a_purged_secret_is_gone_and_its_name_free(case: Arc<Case<'_>>) {
    let (name, made) = case.create("db", "one").await;
    case.store.put_version(&name, put("two")).await.unwrap();
    assert_eq!(case.store.delete(&name, Deletion::Purge).await.unwrap(), DeletionOutcome::Gone);
    expect_error(case.store.describe(&name).await, "describing it", StoreError::is_not_found);
    expect_error(
        case.store.delete(&name, Deletion::Purge).await,
        "purging it again",
        StoreError::is_not_found,
    );
    expect_error(case.store.restore(&name).await, "restoring it", StoreError::is_not_found);
    let (_, again) = case.create("db", "three").await;
    assert_ne!(again.id, made.id, "another secret of the same name");
    assert_eq!(again.versions.len(), 1);
    assert_eq!(case.text(&name, Current).await, "three");
}

async fn a_deleted_secret_can_only_be_described_restored_or_deleted(case: Arc<Case<'_>>) {
    let (name, made) = case.create("db", "one").await;
    let version = made.current().unwrap().id.clone();
    let outcome = case.store.delete(&name, Deletion::Recoverable { days: 7 }).await.unwrap();
    let DeletionOutcome::RecoverableUntil(until) = outcome else { panic!("not recoverable: {outcome:?}") };
    let deleted = case.store.describe(&name).await.unwrap();
    assert_eq!(deleted.deletion.map(|deletion| deletion.until), Some(until));
    let store = case.store;
    let refused = |error: &StoreError| matches!(error, StoreError::ScheduledForDeletion { until: when, .. } if *when == until);
    expect_error(store.read(&name, &label(Current)).await, "read", refused);
    expect_error(store.put_version(&name, put("two")).await, "put_version", refused);
    expect_error(store.update(&name, Metadata::default(), &deleted.revision).await, "update", refused);
    expect_error(store.create(&name, created(Some("two"), Metadata::default())).await, "create", refused);
    expect_error(store.retire_version(&name, &version).await, "retire_version", refused);
    expect_error(store.grants(&name).await, "grants", refused);
    let promotion = Promotion { version: version.clone(), keep_previous_for: None };
    expect_error(store.promote(&name, promotion).await, "promote", refused);
    let moved = MoveLabel { label: Previous, to: Some(version), only_if_on: None };
    expect_error(store.move_label(&name, moved).await, "move_label", refused);
    let again = store.delete(&name, Deletion::Recoverable { days: 30 }).await.unwrap();
    assert_eq!(again, outcome, "the first date stands");
    assert_eq!(store.delete(&name, Deletion::Purge).await.unwrap(), DeletionOutcome::Gone);
    assert!(case.list(DeletedSecrets::Include).await.is_empty());
}

async fn restoring_brings_everything_back(case: Arc<Case<'_>>) {
    let (name, made) = case.create("db", "one").await;
    case.store.put_version(&name, put("two")).await.unwrap();
    let before = case.roles(&name).await;
    case.store.delete(&name, Deletion::Recoverable { days: 7 }).await.unwrap();
    let restored = case.store.restore(&name).await.unwrap();
    assert_eq!((restored.deletion, &restored.id), (None, &made.id));
    assert_eq!(case.roles(&name).await, before);
    assert_eq!(case.store.restore(&name).await.unwrap(), restored, "restoring twice changes nothing");
    case.store.put_version(&name, put("three")).await.unwrap();
    assert_eq!(case.text(&name, Current).await, "three");
}

async fn after_its_window_a_secret_is_gone(case: Arc<Case<'_>>) {
    let Some(advance) = &case.options.advance else { return };
    let (name, made) = case.create("db", "one").await;
    case.store.delete(&name, Deletion::Recoverable { days: 7 }).await.unwrap();
    advance(SignedDuration::from_hours(24 * 6));
    assert!(case.store.describe(&name).await.unwrap().deletion.is_some());
    advance(SignedDuration::from_hours(25));
    expect_error(case.store.describe(&name).await, "describing it", StoreError::is_not_found);
    expect_error(case.store.restore(&name).await, "restoring it", StoreError::is_not_found);
    assert!(case.list(DeletedSecrets::Include).await.is_empty());
    let (_, again) = case.create("db", "two").await;
    assert_ne!(again.id, made.id);
    assert_eq!(case.roles(&name).await, [(vec![Current], "two".to_owned())]);
}

async fn days_outside_the_range_are_refused(case: Arc<Case<'_>>) {
    let (name, _) = case.create("db", "one").await;
    let range = case.store.capabilities().recovery_days.unwrap();
    for days in [range.start().saturating_sub(1), range.end() + 1] {
        expect_error(case.store.delete(&name, Deletion::Recoverable { days }).await, "days", |error| {
            matches!(error, StoreError::Invalid(_))
        });
    }
    assert_eq!(case.text(&name, Current).await, "one");
}
