//! The policy of one grant: what it allows, and the note in its head.
//!
//! Policy and note are one write, so that there is no access whose reason is lost, and nothing to keep in step.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::super::KIND;
use super::super::address::{Address, KvPath, StaticRole};
use super::super::mounts::KvVersion;
use super::super::principal::PolicyHolder;
use crate::Result;
use crate::error::{Invalid, StoreError};
use crate::grant::{Access, AccessSet, Grant, GrantId, GrantSpec, Principal};

/// The first line of every policy of ours. What does not begin so is somebody else's and left alone.
const HEADER: &str = "# Managed by terraform-provider-secret: one grant on one secret. Changes made here are overwritten; end it by revoking the grant.";
const HEADER_START: &str = "# Managed by terraform-provider-secret";

/// A secret's place on the server, as the names of its policies and their notes have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Place {
    pub(super) mount: String,
    pub(super) path: String,
}

impl Place {
    /// The place of a secret.
    pub(in super::super) fn of(address: &Address) -> Self {
        match address {
            Address::Kv(path) => Self { mount: path.mount.clone(), path: path.path.clone() },
            Address::StaticRole(role) => {
                Self { mount: role.mount.clone(), path: format!("static-creds/{}", role.role) }
            }
        }
    }

    /// What the names of all policies of this secret's grants begin with.
    pub(super) fn prefix(&self) -> String {
        let digest = Sha256::digest(format!("{}/{}", self.mount, self.path));
        let hex: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        format!("secretlint-{hex}-")
    }

    /// The name of the policy of one grant.
    pub(super) fn policy(&self, id: &GrantId) -> String {
        format!("{}{id}", self.prefix())
    }
}

/// The id in the name of a policy of ours.
pub(in super::super) fn id_in(policy: &str) -> Option<GrantId> {
    let (_, id) = policy.strip_prefix("secretlint-")?.split_once('-')?;
    GrantId::parse(id).ok()
}

/// What is noted in a policy's head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct Note {
    pub(super) secret: String,
    pub(super) mount: String,
    principal: Principal,
    access: AccessSet,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    pub(super) created_at: Timestamp,
    /// The roles, users, entities and groups that were given the policy, so that a revoke finds them when the principal
    /// means something else by then.
    pub(super) bound_to: Vec<String>,
}

impl Note {
    pub(super) fn new(
        place: &Place,
        spec: &GrantSpec,
        created_at: Timestamp,
        holders: &[PolicyHolder],
    ) -> Self {
        Self {
            secret: place.path.clone(),
            mount: place.mount.clone(),
            principal: spec.principal.clone(),
            access: spec.access.clone(),
            expires_at: spec.expires_at,
            reason: spec.reason.clone(),
            created_at,
            bound_to: holders.iter().map(|holder| holder.path().to_owned()).collect(),
        }
    }

    /// Reads the note out of a policy's text; none when the policy is not ours.
    pub(in super::super) fn of(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        lines.next()?.starts_with(HEADER_START).then_some(())?;
        serde_json::from_str(lines.next()?.strip_prefix('#')?.trim()).ok()
    }

    pub(super) fn holders(&self) -> Vec<PolicyHolder> {
        self.bound_to.iter().map(PolicyHolder::at).collect()
    }

    /// When access ends.
    pub(in super::super) const fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    pub(super) fn grant(self, id: GrantId) -> Grant {
        let Self { principal, access, expires_at, reason, created_at, .. } = self;
        Grant { id, spec: GrantSpec { expires_at, reason, ..GrantSpec::new(principal, access) }, created_at }
    }
}

/// Who ends a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// OpenBao, by `expiration` in the policy; the next apply only tidies up.
    ByServer,
    /// The next apply: Vault has no such setting.
    ByCaller,
}

/// The text of a grant's policy. The note is JSON on one line, in which line breaks are escaped.
pub(super) fn policy_text(note: &Note, permits: &Permits, end: End) -> Result<String> {
    let line = serde_json::to_string(note).map_err(|error| StoreError::Unavailable {
        store: KIND,
        reason: "the note of a grant cannot be encoded".to_owned(),
        source: Some(std::sync::Arc::new(error)),
    })?;
    let mut text = format!("{HEADER}\n# {line}\n");
    for (path, capabilities) in permits {
        let capabilities: Vec<_> =
            capabilities.iter().map(|capability| format!("\"{capability}\"")).collect();
        let path = path.replace('"', "\\\"");
        text.push_str(&format!("\npath \"{path}\" {{\n  capabilities = [{}]\n", capabilities.join(", ")));
        if let (Some(end), End::ByServer) = (note.expires_at, end) {
            text.push_str(&format!("  expiration = \"{end}\"\n"));
        }
        text.push_str("}\n");
    }
    Ok(text)
}

