//! Grants. One grant is one policy, on exact paths, whose name is derived from secret and grant; the policy's name is on the
//! list of the role, user, entity or group that it is for.
//!
//! Giving writes the policy, with its note, before it puts the name on the list; taking away does it the other way round.
//! So whatever is cut off in between, there is no access without its note, and the same call made again finishes the work.
//! A policy that is already attached to a token loses its effect with the policy itself, at once.

use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::address::Address;
use super::client::ApiError;
use super::principal::{CONCURRENCY, LookupError, PolicyHolder, VaultPrincipal};
use super::{KIND, VaultStore};
use crate::Result;
use crate::error::{Action, Invalid, StoreError};
use crate::grant::{Access, AccessSet, Grant, GrantId, GrantSpec, Revocation};
use crate::metadata::SecretDescription;
use crate::name::SecretName;
use crate::version::VersionId;

use self::holder::{Change, Changed};
use self::statement::{End, Permits, Place, permits, policy_text};

mod holder;
mod statement;

pub(super) use self::holder::HolderLocks;
pub(super) use self::statement::{Note, id_in};

/// Where ACL policies are.
pub(super) const POLICIES: &str = "sys/policies/acl";
/// How often a policy is written again that somebody else wrote at the same time, or whose answer was lost.
const ATTEMPTS: usize = 5;

/// A policy as the server has it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct StoredPolicy {
    /// Its text. Absent for the policy `root`, which has none.
    #[serde(default)]
    pub(super) policy: String,
    /// OpenBao counts a policy's versions; Vault does not.
    #[serde(default)]
    version: Option<i64>,
}

impl VaultStore {
    /// What [`crate::Store::check_grant`] promises.
    pub(super) fn check_spec(grant: &GrantSpec) -> Result<VaultPrincipal> {
        let principal = VaultPrincipal::parse(grant.principal.as_str())?;
        if grant.conditions.is_empty() {
            return Ok(principal);
        }
        Err(StoreError::Unsupported {
            store: KIND,
            what: "conditions on grants".to_owned(),
            why: "policies have none; leave `conditions` out, or bind the role itself (`bound_claims`, `token_bound_cidrs`)"
                .to_owned(),
        })
    }

    /// Refuses an access that there is not at this place, and a name that a policy would read as a pattern, as far as the engines are known.
    pub(super) fn check_permits(&self, name: &SecretName, grant: &GrantSpec) -> Result<()> {
        match self.known_address(name)? {
            Some(address) => permits(&address, &grant.access).map(drop),
            None => Ok(()),
        }
    }

    /// What [`crate::Store::grant`] promises.
    pub(super) async fn give(&self, name: &SecretName, spec: GrantSpec) -> Result<Grant> {
        let principal = Self::check_spec(&spec)?;
        if spec.expires_at.is_some_and(|end| end <= Timestamp::now()) {
            return Err(Invalid::new("expires_at", "it is in the past; the grant would never hold").into());
        }
        let address = self.address(name).await?;
        let permits = permits(&address, &spec.access)?;
        self.live(name).await?;
        let holders = principal.holders(&self.client).await.map_err(|error| match error {
            LookupError::Invalid(invalid) => invalid.into(),
            LookupError::Api(error) => error.during(Action::Grant, name),
        })?;
        let place = Place::of(&address);
        let id = spec.id(name);
        let note = self.write_policy(name, &place, &spec, &permits, &holders).await?;
        let policy = place.policy(&id);
        for holder in &holders {
            let change = holder::change(&self.client, &self.holders, holder, &policy, Change::Add);
            match change.await.map_err(|error| error.during(Action::Grant, name))? {
                Changed::Done => {}
                Changed::HolderIsGone => return Err(gone(&spec, holder)),
                Changed::Contended => return Err(contended(holder)),
            }
        }
        Ok(note.grant(id))
    }

