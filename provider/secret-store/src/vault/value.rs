//! A value as the map of data that a KV engine keeps, and back. Everything here is in memory that is wiped.
//!
//! | Value | Data |
//! |---|---|
//! | a JSON object that the server gives back unchanged | the object, so that `bao kv get -field=password` works |
//! | other text | `{"value": "…"}` |
//! | other bytes | `{"value_base64": "…"}` |
//!
//! The server parses what it is given: numbers become 64-bit floats (`12345678901234567890` comes back as
//! `12345678901234567000`), half a surrogate pair is replaced, of a key given twice one is dropped. An object with any of
//! these is kept as text; a key twice in an object inside it goes the way of every parser: the last one stays.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::client::Content;
use crate::json;
use crate::value::SecretValue;
use crate::version::IdempotencyToken;

const TEXT_KEY: &str = "value";
const BYTES_KEY: &str = "value_base64";
/// Beside a value that waits to be promoted: whose it is.
const TOKEN_KEY: &str = "secretlint_token";

/// What a map of data stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// The object that it is.
    Object,
    /// The text under `value`.
    Text,
    /// The bytes under `value_base64`.
    Bytes,
}

/// A value, encoded as JSON of the map of data.
pub(super) struct Data {
    json: Zeroizing<Vec<u8>>,
    pub(super) kind: Kind,
}

impl Data {
    /// Encodes a value.
    #[expect(clippy::disallowed_methods, reason = "a store's request")]
    pub(super) fn encode(value: &SecretValue) -> Self {
        let bytes = value.expose();
        // Escaping makes a byte six at most. Room for all from the start, so that growing leaves no copy behind.
        let mut json = Zeroizing::new(Vec::with_capacity(6 * bytes.len() + 32));
        let kind = match value.expose_text() {
            Some(text) if is_kept(text) && json::fields(value).is_ok() => {
                json.extend_from_slice(bytes);
                Kind::Object
            }
            Some(text) => {
                write_member(&mut json, TEXT_KEY, text);
                Kind::Text
            }
            None => {
                write_member(&mut json, BYTES_KEY, &Zeroizing::new(STANDARD.encode(bytes)));
                Kind::Bytes
            }
        };
        Self { json, kind }
    }

    /// Encodes a value where nothing can be noted beside it: what looks like a text or bytes of ours is kept as text.
    pub(super) fn encode_alone(value: &SecretValue) -> Self {
        let data = Self::encode(value);
        match json::fields(value) {
            Ok(fields) if data.kind == Kind::Object && alone(&fields).is_some() => {
                Self::encode_as_text(value)
            }
            _ => data,
        }
    }

    #[expect(clippy::disallowed_methods, reason = "a store's request")]
    fn encode_as_text(value: &SecretValue) -> Self {
        let mut json = Zeroizing::new(Vec::with_capacity(6 * value.len() + 32));
        write_member(&mut json, TEXT_KEY, value.expose_text().unwrap_or_default());
        Self { json, kind: Kind::Text }
    }

    /// The data of a version that was read, to be written again as it is.
    pub(super) fn copied(data: &RawValue, kind: Kind) -> Self {
        Self { json: Zeroizing::new(data.get().as_bytes().to_vec()), kind }
    }

    /// The body that writes it, if this still is the latest version; 0 for none.
    pub(super) fn body(&self, latest: u64) -> Content {
        self.wrapped("{\"data\":", &format!(",\"options\":{{\"cas\":{latest}}}}}"))
    }

    /// The body that puts it where versions wait, with the call it belongs to, if this still is the latest there.
    pub(super) fn staged_body(&self, token: &IdempotencyToken, latest: u64) -> Content {
        let after = format!(",\"{TOKEN_KEY}\":\"{}\"}},\"options\":{{\"cas\":{latest}}}}}", token.as_str());
        self.wrapped("{\"data\":{\"data\":", &after)
    }

    /// The data alone, which is what version 1 of the engine is sent.
    pub(super) fn bare_body(&self) -> Content {
        self.wrapped("", "")
    }

    fn wrapped(&self, before: &str, after: &str) -> Content {
        let mut body = Zeroizing::new(Vec::with_capacity(self.json.len() + before.len() + after.len()));
        body.extend_from_slice(before.as_bytes());
        body.extend_from_slice(&self.json);
        body.extend_from_slice(after.as_bytes());
        Content::from_bytes(body)
    }
}

fn write_member(json: &mut Vec<u8>, key: &str, text: &str) {
    json.extend_from_slice(format!("{{\"{key}\":").as_bytes());
    // Writing text to memory cannot fail.
    let _ = serde_json::to_writer(&mut *json, text);
    json.push(b'}');
}

