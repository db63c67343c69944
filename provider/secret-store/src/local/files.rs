//! Reading what the store's folder holds: records, value files, and the folders that have them. Takes no lock: a record is
//! replaced at once, so a reader sees the one before or the one after.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{KIND, io_error, layout};
use crate::Result;
use crate::error::StoreError;
use crate::grant::AgeRecipient;
use crate::name::SecretName;
use crate::record::SecretRecord;

const RESTORE_HELP: &str =
    "nothing was changed; correct that line, or restore the file from a backup or version control";

/// The store's own record: who owns it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoreRecord {
    format: u32,
    id: Uuid,
    owner: String,
}

impl StoreRecord {
    /// A new store of this owner.
    pub(super) fn new(owner: &AgeRecipient) -> Self {
        Self { format: SecretRecord::FORMAT, id: Uuid::new_v4(), owner: owner.as_str().to_owned() }
    }

    /// Reads it; `None` when nothing was ever written to the store.
    pub(super) fn owner(root: &Path) -> Result<Option<AgeRecipient>> {
        let path = root.join(layout::STORE);
        let Some(record) = read_toml::<Self>(&path)? else { return Ok(None) };
        refuse_later(record.format, &path)?;
        AgeRecipient::parse(&record.owner).map(Some).map_err(|error| StoreError::Corrupt {
            what: format!("`owner`: {error}"),
            path,
            help: RESTORE_HELP.to_owned(),
        })
    }
}

/// Reads a secret's record, if there is one, and checks that it is where it belongs.
pub(super) fn read_record(folder: &Path, name: &SecretName) -> Result<Option<SecretRecord>> {
    let path = folder.join(layout::RECORD);
    let Some(record) = read_toml::<SecretRecord>(&path)? else { return Ok(None) };
    refuse_later(record.format, &path)?;
    if record.name != *name {
        return Err(StoreError::Corrupt {
            what: format!(
                "`name` is `{}` instead of `{name}`, so the folder was moved or copied",
                record.name
            ),
            path,
            help: "move the folder back; to copy a secret, create another".to_owned(),
        });
    }
    Ok(Some(record))
}

/// Reads a value file; `None` when it is not there.
pub(super) fn read_value_file(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(sealed) => Ok(Some(sealed)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io_error("read", path, error)),
    }
}

/// The text of a record.
pub(super) fn to_toml<T: Serialize>(record: &T) -> Result<String> {
    toml::to_string(record).map_err(|error| StoreError::Unavailable {
        store: KIND,
        reason: "writing a record as TOML failed; please report this".to_owned(),
        source: Some(Arc::new(error)),
    })
}

/// Names of all secrets whose folder has a record, sorted. What cannot be listed is an error beside them.
pub(super) fn secret_names(root: &Path) -> (Vec<SecretName>, Vec<StoreError>) {
    let (mut names, mut errors, mut waiting) = (Vec::new(), Vec::new(), vec![root.to_path_buf()]);
    while let Some(folder) = waiting.pop() {
        match list_folder(&folder) {
            Ok((folders, files)) => {
                if files.iter().any(|file| file == layout::RECORD)
                    && let Some(name) = layout::name_of(root, &folder)
                {
                    names.push(name);
                }
                waiting.extend(folders.into_iter().filter(|path| *path != root.join(layout::DELETED)));
            }
            Err(error) => errors.push(error),
        }
    }
    names.sort();
    (names, errors)
}

/// Folders and names of files in a folder; nothing when it is not there.
pub(super) fn list_folder(folder: &Path) -> Result<(Vec<PathBuf>, Vec<String>)> {
    let failed = |error| io_error("list", folder, error);
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), Vec::new())),
        result => result.map_err(failed)?,
    };
    let (mut folders, mut files) = (Vec::new(), Vec::new());
    for entry in entries {
        let entry = entry.map_err(failed)?;
        // A symbolic link counts as a file, so that no link can lead the store elsewhere or in a circle.
        if entry.file_type().map_err(failed)?.is_dir() {
            folders.push(entry.path());
        } else if let Some(name) = entry.file_name().to_str() {
            files.push(name.to_owned());
        }
    }
    Ok((folders, files))
}

fn read_toml<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<Option<T>> {
    let corrupt =
        |what: String| StoreError::Corrupt { what, path: path.to_path_buf(), help: RESTORE_HELP.to_owned() };
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return Err(corrupt("text (not UTF-8)".to_owned()));
        }
        Err(error) => return Err(io_error("read", path, error)),
    };
    toml::from_str(&text).map(Some).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        corrupt(format!("line {line}: {}", error.message()))
    })
}

fn refuse_later(format: u32, path: &Path) -> Result<()> {
    if format == SecretRecord::FORMAT {
        return Ok(());
    }
    Err(StoreError::Unsupported {
        store: KIND,
        what: format!("format {format} of `{}`", path.display()),
        why: format!("this release knows format {}; upgrade the provider", SecretRecord::FORMAT),
    })
}
