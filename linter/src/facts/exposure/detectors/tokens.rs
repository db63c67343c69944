//! Tokens that a provider gives a prefix of its own, each with what follows it. The ids are those of gitleaks where it has the format.

use Alphabet::{Alphanumeric, Base64, Dotted, Hex, Padded, Path, Upper, UrlSafe};

/// Characters a token is made of.
#[derive(Clone, Copy)]
pub(super) enum Alphabet {
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
    /// The same and `=`.
    Padded,
    /// Letters, digits, `+`, `/`, `=`.
    Base64,
    /// Letters, digits, `-`, `_`, `/`, `@`.
    Path,
}

impl Alphabet {
    pub(super) fn contains(self, byte: u8) -> bool {
        match self {
            Self::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Hex => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
            Self::Alphanumeric => byte.is_ascii_alphanumeric(),
            Self::UrlSafe => byte.is_ascii_alphanumeric() || b"-_".contains(&byte),
            Self::Dotted => byte.is_ascii_alphanumeric() || b"-_.".contains(&byte),
            Self::Padded => byte.is_ascii_alphanumeric() || b"-_.=".contains(&byte),
            Self::Base64 => byte.is_ascii_alphanumeric() || b"+/=".contains(&byte),
            Self::Path => byte.is_ascii_alphanumeric() || b"-_/@".contains(&byte),
        }
    }
}

/// What stands before the mark by which a token is found.
#[derive(Clone, Copy)]
enum Before {
    /// Nothing of the token: the mark is its prefix, and in the middle of a word it is a part of that word.
    Boundary,
    /// So many letters, digits, `-`, `_`, `.` and `~` of the token itself, and a boundary before those.
    Characters(usize),
    /// So many digits or more.
    Digits(usize),
}

/// A token: a mark, and how many characters of an alphabet follow it, at least and at most.
pub(super) struct Token {
    pub(super) id: &'static str,
    pub(super) mark: &'static str,
    before: Before,
    alphabet: Alphabet,
    at_least: usize,
    at_most: usize,
}

const fn token(
    id: &'static str,
    mark: &'static str,
    alphabet: Alphabet,
    at_least: usize,
    at_most: usize,
) -> Token {
    Token { id, mark, before: Before::Boundary, alphabet, at_least, at_most }
}

const fn exactly(id: &'static str, mark: &'static str, alphabet: Alphabet, length: usize) -> Token {
    token(id, mark, alphabet, length, length)
}

const fn inner(
    id: &'static str,
    before: Before,
    mark: &'static str,
    alphabet: Alphabet,
    at_least: usize,
    at_most: usize,
) -> Token {
    Token { id, mark, before, alphabet, at_least, at_most }
}

