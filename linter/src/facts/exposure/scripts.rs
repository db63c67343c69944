//! Secrets that a script or a settings file assigns: `export DB_PASSWORD=x`, `password: x`, `--token x`. What is computed where the script
//! runs (`$X`, `$(…)`) is no secret in the plan.

use super::entropy;
use super::names::{could_be_a_secret, names_a_secret};

/// A line of a script or settings file gives a secret name a value: `export DB_PASSWORD=x`, `password: x`, `--token x`.
pub(crate) fn assigns_a_secret(text: &str) -> bool {
    let secret = |name: &str, value: &str| names_a_secret(name) && written_out(value, name);
    lines(text).any(|line| {
        assignment(line, &secret)
            || line.split_whitespace().any(|word| word != line && assignment(word, &secret))
            || option(line)
    })
}

/// A line gives a name that says nothing a value that looks random.
pub(super) fn assigns_something_random(text: &str) -> bool {
    let random = |name: &str, value: &str| entropy::is_unexplained(value, name) && written_out(value, name);
    lines(text).any(|line| assignment(line, &random))
}

/// Lines that are no comments. The longest are not written by hand.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| line.len() < 4096)
        .map(|line| line.trim().trim_start_matches("export ").trim_start_matches("- "))
        .filter(|line| !line.starts_with('#') && !names_only(line))
}

/// `gcloud secrets versions access latest --secret=orders-db` reads a value and writes none.
fn names_only(line: &str) -> bool {
    line.contains("gcloud secrets versions access ")
}

fn assignment(text: &str, is_told: &dyn Fn(&str, &str) -> bool) -> bool {
    let Some(at) = text.find(['=', ':']) else { return false };
    let (name, value) = text.split_at(at);
    let name = name.trim().trim_matches(['"', '\'']).trim_start_matches('-');
    let value = value
        .trim_start_matches([':', '=', '>'])
        .trim()
        .trim_end_matches([',', ';'])
        .trim_matches(['"', '\'']);
    let named =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    named && is_told(name, value)
}

fn option(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    words.windows(2).any(|pair| match pair {
        [option, value] => option.strip_prefix("--").is_some_and(|name| {
            !name.contains('=') && names_a_secret(name) && written_out(value.trim_matches(['"', '\'']), name)
        }),
        _ => false,
    })
}

/// A value of a script that is not an expansion, a command's output or another option.
fn written_out(value: &str, name: &str) -> bool {
    could_be_a_secret(value, name)
        && !value.starts_with(['$', '`', '-', '|', '>', '{', '[', '(', '&'])
        && !value.contains('`')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assignments_of_secrets_are_found() {
        for text in [
            "export DB_PASSWORD=hunter2",
            "#!/bin/sh\nAPI_TOKEN='hunter2'\n",
            "db:\n  password: hunter2\n",
            "\"client_secret\": \"hunter2\",",
            "login --user x --password hunter2",
            "run --api-key=hunter2",
            "env SECRET_KEY=hunter2 run",
        ] {
            assert!(assigns_a_secret(text), "{text}");
        }
    }

    #[test]
    fn random_values_of_neutral_names_are_found_apart() {
        let random = "q7Rz2mXk9LwTb4VnYp3HsDf6";
        assert!(assigns_something_random(&format!("#!/bin/sh\nexport SALT={random}\n")));
        assert!(!assigns_a_secret(&format!("export SALT={random}")));
        for text in ["IMAGE_DIGEST=q7Rz2mXk9LwTb4VnYp3HsDf6", "SALT=$(openssl rand -hex 32)", "SALT=orders"] {
            assert!(!assigns_something_random(text), "{text}");
        }
    }

    #[test]
    fn what_the_script_computes_is_not() {
        for text in [
            "export DB_PASSWORD=$(aws secretsmanager get-secret-value)",
            "gcloud secrets versions access latest --secret=orders-db > /run/orders/database",
            "export DB_PASSWORD=\"$PASSWORD\"",
            "PASSWORD=`cat /run/password`",
            "# password: hunter2",
            "password_file: /run/secrets/db",
            "read --password-stdin",
            "curl https://example.com/token",
            "secret_arn: arn:aws:secretsmanager:x",
            "password:",
        ] {
            assert!(!assigns_a_secret(text), "{text}");
        }
    }
}
