//! Damaged files, wrong identities and folders that cannot be used: each error says what, where, and what to do, and
//! nothing is lost.

use std::fs;
use std::path::Path;

use secret_store::local::IdentitySource;
use secret_store::{
    Access, AccessSet, Condition, GrantSpec, IdempotencyToken, Metadata, Principal, PutVersion, Store,
    StoreError,
};

use crate::support::{Place, all_secrets, block, created, current, name, open, skipped, value};

/// A store with `db` holding `sentinel-one`.
fn place() -> Place {
    let place = Place::new();
    block(place.store().create(&name("db"), created("sentinel-one"))).unwrap();
    place
}

fn check(error: &StoreError, parts: &[&str]) {
    let text = error.to_string();
    for part in parts {
        assert!(text.contains(part), "`{part}` is missing in: {text}");
    }
    assert!(!text.contains("sentinel") && !text.contains("AGE-SECRET-KEY"), "{text}");
}

#[test]
fn a_corrupt_record_is_named_with_its_line_and_left_alone() {
    let place = place();
    let path = place.root().join("db/secret.toml");
    let damaged = fs::read_to_string(&path).unwrap().replace("revision = ", "revision = oops ");
    fs::write(&path, &damaged).unwrap();
    let store = place.store();
    block(async {
        let put = PutVersion::current(value("two"), IdempotencyToken::random());
        let errors = [
            store.describe(&name("db")).await.unwrap_err(),
            store.read(&name("db"), &current()).await.unwrap_err(),
            store.put_version(&name("db"), put).await.unwrap_err(),
            store.create(&name("db"), created("x")).await.unwrap_err(),
        ];
        for error in &errors {
            assert!(matches!(error, StoreError::Corrupt { .. }));
            check(error, &["line 4", "db/secret.toml", "restore the file from a backup"]);
        }
        store.create(&name("other"), created("other")).await.unwrap();
    });
    assert_eq!(fs::read_to_string(&path).unwrap(), damaged);
    assert!(place.root().join("db/v1.age").exists());
    fs::write(&path, damaged.replace("oops ", "")).unwrap();
    assert!(block(store.read(&name("db"), &current())).unwrap().value == value("sentinel-one"));
}

#[test]
fn one_corrupt_record_does_not_hide_the_others_in_a_list() {
    use futures::StreamExt;

    let place = place();
    let store = place.store();
    block(async {
        store.create(&name("other"), created("x")).await.unwrap();
        fs::write(place.root().join("db/secret.toml"), "format = [").unwrap();
        let found: Vec<_> = store.list(secret_store::ListFilter::default()).collect().await;
        assert_eq!(found.len(), 2);
        check(found[0].as_ref().unwrap_err(), &["line 1", "db/secret.toml"]);
        assert_eq!(found[1].as_ref().unwrap().name, name("other"));
    });
}

