//! Grants: one statement each, in the secret's policy or in the principal's.
//!
//! The policy of a secret is one document without check-and-set, which several people write. So a write is read back after a pause that
//! is longer than others take between their reading and writing, and made again if it was overwritten meanwhile. Other statements are
//! carried along as they are.
//!
//! What a customer-managed key needs is given before the statement and taken away before it. So while there is a statement it works, and
//! the same call made again after an interruption finishes the work.

use std::time::Duration;

use futures::StreamExt;
use jiff::Timestamp;

use self::principal::{AwsPrincipal, Identity, partition_of};
use self::statement::{Site, in_normal_form};
use super::arn::Arn;
use super::fault::Fault;
use super::notes::Tags;
use super::policy::Statement;
use super::state::{Seen, labels};
use super::{AwsStore, KIND};
use crate::Result;
use crate::error::{Invalid, StoreError};
use crate::grant::{Access, Grant, GrantId, GrantPlace, GrantSpec, Revocation};
use crate::name::SecretName;
use crate::version::VersionId;

mod condition;
mod identity_policy;
mod key;
pub(super) mod principal;
mod rekey;
mod resource_policy;
pub(super) mod statement;

/// How many policies of identities are asked for at once.
const CONCURRENCY: usize = 8;

/// How long is waited for what AWS does in its own time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waits {
    /// Between writing a policy and reading it back: longer than another writer takes between its reading and writing.
    settle: Duration,
    /// For a role or user that was just created, in all. AWS says "a few seconds", and people see minutes:
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency>.
    principal: Duration,
    /// Before the first repetition; each later pause is twice as long.
    first: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            settle: Duration::from_millis(300),
            principal: Duration::from_secs(60),
            first: Duration::from_millis(500),
        }
    }
}

impl Waits {
    /// For tests, in which a principal is there or is not.
    #[cfg(feature = "contract")]
    pub(super) const fn short() -> Self {
        Self {
            settle: Duration::from_millis(100),
            principal: Duration::from_secs(2),
            first: Duration::from_millis(50),
        }
    }
}

/// Pauses that double until their time is over.
#[derive(Debug)]
struct Patience {
    next: Duration,
    left: Duration,
}

/// Longest pause.
const MAX_PAUSE: Duration = Duration::from_secs(8);

impl Patience {
    const fn new(first: Duration, total: Duration) -> Self {
        Self { next: first, left: total }
    }

    /// Waits; false when there is no time left.
    async fn pause(&mut self) -> bool {
        if self.left.is_zero() {
            return false;
        }
        let pause = self.next.min(self.left);
        tokio::time::sleep(pause).await;
        self.left = self.left.saturating_sub(pause);
        self.next = (self.next * 2).min(MAX_PAUSE);
        true
    }
}

/// The secret that a grant is on, as one request tells.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) name: SecretName,
    pub(super) arn: Arn,
    /// As AWS has it; `None` for the key that AWS manages.
    key: Option<String>,
    tags: Tags,
    /// Versions with a label.
    live: Vec<VersionId>,
}

impl Subject {
    fn of(name: &SecretName, seen: &Seen) -> Result<Self> {
        let arn = Arn::parse(seen.arn()).ok_or_else(|| StoreError::Unavailable {
            store: KIND,
            reason: format!("what answered gives no ARN of secret `{name}`; check `endpoint_url`"),
            source: None,
        })?;
        let staged = seen.secret.version_ids_to_stages().into_iter().flatten();
        let mut live: Vec<VersionId> = staged
            .filter(|(_, stages)| !labels(stages.iter().map(String::as_str)).is_empty())
            .filter_map(|(id, _)| VersionId::parse(id).ok())
            .collect();
        live.sort();
        Ok(Self { name: name.clone(), arn, key: seen.metadata().kms_key, tags: seen.tags.clone(), live })
    }

    fn site(&self) -> Site<'_> {
        Site { name: &self.name, arn: &self.arn }
    }

    /// The grant that a statement of the policy is, if it is one.
    pub(super) fn grant(&self, statement: &Statement) -> Option<Grant> {
        self.site().grant(statement)
    }

    /// The principals that have a policy of their own for this secret, by grant.
    fn index(&self) -> impl Iterator<Item = (GrantId, Identity)> {
        self.tags.iter().filter_map(|(key, value)| identity_policy::index_entry(key, value))
    }
}

/// Checks a grant without asking AWS. `region` is the store's, where it is known.
pub(super) fn check(grant: &GrantSpec, region: Option<&str>) -> Result<(), Invalid> {
    parse(grant, region).map(drop)
}

fn parse(grant: &GrantSpec, region: Option<&str>) -> Result<AwsPrincipal, Invalid> {
    let principal = AwsPrincipal::parse(&grant.principal, region.map(partition_of))?;
    statement::check(grant)?;
    if grant.via == Some(GrantPlace::IdentityPolicy) {
        own_policy(&principal)?;
    }
    Ok(principal)
}

