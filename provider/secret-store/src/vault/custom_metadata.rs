//! What the server has no place for, written into a KV path's `custom_metadata` beside what users say about the secret.
//!
//! | Entry | Holds |
//! |---|---|
//! | `description`, `owner`, `expires_at` | what they are called |
//! | `terraform.…` | the provider's annotations |
//! | `secretlint.record` | [`Record`]: which token made which version, graces, a deletion, a version that waits |
//! | `secretlint.description`, `.owner`, `.tags`, `.annotations` | what the server does not take as it is, as JSON |
//! | anything else | a tag, whoever set it |
//!
//! The server takes 64 entries, names of 128 bytes, values of 1 to 512 bytes, and printable characters only
//! (<https://openbao.org/api-docs/secret/kv/kv-v2/#create-update-metadata>). What is longer goes on in `….2`, `….3`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::value::Kind;
use crate::error::Invalid;
use crate::metadata::{Metadata, VersionRetention};
use crate::version::IdempotencyToken;

const MAX_ENTRIES: usize = 64;
const MAX_KEY_BYTES: usize = 128;
const MAX_TEXT_BYTES: usize = 512;
/// Entries kept free for the record, which grows with the versions.
const RECORD_ENTRIES: usize = 8;
/// Writes whose token is remembered, newest first. An older one that is repeated is not recognised.
const TOKENS_KEPT: usize = 16;
/// Versions whose kind is remembered, newest first. An older one is read as the JSON object that it is in the engine.
const KINDS_KEPT: usize = 64;

const DESCRIPTION: &str = "description";
const OWNER: &str = "owner";
const EXPIRES_AT: &str = "expires_at";
const ANNOTATION_PREFIX: &str = "terraform.";
const OWN_PREFIX: &str = "secretlint.";
const RECORD: &str = "secretlint.record";
const LONG_DESCRIPTION: &str = "secretlint.description";
const LONG_OWNER: &str = "secretlint.owner";
const LONG_TAGS: &str = "secretlint.tags";
const LONG_ANNOTATIONS: &str = "secretlint.annotations";

/// The entries as the server has them.
pub(super) type Entries = BTreeMap<String, String>;

/// What the entries of a path say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Notes {
    /// What users said. Its `retention` is not in the entries: the server has fields for it.
    pub(super) metadata: Metadata,
    /// What this store needs to know.
    pub(super) record: Record,
}

/// What this store needs to know about a secret besides what the server knows. No value and no hash of one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    /// The token of the creation; none when somebody else made the secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) token: Option<IdempotencyToken>,
    /// Oldest first. The last may be of a version that is not written yet; of several for one version the last counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) writes: Vec<Write>,
    /// When a version that is not current any more stops being readable.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) grace: BTreeMap<u64, Timestamp>,
    /// The version that waits to be promoted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pending: Option<Pending>,
    /// A deletion that can be undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) deletion: Option<Deleted>,
}

/// A version that this store wrote, or is about to write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Write {
    /// Its number.
    pub(super) version: u64,
    /// What its data stands for.
    pub(super) kind: Kind,
    /// Which call made it; none once it is old.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) token: Option<IdempotencyToken>,
    /// Which attempt at the call noted it, until the next write: a call may be made by two processes at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) attempt: Option<Attempt>,
    /// The version whose value it repeats, in a rollback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) copy_of: Option<u64>,
}

/// One attempt at a call: a random number, so that two attempts with one token are told apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Attempt(String);

impl Attempt {
    /// A new one.
    pub(super) fn random() -> Self {
        let number = Uuid::new_v4().simple().to_string();
        Self(number.chars().take(8).collect())
    }
}

/// A version that waits at the path beside the secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pending {
    /// Which call made it, and so its id.
    pub(super) token: IdempotencyToken,
    /// Its number at that path.
    pub(super) staged: u64,
    /// What its data stands for.
    pub(super) kind: Kind,
    /// When it was put there.
    pub(super) created_at: Timestamp,
}

/// A deletion that can be undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Deleted {
    /// When it was asked for.
    pub(super) at: Timestamp,
    /// When the secret counts as gone.
    pub(super) until: Timestamp,
    /// The versions it took, which a restoration brings back.
    pub(super) versions: Vec<u64>,
}

impl Record {
    /// What is noted about a version.
    pub(super) fn write_of(&self, version: u64) -> Option<&Write> {
        self.writes.iter().rev().find(|write| write.version == version)
    }

