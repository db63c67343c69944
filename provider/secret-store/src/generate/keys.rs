//! Key pairs. The private key becomes the value; the public key is handed back in the open.
//!
//! aws-lc-rs makes the keys: rustls brings it anyway, so no second implementation of RSA comes into the binary.

use std::collections::BTreeMap;

use aws_lc_rs::agreement::{PrivateKey as AgreementKey, X25519};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{self as rsa_keys, KeySize};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pem_rfc7468::LineEnding;
use ssh_key::Mpint;
use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::public::{Ed25519PublicKey, KeyData, RsaPublicKey};
use zeroize::Zeroizing;

use super::{Generated, KeyFormat, random, unavailable};
use crate::Result;
use crate::error::{Invalid, StoreError};
use crate::value::SecretValue;

// RFC 8410: both keys are 32 bytes after a fixed ASN.1 heading that differs in one byte of the algorithm's number.
const PRIVATE_HEADING: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x00, 0x04, 0x22, 0x04, 0x20];
const PUBLIC_HEADING: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x00, 0x03, 0x21, 0x00];

/// Last byte of the algorithm's number, `1.3.101.110` and `1.3.101.112`.
#[derive(Clone, Copy)]
enum Algorithm {
    X25519 = 0x6e,
    Ed25519 = 0x70,
}

pub(super) fn check_rsa_bits(bits: u32) -> Result<KeySize, Invalid> {
    match bits {
        2048 => Ok(KeySize::Rsa2048),
        3072 => Ok(KeySize::Rsa3072),
        4096 => Ok(KeySize::Rsa4096),
        8192 => Ok(KeySize::Rsa8192),
        _ => Err(Invalid::new(
            "generate.bits",
            format!("{bits} is not one of 2048, 3072, 4096, 8192 (shorter RSA keys are unsafe)"),
        )),
    }
}

pub(super) fn check_ed25519_format(format: KeyFormat) -> Result<(), Invalid> {
    match format {
        KeyFormat::Pem | KeyFormat::Openssh => Ok(()),
        KeyFormat::Raw => {
            Err(Invalid::new("generate.format", "ed25519 keys are written as `pem` or `openssh`"))
        }
    }
}

pub(super) fn check_x25519_format(format: KeyFormat) -> Result<(), Invalid> {
    match format {
        KeyFormat::Pem | KeyFormat::Raw => Ok(()),
        KeyFormat::Openssh => Err(Invalid::new(
            "generate.format",
            "x25519 keys are written as `pem` or `raw`; OpenSSH has none",
        )),
    }
}

pub(super) fn ed25519(format: KeyFormat) -> Result<Generated> {
    let mut seed = Zeroizing::new([0; 32]);
    random::fill(seed.as_mut_slice())?;
    let pair = Ed25519KeyPair::from_seed_unchecked(seed.as_slice()).map_err(|_| broken("ed25519"))?;
    let public: [u8; 32] = pair.public_key().as_ref().try_into().map_err(|_| broken("ed25519"))?;
    let value = match format {
        KeyFormat::Openssh => {
            let mut bytes = Zeroizing::new([0; 64]);
            bytes[..32].copy_from_slice(seed.as_slice());
            bytes[32..].copy_from_slice(&public);
            let pair = Ed25519Keypair::from_bytes(&bytes).map_err(|_| broken("ed25519"))?;
            let key = ssh_key::PrivateKey::new(KeypairData::from(pair), "").map_err(|_| broken("ed25519"))?;
            let text = key.to_openssh(LineEnding::LF).map_err(|_| broken("ed25519"))?;
            SecretValue::new(text.as_bytes().to_vec())
        }
        KeyFormat::Pem | KeyFormat::Raw => private_pem(Algorithm::Ed25519, &seed)?,
    };
    let public = BTreeMap::from([
        ("public_key_openssh".to_owned(), openssh(KeyData::Ed25519(Ed25519PublicKey(public)))?),
        ("public_key_pem".to_owned(), public_pem(Algorithm::Ed25519, &public)?),
    ]);
    Ok(Generated { value, public })
}

pub(super) fn x25519(format: KeyFormat) -> Result<Generated> {
    let mut secret = Zeroizing::new([0; 32]);
    random::fill(secret.as_mut_slice())?;
    // RFC 7748 clamps when using the key; written clamped, as `wg genkey` does, so that every reader agrees.
    secret[0] &= 248;
    secret[31] = (secret[31] & 127) | 64;
    let key = AgreementKey::from_private_key(&X25519, secret.as_slice()).map_err(|_| broken("x25519"))?;
    let public = key.compute_public_key().map_err(|_| broken("x25519"))?;
    let public: [u8; 32] = public.as_ref().try_into().map_err(|_| broken("x25519"))?;
    let value = match format {
        KeyFormat::Raw => SecretValue::from_text(STANDARD.encode(secret.as_slice())),
        KeyFormat::Pem | KeyFormat::Openssh => private_pem(Algorithm::X25519, &secret)?,
    };
    let public = BTreeMap::from([
        ("public_key_pem".to_owned(), public_pem(Algorithm::X25519, &public)?),
        ("public_key_raw".to_owned(), STANDARD.encode(public)),
    ]);
    Ok(Generated { value, public })
}

