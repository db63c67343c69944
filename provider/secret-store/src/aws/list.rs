//! All secrets of a region. A page of AWS's list has neither copies nor the times of versions, so each secret is described.

use aws_sdk_secretsmanager::types::{Filter, FilterNameStringType, SecretListEntry};
use futures::{StreamExt, stream};

use super::AwsStore;
use super::fault::Fault;
use crate::Result;
use crate::error::{Action, Invalid, StoreError};
use crate::metadata::SecretDescription;
use crate::name::SecretName;
use crate::store::{DeletedSecrets, DescriptionStream, ListFilter};

/// How many secrets are described at a time.
const AT_A_TIME: usize = 10;
/// Secrets per page, the most that AWS gives.
const PAGE: i32 = 100;

impl AwsStore {
    pub(super) fn list_secrets(&self, filter: ListFilter) -> DescriptionStream<'_> {
        let names = async move { self.names(&filter).await };
        stream::once(names)
            .flat_map(|names| match names {
                Ok(names) => stream::iter(names).boxed(),
                Err(error) => stream::iter([Err(error)]).boxed(),
            })
            .map(|name| self.describe_listed(name))
            .buffered(AT_A_TIME)
            .filter_map(|described| async { described.transpose() })
            .boxed()
    }

    /// `None` for one that is gone since it was listed.
    async fn describe_listed(&self, name: Result<SecretName>) -> Result<Option<SecretDescription>> {
        match self.describe_secret(&name?).await {
            Err(error) if error.is_not_found() => Ok(None),
            described => described.map(Some),
        }
    }

    /// The names that pass the filter, sorted. One that is no name here is an error among them.
    async fn names(&self, filter: &ListFilter) -> Result<Vec<Result<SecretName>>> {
        let clients = self.clients().await?;
        let by_name = filter
            .prefix
            .as_ref()
            .filter(|prefix| !prefix.is_empty())
            .map(|prefix| vec![Filter::builder().key(FilterNameStringType::Name).values(prefix).build()]);
        let mut found = Vec::new();
        let mut next = None;
        loop {
            let call = clients
                .secrets
                .list_secrets()
                .max_results(PAGE)
                .include_planned_deletion(filter.deleted != DeletedSecrets::Exclude)
                .set_filters(by_name.clone())
                .set_next_token(next);
            let page = call.send().await.map_err(|error| list_told(Fault::from(error)))?;
            found.extend(
                page.secret_list.unwrap_or_default().into_iter().filter_map(|entry| accepted(filter, entry)),
            );
            next = page.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                break;
            }
        }
        found.sort();
        found.dedup();
        Ok(found
            .into_iter()
            .map(|name| SecretName::parse(&name).map_err(|error| not_usable(&name, &error)))
            .collect())
    }
}

/// The name, if the entry is among what was asked for. AWS's own filter may not tell `A` from `a`.
fn accepted(filter: &ListFilter, entry: SecretListEntry) -> Option<String> {
    let is_deleted = entry.deleted_date.is_some();
    let wanted = match filter.deleted {
        DeletedSecrets::Exclude => !is_deleted,
        DeletedSecrets::Include => true,
        DeletedSecrets::Only => is_deleted,
    };
    let name = entry.name.filter(|_| wanted)?;
    filter.prefix.as_ref().is_none_or(|prefix| name.starts_with(prefix.as_str())).then_some(name)
}

fn not_usable(name: &str, error: &Invalid) -> StoreError {
    Invalid::new("name", format!("AWS has a secret `{name}` that cannot be managed here: {}", error.reason))
        .into()
}

/// A list has no secret's name, so a refusal says so in its own words.
fn list_told(fault: Fault) -> StoreError {
    match fault {
        Fault::Refused { code, message } => StoreError::Unavailable {
            store: super::KIND,
            reason: format!("AWS refused to {} its secrets: {message} ({code})", Action::List),
            source: None,
        },
        Fault::Throttled => StoreError::Throttled { store: super::KIND, retry_after: None },
        Fault::Credentials { reason, source } => StoreError::Unavailable {
            store: super::KIND,
            reason: format!("its credentials do not work: {reason}"),
            source,
        },
        Fault::Unreachable { reason, source } => {
            StoreError::Unavailable { store: super::KIND, reason, source }
        }
    }
}
