//! OpenSSL and OpenSSH as oracles: they read the private keys that are generated, and find the public key handed out
//! beside them.

#![expect(clippy::disallowed_methods, reason = "the tools read what was generated")]

use std::io::Write;
use std::path::Path;
use std::process::Command;

use secret_store::generate::{Generated, Generator, GeneratorSpec, KeyFormat};

use crate::support::skipped;

fn generate(spec: GeneratorSpec) -> Generated {
    Generator::new(spec).unwrap().generate().unwrap()
}

/// What a tool prints when given the private key's file as last argument.
fn public_key(command: &[&str], made: &Generated) -> Option<String> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(made.value.expose()).unwrap();
    let path: &Path = file.path();
    let Ok(output) = Command::new(command[0]).args(&command[1..]).arg(path).output() else {
        skipped(&format!("the tool `{}` is not installed", command[0]));
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap().trim().to_owned())
}

#[test]
fn openssl_finds_the_public_key_of_every_pem() {
    for spec in [
        GeneratorSpec::Ed25519 { format: KeyFormat::Pem },
        GeneratorSpec::X25519 { format: KeyFormat::Pem },
        GeneratorSpec::Rsa { bits: 2048 },
    ] {
        let made = generate(spec);
        if let Some(found) = public_key(&["openssl", "pkey", "-pubout", "-in"], &made) {
            assert_eq!(found, made.public["public_key_pem"].trim());
        }
    }
}

#[test]
fn openssh_finds_the_public_line_of_its_keys() {
    for spec in [GeneratorSpec::Ed25519 { format: KeyFormat::Openssh }, GeneratorSpec::Rsa { bits: 2048 }] {
        let made = generate(spec);
        if let Some(found) = public_key(&["ssh-keygen", "-y", "-f"], &made) {
            assert_eq!(found, made.public["public_key_openssh"]);
        }
    }
}
