//! From the bytes of a file to the text of one JSON document: byte-order marks, the UTF-16 that PowerShell writes on `>`, files of
//! another kind, and the lines a wrapper or a CI system puts around the JSON.
//!
//! Text around the JSON is skipped with a warning, not refused: `terraform show -json | tee plan.json` under a CI wrapper adds a
//! command line or a debug line, and the plan in it is whole. A second JSON document is refused, because skipping it would pass a plan nobody looked at.

use super::error::{PlanError, Position};

/// Nesting that Terraform never writes; the parsers behind this stop at 128 levels of one value, so a plan within the limit cannot
/// overflow a stack.
pub(super) const MAX_DEPTH: usize = 256;

/// Text in UTF-8 without a byte-order mark, taking over the buffer where it already is that.
pub(super) fn text(name: &str, mut bytes: Vec<u8>) -> Result<String, PlanError> {
    match bytes.as_slice() {
        [0xEF, 0xBB, 0xBF, ..] => {
            bytes.drain(..3);
        }
        [0xFF, 0xFE, ..] => return utf16(name, &bytes, u16::from_le_bytes),
        [0xFE, 0xFF, ..] => return utf16(name, &bytes, u16::from_be_bytes),
        [b'P', b'K', 3 | 5, 4 | 6, ..] => return Err(PlanError::Binary { name: name.to_owned() }),
        // UTF-16 without a mark: ASCII text has a NUL in every second byte.
        [b'{', 0, ..] => return utf16(name, &bytes, u16::from_le_bytes),
        [0, b'{', ..] => return utf16(name, &bytes, u16::from_be_bytes),
        _ => {}
    }
    String::from_utf8(bytes).map_err(|error| PlanError::Encoding {
        name: name.to_owned(),
        offset: error.utf8_error().valid_up_to(),
    })
}

fn utf16(name: &str, bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, PlanError> {
    let encoding = |offset| PlanError::Encoding { name: name.to_owned(), offset };
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(encoding(bytes.len() - 1));
    }
    let mut text = String::with_capacity(pairs.len());
    let mut units = 0;
    for decoded in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        let character = decoded.map_err(|_| encoding(units * 2))?;
        units += character.len_utf16();
        if character != '\u{feff}' || units > 1 {
            text.push(character);
        }
    }
    Ok(text)
}

/// Offset at which the JSON document starts.
pub(super) fn json_start(name: &str, text: &str) -> Result<usize, PlanError> {
    let leading = text.len() - text.trim_start().len();
    match text.as_bytes().get(leading) {
        None => return Err(PlanError::Empty { name: name.to_owned() }),
        Some(b'{') => return Ok(leading),
        Some(_) => {}
    }
    if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() {
        return Err(PlanError::NotAPlan {
            name: name.to_owned(),
            position: Position::of(text, leading),
            reason: "the document is not an object".to_owned(),
        });
    }
    // Terraform and OpenTofu write this member first; a log line's prefix may stand on the same line.
    let marker = memchr::memmem::find_iter(text.as_bytes(), "\"format_version\"")
        .filter_map(|offset| {
            let before = text.get(..offset)?.trim_end();
            before.ends_with('{').then(|| before.len() - 1)
        })
        .next();
    let line = || {
        memchr::memchr_iter(b'{', text.as_bytes()).find(|offset| {
            let before = text.get(..*offset).unwrap_or_default();
            before
                .rfind('\n')
                .is_some_and(|newline| before.get(newline..).is_some_and(|line| line.trim().is_empty()))
        })
    };
    marker.or_else(line).ok_or_else(|| PlanError::NotJson {
        name: name.to_owned(),
        position: Position::of(text, leading),
        reason: "there is no JSON object in it".to_owned(),
    })
}

/// The offset at which nesting passes [`MAX_DEPTH`], if it does. Looks at brackets outside strings only and expects nothing of the text.
pub(super) fn too_deep(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Some(at);
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => at = string_end(bytes, at + 1)?,
            _ => {}
        }
        at += 1;
    }
    None
}

/// Offset of the quote that ends the string whose content starts at `at`; none where it does not end.
fn string_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(at) == Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}