#[test]
fn a_record_of_a_later_release_or_of_another_secret_is_refused() {
    let place = place();
    let path = place.root().join("db/secret.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("format = 1", "format = 2", 1)).unwrap();
    check(&block(place.store().describe(&name("db"))).unwrap_err(), &["format 2", "upgrade the provider"]);
    fs::write(&path, &text).unwrap();
    fs::create_dir(place.root().join("copy")).unwrap();
    fs::write(place.root().join("copy/secret.toml"), &text).unwrap();
    check(
        &block(place.store().describe(&name("copy"))).unwrap_err(),
        &["`db` instead of `copy`", "moved or copied"],
    );
}

#[test]
fn a_value_file_that_is_cut_short_altered_or_missing_is_named() {
    let place = place();
    let path = place.root().join("db/v1.age");
    let whole = fs::read(&path).unwrap();
    let altered = |index: usize| {
        let mut bytes = whole.clone();
        bytes[index] ^= 1;
        bytes
    };
    let last = whole.len() - 1;
    let damaged = [
        Vec::new(),
        whole[..10].to_vec(),
        whole[..whole.len() / 2].to_vec(),
        whole[..last].to_vec(),
        altered(0),
        altered(last),
        altered(last - 20),
        [whole.as_slice(), b"x"].concat(),
    ];
    for bytes in damaged {
        fs::write(&path, bytes).unwrap();
        let error = block(place.store().read(&name("db"), &current())).unwrap_err();
        assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
        check(&error, &["version `v1` of secret `db`", "db/v1.age", "restore the file from a backup"]);
    }
    fs::remove_file(&path).unwrap();
    check(&block(place.store().read(&name("db"), &current())).unwrap_err(), &["the file is missing"]);
    let put = PutVersion::current(value("two"), IdempotencyToken::random());
    block(place.store().put_version(&name("db"), put)).unwrap();
    assert!(
        block(place.store().read(&name("db"), &current())).unwrap().value == value("two"),
        "as the help says"
    );
}

#[test]
fn another_identity_may_describe_and_nothing_else() {
    let place = place();
    let owner = place.store().owner().unwrap().unwrap();
    let (_, stranger) = place.grantee("stranger");
    let store = place.store_as(&stranger);
    block(async {
        assert!(store.describe(&name("db")).await.is_ok());
        assert_eq!(all_secrets(&store).await.len(), 1);
        let read = store.read(&name("db"), &current()).await.unwrap_err();
        let write = store.create(&name("other"), created("x")).await.unwrap_err();
        for error in [&read, &write] {
            assert!(matches!(error, StoreError::Denied { .. }), "{error}");
            check(error, &["stranger.txt", owner.as_str()]);
        }
    });
    assert!(!place.root().join("other").exists());
}

#[test]
fn describing_and_listing_need_no_identity_and_make_none() {
    let place = place();
    let missing = place.folder.path().join("elsewhere/identity.txt");
    let store = open(&place.root(), IdentitySource::Default(missing.clone()));
    block(async {
        assert!(store.describe(&name("db")).await.is_ok());
        assert_eq!(all_secrets(&store).await.len(), 1);
        assert!(store.grants(&name("db")).await.unwrap().is_empty());
        check(
            &store.read(&name("db"), &current()).await.unwrap_err(),
            &["no identity at", "elsewhere/identity.txt"],
        );
        // The store has an owner already: a new identity would be the wrong one.
        check(
            &store.create(&name("x"), created("x")).await.unwrap_err(),
            &["no identity at", "put the store's identity there"],
        );
    });
    assert!(!missing.exists());
    let nothing = Place::new();
    block(async {
        assert!(nothing.store().describe(&name("db")).await.unwrap_err().is_not_found());
        assert!(all_secrets(&nothing.store()).await.is_empty());
    });
    assert!(!nothing.root().exists() && !nothing.identity().exists());
}

#[test]
fn a_store_without_its_own_record_is_not_taken_over() {
    let place = place();
    fs::remove_file(place.root().join("store.toml")).unwrap();
    let (_, other) = place.grantee("other");
    check(
        &block(place.store_as(&other).create(&name("x"), created("x"))).unwrap_err(),
        &["store.toml", "restore it"],
    );
}

#[test]
fn a_path_that_is_a_file_is_refused() {
    let place = Place::new();
    fs::write(place.root(), "a file").unwrap();
    check(
        &block(place.store().create(&name("x"), created("x"))).unwrap_err(),
        &["store`", "File exists"].map(|part| if part == "File exists" { "cannot make" } else { part }),
    );
    check(&block(place.store().describe(&name("x"))).unwrap_err(), &["a part of the path is a file"]);
}

/// Not a test of its own: a process of a user who may not use the folder.
#[test]
fn unprivileged_child() {
    let Some(root) = std::env::var_os("SECRET_STORE_TEST_UNREADABLE") else { return };
    let store = open(Path::new(&root), IdentitySource::File(Path::new("/nonexistent").to_path_buf()));
    block(async {
        check(&store.describe(&name("db")).await.unwrap_err(), &["cannot read", "permission denied"]);
        check(&store.create(&name("x"), created("x")).await.unwrap_err(), &["permission denied"]);
        use futures::StreamExt;
        let listed: Vec<_> = store.list(secret_store::ListFilter::default()).collect().await;
        check(listed[0].as_ref().unwrap_err(), &["cannot list", "permission denied"]);
    });
}

#[cfg(unix)]
#[test]
fn a_folder_that_may_not_be_read_is_named() {
    use std::os::unix::fs::PermissionsExt;

    let place = place();
    let mode = |path: &Path, mode: u32| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    mode(place.folder.path(), 0o755);
    mode(&place.root(), 0o000);
    let this = std::env::current_exe().unwrap();
    let run = |mut command: std::process::Command| {
        command
            .args(["bad_input::unprivileged_child", "--exact"])
            .env("SECRET_STORE_TEST_UNREADABLE", place.root())
            .output()
            .ok()
    };
    let is_root = fs::read_dir(place.root()).is_ok();
    let output = if is_root {
        // Root reads everything, so another user looks. It must be able to run this very file.
        let copy = place.folder.path().join("test");
        fs::copy(&this, &copy).unwrap();
        let mut command = std::process::Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(copy);
        run(command)
    } else {
        run(std::process::Command::new(this))
    };
    mode(&place.root(), 0o700);
    match output {
        Some(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout)),
        None => skipped("root reads every folder, and `setpriv` is not there to become somebody else"),
    }
}

