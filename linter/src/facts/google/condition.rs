//! IAM conditions and the conditions of workload identity providers: what of a CEL expression truly narrows. Only a test that every request has
//! to pass counts; of alternatives joined by `||` only what all of them ask.
//! <https://cloud.google.com/iam/docs/conditions-attribute-reference>

use std::sync::OnceLock;

use regex::Regex;

/// What a condition demands.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Condition {
    /// Attributes that narrow, as rules know them: `resource.name`, `resource.matchtag`, `request.auth.access_levels`.
    pub(super) keys: Vec<String>,
    /// The grant ends at this time, as written.
    pub(super) expires_at: Option<String>,
    /// The grant is for some of the resources of its place only.
    pub(super) confines: bool,
    /// It limits which roles the holder may give to others.
    pub(super) limits_granted_roles: bool,
}

/// Reads the condition of an IAM binding.
pub(super) fn read(expression: &str) -> Condition {
    let keys = keys(expression);
    Condition {
        confines: keys.iter().any(|key| key.starts_with("resource.")),
        keys,
        expires_at: all_of(expression).into_iter().find_map(end),
        limits_granted_roles: expression.contains("modifiedGrantsByRole"),
    }
}

/// Values of one claim that a provider's condition lets in, `*` standing for the rest of a text.
#[derive(Debug, PartialEq)]
pub(super) struct Claim {
    /// `repository` of `assertion.repository`, `subject` of `google.subject`.
    pub(super) name: String,
    /// The values, or the test as written where it is none of the usual ones.
    pub(super) values: Vec<String>,
}

/// What the condition of a workload identity provider demands of a token.
pub(super) fn claims(expression: &str) -> Vec<Claim> {
    all_of(expression).into_iter().filter_map(claim).collect()
}

fn keys(expression: &str) -> Vec<String> {
    let mut keys: Vec<String> = all_of(expression)
        .into_iter()
        .flat_map(|test| {
            let alternatives = any_of(test);
            match alternatives.as_slice() {
                [single] => key(single).into_iter().map(str::to_owned).collect(),
                [first, others @ ..] => {
                    let mut shared = keys(first);
                    shared.retain(|key| others.iter().all(|other| self::keys(other).contains(key)));
                    shared
                }
                [] => Vec::new(),
            }
        })
        .collect();
    keys.sort();
    keys.dedup();
    keys
}

/// The attribute that one test narrows. A negation holds for all but some.
fn key(test: &str) -> Option<&'static str> {
    const NARROWING: [(&str, &str); 4] = [
        ("resource.name", "resource.name"),
        ("resource.matchTag", "resource.matchtag"),
        ("resource.hasTagKey", "resource.hastag"),
        ("request.auth.access_levels", "request.auth.access_levels"),
    ];
    if test.starts_with('!') || test.contains("!=") || test.contains("== false") || names_everything(test) {
        return None;
    }
    NARROWING.iter().find(|(attribute, _)| test.contains(attribute)).map(|(_, key)| *key)
}

/// The name is compared with the beginning that all names have.
fn names_everything(test: &str) -> bool {
    ["\"\"", "''", "\"projects/\"", "'projects/'", "\"projects\"", "'projects'"]
        .iter()
        .any(|text| test.contains(&format!("({text})")))
}