/// Formats as their owners document them.
pub(super) const TOKENS: &[Token] = &[
    // Clouds
    exactly("alibaba-access-key-id", "LTAI", Alphanumeric, 20),
    exactly("aws-access-token", "ABIA", Upper, 16),
    exactly("aws-access-token", "ACCA", Upper, 16),
    exactly("aws-access-token", "AKIA", Upper, 16),
    exactly("aws-access-token", "ASIA", Upper, 16),
    token("aws-amazon-bedrock-api-key-long-lived", "ABSK", Base64, 109, 269),
    token(
        "aws-amazon-bedrock-api-key-short-lived",
        "bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t",
        Base64,
        20,
        8192,
    ),
    inner("azure-ad-client-secret", Before::Characters(4), "Q~", Dotted, 31, 34),
    inner("azure-devops-pat", Before::Characters(76), "AZDO", Alphanumeric, 4, 4),
    token("azure-shared-access-key", "SharedAccessKey=", Base64, 43, 44),
    token("azure-storage-account-key", "AccountKey=", Base64, 86, 88),
    token("cloudflare-origin-ca-key", "v1.0-", UrlSafe, 171, 171),
    exactly("digitalocean-access-token", "doo_v1_", Hex, 64),
    exactly("digitalocean-pat", "dop_v1_", Hex, 64),
    exactly("digitalocean-refresh-token", "dor_v1_", Hex, 64),
    token("flyio-access-token", "fm1a_", Base64, 100, 4096),
    token("flyio-access-token", "fm1r_", Base64, 100, 4096),
    token("flyio-access-token", "fm2_", Base64, 100, 4096),
    exactly("flyio-access-token", "fo1_", UrlSafe, 43),
    exactly("gcp-api-key", "AIza", UrlSafe, 35),
    exactly("gcp-oauth-client-secret", "GOCSPX-", UrlSafe, 28),
    token("gcp-oauth-access-token", "ya29.", UrlSafe, 30, 2048),
    exactly("heroku-api-key-v2", "HRKU-AA", UrlSafe, 58),
    token("netlify-access-token", "nfp_", Alphanumeric, 36, 40),
    token("openshift-user-token", "sha256~", UrlSafe, 43, 43),
    token("planetscale-api-token", "pscale_tkn_", Padded, 32, 64),
    token("planetscale-oauth-token", "pscale_oauth_", Padded, 32, 64),
    token("planetscale-password", "pscale_pw_", Padded, 32, 64),
    exactly("scalingo-api-token", "tk-us-", UrlSafe, 48),
    exactly("supabase-access-token", "sbp_", Hex, 40),
    token("yandex-api-key", "AQVN", UrlSafe, 35, 38),
    // Code and builds
    token("artifactory-api-key", "AKCp", Alphanumeric, 69, 69),
    token("artifactory-reference-token", "cmVmd", Alphanumeric, 59, 59),
    exactly("buildkite-user-token", "bkua_", Hex, 40),
    token("circleci-personal-token", "CCIPAT_", UrlSafe, 60, 80),
    token("circleci-project-token", "CCIPRJ_", UrlSafe, 60, 80),
    exactly("clojars-api-token", "CLOJARS_", Alphanumeric, 60),
    exactly("crates-io-token", "cio", Alphanumeric, 32),
    token("dockerhub-pat", "dckr_pat_", UrlSafe, 27, 255),
    token("github-app-token", "ghs_", Alphanumeric, 36, 255),
    token("github-app-token", "ghu_", Alphanumeric, 36, 255),
    token("github-fine-grained-pat", "github_pat_", UrlSafe, 60, 255),
    token("github-oauth", "gho_", Alphanumeric, 36, 255),
    token("github-pat", "ghp_", Alphanumeric, 36, 255),
    token("github-refresh-token", "ghr_", Alphanumeric, 36, 255),
    token("gitlab-cicd-job-token", "glcbt-", UrlSafe, 20, 255),
    token("gitlab-deploy-token", "gldt-", Dotted, 20, 255),
    token("gitlab-feature-flag-client-token", "glffct-", UrlSafe, 20, 20),
    token("gitlab-feed-token", "glft-", UrlSafe, 20, 20),
    token("gitlab-incoming-mail-token", "glimt-", UrlSafe, 25, 25),
    token("gitlab-kubernetes-agent-token", "glagent-", UrlSafe, 50, 50),
    token("gitlab-oauth-app-secret", "gloas-", UrlSafe, 64, 64),
    token("gitlab-pat", "glpat-", Dotted, 20, 255),
    exactly("gitlab-ptt", "glptt-", Hex, 40),
    token("gitlab-rrt", "GR1348941", UrlSafe, 20, 20),
    token("gitlab-runner-authentication-token", "glrt-", Dotted, 20, 255),
    token("gitlab-scim-token", "glsoat-", UrlSafe, 20, 20),
    token("harness-api-key", "pat.", Dotted, 68, 68),
    token("harness-api-key", "sat.", Dotted, 68, 68),
    exactly("npm-access-token", "npm_", Alphanumeric, 36),
    exactly("nuget-api-key", "oy2", Alphanumeric, 43),
    token("octopus-deploy-api-key", "API-", Upper, 26, 26),
    token("pypi-upload-token", "pypi-AgEIcHlwaS5vcmc", UrlSafe, 50, 1000),
    exactly("rubygems-api-token", "rubygems_", Hex, 48),
    exactly("sonar-api-token", "sqa_", Hex, 40),
    exactly("sonar-api-token", "sqp_", Hex, 40),
    exactly("sonar-api-token", "squ_", Hex, 40),
    token("sourcegraph-access-token", "sgp_", UrlSafe, 40, 64),
    // Infrastructure and secrets
    exactly("1password-secret-key", "A3-", UrlSafe, 36),
    token("1password-service-account-token", "ops_eyJ", Base64, 250, 4096),
    exactly("age-secret-key", "AGE-SECRET-KEY-1", Upper, 58),
    exactly("databricks-api-token", "dapi", Hex, 32),
    exactly("defined-networking-api-token", "dnkey-", UrlSafe, 79),
    token("doppler-api-token", "dp.audit.", Alphanumeric, 40, 44),
    token("doppler-api-token", "dp.ct.", Alphanumeric, 40, 44),
    token("doppler-api-token", "dp.pt.", Alphanumeric, 40, 44),
    token("doppler-api-token", "dp.sa.", Alphanumeric, 40, 44),
    token("doppler-api-token", "dp.scim.", Alphanumeric, 40, 44),
    token("doppler-api-token", "dp.st.", Dotted, 40, 80),
    token("dynatrace-api-token", "dt0c01.", Dotted, 89, 89),
    token("dynatrace-api-token", "dt0s16.", Dotted, 70, 100),
    token("grafana-api-key", "eyJrIjoi", Base64, 70, 400),
    token("grafana-cloud-api-token", "glc_", Base64, 32, 400),
    exactly("grafana-service-account-token", "glsa_", UrlSafe, 41),
    inner("hashicorp-tf-api-token", Before::Characters(14), ".atlasv1.", UrlSafe, 60, 80),
    token("hashicorp-vault-batch-token", "hvb.", UrlSafe, 100, 400),
    token("hashicorp-vault-recovery-token", "hvr.", UrlSafe, 24, 255),
    token("hashicorp-vault-service-token", "hvs.", UrlSafe, 24, 255),
    exactly("infracost-api-token", "ico-", Alphanumeric, 32),
    token("jwt", "eyJ", Dotted, 40, usize::MAX),
    exactly("new-relic-browser-api-token", "NRJS-", Hex, 19),
    exactly("new-relic-insert-key", "NRII-", UrlSafe, 32),
    inner("new-relic-license-key", Before::Characters(36), "NRAL", Upper, 0, 0),
    exactly("new-relic-user-api-key", "NRAK-", Upper, 27),
    exactly("prefect-api-token", "pnu_", Alphanumeric, 36),
    exactly("pulumi-api-token", "pul-", Hex, 40),
    token("sentry-org-token", "sntrys_eyJpYXQiO", Base64, 80, 400),
    exactly("sentry-user-token", "sntryu_", Hex, 64),
    token("tailscale-key", "tskey-api-", UrlSafe, 25, 80),
    token("tailscale-key", "tskey-auth-", UrlSafe, 25, 80),
    token("tailscale-key", "tskey-client-", UrlSafe, 25, 80),
    // Messages
    token("discord-webhook-url", "discord.com/api/webhooks/", Path, 80, 120),
    token("microsoft-teams-webhook", "webhook.office.com/webhookb2/", Path, 100, 255),
    token("sendgrid-api-token", "SG.", Dotted, 60, 80),
    token("sendinblue-api-token", "xkeysib-", UrlSafe, 81, 81),
    token("slack-app-token", "xapp-", UrlSafe, 20, 255),
    token("slack-bot-token", "xoxb-", UrlSafe, 20, 255),
    token("slack-config-access-token", "xoxe.xoxp-", UrlSafe, 100, 255),
    token("slack-config-refresh-token", "xoxe-", UrlSafe, 100, 255),
    token("slack-legacy-token", "xoxo-", UrlSafe, 20, 255),
    token("slack-legacy-token", "xoxs-", UrlSafe, 20, 255),
    token("slack-legacy-workspace-token", "xoxa-", UrlSafe, 20, 255),
    token("slack-legacy-workspace-token", "xoxr-", UrlSafe, 20, 255),
    token("slack-user-token", "xoxp-", UrlSafe, 20, 255),
    token("slack-webhook-url", "hooks.slack.com/services/", Path, 40, 80),
    inner("telegram-bot-api-token", Before::Digits(8), ":AA", UrlSafe, 33, 33),
    exactly("twilio-api-key", "SK", Hex, 32),
    // Models
    token("anthropic-admin-api-key", "sk-ant-admin01-", UrlSafe, 80, 255),
    token("anthropic-api-key", "sk-ant-api03-", UrlSafe, 80, 255),
    exactly("groq-api-key", "gsk_", Alphanumeric, 52),
    token("huggingface-access-token", "hf_", Alphanumeric, 34, 40),
    exactly("huggingface-organization-api-token", "api_org_", Alphanumeric, 34),
    inner("openai-api-key", Before::Characters(23), "T3BlbkFJ", UrlSafe, 20, 20),
    token("openai-api-key", "sk-admin-", UrlSafe, 40, 255),
    token("openai-api-key", "sk-proj-", UrlSafe, 40, 255),
    token("openai-api-key", "sk-svcacct-", UrlSafe, 40, 255),
    exactly("perplexity-api-key", "pplx-", Alphanumeric, 48),
    exactly("replicate-api-token", "r8_", Alphanumeric, 37),
    exactly("xai-api-key", "xai-", Alphanumeric, 80),
    // Money, shops, and everything else
    exactly("adobe-client-secret", "p8e-", Hex, 32),
    token("atlassian-api-token", "ATATT3", Padded, 186, 186),
    exactly("contentful-personal-access-token", "CFPAT-", UrlSafe, 43),
    exactly("duffel-api-token", "duffel_live_", Padded, 43),
    exactly("duffel-api-token", "duffel_test_", Padded, 43),
    exactly("easypost-api-token", "EZAK", Alphanumeric, 54),
    exactly("easypost-test-api-token", "EZTK", Alphanumeric, 54),
    token("facebook-page-access-token", "EAAC", Alphanumeric, 100, 300),
    token("facebook-page-access-token", "EAAM", Alphanumeric, 100, 300),
    token("figma-access-token", "figd_", UrlSafe, 40, 60),
    token("flutterwave-secret-key", "FLWSECK-", UrlSafe, 34, 34),
    token("flutterwave-secret-key", "FLWSECK_TEST-", UrlSafe, 12, 34),
    exactly("frameio-api-token", "fio-u-", UrlSafe, 64),
    exactly("hubspot-private-app-token", "pat-eu1-", UrlSafe, 36),
    exactly("hubspot-private-app-token", "pat-na1-", UrlSafe, 36),
    exactly("intra42-client-secret", "s-s4t2af-", Hex, 64),
    exactly("intra42-client-secret", "s-s4t2ud-", Hex, 64),
    exactly("linear-api-key", "lin_api_", Alphanumeric, 40),
    token("mapbox-secret-token", "sk.eyJ", Dotted, 60, 255),
    inner("maxmind-license-key", Before::Characters(36), "_mmk", UrlSafe, 0, 0),
    exactly("notion-api-token", "ntn_", Alphanumeric, 46),
    exactly("postman-api-token", "PMAK-", UrlSafe, 59),
    exactly("readme-api-token", "rdme_", Alphanumeric, 70),
    exactly("settlemint-application-access-token", "sm_aat_", Alphanumeric, 16),
    exactly("settlemint-personal-access-token", "sm_pat_", Alphanumeric, 16),
    exactly("settlemint-service-access-token", "sm_sat_", Alphanumeric, 16),
    exactly("shippo-api-token", "shippo_live_", Hex, 40),
    exactly("shippo-api-token", "shippo_test_", Hex, 40),
    exactly("shopify-access-token", "shpat_", Alphanumeric, 32),
    exactly("shopify-custom-access-token", "shpca_", Alphanumeric, 32),
    exactly("shopify-private-app-access-token", "shppa_", Alphanumeric, 32),
    exactly("shopify-shared-secret", "shpss_", Alphanumeric, 32),
    exactly("square-access-token", "sq0atp-", UrlSafe, 22),
    exactly("square-secret", "sq0csp-", UrlSafe, 43),
    token("stripe-access-token", "rk_live_", Alphanumeric, 16, 255),
    token("stripe-access-token", "rk_test_", Alphanumeric, 16, 255),
    token("stripe-access-token", "sk_live_", Alphanumeric, 16, 255),
    token("stripe-access-token", "sk_test_", Alphanumeric, 16, 255),
    token("stripe-webhook-secret", "whsec_", Base64, 32, 64),
    exactly("typeform-api-token", "tfp_", Padded, 59),
];

