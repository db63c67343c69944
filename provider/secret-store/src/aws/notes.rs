//! Metadata as AWS keeps it: what has no place of its own is kept in tags, where everybody sees it.
//!
//! | Tag | Holds |
//! |---|---|
//! | `owner`, `expires_at` | what they are called; a time in RFC 3339 |
//! | `secretlint:KEY` | the provider's annotation of that name |
//! | `secretlint:creation` | the token of the creation, by which one that is repeated is recognised |
//! | `secretlint:grace` | `VERSION TIME`: when the previous version stops being one |
//! | `secretlint:grant:ID` | whose policy holds a grant |
//! | anything else | a tag of the user's, whoever set it |
//!
//! A tag's value holds 256 of few characters. An annotation with others, or a longer one, is base64url in pieces: `base64:1/2:…` in
//! `secretlint:KEY`, `base64:2/2:…` in `secretlint:KEY:2`. Each says how many there are, so that a piece that was left over is not
//! taken for one.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;

use super::limits::MAX_TAG_VALUE;
use crate::error::Invalid;
use crate::metadata::Metadata;
use crate::version::{IdempotencyToken, VersionId};

/// What the names of this store's own tags begin with.
pub(super) const OWN_PREFIX: &str = "secretlint:";
/// The creation's token.
pub(super) const CREATION: &str = "secretlint:creation";
/// The end of the previous version.
pub(super) const GRACE: &str = "secretlint:grace";
/// What the tags begin with that say whose policy holds a grant.
pub(super) const GRANT_PREFIX: &str = "secretlint:grant:";

const OWNER: &str = "owner";
const EXPIRES_AT: &str = "expires_at";
/// What the value of an encoded note begins with.
const ENCODED: &str = "base64:";
/// Base64 characters per piece; with `base64:99/99:` before them they fit into one value.
const PIECE: usize = 240;
/// Most characters of an annotation's name: of the 128 of a tag's, less the prefix and the number of a piece.
const MAX_ANNOTATION_NAME: usize = 112;

/// Tags as AWS has them.
pub(super) type Tags = BTreeMap<String, String>;

/// What the tags of a secret say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Notes {
    pub(super) owner: Option<String>,
    pub(super) expires_at: Option<Timestamp>,
    /// The user's own.
    pub(super) tags: Tags,
    pub(super) annotations: Tags,
    /// Which call made the secret; none when somebody else did.
    pub(super) creation: Option<IdempotencyToken>,
    pub(super) grace: Option<Grace>,
}

/// How long a version stays the previous one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Grace {
    pub(super) version: VersionId,
    pub(super) until: Timestamp,
}

impl Grace {
    /// As the tag's value.
    pub(super) fn encode(&self) -> String {
        format!("{} {}", self.version, self.until)
    }

    fn decode(text: &str) -> Option<Self> {
        let (version, until) = text.split_once(' ')?;
        Some(Self { version: VersionId::parse(version).ok()?, until: until.parse().ok()? })
    }
}

/// True for a tag of AWS's own, which nobody can write.
pub(super) fn is_of_aws(key: &str) -> bool {
    key.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"))
}

/// True for a tag that no metadata becomes, and that replacing metadata therefore leaves alone.
pub(super) fn is_apart(key: &str) -> bool {
    is_of_aws(key) || key == CREATION || key == GRACE || key.starts_with(GRANT_PREFIX)
}

/// The tags that metadata becomes.
pub(super) fn encode(metadata: &Metadata) -> Tags {
    let mut tags = metadata.tags.clone();
    if let Some(owner) = &metadata.owner {
        tags.insert(OWNER.to_owned(), owner.clone());
    }
    if let Some(end) = metadata.expires_at {
        tags.insert(EXPIRES_AT.to_owned(), end.to_string());
    }
    for (name, text) in &metadata.annotations {
        insert_note(&mut tags, &format!("{OWN_PREFIX}{name}"), text);
    }
    tags
}

fn insert_note(tags: &mut Tags, key: &str, text: &str) {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b" _.:/=+-@".contains(&byte);
    if text.len() <= MAX_TAG_VALUE && text.bytes().all(is_plain) && !text.starts_with(ENCODED) {
        tags.insert(key.to_owned(), text.to_owned());
        return;
    }
    let mut rest = BASE64_URL_SAFE_NO_PAD.encode(text);
    let count = rest.len().div_ceil(PIECE);
    for number in 1..=count {
        let after = rest.split_off(PIECE.min(rest.len()));
        tags.insert(piece_key(key, number), format!("{ENCODED}{number}/{count}:{rest}"));
        rest = after;
    }
}

fn piece_key(key: &str, number: usize) -> String {
    if number == 1 { key.to_owned() } else { format!("{key}:{number}") }
}

/// What the tags of a secret say, whoever wrote them. What cannot be read is shown as it is: as a tag, or an annotation.
pub(super) fn decode(tags: &Tags) -> Notes {
    let mut notes = Notes::default();
    for (key, text) in tags {
        let end = if key == EXPIRES_AT { text.parse().ok() } else { None };
        match key.as_str() {
            OWNER => notes.owner = Some(text.clone()).filter(|owner| !owner.is_empty()),
            EXPIRES_AT if end.is_some() => notes.expires_at = end,
            CREATION => notes.creation = IdempotencyToken::parse(text).ok(),
            GRACE => notes.grace = Grace::decode(text),
            key if is_of_aws(key) => {}
            key => match key.strip_prefix(OWN_PREFIX) {
                None => {
                    notes.tags.insert(key.to_owned(), text.clone());
                }
                // Pieces, which their first one is read with, and other notes of this store's.
                Some(name) if name.contains(':') => {}
                Some(name) => {
                    let text = joined(tags, key, text).unwrap_or_else(|| text.clone());
                    notes.annotations.insert(name.to_owned(), text);
                }
            },
        }
    }
    notes
}

