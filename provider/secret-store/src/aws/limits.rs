//! What AWS takes and what not, checked when Terraform plans, so that an apply does not stop half way.
//!
//! Sources: <https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html>,
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html>,
//! <https://docs.aws.amazon.com/general/latest/gr/aws_tagging.html>.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::char::is_combining_mark;

use super::arn::Arn;
use super::config::check_region;
use super::state::stage;
use super::{KIND, notes};
use crate::Result;
use crate::error::{Invalid, StoreError};
use crate::metadata::{Metadata, Replica};
use crate::name::SecretName;
use crate::store::check_size;
use crate::value::SecretValue;
use crate::version::VersionLabel;

/// Largest value, in bytes.
pub(super) const MAX_VALUE_BYTES: usize = 65_536;
/// Why limits on versions are refused.
pub(super) const NO_RETENTION: &str =
    "AWS keeps about 100 versions, those with a label for good; leave it out";
/// Most characters of a tag's value.
pub(super) const MAX_TAG_VALUE: usize = 256;
/// The key that AWS itself keeps for secrets without another.
pub(super) const MANAGED_KEY: &str = "alias/aws/secretsmanager";

/// Staging labels on all versions of a secret.
const MAX_LABELS: usize = 20;
const MAX_TAG_KEY: usize = 128;
const MAX_TAGS: usize = 50;
/// Tags of this store's own besides those that metadata becomes: the creation's, and the end of a grace.
const RESERVED_TAGS: usize = 2;
const MAX_DESCRIPTION: usize = 2_048;
const MAX_KEY_ID: usize = 2_048;

/// Checks the characters of a name. Its length is never too long: AWS takes 512 characters, [`SecretName`] 255.
pub(super) fn check_name(name: &SecretName) -> Result<(), Invalid> {
    let is_allowed = |character: char| character.is_ascii_alphanumeric() || "/_+=.@-".contains(character);
    match name.as_str().chars().enumerate().find(|(_, character)| !is_allowed(*character)) {
        None => Ok(()),
        Some((index, character)) => Err(Invalid::new(
            "name",
            format!(
                "`{name}` has the character `{character}` at position {}; AWS takes the letters a-z and A-Z, digits and `/ _ + = . @ -`",
                index + 1
            ),
        )),
    }
}