pub(super) fn rsa(bits: u32) -> Result<Generated> {
    let size = check_rsa_bits(bits)?;
    let pair = rsa_keys::KeyPair::generate(size).map_err(|_| broken("rsa"))?;
    let private: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| broken("rsa"))?;
    let value = pem("PRIVATE KEY", private.as_ref())?;
    let public: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(|_| broken("rsa"))?;
    let modulus = pair.public_key().modulus();
    let exponent = pair.public_key().exponent();
    let number = |bytes: &[u8]| Mpint::from_positive_bytes(bytes).map_err(|_| broken("rsa"));
    let ssh = RsaPublicKey {
        e: number(exponent.big_endian_without_leading_zero())?,
        n: number(modulus.big_endian_without_leading_zero())?,
    };
    let public_pem = pem_rfc7468::encode_string("PUBLIC KEY", LineEnding::LF, public.as_ref());
    let public = BTreeMap::from([
        ("public_key_openssh".to_owned(), openssh(KeyData::Rsa(ssh))?),
        ("public_key_pem".to_owned(), public_pem.map_err(|_| broken("rsa"))?),
    ]);
    Ok(Generated { value, public })
}

fn private_pem(algorithm: Algorithm, key: &[u8; 32]) -> Result<SecretValue> {
    let mut der = Zeroizing::new([0; 48]);
    der[..16].copy_from_slice(&PRIVATE_HEADING);
    der[11] = algorithm as u8;
    der[16..].copy_from_slice(key);
    pem("PRIVATE KEY", der.as_slice())
}

fn public_pem(algorithm: Algorithm, key: &[u8; 32]) -> Result<String> {
    let mut der = PUBLIC_HEADING.to_vec();
    der[8] = algorithm as u8;
    der.extend_from_slice(key);
    pem_rfc7468::encode_string("PUBLIC KEY", LineEnding::LF, &der).map_err(|_| broken("public"))
}

fn pem(label: &str, der: &[u8]) -> Result<SecretValue> {
    pem_rfc7468::encode_string(label, LineEnding::LF, der)
        .map(SecretValue::from_text)
        .map_err(|_| broken(label))
}

fn openssh(key: KeyData) -> Result<String> {
    ssh_key::PublicKey::new(key, "").to_openssh().map_err(|_| broken("OpenSSH"))
}

fn broken(what: &str) -> StoreError {
    unavailable(
        &format!("the cryptographic library could not make or write a {what} key; please report this"),
        None,
    )
}

#[cfg(test)]
mod oracle;

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the tests look at what was generated")]
mod tests {
    use super::*;

    fn der(pem: &[u8]) -> Vec<u8> {
        pem_rfc7468::decode_vec(pem).unwrap().1
    }

    #[test]
    fn an_ed25519_pem_reads_back_with_its_public_key() {
        let made = ed25519(KeyFormat::Pem).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der(made.value.expose())).unwrap();
        assert!(der(made.public["public_key_pem"].as_bytes()).ends_with(pair.public_key().as_ref()));
    }

    #[test]
    fn an_ed25519_openssh_key_reads_back_with_its_public_line() {
        let made = ed25519(KeyFormat::Openssh).unwrap();
        let key = ssh_key::PrivateKey::from_openssh(made.value.expose()).unwrap();
        assert_eq!(key.public_key().to_openssh().unwrap(), made.public["public_key_openssh"]);
        assert!(made.public["public_key_openssh"].starts_with("ssh-ed25519 "));
    }

    #[test]
    fn an_rsa_pem_reads_back_with_its_length() {
        let made = rsa(2048).unwrap();
        assert!(made.value.expose().starts_with(b"-----BEGIN PRIVATE KEY-----\n"));
        let pair = rsa_keys::KeyPair::from_pkcs8(&der(made.value.expose())).unwrap();
        assert_eq!(pair.public_modulus_len(), 256);
        assert!(made.public["public_key_openssh"].starts_with("ssh-rsa "));
    }

    #[test]
    fn x25519_forms_hold_the_same_kind_of_key() {
        let raw = x25519(KeyFormat::Raw).unwrap();
        let secret = STANDARD.decode(raw.value.expose()).unwrap();
        let key = AgreementKey::from_private_key(&X25519, &secret).unwrap();
        assert_eq!(STANDARD.encode(key.compute_public_key().unwrap()), raw.public["public_key_raw"]);
        let pem = x25519(KeyFormat::Pem).unwrap();
        assert_eq!(der(pem.value.expose())[..16], {
            let mut heading = PRIVATE_HEADING;
            heading[11] = 0x6e;
            heading
        });
    }
}
