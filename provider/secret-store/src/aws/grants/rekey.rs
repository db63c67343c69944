//! A secret that gets another key: AWS encrypts its versions again, so those who were granted it are let use the new key before that, and
//! no longer use the old one after it.

use super::Subject;
use super::key::{self, CustomerKey};
use super::principal::{AwsPrincipal, Identity, partition_of};
use crate::Result;
use crate::aws::AwsStore;
use crate::aws::state::Seen;
use crate::error::{Invalid, StoreError};
use crate::grant::{Grant, GrantPlace};
use crate::name::SecretName;

impl AwsStore {
    /// Before the secret gets its new key; `None` for the one that AWS manages. Made again, it changes nothing.
    ///
    /// # Errors
    /// `Invalid` on field `kms_key` when somebody has a grant who could not use the key.
    pub(in crate::aws) async fn give_new_key(
        &self,
        name: &SecretName,
        seen: &Seen,
        new: Option<&str>,
    ) -> Result<()> {
        let before = Subject::of(name, seen)?;
        let after = Subject { key: new.map(str::to_owned), ..Subject::of(name, seen)? };
        for grant in self.given_on(&before).await? {
            let principal = principal_of(&before, &grant)?;
            let new = self.key_for(&after, &grant.spec.access, &principal).await.map_err(about_key)?;
            let Some(new) = new else { continue };
            match own(&grant, &principal) {
                Some(identity) => {
                    let old = self.key_left(&before).await?.filter(|old| *old != new);
                    let keys: Vec<_> = old.into_iter().chain([new]).collect();
                    self.put_own_policy(&before, &grant.spec, identity, &keys).await?;
                }
                None => {
                    self.give_key(&after, &new, &grant.spec, &principal).await?;
                }
            }
        }
        Ok(())
    }

    /// After the secret got its new key.
    pub(in crate::aws) async fn take_old_key(
        &self,
        name: &SecretName,
        seen: &Seen,
        new: Option<&str>,
    ) -> Result<()> {
        let before = Subject::of(name, seen)?;
        let after = Subject { key: new.map(str::to_owned), ..Subject::of(name, seen)? };
        let mut is_key_used = false;
        for grant in self.given_on(&after).await? {
            if key::operations(&grant.spec.access).is_empty() {
                continue;
            }
            is_key_used = true;
            let principal = principal_of(&after, &grant)?;
            if let Some(identity) = own(&grant, &principal) {
                self.give_own_policy(&after, &grant.spec, identity).await?;
            }
        }
        if !is_key_used {
            return Ok(());
        }
        match self.key_left(&before).await? {
            // The same key may have been called by another of its names.
            Some(old) if self.customer_key(&after).await?.as_ref() != Some(&old) => {
                self.take_all_of_key(&before, &old).await
            }
            _ => Ok(()),
        }
    }

    /// The key that the secret had; `None` also for one that does not exist any more, which must not keep anybody from leaving it.
    async fn key_left(&self, before: &Subject) -> Result<Option<CustomerKey>> {
        match self.customer_key(before).await {
            Err(StoreError::Invalid(_)) => Ok(None),
            other => other,
        }
    }
}

fn principal_of(subject: &Subject, grant: &Grant) -> Result<AwsPrincipal, Invalid> {
    AwsPrincipal::parse(&grant.spec.principal, Some(partition_of(&subject.arn.region)))
}

/// The role or user in whose own policy a grant is.
fn own<'a>(grant: &Grant, principal: &'a AwsPrincipal) -> Option<&'a Identity> {
    match principal {
        AwsPrincipal::Identity(identity) if grant.spec.via == Some(GrantPlace::IdentityPolicy) => {
            Some(identity)
        }
        _ => None,
    }
}

/// The same about the argument that was changed.
fn about_key(error: StoreError) -> StoreError {
    match error {
        StoreError::Invalid(invalid) if invalid.field == "principal" => Invalid::new(
            "kms_key",
            format!("a grant on the secret would not work with it: {}", invalid.reason),
        )
        .into(),
        other => other,
    }
}
