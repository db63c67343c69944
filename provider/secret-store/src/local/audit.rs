//! `audit.jsonl`: one line per change, never a value. Each entry carries the SHA-256 of the line before, so that a line
//! altered, removed or put in later breaks the chain.
//!
//! An entry is written before its effect: after a crash the log may name a change that did not happen (and is then repeated),
//! never the reverse. Reading a value writes nothing here: whoever holds the file and a key can read without this program.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::disk::{Disk, Unsynced, private_file};
use super::layout::AUDIT;
use crate::Result;
use crate::error::StoreError;

/// What comes before the first entry.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What happened, as the caller of [`append`] knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Event {
    pub(super) action: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) secret: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) grant: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) principal: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
}

/// One line.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    number: u64,
    at: Timestamp,
    #[serde(flatten)]
    event: Event,
    previous: String,
}

/// The end of the log, which the next entry continues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    length: u64,
    number: u64,
    hash: String,
}

/// What checking the log found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditReport {
    /// Entries in an unbroken chain.
    pub entries: u64,
    /// Hash of the last one. Kept elsewhere, it also shows a log cut short.
    pub head: String,
    /// Bytes of an entry that a crash tore; the next write removes them and says so.
    pub torn_bytes: u64,
}

/// Appends entries. `known` is the end as this process left it; when the file is otherwise, its end is read again.
pub(super) fn append(
    disk: &Disk,
    root: &Path,
    known: Option<Head>,
    events: Vec<Event>,
    now: Timestamp,
    unsynced: &mut Unsynced,
) -> io::Result<Head> {
    let mut file =
        private_file().read(true).write(true).create(true).truncate(false).open(root.join(AUDIT))?;
    let length = file.metadata()?.len();
    let mut events = events;
    let mut head = match known {
        Some(head) if head.length == length => head,
        _ => {
            let (head, torn) = read_head(&mut file, length)?;
            if torn > 0 {
                disk.truncate(&file, head.length)?;
                let reason = format!("removed {torn} bytes of an entry torn by a crash");
                events.insert(
                    0,
                    Event { action: "repair_audit".to_owned(), reason: Some(reason), ..Event::default() },
                );
            }
            head
        }
    };
    let mut text = String::new();
    for event in events {
        let entry = Entry { number: head.number + 1, at: now, event, previous: head.hash };
        let line = serde_json::to_string(&entry)?;
        head = Head { length: 0, number: entry.number, hash: hash(line.as_bytes()) };
        text.push_str(&line);
        text.push('\n');
    }
    let start = file.seek(SeekFrom::End(0))?;
    if let Err(error) = disk.write_content(&mut file, text.as_bytes()) {
        // A full disk may have torn the entry. If this fails too, the next write repairs it.
        let _ = file.set_len(start);
        return Err(error);
    }
    head.length = start + text.len() as u64;
    unsynced.file(file);
    Ok(head)
}

/// Checks the whole chain.
pub(super) fn verify(root: &Path) -> Result<AuditReport> {
    let path = root.join(AUDIT);
    let unreadable = |error: io::Error| super::io_error("read", &path, error);
    let file = match fs::File::open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(AuditReport { entries: 0, head: GENESIS.to_owned(), torn_bytes: 0 });
        }
        result => result.map_err(unreadable)?,
    };
    let mut reader = BufReader::new(file);
    let mut report = AuditReport { entries: 0, head: GENESIS.to_owned(), torn_bytes: 0 };
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line).map_err(unreadable)? == 0 {
            return Ok(report);
        }
        let Some(text) = line.strip_suffix(b"\n") else {
            report.torn_bytes = line.len() as u64;
            return Ok(report);
        };
        let number = report.entries + 1;
        let broken = |what: &str| {
            StoreError::Corrupt {
            what: format!("line {number}: {what}"),
            path: path.clone(),
            help: "entries were altered, removed or added by hand; compare with a backup, and treat what it says after that line as unproven"
                .to_owned(),
        }
        };
        let entry: Entry = serde_json::from_slice(text).map_err(|_| broken("no entry of an audit log"))?;
        if entry.previous != report.head {
            return Err(broken("its `previous` is not the hash of the line before"));
        }
        if entry.number != number {
            return Err(broken("its `number` does not follow the line before"));
        }
        report.head = hash(text);
        report.entries = number;
    }
}

