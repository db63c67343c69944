//! Values that are JSON objects: making one from public fields and a secret one, changing some keys while the rest stays
//! byte for byte, and taking one apart. The text lives in wiped memory throughout; only key names are treated as public.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::error::Invalid;
use crate::value::SecretValue;

mod unescape;

use unescape::unescape;

/// Keys to set in a JSON object, each to a text.
#[derive(Clone, Debug, Default)]
pub struct JsonFields {
    fields: BTreeMap<String, SecretValue>,
}

impl JsonFields {
    /// No keys yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a key to a public text.
    pub fn set_public(&mut self, key: &str, text: &str) {
        self.set(key, SecretValue::from_text(text.to_owned()));
    }

    /// Sets a key to a secret text.
    pub fn set(&mut self, key: &str, value: SecretValue) {
        self.fields.insert(key.to_owned(), value);
    }

    /// A new object of these keys, sorted by name.
    ///
    /// # Errors
    /// [`Invalid`] on field `value` when one is not UTF-8, which JSON cannot hold.
    pub fn object(&self) -> Result<SecretValue, Invalid> {
        self.write(&[])
    }

    /// The object with these keys set and all others as they are, in their order; new keys follow, sorted.
    ///
    /// # Errors
    /// [`Invalid`] on field `value` when the old value is no JSON object or has a key twice, or a new one is not UTF-8.
    pub fn merged_into(&self, old: &SecretValue) -> Result<SecretValue, Invalid> {
        self.write(&parse(old)?)
    }

    #[expect(clippy::disallowed_methods, reason = "writes the fields into the value they become")]
    fn write(&self, old: &[(String, &RawValue)]) -> Result<SecretValue, Invalid> {
        // Escaping makes a byte six at most. Room for all from the start, so that growing leaves no copy behind.
        let fields = self.fields.iter().map(|(key, value)| 6 * (key.len() + value.len()) + 6);
        let kept = old.iter().map(|(key, raw)| 6 * key.len() + raw.get().len() + 6);
        let mut text = Zeroizing::new(Vec::with_capacity(fields.chain(kept).sum::<usize>() + 2));
        let kept_keys: BTreeSet<&str> = old.iter().map(|(key, _)| key.as_str()).collect();
        let added = self.fields.keys().filter(|key| !kept_keys.contains(key.as_str()));
        let keys = old.iter().map(|(key, raw)| (key, Some(*raw))).chain(added.map(|key| (key, None)));
        for (index, (key, raw)) in keys.enumerate() {
            text.push(if index == 0 { b'{' } else { b',' });
            write_text(&mut text, key)?;
            text.push(b':');
            match (self.fields.get(key), raw) {
                (Some(value), _) => write_text(&mut text, value.expose_text().ok_or_else(|| not_text(key))?)?,
                (None, Some(raw)) => text.extend_from_slice(raw.get().as_bytes()),
                (None, None) => {}
            }
        }
        if text.is_empty() {
            text.push(b'{');
        }
        text.push(b'}');
        Ok(SecretValue::from(text))
    }
}

/// Takes a JSON object apart: a text becomes that text, anything else its JSON spelling.
///
/// # Errors
/// [`Invalid`] on field `value` when it is no JSON object, has a key twice, or a text that is no Unicode.
pub fn fields(value: &SecretValue) -> Result<BTreeMap<String, SecretValue>, Invalid> {
    parse(value)?
        .into_iter()
        .map(|(key, raw)| {
            let value = if raw.get().starts_with('"') {
                unescape(raw.get()).ok_or_else(|| not_unicode(&key))?
            } else {
                SecretValue::new(raw.get().as_bytes().to_vec())
            };
            Ok((key, value))
        })
        .collect()
}

fn write_text(output: &mut Vec<u8>, text: &str) -> Result<(), Invalid> {
    serde_json::to_writer(output, text).map_err(|_| not_object())
}

fn not_text(key: &str) -> Invalid {
    Invalid::new("value", format!("field `{key}` is not UTF-8, which JSON cannot hold; encode it as Base64"))
}

fn not_unicode(key: &str) -> Invalid {
    Invalid::new(
        "value",
        format!(
            "the text of key `{key}` in the secret's JSON object has half of a surrogate pair (`\\ud800` to `\\udfff`) and is no Unicode; correct it first"
        ),
    )
}

// The parser's own message is left out: it may quote the text around the error.
fn not_object() -> Invalid {
    Invalid::new("value", "the secret's value is no JSON object; `fields` and `managed_keys` need one")
}

/// The members of an object, borrowed from the value, in order.
#[expect(clippy::disallowed_methods, reason = "the members are borrowed from the value, not copied")]
fn parse(value: &SecretValue) -> Result<Vec<(String, &RawValue)>, Invalid> {
    let Members(members) = serde_json::from_slice(value.expose()).map_err(|_| not_object())?;
    let mut seen = BTreeSet::new();
    match members.iter().find(|(key, _)| !seen.insert(key.as_str())) {
        Some((key, _)) => Err(Invalid::new(
            "value",
            format!("the secret's JSON object has the key `{key}` twice; correct it first"),
        )),
        None => Ok(members),
    }
}

struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;

        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(MembersVisitor)
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the tests look at what was written")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value(text: &str) -> SecretValue {
        SecretValue::from_text(text.to_owned())
    }

    fn check_merged(old: &str, expected: &str) {
        let mut fields = JsonFields::new();
        fields.set_public("username", "orders");
        fields.set("password", value("p\"w"));
        assert_eq!(fields.merged_into(&value(old)).unwrap().expose_text().unwrap(), expected);
    }

    #[test]
    fn a_new_object_has_its_fields_sorted_and_escaped() {
        let mut fields = JsonFields::new();
        fields.set_public("host", "db\u{1}\\é");
        fields.set("a\"key", value("🔑"));
        assert_eq!(
            fields.object().unwrap().expose_text().unwrap(),
            r#"{"a\"key":"🔑","host":"db\u0001\\é"}"#
        );
        assert_eq!(JsonFields::new().object().unwrap().expose_text().unwrap(), "{}");
    }

    #[test]
    fn keys_of_others_stay_byte_for_byte_and_in_order() {
        check_merged(
            r#"{ "z": [1, 2.50], "username":"old", "nested" : {"b":1,"a":1e400} }"#,
            r#"{"z":[1, 2.50],"username":"orders","nested":{"b":1,"a":1e400},"password":"p\"w"}"#,
        );
        check_merged("{}", r#"{"password":"p\"w","username":"orders"}"#);
    }

    #[test]
    fn what_is_no_object_is_refused_without_showing_it() {
        for text in ["sentinel", "[\"sentinel\"]", "\"sentinel\"", "{\"sentinel", "", "{} sentinel"] {
            let error = JsonFields::new().merged_into(&value(text)).unwrap_err().to_string();
            assert!(error.contains("no JSON object") && !error.contains("sentinel"), "{error}");
        }
        let error = fields(&value(r#"{"key":"sentinel","key":1}"#)).unwrap_err().to_string();
        assert!(error.contains("`key` twice") && !error.contains("sentinel"), "{error}");
    }

    #[test]
    fn keys_are_the_same_however_they_are_escaped() {
        check_merged(
            r#"{"user\u006eame":"old","\ud83d\udd11":[]}"#,
            r#"{"username":"orders","🔑":[],"password":"p\"w"}"#,
        );
        let error = fields(&value(r#"{"a":1,"\u0061":2}"#)).unwrap_err().to_string();
        assert!(error.contains("`a` twice"), "{error}");
    }

    #[test]
    fn half_a_surrogate_pair_is_refused_to_be_taken_apart_but_kept_by_a_merge() {
        let old = r#"{"odd":"sentinel \ud800"}"#;
        let error = fields(&value(old)).unwrap_err().to_string();
        assert!(
            error.contains("`odd`") && error.contains("surrogate") && !error.contains("sentinel"),
            "{error}"
        );
        assert_eq!(JsonFields::new().merged_into(&value(old)).unwrap().expose_text().unwrap(), old);
    }

    #[test]
    fn deep_nesting_of_others_is_kept() {
        let old = format!("{{\"deep\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(JsonFields::new().merged_into(&value(&old)).unwrap().expose_text().unwrap(), old);
    }

    #[test]
    fn bytes_that_are_no_utf_8_are_no_object() {
        let error = fields(&SecretValue::new(b"{\"a\":\"\xff\"}".to_vec())).unwrap_err().to_string();
        assert!(error.contains("no JSON object"), "{error}");
    }

    #[test]
    fn fields_to_set_are_silent_in_debug() {
        let mut fields = JsonFields::new();
        fields.set("password", value("sentinel"));
        assert!(!format!("{fields:#?}").contains("sentinel"));
    }

    #[test]
    fn binary_fields_are_refused_by_name() {
        let mut fields = JsonFields::new();
        fields.set("raw", SecretValue::new(vec![0xff]));
        assert!(fields.object().unwrap_err().to_string().contains("field `raw` is not UTF-8"));
    }

    #[test]
    fn an_object_is_taken_apart() {
        let taken = fields(&value(r#"{"text":"a\nb","number":5432,"null":null}"#)).unwrap();
        let show = |key: &str| taken[key].expose_text().unwrap().to_owned();
        assert_eq!(
            (show("text"), show("number"), show("null")),
            ("a\nb".into(), "5432".into(), "null".into())
        );
    }

    proptest! {
        #[test]
        fn a_merge_sets_its_fields_and_keeps_the_rest(
            old in proptest::collection::btree_map("[a-f]{1,2}", ".*", 0..8),
            new in proptest::collection::btree_map("[a-f]{1,2}", ".*", 0..8),
        ) {
            let mut built = JsonFields::new();
            new.iter().for_each(|(key, text)| built.set(key, value(text)));
            let merged = built.merged_into(&value(&serde_json::to_string(&old).unwrap())).unwrap();
            let read: BTreeMap<String, String> = serde_json::from_slice(merged.expose()).unwrap();
            let mut expected = old;
            expected.extend(new);
            prop_assert_eq!(read, expected);
        }

        #[test]
        fn what_is_built_is_taken_apart_again(wanted in proptest::collection::btree_map(".*", ".*", 0..8)) {
            let mut built = JsonFields::new();
            for (key, text) in &wanted {
                built.set(key, value(text));
            }
            let taken = fields(&built.object().unwrap()).unwrap();
            prop_assert_eq!(taken.len(), wanted.len());
            for (key, text) in &wanted {
                prop_assert_eq!(taken[key].expose_text().unwrap(), text);
            }
        }
    }
}
