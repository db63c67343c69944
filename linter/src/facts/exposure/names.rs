//! Names that say their value is a secret: `DB_PASSWORD`, `apiKey`, `client_secret`; and names that only talk about one: `secret_arn`,
//! `password_length`, `token_url`. A name is split into words at separators and capitals and compared word by word.

/// Words, or pairs of words, that name a secret.
const SECRET_WORDS: [&str; 18] = [
    "password",
    "passwords",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "secret",
    "secrets",
    "token",
    "credential",
    "credentials",
    "apikey",
    "authtoken",
    "privatekey",
    "secretkey",
    "pat",
    "connectionstring",
    "dsn",
];
const SECRET_PAIRS: [(&str, &str); 18] = [
    ("api", "key"),
    ("private", "key"),
    ("secret", "key"),
    ("access", "key"),
    ("account", "key"),
    ("auth", "key"),
    ("signing", "key"),
    ("encryption", "key"),
    ("shared", "key"),
    ("service", "key"),
    ("ssh", "key"),
    ("license", "key"),
    ("app", "key"),
    ("master", "key"),
    ("session", "key"),
    ("connection", "string"),
    ("sas", "url"),
    ("basic", "auth"),
];

/// Last words that turn the name into one about a secret: where it is, how it is called, how long it lives.
const ABOUT_WORDS: [&str; 75] = [
    "age",
    "algorithm",
    "alias",
    "arn",
    "arns",
    "attempts",
    "audience",
    "backend",
    "bits",
    "bucket",
    "charset",
    "class",
    "client",
    "count",
    "created",
    "days",
    "description",
    "duration",
    "enable",
    "enabled",
    "encoding",
    "endpoint",
    "engine",
    "exists",
    "expiration",
    "expires",
    "expiry",
    "field",
    "file",
    "filename",
    "format",
    "generator",
    "group",
    "hash",
    "host",
    "id",
    "identifier",
    "ids",
    "issuer",
    "kind",
    "kms",
    "label",
    "lambda",
    "length",
    "location",
    "manager",
    "max",
    "method",
    "min",
    "mode",
    "mount",
    "name",
    "namespace",
    "names",
    "parameter",
    "path",
    "permissions",
    "policy",
    "port",
    "prefix",
    "provider",
    "ref",
    "reference",
    "region",
    "required",
    "role",
    "rotation",
    "size",
    "store",
    "suffix",
    "ttl",
    "type",
    "uri",
    "url",
    "version",
];
const ABOUT_WORDS_MORE: [&str; 58] = [
    "accessor",
    "audience",
    "backend",
    "cidrs",
    "interval",
    "policies",
    "uses",
    "validity",
    "versions",
    "window",
    "stages",
    "status",
    "strategy",
    "timeout",
    "validation",
    "replicas",
    "recovery",
    "schema",
    "spec",
    "scope",
    "scopes",
    "service",
    "username",
    "claim",
    "claims",
    "complexity",
    "cookie",
    "encoder",
    "header",
    "headers",
    "history",
    "hours",
    "lifetime",
    "minutes",
    "pattern",
    "regex",
    "seconds",
    "source",
    "strength",
    "alg",
    "cache",
    "characters",
    "chars",
    "database",
    "db",
    "env",
    "from",
    "hasher",
    "level",
    "period",
    "rate",
    "realm",
    "rounds",
    "special",
    "table",
    "tables",
    "user",
    "users",
];
/// First words of switches and settings: `manage_master_user_password`, `enable_token`.
const SETTING_WORDS: [&str; 12] = [
    "manage", "managed", "enable", "enabled", "disable", "has", "is", "use", "require", "allow", "no", "show",
];

/// The name says that its value is a secret.
pub(crate) fn names_a_secret(name: &str) -> bool {
    let words = words(name);
    let Some(last) = words.last() else { return false };
    // `password_wo` never reaches a plan and `password_wo_version` is a counter; `_1` and `_old` number several of a kind.
    if ABOUT_WORDS.contains(&last.as_str()) || ABOUT_WORDS_MORE.contains(&last.as_str()) {
        return false;
    }
    if words.first().is_some_and(|first| SETTING_WORDS.contains(&first.as_str()) && words.len() > 1) {
        return false;
    }
    // Public halves and hints: `public_access_key`, `max_tokens`, `password_hint`; and what is elsewhere: `existingSecret`.
    let aside =
        |word: &String| matches!(word.as_str(), "public" | "hint" | "reset" | "next" | "csrf" | "existing");
    if words.iter().any(aside) {
        return false;
    }
    if names_an_object(&words) {
        return false;
    }
    let pair = words.windows(2).any(|pair| {
        matches!(pair, [first, second] if SECRET_PAIRS.iter().any(|known| (known.0, known.1) == (first.as_str(), second.as_str())))
    });
    pair || last == "pass" || words.iter().any(|word| SECRET_WORDS.contains(&word.as_str()))
}