type Capabilities = &'static [&'static str];

/// Capabilities by exact path.
pub(super) type Permits = BTreeMap<String, BTreeSet<&'static str>>;

/// The paths of a secret in KV version 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Data,
    Metadata,
    Destroy,
    /// `data/` and `metadata/` of the version that waits to be promoted.
    PendingData,
    PendingMetadata,
}

/// What each access is in KV version 2:
///
/// | access | `data/` | `metadata/` | `destroy/` | `data/…/.pending` | `metadata/…/.pending` |
/// |---|---|---|---|---|---|
/// | `read` | read | read | | | |
/// | `write` | create, update, patch | read | | | |
/// | `describe` | | read | | | |
/// | `rotate` | read, create, update | read, create, update, patch | update | read, create, update | read, create, update, patch, delete |
///
/// `rotate` is what this provider's own rotation needs: it stages a value, tries it, promotes it, and keeps account of it in the
/// secret's metadata.
const KV_TWO: &[(Access, Part, Capabilities)] = &[
    (Access::Read, Part::Data, &["read"]),
    (Access::Read, Part::Metadata, &["read"]),
    (Access::Write, Part::Data, &["create", "patch", "update"]),
    (Access::Write, Part::Metadata, &["read"]),
    (Access::Describe, Part::Metadata, &["read"]),
    (Access::Rotate, Part::Data, &["create", "read", "update"]),
    (Access::Rotate, Part::Metadata, &["create", "patch", "read", "update"]),
    (Access::Rotate, Part::Destroy, &["update"]),
    (Access::Rotate, Part::PendingData, &["create", "read", "update"]),
    (Access::Rotate, Part::PendingMetadata, &["create", "delete", "patch", "read", "update"]),
];

/// What each access is in KV version 1, which has the value only.
const KV_ONE: &[(Access, Capabilities)] =
    &[(Access::Read, &["read"]), (Access::Write, &["create", "update"])];

/// What an access allows on which paths. All of them are exact.
///
/// # Errors
/// `Unsupported` for an access that has no path; `Invalid` for a name that a policy would take for a pattern.
pub(super) fn permits(address: &Address, access: &AccessSet) -> Result<Permits> {
    let mut permits = Permits::new();
    for access in access.iter() {
        let allowed = match address {
            Address::Kv(path) => on_kv(path, access)?,
            Address::StaticRole(role) => vec![on_static_role(role, access)?],
        };
        for (path, capabilities) in allowed {
            exact(&path)?;
            permits.entry(path).or_default().extend(capabilities);
        }
    }
    Ok(permits)
}

/// What each access is for a static role: `read` reads `static-creds/ROLE`, `describe` reads `static-roles/ROLE`, and
/// `rotate` updates `rotate-role/ROLE`.
fn on_static_role(role: &StaticRole, access: Access) -> Result<(String, Capabilities)> {
    match access {
        Access::Read => Ok((role.credentials(), &["read"])),
        Access::Describe => Ok((role.definition(), &["read"])),
        Access::Rotate => Ok((role.rotation(), &["update"])),
        Access::Write => {
            unsupported(access, "the database engine makes the passwords of a static role; grant `rotate`")
        }
    }
}

fn on_kv(path: &KvPath, access: Access) -> Result<Vec<(String, Capabilities)>> {
    match path.version {
        KvVersion::Two => {
            let pending = path.pending();
            let of = |part| match part {
                Part::Data => path.data(),
                Part::Metadata => path.metadata(),
                Part::Destroy => path.destroy(),
                Part::PendingData => pending.data(),
                Part::PendingMetadata => pending.metadata(),
            };
            let rows = KV_TWO.iter().filter(|(of_access, ..)| *of_access == access);
            Ok(rows.map(|(_, part, capabilities)| (of(*part), *capabilities)).collect())
        }
        KvVersion::One => match KV_ONE.iter().find(|(of_access, _)| *of_access == access) {
            Some((_, capabilities)) => Ok(vec![(path.data(), *capabilities)]),
            None => unsupported(access, "a KV version 1 engine has a value for each path and nothing else"),
        },
    }
}

fn unsupported<T>(access: Access, why: &str) -> Result<T> {
    let what = format!("a grant of `{access}` here");
    Err(StoreError::Unsupported { store: KIND, what, why: why.to_owned() })
}

