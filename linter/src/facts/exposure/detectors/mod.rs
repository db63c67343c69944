//! Secrets that are recognised by their own text: keys with a provider's prefix, private keys in PEM, passwords in connection strings.
//! Ids are those of gitleaks, the vocabulary people know.
//!
//! The crates for this do not fit, measured in November 2026. `keyspoor` 0.1.4 carries gitleaks' rules as 225 regular expressions: it needs Rust
//! 1.96 and 76 crates, and takes 50 ms to start (the whole linter has 60) and 1.1 s for 100 MB. The crates of `kingfisher` need Rust 1.99. `secretscan`
//! 0.2 brings a command line into the library, keeps the matched text in its findings, and has rules such as any 40 base64 characters in
//! quotes. What is left of the task is a table of prefixes, which one Aho-Corasick automaton finds in a single pass, 0.25 s for 100 MB, without
//! compiling a regular expression at each start.

mod connection;
mod tokens;

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use self::tokens::{Alphabet, TOKENS};

/// What else starts a check of its own.
const PRIVATE_KEY: &str = "PRIVATE KEY";
const URL: &str = "://";
const SETTINGS: [&str; 6] = ["password=", "Password=", "PASSWORD=", "pwd=", "Pwd=", "PWD="];

static AUTOMATON: OnceLock<Option<AhoCorasick>> = OnceLock::new();

fn automaton() -> Option<&'static AhoCorasick> {
    AUTOMATON
        .get_or_init(|| {
            let patterns = TOKENS.iter().map(|token| token.mark).chain([PRIVATE_KEY, URL]).chain(SETTINGS);
            let builder = &mut AhoCorasick::builder();
            builder.match_kind(MatchKind::Standard).kind(Some(AhoCorasickKind::DFA)).build(patterns).ok()
        })
        .as_ref()
}

/// Ids of the secrets that stand in `text`, each once, in order of their first place.
pub(crate) fn detect(text: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    let Some(automaton) = automaton() else { return found };
    for hit in automaton.find_overlapping_iter(text) {
        let id = match TOKENS.get(hit.pattern().as_usize()) {
            Some(token) => token.is_at(text, hit.start(), hit.end()).then_some(token.id),
            None => match text.get(hit.range()) {
                Some(URL) => connection::url_password(text, hit.start(), hit.end()).then_some("url-password"),
                Some(PRIVATE_KEY) => private_key(text, hit.start(), hit.end()).then_some("private-key"),
                _ => connection::setting(text, hit.end()).then_some("connection-string-password"),
            },
        };
        found.extend(id.filter(|id| !found.contains(id)));
    }
    found
}

/// Something in `text`, which may be JSON with its escapes, could be a token: a first look that never misses one.
pub(crate) fn may_detect(text: &str) -> bool {
    let Some(automaton) = automaton() else { return true };
    automaton.find_overlapping_iter(text).any(|hit| match TOKENS.get(hit.pattern().as_usize()) {
        Some(token) => token.may_be_at(text, hit.end()),
        None => true,
    })
}

/// `-----BEGIN … PRIVATE KEY-----` followed by something: a header alone is a placeholder or a piece of documentation.
fn private_key(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(start.saturating_sub(40)..start).unwrap_or_default();
    let after = text.get(end..).unwrap_or_default();
    let body = after.trim_start_matches(" BLOCK").strip_prefix("-----");
    before.contains("-----BEGIN ")
        && body.is_some_and(|body| {
            body.bytes().take(200).filter(|byte| Alphabet::Base64.contains(*byte)).count() >= 32
        })
}

/// What Terraform and masking filters write in place of a value.
pub(super) fn is_redaction(text: &str) -> bool {
    const REDACTIONS: [&str; 9] = [
        "(sensitive value)",
        "(sensitive)",
        "REDACTED",
        "(redacted)",
        "<redacted>",
        "[REDACTED]",
        "(known after apply)",
        "<sensitive>",
        "[redacted]",
    ];
    REDACTIONS.contains(&text) || is_masked(text)
}

/// `****`, `xxxx`, `<password>`, `[PASSWORD]`: a placeholder of documentation.
fn is_masked(text: &str) -> bool {
    let bracketed =
        (text.starts_with('<') && text.ends_with('>')) || (text.starts_with('[') && text.ends_with(']'));
    bracketed || (text.len() >= 3 && text.bytes().all(|byte| byte == b'*' || byte == b'x' || byte == b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(detect(text), expected, "{text}");
    }

    #[test]
    fn tokens_are_found_by_prefix_alphabet_and_length() {
        check("export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\n", &["aws-access-token"]);
        check(&format!("token: ghp_{}", "a1".repeat(18)), &["github-pat"]);
        check(&format!("{}.atlasv1.{}", "b".repeat(14), "c".repeat(64)), &["hashicorp-tf-api-token"]);
        check(&format!("eyJhbGciOiJIUzI1NiJ9.eyJ{}.{}", "a".repeat(20), "b".repeat(43)), &["jwt"]);
    }

    #[test]
    fn near_misses_are_not() {
        check("AKIA", &[]);
        check("AKIAIOSFODNN7EXAMPLE1", &[]);
        check("AKIAlowercaseletters", &[]);
        check("xAKIAIOSFODNN7EXAMPLE", &[]);
        check("eyJhbGciOiJIUzI1NiJ9 is a header only", &[]);
        check("dapi and data", &[]);
    }

    #[test]
    fn private_keys_need_a_body() {
        let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj";
        check(&format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----"), &["private-key"]);
        check(&format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{body}"), &["private-key"]);
        check("-----BEGIN RSA PRIVATE KEY-----\n...\n", &[]);
        check(&format!("-----BEGIN PUBLIC KEY-----\n{body}"), &[]);
        check("put your PRIVATE KEY here", &[]);
    }
}
