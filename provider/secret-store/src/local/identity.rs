//! The owner's age identity: where it comes from, and when one is made. Only values need it: describing and listing never
//! look for it, and only a first write into a new store makes one.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use age::secrecy::ExposeSecret;
use age::x25519;
use jiff::Timestamp;
use zeroize::Zeroizing;

use super::disk::private_folder;
use crate::Result;
use crate::error::{Invalid, StoreError};
use crate::grant::AgeRecipient;
use crate::value::SecretValue;

const FIELD: &str = "identity_file";

/// Where the owner's identity comes from.
#[derive(Clone, Debug)]
pub enum IdentitySource {
    /// The key itself, from the environment variable named.
    Key {
        /// For messages.
        variable: &'static str,
        /// The text of an identity file.
        text: SecretValue,
    },
    /// A file that must exist.
    File(PathBuf),
    /// The usual place, where the first write makes one.
    Default(PathBuf),
}

/// Identities that were read, of which one is used as the owner.
pub(super) struct Identities {
    identities: Vec<x25519::Identity>,
    /// For messages: the file, or the variable.
    pub(super) origin: String,
}

/// Whether a missing identity at the usual place may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IfMissing {
    Make,
    Refuse,
}

impl IdentitySource {
    /// Environment variable with the key itself.
    pub const KEY_VARIABLE: &'static str = "SECRET_IDENTITY";
    /// Environment variable with the path of an identity file.
    pub const FILE_VARIABLE: &'static str = "SECRET_IDENTITY_FILE";

