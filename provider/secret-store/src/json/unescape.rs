//! Reads one JSON string into wiped memory. The parser's own reading of a string with escapes goes through a buffer that it
//! does not wipe, which would leave the secret behind.

use zeroize::Zeroizing;

use crate::value::SecretValue;

/// The text of a JSON string in its quotes, or `None` when it is none or has half of a surrogate pair, which is no text.
pub(super) fn unescape(quoted: &str) -> Option<SecretValue> {
    let mut rest = quoted.strip_prefix('"')?.strip_suffix('"')?;
    // An escape is never shorter than the character it stands for, so this does not grow and leave a copy behind.
    let mut text = Zeroizing::new(Vec::with_capacity(rest.len()));
    while let Some((plain, escape)) = rest.split_once('\\') {
        text.extend_from_slice(plain.as_bytes());
        let (character, after) = escaped(escape)?;
        text.extend_from_slice(character.encode_utf8(Zeroizing::new([0; 4]).as_mut_slice()).as_bytes());
        rest = after;
    }
    text.extend_from_slice(rest.as_bytes());
    Some(SecretValue::from(text))
}

/// The character an escape stands for and the text after it. `text` begins behind the backslash.
fn escaped(text: &str) -> Option<(char, &str)> {
    let mut characters = text.chars();
    let character = match characters.next()? {
        literal @ ('"' | '\\' | '/') => literal,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return code_point(characters.as_str()),
        _ => return None,
    };
    Some((character, characters.as_str()))
}

/// Reads the digits of `\uXXXX`, and of a second one if the first is half of a surrogate pair.
fn code_point(digits: &str) -> Option<(char, &str)> {
    let (first, after) = code_unit(digits)?;
    if let Some(character) = char::from_u32(u32::from(first)) {
        return Some((character, after));
    }
    let (second, after) = code_unit(after.strip_prefix("\\u")?)?;
    let character = char::decode_utf16([first, second]).next()?.ok()?;
    Some((character, after))
}

fn code_unit(digits: &str) -> Option<(u16, &str)> {
    let (digits, after) = digits.split_at_checked(4)?;
    // `from_str_radix` would accept a sign.
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(())?;
    Some((u16::from_str_radix(digits, 16).ok()?, after))
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the tests look at what was read")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(quoted: &str, expected: Option<&str>) {
        let read = unescape(quoted);
        assert_eq!(read.as_ref().and_then(SecretValue::expose_text), expected, "{quoted}");
    }

    #[test]
    fn every_escape_is_read() {
        check(r#""""#, Some(""));
        check(r#""plain é""#, Some("plain é"));
        check(r#""\"\\\/\b\f\n\r\t""#, Some("\"\\/\u{8}\u{c}\n\r\t"));
        check(r#""a\u0041\u00e9\u20AC\u0000b""#, Some("aAé€\0b"));
        check(r#""\ud83d\udd11!""#, Some("🔑!"));
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for quoted in [
            r#""\ud83d""#,
            r#""\ud83dx""#,
            r#""\ud83d\n""#,
            r#""\ud83d\u0041""#,
            r#""\udd11\ud83d""#,
            r#""\u+041""#,
            r#""\u00é""#,
            r#""\u12""#,
            r#""\x""#,
            r#""\"#,
            r#"""#,
            "text",
            "",
        ] {
            check(quoted, None);
        }
    }

    proptest! {
        #[test]
        fn whatever_json_writes_is_read(text in any::<String>()) {
            let quoted = serde_json::to_string(&text).unwrap();
            let read = unescape(&quoted).unwrap();
            prop_assert_eq!(read.expose_text(), Some(text.as_str()));
        }

        #[test]
        fn whatever_is_escaped_as_utf_16_is_read(text in any::<String>()) {
            let escapes: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
            let read = unescape(&format!("\"{escapes}\"")).unwrap();
            prop_assert_eq!(read.expose_text(), Some(text.as_str()));
        }

        #[test]
        fn the_usual_parser_agrees_on_any_string(inner in r#"([ -~é🔑]|\\["\\/bfnrtu]|\\u[0-9a-fA-F]{4}|\\ud8[0-9a-f]{2}\\udc[0-9a-f]{2}){0,12}"#) {
            let quoted = format!("\"{inner}\"");
            // Only what the parser takes for one JSON value ever arrives here.
            if let Ok(raw) = serde_json::from_str::<&serde_json::value::RawValue>(&quoted) {
                let expected = serde_json::from_str::<String>(raw.get()).ok();
                let read = unescape(raw.get());
                prop_assert_eq!(read.as_ref().and_then(SecretValue::expose_text), expected.as_deref());
            }
        }
    }
}
