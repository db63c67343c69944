//! The ephemeral `secret_lease`: made, prolonged, taken back.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use secret_store::StoreError;
use secret_store::memory::{Fault, MemoryStore};
use serde_json::json;
use tf_plugin::Dynamic;

use super::process;

fn config() -> serde_json::Value {
    json!({ "path": "database/creds/readonly", "after": "prod/db" })
}

#[tokio::test]
async fn a_lease_is_opened_renewed_in_time_and_revoked_at_the_end() {
    let store = MemoryStore::like_vault();
    let client = process(Arc::new(store.clone())).await;
    let opened = client.open("secret_lease", &config()).await.unwrap();
    let attribute = |name: &str| opened.result.get(name).cloned().unwrap_or_default();
    assert_eq!(attribute("username").as_str(), Some("v-readonly"));
    assert_eq!(attribute("password").as_str().map(str::len), Some(32));
    assert_eq!(attribute("fields").get("password"), Some(&attribute("password")));
    assert_eq!(attribute("lease_duration"), Dynamic::from(1800_i64));
    assert_eq!(store.open_leases(), [attribute("lease_id").as_str().unwrap()]);

    let two_thirds = SystemTime::now() + Duration::from_secs(1200);
    let is_then = |time: Option<SystemTime>| {
        let early = two_thirds.duration_since(time.unwrap()).unwrap_or_default();
        early < Duration::from_secs(60) && time.unwrap() <= two_thirds + Duration::from_secs(60)
    };
    assert!(is_then(opened.renew_at));
    let (renew_at, private) = client.renew("secret_lease", opened.private.clone()).await.unwrap();
    assert!(is_then(renew_at));
    assert_eq!(private, opened.private);
    client.close("secret_lease", opened.private.clone()).await.unwrap();
    assert!(store.open_leases().is_empty());
    client.close("secret_lease", opened.private.clone()).await.unwrap();
    let refused = client.renew("secret_lease", opened.private).await.unwrap_err();
    assert!(refused.to_string().contains("does not exist"), "{refused}");
}

#[tokio::test]
async fn a_revocation_that_failed_says_that_the_credential_still_works() {
    let store = MemoryStore::like_vault();
    let client = process(Arc::new(store.clone())).await;
    let opened = client.open("secret_lease", &config()).await.unwrap();
    let error = StoreError::Throttled { store: "memory", retry_after: None };
    store.fail_next(Fault::Before, error);
    let failed = client.close("secret_lease", opened.private).await.unwrap_err();
    assert!(failed.to_string().contains("works until its time is over"), "{failed}");
    assert_eq!(store.open_leases().len(), 1);
}

#[tokio::test]
async fn what_is_not_leased_is_refused_at_its_path() {
    let client = process(Arc::new(MemoryStore::like_vault())).await;
    for path in ["", "/database/creds/x", "database//creds", "a/../b", "a b", "secret/data/*", "prod/db"] {
        let refused = client.open("secret_lease", &json!({ "path": path })).await.expect_err(path);
        let found = refused.iter().next().and_then(|problem| problem.attribute.clone());
        assert_eq!(found.map(|path| path.to_string()).as_deref(), Some("path"), "{path}: {refused}");
    }
    let plain = process(Arc::new(MemoryStore::new())).await;
    let refused = plain.open("secret_lease", &config()).await.unwrap_err();
    assert!(refused.to_string().contains("leases no credentials"), "{refused}");
}
