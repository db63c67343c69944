//! Resources that make a value: how hard it is to guess, and whether plans and logs show it. Where it lands is in [`super::feeds`].

use super::super::collected::Collected;
use super::super::model::{Generator, Origin};
use super::super::subject::{Attribute, Subject, steps};

/// How many bits of a value nobody can foresee.
enum Entropy {
    /// So many for each of the number in this attribute.
    PerUnit { attribute: &'static str, bits: f64, default: Option<f64> },
    /// Characters of the classes that are switched on.
    Characters,
    /// The strength of a private key.
    Key,
    /// Always the same.
    Fixed(f64),
}

/// What is known of one type.
struct Row {
    resource_type: &'static str,
    kind: &'static str,
    /// Attributes that hold the value, in whichever form.
    results: &'static [&'static str],
    entropy: Entropy,
    /// The provider does not mark the value as sensitive.
    shown: bool,
}

const ROWS: [Row; 7] = [
    Row {
        resource_type: "random_password",
        kind: "random_password",
        results: &["result", "bcrypt_hash"],
        entropy: Entropy::Characters,
        shown: false,
    },
    Row {
        resource_type: "random_string",
        kind: "random_string",
        results: &["result", "id"],
        entropy: Entropy::Characters,
        shown: true,
    },
    Row {
        resource_type: "random_bytes",
        kind: "random_bytes",
        results: &["base64", "hex"],
        entropy: Entropy::PerUnit { attribute: "length", bits: 8.0, default: None },
        shown: false,
    },
    Row {
        resource_type: "random_id",
        kind: "random_id",
        results: &["id", "b64_std", "b64_url", "dec", "hex"],
        entropy: Entropy::PerUnit { attribute: "byte_length", bits: 8.0, default: None },
        shown: true,
    },
    Row {
        resource_type: "random_uuid",
        kind: "random_uuid",
        results: &["result", "id"],
        // Version 4: six of the 128 bits say which version it is.
        entropy: Entropy::Fixed(122.0),
        shown: true,
    },
    Row {
        resource_type: "random_pet",
        kind: "random_pet",
        results: &["id"],
        // Its lists have a few hundred words each.
        entropy: Entropy::PerUnit { attribute: "length", bits: 9.0, default: Some(2.0) },
        shown: true,
    },
    Row {
        resource_type: "tls_private_key",
        kind: "private_key",
        results: &["private_key_pem", "private_key_openssh", "private_key_pem_pkcs8"],
        entropy: Entropy::Key,
        shown: false,
    },
];

/// Classes of characters of `random_password` and `random_string`, all on where nothing is said, with how many there are.
const CLASSES: [(&str, f64); 3] = [("lower", 26.0), ("upper", 26.0), ("numeric", 10.0)];
/// `!@#$%&*()-_=+[]{}<>:?`, which `override_special` replaces.
const SPECIAL: f64 = 21.0;

fn row(resource_type: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.resource_type == resource_type)
}

/// The attribute of this type holds what it makes. A reference to the whole object reads it too.
pub(super) fn makes(resource_type: &str, attribute: Option<&str>) -> bool {
    row(resource_type).is_some_and(|row| attribute.is_none_or(|attribute| row.results.contains(&attribute)))
}

/// What the type makes is shown: it is made for names as well as for secrets.
pub(super) fn is_shown(resource_type: &str) -> bool {
    row(resource_type).is_some_and(|row| row.shown)
}

pub(super) fn generator(subject: &Subject<'_>, collected: &mut Collected) {
    let Some(row) = row(subject.resource_type()) else { return };
    let mut origin = subject.origin();
    let entropy_bits = match &row.entropy {
        Entropy::PerUnit { attribute, bits, default } => {
            let units = number(subject, &mut origin, attribute);
            units.or(if origin.unknown.is_empty() { *default } else { None }).map(|units| units * bits)
        }
        Entropy::Characters => {
            let length = number(subject, &mut origin, "length");
            length.zip(alphabet(subject, &mut origin)).map(|(length, size)| characters(length, size))
        }
        Entropy::Key => {
            let size = |attribute: &str| subject.number(&steps![attribute]);
            key_strength(subject.text("algorithm"), size("rsa_bits"), subject.text("ecdsa_curve"))
        }
        Entropy::Fixed(bits) => Some(*bits),
    };
    let place = match row.entropy {
        Entropy::Key => "algorithm",
        Entropy::PerUnit { attribute, .. } => attribute,
        Entropy::Characters => "length",
        Entropy::Fixed(_) => "id",
    };
    origin.paths.insert("entropy_bits".to_owned(), steps![place]);
    collected.facts.generators.push(Generator {
        entropy_bits,
        shown: row.shown,
        ..Generator::of(origin, row.kind)
    });
}

/// The number at `attribute`; the fact's bits are unknown where it is.
fn number(subject: &Subject<'_>, origin: &mut Origin, attribute: &str) -> Option<f64> {
    let path = steps![attribute];
    if subject.at(&path) == Attribute::Unknown && subject.is_set(&path) {
        origin.unknown.push("entropy_bits".to_owned());
    }
    subject.number(&path)
}

