//! What the database engine's error texts mean. The engine answers 500 for nearly everything, so the text is all there is.

/// Why the engine refused, by what has to be corrected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::vault) enum Fault {
    /// There is no connection of this name.
    NoConnection,
    /// The connection's `allowed_roles` does not have the role.
    NotAllowed,
    /// The database has no such login.
    NoLogin,
    /// The role is for another login.
    OtherLogin,
    /// There is no such role.
    NoRole,
    /// The period is shorter than the engine's least.
    ShortPeriod,
    /// The database refused a statement. Its text may repeat the new password, so only the code is kept.
    Statement { code: String },
    /// Anything else, such as a database that cannot be reached, in the engine's words.
    Other(String),
}

impl Fault {
    /// Reads the messages of an answer.
    pub(in crate::vault) fn of(messages: &[String]) -> Self {
        let text = messages.join("; ");
        let says = |part: &str| text.contains(part);
        if says("failed to find entry for connection") {
            Self::NoConnection
        } else if says("is not an allowed role") {
            Self::NotAllowed
        } else if says("SQLSTATE 42704") || says("Error 1396") || says("Error 1133") {
            Self::NoLogin
        } else if says("cannot update static account username") {
            Self::OtherLogin
        } else if says("no static role found") || says("unknown role") {
            Self::NoRole
        } else if says("rotation_period must be") {
            Self::ShortPeriod
        } else if says("failed to execute query") || says("SQLSTATE") || says("SQL syntax") || says("Error 1")
        {
            Self::Statement { code: code(&text) }
        } else {
            Self::Other(one_line(&text))
        }
    }

    /// In a sentence, where nothing better is known.
    pub(in crate::vault) fn plain(&self) -> String {
        match self {
            Self::NoConnection => "the engine has no such connection".to_owned(),
            Self::NotAllowed => "the connection does not allow the role".to_owned(),
            Self::NoLogin => "the database has no such login".to_owned(),
            Self::OtherLogin => "the role is for another login".to_owned(),
            Self::NoRole => "the engine has no such role".to_owned(),
            Self::ShortPeriod => "the period is too short".to_owned(),
            Self::Statement { code } => format!("the database refused a statement ({code})"),
            Self::Other(text) => format!("the database engine says: {text}"),
        }
    }
}

/// `SQLSTATE 42601` of PostgreSQL, `Error 1064` of MySQL and MariaDB.
fn code(text: &str) -> String {
    ["SQLSTATE ", "Error "]
        .iter()
        .find_map(|prefix| {
            let after = text.split_once(prefix)?.1;
            let code: String = after.chars().take_while(char::is_ascii_alphanumeric).take(5).collect();
            (code.len() >= 4).then(|| format!("{prefix}{code}"))
        })
        .unwrap_or_else(|| "without a code".to_owned())
}

/// The engine nests lists of one error each.
fn one_line(text: &str) -> String {
    let parts = text.lines().map(|line| line.trim().trim_start_matches("* "));
    let said: Vec<&str> =
        parts.filter(|part| !part.is_empty() && !part.ends_with("error occurred:")).collect();
    said.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Fault) {
        assert_eq!(Fault::of(&[text.to_owned()]), expected, "{text}");
    }

    /// The texts are those of OpenBao 2.7.2 with PostgreSQL 15 and MariaDB 10.11.
    #[test]
    fn every_refusal_has_its_meaning() {
        check(
            "1 error occurred:\n\t* failed to find entry for connection with name: \"nope\"\n\n",
            Fault::NoConnection,
        );
        check("1 error occurred:\n\t* \"forbidden\" is not an allowed role\n\n", Fault::NotAllowed);
        check(
            "\t* failed to execute query: ERROR: role \"ghost\" does not exist (SQLSTATE 42704)\n\n",
            Fault::NoLogin,
        );
        check("cannot update static account username", Fault::OtherLogin);
        check("no static role found for role name", Fault::NoRole);
        check("rotation_period must be 5 seconds or more", Fault::ShortPeriod);
        check(
            "1 error occurred:\n\t* error verifying connection: dial tcp 127.0.0.1:1: connect: connection refused\n\n",
            Fault::Other(
                "error verifying connection: dial tcp 127.0.0.1:1: connect: connection refused".to_owned(),
            ),
        );
    }

    #[test]
    fn a_part_of_the_password_in_a_syntax_error_is_left_out() {
        let text = "\t* failed to execute query: ERROR: trailing junk after numeric literal at or near \"9Lw9DrGZ9Mu\" (SQLSTATE 42601)";
        check(text, Fault::Statement { code: "SQLSTATE 42601".to_owned() });
        let text = "Error 1064 (42000): You have an error in your SQL syntax; check the manual near 'sentinel' at line 1";
        check(text, Fault::Statement { code: "Error 1064".to_owned() });
    }
}