/// Data that was staged, if it belongs to this call.
pub(super) fn unstaged<'a>(data: &'a RawValue, token: &IdempotencyToken) -> Option<&'a RawValue> {
    #[derive(Deserialize)]
    struct Staged<'a> {
        #[serde(borrow)]
        data: &'a RawValue,
        secretlint_token: IdempotencyToken,
    }
    let staged: Staged<'a> = serde_json::from_str(data.get()).ok()?;
    (staged.secretlint_token == *token).then_some(staged.data)
}

/// The value that a map of data stands for where nothing is noted about it.
pub(super) fn decode_alone(data: &RawValue) -> SecretValue {
    let kind = json::fields(&unescaped(data.get())).ok().and_then(|fields| alone(&fields));
    decode(data, kind.unwrap_or(Kind::Object))
}

/// What an object with one member of ours stands for.
fn alone(fields: &BTreeMap<String, SecretValue>) -> Option<Kind> {
    match (fields.len(), fields.contains_key(TEXT_KEY), fields.contains_key(BYTES_KEY)) {
        (1, true, _) => Some(Kind::Text),
        (1, _, true) => Some(Kind::Bytes),
        _ => None,
    }
}

/// The value that a map of data stands for.
#[expect(
    clippy::disallowed_methods,
    reason = "a store's answer: the Base64 is taken out of its wiped memory"
)]
pub(super) fn decode(data: &RawValue, kind: Kind) -> SecretValue {
    let object = unescaped(data.get());
    let key = match kind {
        Kind::Object => return object,
        Kind::Text => TEXT_KEY,
        Kind::Bytes => BYTES_KEY,
    };
    // Somebody may have replaced the version by a patch: then it is the object that is there.
    let Ok(mut fields) = json::fields(&object) else { return object };
    match (fields.remove(key), kind) {
        (Some(text), Kind::Text) if fields.is_empty() => text,
        (Some(text), Kind::Bytes) if fields.is_empty() => {
            STANDARD.decode(text.expose()).map_or(object, SecretValue::new)
        }
        _ => object,
    }
}

/// JSON without the escapes that the server's encoder puts in for the sake of HTML: `<`, `>`, `&`, U+2028, U+2029.
fn unescaped(json: &str) -> SecretValue {
    const ESCAPES: [(&str, &str); 5] =
        [("u003c", "<"), ("u003e", ">"), ("u0026", "&"), ("u2028", "\u{2028}"), ("u2029", "\u{2029}")];
    let mut plain = Zeroizing::new(Vec::with_capacity(json.len()));
    let mut rest = json;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.extend_from_slice(before.as_bytes());
        match ESCAPES.iter().find(|(escape, _)| after.starts_with(escape)) {
            Some((escape, character)) => {
                plain.extend_from_slice(character.as_bytes());
                rest = after.get(escape.len()..).unwrap_or_default();
            }
            None => {
                // The escaped character goes along, so that a second backslash does not begin an escape.
                let length = after.chars().next().map_or(0, char::len_utf8);
                let (escaped, after) = after.split_at(length);
                plain.push(b'\\');
                plain.extend_from_slice(escaped.as_bytes());
                rest = after;
            }
        }
    }
    plain.extend_from_slice(rest.as_bytes());
    SecretValue::from(plain)
}