    /// Decides by configuration first, then `SECRET_IDENTITY`, `SECRET_IDENTITY_FILE`, and last the usual place:
    /// `terraform-provider-secret/identity.txt` in `$XDG_CONFIG_HOME` or `~/.config` (`%APPDATA%` on Windows).
    ///
    /// `environment` looks a variable up, for example `|name| std::env::var_os(name)`.
    ///
    /// # Errors
    /// [`Invalid`] on field `identity_file` when there is nothing to go by, or a variable is not UTF-8.
    pub fn resolve(
        identity_file: Option<&Path>,
        environment: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, Invalid> {
        let variable = |name: &str| environment(name).filter(|value| !value.is_empty());
        if let Some(path) = identity_file {
            return Ok(Self::File(path.to_path_buf()));
        }
        if let Some(key) = variable(Self::KEY_VARIABLE) {
            let text = key.into_string().map_err(|_| {
                Invalid::new(FIELD, format!("the variable `{}` is not UTF-8 text", Self::KEY_VARIABLE))
            })?;
            return Ok(Self::Key { variable: Self::KEY_VARIABLE, text: SecretValue::from_text(text) });
        }
        if let Some(path) = variable(Self::FILE_VARIABLE) {
            return Ok(Self::File(PathBuf::from(path)));
        }
        let base = variable("XDG_CONFIG_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
            .or_else(|| variable("HOME").map(|home| PathBuf::from(home).join(".config")))
            .or_else(|| variable("APPDATA").map(PathBuf::from));
        base.map(|base| Self::Default(base.join("terraform-provider-secret").join("identity.txt"))).ok_or_else(|| {
            Invalid::new(FIELD, "neither it nor `SECRET_IDENTITY`, `SECRET_IDENTITY_FILE`, `HOME` is set; set one of them")
        })
    }

    /// Reads the identities; at the usual place, makes one if wanted.
    #[expect(clippy::disallowed_methods, reason = "the key is parsed into the cipher's own type")]
    pub(super) fn load(&self, store_folder: &Path, if_missing: IfMissing) -> Result<Identities> {
        match self {
            Self::Key { variable, text } => {
                let origin = format!("variable `{variable}`");
                let text = text.expose_text().unwrap_or_default();
                parse(text, origin)
            }
            Self::File(path) | Self::Default(path) => {
                refuse_inside(path, store_folder)?;
                let origin = format!("identity file `{}`", path.display());
                let may_make = matches!(self, Self::Default(_)) && if_missing == IfMissing::Make;
                if may_make && !path.exists() {
                    make(path)?;
                }
                let text = match fs::read_to_string(path) {
                    Ok(text) => Zeroizing::new(text),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(missing(path).into()),
                    Err(error) => {
                        return Err(Invalid::new(
                            FIELD,
                            format!("cannot read {origin}: {error}; let its owner read it"),
                        )
                        .into());
                    }
                };
                refuse_shared(path)?;
                parse(&text, origin)
            }
        }
    }
}

fn missing(path: &Path) -> Invalid {
    Invalid::new(
        FIELD,
        format!(
            "there is no identity at `{}`; put the store's identity there, or name it in `identity_file` or `SECRET_IDENTITY_FILE` (`age-keygen -o FILE` makes a new one, for a new store)",
            path.display()
        ),
    )
}

fn parse(text: &str, origin: String) -> Result<Identities> {
    let mut identities = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        // The parser's message is a fixed text, without any part of the key.
        let identity = line.parse::<x25519::Identity>().map_err(|_| {
            Invalid::new(
                FIELD,
                format!(
                    "{origin}, line {}: no X25519 identity (`AGE-SECRET-KEY-1…`, as `age-keygen` makes them)",
                    index + 1
                ),
            )
        })?;
        identities.push(identity);
    }
    if identities.is_empty() {
        return Err(Invalid::new(
            FIELD,
            format!("{origin} holds no identity; `age-keygen -o FILE` makes one"),
        )
        .into());
    }
    Ok(Identities { identities, origin })
}

/// Makes an identity unless another process is quicker; whichever is there first is used by both.
fn make(path: &Path) -> Result<()> {
    let failed = |error: io::Error| StoreError::Unavailable {
        store: super::KIND,
        reason: format!(
            "cannot make an identity at `{}`; name another place in `SECRET_IDENTITY_FILE`",
            path.display()
        ),
        source: Some(Arc::new(error)),
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    private_folder().recursive(true).create(folder).map_err(failed)?;
    let identity = x25519::Identity::generate();
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    let key = identity.to_string();
    writeln!(file, "# created: {}\n# public key: {}", Timestamp::now(), identity.to_public())
        .map_err(failed)?;
    write_key(&mut file, &key).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(failed(error.error)),
    }
}

#[expect(clippy::disallowed_methods, reason = "the owner's identity is written to its file")]
fn write_key(file: &mut impl Write, key: &age::secrecy::SecretString) -> io::Result<()> {
    writeln!(file, "{}", key.expose_secret())
}

/// A key beside what it opens protects nothing, and would be committed or copied with it.
fn refuse_inside(path: &Path, store_folder: &Path) -> Result<(), Invalid> {
    let real = |path: &Path| {
        // The longest part that exists is resolved; the rest is taken as written.
        path.ancestors()
            .find_map(|existing| {
                let resolved =
                    fs::canonicalize(if existing.as_os_str().is_empty() { Path::new(".") } else { existing });
                resolved
                    .ok()
                    .map(|resolved| resolved.join(path.strip_prefix(existing).unwrap_or(Path::new(""))))
            })
            .unwrap_or_else(|| path.to_path_buf())
    };
    if real(path).starts_with(real(store_folder)) {
        return Err(Invalid::new(
            FIELD,
            format!(
                "`{}` lies in the store's folder `{}`; keep the identity elsewhere",
                path.display(),
                store_folder.display()
            ),
        ));
    }
    Ok(())
}

#[cfg(unix)]
fn refuse_shared(path: &Path) -> Result<(), Invalid> {
    use std::os::unix::fs::PermissionsExt;

    let mode = fs::metadata(path).map_or(0, |metadata| metadata.permissions().mode());
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(Invalid::new(
        FIELD,
        format!(
            "others can read `{}` (mode {:04o}); run `chmod 600` on it, or pass the key in `SECRET_IDENTITY`",
            path.display(),
            mode & 0o7777
        ),
    ))
}

#[cfg(not(unix))]
fn refuse_shared(_path: &Path) -> Result<(), Invalid> {
    Ok(())
}

impl Identities {
    /// All of them, for decrypting.
    pub(super) fn iter(&self) -> impl Iterator<Item = &dyn age::Identity> {
        self.identities.iter().map(|identity| identity as &dyn age::Identity)
    }