/// `request.time < timestamp("2026-12-31T00:00:00Z")`, either way round.
fn end(test: &str) -> Option<String> {
    static FORMS: OnceLock<Option<[Regex; 2]>> = OnceLock::new();
    let forms = FORMS.get_or_init(|| {
        Some([
            Regex::new(r#"^request\.time\s*<=?\s*timestamp\(\s*["']([^"']+)["']\s*\)$"#).ok()?,
            Regex::new(r#"^timestamp\(\s*["']([^"']+)["']\s*\)\s*>=?\s*request\.time$"#).ok()?,
        ])
    });
    let forms = forms.as_ref()?;
    forms.iter().find_map(|form| form.captures(test)).and_then(|found| found.get(1)).map(|time| {
        let time = time.as_str();
        // The rules compare instants; a text that is none stays as written.
        time.parse::<jiff::Timestamp>().map_or_else(|_| time.to_owned(), |instant| instant.to_string())
    })
}

/// What one test demands. Alternatives on the same claim are its values.
fn claim(test: &str) -> Option<Claim> {
    let alternatives = any_of(test);
    if alternatives.len() > 1 {
        let claims: Vec<Claim> = alternatives.iter().map(|test| claim(test)).collect::<Option<_>>()?;
        let name = claims.first()?.name.clone();
        return Some(if claims.iter().all(|claim| claim.name == name) {
            Claim { name, values: claims.into_iter().flat_map(|claim| claim.values).collect() }
        } else {
            Claim { name, values: vec![test.to_owned()] }
        });
    }
    single_claim(test)
}

fn single_claim(test: &str) -> Option<Claim> {
    static FORMS: OnceLock<Option<[Regex; 4]>> = OnceLock::new();
    let forms = FORMS.get_or_init(|| {
        const NAME: &str = r#"(?:assertion|attribute|google)(?:\.(\w+)|\[["'](\w+)["']\])"#;
        Some([
            Regex::new(&format!(r#"^{NAME}\s*==\s*["']([^"']*)["']$"#)).ok()?,
            Regex::new(&format!(r#"^{NAME}\s+in\s+\[(.*)\]$"#)).ok()?,
            Regex::new(NAME).ok()?,
            Regex::new(&format!(r#"^{NAME}\.(?:startsWith|endsWith)\(\s*["']([^"']*)["']\s*\)$"#)).ok()?,
        ])
    });
    let [equals, within, named, begins] = forms.as_ref()?;
    let name = |found: &regex::Captures<'_>| {
        found.get(1).or_else(|| found.get(2)).map(|name| name.as_str().to_owned())
    };
    let text = |found: &regex::Captures<'_>| found.get(3).map(|text| text.as_str().to_owned());
    if let Some(found) = equals.captures(test) {
        return Some(Claim { name: name(&found)?, values: vec![text(&found)?] });
    }
    if let Some(found) = within.captures(test) {
        let quotes: &[char] = &['"', '\'', ' '];
        let values = text(&found)?.split(',').map(|value| value.trim_matches(quotes).to_owned()).collect();
        return Some(Claim { name: name(&found)?, values });
    }
    if let Some(found) = begins.captures(test) {
        let text = text(&found)?;
        let value = if test.contains(".startsWith(") { format!("{text}*") } else { format!("*{text}") };
        return Some(Claim { name: name(&found)?, values: vec![value] });
    }
    if test.starts_with('!') || test.contains("!=") {
        return None;
    }
    // A test of another form: it demands something of the claim, and what only Google can say.
    let found = named.captures(test)?;
    Some(Claim { name: name(&found)?, values: vec![test.to_owned()] })
}

/// The tests of a conjunction, without the parentheses around each.
fn all_of(expression: &str) -> Vec<&str> {
    split(expression, "&&")
}

fn any_of(expression: &str) -> Vec<&str> {
    split(expression, "||")
}

/// Splits at an operator that stands neither in a text nor in parentheses, and takes the parentheses around the whole off first.
fn split<'a>(expression: &'a str, operator: &str) -> Vec<&'a str> {
    let expression = without_parentheses(expression);
    let (mut parts, mut start, mut depth, mut quote) = (Vec::new(), 0, 0_usize, None);
    for (at, character) in expression.char_indices() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(character),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth = depth.saturating_sub(1),
            (None, _) if depth == 0 && at >= start && expression[at..].starts_with(operator) => {
                parts.push(without_parentheses(&expression[start..at]));
                start = at + operator.len();
            }
            (None, _) => {}
        }
    }
    parts.push(without_parentheses(&expression[start..]));
    parts
}

fn without_parentheses(expression: &str) -> &str {
    let mut expression = expression.trim();
    while let Some(inner) = expression.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        let mut depth = 0_i32;
        // `(a) && (b)` begins and ends with parentheses that are not a pair.
        let is_pair = inner.chars().all(|character| {
            depth += match character {
                '(' => 1,
                ')' => -1,
                _ => 0,
            };
            depth >= 0
        });
        if !is_pair {
            break;
        }
        expression = inner.trim();
    }
    expression
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_keys(expression: &str, expected: &[&str]) {
        assert_eq!(read(expression).keys, expected, "{expression}");
    }

    #[test]
    fn a_test_on_the_name_or_the_tags_of_the_resource_narrows() {
        check_keys(r#"resource.name.startsWith("projects/123/secrets/orders-")"#, &["resource.name"]);
        check_keys(
            r#"resource.type == "secretmanager.googleapis.com/Secret" && resource.name == "projects/1/secrets/a""#,
            &["resource.name"],
        );
        check_keys(r#"resource.matchTag("123/team", "orders")"#, &["resource.matchtag"]);
        check_keys(
            r#""accessPolicies/1/accessLevels/office" in request.auth.access_levels"#,
            &["request.auth.access_levels"],
        );
    }

    #[test]
    fn a_test_that_shuts_nobody_out_does_not_narrow() {
        check_keys(r#"resource.type == "secretmanager.googleapis.com/Secret""#, &[]);
        check_keys(r#"!resource.name.startsWith("projects/1/secrets/orders-")"#, &[]);
        check_keys(r#"resource.name != "projects/1/secrets/a""#, &[]);
        check_keys(r#"resource.name.startsWith("projects/")"#, &[]);
        check_keys("", &[]);
    }

    #[test]
    fn of_alternatives_only_what_all_ask_narrows() {
        check_keys(
            r#"(resource.name.startsWith("projects/1/secrets/a-") || resource.name.endsWith("-shared"))"#,
            &["resource.name"],
        );
        check_keys(
            r#"resource.name.startsWith("projects/1/secrets/a-") || request.time.getHours("Europe/Berlin") > 8"#,
            &[],
        );
        check_keys(r#"(resource.name == "a") && (resource.type == "b")"#, &["resource.name"]);
    }

    #[test]
    fn a_time_that_every_request_must_be_before_is_the_end() {
        let end = |expression: &str| read(expression).expires_at;
        let expected = Some("2026-12-31T00:00:00Z".to_owned());
        assert_eq!(end(r#"request.time < timestamp("2026-12-31T00:00:00Z")"#), expected);
        assert_eq!(end(r#"timestamp('2026-12-31T00:00:00Z') >= request.time"#), expected);
        assert_eq!(
            end(
                r#"request.time > timestamp("2026-12-01T00:00:00Z") && request.time <= timestamp("2026-12-31T01:00:00+01:00")"#
            ),
            expected
        );
        assert_eq!(end(r#"request.time > timestamp("2026-12-31T00:00:00Z")"#), None);
        assert_eq!(end(r#"request.time < timestamp("2026-12-31T00:00:00Z") || resource.name == "a""#), None);
    }

    #[test]
    fn an_operator_inside_a_text_is_no_operator() {
        check_keys(r#"resource.name == "a && b || c""#, &["resource.name"]);
    }

    fn check_claims(expression: &str, expected: &[(&str, &[&str])]) {
        let found = claims(expression);
        let found: Vec<(&str, Vec<&str>)> = found
            .iter()
            .map(|claim| (claim.name.as_str(), claim.values.iter().map(String::as_str).collect()))
            .collect();
        let expected: Vec<(&str, Vec<&str>)> =
            expected.iter().map(|(name, values)| (*name, values.to_vec())).collect();
        assert_eq!(found, expected, "{expression}");
    }

    #[test]
    fn the_claims_that_a_condition_demands_are_known_with_their_values() {
        check_claims(r#"assertion.repository == "example/orders""#, &[("repository", &["example/orders"])]);
        check_claims("attribute.repository_owner_id in ['1', '2']", &[("repository_owner_id", &["1", "2"])]);
        check_claims(
            r#"assertion['ref'] == "refs/heads/main" && google.subject.startsWith("repo:example/")"#,
            &[("ref", &["refs/heads/main"]), ("subject", &["repo:example/*"])],
        );
    }

    #[test]
    fn alternatives_on_a_claim_are_its_values() {
        check_claims(
            "assertion.repository == 'example/a' || assertion.repository == 'example/b'",
            &[("repository", &["example/a", "example/b"])],
        );
        check_claims("assertion.repository == 'example/a' || true", &[]);
    }

    #[test]
    fn a_test_of_another_form_is_kept_as_written_and_one_that_demands_nothing_is_not() {
        check_claims(
            "assertion.sub.matches('^repo:example/')",
            &[("sub", &["assertion.sub.matches('^repo:example/')"])],
        );
        check_claims("true", &[]);
        check_claims("assertion.repository != ''", &[]);
    }
}