/// The Kubernetes object that holds a secret, as charts call it (`imagePullSecret`, `rootPasswordSecret`, `envFromSecret`), or the member of it
/// (`adminPasswordKey`, `passwordSecretKey`).
fn names_an_object(words: &[String]) -> bool {
    const HELD: [&str; 9] =
        ["password", "credential", "credentials", "pull", "tls", "from", "vars", "cert", "certificate"];
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [.., held, "secret" | "secrets"] => HELD.contains(held),
        [.., "password", "key"] | [.., "password", "secret", "key"] => true,
        _ => false,
    }
}

/// The name is that of a host, a login or an authority, which a team may hide and which opens nothing: `cluster_endpoint`, `db_username`,
/// `cluster_ca_certificate`.
pub(crate) fn names_an_address(name: &str) -> bool {
    const ADDRESSES: [&str; 10] = [
        "address",
        "addresses",
        "arn",
        "endpoint",
        "endpoints",
        "host",
        "hostname",
        "name",
        "port",
        "username",
    ];
    let words = words(name);
    let authority = words.windows(2).any(|pair| pair == ["ca".to_owned(), "certificate".to_owned()]);
    authority || words.last().is_some_and(|last| ADDRESSES.contains(&last.as_str()))
}

/// The name is one of the words that leave no doubt; under any other a text like `prod/orders/db` is the name of a secret.
pub(super) fn names_a_password(name: &str) -> bool {
    words(name)
        .iter()
        .any(|word| matches!(word.as_str(), "password" | "passwd" | "passphrase" | "pwd" | "pass"))
}

/// Lower-case words of a name: `masterUserPassword`, `MASTER_USER_PASSWORD` and `master-user-password` give the same. Trailing numbers go.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut previous_lower = false;
    let mut start_new = true;
    for character in name.chars().take(128) {
        if !character.is_alphanumeric() {
            start_new = true;
            previous_lower = false;
            continue;
        }
        if start_new || (character.is_uppercase() && previous_lower) {
            words.push(String::new());
            start_new = false;
        }
        previous_lower = character.is_lowercase();
        if let Some(word) = words.last_mut() {
            word.extend(character.to_lowercase());
        }
    }
    while words.len() > 1 && words.last().is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_digit())) {
        words.pop();
    }
    words
}

/// A text that could be a secret value, for a place whose name says it is one: not empty, not a switch, not a reference to where the
/// secret is kept, not a path or an address.
pub(crate) fn could_be_a_secret(text: &str, name: &str) -> bool {
    let text = text.trim();
    let lower = text.get(..text.len().min(64)).unwrap_or(text).to_ascii_lowercase();
    if text.is_empty() || super::detectors::is_redaction(text) {
        return false;
    }
    // Four say which of an account's two keys is meant, the last in what the life of a token is counted.
    const SWITCHES: [&str; 22] = [
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "enabled",
        "disabled",
        "null",
        "none",
        "nil",
        "n/a",
        "optional",
        "required",
        "key1",
        "key2",
        "primary",
        "secondary",
        "seconds",
        "minutes",
        "hours",
        "days",
    ];
    const REFERENCES: [&str; 26] = [
        "arn:",
        "vault:",
        "secretsmanager:",
        "ssm:",
        "awssm://",
        "awsssm://",
        "sm://",
        "gcp-sm://",
        "gcpsm://",
        "akv://",
        "op://",
        "file:",
        "env:",
        "{{resolve:",
        "@microsoft.keyvault",
        "projects/",
        "alias/",
        "enc[",
        "ref+",
        "valuefrom",
        "kms:",
        "sops:",
        "doppler:",
        "secret://",
        "__ref__(",
        "secret[",
    ];
    const EXPANSIONS: [&str; 7] = ["${", "{{", "{%", "$(", "%(", "<%", "(("];
    if SWITCHES.contains(&lower.as_str()) || REFERENCES.iter().any(|prefix| lower.starts_with(prefix)) {
        return false;
    }
    if EXPANSIONS.iter().any(|expansion| text.contains(expansion))
        || text.starts_with('$')
        || text.starts_with('%')
    {
        return false;
    }
    if is_path(text) || is_plain_url(text) || is_connection_without_credential(text) {
        return false;
    }
    if names_a_connection(name) && is_url_of_a_user(text) {
        return false;
    }
    names_a_password(name) || !is_store_name(text)
}

