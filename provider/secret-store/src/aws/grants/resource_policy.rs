//! Statements in the policy of a secret, among those of others.

use std::path::PathBuf;
use std::time::Duration;

use aws_sdk_secretsmanager::config::Builder;
use aws_sdk_secretsmanager::config::retry::RetryConfig;
use jiff::Timestamp;

use super::principal::AwsPrincipal;
use super::statement::is_of;
use super::{Patience, Subject, key, words};
use crate::Result;
use crate::aws::AwsStore;
use crate::aws::fault::Fault;
use crate::aws::policy::{MAX_CHARACTERS, NotAPolicy, Policy, Statement};
use crate::error::{Action, Invalid, StoreError};
use crate::grant::{Grant, GrantId, GrantSpec};

/// How often a policy is written that somebody else overwrites. Pauses for a principal, and for AWS itself, have limits of their own.
const WRITES: u32 = 10;

/// Whether AWS is asked to refuse a document that lets everybody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PublicPolicy {
    Refuse,
    /// For a document that gives nobody anything new.
    Keep,
}

/// How a document was not written.
enum Unwritten {
    /// AWS does not know a principal in it, or not yet.
    Principal(Fault),
    /// It lets everybody in.
    Public(Fault),
    /// It may have been written.
    Unsure(Fault),
    /// For another reason that repeating does not help.
    Refused(Fault),
}

impl AwsStore {
    /// The policy of a secret, empty if it has none.
    pub(in crate::aws) async fn policy_of(&self, subject: &Subject) -> Result<Policy> {
        let client = &self.clients().await?.secrets;
        let answer = client.get_resource_policy().secret_id(subject.arn.to_string()).send().await;
        let answer = answer.map_err(|error| Fault::from(error).into_error(Action::Grant, &subject.name))?;
        match answer.resource_policy().filter(|text| !text.trim().is_empty()) {
            None => Ok(Policy::empty()),
            Some(text) => Policy::parse(text).map_err(|reason| damaged(subject, &reason)),
        }
    }

    /// Has the policy have the statement of a grant, and waits until it stays.
    pub(super) async fn write_statement(
        &self,
        subject: &Subject,
        spec: &GrantSpec,
        principal: &AwsPrincipal,
    ) -> Result<Grant> {
        let site = subject.site();
        let id = spec.id(&subject.name);
        let mut for_principal = Patience::new(self.waits.first, self.waits.principal);
        let mut retries = self.retries().await?;
        let now = Timestamp::now();
        let mut writes = 0;
        while writes < WRITES {
            let mut policy = self.policy_of(subject).await?;
            let ours = statements_of(&policy, &id);
            // The time at which it was first given stays, whoever wrote it.
            let created_at =
                ours.iter().find_map(|statement| site.grant(statement)).map_or(now, |old| old.created_at);
            let statement = site.statement(spec, principal, created_at)?;
            if let [there] = ours.as_slice()
                && **there == statement
            {
                return site.grant(&statement).ok_or_else(|| {
                    Invalid::new("grant", "it cannot be read back from the statement it is written as").into()
                });
            }
            policy.replace(statement, |old| is_of(old, &id));
            prune(subject, &mut policy);
            check_exposure(&policy)?;
            let text = check_size(&policy)?;
            match self.put_policy(subject, text, PublicPolicy::Refuse).await {
                Ok(()) => {
                    writes += 1;
                    tokio::time::sleep(self.waits.settle).await;
                }
                Err(Unwritten::Principal(fault)) => {
                    if !for_principal.pause().await {
                        return Err(no_principal(spec, &fault).into());
                    }
                }
                Err(Unwritten::Public(fault)) => return Err(public(&words(&fault)).into()),
                Err(Unwritten::Unsure(fault)) => retries.pause(fault, subject).await?,
                Err(Unwritten::Refused(fault)) => return Err(refused(fault, subject)),
            }
        }
        Err(contended(subject))
    }