    /// The version that a call wrote, if it is among those that are there.
    pub(super) fn written_by(&self, token: &IdempotencyToken, current: u64) -> Option<u64> {
        let write = self.writes.iter().rev().find(|write| write.token.as_ref() == Some(token))?;
        let counts = self.write_of(write.version) == Some(write);
        (counts && write.version <= current).then_some(write.version)
    }

    /// Notes a write that is about to happen, and forgets what is old. `kept` says which versions there still are.
    pub(super) fn intend(&mut self, write: Write, kept: impl Fn(u64) -> bool) {
        self.writes.retain(|earlier| earlier.token != write.token || earlier.token.is_none());
        for earlier in &mut self.writes {
            earlier.attempt = None;
        }
        self.writes.push(write);
        let old = self.writes.len().saturating_sub(TOKENS_KEPT);
        for write in self.writes.iter_mut().take(old) {
            write.token = None;
        }
        // Without a token, an object is what a version that is not noted at all is.
        self.writes
            .retain(|write| write.token.is_some() || kept(write.version) && write.kind != Kind::Object);
        let old = self.writes.len().saturating_sub(KINDS_KEPT);
        self.writes.drain(..old);
        self.grace.retain(|version, _| kept(*version));
    }
}

/// Writes notes as entries.
///
/// # Errors
/// `Invalid` for a tag with a name that means something else here, and for more than the server takes.
pub(super) fn encode(notes: &Notes) -> Result<Entries, Invalid> {
    let mut entries = Entries::new();
    let metadata = &notes.metadata;
    for (plain, long, text) in
        [(DESCRIPTION, LONG_DESCRIPTION, &metadata.description), (OWNER, LONG_OWNER, &metadata.owner)]
    {
        match text {
            Some(text) if fits(text) => {
                entries.insert(plain.to_owned(), text.clone());
            }
            Some(text) => insert_long(&mut entries, long, text)?,
            None => {}
        }
    }
    if let Some(end) = metadata.expires_at {
        entries.insert(EXPIRES_AT.to_owned(), end.to_string());
    }
    if let Some(name) = metadata.tags.keys().find(|name| is_reserved(name)) {
        return Err(Invalid::new(
            "tags",
            format!(
                "`{name}` means something else in this store's custom metadata; give the tag another name"
            ),
        ));
    }
    insert_all(&mut entries, LONG_TAGS, &metadata.tags, |_| true)?;
    insert_all(&mut entries, LONG_ANNOTATIONS, &metadata.annotations, |name| {
        name.starts_with(ANNOTATION_PREFIX)
    })?;
    let room = MAX_ENTRIES - RECORD_ENTRIES;
    if entries.len() > room {
        return Err(Invalid::new(
            "tags",
            format!(
                "with description, owner and notes they are {} entries, more than {room}; use fewer or shorter ones",
                entries.len()
            ),
        ));
    }
    insert_long(&mut entries, RECORD, &notes.record)?;
    Ok(entries)
}

/// Reads notes from entries, whoever wrote them.
///
/// # Errors
/// The name of an entry of ours that cannot be read, for a person to repair.
pub(super) fn decode(entries: &Entries) -> Result<Notes, &'static str> {
    let mut metadata = Metadata {
        description: long(entries, LONG_DESCRIPTION)?,
        owner: long(entries, LONG_OWNER)?,
        tags: long(entries, LONG_TAGS)?.unwrap_or_default(),
        annotations: long(entries, LONG_ANNOTATIONS)?.unwrap_or_default(),
        ..Metadata::default()
    };
    for (key, text) in entries.iter().filter(|(key, _)| !key.starts_with(OWN_PREFIX)) {
        let end = if key == EXPIRES_AT { text.parse().ok() } else { None };
        match key.as_str() {
            DESCRIPTION => metadata.description = Some(text.clone()),
            OWNER => metadata.owner = Some(text.clone()),
            EXPIRES_AT if end.is_some() => metadata.expires_at = end,
            key if key.starts_with(ANNOTATION_PREFIX) => {
                metadata.annotations.insert(key.to_owned(), text.clone());
            }
            key => {
                metadata.tags.insert(key.to_owned(), text.clone());
            }
        }
    }
    let record = long(entries, RECORD)?.unwrap_or_default();
    Ok(Notes { metadata, record })
}