/// `/run/secrets/db`, `./key.pem`, `~/.ssh/id_rsa`; base64 may start with a slash too, but has no second one before a dot or a dash.
fn is_path(text: &str) -> bool {
    let rooted = text.starts_with("./") || text.starts_with("../") || text.starts_with("~/");
    let absolute = text.starts_with('/')
        && !text.ends_with('=')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-@".contains(&byte));
    rooted || absolute
}

/// An address without a user's password in it.
fn is_plain_url(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, rest)| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
            && !authority.contains('@')
    })
}

/// The name is that of a connection, in which only a password would be a secret.
fn names_a_connection(name: &str) -> bool {
    let words = words(name);
    let connection = ["connection".to_owned(), "string".to_owned()];
    words.iter().any(|word| matches!(word.as_str(), "dsn" | "connectionstring"))
        || words.windows(2).any(|pair| pair == connection)
}

/// An address with a user and no password: `postgres://orders@db.internal`, and the DSN of Sentry, whose user is a public key.
fn is_url_of_a_user(text: &str) -> bool {
    text.split_once("://").is_some_and(|(_, rest)| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        authority.rsplit_once('@').is_some_and(|(user, _)| !user.contains(':'))
    })
}

/// `Server=tcp:db.example.com;Database=orders`: settings of a connection, none of which is a credential. The instrumentation key of Application
/// Insights names where telemetry goes and opens nothing.
fn is_connection_without_credential(text: &str) -> bool {
    let mut parts = text.split(';').map(str::trim).filter(|part| !part.is_empty()).peekable();
    let is_harmless = |part: &str| {
        part.split_once('=').is_some_and(|(name, _)| {
            let name = name.trim();
            let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" _".contains(&byte));
            let lower = name.to_ascii_lowercase();
            let credential = lower.ends_with("key") || lower.ends_with("signature") || names_a_secret(name);
            plain && !name.is_empty() && (!credential || lower == "instrumentationkey")
        })
    };
    text.contains(';') && parts.peek().is_some() && parts.all(is_harmless)
}