/// Checks what a new secret should not be called: AWS ends the ARN of each secret in `-` and six characters of its own, and when it is asked for
/// `arn:…:secret:db-backup` cannot tell a secret `db-backup` from the secret `db` with the suffix `backup`.
pub(super) fn check_new_name(name: &SecretName) -> Result<(), Invalid> {
    let looks_like_an_arn = name
        .as_str()
        .rsplit_once('-')
        .filter(|(_, suffix)| suffix.len() == 6 && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    match looks_like_an_arn {
        None => Ok(()),
        Some((rest, suffix)) => Err(Invalid::new(
            "name",
            format!(
                "`{name}` ends in `-{suffix}`, a hyphen and six letters or digits, which is how AWS ends the ARN of every secret: it then may find \
                 the wrong one; write `{rest}/{suffix}`, `{rest}_{suffix}` or another ending"
            ),
        )),
    }
}

/// Checks labels of the user's own: their spelling, and that there is room for them.
pub(super) fn check_labels(labels: &BTreeSet<VersionLabel>) -> Result<(), Invalid> {
    for label in labels {
        // What to write instead is for who names any version; these labels are nobody's to put.
        stage(label).map_err(|error| Invalid {
            reason: format!("`{label}` is put and moved by AWS itself, or by this store; leave it out"),
            ..error
        })?;
    }
    // AWSCURRENT is on one of the versions, always.
    if labels.len() < MAX_LABELS {
        return Ok(());
    }
    Err(Invalid::new(
        "label",
        format!(
            "{} labels are too many: the versions of a secret have {MAX_LABELS} in all, and AWS's own, such as `AWSCURRENT`, count; use fewer",
            labels.len()
        ),
    ))
}

/// Checks that there is something to keep, and no more than AWS keeps.
pub(super) fn check_value(value: &SecretValue) -> Result<(), Invalid> {
    if value.is_empty() {
        return Err(Invalid::new(
            "value",
            "it is empty; AWS keeps values of 1 to 65,536 bytes; leave it out for a secret without a value",
        ));
    }
    check_size(KIND, MAX_VALUE_BYTES, value)
}

/// Checks description, owner, tags, notes, replicas and key. `region` is the store's, where it is known.
pub(super) fn check_metadata(metadata: &Metadata, region: Option<&str>) -> Result<()> {
    if !metadata.retention.is_default() {
        return Err(StoreError::Unsupported {
            store: KIND,
            what: "limits on versions".to_owned(),
            why: NO_RETENTION.to_owned(),
        });
    }
    if let Some(description) = &metadata.description {
        check_description(description)?;
    }
    if let Some(owner) = &metadata.owner {
        if owner.is_empty() {
            return Err(Invalid::new("owner", "it is empty; name somebody, or leave it out").into());
        }
        check_tag_value("owner", "it is kept as the tag `owner`, and", owner)?;
    }
    check_user_tags("tags", &metadata.tags)?;
    notes::check_annotations(&metadata.annotations)?;
    let tags = notes::encode(metadata).len();
    if tags + RESERVED_TAGS > MAX_TAGS {
        return Err(Invalid::new(
            "tags",
            format!(
                "{} tags are too many: with owner, expiry and notes, which are kept as tags too, they are {tags}, and AWS leaves room for {} \
                 beside the {RESERVED_TAGS} of this store; use fewer",
                metadata.tags.len(),
                MAX_TAGS - RESERVED_TAGS
            ),
        )
        .into());
    }
    if let Some(key) = &metadata.kms_key {
        check_key("kms_key", key, region)?;
    }
    Ok(check_replicas(&metadata.replicas, region)?)
}

fn check_description(description: &str) -> Result<(), Invalid> {
    let length = description.chars().count();
    if length == 0 {
        return Err(Invalid::new("description", "it is empty; write one, or leave it out"));
    }
    if length > MAX_DESCRIPTION {
        return Err(Invalid::new(
            "description",
            format!("it has {length} characters, more than {MAX_DESCRIPTION}; shorten it"),
        ));
    }
    Ok(())
}

/// Checks tags that a user wrote, in the setting or argument `field`.
pub(super) fn check_user_tags(field: &'static str, tags: &BTreeMap<String, String>) -> Result<(), Invalid> {
    if tags.len() > MAX_TAGS {
        return Err(Invalid::new(
            field,
            format!("{} tags are more than the {MAX_TAGS} that AWS takes; use fewer", tags.len()),
        ));
    }
    for (key, text) in tags {
        check_tag_key(field, key)?;
        check_tag_value(field, &format!("the value of tag `{key}`"), text)?;
    }
    Ok(())
}

fn check_tag_key(field: &'static str, key: &str) -> Result<(), Invalid> {
    let invalid = |reason: String| Err(Invalid::new(field, reason));
    let length = key.chars().count();
    if length == 0 || length > MAX_TAG_KEY {
        return invalid(format!(
            "the tag `{key}` has {length} characters; a name of a tag has 1 to {MAX_TAG_KEY}"
        ));
    }
    if let Some(character) = key.chars().find(|character| !is_tag_character(*character)) {
        return invalid(format!(
            "the tag `{key}` has the character `{}`; {TAG_CHARACTERS}",
            character.escape_default()
        ));
    }
    match key {
        "owner" => invalid("the tag `owner` is what the argument `owner` becomes; use that".to_owned()),
        "expires_at" => {
            invalid("the tag `expires_at` is what the argument `expires_at` becomes; use that".to_owned())
        }
        key if notes::is_of_aws(key) => invalid(format!(
            "the tag `{key}` begins with `aws:`, which AWS keeps for itself; give it another name"
        )),
        key if key.starts_with(notes::OWN_PREFIX) => invalid(format!(
            "the tag `{key}` begins with `{}`, under which this provider keeps its notes; give it another name",
            notes::OWN_PREFIX
        )),
        _ => Ok(()),
    }
}

const TAG_CHARACTERS: &str = "AWS takes letters, digits, spaces and `_ . : / = + - @`";

fn check_tag_value(field: &'static str, what: &str, text: &str) -> Result<(), Invalid> {
    let length = text.chars().count();
    if length > MAX_TAG_VALUE {
        return Err(Invalid::new(
            field,
            format!("{what} has {length} characters, more than {MAX_TAG_VALUE}; shorten it"),
        ));
    }
    match text.chars().find(|character| !is_tag_character(*character)) {
        None => Ok(()),
        Some(character) => Err(Invalid::new(
            field,
            format!("{what} has the character `{}`; {TAG_CHARACTERS}", character.escape_default()),
        )),
    }
}

/// What AWS allows in tags: `[\p{L}\p{Z}\p{N}_.:/=+\-@]`.
fn is_tag_character(character: char) -> bool {
    // Rust's letters are Unicode's property Alphabetic, which has marks and circled letters besides `\p{L}`.
    let is_letter = character.is_alphanumeric()
        && !is_combining_mark(character)
        && !matches!(character, '\u{24b6}'..='\u{24e9}' | '\u{1f130}'..='\u{1f189}');
    let is_space = character.is_whitespace() && !character.is_control();
    is_letter || is_space || "_.:/=+-@".contains(character)
}

/// Checks the spelling of a KMS key: an id, `alias/NAME`, or the ARN of a key or an alias, in the region where the secret is.
fn check_key(field: &'static str, key: &str, region: Option<&str>) -> Result<(), Invalid> {
    let invalid = |reason: String| Err(Invalid::new(field, reason));
    if key == MANAGED_KEY || key.ends_with(&format!(":{MANAGED_KEY}")) {
        return invalid(format!("`{MANAGED_KEY}` is what a secret without a key has; leave it out"));
    }
    if key.len() > MAX_KEY_ID {
        return invalid(format!("it has {} characters, more than {MAX_KEY_ID}", key.len()));
    }
    if let Some(arn) = Arn::parse(key) {
        let is_key = arn.service == "kms"
            && arn
                .resource
                .split_once('/')
                .is_some_and(|(kind, rest)| matches!(kind, "key" | "alias") && !rest.is_empty());
        if !is_key {
            return invalid(format!(
                "`{key}` is not the ARN of a KMS key, such as `arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab`"
            ));
        }
        return match region {
            Some(region) if arn.region != region => invalid(format!(
                "the key `{key}` is in region `{}`, and this secret is in `{region}`; name a key of `{region}`",
                arn.region
            )),
            _ => Ok(()),
        };
    }
    let is_id = !key.is_empty()
        && key.starts_with(|first: char| first.is_ascii_alphanumeric())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let is_alias = key.strip_prefix("alias/").is_some_and(|name| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_-".contains(&byte))
    });
    if is_id || is_alias {
        return Ok(());
    }
    invalid(format!("`{key}` is not a KMS key; write its id, its ARN, or `alias/NAME`"))
}

