//! Logins that the database engine rotates, in a real PostgreSQL and a real MariaDB: whether a password still opens the
//! database is asked of the database, with its own client.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use secret_store::vault::{VaultConfig, VaultStore};
use secret_store::{
    DatabaseLogin, FirstRotation, IdempotencyToken, Invalid, RotateNow, RotationSchedule, RotationSpec,
    RotationStatus, Rotator, SecretName, Store, StoreError, VersionId, VersionLabel, VersionSelector, json,
};
use secretlint_tests::proxy::{Proxy, When};
use secretlint_tests::servers::mariadb::{self, Mariadb};
use secretlint_tests::servers::openbao::OpenBao;
use secretlint_tests::servers::postgres::{self, Postgres};
use serde_json::json;

use super::support::{secret, store, told};

/// The PostgreSQL of all tests; each has logins of its own.
pub(crate) fn shared_postgres() -> Option<&'static Postgres> {
    static SHARED: OnceLock<Option<Postgres>> = OnceLock::new();
    SHARED.get_or_init(Postgres::start).as_ref()
}

fn shared_mariadb() -> Option<&'static Mariadb> {
    static SHARED: OnceLock<Option<Mariadb>> = OnceLock::new();
    SHARED.get_or_init(Mariadb::start).as_ref()
}

/// A database engine with the connection `pg`.
pub(crate) fn engine(bao: &OpenBao, database: &Postgres) -> String {
    let mount = bao.fresh_engine("database");
    bao.write(
        &format!("{mount}/config/pg"),
        &json!({
            "plugin_name": "postgresql-database-plugin", "allowed_roles": "app*,short,ro",
            "connection_url": database.connection_template(),
            "username": postgres::SUPERUSER, "password": postgres::PASSWORD,
        }),
    );
    mount
}

fn fresh_login() -> String {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    format!("login_{}", NUMBER.fetch_add(1, Ordering::Relaxed))
}

/// A server, an engine in it, a login in PostgreSQL with the password `old`, and the name of the secret.
struct Place {
    bao: &'static OpenBao,
    database: &'static Postgres,
    mount: String,
    login: String,
    name: SecretName,
    proxy: Proxy,
    store: VaultStore,
}

impl Place {
    fn new() -> Option<Self> {
        let (bao, database) = (OpenBao::shared()?, shared_postgres()?);
        let (mount, login) = (engine(bao, database), fresh_login());
        database.administer(&format!("create role {login} login password 'old'"));
        let proxy = Proxy::to(bao.address());
        let store = store(proxy.address(), bao.token());
        let name = SecretName::parse(&format!("{mount}/static-creds/app")).unwrap();
        Some(Self { bao, database, mount, login, name, proxy, store })
    }

    fn opens(&self, password: &str) -> bool {
        self.database.query(&self.login, password, "select 1").is_ok()
    }

    async fn schedule(&self, schedule: RotationSchedule) -> Result<RotationStatus, StoreError> {
        let spec = spec(schedule, &self.login);
        Ok(self.store.schedule_rotation(&self.name, Some(spec)).await?.unwrap())
    }

    async fn version(&self) -> VersionId {
        self.store.describe(&self.name).await.unwrap().current().unwrap().id.clone()
    }

    async fn password(&self) -> String {
        password(&self.store, &self.name).await
    }

    /// Requests since the last time, without those that are made once for a process.
    fn requests(&self) -> usize {
        let all = self.proxy.requests();
        self.proxy.forget();
        all.iter().filter(|seen| !seen.path.contains("/auth/") && !seen.path.contains("/sys/")).count()
    }
}

#[expect(clippy::disallowed_methods, reason = "the test logs in with it")]
async fn password(store: &VaultStore, name: &SecretName) -> String {
    let read = store.read(name, &VersionSelector::Label(VersionLabel::Current)).await.unwrap();
    let fields = json::fields(&read.value).unwrap();
    assert_eq!(fields.keys().collect::<Vec<_>>(), ["password", "username"]);
    fields["password"].expose_text().unwrap().to_owned()
}

