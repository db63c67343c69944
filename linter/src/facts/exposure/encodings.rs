//! Texts inside texts: base64, gzip in base64, JSON. Bounded, because a plan is somebody else's input: a few kilobytes of gzip can
//! hold gigabytes.

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use flate2::read::GzDecoder;
use serde::Deserialize;
use serde_json::Value;

/// Most bytes that are unpacked from one value.
const MAX_UNPACKED: u64 = 4 << 20;
/// Most characters of base64 that are decoded; a multiple of four.
const MAX_ENCODED: usize = 16 << 20;
/// Shorter texts are words that happen to be base64.
const MIN_ENCODED: usize = 16;

/// A text as it reads after decoding, with the encodings that were taken off, outermost first.
pub(crate) struct Decoded {
    pub(crate) text: String,
    pub(crate) encodings: Vec<&'static str>,
}

/// Takes off base64, and gzip below it; none where the text is not base64 of a text. Of a text that is longer than what is unpacked, the first
/// part is decoded.
pub(crate) fn decode(text: &str) -> Option<Decoded> {
    let text = text.trim();
    let encoded = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=\n\r".contains(&byte);
    if text.len() < MIN_ENCODED || !text.bytes().take(64).all(encoded) || !text.bytes().all(encoded) {
        return None;
    }
    let mut packed = text.as_bytes().get(..MAX_ENCODED.min(text.len()))?;
    let dense: Vec<u8>;
    if packed.iter().any(u8::is_ascii_whitespace) {
        dense = packed.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        packed = dense.get(..dense.len() - if text.len() > MAX_ENCODED { dense.len() % 4 } else { 0 })?;
    }
    let bytes = STANDARD.decode(packed).or_else(|_| STANDARD_NO_PAD.decode(packed)).ok()?;
    if bytes.starts_with(&[0x1F, 0x8B]) {
        let mut unpacked = Vec::new();
        let read = GzDecoder::new(bytes.as_slice()).take(MAX_UNPACKED).read_to_end(&mut unpacked);
        // What was cut off in the middle is read as far as it goes.
        if read.is_err() && unpacked.is_empty() {
            return None;
        }
        return readable(unpacked).map(|text| Decoded { text, encodings: vec!["base64", "gzip"] });
    }
    readable(bytes).map(|text| Decoded { text, encodings: vec!["base64"] })
}

/// The bytes as text, if they are one; a character that was cut in two at the end is left out.
fn readable(mut bytes: Vec<u8>) -> Option<String> {
    if let Err(error) = std::str::from_utf8(&bytes)
        && error.error_len().is_none()
    {
        bytes.truncate(error.valid_up_to());
    }
    let text = String::from_utf8(bytes).ok()?;
    text.chars().all(|character| !character.is_control() || character.is_whitespace()).then_some(text)
}

/// A text that is a JSON object or list.
pub(crate) fn json(text: &str) -> Option<Value> {
    let text = text.trim();
    let bracketed =
        (text.starts_with('{') && text.ends_with('}')) || (text.starts_with('[') && text.ends_with(']'));
    if bracketed { serde_json::from_str(text).ok() } else { None }
}

/// A text in YAML that is an object; a list of them where it holds several documents. Of a text that does not parse, nothing.
pub(crate) fn yaml(text: &str) -> Option<Value> {
    let documents: Result<Vec<Value>, _> =
        yaml_serde::Deserializer::from_str(text).map(Value::deserialize).collect();
    let mut documents = documents.ok()?;
    documents.retain(|document| !document.is_null());
    match documents.as_slice() {
        [document] => document.is_object().then(|| document.clone()),
        documents => documents.iter().any(Value::is_object).then(|| Value::Array(documents.to_vec())),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    #[test]
    fn base64_and_gzip_are_taken_off() {
        let script = "#!/bin/sh\necho hello world\n";
        let plain = decode(&STANDARD.encode(script)).unwrap();
        assert_eq!((plain.text.as_str(), plain.encodings), (script, vec!["base64"]));
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(script.as_bytes()).unwrap();
        let packed = decode(&STANDARD.encode(packed.finish().unwrap())).unwrap();
        assert_eq!((packed.text.as_str(), packed.encodings), (script, vec!["base64", "gzip"]));
    }

    #[test]
    fn words_and_binary_data_are_not_decoded() {
        assert!(decode("password").is_none());
        assert!(decode("a text with spaces in it").is_none());
        assert!(decode(&STANDARD.encode([0_u8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 255, 254])).is_none());
    }

    #[test]
    fn a_packed_bomb_is_cut() {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(&vec![b'a'; 8 << 20]).unwrap();
        let bomb = decode(&STANDARD.encode(packed.finish().unwrap())).unwrap();
        assert_eq!(bomb.text.len() as u64, MAX_UNPACKED);
    }

    #[test]
    fn yaml_is_an_object_or_several() {
        assert!(yaml("a: 1\nb: [2]\n").is_some_and(|value| value.is_object()));
        assert!(
            yaml("a: 1\n---\nb: 2\n---\n")
                .is_some_and(|value| value.as_array().is_some_and(|all| all.len() == 2))
        );
        assert!(yaml("just a text").is_none() && yaml("a: [").is_none() && yaml("").is_none());
    }

    #[test]
    fn json_is_an_object_or_a_list() {
        assert!(json(r#" {"a": 1} "#).is_some());
        assert!(json("1").is_none());
        assert!(json("{not json}").is_none());
    }
}
