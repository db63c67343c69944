//! What a configuration means, and every way in which it can be wrong: all without a request.

use std::collections::BTreeMap;
use std::fs;

use super::*;

fn with_token() -> VaultConfig {
    VaultConfig::new("https://vault.example.org:8200", SecretValue::from_text("s.sentinel".to_owned()))
}

fn resolve(config: VaultConfig, environment: &[(&str, &str)]) -> Result<Target, Invalid> {
    let environment: BTreeMap<_, _> = environment.iter().copied().collect();
    Target::resolve(config, &|name| environment.get(name).map(|text| (*text).to_owned()))
}

#[track_caller]
fn check_refused(config: VaultConfig, environment: &[(&str, &str)], field: &str, texts: &[&str]) {
    let error = resolve(config, environment).unwrap_err();
    assert_eq!(error.field, field, "{error}");
    for text in texts {
        assert!(error.reason.contains(text), "{error}");
    }
    assert!(!error.reason.contains("sentinel"), "{error}");
}

#[track_caller]
fn check_address(address: &str, texts: &[&str]) {
    let config = VaultConfig { address: Some(address.to_owned()), ..with_token() };
    check_refused(config, &[], "address", texts);
}

fn token(target: &Target) -> SecretValue {
    match &target.auth {
        AuthMethod::Token(token) => token.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_block_goes_before_the_environment_and_bao_before_vault() {
    let environment = [
        ("BAO_ADDR", "https://bao.example.org"),
        ("VAULT_ADDR", "https://vault.example.org"),
        ("BAO_TOKEN", ""),
        ("VAULT_TOKEN", "s.vault"),
        ("VAULT_NAMESPACE", "team/"),
        ("VAULT_MAX_RETRIES", "0"),
        ("BAO_CLIENT_TIMEOUT", "90s"),
    ];
    let found = resolve(VaultConfig::default(), &environment).unwrap();
    assert_eq!(found.address.as_str(), "https://bao.example.org/");
    assert_eq!(token(&found), SecretValue::from_text("s.vault".to_owned()));
    assert_eq!(found.namespace.unwrap(), "team");
    assert_eq!((found.max_retries, found.timeout), (0, Duration::from_secs(90)));

    let written = VaultConfig { namespace: Some(String::new()), max_retries: Some(3), ..with_token() };
    let found = resolve(written, &environment).unwrap();
    assert_eq!(found.address.as_str(), "https://vault.example.org:8200/");
    assert_eq!((&found.namespace, found.max_retries), (&None, 3), "an empty namespace is the root");
    assert_eq!(token(&found), SecretValue::from_text("s.sentinel".to_owned()));
}

#[test]
fn an_address_is_a_server_and_nothing_more() {
    check_address("vault.example.org:8200", &["has no scheme", "https://vault.example.org:8200"]);
    check_address("", &["has no scheme"]);
    check_address("ftp://vault.example.org", &["scheme `ftp`"]);
    check_address("https://", &["is no URL"]);
    check_address("https://vault.example.org/v1", &["without `/v1"]);
    check_address("https://vault.example.org/v1/secret/data/a", &["without `/v1"]);
    check_address("https://vault.example.org/?x=1", &["`?` or `#`"]);
    check_address("https://user:sentinel@vault.example.org", &["user name or password"]);
    check_refused(VaultConfig::default(), &[], "address", &["not set", "BAO_ADDR", "VAULT_ADDR"]);
    let wrong = [("VAULT_ADDR", "vault.example.org")];
    check_refused(VaultConfig::default(), &wrong, "address", &["VAULT_ADDR: ", "has no scheme"]);
    for accepted in
        ["https://vault.example.org/", "http://127.0.0.1:8200", "https://[::1]:8200/behind/a/proxy/"]
    {
        let config = VaultConfig { address: Some(accepted.to_owned()), ..with_token() };
        assert!(resolve(config, &[]).is_ok(), "{accepted}");
    }
}

#[test]
fn who_to_be_is_said_in_one_of_three_ways() {
    let nobody = VaultConfig { token: None, ..with_token() };
    check_refused(nobody.clone(), &[], "token", &["three ways", "BAO_TOKEN", "bao login", "approle"]);
    let home = tempfile::tempdir().unwrap();
    let at_home = [("HOME", home.path().to_str().unwrap())];
    check_refused(nobody.clone(), &at_home, "token", &["three ways"]);
    fs::write(home.path().join(".vault-token"), "s.from-the-file\n").unwrap();
    let expected = SecretValue::from_text("s.from-the-file".to_owned());
    assert_eq!(token(&resolve(nobody.clone(), &at_home).unwrap()), expected);

    let auth = AuthMethod::Userpass {
        mount: "userpass/".to_owned(),
        username: "jo".to_owned(),
        password: SecretValue::from_text("sentinel".to_owned()),
    };
    let both = VaultConfig { auth: Some(auth.clone()), ..with_token() };
    check_refused(both, &[], "token", &["not both"]);
    let found = resolve(VaultConfig { auth: Some(auth), ..nobody }, &[("VAULT_TOKEN", "s.other")]).unwrap();
    assert!(matches!(&found.auth, AuthMethod::Userpass { mount, .. } if mount == "userpass"), "{found:?}");
}

#[test]
fn a_token_that_cannot_be_one_is_refused_unseen() {
    for text in ["s.sentinel with a space", "s.sentinel\nX-Evil: 1", "sentinel-ä", " "] {
        let config = VaultConfig { token: Some(SecretValue::from_text(text.to_owned())), ..with_token() };
        check_refused(config, &[], "token", &[]);
    }
}

#[test]
fn namespaces_and_mounts_are_paths() {
    let namespace = |text: &str| VaultConfig { namespace: Some(text.to_owned()), ..with_token() };
    for (text, expected) in
        [("team", Some("team")), ("/team/a/", Some("team/a")), ("root", None), ("/", None)]
    {
        let found = resolve(namespace(text), &[]).unwrap().namespace;
        assert_eq!(found.as_ref().map(|found| found.to_str().unwrap()), expected, "{text}");
    }
    for text in ["team//a", "te am", "team\n", "täm"] {
        check_refused(namespace(text), &[], "namespace", &[]);
    }
    let mount = |text: &str| VaultConfig { mount: Some(text.to_owned()), ..with_token() };
    assert_eq!(resolve(mount("kv/apps/"), &[]).unwrap().mount.as_deref(), Some("kv/apps"));
    for text in ["/kv", "kv//apps", "", "kv?x", "kv/../sys", "kv/*"] {
        check_refused(mount(text), &[], "mount", &["no mount's path"]);
    }
}

#[test]
fn numbers_durations_and_switches_are_read_as_the_clients_do() {
    let found = |name: &str, text: &str| resolve(with_token(), &[(name, text)]);
    for (text, expected) in [("5", 5), ("5s", 5), ("2m", 120), ("1h30m", 5400)] {
        assert_eq!(
            found("VAULT_CLIENT_TIMEOUT", text).unwrap().timeout,
            Duration::from_secs(expected),
            "{text}"
        );
    }
    for text in ["soon", "-5s", "0"] {
        assert_eq!(found("VAULT_CLIENT_TIMEOUT", text).unwrap_err().field, "timeout", "{text}");
    }
    for text in ["-1", "many", "1.5"] {
        assert_eq!(found("BAO_MAX_RETRIES", text).unwrap_err().field, "max_retries", "{text}");
    }
    for text in ["1", "true", "T"] {
        assert!(format!("{:?}", found("VAULT_SKIP_VERIFY", text).unwrap().tls).contains("Anybody"), "{text}");
    }
    for text in ["0", "false", ""] {
        assert!(format!("{:?}", found("VAULT_SKIP_VERIFY", text).unwrap().tls).contains("System"), "{text}");
    }
    assert_eq!(found("VAULT_SKIP_VERIFY", "yes").unwrap_err().field, "skip_tls_verify");
}

#[test]
fn certificates_are_read_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("empty"), "").unwrap();
    fs::write(path("text"), "no certificate, but a sentinel").unwrap();
    fs::write(path("bad.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    fs::write(
        path("key.pem"),
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
    )
    .unwrap();
    fs::create_dir(path("nothing")).unwrap();
    let authority = |name: &str| VaultConfig { ca_cert_file: Some(path(name)), ..with_token() };
    check_refused(authority("missing"), &[], "ca_cert_file", &["missing` cannot be read"]);
    check_refused(authority("nothing"), &[], "ca_cert_file", &["cannot be read"]);
    for name in ["empty", "text", "key.pem"] {
        check_refused(authority(name), &[], "ca_cert_file", &["no certificate in PEM"]);
    }
    check_refused(authority("bad.pem"), &[], "ca_cert_file", &["none to trust others by"]);
    let missing = path("missing");
    let variable = [("VAULT_CACERT", missing.to_str().unwrap())];
    check_refused(with_token(), &variable, "ca_cert_file", &["VAULT_CACERT: "]);
    let of_folder = |name: &str| VaultConfig { ca_cert_dir: Some(path(name)), ..with_token() };
    check_refused(of_folder("missing"), &[], "ca_cert_dir", &["cannot be read"]);
    check_refused(of_folder("nothing"), &[], "ca_cert_dir", &["no file in"]);
    check_refused(of_folder(""), &[], "ca_cert_dir", &["no certificate in PEM"]);

    let identity = |certificate: Option<&str>, key: Option<&str>| VaultConfig {
        client_cert_file: certificate.map(path),
        client_key_file: key.map(path),
        ..with_token()
    };
    check_refused(identity(Some("bad.pem"), None), &[], "client_key_file", &["its key is missing"]);
    check_refused(identity(None, Some("key.pem")), &[], "client_cert_file", &["its certificate is missing"]);
    check_refused(
        identity(Some("text"), Some("key.pem")),
        &[],
        "client_cert_file",
        &["no certificate in PEM"],
    );
    check_refused(
        identity(Some("bad.pem"), Some("key.pem")),
        &[],
        "client_key_file",
        &["no unencrypted private key"],
    );
    for name in ["vault.example.org:8200", "127.0.0.1", "a b", ""] {
        let config = VaultConfig { tls_server_name: Some(name.to_owned()), ..with_token() };
        check_refused(config, &[], "tls_server_name", &["no host name"]);
    }
}

#[test]
fn a_login_needs_its_parts() {
    let with = |auth: AuthMethod| VaultConfig { token: None, auth: Some(auth), ..with_token() };
    let password = || SecretValue::from_text("sentinel".to_owned());
    let user = |name: &str| AuthMethod::Userpass {
        mount: "userpass".to_owned(),
        username: name.to_owned(),
        password: password(),
    };
    check_refused(with(user("")), &[], "auth.username", &[]);
    check_refused(with(user("../../sys/raw")), &[], "auth.username", &["no user's name"]);
    let cert = AuthMethod::Cert { mount: "cert".to_owned(), role: None };
    check_refused(with(cert), &[], "client_cert_file", &["client_key_file"]);
    let role = |mount: &str, role_id: &str| AuthMethod::AppRole {
        mount: mount.to_owned(),
        role_id: role_id.to_owned(),
        secret_id: Some(password()),
    };
    check_refused(with(role("approle", "")), &[], "auth.role_id", &["empty"]);
    check_refused(with(role("/approle", "r")), &[], "auth.mount", &["no mount's path"]);
    let jwt = |source: JwtSource| with(AuthMethod::Jwt { mount: "jwt".to_owned(), role: None, source });
    check_refused(
        jwt(JwtSource::Variable("MY_TOKEN".to_owned())),
        &[],
        "auth.token_variable",
        &["MY_TOKEN is not set"],
    );
    check_refused(jwt(JwtSource::Ci), &[], "auth.token", &["VAULT_ID_TOKEN"]);
    for (source, name) in [
        (JwtSource::Variable("MY_TOKEN".to_owned()), "MY_TOKEN"),
        (JwtSource::Ci, "VAULT_ID_TOKEN"),
        (JwtSource::Ci, "TFC_WORKLOAD_IDENTITY_TOKEN"),
    ] {
        let found = resolve(jwt(source), &[(name, "sentinel")]).unwrap();
        let expected = JwtSource::Token(password());
        assert!(matches!(&found.auth, AuthMethod::Jwt { source, .. } if *source == expected), "{name}");
    }
}

#[test]
fn a_job_of_github_actions_asks_for_its_token() {
    let jwt = |source: JwtSource| VaultConfig {
        token: None,
        auth: Some(AuthMethod::Jwt { mount: "jwt".to_owned(), role: None, source }),
        ..with_token()
    };
    let job = [
        ("ACTIONS_ID_TOKEN_REQUEST_URL", "https://pipelines.example.org/token?api-version=2"),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "sentinel"),
    ];
    for (source, expected) in [
        (JwtSource::Ci, "https://pipelines.example.org/token?api-version=2"),
        (
            JwtSource::GitHubActions { audience: Some("bao & co".to_owned()) },
            "https://pipelines.example.org/token?api-version=2&audience=bao+%26+co",
        ),
    ] {
        let found = resolve(jwt(source), &job).unwrap();
        let AuthMethod::Jwt { source: JwtSource::Request { url, .. }, .. } = found.auth else { panic!() };
        assert_eq!(url, expected);
    }
    let elsewhere = JwtSource::GitHubActions { audience: None };
    check_refused(jwt(elsewhere), &[], "auth.token", &["`id-token: write`"]);
}

#[test]
fn no_credential_is_in_debug() {
    let config = with_token();
    let shown = format!("{config:?} {:?}", resolve(config.clone(), &[]).unwrap());
    assert!(shown.contains("[redacted]") && !shown.contains("sentinel"), "{shown}");
}