fn every(seconds: i64) -> RotationSchedule {
    RotationSchedule::Every(SignedDuration::from_secs(seconds))
}

fn spec(schedule: RotationSchedule, login: &str) -> RotationSpec {
    RotationSpec {
        schedule,
        window: None,
        rotator: Rotator::DatabaseLogin(DatabaseLogin {
            connection: "pg".to_owned(),
            username: login.to_owned(),
            statements: Vec::new(),
        }),
        first: FirstRotation::Now,
    }
}

fn rotate(from: Option<VersionId>) -> RotateNow {
    RotateNow { token: IdempotencyToken::random(), from }
}

#[track_caller]
fn invalid(result: Result<impl std::fmt::Debug, StoreError>, field: &str, texts: &[&str]) {
    match result {
        Err(StoreError::Invalid(Invalid { field: found, reason })) if found == field => {
            for text in texts {
                assert!(reason.contains(text), "{field}: {reason}");
            }
        }
        other => panic!("expected a wrong `{field}`: {other:?}"),
    }
}

#[tokio::test]
async fn a_login_that_is_taken_over_gets_a_password_nobody_has_seen() {
    let Some(place) = Place::new() else { return };
    assert!(place.opens("old"));
    let status = place.schedule(every(3600)).await.unwrap();
    assert!(!place.opens("old"));
    assert!(place.opens(&place.password().await));
    let last = status.last_rotated_at.unwrap();
    assert_eq!(status.next_rotation_at, Some(last + SignedDuration::from_hours(1)));
    let described = place.store.describe(&place.name).await.unwrap();
    assert_eq!(described.rotation, Some(status));
    assert_eq!(described.current().unwrap().created_at, last);
}

#[tokio::test]
async fn what_is_as_wanted_is_left_alone_and_a_change_rotates_nothing() {
    let Some(place) = Place::new() else { return };
    place.schedule(every(3600)).await.unwrap();
    place.proxy.forget();
    let (version, password) = (place.version().await, place.password().await);
    assert_eq!(place.requests(), 2, "one to describe, one to read");
    place.schedule(every(3600)).await.unwrap();
    assert_eq!(place.requests(), 1, "one to see that nothing is to be done");
    let changed = place.schedule(every(7200)).await.unwrap();
    assert_eq!(place.requests(), 3, "one to see, one to write, one to see again");
    assert_eq!(changed.schedule, every(7200));
    assert_eq!((place.version().await, place.password().await), (version, password));

    // A role that somebody else made is adopted as it is.
    let (role, other) = (format!("{}/static-roles/app2", place.mount), fresh_login());
    place.database.administer(&format!("create role {other} login password 'old'"));
    place.bao.write(&role, &json!({"db_name": "pg", "username": other, "rotation_period": "3600s"}));
    let before = place.bao.read(&role);
    let name = SecretName::parse(&format!("{}/static-creds/app2", place.mount)).unwrap();
    place.store.schedule_rotation(&name, Some(spec(every(3600), &other))).await.unwrap();
    assert_eq!(place.bao.read(&role)["data"], before["data"]);
}

#[tokio::test]
async fn rotating_now_happens_once_for_one_version() {
    let Some(place) = Place::new() else { return };
    place.schedule(every(3600)).await.unwrap();
    let (first, old) = (place.version().await, place.password().await);
    place.proxy.forget();
    let rotated = place.store.rotate_native(&place.name, rotate(Some(first.clone()))).await.unwrap();
    assert_eq!(place.requests(), 3);
    let second = rotated.current().unwrap().id.clone();
    assert_ne!(first, second);
    assert!(!place.opens(&old));
    assert!(place.opens(&place.password().await));
    place.proxy.forget();
    let again = place.store.rotate_native(&place.name, rotate(Some(first))).await.unwrap();
    assert_eq!((again.current().unwrap().id.clone(), place.requests()), (second.clone(), 1));
    place.store.rotate_native(&place.name, rotate(None)).await.unwrap();
    assert_ne!(place.version().await, second);
}