/// Refuses a path that would mean more than itself in a policy.
fn exact(path: &str) -> Result<(), Invalid> {
    let found = if path.ends_with('*') {
        "a `*` at its end"
    } else if path.split('/').any(|part| part.starts_with('+')) {
        "a part that begins with `+`"
    } else if path.contains("{{") || path.contains("}}") {
        "`{{` or `}}`"
    } else if path.contains("${") {
        "`${`"
    } else {
        return Ok(());
    };
    let reason = format!(
        "`{path}` has {found}, which a policy takes for a pattern or a template, so the grant would be for more than this secret; \
         move the secret to another name"
    );
    Err(Invalid::new("name", reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kv(version: KvVersion, path: &str) -> Address {
        Address::Kv(KvPath { mount: "secret".to_owned(), version, path: path.to_owned() })
    }

    fn text(address: &Address, accesses: &[Access]) -> String {
        let permits = permits(address, &AccessSet::new(accesses.iter().copied()).unwrap()).unwrap();
        let lines = permits.iter().map(|(path, capabilities)| {
            format!("{path}: {}", capabilities.iter().copied().collect::<Vec<_>>().join(" "))
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    fn check_refused(name: &str, expected: &str) {
        let error = permits(&kv(KvVersion::Two, name), &AccessSet::read()).unwrap_err().to_string();
        assert!(error.starts_with("invalid name") && error.contains(expected), "{name}: {error}");
    }

    #[test]
    fn each_access_is_exact_paths() {
        let two = kv(KvVersion::Two, "prod/db");
        assert_eq!(text(&two, &[Access::Describe]), "secret/metadata/prod/db: read");
        assert_eq!(
            text(&two, &[Access::Read, Access::Write]),
            "secret/data/prod/db: create patch read update\nsecret/metadata/prod/db: read"
        );
        assert_eq!(text(&kv(KvVersion::One, "a"), &[Access::Write]), "secret/a: create update");
        let role = StaticRole { mount: "database".to_owned(), role: "app".to_owned() };
        assert_eq!(
            text(&Address::StaticRole(role), &[Access::Read, Access::Describe, Access::Rotate]),
            "database/rotate-role/app: update\ndatabase/static-creds/app: read\ndatabase/static-roles/app: read"
        );
    }

    #[test]
    fn no_access_ever_has_a_glob() {
        let all = AccessSet::new([Access::Read, Access::Write, Access::Rotate, Access::Describe]).unwrap();
        for path in permits(&kv(KvVersion::Two, "prod/db"), &all).unwrap().into_keys() {
            assert!(!path.contains(['*', '+']), "{path}");
        }
    }

    #[test]
    fn a_name_that_a_policy_takes_for_a_pattern_is_refused() {
        check_refused("prod/*", "`*` at its end");
        check_refused("prod/db*", "`*` at its end");
        check_refused("+/db", "begins with `+`");
        check_refused("prod/+", "begins with `+`");
        check_refused("{{identity.entity.name}}", "`{{`");
        check_refused("a/${b}", "`${`");
        assert!(permits(&kv(KvVersion::Two, "a*b/c+d"), &AccessSet::read()).is_ok());
    }

    #[test]
    fn the_note_comes_back_out_of_the_text() {
        let address = kv(KvVersion::Two, "prod/db");
        let spec = GrantSpec {
            reason: Some("incident 7\n\"quoted\"\u{2028}} path \"*\" {".to_owned()),
            expires_at: Some("2027-01-01T00:00:00Z".parse().unwrap()),
            ..GrantSpec::new(Principal::parse("approle:orders").unwrap(), AccessSet::read())
        };
        let holders = [PolicyHolder::at("auth/approle/role/orders")];
        let note = Note::new(&Place::of(&address), &spec, Timestamp::UNIX_EPOCH, &holders);
        let permits = permits(&address, &spec.access).unwrap();
        let text = policy_text(&note, &permits, End::ByServer).unwrap();
        assert_eq!(Note::of(&text), Some(note.clone()));
        assert_eq!(text.lines().filter(|line| line.starts_with('#')).count(), 2);
        assert_eq!(text.matches("expiration = \"2027-01-01T00:00:00Z\"").count(), 2);
        assert!(!policy_text(&note, &permits, End::ByCaller).unwrap().contains("expiration ="));
        assert_eq!(Note::of("path \"a\" {}"), None);
        assert_eq!(Note::of(&text[1..]), None);
    }

    #[test]
    fn a_policy_is_named_for_its_secret_and_grant() {
        let place = Place::of(&kv(KvVersion::Two, "prod/db"));
        let id = GrantId::parse("1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed").unwrap();
        let name = place.policy(&id);
        assert!(
            name.starts_with(&place.prefix()) && name.len() == "secretlint-".len() + 12 + 1 + 36,
            "{name}"
        );
        assert_eq!(id_in(&name), Some(id));
        assert_ne!(place.prefix(), Place::of(&kv(KvVersion::Two, "prod/db2")).prefix());
        assert_eq!(id_in("default"), None);
    }
}