/// The role or user that can be given a policy of its own.
fn own_policy(principal: &AwsPrincipal) -> Result<&Identity, Invalid> {
    let (what, hint) = match principal {
        AwsPrincipal::Identity(identity) => {
            identity.check_own_policy()?;
            return Ok(identity);
        }
        AwsPrincipal::Account(_) => ("an account has", ""),
        AwsPrincipal::Session(_) => ("a session has", ", or the role of the session"),
        AwsPrincipal::Service(_) => ("a service has", ""),
    };
    Err(Invalid::new("via", format!("{what} no policy of its own; use `resource_policy`{hint}")))
}

impl AwsStore {
    /// What [`crate::Store::grant`] promises.
    pub(super) async fn give(&self, name: &SecretName, spec: GrantSpec) -> Result<Grant> {
        let spec = in_normal_form(spec);
        let region = self.clients().await?.region.as_str();
        let principal = parse(&spec, Some(region))?;
        if spec.expires_at.is_some_and(|end| end <= Timestamp::now()) {
            return Err(Invalid::new("expires_at", "it is in the past; the grant would never hold").into());
        }
        let _one_at_a_time = self.locks.of(name.as_str()).await;
        let subject = self.subject(name).await?;
        match spec.via {
            Some(GrantPlace::IdentityPolicy) => {
                let identity = own_policy(&principal)?;
                self.give_own_policy(&subject, &spec, identity).await
            }
            Some(GrantPlace::ResourcePolicy) | None => {
                let id = spec.id(name);
                let key = self.key_for(&subject, &spec.access, &principal).await?;
                let given = match &key {
                    Some(key) => self.give_key(&subject, key, &spec, &principal).await?,
                    None => key::Given::WasThere,
                };
                let granted = self.write_statement(&subject, &spec, &principal).await;
                // What failed for good leaves nothing behind. After anything else the same call is made again.
                if let (Err(error), Some(key), key::Given::Now) = (&granted, &key, given)
                    && !error.is_transient()
                {
                    self.take_key(&subject, key, &id).await?;
                }
                granted
            }
        }
    }

    /// What [`crate::Store::revoke`] promises.
    pub(super) async fn take(&self, name: &SecretName, id: &GrantId) -> Result<Revocation> {
        let _one_at_a_time = self.locks.of(name.as_str()).await;
        let subject = self.subject(name).await?;
        let entry = subject.index().find(|(entry, _)| entry == id);
        let grant = match entry {
            Some((_, identity)) => self.take_own_policy(&subject, id, &identity).await?,
            None => self.erase_statement(&subject, id).await?,
        };
        let Some(grant) = grant else {
            return Err(StoreError::NotFound {
                store: KIND,
                what: format!("grant `{id}` of secret `{name}`"),
            });
        };
        let exposed = if grant.spec.access.contains(Access::Read) { subject.live } else { Vec::new() };
        Ok(Revocation { grant, exposed })
    }

    /// What [`crate::Store::grants`] promises.
    pub(super) async fn given(&self, name: &SecretName) -> Result<Vec<Grant>> {
        self.given_on(&self.subject(name).await?).await
    }

    async fn given_on(&self, subject: &Subject) -> Result<Vec<Grant>> {
        let policy = self.policy_of(subject).await?;
        let mut grants: Vec<Grant> =
            policy.statements().iter().filter_map(|statement| subject.site().grant(statement)).collect();
        grants.extend(self.own_policies(subject).await?);
        grants.sort_by_key(|grant| grant.id);
        grants.dedup_by_key(|grant| grant.id);
        Ok(grants)
    }

    /// The grants that are in policies of roles and users.
    pub(super) async fn own_policies(&self, subject: &Subject) -> Result<Vec<Grant>> {
        let entries: Vec<_> = subject.index().collect();
        let reads: Vec<_> =
            entries.iter().map(|(id, identity)| self.own_policy_of(subject, id, identity)).collect();
        let mut read = futures::stream::iter(reads).buffer_unordered(CONCURRENCY);
        let mut grants = Vec::new();
        while let Some(grant) = read.next().await {
            grants.extend(grant?);
        }
        Ok(grants)
    }

    /// Takes away what grants would leave behind a purged secret: policies of roles and users, grants of its key. What this identity
    /// may not take away stays; it names an ARN that no secret will have again.
    pub(super) async fn leave_nothing(&self, name: &SecretName, seen: &Seen) -> Result<()> {
        let subject = Subject::of(name, seen)?;
        let mut done = Ok(());
        for (id, identity) in subject.index() {
            done = done.and(self.delete_own_policy(&subject, &id, &identity).await);
        }
        done = match self.customer_key(&subject).await {
            Ok(Some(key)) => done.and(self.take_all_of_key(&subject, &key).await),
            Ok(None) => done,
            Err(error) => done.and(Err(error)),
        };
        match done {
            Err(error) if error.is_transient() => Err(error),
            Err(error) => {
                tracing::warn!(secret = %name, %error, "what grants need is left behind the secret");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// The secret, if it is live.
    pub(super) async fn subject(&self, name: &SecretName) -> Result<Subject> {
        Subject::of(name, &self.look_live(name).await?)
    }
}

/// What AWS said, to be told with our own words before it.
fn words(fault: &Fault) -> String {
    match fault {
        Fault::Refused { code, message } if message.is_empty() => code.clone(),
        Fault::Refused { code, message } => format!("{message} ({code})"),
        _ => String::new(),
    }
}
