//! Secrets that a script or a settings file assigns: `export DB_PASSWORD=x`, `password: x`, `--token x`. What is computed where the script
//! runs (`$X`, `$(…)`) is no secret in the plan.

use super::names::{could_be_a_secret, names_a_secret};

/// A line of a script or settings file gives a secret name a value: `export DB_PASSWORD=x`, `password: x`, `--token x`.
pub(crate) fn assigns_a_secret(text: &str) -> bool {
    text.lines().filter(|line| line.len() < 4096).any(|line| {
        let line = line.trim().trim_start_matches("export ").trim_start_matches("- ");
        !line.starts_with('#')
            && !names_only(line)
            && (assignment(line)
                || line.split_whitespace().any(|word| word != line && assignment(word))
                || option(line))
    })
}

/// `gcloud secrets versions access latest --secret=orders-db` reads a value and writes none.
fn names_only(line: &str) -> bool {
    line.contains("gcloud secrets versions access ")
}

fn assignment(text: &str) -> bool {
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
    named && names_a_secret(name) && written_out(value, name)
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