    /// Writes the policy of a grant unless it is there as wanted. One that is not ours is left alone.
    async fn write_policy(
        &self,
        name: &SecretName,
        place: &Place,
        spec: &GrantSpec,
        permits: &Permits,
        holders: &[PolicyHolder],
    ) -> Result<Note> {
        let policy = place.policy(&spec.id(name));
        let mut end = End::ByServer;
        for _ in 0..ATTEMPTS {
            let stored = self.policy(&policy).await.map_err(|error| error.during(Action::Grant, name))?;
            let before = match &stored {
                None => None,
                Some(stored) => Some(ours(place, &policy, stored).ok_or_else(|| foreign(name, &policy))?),
            };
            let created_at = before.as_ref().map_or_else(Timestamp::now, |before| before.created_at);
            // What the principal meant when it was granted, and does not mean any more.
            for left in before.iter().flat_map(Note::holders).filter(|holder| !holders.contains(holder)) {
                self.unbind(name, &left, &policy).await?;
            }
            let note = Note::new(place, spec, created_at, holders);
            let texts =
                [policy_text(&note, permits, End::ByServer)?, policy_text(&note, permits, End::ByCaller)?];
            if stored.as_ref().is_some_and(|stored| texts.contains(&stored.policy)) {
                return Ok(note);
            }
            let [by_server, by_caller] = texts;
            let text = if end == End::ByServer { by_server } else { by_caller };
            let version = stored.map_or(Some(-1), |stored| stored.version);
            match self.put_policy(&policy, &text, version).await {
                Ok(()) => return Ok(note),
                Err(ApiError::Refused { messages, .. })
                    if end == End::ByServer
                        && messages.iter().any(|message| message.contains("expiration")) =>
                {
                    end = End::ByCaller;
                }
                // Looked at again: it may have been written.
                Err(ApiError::CasMismatch { .. } | ApiError::Lost { .. }) => {}
                Err(error) => return Err(error.during(Action::Grant, name)),
            }
        }
        Err(StoreError::Conflict {
            name: name.clone(),
            reason: format!("policy `{policy}` keeps being written"),
        })
    }

    /// What [`crate::Store::revoke`] promises.
    pub(super) async fn take(&self, name: &SecretName, id: &GrantId) -> Result<Revocation> {
        let address = self.address(name).await?;
        // A grant on a secret that somebody else purged can still be taken away.
        let description = match self.live(name).await {
            Ok(description) => Some(description),
            Err(error) if error.is_not_found() => None,
            Err(error) => return Err(error),
        };
        let Some(grant) = self.end(name, &Place::of(&address), id).await? else {
            return Err(StoreError::NotFound {
                store: KIND,
                what: format!("grant `{id}` of secret `{name}`"),
            });
        };
        let exposed =
            description.map(|description| exposed(&description, &grant.spec.access)).unwrap_or_default();
        Ok(Revocation { grant, exposed })
    }

    /// What [`crate::Store::grants`] promises. A grant whose policy somebody took off its role is not among them.
    pub(super) async fn given(&self, name: &SecretName) -> Result<Vec<Grant>> {
        let address = self.address(name).await?;
        self.live(name).await?;
        let place = Place::of(&address);
        let during = |error: ApiError| error.during(Action::Grant, name);
        let ids = self.grant_ids(&place).await.map_err(during)?;
        let place = &place;
        let read = |id: GrantId| async move {
            let policy = place.policy(&id);
            let Some(stored) = self.policy(&policy).await? else { return Ok(None) };
            let Some(note) = ours(place, &policy, &stored) else { return Ok(None) };
            Ok(self.is_bound(&note, &policy).await?.then(|| note.grant(id)))
        };
        let grants = futures::stream::iter(ids).map(read).buffer_unordered(CONCURRENCY);
        let mut grants: Vec<Grant> =
            grants.try_filter_map(|grant| async { Ok(grant) }).try_collect().await.map_err(during)?;
        grants.sort_by_key(|grant| grant.id);
        Ok(grants)
    }

    /// Takes all grants of a secret away: for its purge. Without the right to list policies there are none of this token's.
    pub(super) async fn revoke_all(&self, name: &SecretName, address: &Address) -> Result<()> {
        let place = Place::of(address);
        let ids = match self.grant_ids(&place).await {
            Ok(ids) => ids,
            Err(ApiError::Denied { .. }) => {
                tracing::warn!(secret = %name, "grants are not looked for: the token may not list `{POLICIES}`");
                return Ok(());
            }
            Err(error) => return Err(error.during(Action::Grant, name)),
        };
        for id in ids {
            self.end(name, &place, &id).await?;
        }
        Ok(())
    }

    /// The secret, if it is live.
    pub(super) async fn live(&self, name: &SecretName) -> Result<SecretDescription> {
        let description = crate::Store::describe(self, name).await?;
        match description.deletion {
            None => Ok(description),
            Some(deletion) => {
                Err(StoreError::ScheduledForDeletion { name: name.clone(), until: deletion.until })
            }
        }
    }