#[tokio::test]
async fn a_lost_answer_does_not_rotate_twice() {
    let Some(place) = Place::new() else { return };
    place.proxy.add(When::request("^POST .*/static-roles/").times(1).loses_the_answer());
    place.schedule(every(3600)).await.unwrap();
    let first = place.version().await;
    place.proxy.behave();
    place.proxy.add(When::request("^POST .*/rotate-role/").times(1).loses_the_answer());
    let rotated = place.store.rotate_native(&place.name, rotate(Some(first.clone()))).await.unwrap();
    assert_ne!(rotated.current().unwrap().id, first);
    assert_eq!(place.proxy.count("^POST .*/rotate-role/"), 1, "it is seen to have happened");
    place.proxy.behave();
    place.proxy.forget();
    place.proxy.add(When::request("^POST .*/rotate-role/").times(1).resets());
    place.store.rotate_native(&place.name, rotate(None)).await.unwrap();
    assert_eq!(place.proxy.count("^POST .*/rotate-role/"), 2, "it is seen not to have happened");
    assert!(place.opens(&place.password().await));
}

#[tokio::test]
async fn the_engine_rotates_by_its_period() {
    let Some(place) = Place::new() else { return };
    place.schedule(every(5)).await.unwrap();
    let (first, old) = (place.version().await, place.password().await);
    let start = Instant::now();
    while place.version().await == first {
        assert!(start.elapsed() < Duration::from_secs(60), "no rotation within a minute");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert!(!place.opens(&old));
}

#[tokio::test]
async fn ending_a_rotation_keeps_the_password() {
    let Some(place) = Place::new() else { return };
    place.schedule(every(3600)).await.unwrap();
    let password = place.password().await;
    assert_eq!(place.store.schedule_rotation(&place.name, None).await.unwrap(), None);
    assert!(place.opens(&password));
    assert!(place.store.describe(&place.name).await.unwrap_err().is_not_found());
    assert_eq!(place.store.schedule_rotation(&place.name, None).await.unwrap(), None, "twice is once");
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let Some(place) = Place::new() else { return };
    let current = VersionSelector::Label(VersionLabel::Current);
    assert!(place.store.describe(&place.name).await.unwrap_err().is_not_found());
    assert!(place.store.read(&place.name, &current).await.unwrap_err().is_not_found());
    assert!(place.store.rotate_native(&place.name, rotate(None)).await.unwrap_err().is_not_found());
    place.schedule(every(3600)).await.unwrap();
    let old = VersionId::parse("1").unwrap();
    for version in [VersionSelector::Label(VersionLabel::Previous), VersionSelector::Id(old)] {
        assert!(place.store.read(&place.name, &version).await.unwrap_err().is_not_found());
    }
}

#[tokio::test]
async fn wrong_input_is_told_on_its_field() {
    let Some(place) = Place::new() else { return };
    let schedule = async |role: &str, change: &dyn Fn(&mut DatabaseLogin)| {
        let mut spec = spec(every(3600), &place.login);
        if let Rotator::DatabaseLogin(login) = &mut spec.rotator {
            change(login);
        }
        let name = SecretName::parse(&format!("{}/static-creds/{role}", place.mount)).unwrap();
        place.store.schedule_rotation(&name, Some(spec)).await
    };
    let ghost = |login: &mut DatabaseLogin| login.username = "ghost".to_owned();
    let nowhere = |login: &mut DatabaseLogin| login.connection = "nowhere".to_owned();
    invalid(schedule("app", &nowhere).await, "connection", &["no connection `nowhere`", "it has `pg`"]);
    invalid(schedule("forbidden", &|_| {}).await, "connection", &["`forbidden`", "allowed_roles"]);
    invalid(schedule("app", &ghost).await, "username", &["no login `ghost`"]);
    assert!(place.opens("old"), "nothing has changed");
    schedule("app", &|_| {}).await.unwrap();
    invalid(schedule("app", &ghost).await, "username", &[&place.login, "end its rotation first"]);
    invalid(schedule("app", &nowhere).await, "connection", &["of the connection `pg`"]);

    // PostgreSQL repeats a part of the password where the statement is wrong.
    let unquoted = |login: &mut DatabaseLogin| {
        login.statements = vec!["ALTER USER \"{{name}}\" WITH PASSWORD near {{password}};".to_owned()];
    };
    let refused = schedule("short", &unquoted).await;
    invalid(refused, "statements", &["SQLSTATE 42601"]);
    assert!(place.bao.request("GET", &format!("{}/static-roles/short", place.mount), None).status == 404);

    invalid(place.schedule(every(3)).await, "schedule", &["shorter than 5 seconds"]);
    invalid(place.schedule(RotationSchedule::Cron("0 0 * *".to_owned())).await, "schedule", &["five fields"]);
    let mut windowed = spec(every(3600), &place.login);
    windowed.window = Some(SignedDuration::from_hours(2));
    invalid(
        place.store.check_rotation(Some(&place.name), &windowed),
        "window",
        &["belongs to a cron schedule"],
    );
    windowed.schedule = RotationSchedule::Cron("0 3 * * 6".to_owned());
    assert!(place.store.check_rotation(Some(&place.name), &windowed).is_ok());
    windowed.window = Some(SignedDuration::from_mins(30));
    invalid(place.store.check_rotation(Some(&place.name), &windowed), "window", &["shorter than an hour"]);
    let odd = SecretName::parse("database/static-creds/-app").unwrap();
    invalid(place.store.check_rotation(Some(&odd), &spec(every(60), "x")), "name", &["`-app`"]);
    let kv = SecretName::parse("prod/db").unwrap();
    assert!(matches!(
        place.store.check_rotation(Some(&kv), &spec(every(60), "x")),
        Err(StoreError::Unsupported { .. })
    ));
}

/// The endpoint's own description says that OpenBao has no schedules; it would ignore one without a word.
#[tokio::test]
async fn what_the_server_has_not_is_refused_before_anything_changes() {
    let Some(place) = Place::new() else { return };
    let cron = RotationSchedule::Cron("0 3 * * 6".to_owned());
    let refused = told(&place.schedule(cron.clone()).await.unwrap_err());
    assert!(refused.contains("`rotation_schedule`") && refused.contains("write a period"), "{refused}");
    let mut kept = spec(every(3600), &place.login);
    kept.first = FirstRotation::WhenDue;
    let refused = told(&place.store.schedule_rotation(&place.name, Some(kept.clone())).await.unwrap_err());
    assert!(refused.contains("`skip_import_rotation`"), "{refused}");
    assert!(place.opens("old"));
    place.schedule(every(3600)).await.unwrap();
    place.store.schedule_rotation(&place.name, Some(kept)).await.unwrap();
    assert!(place.schedule(cron).await.is_err(), "also for a role that is there");
}

/// A server that has schedules is played by the proxy, from the API's documentation: what it does with one is not exercised.
#[tokio::test]
async fn a_cron_schedule_is_written_where_the_server_says_it_has_them() {
    let Some(place) = Place::new() else { return };
    let help = "## PARAMETERS\n\n    rotation_period (duration (sec))\n\n    rotation_schedule (string)\n\n    rotation_window (duration (sec))\n";
    let definition = json!({"data": {
        "db_name": "pg", "username": place.login, "rotation_schedule": "0 3 * * 6", "rotation_window": 7200,
        "rotation_statements": [], "last_vault_rotation": "2026-11-01T03:00:00Z", "credential_type": "password",
    }});
    place.proxy.add(When::request("^GET .*/static-roles/").times(1).answers(404, json!({"errors": []})));
    place.proxy.add(When::request("^GET .*/static-roles/").times(1).answers(200, json!({ "help": help })));
    place.proxy.add(When::request("^POST .*/static-roles/").answers(204, json!(null)));
    place.proxy.add(When::request("^GET .*/static-roles/").answers(200, definition));
    let mut wanted = spec(RotationSchedule::Cron("0 3 * * 6".to_owned()), &place.login);
    wanted.window = Some(SignedDuration::from_hours(2));
    let status = place.store.schedule_rotation(&place.name, Some(wanted.clone())).await.unwrap().unwrap();
    assert_eq!(status.schedule, wanted.schedule);
    assert_eq!(place.proxy.count("^POST .*/static-roles/"), 1);
}

#[tokio::test]
async fn mariadb_changes_its_logins_too() {
    let (Some(bao), Some(database)) = (OpenBao::shared(), shared_mariadb()) else { return };
    let (mount, login) = (bao.fresh_engine("database"), fresh_login());
    bao.write(
        &format!("{mount}/config/pg"),
        &json!({
            "plugin_name": "mysql-database-plugin", "allowed_roles": "*",
            "connection_url": database.connection_template(),
            "username": mariadb::ADMINISTRATOR, "password": mariadb::PASSWORD,
        }),
    );
    database.administer(&format!("create user '{login}'@'%' identified by 'old'"));
    let opens = |password: &str| database.query(&login, password, "select 1").is_ok();
    assert!(opens("old"));
    let store = store(bao.address(), bao.token());
    let name = SecretName::parse(&format!("{mount}/static-creds/app")).unwrap();
    store.schedule_rotation(&name, Some(spec(every(3600), &login))).await.unwrap();
    let first = password(&store, &name).await;
    assert!(!opens("old") && opens(&first));
    store.rotate_native(&name, rotate(None)).await.unwrap();
    let second = password(&store, &name).await;
    assert!(!opens(&first) && opens(&second));

    let ghost = SecretName::parse(&format!("{mount}/static-creds/ghost")).unwrap();
    let refused = store.schedule_rotation(&ghost, Some(spec(every(3600), "ghost"))).await;
    invalid(refused, "username", &["no login `ghost`"]);
    let mut unquoted = spec(every(3600), &login);
    unquoted.rotator = Rotator::DatabaseLogin(DatabaseLogin {
        connection: "pg".to_owned(),
        username: login.clone(),
        statements: vec!["ALTER USER '{{name}}'@'%' IDENTIFIED BY near {{password}};".to_owned()],
    });
    invalid(store.schedule_rotation(&ghost, Some(unquoted)).await, "statements", &["Error 1064"]);
}

#[tokio::test]
async fn the_audit_log_of_a_rotation_holds_no_password() {
    let (Some(bao), Some(database)) = (OpenBao::production(), shared_postgres()) else { return };
    let (mount, login) = (engine(&bao, database), fresh_login());
    database.administer(&format!("create role {login} login password 'old'"));
    let config = VaultConfig {
        ca_cert_file: bao.ca_file().map(std::path::Path::to_path_buf),
        ..VaultConfig::new(bao.address(), secret(bao.token()))
    };
    let store = VaultStore::open(config).unwrap();
    let name = SecretName::parse(&format!("{mount}/static-creds/app")).unwrap();
    store.schedule_rotation(&name, Some(spec(every(3600), &login))).await.unwrap();
    let first = password(&store, &name).await;
    store.rotate_native(&name, rotate(None)).await.unwrap();
    let second = password(&store, &name).await;
    store.close().await;
    let log = std::fs::read_to_string(bao.audit_log().unwrap()).unwrap();
    assert!(log.contains("rotate-role/app") && log.contains("revoke-self"));
    assert!(!log.contains(&first) && !log.contains(&second), "a password is in the audit log");
}
