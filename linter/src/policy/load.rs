//! Collects `.rego` files: the bundled ones, and those below the folders that `--policy` names.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::error::PolicyError;
use crate::problem::Problem;

/// Where a policy comes from. Bundled policies are trusted to be a coherent pack; in a user's folder every file must serve a purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Embedded in the binary.
    Bundled,
    /// Read from a folder given by the user.
    Folder,
}

/// A `.rego` file, read.
#[derive(Debug, Clone)]
pub struct PolicyFile {
    /// Name for messages: the path as given, or `policies/…` for a bundled one.
    pub name: String,
    /// Its text.
    pub text: String,
    /// Where it comes from.
    pub origin: Origin,
}

impl PolicyFile {
    /// A bundled policy, by its path below `policies`.
    #[must_use]
    pub fn bundled(path: &str, text: &str) -> Self {
        Self { name: format!("policies/{path}"), text: text.to_owned(), origin: Origin::Bundled }
    }

    /// A policy of the user's that was read from elsewhere than a folder.
    #[must_use]
    pub fn of_user(name: String, text: &str) -> Self {
        Self { name, text: text.strip_prefix('\u{feff}').unwrap_or(text).to_owned(), origin: Origin::Folder }
    }

    /// Every `.rego` file at or below `path`, in the order of their names.
    ///
    /// # Errors
    /// Something cannot be read, is not UTF-8, or there is no such file.
    pub fn read_folder(path: &Path) -> Result<Vec<Self>, PolicyError> {
        folder(path)
    }

    /// A test file by its name: `<rule>_test.rego`. Not read at all unless tests are to be run.
    #[must_use]
    pub fn is_test(&self) -> bool {
        self.name.ends_with("_test.rego")
    }
}

/// The bundled policies.
#[must_use]
pub(super) fn bundled(files: &[(&str, &str)]) -> Vec<PolicyFile> {
    files.iter().map(|(path, text)| PolicyFile::bundled(path, text)).collect()
}

/// Every `.rego` file at or below `path`, in the order of their names. Symbolic links are followed, each real folder once.
///
/// # Errors
/// `path` or something below it cannot be read, is not UTF-8, or holds no `.rego` file.
pub(super) fn folder(path: &Path) -> Result<Vec<PolicyFile>, PolicyError> {
    let mut found = BTreeSet::new();
    let metadata =
        fs::metadata(path).map_err(|source| PolicyError::Unreadable { path: path.into(), source })?;
    if metadata.is_dir() {
        collect(path, &mut found, &mut BTreeSet::new())?;
    } else {
        found.insert(path.to_owned());
    }
    if found.is_empty() {
        return Err(PolicyError::NoFile { path: path.into() });
    }
    found.into_iter().map(|file| read(&file)).collect()
}

fn collect(
    folder: &Path,
    found: &mut BTreeSet<PathBuf>,
    visited: &mut BTreeSet<PathBuf>,
) -> Result<(), PolicyError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |source| PolicyError::Unreadable { path, source }
    };
    // A link that points to a folder above would otherwise be followed for ever.
    if !visited.insert(fs::canonicalize(folder).map_err(unreadable(folder))?) {
        return Ok(());
    }
    for entry in fs::read_dir(folder).map_err(unreadable(folder))? {
        let entry = entry.map_err(unreadable(folder))?;
        let path = entry.path();
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let is_rego = path.extension().is_some_and(|extension| extension == "rego");
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => collect(&path, found, visited)?,
            Ok(metadata) if metadata.is_file() && is_rego => {
                found.insert(path);
            }
            Ok(_) => {}
            // A dangling link to something that is no policy is none of our business.
            Err(source) if is_rego => return Err(PolicyError::Unreadable { path, source }),
            Err(_) => {}
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<PolicyFile, PolicyError> {
    let bytes = fs::read(path).map_err(|source| PolicyError::Unreadable { path: path.into(), source })?;
    let name = path.display().to_string();
    match String::from_utf8(bytes) {
        Ok(text) => {
            let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
            Ok(PolicyFile { name, text, origin: Origin::Folder })
        }
        Err(error) => {
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let place = error.utf8_error().valid_up_to();
            let problem = Problem::new("a policy file must be UTF-8", &name, &text, place..place + 3)
                .with_help("save the file as UTF-8");
            Err(PolicyError::Invalid { problems: vec![problem] })
        }
    }
}
