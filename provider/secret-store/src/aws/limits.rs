//! What AWS takes and what not, checked when Terraform plans, so that an apply does not stop half way.
//!
//! Sources: <https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html>,
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html>,
//! <https://docs.aws.amazon.com/general/latest/gr/aws_tagging.html>.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::char::is_combining_mark;

use super::arn::Arn;
use super::config::check_region;
use super::{KIND, notes};
use crate::Result;
use crate::error::{Invalid, StoreError};
use crate::metadata::{Metadata, Replica};
use crate::name::SecretName;
use crate::value::SecretValue;

/// Largest value, in bytes.
pub(super) const MAX_VALUE_BYTES: usize = 65_536;
/// Why limits on versions are refused.
pub(super) const NO_RETENTION: &str =
    "AWS keeps about 100 versions, those with a label for good; leave it out";
/// Most characters of a tag's value.
pub(super) const MAX_TAG_VALUE: usize = 256;
/// The key that AWS itself keeps for secrets without another.
pub(super) const MANAGED_KEY: &str = "alias/aws/secretsmanager";

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

/// Checks that there is something to keep. The largest size is checked for every store alike.
pub(super) fn check_value(value: Option<&SecretValue>) -> Result<(), Invalid> {
    match value {
        Some(value) if value.is_empty() => Err(Invalid::new(
            "value",
            "it is empty; AWS keeps values of 1 to 65,536 bytes; leave it out for a secret without a value",
        )),
        _ => Ok(()),
    }
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
