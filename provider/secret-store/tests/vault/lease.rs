//! Credentials on loan: whether a leased login opens the database, and no longer, is asked of the database.

use secret_store::{Invalid, Leases, Renewal, Store, StoreError};
use secretlint_tests::proxy::{Proxy, When};
use secretlint_tests::servers::openbao::OpenBao;
use secretlint_tests::servers::postgres::Postgres;
use serde_json::json;

use super::database::{engine, shared_postgres};
use super::support::{Certificates, lease, store, told};

struct Place {
    bao: &'static OpenBao,
    database: &'static Postgres,
    mount: String,
}

impl Place {
    /// An engine whose role `ro` makes logins for a minute.
    fn new() -> Option<Self> {
        let (bao, database) = (OpenBao::shared()?, shared_postgres()?);
        let mount = engine(bao, database);
        let place = Self { bao, database, mount };
        place.role(
            "ro",
            "CREATE ROLE \"{{name}}\" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}';",
        );
        Some(place)
    }

    fn role(&self, role: &str, statement: &str) {
        self.bao.write(
            &format!("{}/roles/{role}", self.mount),
            &json!({"db_name": "pg", "creation_statements": [statement], "default_ttl": "60s", "max_ttl": "10m"}),
        );
    }

    fn path(&self) -> String {
        format!("{}/creds/ro", self.mount)
    }

    /// Logs in with what was leased.
    #[expect(clippy::disallowed_methods, reason = "the test logs in with it")]
    fn opens(&self, leased: &secret_store::Lease) -> bool {
        let fields = secret_store::json::fields(&leased.value.object().unwrap()).unwrap();
        let text = |name: &str| fields[name].expose_text().unwrap().to_owned();
        self.database.query(&text("username"), &text("password"), "select 1").is_ok()
    }
}

#[track_caller]
fn invalid(result: Result<impl std::fmt::Debug, StoreError>, text: &str) {
    match result {
        Err(StoreError::Invalid(Invalid { field: "path", reason })) => {
            assert!(reason.contains(text), "{reason}");
        }
        other => panic!("expected a wrong `path`: {other:?}"),
    }
}

#[tokio::test]
async fn a_leased_login_opens_the_database_until_it_is_ended() {
    let Some(place) = Place::new() else { return };
    let proxy = Proxy::to(place.bao.address());
    let store = store(proxy.address(), place.bao.token());
    let leased = lease(&store, &place.path(), &[]).await.unwrap();
    assert_eq!((leased.term.duration.as_secs(), leased.term.renewal), (60, Renewal::Possible));
    assert!(place.opens(&leased));
    let renewed = store.renew(&leased.id).await.unwrap();
    assert_eq!((renewed.duration.as_secs(), renewed.renewal), (60, Renewal::Possible));
    store.end(&leased.id).await.unwrap();
    assert!(!place.opens(&leased));
    assert_eq!(proxy.requests().len(), 4, "a token, then one for each call: {:?}", proxy.requests());
    let gone = store.renew(&leased.id).await.unwrap_err();
    assert!(gone.is_not_found() && told(&gone).contains(&place.path()), "{}", told(&gone));
    store.end(&leased.id).await.unwrap();
}

#[tokio::test]
async fn leases_end_with_the_process_that_made_them() {
    let Some(place) = Place::new() else { return };
    let store = store(place.bao.address(), place.bao.token());
    let leased = lease(&store, &place.path(), &[]).await.unwrap();
    assert!(place.opens(&leased));
    store.close().await;
    // Revoking a token revokes its leases in the background.
    for _ in 0..100 {
        if !place.opens(&leased) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the login still opens the database after ten seconds");
}

/// A reading whose answer was lost is repeated; the login that nobody got ends with the token.
#[tokio::test]
async fn lost_answers_leave_no_login_behind() {
    let Some(place) = Place::new() else { return };
    let proxy = Proxy::to(place.bao.address());
    proxy.add(When::request("/creds/").times(1).loses_the_answer());
    proxy.add(When::request("/sys/leases/revoke$").times(1).loses_the_answer());
    let store = store(proxy.address(), place.bao.token());
    place.role("app", "CREATE ROLE \"{{name}}\" WITH LOGIN PASSWORD '{{password}}' CONNECTION LIMIT 7;");
    let leased = lease(&store, &format!("{}/creds/app", place.mount), &[]).await.unwrap();
    let count = || {
        place.database.administer("select count(*) from pg_roles where rolconnlimit = 7").trim().to_owned()
    };
    assert_eq!(count(), "2");
    store.end(&leased.id).await.unwrap();
    assert_eq!(count(), "1");
    store.close().await;
    for _ in 0..100 {
        if count() == "0" {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("a login is left: {}", count());
}

#[tokio::test]
async fn a_path_that_leases_nothing_is_told() {
    let Some(place) = Place::new() else { return };
    let store = store(place.bao.address(), place.bao.token());
    let (pki, kv) = (Certificates::on(place.bao), place.bao.fresh_kv1_mount());
    place.bao.write(&format!("{kv}/a"), &json!({"x": "sentinel"}));
    let path = |rest: &str| format!("{}/{rest}", place.mount);
    invalid(lease(&store, &path("creds/none"), &[]).await, "unknown role: none");
    invalid(lease(&store, &path("static-creds/none"), &[]).await, "unknown role");
    invalid(lease(&store, "nowhere/creds/a", &[]).await, "no engine");
    invalid(lease(&store, &format!("{kv}/a"), &[]).await, "read it as one");
    invalid(lease(&store, &format!("{}/issue/any", pki.mount), &[]).await, "`parameters`");
    invalid(lease(&store, &path("creds/ro"), &[("x", "y")]).await, "takes no parameters");
    let unleased = format!("{}/issue/unleased", pki.mount);
    invalid(lease(&store, &unleased, &[("common_name", "a.example")]).await, "generate_lease");
    invalid(lease(&store, "auth/token/create", &[]).await, "belongs to the server itself");
    place.role("app", "CREATE ROLE \"{{name}}\" WITH LOGIN PASSWORD near {{password}};");
    invalid(lease(&store, &path("creds/app"), &[]).await, "SQLSTATE 42601");
}

#[tokio::test]
async fn a_missing_right_names_the_capability_and_the_path() {
    let Some(place) = Place::new() else { return };
    let store = store(place.bao.address(), &place.bao.fresh_token(&["default"]));
    let denied = lease(&store, &place.path(), &[]).await.unwrap_err();
    assert!(matches!(denied, StoreError::Denied { .. }), "{denied:?}");
    let denied = told(&denied);
    assert!(denied.contains(&place.path()) && denied.contains("\"read\""), "{denied}");
}

#[tokio::test]
async fn what_was_leased_is_silent_in_debug() {
    let Some(place) = Place::new() else { return };
    let store = store(place.bao.address(), place.bao.token());
    let leased = lease(&store, &place.path(), &[]).await.unwrap();
    let shown = format!("{leased:?}");
    assert!(shown.contains("[redacted]") && !shown.contains("v-token"), "{shown}");
    store.end(&leased.id).await.unwrap();
}