/// The last whole entry, and how many bytes follow it.
fn read_head(file: &mut File, length: u64) -> io::Result<(Head, u64)> {
    let mut window = 4096_u64;
    loop {
        let from = length.saturating_sub(window);
        file.seek(SeekFrom::Start(from))?;
        let mut tail = Vec::new();
        Read::by_ref(file).take(length - from).read_to_end(&mut tail)?;
        let whole = tail.iter().rposition(|byte| *byte == b'\n').map(|end| &tail[..end]);
        let line_start =
            whole.and_then(|whole| whole.iter().rposition(|byte| *byte == b'\n').map(|start| start + 1));
        let line = match (whole, line_start) {
            (Some(whole), Some(start)) => Some(&whole[start..]),
            (whole, _) if from == 0 => whole,
            _ => None,
        };
        match line {
            Some(line) => {
                let end = from + whole.map_or(0, <[u8]>::len) as u64 + 1;
                // A last line that is no entry was put there by hand: the chain goes on from its hash, and `verify` names it.
                let number = serde_json::from_slice::<Entry>(line).map_or(0, |entry| entry.number);
                return Ok((Head { length: end, number, hash: hash(line) }, length - end));
            }
            None if from == 0 => {
                return Ok((Head { length: 0, number: 0, hash: GENESIS.to_owned() }, length));
            }
            None => window = window.saturating_mul(4),
        }
    }
}

fn hash(line: &[u8]) -> String {
    Sha256::digest(line).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn write(root: &Path, action: &str) -> Head {
        let event = Event { action: action.to_owned(), ..Event::default() };
        append(&Disk::default(), root, None, vec![event], Timestamp::now(), &mut Unsynced::default()).unwrap()
    }

    #[test]
    fn a_chain_verifies_and_an_altered_line_breaks_it() {
        let folder = tempfile::tempdir().unwrap();
        for action in ["one", "two", "three"] {
            write(folder.path(), action);
        }
        assert_eq!(verify(folder.path()).unwrap().entries, 3);
        let path = folder.path().join(AUDIT);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("two", "TWO")).unwrap();
        let error = verify(folder.path()).unwrap_err().to_string();
        assert!(error.starts_with("line 3: its `previous`") && error.contains("audit.jsonl"), "{error}");
        let without_second: String = text
            .lines()
            .enumerate()
            .filter(|(index, _)| *index != 1)
            .map(|(_, line)| format!("{line}\n"))
            .collect();
        fs::write(&path, without_second).unwrap();
        assert!(verify(folder.path()).unwrap_err().to_string().starts_with("line 2: "));
    }

    #[test]
    fn a_torn_last_line_is_understood_and_repaired() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "one");
        let mut file = fs::OpenOptions::new().append(true).open(folder.path().join(AUDIT)).unwrap();
        file.write_all(b"{\"number\":2,\"at").unwrap();
        assert_eq!(verify(folder.path()).unwrap().torn_bytes, 15);
        write(folder.path(), "two");
        let report = verify(folder.path()).unwrap();
        assert_eq!((report.entries, report.torn_bytes), (3, 0));
        let text = fs::read_to_string(folder.path().join(AUDIT)).unwrap();
        assert!(text.contains("removed 15 bytes"), "{text}");
    }

    #[test]
    fn a_log_of_nothing_but_a_torn_line_starts_again() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(AUDIT), "{\"num").unwrap();
        write(folder.path(), "one");
        assert_eq!(verify(folder.path()).unwrap().entries, 2);
    }

    #[test]
    fn a_long_entry_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "one");
        write(folder.path(), &"x".repeat(50_000));
        write(folder.path(), "three");
        assert_eq!(verify(folder.path()).unwrap().entries, 3);
    }
}
