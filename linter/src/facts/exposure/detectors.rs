//! Secrets that are recognised by their own text: keys with a provider's prefix, private keys in PEM, passwords in URLs.
//! Ids are those of gitleaks, the vocabulary people know.
//!
//! The two crates for this do not fit: `keyspoor` 0.1 needs a newer Rust than ours, and `secretscan` 0.2 brings a command line (clap,
//! indicatif, a directory walker) into the library, keeps the matched text in its findings, and has rules such as any 40 base64
//! characters in quotes. What is left of the task is a table of prefixes, which one Aho-Corasick automaton finds in a single pass without
//! compiling a regular expression at each start.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};

/// Characters a token is made of.
#[derive(Clone, Copy)]
enum Alphabet {
    /// `0-9 A-Z`.
    Upper,
    /// `0-9 a-f`.
    Hex,
    /// Letters and digits.
    Alphanumeric,
    /// Letters, digits, `-`, `_`.
    UrlSafe,
    /// Letters, digits, `-`, `_`, `.`.
    Dotted,
    /// Letters, digits, `+`, `/`, `=`.
    Base64,
}

impl Alphabet {
    fn contains(self, byte: u8) -> bool {
        match self {
            Self::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Hex => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
            Self::Alphanumeric => byte.is_ascii_alphanumeric(),
            Self::UrlSafe => byte.is_ascii_alphanumeric() || b"-_".contains(&byte),
            Self::Dotted => byte.is_ascii_alphanumeric() || b"-_.".contains(&byte),
            Self::Base64 => byte.is_ascii_alphanumeric() || b"+/=".contains(&byte),
        }
    }
}

/// A token: a prefix and how many characters of an alphabet follow it, at least and at most.
struct Token {
    id: &'static str,
    prefix: &'static str,
    alphabet: Alphabet,
    at_least: usize,
    at_most: usize,
}

const fn token(
    id: &'static str,
    prefix: &'static str,
    alphabet: Alphabet,
    at_least: usize,
    at_most: usize,
) -> Token {
    Token { id, prefix, alphabet, at_least, at_most }
}

use Alphabet::{Alphanumeric, Base64, Dotted, Hex, Upper, UrlSafe};

/// Formats as their owners document them.
const TOKENS: [Token; 41] = [
    token("aws-access-token", "AKIA", Upper, 16, 16),
    token("aws-access-token", "ASIA", Upper, 16, 16),
    token("github-pat", "ghp_", Alphanumeric, 36, 255),
    token("github-oauth", "gho_", Alphanumeric, 36, 255),
    token("github-app-token", "ghu_", Alphanumeric, 36, 255),
    token("github-app-token", "ghs_", Alphanumeric, 36, 255),
    token("github-refresh-token", "ghr_", Alphanumeric, 36, 255),
    token("github-fine-grained-pat", "github_pat_", UrlSafe, 60, 255),
    token("gitlab-pat", "glpat-", Dotted, 20, 255),
    token("gitlab-runner-authentication-token", "glrt-", Dotted, 20, 255),
    token("gitlab-deploy-token", "gldt-", Dotted, 20, 255),
    token("slack-bot-token", "xoxb-", UrlSafe, 20, 255),
    token("slack-user-token", "xoxp-", UrlSafe, 20, 255),
    token("slack-app-token", "xapp-", UrlSafe, 20, 255),
    token("stripe-access-token", "sk_live_", Alphanumeric, 16, 255),
    token("stripe-access-token", "sk_test_", Alphanumeric, 16, 255),
    token("stripe-access-token", "rk_live_", Alphanumeric, 16, 255),
    token("gcp-api-key", "AIza", UrlSafe, 35, 35),
    token("sendgrid-api-token", "SG.", Dotted, 60, 80),
    token("npm-access-token", "npm_", Alphanumeric, 36, 36),
    token("pypi-upload-token", "pypi-AgEIcHlwaS5vcmc", UrlSafe, 50, 255),
    token("rubygems-api-token", "rubygems_", Hex, 48, 48),
    token("digitalocean-pat", "dop_v1_", Hex, 64, 64),
    token("databricks-api-token", "dapi", Hex, 32, 32),
    token("dockerhub-pat", "dckr_pat_", UrlSafe, 27, 255),
    token("doppler-api-token", "dp.pt.", Alphanumeric, 40, 44),
    token("doppler-api-token", "dp.st.", Dotted, 40, 80),
    token("grafana-service-account-token", "glsa_", UrlSafe, 41, 41),
    token("hashicorp-vault-service-token", "hvs.", UrlSafe, 24, 255),
    token("hashicorp-vault-batch-token", "hvb.", UrlSafe, 100, 400),
    token("hashicorp-tf-api-token", ".atlasv1.", UrlSafe, 60, 80),
    token("huggingface-access-token", "hf_", Alphanumeric, 34, 40),
    token("anthropic-api-key", "sk-ant-", UrlSafe, 80, 255),
    token("openai-api-key", "sk-proj-", UrlSafe, 40, 255),
    token("openai-api-key", "sk-svcacct-", UrlSafe, 40, 255),
    token("azure-storage-account-key", "AccountKey=", Base64, 86, 88),
    token("shopify-access-token", "shpat_", Alphanumeric, 32, 32),
    token("postman-api-token", "PMAK-", UrlSafe, 59, 59),
    token("linear-api-key", "lin_api_", Alphanumeric, 40, 40),
    token("age-secret-key", "AGE-SECRET-KEY-1", Upper, 58, 58),
    token("jwt", "eyJ", Dotted, 40, usize::MAX),
];