    /// Takes the statement of a grant out of the policy, and first what it needs of the key. `None` when there is no such grant;
    /// a statement of that name which says something else goes too.
    pub(super) async fn erase_statement(&self, subject: &Subject, id: &GrantId) -> Result<Option<Grant>> {
        let mut grant = None;
        let mut is_key_taken = false;
        let mut retries = self.retries().await?;
        let mut public_policy = PublicPolicy::Refuse;
        let mut writes = 0;
        while writes < WRITES {
            let mut policy = self.policy_of(subject).await?;
            let ours = statements_of(&policy, id);
            if ours.is_empty() {
                return Ok(grant);
            }
            grant = grant.or_else(|| ours.into_iter().find_map(|statement| subject.site().grant(statement)));
            if !is_key_taken {
                self.take_key_of(subject, id, grant.as_ref()).await?;
                is_key_taken = true;
            }
            policy.remove(|statement| is_of(statement, id));
            prune(subject, &mut policy);
            let written = if policy.is_empty() {
                self.delete_policy(subject).await
            } else {
                self.put_policy(subject, policy.text(), public_policy).await
            };
            match written {
                Ok(()) => {
                    writes += 1;
                    tokio::time::sleep(self.waits.settle).await;
                }
                // It was so before, by somebody else; that must not keep anybody from taking access away.
                Err(Unwritten::Public(_)) if public_policy == PublicPolicy::Refuse => {
                    public_policy = PublicPolicy::Keep;
                }
                Err(Unwritten::Unsure(fault)) => retries.pause(fault, subject).await?,
                Err(Unwritten::Principal(fault) | Unwritten::Public(fault) | Unwritten::Refused(fault)) => {
                    return Err(refused(fault, subject));
                }
            }
        }
        Err(contended(subject))
    }

