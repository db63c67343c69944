//! What a grant needs of a customer-managed key.
//!
//! With a statement in the secret's policy it is a grant of KMS: the policy of a key is one document that other tools own, and a
//! mistake in it can lock everybody out of the key; a grant of KMS is ours alone, and has a name by which it is found again. With a
//! policy of the principal's own it is a second statement there.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_kms::types::{GrantConstraints, GrantListEntry, GrantOperation, KeyManagerType};
use serde_json::{Value, json};

use super::principal::AwsPrincipal;
use super::{Patience, Subject};
use crate::Result;
use crate::aws::AwsStore;
use crate::aws::fault::Fault;
use crate::aws::policy::{Statement, Who};
use crate::error::{Action, Invalid};
use crate::grant::{Access, AccessSet, GrantId, GrantSpec};

/// The name that Secrets Manager gives the ARN in the encryption context of every value.
/// Source: <https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html>.
const SECRET_ARN: &str = "SecretARN";

/// The ARN of a customer-managed key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CustomerKey(String);

/// Whether a grant of KMS was made by this call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Given {
    Now,
    WasThere,
}

/// What KMS has to do for these accesses.
pub(super) fn operations(access: &AccessSet) -> &'static [GrantOperation] {
    if access.contains(Access::Write) {
        // To write, Secrets Manager opens the data key of the version before, too.
        &[GrantOperation::Decrypt, GrantOperation::GenerateDataKey]
    } else if access.contains(Access::Read) {
        &[GrantOperation::Decrypt]
    } else {
        &[]
    }
}

/// The statement for a policy of the principal's own: only through Secrets Manager, only for this secret. `None` without a key.
pub(super) fn statement(
    keys: &[CustomerKey],
    subject: &Subject,
    spec: &GrantSpec,
) -> Result<Option<Statement>, Invalid> {
    let resource = match keys {
        [] => return Ok(None),
        [CustomerKey(one)] => json!(one),
        several => json!(several.iter().map(|key| &key.0).collect::<Vec<_>>()),
    };
    let actions: Vec<String> =
        operations(&spec.access).iter().map(|operation| format!("kms:{}", operation.as_str())).collect();
    let service = format!("secretsmanager.{}.{}", subject.arn.region, domain(&subject.arn.partition));
    let context = format!("kms:EncryptionContext:{SECRET_ARN}");
    let mut conditions: BTreeMap<&str, Value> = BTreeMap::from([(
        "StringEquals",
        json!({"kms:ViaService": service, context: subject.arn.to_string()}),
    )]);
    if let Some(end) = spec.expires_at {
        conditions.insert("DateLessThan", json!({"aws:CurrentTime": end.to_string()}));
    }
    Statement::of(&[
        ("Sid", json!("SecretlintKey")),
        ("Effect", json!("Allow")),
        ("Action", json!(actions)),
        ("Resource", resource),
        ("Condition", json!(conditions)),
    ])
    .map(Some)
    .map_err(|reason| Invalid::new("grant", reason))
}

/// The end of the names of a partition's services.
fn domain(partition: &str) -> &'static str {
    match partition {
        "aws-cn" => "amazonaws.com.cn",
        "aws-iso" => "c2s.ic.gov",
        "aws-iso-b" => "sc2s.sgov.gov",
        "aws-iso-e" => "cloud.adc-e.uk",
        "aws-iso-f" => "csp.hci.ic.gov",
        "aws-eusc" => "amazonaws.eu",
        _ => "amazonaws.com",
    }
}

/// What the names of our grants of KMS begin with; the grant's id follows.
const NAME_PREFIX: &str = "secretlint-";

fn name_of(id: &GrantId) -> String {
    format!("{NAME_PREFIX}{id}")
}

impl AwsStore {
    /// The customer-managed key that the principal has to be given, if any.
    ///
    /// # Errors
    /// `Invalid` on field `principal` for one that cannot be given the use of the secret's key.
    pub(super) async fn key_for(
        &self,
        subject: &Subject,
        access: &AccessSet,
        principal: &AwsPrincipal,
    ) -> Result<Option<CustomerKey>> {
        if operations(access).is_empty() {
            return Ok(None);
        }
        let key = self.customer_key(subject).await?;
        let is_foreign = principal.account().is_some_and(|account| account != subject.arn.account);
        let reason = match (&key, principal) {
            (None, _) if is_foreign => {
                "it is in another account, and the secret's key is the one that AWS manages, which only the secret's own account can use; give the secret a customer-managed `kms_key`"
            }
            (Some(_), AwsPrincipal::Service(_)) => {
                "a service cannot be given a customer-managed key this way; allow it in the policy of the key, and grant to the role that the service works as"
            }
            _ => return Ok(key),
        };
        Err(Invalid::new("principal", format!("{}: {reason}", principal.who().text())).into())
    }

    /// The key of a secret, if it is a customer's.
    pub(super) async fn customer_key(&self, subject: &Subject) -> Result<Option<CustomerKey>> {
        let Some(key) = subject.key.as_deref() else { return Ok(None) };
        let client = &self.clients().await?.kms;
        let described = client.describe_key().key_id(key).send().await;
        let described =
            described.map_err(|error| Fault::from(error).into_error(Action::Grant, &subject.name))?;
        let Some(metadata) = described.key_metadata() else { return Ok(None) };
        // The one that AWS manages, by its id: everybody in the account may use it, through Secrets Manager only.
        if metadata.key_manager() == Some(&KeyManagerType::Aws) {
            return Ok(None);
        }
        Ok(Some(CustomerKey(metadata.arn().unwrap_or(key).to_owned())))
    }