    /// The public half of the first, which owns a new store.
    pub(super) fn first_recipient(&self) -> Result<AgeRecipient, Invalid> {
        match self.identities.first() {
            Some(identity) => AgeRecipient::parse(&identity.to_public().to_string()),
            None => Err(Invalid::new(FIELD, format!("{} holds no identity", self.origin))),
        }
    }

    /// True when one of them is this recipient's.
    pub(super) fn has(&self, recipient: &AgeRecipient) -> bool {
        self.identities.iter().any(|identity| identity.to_public().to_string() == recipient.as_str())
    }
}

// The identities themselves have no safe Debug.
impl std::fmt::Debug for Identities {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Identities").field("origin", &self.origin).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(file: Option<&str>, variables: &[(&str, &str)]) -> Result<IdentitySource, Invalid> {
        IdentitySource::resolve(file.map(Path::new), |name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn configuration_goes_before_the_environment_and_that_before_the_usual_place() {
        let all = [("SECRET_IDENTITY", "key"), ("SECRET_IDENTITY_FILE", "/file"), ("HOME", "/home/me")];
        assert!(
            matches!(resolve(Some("/given"), &all).unwrap(), IdentitySource::File(path) if path == Path::new("/given"))
        );
        assert!(matches!(resolve(None, &all).unwrap(), IdentitySource::Key { .. }));
        assert!(
            matches!(resolve(None, &all[1..]).unwrap(), IdentitySource::File(path) if path == Path::new("/file"))
        );
        let usual = Path::new("/home/me/.config/terraform-provider-secret/identity.txt");
        assert!(matches!(resolve(None, &all[2..]).unwrap(), IdentitySource::Default(path) if path == usual));
        assert!(resolve(None, &[]).unwrap_err().to_string().contains("set one of them"));
    }

    #[test]
    fn a_broken_key_is_refused_without_showing_it() {
        let source = resolve(None, &[("SECRET_IDENTITY", "# note\nAGE-SECRET-KEY-1SENTINEL")]).unwrap();
        let error = source.load(Path::new("/nowhere"), IfMissing::Refuse).unwrap_err().to_string();
        assert!(
            error.contains("variable `SECRET_IDENTITY`, line 2") && !error.contains("SENTINEL"),
            "{error}"
        );
    }

    #[test]
    fn an_identity_is_made_once_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/identity.txt");
        let source = IdentitySource::Default(path.clone());
        let error = source.load(&folder.path().join("store"), IfMissing::Refuse).unwrap_err();
        assert!(error.to_string().contains("there is no identity") && !path.exists(), "{error}");
        let first =
            source.load(&folder.path().join("store"), IfMissing::Make).unwrap().first_recipient().unwrap();
        let again =
            source.load(&folder.path().join("store"), IfMissing::Make).unwrap().first_recipient().unwrap();
        assert_eq!(first, again);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
            assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            let error = source.load(&folder.path().join("store"), IfMissing::Make).unwrap_err().to_string();
            assert!(error.contains("mode 0644") && error.contains("chmod 600"), "{error}");
        }
    }

    #[test]
    fn an_identity_inside_the_store_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let source = IdentitySource::Default(folder.path().join("store/../store/keys/identity.txt"));
        fs::create_dir_all(folder.path().join("store")).unwrap();
        let error = source.load(&folder.path().join("store"), IfMissing::Make).unwrap_err().to_string();
        assert!(error.contains("lies in the store's folder"), "{error}");
    }
}