    /// Takes away what a statement needs of the secret's key, if that is a customer's.
    async fn take_key_of(&self, subject: &Subject, id: &GrantId, grant: Option<&Grant>) -> Result<()> {
        if grant.is_some_and(|grant| key::operations(&grant.spec.access).is_empty()) {
            return Ok(());
        }
        match self.customer_key(subject).await {
            Ok(Some(key)) => self.take_key(subject, &key, id).await,
            Ok(None) => Ok(()),
            // A key that is gone opens nothing.
            Err(StoreError::Invalid(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Writes a document, once: repeated by the SDK, it could overwrite what somebody wrote meanwhile.
    async fn put_policy(
        &self,
        subject: &Subject,
        text: String,
        public: PublicPolicy,
    ) -> Result<(), Unwritten> {
        let clients = self.clients().await.map_err(|error| Unwritten::Refused(unreachable(&error)))?;
        let request = clients.secrets.put_resource_policy().secret_id(subject.arn.to_string());
        let request = request.resource_policy(text).block_public_policy(public == PublicPolicy::Refuse);
        let sent = request.customize().config_override(once()).send().await;
        sent.map(drop).map_err(|error| classify(error.into()))
    }

    async fn delete_policy(&self, subject: &Subject) -> Result<(), Unwritten> {
        let clients = self.clients().await.map_err(|error| Unwritten::Refused(unreachable(&error)))?;
        let request = clients.secrets.delete_resource_policy().secret_id(subject.arn.to_string());
        let sent = request.customize().config_override(once()).send().await;
        sent.map(drop).map_err(|error| classify(error.into()))
    }

    async fn retries(&self) -> Result<Retries> {
        Ok(Retries { left: self.clients().await?.retries, next: self.waits.first })
    }
}

/// Pauses after requests that AWS was too busy for, or did not answer.
struct Retries {
    left: u32,
    next: Duration,
}

impl Retries {
    async fn pause(&mut self, fault: Fault, subject: &Subject) -> Result<()> {
        let Some(left) = self.left.checked_sub(1) else {
            return Err(fault.into_error(Action::Grant, &subject.name));
        };
        self.left = left;
        tokio::time::sleep(self.next).await;
        self.next = (self.next * 2).min(super::MAX_PAUSE);
        Ok(())
    }
}

fn statements_of<'a>(policy: &'a Policy, id: &GrantId) -> Vec<&'a Statement> {
    policy.statements().iter().filter(|statement| is_of(statement, id)).collect()
}

fn once() -> Builder {
    Builder::new().retry_config(RetryConfig::disabled())
}

fn classify(fault: Fault) -> Unwritten {
    match &fault {
        Fault::Throttled | Fault::Unreachable { .. } => Unwritten::Unsure(fault),
        Fault::Refused { code, .. } if code == "PublicPolicyException" => Unwritten::Public(fault),
        Fault::Refused { code, .. } if code == "InternalServiceError" => Unwritten::Unsure(fault),
        // "This resource policy contains an unsupported principal."
        _ if ["MalformedPolicyDocumentException", "InvalidParameterException"]
            .iter()
            .any(|code| fault.says(code, "principal")) =>
        {
            Unwritten::Principal(fault)
        }
        _ => Unwritten::Refused(fault),
    }
}

fn unreachable(error: &StoreError) -> Fault {
    Fault::Unreachable { reason: error.to_string(), source: None }
}

fn prune(subject: &Subject, policy: &mut Policy) {
    let gone = policy.prune();
    if !gone.is_empty() {
        tracing::warn!(
            secret = %subject.name,
            principals = %gone.join(", "),
            "deleted roles or users are taken out of the policy of the secret; AWS refuses a policy that names them"
        );
    }
}

fn check_exposure(policy: &Policy) -> Result<(), Invalid> {
    let open = policy.open_statements();
    if open.is_empty() {
        return Ok(());
    }
    Err(public(&format!("statement {} allows something to everybody", open.join(", "))))
}

fn check_size(policy: &Policy) -> Result<String, Invalid> {
    let text = policy.text();
    let characters = text.chars().count();
    if characters <= MAX_CHARACTERS {
        return Ok(text);
    }
    Err(Invalid::new(
        "secret_id",
        format!(
            "with this grant the policy of the secret would have {characters} characters, and AWS takes {MAX_CHARACTERS}; use `via = \"identity_policy\"`, or grant to one role that several assume"
        ),
    ))
}

fn public(what: &str) -> Invalid {
    Invalid::new(
        "secret_id",
        format!(
            "the policy of the secret would let everybody in: {what}; have whoever wrote that statement name the principals, or narrow it (`aws:PrincipalOrgID`, `aws:SourceVpce`)"
        ),
    )
}

fn no_principal(spec: &GrantSpec, fault: &Fault) -> Invalid {
    Invalid::new(
        "principal",
        format!(
            "AWS does not know `{}`, or another principal in the policy of the secret: {}; see that it exists, and that its service takes resource policies",
            spec.principal,
            words(fault)
        ),
    )
}

fn refused(fault: Fault, subject: &Subject) -> StoreError {
    if fault.is("MalformedPolicyDocumentException") {
        let reason = format!("AWS does not take the policy of the secret: {}", words(&fault));
        return Invalid::new("conditions", reason).into();
    }
    fault.into_error(Action::Grant, &subject.name)
}

fn damaged(subject: &Subject, reason: &NotAPolicy) -> StoreError {
    StoreError::Corrupt {
        what: format!("the resource policy of secret `{}` ({reason})", subject.name),
        path: PathBuf::from(subject.arn.to_string()),
        help: "look at it with `aws secretsmanager get-resource-policy`, and repair or delete it; nothing was overwritten"
            .to_owned(),
    }
}

fn contended(subject: &Subject) -> StoreError {
    StoreError::Conflict {
        name: subject.name.clone(),
        reason: "its policy keeps being overwritten by somebody else".to_owned(),
    }
}