/// How many different characters a value is made of.
fn alphabet(subject: &Subject<'_>, origin: &mut Origin) -> Option<f64> {
    let special = steps!["override_special"];
    if subject.at(&special) == Attribute::Unknown && subject.is_set(&special) {
        origin.unknown.push("entropy_bits".to_owned());
        return None;
    }
    // `number` is what `numeric` was called before version 3.3 of the provider.
    let is_on = |class: &str| match class {
        "numeric" => subject.flag("numeric").or(subject.flag("number")).unwrap_or(true),
        class => subject.flag(class).unwrap_or(true),
    };
    let mut size: f64 = CLASSES.iter().filter(|(class, _)| is_on(class)).map(|(_, size)| size).sum();
    if is_on("special") {
        size += match subject.text("override_special").filter(|characters| !characters.is_empty()) {
            Some(characters) => characters.chars().collect::<std::collections::BTreeSet<_>>().len() as f64,
            None => SPECIAL,
        };
    }
    Some(size)
}

/// Bits of so many characters, each one of so many.
pub(in super::super) fn characters(length: f64, alphabet: f64) -> f64 {
    if alphabet < 1.0 { 0.0 } else { length * alphabet.log2() }
}

/// Bits of security of a private key (NIST SP 800-57 part 1, table 2); 2048 bits and P-224 are what `tls_private_key` makes unless told
/// otherwise.
pub(in super::super) fn key_strength(
    algorithm: Option<&str>,
    rsa_bits: Option<f64>,
    curve: Option<&str>,
) -> Option<f64> {
    const RSA: [(f64, f64); 5] =
        [(1024.0, 80.0), (2048.0, 112.0), (3072.0, 128.0), (7680.0, 192.0), (15360.0, 256.0)];
    match algorithm?.to_ascii_uppercase().as_str() {
        "RSA" => {
            let bits = rsa_bits.unwrap_or(2048.0);
            let reached = RSA.iter().rev().find(|(size, _)| bits >= *size);
            Some(reached.map_or(bits / 1024.0 * 80.0, |(_, strength)| *strength))
        }
        "ECDSA" => match curve.unwrap_or("P224") {
            "P224" => Some(112.0),
            "P256" => Some(128.0),
            "P384" => Some(192.0),
            "P521" => Some(256.0),
            _ => None,
        },
        "ED25519" | "X25519" => Some(128.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::super::model::Generator;
    use super::super::super::tests::{facts, resource};

    fn made(resource_type: &str, after: Value) -> Generator {
        facts(vec![resource(resource_type, "a").after(after)]).generators.remove(0)
    }

    fn bits(resource_type: &str, after: Value) -> f64 {
        made(resource_type, after).entropy_bits.unwrap().round()
    }

    #[test]
    fn what_characters_are_allowed_decides_how_hard_a_password_is_to_guess() {
        assert_eq!(bits("random_password", json!({ "length": 16 })), 102.0);
        assert_eq!(bits("random_password", json!({ "length": 16, "special": false })), 95.0);
        assert_eq!(bits("random_password", json!({ "length": 16, "override_special": "!!!" })), 96.0);
        let digits = json!({ "length": 6, "special": false, "upper": false, "lower": false });
        assert_eq!(bits("random_string", digits), 20.0);
        let nothing =
            json!({ "length": 6, "special": false, "upper": false, "lower": false, "numeric": false });
        assert_eq!(bits("random_string", nothing), 0.0);
        let older = json!({ "length": 8, "special": false, "number": false });
        assert_eq!(bits("random_password", older), 46.0);
    }

    #[test]
    fn other_generators_have_their_own_measure() {
        assert_eq!(bits("random_id", json!({ "byte_length": 4 })), 32.0);
        assert_eq!(bits("random_bytes", json!({ "length": 32 })), 256.0);
        assert_eq!(bits("random_uuid", json!({})), 122.0);
        assert_eq!(bits("random_pet", json!({})), 18.0);
        assert_eq!(bits("random_pet", json!({ "length": 4 })), 36.0);
    }

    #[test]
    fn a_key_is_as_strong_as_its_algorithm_and_size() {
        assert_eq!(bits("tls_private_key", json!({ "algorithm": "RSA" })), 112.0);
        assert_eq!(bits("tls_private_key", json!({ "algorithm": "RSA", "rsa_bits": 1024 })), 80.0);
        assert_eq!(bits("tls_private_key", json!({ "algorithm": "RSA", "rsa_bits": 512 })), 40.0);
        assert_eq!(bits("tls_private_key", json!({ "algorithm": "RSA", "rsa_bits": 4096 })), 128.0);
        assert_eq!(bits("tls_private_key", json!({ "algorithm": "ECDSA", "ecdsa_curve": "P384" })), 192.0);
        assert_eq!(bits("tls_private_key", json!({ "algorithm": "ED25519" })), 128.0);
    }

    #[test]
    fn what_is_no_secret_to_its_provider_is_shown() {
        for shown in ["random_string", "random_id", "random_uuid", "random_pet"] {
            assert!(made(shown, json!({})).shown, "{shown}");
        }
        for hidden in ["random_password", "random_bytes", "tls_private_key"] {
            assert!(!made(hidden, json!({})).shown, "{hidden}");
        }
    }

    #[test]
    fn a_length_that_is_decided_at_apply_is_unknown() {
        let password = resource("random_password", "a")
            .unknown(json!({ "length": true }))
            .expressions(json!({ "length": { "references": ["var.length"] } }));
        let generator = facts(vec![password]).generators.remove(0);
        assert_eq!(
            (generator.entropy_bits, generator.origin.unknown),
            (None, vec!["entropy_bits".to_owned()])
        );
    }
}