/// Refuses metadata that cannot be written.
pub(super) fn check(metadata: &Metadata) -> Result<(), Invalid> {
    check_retention(&metadata.retention)?;
    encode(&Notes { metadata: metadata.clone(), record: Record::default() }).map(drop)
}

fn check_retention(retention: &VersionRetention) -> Result<(), Invalid> {
    if retention.max_versions == Some(0) {
        return Err(Invalid::new("max_versions", "it is 0; leave it out for the engine's own limit"));
    }
    match retention.delete_version_after {
        Some(after) if after.as_secs() < 1 => Err(Invalid::new(
            "delete_version_after",
            "it is less than a second; leave it out to keep versions",
        )),
        _ => Ok(()),
    }
}

fn is_reserved(name: &str) -> bool {
    [DESCRIPTION, OWNER, EXPIRES_AT].contains(&name)
        || [ANNOTATION_PREFIX, OWN_PREFIX].iter().any(|prefix| name.starts_with(prefix))
}

/// Whether the server takes a text as it is. Of what it calls printable, this is the part that is sure to be.
fn fits(text: &str) -> bool {
    let is_printable =
        |character: char| character.is_alphanumeric() || character.is_ascii_graphic() || character == ' ';
    (1..=MAX_TEXT_BYTES).contains(&text.len()) && text.chars().all(is_printable)
}

fn insert_all(
    entries: &mut Entries,
    long: &str,
    pairs: &BTreeMap<String, String>,
    has_own_entry: impl Fn(&str) -> bool,
) -> Result<(), Invalid> {
    let mut rest = BTreeMap::new();
    for (name, text) in pairs {
        if has_own_entry(name) && name.len() <= MAX_KEY_BYTES && fits(name) && fits(text) {
            entries.insert(name.clone(), text.clone());
        } else {
            rest.insert(name, text);
        }
    }
    if rest.is_empty() { Ok(()) } else { insert_long(entries, long, &rest) }
}

