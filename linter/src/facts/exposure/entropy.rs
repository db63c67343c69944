//! Text that looks random, for places where credentials usually stand (an environment, a variable of a CI system, an assignment in a
//! script, a provider block) under names that say nothing. Very shy: a value is let be for any reason to take it for an id, a digest, a public key
//! or words.

/// Least length of a random text.
const SHORTEST: usize = 20;
/// Longer texts are documents, keys in PEM or images, which other detectors know.
const LONGEST: usize = 256;
/// Least Shannon entropy per character of base64 and its kin.
const BASE64_BITS: f64 = 4.0;
/// The same of hexadecimal digits, which have at most four.
const HEX_BITS: f64 = 3.0;

/// Words of a name by which a random text is something else than a secret.
const OTHER_WORDS: [&str; 44] = [
    "ami",
    "arn",
    "build",
    "ca",
    "cert",
    "certificate",
    "checksum",
    "client",
    "cluster",
    "commit",
    "digest",
    "endpoint",
    "etag",
    "fingerprint",
    "hash",
    "hostname",
    "id",
    "ids",
    "image",
    "instance",
    "kid",
    "md5",
    "name",
    "nonce",
    "path",
    "pool",
    "pub",
    "public",
    "publishable",
    "ref",
    "release",
    "rev",
    "revision",
    "sha",
    "sha1",
    "sha256",
    "site",
    "tag",
    "thumbprint",
    "trace",
    "uri",
    "url",
    "uuid",
    "version",
];

/// First characters of texts that are public although they look random: certificates and public keys in DER, SSH keys, what KMS and Vault have
/// encrypted, keys of browsers.
const PUBLIC_PREFIXES: [&str; 10] =
    ["MI", "AAAA", "AQICAH", "AQID", "AQEC", "CiQ", "CiC", "LS0tLS1", "pk_", "phc_"];

/// The text is random, as far as can be told, and nothing in its name says that it may be.
pub(super) fn is_unexplained(text: &str, name: &str) -> bool {
    let explained = super::names::words(name).iter().any(|word| OTHER_WORDS.contains(&word.as_str()));
    !explained && looks_random(text)
}

fn looks_random(text: &str) -> bool {
    if !(SHORTEST..=LONGEST).contains(&text.len())
        || PUBLIC_PREFIXES.iter().any(|prefix| text.starts_with(prefix))
    {
        return false;
    }
    let hex = |upper: bool| {
        text.bytes().all(|byte| {
            byte.is_ascii_digit() || byte.is_ascii_hexdigit() && byte.is_ascii_uppercase() == upper
        })
    };
    if hex(true) || hex(false) {
        let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
        return letters * 8 >= text.len() && bits_per_character(text) >= HEX_BITS;
    }
    let base64 = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte));
    base64
        && has_a_random_part(text)
        && bits_per_character(text) >= BASE64_BITS
        && super::encodings::decode(text).is_none()
}

/// Between `-`, `_` and `/` stands one part of upper and lower case and digits, and no word: names are made of short parts.
fn has_a_random_part(text: &str) -> bool {
    let mixed = |part: &str| {
        part.len() >= 16
            && part.bytes().any(|byte| byte.is_ascii_uppercase())
            && part.bytes().any(|byte| byte.is_ascii_lowercase())
            && part.bytes().filter(u8::is_ascii_digit).count() >= 3
    };
    let word = |part: &str| part.len() >= 3 && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let path = text.contains('/') && text.split('/').any(word);
    !path && text.split(['-', '_', '/', '+', '=']).any(mixed) && longest_run(text) < 6
}

/// Length of the longest run of letters of one case: words have long ones.
fn longest_run(text: &str) -> usize {
    let class = |byte: u8| (byte.is_ascii_lowercase(), byte.is_ascii_uppercase());
    let mut longest = 0;
    let mut run = 0;
    let mut previous = (false, false);
    for byte in text.bytes() {
        run = if class(byte) == previous { run + 1 } else { 1 };
        previous = class(byte);
        if byte.is_ascii_alphabetic() {
            longest = longest.max(run);
        }
    }
    longest
}

/// Shannon's entropy of the characters of a text.
fn bits_per_character(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let length = text.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = f64::from(*count) / length;
            -share * share.log2()
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_texts_under_neutral_names_are_found() {
        for (name, text) in [
            ("STRIPE", "q7Rz2mXk9LwTb4VnYp3HsDf6"),
            ("DJANGO_SALT", "3f9a1c7e5b2d8046af13c9e7b58d2064"),
            ("WEBHOOK", "Zk3pQ9/xV7+tLm2WcY8rNf4HbJ6sD1aG5eK0uTvX"),
            ("COOKIE", "x9Kd-Qm2Vt7LpRz4Nw8YbHc3Fs6"),
        ] {
            assert!(is_unexplained(text, name), "{name}");
        }
    }

    #[test]
    fn what_its_name_explains_is_let_be() {
        let digest = "3f9a1c7e5b2d8046af13c9e7b58d2064";
        for name in ["GIT_SHA", "IMAGE_DIGEST", "COMMIT", "BUILD", "CLIENT_ID", "PUBLIC", "commitSha", "ETAG"]
        {
            assert!(!is_unexplained(digest, name), "{name}");
        }
    }

    #[test]
    fn ids_paths_words_and_public_keys_are_let_be() {
        for text in [
            "",
            "hunter2",
            "550e8400-e29b-41d4-a716-446655440000",
            "vpc-0123456789abcdef0",
            "arn:aws:kms:eu-west-1:123456789012:key/x",
            "https://example.com/a1B2c3D4e5F6g7H8",
            "/var/lib/orders/a1B2c3D4e5F6g7H8",
            "sha256:3f9a1c7e5b2d8046af13c9e7b58d2064",
            "eu-west-1_AbCdEfGhI",
            "my-orders-service-Production-2",
            "MyVeryLongClassNameHandler2x3",
            "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA7",
            "AQICAHhq7Rz2mXk9LwTb4VnYp3HsDf6",
            "AAAAB3NzaC1yc2EAAAADAQABAAABAQC7",
            "2026-11-22T08:00:00Z",
            "12345678901234567890123456",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "info,orders=debug,tower=warn",
            "c29tZSByZWFkYWJsZSB0ZXh0IGhlcmU=",
            "projects/p/secrets/s/versions/1",
            "pk_live_q7Rz2mXk9LwTb4VnYp3HsDf6",
        ] {
            assert!(!is_unexplained(text, "SETTING"), "{text}");
        }
    }

    #[test]
    fn entropy_is_that_of_shannon() {
        assert!(bits_per_character("aaaa").abs() < 1e-9);
        assert!((bits_per_character("abcd") - 2.0).abs() < 1e-9);
    }
}
