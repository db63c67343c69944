//! Where things lie in the store's folder, and how a name becomes a folder. Two names never share a folder, not even on a
//! file system that ignores case or recomposes Unicode, and no folder can be mistaken for one of the store's own files.

use std::path::{Component, Path, PathBuf};

use crate::name::SecretName;
use crate::record::version_number;
use crate::version::VersionId;

/// The record of one secret, in its folder: the commit point of every change.
pub(super) const RECORD: &str = "secret.toml";
/// The store's own record, in its root.
pub(super) const STORE: &str = "store.toml";
/// The audit log, in the root.
pub(super) const AUDIT: &str = "audit.jsonl";
/// The lock across processes, in the root.
pub(super) const LOCK: &str = ".lock";
/// Notes of recoverably deleted secrets, in the root.
pub(super) const DELETED: &str = ".deleted";
/// What files being written end with, until they are renamed.
pub(super) const UNFINISHED: &str = ".tmp";

/// A longer segment is cut: file systems allow 255 bytes, some encrypting ones 143.
const PIECE_BYTES: usize = 120;

/// Names Windows gives to devices, with any extension.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// Endings of the store's own files: no folder ends so.
const OWN_ENDINGS: [&str; 4] = [".age", ".jsonl", ".tmp", ".toml"];

/// The folder of a secret, below the root.
///
/// Small ASCII letters, digits and `- _ + = @ , .` stay; every other byte of a segment becomes `%` and two hexadecimal digits, and
/// so does a dot that would hide the folder or make it look like a file of the store. A cut segment goes on in the next
/// folder, and its piece ends with a bare `%`.
pub(super) fn folder(root: &Path, name: &SecretName) -> PathBuf {
    let mut path = root.to_path_buf();
    for segment in name.segments() {
        let encoded = encode(segment);
        let mut rest = encoded.as_str();
        while rest.len() > PIECE_BYTES {
            // Never inside an escape: step back to its `%`.
            let cut = match rest[..PIECE_BYTES].rfind('%') {
                Some(percent) if percent + 3 > PIECE_BYTES => percent,
                _ => PIECE_BYTES,
            };
            path.push(format!("{}%", &rest[..cut]));
            rest = &rest[cut..];
        }
        path.push(rest);
    }
    path
}

/// The name whose folder this is, or `None` when no secret of ours lies there.
pub(super) fn name_of(root: &Path, folder_path: &Path) -> Option<SecretName> {
    let mut bytes = Vec::new();
    let mut is_continued = true;
    for component in folder_path.strip_prefix(root).ok()?.components() {
        let Component::Normal(piece) = component else { return None };
        if !is_continued {
            bytes.push(b'/');
        }
        let piece = piece.to_str()?;
        is_continued = piece.ends_with('%');
        decode(piece.strip_suffix('%').unwrap_or(piece), &mut bytes)?;
    }
    let name = SecretName::parse(&String::from_utf8(bytes).ok()?).ok()?;
    (folder(root, &name) == folder_path).then_some(name)
}

/// The file of a version's value.
pub(super) fn value_file(number: u64) -> String {
    format!("v{number}.age")
}

/// The version whose value file has this name.
pub(super) fn value_number(file_name: &str) -> Option<u64> {
    version_number(&VersionId::parse(file_name.strip_suffix(".age")?).ok()?)
}

/// The name a file has while it is being written.
pub(super) fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(UNFINISHED);
    PathBuf::from(name)
}

fn encode(segment: &str) -> String {
    let ends_like_ours = OWN_ENDINGS.iter().any(|ending| segment.to_ascii_lowercase().ends_with(ending));
    let stem = segment
        .split('.')
        .next()
        .unwrap_or(segment)
        .trim_end_matches(|character: char| character.is_ascii_digit());
    let is_device = DEVICES.iter().any(|device| stem.eq_ignore_ascii_case(device));
    let last_dot = segment.rfind('.');
    let mut encoded = String::with_capacity(segment.len());
    for (index, byte) in segment.bytes().enumerate() {
        let is_plain = match byte {
            b'.' => {
                let hides = index == 0;
                let trails = index + 1 == segment.len();
                !(hides || trails || (ends_like_ours && Some(index) == last_dot))
            }
            b'a'..=b'z' => !(is_device && index == 0),
            b'0'..=b'9' | b'-' | b'_' | b'+' | b'=' | b'@' | b',' => true,
            _ => false,
        };
        if is_plain {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02x}"));
        }
    }
    encoded
}

fn decode(piece: &str, bytes: &mut Vec<u8>) -> Option<()> {
    let mut rest = piece.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn check(name: &str, expected: &str) {
        let name = SecretName::parse(name).unwrap();
        let path = folder(Path::new("/s"), &name);
        assert_eq!(path, Path::new("/s").join(expected));
        assert_eq!(name_of(Path::new("/s"), &path), Some(name));
    }

    #[test]
    fn ordinary_names_are_their_own_folders() {
        check("prod/orders/db", "prod/orders/db");
        check("api.example.com/key_1", "api.example.com/key_1");
    }

    #[test]
    fn names_that_some_file_system_confuses_are_written_out() {
        check("Prod/DB", "%50rod/%44%42");
        check("ключ", "%d0%ba%d0%bb%d1%8e%d1%87");
        check("con/nul.txt/com1", "%63on/%6eul.txt/%63om1");
        check("a b/50%", "a%20b/50%25");
        check("end.", "end%2e");
    }

    #[test]
    fn no_folder_looks_like_a_file_of_the_store() {
        check("prod/secret.toml", "prod/secret%2etoml");
        check("prod/v1.age", "prod/v1%2eage");
        check("audit.jsonl", "audit%2ejsonl");
        check("x.TMP", "x%2e%54%4d%50");
        check(".lock", "%2elock");
        check("...", "%2e.%2e");
    }

    #[test]
    fn long_segments_are_cut_and_stay_apart_from_short_ones() {
        let long = "a".repeat(250);
        check(&long, &format!("{}%/{}%/{}", "a".repeat(120), "a".repeat(120), "a".repeat(10)));
        let slashed = format!("{}/{}", "a".repeat(120), "a".repeat(120));
        check(&slashed, &slashed);
        check(&"ü".repeat(127), &{
            let piece = "%c3%bc".repeat(20);
            format!("{}%", [piece.as_str(); 6].join("%/")) + "/" + &"%c3%bc".repeat(7)
        });
    }

    proptest! {
        #[test]
        fn every_name_comes_back_and_folders_differ_even_without_case(
            names in proptest::collection::vec("[a-cA-C0-9.%ßéİk/ _-]{1,60}", 2..20)
        ) {
            let mut folders = BTreeMap::new();
            for name in names.iter().filter_map(|name| SecretName::parse(name).ok()) {
                let path = folder(Path::new("/s"), &name);
                prop_assert_eq!(name_of(Path::new("/s"), &path), Some(name.clone()));
                let folded = path.to_string_lossy().to_lowercase();
                prop_assert_eq!(folders.entry(folded).or_insert_with(|| name.clone()), &name);
                for piece in path.components() {
                    prop_assert!(piece.as_os_str().len() <= PIECE_BYTES + 1);
                }
            }
        }
    }
}
