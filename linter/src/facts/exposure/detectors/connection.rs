//! Passwords inside connection strings: URLs, ADO.NET and ODBC (`Server=…;Password=…`), libpq (`host=… password=…`), JDBC
//! (`?user=…&password=…`), and the comma-separated form of Redis clients. A password that is written as a reference or a placeholder is none.

use super::super::names::could_be_a_secret;
use super::is_masked;

/// Text before and after a hit that is looked at; connection strings are short, and a line may be a whole minified file.
const REACH: usize = 2048;

/// `scheme://user:password@host`, where the password is written out; `start..end` is the `://`.
pub(super) fn url_password(text: &str, start: usize, end: usize) -> bool {
    let scheme = text.get(..start).unwrap_or_default();
    if !scheme.ends_with(|character: char| character.is_ascii_alphanumeric()) {
        return false;
    }
    let rest = window_after(text, end);
    let stop = |character: char| {
        character.is_whitespace() || matches!(character, '/' | '?' | '#' | '"' | '\'' | '<' | '>' | ',')
    };
    let authority = rest.split(stop).next().unwrap_or_default();
    let Some((user_info, host)) = authority.rsplit_once('@') else { return false };
    let Some((_, password)) = user_info.split_once(':') else { return false };
    !host.is_empty() && is_written_out(password)
}

/// `password=` or `pwd=` ends at `end`, is a setting of a connection string, and has a value.
pub(super) fn setting(text: &str, end: usize) -> bool {
    let before = window_before(text, end);
    let after = window_after(text, end);
    let name_start = before.trim_end_matches('=').rfind(|character: char| !character.is_ascii_alphanumeric());
    let (head, separator) = match name_start.and_then(|at| before.get(at..).map(|rest| (at, rest))) {
        Some((at, rest)) => (before.get(..at).unwrap_or_default(), rest.chars().next()),
        None => ("", None),
    };
    let line_end = |character: char| matches!(character, '\n' | '\r' | '"');
    let head = head.rsplit(line_end).next().unwrap_or_default();
    let tail = after.split(line_end).next().unwrap_or_default();
    let value = |stops: &[char]| tail.split(stops).next().unwrap_or_default().trim_matches('\'');
    match separator {
        Some(';') | None if has_setting(head, tail, ';', &SERVERS) => is_written_out(value(&[';'])),
        Some('?' | '&') if last_word(head).contains("://") => is_written_out(value(&['&', ' ', '\''])),
        Some(';') if last_word(head).contains("://") => is_written_out(value(&[';', ' ', '\''])),
        Some(' ' | '\'') | None if has_setting(head, tail, ' ', &LIBPQ) => is_written_out(value(&[' '])),
        Some(',') if last_word(head).contains(':') && head.split(',').all(is_redis_part) => {
            is_written_out(value(&[',', ' ']))
        }
        _ => false,
    }
}

/// Settings that say where the server is, in ADO.NET, OLE DB and ODBC.
const SERVERS: [&str; 11] = [
    "server",
    "data source",
    "datasource",
    "host",
    "hostname",
    "addr",
    "address",
    "network address",
    "driver",
    "dsn",
    "initial catalog",
];

/// The same in libpq.
const LIBPQ: [&str; 4] = ["host", "hostaddr", "dbname", "service"];

/// One of the settings beside the password, before it or after it, is one of `names`.
fn has_setting(head: &str, tail: &str, separator: char, names: &[&str]) -> bool {
    head.split(separator).chain(tail.split(separator)).any(|part| {
        // A whole string may stand in quotes: `DSN='host=db.internal password=x'`.
        let part = part.rsplit('\'').find(|part| !part.is_empty()).unwrap_or_default();
        part.split_once('=').is_some_and(|(name, value)| {
            let name = name.trim().to_ascii_lowercase();
            !value.trim().is_empty() && names.contains(&name.as_str())
        })
    })
}

/// `cache.example.com:6380`, `ssl=True`: parts of a Redis client's string.
fn is_redis_part(part: &str) -> bool {
    let host = |part: &str| {
        part.rsplit_once(':').is_some_and(|(host, port)| {
            host.contains('.') && !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    part.contains('=') || last_word(part).split('\'').next_back().is_some_and(host)
}

fn last_word(text: &str) -> &str {
    text.rsplit(char::is_whitespace).next().unwrap_or_default()
}

fn is_written_out(password: &str) -> bool {
    let reference = password.starts_with('@') || (password.starts_with('{') && password.ends_with('}'));
    could_be_a_secret(password, "password") && !is_masked(password) && !reference
}

fn window_before(text: &str, end: usize) -> &str {
    let mut start = end.saturating_sub(REACH);
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    text.get(start..end).unwrap_or_default()
}

fn window_after(text: &str, start: usize) -> &str {
    let mut end = start.saturating_add(REACH).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(start..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::detect;

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(detect(text), expected, "{text}");
    }

    #[test]
    fn passwords_in_urls_are_found() {
        for text in [
            "postgres://orders:hunter2@db.internal:5432/orders",
            "jdbc:mysql://h/db and amqp://u:p%40ss@h",
            "redis://:hunter2@cache.internal:6379/0",
            "mongodb+srv://orders:hunter2@cluster0.example.mongodb.net/orders",
            "amqps://orders:hunter2@mq.internal:5671",
        ] {
            check(text, &["url-password"]);
        }
    }

    #[test]
    fn passwords_in_urls_that_are_references_are_not() {
        for text in [
            "postgres://orders@db.internal/orders",
            "postgres://orders:${DB_PASSWORD}@db/orders",
            "postgres://orders:$PASSWORD@db/orders",
            "postgres://user:****@db/orders",
            "postgres://user:<password>@db/orders",
            "https://example.com/a:b@c",
            "http://[::1]:8080/",
        ] {
            check(text, &[]);
        }
    }

    #[test]
    fn passwords_in_connection_strings_are_found() {
        for text in [
            "Server=tcp:orders.database.windows.net,1433;Initial Catalog=orders;User ID=app;Password=hunter2;Encrypt=True;",
            "Password=hunter2;Server=db.internal;Database=orders",
            "Driver={ODBC Driver 18 for SQL Server};Server=db;Uid=app;Pwd=hunter2",
            "Data Source=db;User Id=app;PWD=hunter2;",
            "host=db.internal port=5432 dbname=orders user=app password=hunter2 sslmode=require",
            "password='hunter2' host=db.internal",
            "jdbc:postgresql://db.internal/orders?user=app&password=hunter2",
            "jdbc:sqlserver://db.internal:1433;databaseName=orders;user=app;password=hunter2;encrypt=true",
            "orders.redis.cache.windows.net:6380,password=hunter2=,ssl=True,abortConnect=False",
            "export DSN='host=db.internal password=hunter2'\n",
        ] {
            check(text, &["connection-string-password"]);
        }
    }

    #[test]
    fn connection_strings_without_a_written_password_are_not() {
        for text in [
            "Server=db;Authentication=Active Directory Managed Identity;Database=orders",
            "Server=db;User Id=app;Password=${DB_PASSWORD};",
            "Server=db;User Id=app;Password={password};",
            "Server=db;User Id=app;Password=;",
            "Server=db;User Id=app;Password=<password>",
            "Server=db;Password=@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/x)",
            "host=db.internal user=app sslmode=require",
            "host=db password=$PGPASSWORD",
            "jdbc:postgresql://db/orders?user=app&password=${password}",
            "mode=password=hunter2",
            "reset the password=form",
            "min_password=8;max=9",
        ] {
            check(text, &[]);
        }
    }
}
