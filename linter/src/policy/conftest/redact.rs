//! The values that a plan marks as sensitive and those that the linter knows for secrets, so that no message of a policy shows one.
//! A policy for conftest reads the raw plan and puts into its message whatever it likes; the linter's own rules see facts, which hold no
//! values.

use aho_corasick::{AhoCorasick, MatchKind};
use serde_json::Value;

use crate::facts::model::{AttributePath, PathStep};
use crate::facts::{is_known_whole, recognise};

/// What stands in a message where a sensitive value was.
const HIDDEN: &str = "(sensitive value)";
/// A shorter value is hidden only where it stands alone: `80` in `8080` says nothing, and hiding it would make every message unreadable.
const SHORT: usize = 4;

/// Takes sensitive values out of texts.
#[derive(Clone, Default)]
pub struct Redaction {
    values: Vec<String>,
    finder: Option<AhoCorasick>,
    reach: Reach,
}

/// What is taken out.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Reach {
    /// The values that were found.
    #[default]
    Values,
    /// Every text: what is sensitive in the plan cannot be told.
    Everything,
}

impl Redaction {
    /// The values that a plan, given as JSON text, marks as sensitive: in changes, in outputs, in variables, in the state before and after.
    /// And the values that the rules on literals would report: plans of old versions carry no marks, and nobody marks what he has forgotten.
    #[must_use]
    pub fn of(plan: &str) -> Self {
        // A plan that is read is JSON, so this is not expected. If it happens, no text is shown rather than one with a value.
        let Ok(plan) = serde_json::from_str::<Value>(plan) else {
            return Self { reach: Reach::Everything, ..Self::default() };
        };
        let mut values = Vec::new();
        collect(&plan, &mut values);
        recognised(&plan, &mut Vec::new(), &mut values);
        Self::new(values)
    }

    /// Adds what another one takes out.
    pub fn extend(&mut self, other: Self) {
        let mut values = std::mem::take(&mut self.values);
        values.extend(other.values);
        let reach = if other.reach == Reach::Everything { other.reach } else { self.reach };
        *self = Self { reach, ..Self::new(values) };
    }

    fn new(mut values: Vec<String>) -> Self {
        values.sort_unstable_by(|left: &String, right| {
            right.len().cmp(&left.len()).then_with(|| left.cmp(right))
        });
        values.dedup();
        // Too many or too long values are no error of the library's at these sizes; without a finder every message is hidden.
        let finder = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&values).ok();
        Self { values, finder, reach: Reach::Values }
    }

    /// The text without sensitive values.
    #[must_use]
    pub fn apply(&self, text: &str) -> String {
        if self.reach == Reach::Everything {
            return HIDDEN.to_owned();
        }
        if self.values.is_empty() {
            return text.to_owned();
        }
        let Some(finder) = &self.finder else { return HIDDEN.to_owned() };
        let mut shown = String::with_capacity(text.len());
        let mut done = 0;
        for found in finder.find_iter(text) {
            if found.len() < SHORT && !stands_alone(text, found.range()) {
                continue;
            }
            shown.push_str(&text[done..found.start()]);
            shown.push_str(HIDDEN);
            done = found.end();
        }
        shown.push_str(&text[done..]);
        shown
    }

    /// The same for every text in a document, keys included.
    #[must_use]
    pub fn apply_to(&self, document: Value) -> Value {
        match document {
            Value::String(text) => Value::String(self.apply(&text)),
            Value::Number(number) => {
                let text = number.to_string();
                if self.apply(&text) == text { Value::Number(number) } else { HIDDEN.into() }
            }
            Value::Array(elements) => elements.into_iter().map(|element| self.apply_to(element)).collect(),
            Value::Object(fields) => Value::Object(
                fields.into_iter().map(|(key, value)| (self.apply(&key), self.apply_to(value))).collect(),
            ),
            other => other,
        }
    }
}

fn stands_alone(text: &str, at: std::ops::Range<usize>) -> bool {
    let is_word = |character: Option<char>| {
        character.is_some_and(|character| character.is_alphanumeric() || character == '_')
    };
    !is_word(text[..at.start].chars().next_back()) && !is_word(text[at.end..].chars().next())
}