/// The text of an encoded note, put together from its pieces; `None` when it is not encoded or damaged.
fn joined(tags: &Tags, key: &str, first: &str) -> Option<String> {
    let (1, count, _) = piece(first)? else { return None };
    let mut encoded = String::new();
    for number in 1..=count {
        let (_, _, data) =
            piece(tags.get(&piece_key(key, number))?).filter(|(at, of, _)| (*at, *of) == (number, count))?;
        encoded.push_str(data);
    }
    String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(encoded).ok()?).ok()
}

/// Number, count and data of a piece.
fn piece(text: &str) -> Option<(usize, usize, &str)> {
    let (head, data) = text.strip_prefix(ENCODED)?.split_once(':')?;
    let (number, count) = head.split_once('/')?;
    Some((number.parse().ok()?, count.parse().ok()?, data))
}

/// Refuses annotations whose names cannot be those of tags, or mean something else.
pub(super) fn check_annotations(annotations: &Tags) -> Result<(), Invalid> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b" _./=+-@".contains(&byte);
    for name in annotations.keys() {
        let key = format!("{OWN_PREFIX}{name}");
        if name.is_empty()
            || name.len() > MAX_ANNOTATION_NAME
            || !name.bytes().all(is_plain)
            || is_apart(&key)
        {
            return Err(Invalid::new(
                "annotations",
                format!(
                    "`{}` cannot be the name of a note; it is kept as a tag, whose name has 1 to {MAX_ANNOTATION_NAME} letters, digits, spaces \
                     and `_ . / = + - @`",
                    name.escape_default()
                ),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn noted(name: &str, text: &str) -> Metadata {
        Metadata { annotations: BTreeMap::from([(name.to_owned(), text.to_owned())]), ..Metadata::default() }
    }

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_plain_note_is_readable_and_another_is_in_numbered_pieces() {
        assert_eq!(encode(&noted("terraform.claim", "a b")), tags(&[("secretlint:terraform.claim", "a b")]));
        let encoded = encode(&noted("key", &"{".repeat(200)));
        assert_eq!(encoded.keys().collect::<Vec<_>>(), ["secretlint:key", "secretlint:key:2"]);
        assert!(encoded["secretlint:key:2"].starts_with("base64:2/2:"), "{encoded:?}");
    }

    #[test]
    fn a_piece_that_was_left_over_is_not_taken_for_one() {
        let mut encoded = encode(&noted("key", &"{".repeat(400)));
        encoded.extend(encode(&noted("key", &"[".repeat(200))));
        assert_eq!(encoded.len(), 3, "the third is left over");
        assert_eq!(decode(&encoded).annotations["key"], "[".repeat(200));
    }

    #[test]
    fn what_is_damaged_is_shown_as_it_is() {
        for text in [
            "base64:",
            "base64:1/2:e30",
            "base64:1/1:!",
            "base64:2/2:e30",
            "base64:1/99999999999999999999:",
            "base64:1/1:_w",
        ] {
            let notes = decode(&tags(&[("secretlint:rule", text)]));
            assert_eq!(notes.annotations, tags(&[("rule", text)]), "{text}");
        }
        let notes = decode(&tags(&[
            ("expires_at", "never"),
            ("owner", ""),
            ("secretlint:creation", "x"),
            ("secretlint:grace", "v1 soon"),
            ("secretlint:grant:7", "somebody"),
            ("secretlint:", "nothing"),
            ("aws:cloudformation:stack-name", "theirs"),
        ]));
        let wanted = Notes {
            tags: tags(&[("expires_at", "never")]),
            annotations: tags(&[("", "nothing")]),
            ..Notes::default()
        };
        assert_eq!(notes, wanted);
    }

    #[test]
    fn the_end_of_a_grace_comes_back() {
        let grace = Grace {
            version: VersionId::parse("6f1d21c4-7a3e-4b60-9d55-2f0c8e17b3a9").unwrap(),
            until: "2026-11-22T05:00:00.25Z".parse().unwrap(),
        };
        assert_eq!(decode(&tags(&[(GRACE, &grace.encode())])).grace, Some(grace));
    }

    #[test]
    fn names_of_notes_do_not_mean_something_else() {
        for name in ["terraform.generator", "terraform.public_key.6f1d21c4-7a3e-4b60-9d55-2f0c8e17b3a9"] {
            check_annotations(&tags(&[(name, "")])).unwrap();
        }
        for name in ["", "creation", "grace", "grant:x", "a:2", "a\nb", "ключ", &"x".repeat(113)] {
            assert_eq!(check_annotations(&tags(&[(name, "")])).unwrap_err().field, "annotations", "{name:?}");
        }
    }

    proptest! {
        #[test]
        fn no_tags_of_others_break_the_reading(
            tags in proptest::collection::btree_map(
                "(secretlint:|aws:|)(a|creation|grace|owner|expires_at|grant:x)(:[0-9]|)",
                "(base64:|)[0-9]{0,3}(/|)[0-9]{0,3}(:|)\\PC{0,10}",
                0..10,
            )
        ) {
            let notes = decode(&tags);
            prop_assert!(notes.tags.keys().all(|key| !key.starts_with(OWN_PREFIX) && !is_of_aws(key)));
        }
    }
}