/// `prod/orders/db`: words with slashes, as secrets are called in a store.
fn is_store_name(text: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty()
            && word.len() <= 32
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte))
    };
    text.contains('/') && text.split('/').all(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_without_a_credential_is_no_secret() {
        for (text, expected) in [
            ("Server=db.example.com;Database=orders", false),
            ("Server=db.example.com;Database=orders;Authentication=Active Directory Default;", false),
            ("InstrumentationKey=0a1b2c3d;IngestionEndpoint=https://westeurope.in.ai.azure.com/", false),
            ("Server=db.example.com;Password=hunter2", true),
            ("Endpoint=sb://orders.servicebus.windows.net/;SharedAccessKeyName=send;SharedAccessKey=x", true),
            ("DefaultEndpointsProtocol=https;AccountName=a;AccountKey=x", true),
            ("BlobEndpoint=https://a.blob.core.windows.net/;SharedAccessSignature=sv=1", true),
            ("hunter2;hunter3", true),
        ] {
            assert_eq!(could_be_a_secret(text, "connection_string"), expected, "{text}");
        }
    }

    #[test]
    fn the_user_of_a_connection_is_no_password() {
        for (name, text, expected) in [
            ("SENTRY_DSN", "https://0f1e2d3c4b5a@o12345.ingest.sentry.io/67890", false),
            ("DB_DSN", "postgres://orders@db.internal:5432/orders?sslmode=verify-full", false),
            ("connection_string", "postgres://orders@db.internal:5432/orders", false),
            ("DB_DSN", "postgres://orders:hunter2@db.internal:5432/orders", true),
            ("DB_DSN", "orders:hunter2@tcp(db.internal)/orders", true),
            ("API_TOKEN", "https://0f1e2d3c4b5a@api.example.com", true),
        ] {
            assert_eq!(could_be_a_secret(text, name), expected, "{name} {text}");
        }
    }

    #[test]
    fn which_of_two_keys_is_meant_is_no_key() {
        assert!(!could_be_a_secret("key1", "storage_account_key"));
        assert!(!names_a_secret("secret_rotation_interval"));
    }

    #[test]
    fn names_of_secrets_are_recognised() {
        for name in [
            "password",
            "DB_PASSWORD",
            "master_password",
            "masterUserPassword",
            "administrator-login-password",
            "secret",
            "client_secret",
            "clientSecret",
            "API_KEY",
            "apiKey",
            "api_key_1",
            "STRIPE_TOKEN",
            "auth_token",
            "private_key",
            "private_key_pem",
            "secret_access_key",
            "access_key",
            "SECRET_KEY_BASE",
            "connection_string",
            "ConnectionString",
            "GITHUB_PAT",
            "db_pass",
            "credentials",
            "PASSWORD_OLD",
            "SPRING_DATASOURCE_PASSWORD",
            "secret_string",
            "access_token_secret",
            "AccessKeySecret",
            "app_secret",
            "SESSION_SECRETS",
        ] {
            assert!(names_a_secret(name), "{name}");
        }
    }

    #[test]
    fn names_about_secrets_are_not() {
        for name in [
            "",
            "secret_arn",
            "DB_SECRET_ARN",
            "password_length",
            "secret_name",
            "SecretName",
            "token_url",
            "TOKEN_TTL",
            "secret_id",
            "secret_path",
            "PASSWORD_FILE",
            "secret_version",
            "password_wo_version",
            "secret_ids",
            "kms_key_id",
            "access_key_id",
            "manage_master_user_password",
            "password_policy",
            "max_password_age",
            "token_policies",
            "secret_id_bound_cidrs",
            "wrapping_accessor",
            "public_key",
            "partition_key",
            "hash_key",
            "primary",
            "path",
            "username",
            "token_endpoint",
            "next_token",
            "secrets_manager",
            "bypass",
            "compass",
            "author",
            "secret_kms_key_id",
            "key",
            "key_name",
            "pass_role_arn",
            "passenger",
            "tokenizer",
            "api_key_source_type",
            "credentials_provider",
            "customer_master_key_spec",
            "recovery_window_in_days",
            "secretsmanager",
            "existingSecret",
            "auth.existingSecretPasswordKey",
            "adminPasswordKey",
            "API_KEY_HEADER",
            "AUTH_TOKEN_HEADER",
            "token_cookie",
            "envFromSecret",
            "token-validity-seconds",
            "TOKEN_LIFETIME_MINUTES",
            "password-encoder",
            "access_token_lifetime",
            "password_complexity",
            "jwt_token_claim",
            "token_period",
            "TOKEN_TABLE",
            "AUTH_TOKEN_DB",
            "TOKEN_BUCKET_RATE",
            "PARAMETERS_SECRETS_EXTENSION_LOG_LEVEL",
            "PASSWORD_HASHER",
            "PASSWORD_HASH_ROUNDS",
            "BASIC_AUTH_USER",
            "BASIC_AUTH_REALM",
            "password_override_special",
            "token_signing_alg",
            "password_env",
            "passwordFrom",
            "NO_SECRETS",
            "SHOW_PASSWORD",
            "imagePullSecret",
            "tlsSecret",
            "rootPasswordSecret",
            "db_password_secret",
            "credentialsSecret",
            "extraEnvVarsSecret",
            "extraEnvFromSecrets",
            "passwordSecretKey",
        ] {
            assert!(!names_a_secret(name), "{name}");
        }
    }

    #[test]
    fn values_that_only_point_at_a_secret_are_let_be() {
        for text in [
            "",
            " ",
            "true",
            "Disabled",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:x",
            "${var.password}",
            "$DB_PASSWORD",
            "{{ .Values.password }}",
            "vault:secret/data/x#y",
            "/run/secrets/db",
            "./key.pem",
            "https://auth.example.com/token",
            "projects/p/secrets/s/versions/1",
            "op://vault/item",
            "(sensitive value)",
            "SECRET[backend.key]",
            "minutes",
            "@Microsoft.KeyVault(SecretUri=x)",
        ] {
            assert!(!could_be_a_secret(text, "password"), "{text}");
        }
        assert!(!could_be_a_secret("prod/orders/db", "secret"));
    }

    #[test]
    fn values_that_could_be_a_secret_are_kept() {
        for text in
            ["changeme", "hunter2", "123456", "a/b+c=", "p@ss/w0rd!", "postgres://u:p@h/db", "prod/orders/db"]
        {
            assert!(could_be_a_secret(text, "db_password"), "{text}");
        }
    }
}