fn check_replicas(replicas: &[Replica], region: Option<&str>) -> Result<(), Invalid> {
    let mut seen = BTreeSet::new();
    for replica in replicas {
        check_region("replicas", &replica.region)?;
        if region == Some(replica.region.as_str()) {
            return Err(Invalid::new(
                "replicas",
                format!("`{}` is the region of the secret itself; name another one", replica.region),
            ));
        }
        if !seen.insert(&replica.region) {
            return Err(Invalid::new(
                "replicas",
                format!("region `{}` stands there twice; name it once", replica.region),
            ));
        }
        if let Some(key) = &replica.kms_key {
            check_key("replicas", key, Some(&replica.region))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};
    use proptest::prelude::*;

    use super::*;
    use crate::metadata::VersionRetention;

    fn name(text: &str) -> SecretName {
        SecretName::parse(text).unwrap()
    }

    fn check_refused(metadata: Metadata, field: &str, expected: &str) {
        match check_metadata(&metadata, Some("eu-central-1")) {
            Err(StoreError::Invalid(error)) => {
                assert_eq!(error.field, field, "{error}");
                assert!(error.reason.contains(expected), "{error}");
            }
            other => panic!("{metadata:?} gave {other:?}"),
        }
    }

    fn tags(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn tagged(pairs: &[(&str, &str)]) -> Metadata {
        Metadata { tags: tags(pairs), ..Metadata::default() }
    }

    fn keyed(key: &str) -> Metadata {
        Metadata { kms_key: Some(key.to_owned()), ..Metadata::default() }
    }

    fn copied(regions: &[(&str, Option<&str>)]) -> Metadata {
        let replica = |(region, key): &(&str, Option<&str>)| Replica {
            region: (*region).to_owned(),
            kms_key: key.map(str::to_owned),
        };
        Metadata { replicas: regions.iter().map(replica).collect(), ..Metadata::default() }
    }

    #[test]
    fn names_have_the_characters_of_aws() {
        for text in ["prod/orders/db", "A_b+c=d.e@f-g", "x", "-abcdef"] {
            check_name(&name(text)).unwrap();
        }
        for (text, expected) in
            [("a b", "` ` at position 2"), ("schlüssel", "`ü` at position 5"), ("50%", "`%`")]
        {
            let error = check_name(&name(text)).unwrap_err();
            assert!(error.field == "name" && error.reason.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_new_name_does_not_end_like_an_arn() {
        for text in ["db-backups", "db-back", "db_backup", "db/backup", "db-back-up1", "abcdef", "db-bäckup"]
        {
            check_new_name(&name(text)).unwrap();
        }
        for text in ["db-backup", "db-abcdef", "db-AbC123", "-123456", "a-b-secret"] {
            check_new_name(&name(text)).unwrap_err();
        }
        let error = check_new_name(&name("prod/db-backup")).unwrap_err();
        assert!(error.reason.contains("write `prod/db/backup`, `prod/db_backup`"), "{error}");
    }

    #[test]
    fn labels_have_a_spelling_and_a_quota() {
        let custom =
            |count: usize| (0..count).map(|index| VersionLabel::Custom(format!("blue-{index}"))).collect();
        check_labels(&custom(19)).unwrap();
        let error = check_labels(&custom(20)).unwrap_err();
        assert_eq!(error.field, "label");
        assert!(error.reason.contains("20 labels are too many"), "{}", error.reason);
        let theirs = BTreeSet::from([VersionLabel::Custom("AWSCURRENT".to_owned())]);
        assert!(check_labels(&theirs).unwrap_err().reason.contains("leave it out"));
    }

    #[test]
    fn an_empty_value_is_refused() {
        check_value(&SecretValue::new(vec![0])).unwrap();
        check_value(&SecretValue::new(vec![0; MAX_VALUE_BYTES])).unwrap();
        let error = check_value(&SecretValue::new(vec![0; MAX_VALUE_BYTES + 1])).unwrap_err();
        assert_eq!(error.field, "value");
        let error = check_value(&SecretValue::new(Vec::new())).unwrap_err();
        assert_eq!(error.field, "value");
    }

    #[test]
    fn descriptions_and_owners_have_their_lengths() {
        let described = |text: String| Metadata { description: Some(text), ..Metadata::default() };
        check_metadata(&described("ä".repeat(2_048)), None).unwrap();
        check_refused(described("ä".repeat(2_049)), "description", "2049 characters");
        check_refused(described(String::new()), "description", "empty");
        let owned = |text: &str| Metadata { owner: Some(text.to_owned()), ..Metadata::default() };
        check_metadata(&owned("team orders@example.org"), None).unwrap();
        check_refused(owned("orders, inc"), "owner", "`,`");
        check_refused(owned(""), "owner", "empty");
    }

    #[test]
    fn tags_have_their_characters_lengths_and_number() {
        check_metadata(&tagged(&[("Kostenstelle", "Größe 4 / 2"), ("a:b", "")]), None).unwrap();
        check_metadata(&tagged(&[("k".repeat(128).as_str(), "v".repeat(256).as_str())]), None).unwrap();
        check_refused(tagged(&[("k".repeat(129).as_str(), "")]), "tags", "129 characters");
        check_refused(tagged(&[("", "")]), "tags", "0 characters");
        check_refused(tagged(&[("k", "v".repeat(257).as_str())]), "tags", "257 characters");
        check_refused(tagged(&[("a,b", "")]), "tags", "the character `,`");
        check_refused(tagged(&[("a", "line\nbreak")]), "tags", "the character `\\n`");
        check_refused(tagged(&[("a", "{}")]), "tags", "the character `{`");
        check_refused(tagged(&[("AWS:x", "")]), "tags", "begins with `aws:`");
        check_refused(tagged(&[("secretlint:x", "")]), "tags", "begins with `secretlint:`");
        check_refused(tagged(&[("owner", "me")]), "tags", "the argument `owner`");
        check_refused(tagged(&[("expires_at", "2030")]), "tags", "the argument `expires_at`");
        let many = |count: usize| Metadata {
            tags: (0..count).map(|index| (index.to_string(), String::new())).collect(),
            ..Metadata::default()
        };
        check_metadata(&many(48), None).unwrap();
        check_refused(many(49), "tags", "49 tags are too many");
        check_refused(Metadata { owner: Some("me".to_owned()), ..many(48) }, "tags", "they are 49");
        check_refused(many(51), "tags", "51 tags are more than the 50");
        check_user_tags("default_tags", &tags(&[("team", "orders")])).unwrap();
        assert_eq!(
            check_user_tags("default_tags", &tags(&[("owner", "me")])).unwrap_err().field,
            "default_tags"
        );
    }

    #[test]
    fn keys_are_spelt_in_one_of_four_ways_and_of_the_region() {
        for key in [
            "1234abcd-12ab-34cd-56ef-1234567890ab",
            "mrk-1234abcd12ab34cd56ef1234567890ab",
            "alias/prod/orders",
            "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "arn:aws:kms:eu-central-1:123456789012:alias/orders",
        ] {
            check_metadata(&keyed(key), Some("eu-central-1")).unwrap();
        }
        for (key, expected) in [
            ("", "is not a KMS key"),
            ("alias/", "is not a KMS key"),
            ("my key", "is not a KMS key"),
            ("key/1234", "is not a KMS key"),
            ("alias/aws/secretsmanager", "leave it out"),
            ("arn:aws:kms:eu-central-1:123456789012:alias/aws/secretsmanager", "leave it out"),
            ("arn:aws:iam::123456789012:role/x", "is not the ARN of a KMS key"),
            (
                "arn:aws:kms:us-east-1:123456789012:key/1234",
                "in region `us-east-1`, and this secret is in `eu-central-1`",
            ),
        ] {
            check_refused(keyed(key), "kms_key", expected);
        }
        // Where the region is not known yet, AWS has the last word.
        check_metadata(&keyed("arn:aws:kms:us-east-1:123456789012:key/1234"), None).unwrap();
    }

    #[test]
    fn copies_are_in_other_regions_each_once() {
        let there = "arn:aws:kms:us-east-1:123456789012:key/1234";
        check_metadata(&copied(&[("us-east-1", Some(there)), ("eu-west-1", None)]), Some("eu-central-1"))
            .unwrap();
        check_refused(copied(&[("eu-central-1", None)]), "replicas", "the region of the secret itself");
        check_refused(copied(&[("us-east-1", None), ("us-east-1", Some(there))]), "replicas", "twice");
        check_refused(copied(&[("US East", None)]), "replicas", "not the name of a region");
        check_refused(copied(&[("eu-west-1", Some(there))]), "replicas", "in region `us-east-1`");
    }

    #[test]
    fn limits_on_versions_are_not_of_aws() {
        let retention = VersionRetention { max_versions: Some(5), delete_version_after: None };
        let error = check_metadata(&Metadata { retention, ..Metadata::default() }, None).unwrap_err();
        assert!(matches!(error, StoreError::Unsupported { .. }), "{error}");
    }

    fn any_metadata() -> impl Strategy<Value = Metadata> {
        let tag = r"[\p{L}\p{N} _.:/=+@-]{1,40}";
        let times = (0_i64..7_000_000_000)
            .prop_map(|seconds| Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds));
        (
            proptest::option::of("\\PC{0,100}"),
            proptest::option::of(tag),
            proptest::option::of(times),
            proptest::collection::btree_map(tag, tag, 0..8),
            proptest::collection::btree_map(
                "[a-z._:/-]{1,20}",
                "\\PC{0,200}|[ -~\n]{0,300}|base64:1/1:[a-zA-Z]{0,8}",
                0..5,
            ),
        )
            .prop_map(|(description, owner, expires_at, tags, annotations)| Metadata {
                description,
                owner,
                expires_at,
                tags,
                annotations,
                ..Metadata::default()
            })
    }

    proptest! {
        #[test]
        fn all_that_passes_comes_back_from_tags_that_aws_takes(metadata in any_metadata()) {
            prop_assume!(check_metadata(&metadata, None).is_ok());
            let encoded = notes::encode(&metadata);
            for (key, value) in &encoded {
                prop_assert!(key.chars().count() <= MAX_TAG_KEY && key.chars().all(is_tag_character), "{}", key);
                prop_assert!(value.chars().count() <= MAX_TAG_VALUE && value.chars().all(is_tag_character), "{}", value);
            }
            let decoded = notes::decode(&encoded);
            prop_assert_eq!(&decoded.owner, &metadata.owner);
            prop_assert_eq!(decoded.expires_at, metadata.expires_at);
            prop_assert_eq!(&decoded.tags, &metadata.tags);
            prop_assert_eq!(&decoded.annotations, &metadata.annotations);
        }
    }
}
