//! Other people's programs read the keys made here, and derive the same public halves. A program that is not installed is
//! skipped, and the test says so; in CI that is a failure.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use super::*;

/// What the program prints for this input, or `None` when it is not installed.
fn run(program: &str, arguments: &[&str], input: &[u8]) -> Option<String> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            assert!(
                std::env::var_os("CI").is_none(),
                "`{program}` is not on PATH, and in CI nothing is skipped"
            );
            // Straight to the stream: what a passing test prints is swallowed, and a skip has to be counted.
            writeln!(std::io::stderr(), "SKIPPED: `{program}` is not on PATH").unwrap();
            return None;
        }
        Err(error) => panic!("{program}: {error}"),
    };
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

#[expect(clippy::disallowed_methods, reason = "the key is handed to the program that checks it")]
fn check_openssl(made: &Generated, algorithm: &str) {
    let private = made.value.expose();
    if let Some(public) = run("openssl", &["pkey", "-pubout"], private) {
        assert_eq!(public, made.public["public_key_pem"]);
    }
    if let Some(text) = run("openssl", &["pkey", "-noout", "-text"], private) {
        assert!(text.to_lowercase().contains(algorithm), "{algorithm} key is none for openssl");
    }
    // What openssl writes is byte for byte what was made, so the form is the usual one.
    if let Some(again) = run("openssl", &["pkey"], private) {
        assert!(again.as_bytes() == private, "openssl writes the {algorithm} key in another form");
    }
}

#[expect(clippy::disallowed_methods, reason = "the key is handed to the program that checks it")]
fn check_openssh(made: &Generated) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(made.value.expose()).unwrap();
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o600)).unwrap();
    let path = file.path().to_str().unwrap();
    // An empty pass phrase, so that a key it cannot read fails instead of asking for one.
    if let Some(public) = run("ssh-keygen", &["-y", "-P", "", "-f", path], b"") {
        assert_eq!(public.trim_end(), made.public["public_key_openssh"]);
    }
}

#[test]
fn openssl_reads_ed25519_keys() {
    check_openssl(&ed25519(KeyFormat::Pem).unwrap(), "ed25519");
}

#[test]
fn openssl_reads_x25519_keys() {
    check_openssl(&x25519(KeyFormat::Pem).unwrap(), "x25519");
}

#[test]
fn openssl_and_openssh_read_rsa_keys() {
    let made = rsa(2048).unwrap();
    check_openssl(&made, "2048 bit");
    check_openssh(&made);
    check_sound(&made);
}

#[expect(clippy::disallowed_methods, reason = "the key is handed to the program that checks it")]
fn check_sound(made: &Generated) {
    if let Some(verdict) = run("openssl", &["pkey", "-check", "-noout"], made.value.expose()) {
        assert!(verdict.contains("valid"), "{verdict}");
    }
}

#[test]
fn openssh_reads_ed25519_keys() {
    check_openssh(&ed25519(KeyFormat::Openssh).unwrap());
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the key is handed to the program that checks it")]
fn wireguard_derives_the_same_public_key() {
    let made = x25519(KeyFormat::Raw).unwrap();
    if let Some(public) = run("wg", &["pubkey"], made.value.expose()) {
        assert_eq!(public.trim_end(), made.public["public_key_raw"]);
    }
}
