//! Granting, changing, listing, ending and revoking.

use jiff::Timestamp;

use super::*;
use crate::grant::{AccessSet, GrantId, GrantSpec};
use crate::store::RotateNow;
use VersionLabel::Current;

pub(super) async fn all(store: &dyn Store, options: &Options) {
    if options.principals.is_some() {
        Case::run(store, options, "grant", a_grant_is_listed_and_changed_in_place).await;
        Case::run(store, options, "revoke", revoking_leaves_other_grants_alone).await;
        Case::run(store, options, "end", an_ended_grant_is_gone_after_the_next_write_or_shown_as_ended).await;
    }
    Case::run(store, options, "native", what_a_store_cannot_do_it_says).await;
}

fn principals(case: &Case<'_>) -> [GrantSpec; 2] {
    case.options.principals.clone().unwrap().map(|principal| GrantSpec::new(principal, AccessSet::read()))
}

async fn a_grant_is_listed_and_changed_in_place(case: Arc<Case<'_>>) {
    let (name, _) = case.create("db", "one").await;
    assert!(case.store.grants(&name).await.unwrap().is_empty());
    let [first, second] = principals(&case);
    case.store.check_grant(None, &first).unwrap();
    let granted = case.store.grant(&name, first.clone()).await.unwrap();
    assert_eq!((granted.id, &granted.spec), (first.id(&name), &first));
    assert_eq!(
        case.store.grant(&name, first.clone()).await.unwrap(),
        granted,
        "granting twice changes nothing"
    );
    let longer = GrantSpec { reason: Some("incident 7".to_owned()), ..first };
    let changed = case.store.grant(&name, longer.clone()).await.unwrap();
    assert_eq!((changed.id, changed.created_at, &changed.spec), (granted.id, granted.created_at, &longer));
    let other = case.store.grant(&name, second).await.unwrap();
    let mut expected = vec![changed, other];
    expected.sort_by_key(|grant| grant.id);
    assert_eq!(case.store.grants(&name).await.unwrap(), expected);
    case.store.put_version(&name, put("two")).await.unwrap();
    assert_eq!(case.store.grants(&name).await.unwrap(), expected, "a new version keeps grants");
    assert_eq!(case.text(&name, Current).await, "two");
}

async fn revoking_leaves_other_grants_alone(case: Arc<Case<'_>>) {
    let (name, made) = case.create("db", "one").await;
    let [first, second] = principals(&case);
    let first = case.store.grant(&name, first).await.unwrap();
    let second = case.store.grant(&name, second).await.unwrap();
    let revocation = case.store.revoke(&name, &first.id).await.unwrap();
    assert_eq!(revocation.grant, first);
    assert_eq!(
        revocation.exposed,
        [made.current().unwrap().id.clone()],
        "what it could read should be rotated"
    );
    assert_eq!(case.store.grants(&name).await.unwrap(), [second]);
    expect_error(case.store.revoke(&name, &first.id).await, "revoking twice", StoreError::is_not_found);
    let unknown = GrantId::parse("00000000-0000-0000-0000-000000000000").unwrap();
    expect_error(case.store.revoke(&name, &unknown).await, "an unknown grant", StoreError::is_not_found);
    assert_eq!(case.text(&name, Current).await, "one");
}

async fn an_ended_grant_is_gone_after_the_next_write_or_shown_as_ended(case: Arc<Case<'_>>) {
    let Some(advance) = &case.options.advance else { return };
    let (name, _) = case.create("db", "one").await;
    let [first, second] = principals(&case);
    // Far enough ahead for clocks that other cases have moved already.
    let now = case.store.describe(&name).await.unwrap().created_at;
    let end: Timestamp = now.checked_add(SignedDuration::from_hours(1)).unwrap();
    let ended = case.store.grant(&name, GrantSpec { expires_at: Some(end), ..first }).await.unwrap();
    let lasting = case.store.grant(&name, second).await.unwrap();
    assert_eq!(case.store.grants(&name).await.unwrap().len(), 2);
    advance(SignedDuration::from_hours(2));
    case.store.put_version(&name, put("two")).await.unwrap();
    // A store takes it away by itself, or goes on to say when it ended, so that the caller can.
    for grant in case.store.grants(&name).await.unwrap().into_iter().filter(|grant| *grant != lasting) {
        assert!(!case.store.capabilities().ending_grants.is_yes(), "it says that it ends grants");
        assert_eq!((grant.id, grant.spec.expires_at), (ended.id, Some(end)));
        case.store.revoke(&name, &grant.id).await.unwrap();
    }
    assert_eq!(case.store.grants(&name).await.unwrap(), [lasting]);
}

async fn what_a_store_cannot_do_it_says(case: Arc<Case<'_>>) {
    let (name, _) = case.create("db", "one").await;
    if case.store.capabilities().native_rotation.is_yes() {
        return;
    }
    let rotated =
        case.store.rotate_native(&name, RotateNow { token: IdempotencyToken::random(), from: None }).await;
    expect_error(rotated, "rotate_native", |error| matches!(error, StoreError::Unsupported { .. }));
    assert_eq!(case.store.schedule_rotation(&name, None).await.unwrap(), None);
}