/// What else starts a check of its own.
const PRIVATE_KEY: &str = "PRIVATE KEY";
const URL: &str = "://";

static AUTOMATON: OnceLock<Option<AhoCorasick>> = OnceLock::new();

fn automaton() -> Option<&'static AhoCorasick> {
    AUTOMATON
        .get_or_init(|| {
            let patterns = TOKENS.iter().map(|token| token.prefix).chain([PRIVATE_KEY, URL]);
            AhoCorasick::builder().match_kind(MatchKind::Standard).build(patterns).ok()
        })
        .as_ref()
}

/// Ids of the secrets that stand in `text`, each once, in order of their first place.
pub(crate) fn detect(text: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    let Some(automaton) = automaton() else { return found };
    for hit in automaton.find_overlapping_iter(text) {
        let id = match TOKENS.get(hit.pattern().as_usize()) {
            Some(token) => is_token(text, hit.start(), hit.end(), token).then_some(token.id),
            None if text.get(hit.range()) == Some(URL) => {
                url_password(text, hit.start(), hit.end()).then_some("url-password")
            }
            None => private_key(text, hit.start(), hit.end()).then_some("private-key"),
        };
        found.extend(id.filter(|id| !found.contains(id)));
    }
    found
}

fn is_token(text: &str, start: usize, end: usize, token: &Token) -> bool {
    let bytes = text.as_bytes();
    // A prefix in the middle of a word is a part of that word; Terraform Cloud's token has its own random part before it.
    let boundary = token.prefix.starts_with('.')
        || start
            .checked_sub(1)
            .and_then(|before| bytes.get(before))
            .is_none_or(|before| !UrlSafe.contains(*before));
    let rest = bytes.get(end..).unwrap_or_default();
    let length = rest.iter().take_while(|byte| token.alphabet.contains(**byte)).count();
    let shaped = token.id != "jwt" || is_jwt(text.get(start..end + length).unwrap_or_default());
    boundary && (token.at_least..=token.at_most).contains(&length) && shaped
}

/// Three parts, the first two JSON objects (`eyJ` is `{"` in base64).
fn is_jwt(text: &str) -> bool {
    let mut parts = text.split('.');
    let (header, claims, signature) = (parts.next(), parts.next(), parts.next());
    header.is_some()
        && claims.is_some_and(|claims| claims.starts_with("eyJ"))
        && signature.is_some_and(|text| text.len() >= 10)
}

/// `-----BEGIN … PRIVATE KEY-----` followed by something: a header alone is a placeholder or a piece of documentation.
fn private_key(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(start.saturating_sub(40)..start).unwrap_or_default();
    let after = text.get(end..).unwrap_or_default();
    let body = after.trim_start_matches(" BLOCK").strip_prefix("-----");
    before.contains("-----BEGIN ")
        && body.is_some_and(|body| body.bytes().take(200).filter(|byte| Base64.contains(*byte)).count() >= 32)
}

/// `scheme://user:password@host`, where the password is written out.
fn url_password(text: &str, start: usize, end: usize) -> bool {
    let scheme = text.get(..start).unwrap_or_default();
    if !scheme.ends_with(|character: char| character.is_ascii_alphanumeric()) {
        return false;
    }
    let rest = text.get(end..).unwrap_or_default();
    let stop = |character: char| {
        character.is_whitespace() || matches!(character, '/' | '?' | '#' | '"' | '\'' | '<' | '>' | ',')
    };
    let authority = rest.split(stop).next().unwrap_or_default();
    let Some((user_info, host)) = authority.rsplit_once('@') else { return false };
    let Some((_, password)) = user_info.split_once(':') else { return false };
    !host.is_empty() && super::names::could_be_a_secret(password, "password") && !is_masked(password)
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

    #[test]
    fn passwords_in_urls_are_found_unless_they_are_references() {
        check("postgres://orders:hunter2@db.internal:5432/orders", &["url-password"]);
        check("jdbc:mysql://h/db and amqp://u:p%40ss@h", &["url-password"]);
        check("postgres://orders@db.internal/orders", &[]);
        check("postgres://orders:${DB_PASSWORD}@db/orders", &[]);
        check("postgres://orders:$PASSWORD@db/orders", &[]);
        check("postgres://user:****@db/orders", &[]);
        check("https://example.com/a:b@c", &[]);
        check("http://[::1]:8080/", &[]);
    }
}