impl Token {
    /// The mark at `start..end` of `text` belongs to a whole token.
    pub(super) fn is_at(&self, text: &str, start: usize, end: usize) -> bool {
        let bytes = text.as_bytes();
        let Some(begin) = self.begins(bytes, start) else { return false };
        let jwt = self.id == "jwt";
        // The second part of one begins in the same way; to start there again would cost a pass for each.
        if jwt && begin.checked_sub(1).and_then(|before| bytes.get(before)) == Some(&b'.') {
            return false;
        }
        let length = self.tail(bytes, end);
        let whole = (self.at_least..=self.at_most).contains(&length);
        whole && (!jwt || is_jwt(text.get(begin..end + length).unwrap_or_default()))
    }

    /// What follows the mark is long enough for a token, whatever stands before it: in JSON a line's end is the letter `n`.
    pub(super) fn may_be_at(&self, text: &str, end: usize) -> bool {
        self.tail(text.as_bytes(), end) >= self.at_least
    }

    fn tail(&self, bytes: &[u8], end: usize) -> usize {
        let limit = self.at_most.saturating_add(1);
        let rest = bytes.get(end..).unwrap_or_default();
        rest.iter().take(limit).take_while(|byte| self.alphabet.contains(**byte)).count()
    }

    /// Where a token begins whose mark is at `start`.
    fn begins(&self, bytes: &[u8], start: usize) -> Option<usize> {
        let before = bytes.get(..start)?;
        let boundary = |at: usize| {
            let outside = at.checked_sub(1).and_then(|at| bytes.get(at));
            outside.is_none_or(|byte| !UrlSafe.contains(*byte))
        };
        let part = |byte: u8| UrlSafe.contains(byte) || byte == b'.' || byte == b'~';
        match self.before {
            Before::Boundary => boundary(start).then_some(start),
            Before::Characters(count) => {
                let begin = start.checked_sub(count)?;
                let whole = bytes.get(begin..start)?.iter().all(|byte| part(*byte));
                (whole && boundary(begin)).then_some(begin)
            }
            Before::Digits(count) => {
                let digits = before.iter().rev().take(16).take_while(|byte| byte.is_ascii_digit()).count();
                (digits >= count && boundary(start - digits)).then_some(start - digits)
            }
        }
    }
}