    /// Lets the principal use the key for this secret. Made again, it changes nothing.
    pub(super) async fn give_key(
        &self,
        subject: &Subject,
        key: &CustomerKey,
        spec: &GrantSpec,
        principal: &AwsPrincipal,
    ) -> Result<Given> {
        let id = spec.id(&subject.name);
        let grantee = grantee(principal, &subject.arn.partition);
        let constraints = HashMap::from([(SECRET_ARN.to_owned(), subject.arn.to_string())]);
        for there in self.key_grants(subject, key, &id).await? {
            // One for a role that was deleted, and made anew under its old name, is for nobody any more.
            let is_right = there.grantee_principal() == Some(grantee.as_str())
                && there.operations().iter().all(|one| operations(&spec.access).contains(one))
                && there.operations().len() == operations(&spec.access).len()
                && there.constraints().and_then(GrantConstraints::encryption_context_subset)
                    == Some(&constraints);
            if is_right {
                return Ok(Given::WasThere);
            }
            self.end_key_grant(subject, key, &there).await?;
        }
        let client = &self.clients().await?.kms;
        let mut patience = Patience::new(self.waits.first, self.waits.principal);
        loop {
            let made = client
                .create_grant()
                .key_id(&key.0)
                .grantee_principal(&grantee)
                .set_operations(Some(operations(&spec.access).to_vec()))
                .constraints(
                    GrantConstraints::builder()
                        .set_encryption_context_subset(Some(constraints.clone()))
                        .build(),
                )
                .name(name_of(&id))
                .send()
                .await;
            let fault = match made {
                Ok(_) => return Ok(Given::Now),
                Err(error) => Fault::from(error),
            };
            // What KMS says of a principal that was just created.
            if !fault.is("InvalidArnException") || !patience.pause().await {
                return Err(self.not_given(subject, spec, fault));
            }
        }
    }

    fn not_given(&self, subject: &Subject, spec: &GrantSpec, fault: Fault) -> crate::error::StoreError {
        if fault.is("InvalidArnException") {
            let reason = format!("KMS does not know `{}`: {}", spec.principal, super::words(&fault));
            return Invalid::new("principal", reason).into();
        }
        fault.into_error(Action::Grant, &subject.name)
    }

    /// Takes away what [`AwsStore::give_key`] gave.
    pub(super) async fn take_key(&self, subject: &Subject, key: &CustomerKey, id: &GrantId) -> Result<()> {
        for there in self.key_grants(subject, key, id).await? {
            self.end_key_grant(subject, key, &there).await?;
        }
        Ok(())
    }

    /// Takes away what all grants on a secret were given.
    pub(super) async fn take_all_of_key(&self, subject: &Subject, key: &CustomerKey) -> Result<()> {
        let arn = subject.arn.to_string();
        let is_ours = |grant: &GrantListEntry| {
            let context = grant.constraints().and_then(GrantConstraints::encryption_context_subset);
            let secret = context.and_then(|context| context.get(SECRET_ARN));
            secret == Some(&arn) && grant.name().is_some_and(|name| name.starts_with(NAME_PREFIX))
        };
        for there in self.grants_of_key(subject, key, is_ours).await? {
            self.end_key_grant(subject, key, &there).await?;
        }
        Ok(())
    }

    async fn end_key_grant(
        &self,
        subject: &Subject,
        key: &CustomerKey,
        grant: &GrantListEntry,
    ) -> Result<()> {
        let client = &self.clients().await?.kms;
        let request = client.revoke_grant().key_id(&key.0).set_grant_id(grant.grant_id().map(str::to_owned));
        match request.send().await.map_err(Fault::from) {
            Ok(_) => Ok(()),
            Err(fault) if fault.is("NotFoundException") || fault.is("InvalidGrantIdException") => Ok(()),
            Err(fault) => Err(fault.into_error(Action::Grant, &subject.name)),
        }
    }

    /// The grants of KMS that belong to one of ours.
    async fn key_grants(
        &self,
        subject: &Subject,
        key: &CustomerKey,
        id: &GrantId,
    ) -> Result<Vec<GrantListEntry>> {
        let wanted = name_of(id);
        self.grants_of_key(subject, key, |grant| grant.name() == Some(wanted.as_str())).await
    }

    async fn grants_of_key(
        &self,
        subject: &Subject,
        key: &CustomerKey,
        is_wanted: impl Fn(&GrantListEntry) -> bool + Send,
    ) -> Result<Vec<GrantListEntry>> {
        let client = &self.clients().await?.kms;
        let mut pages = client.list_grants().key_id(&key.0).into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Fault::from(error).into_error(Action::Grant, &subject.name))?;
            found.extend(page.grants.unwrap_or_default().into_iter().filter(&is_wanted));
        }
        Ok(found)
    }
}

/// A principal as KMS takes it: always an ARN.
fn grantee(principal: &AwsPrincipal, partition: &str) -> String {
    match principal.who() {
        Who::Aws(account) if !account.contains(':') => format!("arn:{partition}:iam::{account}:root"),
        other => other.text(),
    }
}