/// JSON in ASCII, so that it can be cut anywhere.
fn insert_long<T: Serialize + ?Sized>(entries: &mut Entries, key: &str, content: &T) -> Result<(), Invalid> {
    let json = serde_json::to_string(content).map_err(|error| Invalid::new("metadata", error.to_string()))?;
    let mut ascii = String::with_capacity(json.len());
    for character in json.chars() {
        if matches!(character, ' '..='~') {
            ascii.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                ascii.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    let mut rest = ascii.as_str();
    for number in 1.. {
        let (chunk, after) = rest.split_at(rest.len().min(MAX_TEXT_BYTES));
        entries.insert(chunk_key(key, number), chunk.to_owned());
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    if entries.len() > MAX_ENTRIES {
        return Err(Invalid::new(
            "metadata",
            "it is longer than the server takes; shorten description and tags",
        ));
    }
    Ok(())
}

fn long<T: DeserializeOwned>(entries: &Entries, key: &'static str) -> Result<Option<T>, &'static str> {
    let chunks = (1..).map_while(|number| entries.get(&chunk_key(key, number)));
    let json: String = chunks.map(String::as_str).collect();
    if json.is_empty() { Ok(None) } else { serde_json::from_str(&json).map(Some).map_err(|_| key) }
}

fn chunk_key(key: &str, number: usize) -> String {
    if number == 1 { key.to_owned() } else { format!("{key}.{number}") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn write(version: u64, kind: Kind, token: &IdempotencyToken) -> Write {
        Write { version, kind, token: Some(token.clone()), attempt: None, copy_of: None }
    }

    fn notes(metadata: Metadata) -> Notes {
        Notes { metadata, record: Record::default() }
    }

    #[test]
    fn plain_texts_stand_under_their_own_names() {
        let metadata = Metadata {
            description: Some("Orders login".to_owned()),
            owner: Some("team-orders".to_owned()),
            expires_at: Some("2027-06-30T00:00:00Z".parse().unwrap()),
            tags: BTreeMap::from([("service".to_owned(), "orders".to_owned())]),
            annotations: BTreeMap::from([("terraform.claim".to_owned(), "c-1".to_owned())]),
            ..Metadata::default()
        };
        let entries = encode(&notes(metadata.clone())).unwrap();
        let shown: Vec<_> = entries.iter().map(|(key, text)| format!("{key}={text}")).collect();
        assert_eq!(
            shown,
            [
                "description=Orders login",
                "expires_at=2027-06-30T00:00:00Z",
                "owner=team-orders",
                "secretlint.record={}",
                "service=orders",
                "terraform.claim=c-1"
            ]
        );
        assert_eq!(decode(&entries).unwrap(), notes(metadata));
    }

    #[test]
    fn long_and_unprintable_texts_are_cut_into_printable_pieces() {
        let metadata = Metadata { description: Some("é\n".repeat(300)), ..Metadata::default() };
        let entries = encode(&notes(metadata.clone())).unwrap();
        assert_eq!(entries.keys().filter(|key| key.starts_with(LONG_DESCRIPTION)).count(), 5);
        assert!(entries.values().all(|text| text.is_ascii() && (1..=512).contains(&text.len())));
        assert_eq!(decode(&entries).unwrap(), notes(metadata));
    }

    #[test]
    fn a_tag_with_a_name_of_ours_is_refused() {
        for name in ["description", "owner", "expires_at", "terraform.x", "secretlint.record"] {
            let tags = BTreeMap::from([(name.to_owned(), "x".to_owned())]);
            let error = check(&Metadata { tags, ..Metadata::default() }).unwrap_err().to_string();
            assert!(error.contains(&format!("`{name}` means something else")), "{error}");
        }
    }

    #[test]
    fn more_tags_than_the_server_takes_are_refused() {
        let tags = |count: usize| (0..count).map(|index| (format!("tag-{index}"), "x".to_owned())).collect();
        check(&Metadata { tags: tags(56), ..Metadata::default() }).unwrap();
        let error = check(&Metadata { tags: tags(57), ..Metadata::default() }).unwrap_err().to_string();
        assert!(error.contains("57 entries, more than 56"), "{error}");
    }

    #[test]
    fn what_others_wrote_is_a_tag() {
        let entries =
            Entries::from([("expires_at".to_owned(), "soon".to_owned()), ("x".to_owned(), "y".to_owned())]);
        assert_eq!(decode(&entries).unwrap().metadata.tags, entries);
    }

    #[test]
    fn a_damaged_record_is_named() {
        let entries = Entries::from([(RECORD.to_owned(), "{\"writes\":".to_owned())]);
        assert_eq!(decode(&entries), Err(RECORD));
    }

    #[test]
    fn of_two_writes_of_one_version_the_last_counts() {
        let [first, second] = [IdempotencyToken::random(), IdempotencyToken::random()];
        let mut record = Record::default();
        record.intend(write(2, Kind::Text, &first), |_| true);
        record.intend(write(2, Kind::Object, &second), |_| true);
        assert_eq!((record.written_by(&first, 2), record.written_by(&second, 2)), (None, Some(2)));
        assert_eq!(record.written_by(&second, 1), None, "not written yet");
    }

    #[test]
    fn old_writes_lose_their_tokens_and_then_their_kinds() {
        let mut record = Record::default();
        let tokens: Vec<_> = (0..200).map(|_| IdempotencyToken::random()).collect();
        for (index, token) in tokens.iter().enumerate() {
            record.intend(write(index as u64 + 1, Kind::Text, token), |_| true);
        }
        assert_eq!((record.writes.len(), record.written_by(&tokens[183], 200)), (KINDS_KEPT, None));
        assert_eq!(record.written_by(&tokens[184], 200), Some(185));
        let entries = encode(&Notes { record, ..Notes::default() }).unwrap();
        assert!(entries.len() <= RECORD_ENTRIES, "{} entries", entries.len());
    }

    proptest! {
        #[test]
        fn every_metadata_comes_back(
            description in proptest::option::of(".{0,600}"),
            owner in proptest::option::of(".*"),
            tags in proptest::collection::btree_map("[A-Z]|.*", ".*", 0..8),
            annotations in proptest::collection::btree_map("terraform.[a-z]|.*", ".*", 0..8),
        ) {
            prop_assume!(!tags.keys().any(|name| is_reserved(name)));
            let notes = notes(Metadata { description, owner, tags, annotations, ..Metadata::default() });
            if let Ok(entries) = encode(&notes) {
                prop_assert!(entries.len() <= MAX_ENTRIES);
                prop_assert!(entries.values().all(|text| fits(text)) && entries.keys().all(|key| fits(key)));
                prop_assert_eq!(decode(&entries).unwrap(), notes);
            }
        }
    }
}