/// Three parts, the first two JSON objects (`eyJ` is `{"` in base64).
fn is_jwt(text: &str) -> bool {
    let mut parts = text.split('.');
    let (header, claims, signature) = (parts.next(), parts.next(), parts.next());
    header.is_some()
        && claims.is_some_and(|claims| claims.starts_with("eyJ"))
        && signature.is_some_and(|text| text.len() >= 10)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::detect;
    use super::*;

    /// `count` characters, put together here so that no token stands in a file.
    fn characters(pattern: &str, count: usize) -> String {
        pattern.chars().cycle().take(count).collect()
    }

    /// One documented form of every id: what stands around the mark (cut by `|`, so that nobody takes it for a token), the characters that
    /// follow, and how many. `<n>` before the mark are so many characters of the token.
    const FORMS: &[(&str, &str, &str, usize)] = &[
        ("1password-secret-key", "A3|-", "ABC123-", 36),
        ("1password-service-account-token", "ops_|eyJ", "aB3", 300),
        ("adobe-client-secret", "p8|e-", "0a9f", 32),
        ("age-secret-key", "AGE-SECRET-|KEY-1", "Q9", 58),
        ("alibaba-access-key-id", "LT|AI", "aB3", 20),
        ("anthropic-admin-api-key", "sk-ant-|admin01-", "aB3_", 95),
        ("anthropic-api-key", "sk-ant-|api03-", "aB3_", 95),
        ("artifactory-api-key", "AK|Cp", "aB3", 69),
        ("artifactory-reference-token", "cm|Vmd", "aB3", 59),
        ("atlassian-api-token", "ATA|TT3", "aB3=", 186),
        ("aws-access-token", "AK|IA", "Q3", 16),
        ("aws-access-token", "AS|IA", "Q3", 16),
        ("aws-amazon-bedrock-api-key-long-lived", "AB|SK", "aB3", 120),
        (
            "aws-amazon-bedrock-api-key-short-lived",
            "bedrock-api-key-|YmVkcm9jay5hbWF6b25hd3MuY29t",
            "aB3",
            40,
        ),
        ("azure-ad-client-secret", "<4>Q|~", "aB3_", 34),
        ("azure-devops-pat", "<76>AZ|DO", "aB3", 4),
        ("azure-shared-access-key", "SharedAccess|Key=", "aB3+", 44),
        ("azure-storage-account-key", "Account|Key=", "aB3+", 88),
        ("buildkite-user-token", "bk|ua_", "0a9f", 40),
        ("circleci-personal-token", "CCI|PAT_", "aB3", 63),
        ("circleci-project-token", "CCI|PRJ_", "aB3", 63),
        ("clojars-api-token", "CLO|JARS_", "ab3", 60),
        ("cloudflare-origin-ca-key", "v1|.0-", "0a9f", 171),
        ("contentful-personal-access-token", "CF|PAT-", "aB3", 43),
        ("crates-io-token", "ci|o", "aB3", 32),
        ("databricks-api-token", "da|pi", "0a9f", 32),
        ("defined-networking-api-token", "dn|key-", "AB3-", 79),
        ("digitalocean-access-token", "doo|_v1_", "0a9f", 64),
        ("digitalocean-pat", "dop|_v1_", "0a9f", 64),
        ("digitalocean-refresh-token", "dor|_v1_", "0a9f", 64),
        ("discord-webhook-url", "https://discord.com/api/|webhooks/", "1aB3/", 88),
        ("dockerhub-pat", "dckr|_pat_", "aB3-", 27),
        ("doppler-api-token", "dp.|pt.", "aB3", 43),
        ("doppler-api-token", "dp.|st.", "aB3", 43),
        ("duffel-api-token", "duffel|_live_", "aB3-", 43),
        ("dynatrace-api-token", "dt0|c01.", "AB3.", 89),
        ("easypost-api-token", "EZ|AK", "aB3", 54),
        ("easypost-test-api-token", "EZ|TK", "aB3", 54),
        ("facebook-page-access-token", "EA|AC", "aB3", 120),
        ("figma-access-token", "fi|gd_", "aB3-", 43),
        ("flutterwave-secret-key", "FLWSECK|_TEST-", "0a9f", 32),
        ("flyio-access-token", "fo|1_", "aB3-", 43),
        ("flyio-access-token", "fm|2_", "aB3/", 200),
        ("frameio-api-token", "fio|-u-", "aB3_", 64),
        ("gcp-api-key", "AI|za", "aB3-", 35),
        ("gcp-oauth-access-token", "ya|29.", "aB3_", 120),
        ("gcp-oauth-client-secret", "GOC|SPX-", "aB3_", 28),
        ("github-app-token", "gh|s_", "aB3", 36),
        ("github-fine-grained-pat", "github|_pat_", "aB3_", 82),
        ("github-oauth", "gh|o_", "aB3", 36),
        ("github-pat", "gh|p_", "aB3", 36),
        ("github-refresh-token", "gh|r_", "aB3", 36),
        ("gitlab-cicd-job-token", "gl|cbt-", "aB3_", 24),
        ("gitlab-deploy-token", "gl|dt-", "aB3_", 20),
        ("gitlab-feature-flag-client-token", "gl|ffct-", "aB3_", 20),
        ("gitlab-feed-token", "gl|ft-", "aB3_", 20),
        ("gitlab-incoming-mail-token", "gl|imt-", "aB3_", 25),
        ("gitlab-kubernetes-agent-token", "gl|agent-", "aB3_", 50),
        ("gitlab-oauth-app-secret", "gl|oas-", "aB3_", 64),
        ("gitlab-pat", "gl|pat-", "aB3_", 20),
        ("gitlab-ptt", "gl|ptt-", "0a9f", 40),
        ("gitlab-rrt", "GR|1348941", "aB3_", 20),
        ("gitlab-runner-authentication-token", "gl|rt-", "aB3_", 20),
        ("gitlab-scim-token", "gl|soat-", "aB3_", 20),
        ("grafana-api-key", "eyJ|rIjoi", "aB3", 90),
        ("grafana-cloud-api-token", "gl|c_", "aB3", 100),
        ("grafana-service-account-token", "gl|sa_", "aB3_", 41),
        ("groq-api-key", "gs|k_", "aB3", 52),
        ("harness-api-key", "pa|t.", "aB3", 68),
        ("hashicorp-tf-api-token", "<14>.atlas|v1.", "aB3", 67),
        ("hashicorp-vault-batch-token", "hv|b.", "aB3_", 140),
        ("hashicorp-vault-recovery-token", "hv|r.", "aB3_", 24),
        ("hashicorp-vault-service-token", "hv|s.", "aB3_", 95),
        ("heroku-api-key-v2", "HR|KU-AA", "aB3_", 58),
        ("hubspot-private-app-token", "pat|-na1-", "0a9f-", 36),
        ("huggingface-access-token", "h|f_", "aBc", 34),
        ("huggingface-organization-api-token", "api|_org_", "aBc", 34),
        ("infracost-api-token", "ic|o-", "aB3", 32),
        ("intra42-client-secret", "s-s4t2|ud-", "0a9f", 64),
        ("jwt", "eyJhbGciOi|JIUzI1NiJ9.eyJ", "aB3dE5gH7jK9.", 80),
        ("linear-api-key", "lin|_api_", "aB3", 40),
        ("mapbox-secret-token", "sk|.eyJ", "aB3", 80),
        ("maxmind-license-key", "<36>_m|mk", "", 0),
        ("microsoft-teams-webhook", "https://orders.webhook.office.com/|webhookb2/", "0a9f-@/", 120),
        ("netlify-access-token", "nf|p_", "aB3", 36),
        ("new-relic-browser-api-token", "NR|JS-", "0a9f", 19),
        ("new-relic-insert-key", "NR|II-", "aB3-", 32),
        ("new-relic-license-key", "<36>NR|AL", "", 0),
        ("new-relic-user-api-key", "NR|AK-", "AB3", 27),
        ("notion-api-token", "nt|n_", "aB3", 46),
        ("npm-access-token", "np|m_", "aB3", 36),
        ("nuget-api-key", "oy|2", "ab3", 43),
        ("octopus-deploy-api-key", "AP|I-", "AB3", 26),
        ("openai-api-key", "sk-|proj-", "aB3_", 100),
        ("openai-api-key", "<23>T3Blbk|FJ", "aB3", 20),
        ("openshift-user-token", "sha|256~", "aB3_", 43),
        ("perplexity-api-key", "pp|lx-", "aB3", 48),
        ("planetscale-api-token", "pscale|_tkn_", "aB3_", 43),
        ("planetscale-oauth-token", "pscale|_oauth_", "aB3_", 43),
        ("planetscale-password", "pscale|_pw_", "aB3_", 43),
        ("postman-api-token", "PM|AK-", "0a9f-", 59),
        ("prefect-api-token", "pn|u_", "aB3", 36),
        ("pulumi-api-token", "pu|l-", "0a9f", 40),
        ("pypi-upload-token", "pypi-|AgEIcHlwaS5vcmc", "aB3_", 150),
        ("readme-api-token", "rd|me_", "ab3", 70),
        ("replicate-api-token", "r|8_", "aB3", 37),
        ("rubygems-api-token", "ruby|gems_", "0a9f", 48),
        ("scalingo-api-token", "tk|-us-", "aB3_", 48),
        ("sendgrid-api-token", "S|G.", "aB3_.", 66),
        ("sendinblue-api-token", "xkey|sib-", "0a9f", 81),
        ("sentry-org-token", "sntrys|_eyJpYXQiO", "aB3", 120),
        ("sentry-user-token", "sntry|u_", "0a9f", 64),
        ("settlemint-application-access-token", "sm|_aat_", "aB3", 16),
        ("settlemint-personal-access-token", "sm|_pat_", "aB3", 16),
        ("settlemint-service-access-token", "sm|_sat_", "aB3", 16),
        ("shippo-api-token", "shippo|_live_", "0a9f", 40),
        ("shopify-access-token", "shp|at_", "0a9f", 32),
        ("shopify-custom-access-token", "shp|ca_", "0a9f", 32),
        ("shopify-private-app-access-token", "shp|pa_", "0a9f", 32),
        ("shopify-shared-secret", "shp|ss_", "0a9f", 32),
        ("slack-app-token", "xa|pp-", "1-AB3", 60),
        ("slack-bot-token", "xo|xb-", "12-aB3", 50),
        ("slack-config-access-token", "xoxe.|xoxp-", "1-aB3", 166),
        ("slack-config-refresh-token", "xo|xe-", "1-aB3", 146),
        ("slack-legacy-token", "xo|xs-", "12-aB3", 50),
        ("slack-legacy-workspace-token", "xo|xa-", "2-aB3", 40),
        ("slack-user-token", "xo|xp-", "12-aB3", 70),
        ("slack-webhook-url", "https://hooks.slack.com/|services/", "T0B/", 44),
        ("sonar-api-token", "sq|u_", "0a9f", 40),
        ("sourcegraph-access-token", "sg|p_", "0a9f", 40),
        ("square-access-token", "sq0|atp-", "aB3_", 22),
        ("square-secret", "sq0|csp-", "aB3_", 43),
        ("stripe-access-token", "sk|_live_", "aB3", 24),
        ("stripe-webhook-secret", "wh|sec_", "aB3", 32),
        ("supabase-access-token", "sb|p_", "0a9f", 40),
        ("tailscale-key", "tskey|-auth-", "aB3-", 40),
        ("telegram-bot-api-token", "123456|7890:AA", "aB3_", 33),
        ("twilio-api-key", "S|K", "0a9f", 32),
        ("typeform-api-token", "tf|p_", "aB3_", 59),
        ("xai-api-key", "xa|i-", "aB3", 80),
        ("yandex-api-key", "AQ|VN", "aB3_", 36),
    ];

    /// The text of a form with `count` characters at its end.
    fn form(mark: &str, pattern: &str, count: usize) -> String {
        let (before, mark) = match mark.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
            Some((before, mark)) => (characters("aB3", before.parse().unwrap()), mark),
            None => (String::new(), mark),
        };
        format!("{before}{}{}", mark.replace('|', ""), characters(pattern, count))
    }

    #[test]
    fn every_format_is_found_wherever_it_stands_and_only_whole() {
        for (id, mark, pattern, count) in FORMS {
            let text = form(mark, pattern, *count);
            for around in [text.clone(), format!("export X='{text}'\n"), format!("{{\"x\": \"{text}\"}}")] {
                assert!(detect(&around).contains(id), "{id} in {}", around.len());
            }
            let cut = form(mark, pattern, count.saturating_sub(1).min(10));
            if *count > 0 {
                assert!(!detect(&cut).contains(id), "{id} of which most is missing");
            }
            let word = format!("x{text}");
            if !text.starts_with("https://") {
                assert!(!detect(&word).contains(id), "{id} as a part of a word");
            }
        }
    }

    #[test]
    fn every_format_has_its_form() {
        let rows: BTreeSet<&str> = TOKENS.iter().map(|token| token.id).collect();
        let forms: BTreeSet<&str> = FORMS.iter().map(|form| form.0).collect();
        assert_eq!(rows, forms);
        assert!(rows.len() >= 90, "{} formats", rows.len());
    }

    #[test]
    fn a_text_of_nothing_but_marks_takes_one_pass() {
        let parts = "eyJ.".repeat(1 << 20);
        assert!(detect(&parts).is_empty());
    }

    #[test]
    fn marks_alone_are_words() {
        for token in TOKENS {
            for text in
                [token.mark.to_owned(), format!("the {} of it", token.mark), format!("{}: none", token.mark)]
            {
                assert!(!detect(&text).contains(&token.id) || token.at_least == 0, "{}", token.id);
            }
        }
    }
}