    /// Unbinds and deletes the policy of a grant; none when there is no such policy of ours.
    async fn end(&self, name: &SecretName, place: &Place, id: &GrantId) -> Result<Option<Grant>> {
        let during = |error: ApiError| error.during(Action::Grant, name);
        let policy = place.policy(id);
        let Some(stored) = self.policy(&policy).await.map_err(during)? else { return Ok(None) };
        let Some(note) = ours(place, &policy, &stored) else { return Ok(None) };
        for holder in note.holders() {
            self.unbind(name, &holder, &policy).await?;
        }
        self.delete_policy(&policy).await.map_err(during)?;
        Ok(Some(note.grant(*id)))
    }

    async fn unbind(&self, name: &SecretName, holder: &PolicyHolder, policy: &str) -> Result<()> {
        let change = holder::change(&self.client, &self.holders, holder, policy, Change::Remove);
        match change.await.map_err(|error| error.during(Action::Grant, name))? {
            // A role that is gone gives nobody anything.
            Changed::Done | Changed::HolderIsGone => Ok(()),
            Changed::Contended => Err(contended(holder)),
        }
    }

    /// Whether anybody was left the policy. What may not be seen, and whom somebody deleted, counts as yes: the grant is
    /// then shown, and can be revoked.
    async fn is_bound(&self, note: &Note, policy: &str) -> Result<bool, ApiError> {
        for holder in note.holders() {
            match holder::holds(&self.client, &holder, policy).await {
                Ok(Some(false)) => {}
                Ok(Some(true) | None) | Err(ApiError::Denied { .. }) => return Ok(true),
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }

    async fn grant_ids(&self, place: &Place) -> Result<Vec<GrantId>, ApiError> {
        let prefix = place.prefix();
        let names = self.client.list(POLICIES).await?;
        Ok(names
            .iter()
            .filter(|policy| policy.starts_with(&prefix))
            .filter_map(|policy| id_in(policy))
            .collect())
    }

    /// One policy, if it is there.
    pub(super) async fn policy(&self, name: &str) -> Result<Option<StoredPolicy>, ApiError> {
        #[derive(Deserialize)]
        struct Answer {
            data: StoredPolicy,
        }
        match self.client.read::<Answer>(&format!("{POLICIES}/{name}")).await {
            Ok(answer) => Ok(Some(answer.data)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes a policy if it still is at this version; OpenBao takes -1 for "is not there", Vault ignores it.
    async fn put_policy(&self, name: &str, text: &str, version: Option<i64>) -> Result<(), ApiError> {
        #[derive(Serialize)]
        struct Body<'a> {
            policy: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            cas: Option<i64>,
        }
        self.client.put(&format!("{POLICIES}/{name}"), &Body { policy: text, cas: version }).await
    }

    async fn delete_policy(&self, name: &str) -> Result<(), ApiError> {
        let path = format!("{POLICIES}/{name}");
        match self.client.delete(&path).await {
            Err(ApiError::Lost { .. }) => self.client.delete(&path).await,
            other => other,
        }
    }
}

/// The note of a policy, if it is of a grant on this secret.
fn ours(place: &Place, policy: &str, stored: &StoredPolicy) -> Option<Note> {
    let note = Note::of(&stored.policy)?;
    let is_here = note.mount == place.mount && note.secret == place.path;
    (is_here && policy.starts_with(&place.prefix())).then_some(note)
}

/// The versions that the access lets one read.
fn exposed(description: &SecretDescription, access: &AccessSet) -> Vec<VersionId> {
    let rotates = access.contains(Access::Rotate);
    if !rotates && !access.contains(Access::Read) {
        return Vec::new();
    }
    // A version that waits to be promoted lies at a path of its own.
    let is_pending = |id: &VersionId| id.as_str().starts_with("pending-");
    let versions = description.versions.iter().map(|version| version.id.clone());
    versions.filter(|id| rotates || !is_pending(id)).collect()
}

fn foreign(name: &SecretName, policy: &str) -> StoreError {
    StoreError::Conflict {
        name: name.clone(),
        reason: format!(
            "a policy `{policy}`, which this grant needs, exists and was not made by it; look at it with `bao policy read {policy}` and delete it"
        ),
    }
}

fn gone(spec: &GrantSpec, holder: &PolicyHolder) -> StoreError {
    let reason =
        format!("`{}` (`{}`) was deleted while it was granted access", spec.principal, holder.path());
    Invalid::new("principal", reason).into()
}

fn contended(holder: &PolicyHolder) -> StoreError {
    StoreError::Unavailable {
        store: KIND,
        reason: format!("the policies of `{}` keep being written by somebody else; try again", holder.path()),
        source: None,
    }
}