/// Whether the server gives JSON back with the same meaning: see the head of this file.
fn is_kept(json: &str) -> bool {
    let bytes = json.as_bytes();
    let (mut index, mut depth) = (0, 0_usize);
    while let Some(byte) = bytes.get(index) {
        match byte {
            b'"' => match skip_text(bytes, index + 1) {
                Some(after) => index = after,
                None => return false,
            },
            b'{' | b'[' => {
                depth += 1;
                index += 1;
                if depth > 100 {
                    return false;
                }
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                index += 1;
            }
            b'-' | b'0'..=b'9' => {
                let end = bytes[index..]
                    .iter()
                    .position(|byte| !matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9'))
                    .map_or(bytes.len(), |length| index + length);
                // A 64-bit float holds every decimal number of 15 digits.
                let number = &bytes[index..end];
                if number.iter().any(|byte| matches!(byte, b'e' | b'E')) || number.len() > 15 {
                    return false;
                }
                index = end;
            }
            _ => index += 1,
        }
    }
    true
}

/// The place after a text that begins here; `None` when it has an escaped surrogate.
fn skip_text(bytes: &[u8], mut index: usize) -> Option<usize> {
    loop {
        match (bytes.get(index)?, bytes.get(index + 1), bytes.get(index + 2)) {
            (b'"', ..) => return Some(index + 1),
            (b'\\', Some(b'u'), Some(b'd' | b'D')) => return None,
            (b'\\', ..) => index += 2,
            _ => index += 1,
        }
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

    fn check(text: &str, kind: Kind, json: &str) {
        let data = Data::encode(&value(text));
        assert_eq!((data.kind, std::str::from_utf8(&data.json).unwrap()), (kind, json));
    }

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).unwrap()
    }

    #[test]
    fn objects_are_kept_as_they_are_and_other_text_under_value() {
        check(r#"{"username":"orders","port":5432}"#, Kind::Object, r#"{"username":"orders","port":5432}"#);
        check("{}", Kind::Object, "{}");
        check("hunter2", Kind::Text, r#"{"value":"hunter2"}"#);
        check("[1]", Kind::Text, r#"{"value":"[1]"}"#);
        check("a\"b\n", Kind::Text, r#"{"value":"a\"b\n"}"#);
        check("", Kind::Text, r#"{"value":""}"#);
    }

    #[test]
    fn an_object_that_the_server_would_change_is_text() {
        for text in [
            r#"{"n":12345678901234567890}"#,
            r#"{"n":1e400}"#,
            r#"{"a":"\ud800"}"#,
            r#"{"a":1,"a":2}"#,
            r#"{"a":"#,
        ] {
            assert_eq!(Data::encode(&value(text)).kind, Kind::Text, "{text}");
        }
        assert_eq!(
            Data::encode(&value(r#"{"a":"12345678901234567890 \\ud800 \u00e9 1e400"}"#)).kind,
            Kind::Object
        );
    }

    #[test]
    fn escapes_for_html_are_undone_and_no_others() {
        let shown = |json: &str| decode(&raw(json), Kind::Object).expose_text().unwrap().to_owned();
        assert_eq!(
            shown(r#"{"a":"\u003c\u0026\u003e\u2028 \\u003c \"\n\u0000"}"#),
            "{\"a\":\"<&>\u{2028} \\\\u003c \\\"\\n\\u0000\"}"
        );
    }

    #[test]
    fn what_somebody_put_in_its_place_is_read_as_the_object_it_is() {
        for json in [r#"{"other":"x"}"#, r#"{"value":"x","more":"y"}"#] {
            assert_eq!(decode(&raw(json), Kind::Text), value(json));
            assert_eq!(decode(&raw(json), Kind::Bytes), value(json));
        }
        assert_eq!(decode(&raw(r#"{"value_base64":"?"}"#), Kind::Bytes), value(r#"{"value_base64":"?"}"#));
    }

    #[test]
    fn an_object_that_looks_like_a_text_of_ours_is_kept_as_text_where_nothing_is_noted() {
        for text in [r#"{"value":"x"}"#, r#"{"value_base64":"eA=="}"#, r#"{"value":1}"#, r#"{"a":"b"}"#, "x"]
        {
            let data = Data::encode_alone(&value(text));
            let json = raw(std::str::from_utf8(&data.json).unwrap());
            assert_eq!(
                (decode_alone(&json), data.kind == Kind::Object),
                (value(text), text.contains('a') && !text.contains("value"))
            );
        }
    }

    #[test]
    fn staged_data_is_given_to_its_own_call_only() {
        let [ours, other] = [IdempotencyToken::random(), IdempotencyToken::random()];
        let json = format!(r#"{{"data":{{"a":1}},"secretlint_token":"{}"}}"#, ours.as_str());
        assert_eq!(unstaged(&raw(&json), &ours).unwrap().get(), r#"{"a":1}"#);
        assert!(unstaged(&raw(&json), &other).is_none());
        assert!(unstaged(&raw(r#"{"a":1}"#), &ours).is_none());
    }

    proptest! {
        #[test]
        fn every_value_comes_back(bytes in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..64),
            ".*".prop_map(String::into_bytes),
        ]) {
            let data = Data::encode(&SecretValue::new(bytes.clone()));
            let json = raw(std::str::from_utf8(&data.json).unwrap());
            prop_assert!(decode(&json, data.kind) == SecretValue::new(bytes.clone()));
            let alone = Data::encode_alone(&SecretValue::new(bytes.clone()));
            let json = raw(std::str::from_utf8(&alone.json).unwrap());
            prop_assert!(decode_alone(&json) == SecretValue::new(bytes));
        }
    }
}