#[test]
fn what_cannot_be_enforced_is_refused() {
    let place = place();
    let store = place.store();
    let (principal, _) = place.grantee("grantee");
    let owner = Principal::parse(store.owner().unwrap().unwrap().as_str()).unwrap();
    let read = |principal: &Principal| GrantSpec::new(principal.clone(), AccessSet::read());
    let access = |access: Access| GrantSpec { access: AccessSet::new([access]).unwrap(), ..read(&principal) };
    let condition = Condition { operator: "is".to_owned(), key: "a".to_owned(), values: Vec::new() };
    let past = "2020-01-01T00:00:00Z".parse().unwrap();
    let cases = [
        (access(Access::Write), "granting `write`: who may change files is up to the file system"),
        (access(Access::Rotate), "granting `rotate`"),
        (access(Access::Describe), "metadata is plain text"),
        (GrantSpec { conditions: vec![condition], ..read(&principal) }, "conditions on a grant"),
        (read(&Principal::parse("arn:aws:iam::1:role/app").unwrap()), "no age recipient"),
        (read(&owner), "it owns the store"),
        (GrantSpec { expires_at: Some(past), ..read(&principal) }, "in the past"),
    ];
    for (spec, expected) in cases {
        let wanted =
            if expected.starts_with("granting") { expected.split(':').next().unwrap() } else { expected };
        check(&block(store.grant(&name("db"), spec)).unwrap_err(), &[wanted]);
    }
    assert!(block(store.grants(&name("db"))).unwrap().is_empty());
    let metadata = Metadata { kms_key: Some("alias/x".to_owned()), ..Metadata::default() };
    let request = secret_store::CreateSecret { metadata, ..created("x") };
    check(&block(store.create(&name("k"), request)).unwrap_err(), &["does not support `kms_key`"]);
}

#[test]
fn an_expired_secret_is_not_read() {
    let place = place();
    let store = place.store();
    block(async {
        let seen = store.describe(&name("db")).await.unwrap();
        let metadata = Metadata { expires_at: "2020-01-01T00:00:00Z".parse().ok(), ..Metadata::default() };
        store.update(&name("db"), metadata, &seen.revision).await.unwrap();
        let error = store.read(&name("db"), &current()).await.unwrap_err();
        check(&error, &["expired on 2020-01-01", "set a later `expires_at`"]);
    });
}

#[cfg(unix)]
#[test]
fn files_and_folders_are_private() {
    use std::os::unix::fs::PermissionsExt;

    let place = place();
    let mode = |path: &str| fs::metadata(place.root().join(path)).unwrap().permissions().mode() & 0o7777;
    for path in ["db/secret.toml", "db/v1.age", "audit.jsonl", "store.toml", ".lock"] {
        assert_eq!(mode(path), 0o600, "{path}");
    }
    assert_eq!((mode(""), mode("db")), (0o700, 0o700));
}

#[test]
fn no_value_is_in_any_file_but_encrypted() {
    let place = place();
    let store = place.store();
    block(async {
        store
            .put_version(&name("db"), PutVersion::current(value("sentinel-two"), IdempotencyToken::random()))
            .await
            .unwrap();
        store.delete(&name("db"), secret_store::Deletion::Recoverable { days: 7 }).await.unwrap();
    });
    for file in crate::support::files_in(&place.root()) {
        let content = fs::read(place.root().join(&file)).unwrap();
        assert!(!content.windows(8).any(|window| window == b"sentinel"), "{file}");
    }
}