/// Pairs of a document and its marks, wherever in the plan they stand.
fn collect(node: &Value, into: &mut Vec<String>) {
    match node {
        Value::Object(fields) => {
            for (value, marks) in
                [("before", "before_sensitive"), ("after", "after_sensitive"), ("values", "sensitive_values")]
            {
                if let (Some(value), Some(marks)) = (fields.get(value), fields.get(marks)) {
                    marked(value, marks, into);
                }
            }
            // Outputs in a state: `{"sensitive": true, "value": …}`.
            if let (Some(Value::Bool(true)), Some(value)) = (fields.get("sensitive"), fields.get("value")) {
                marked(value, &Value::Bool(true), into);
            }
            variables(fields, into);
            fields.values().for_each(|value| collect(value, into));
        }
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, into)),
        _ => {}
    }
}

/// Texts that give themselves away as secrets, or whose attribute is known or named as one.
fn recognised(node: &Value, path: &mut AttributePath, into: &mut Vec<String>) {
    match node {
        Value::Object(fields) => {
            if let Some(resource_type) = fields.get("type").and_then(Value::as_str) {
                let change = fields.get("change").and_then(Value::as_object);
                let states = ["before", "after"].iter().filter_map(|state| change?.get(*state));
                for attributes in states.chain(fields.get("values")).filter_map(Value::as_object) {
                    for (_, value) in
                        attributes.iter().filter(|(name, _)| is_known_whole(resource_type, name))
                    {
                        marked(value, &Value::Bool(true), into);
                    }
                }
            }
            for (name, value) in fields {
                // These say what the name around them is about.
                let is_name = !matches!(name.as_str(), "constant_value" | "value" | "default");
                if is_name {
                    path.push(PathStep::from(name.as_str()));
                }
                recognised(value, path, into);
                if is_name {
                    path.pop();
                }
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| recognised(element, path, into)),
        Value::String(text) if recognise(text, path).is_some() => add(text, into),
        _ => {}
    }
}

/// The root module's variables that its configuration declares sensitive.
fn variables(plan: &serde_json::Map<String, Value>, into: &mut Vec<String>) {
    let Some(declared) = plan
        .get("configuration")
        .and_then(|configuration| configuration.get("root_module"))
        .and_then(|module| module.get("variables"))
        .and_then(Value::as_object)
    else {
        return;
    };
    for (name, declaration) in declared {
        if declaration.get("sensitive") == Some(&Value::Bool(true)) {
            let given = plan
                .get("variables")
                .and_then(|variables| variables.get(name))
                .and_then(|given| given.get("value"));
            for value in given.into_iter().chain(declaration.get("default")) {
                marked(value, &Value::Bool(true), into);
            }
        }
    }
}

/// The texts and numbers of `value` that `marks` marks.
fn marked(value: &Value, marks: &Value, into: &mut Vec<String>) {
    match (value, marks) {
        (_, Value::Bool(true)) => match value {
            Value::String(text) => add(text, into),
            Value::Number(number) => add(&number.to_string(), into),
            Value::Array(elements) => elements.iter().for_each(|element| marked(element, marks, into)),
            Value::Object(fields) => fields.values().for_each(|field| marked(field, marks, into)),
            Value::Null | Value::Bool(_) => {}
        },
        (Value::Object(fields), Value::Object(marks)) => {
            for (key, mark) in marks {
                if let Some(field) = fields.get(key) {
                    marked(field, mark, into);
                }
            }
        }
        (Value::Array(elements), Value::Array(marks)) => {
            elements.iter().zip(marks).for_each(|(element, mark)| marked(element, mark, into));
        }
        _ => {}
    }
}

/// A value in the forms in which a message may show it: as it is, in JSON, in base64, and line by line.
fn add(value: &str, into: &mut Vec<String>) {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    if value.trim().is_empty() {
        return;
    }
    into.push(value.to_owned());
    let quoted = Value::from(value).to_string();
    into.push(quoted[1..quoted.len() - 1].to_owned());
    if value.len() >= SHORT {
        into.push(STANDARD.encode(value).trim_end_matches('=').to_owned());
        into.push(URL_SAFE_NO_PAD.encode(value));
        into.extend(value.lines().map(str::trim).filter(|line| line.len() >= 2 * SHORT).map(str::to_owned));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: &str = r#"{
        "resource_changes": [{"change": {
            "before": {"password": "before-secret", "name": "shown"}, "before_sensitive": {"password": true},
            "after": {"password": "p\"w\nsecond line", "port": 5432, "list": ["a", "hidden"], "id": "x1"},
            "after_sensitive": {"password": true, "port": true, "list": [false, true], "id": true}}}],
        "output_changes": {"o": {"before": null, "after": {"k": "deep-secret"}, "after_sensitive": true, "before_sensitive": false}},
        "prior_state": {"values": {"outputs": {"s": {"sensitive": true, "value": "state-secret"}}}},
        "variables": {"v": {"value": "variable-secret"}},
        "configuration": {"root_module": {"variables": {"v": {"sensitive": true, "default": "default-secret"}}}}
    }"#;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(Redaction::of(PLAN).apply(text), expected);
    }

    #[test]
    fn marked_values_are_hidden_in_every_form() {
        check("is before-secret and shown", "is (sensitive value) and shown");
        check("p\"w\nsecond line", HIDDEN);
        check(r#"{"p":"p\"w\nsecond line"}"#, r#"{"p":"(sensitive value)"}"#);
        check("second line", HIDDEN);
        check("b64 ZGVlcC1zZWNyZXQ=", "b64 (sensitive value)=");
        check("deep-secret state-secret variable-secret default-secret", &[HIDDEN; 4].join(" "));
        check("port 5432", "port (sensitive value)");
        check("hidden a", "(sensitive value) a");
    }

    #[test]
    fn what_is_known_for_a_secret_is_hidden_without_a_mark() {
        let plan = r#"{
            "resource_changes": [
                {"type": "aws_db_instance", "change": {"after": {"password": "Tr0ub4dor-3", "engine": "postgres"}}},
                {"type": "a_b", "change": {"after": {"environment": [{"DB_PASSWORD": "correct-h0rse"}], "name": "db-password"}}}],
            "prior_state": {"values": {"root_module": {"resources": [
                {"type": "aws_ssm_parameter", "values": {"value": "of-the-st4te", "type": "SecureString"}}]}}},
            "variables": {"api_token": {"value": "given-T0ken-77"}},
            "configuration": {"root_module": {"resources": [{"expressions": {"admin_password": {"constant_value": "wr1tten-out"}}}]}}
        }"#;
        let redaction = Redaction::of(plan);
        for secret in ["Tr0ub4dor-3", "correct-h0rse", "of-the-st4te", "given-T0ken-77", "wr1tten-out"] {
            assert_eq!(redaction.apply(secret), HIDDEN, "{secret}");
        }
        let harmless = "a_b postgres db-password aws_db_instance SecureString password";
        assert_eq!(redaction.apply(harmless), harmless);
    }

    #[test]
    fn a_short_value_is_hidden_where_it_stands_alone() {
        check("x1, x10 and ax1", "(sensitive value), x10 and ax1");
    }

    #[test]
    fn nothing_is_shown_where_the_plan_cannot_be_read() {
        let mut redaction = Redaction::of(PLAN);
        assert_eq!(redaction.apply("harmless"), "harmless");
        redaction.extend(Redaction::of("{"));
        assert_eq!(redaction.apply("harmless"), HIDDEN);
    }

    #[test]
    fn documents_are_searched_through() {
        let redaction = Redaction::of(PLAN);
        let document = serde_json::json!({"before-secret": [5432, "deep-secret", true, 1]});
        assert_eq!(redaction.apply_to(document), serde_json::json!({HIDDEN: [HIDDEN, HIDDEN, true, 1]}));
    }
}
