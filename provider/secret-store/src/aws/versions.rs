//! Versions and their labels, which AWS calls staging labels. A version's id is the token of the call that made it, so a call that is
//! repeated finds its own.
//!
//! `PutSecretValue` has no check-and-set; moving a label from one version to another has. A guarded write therefore makes its version under the
//! label [`STAGED`], moves `AWSCURRENT` to it from the version expected, and takes [`STAGED`] away. After a lost answer or a crash
//! the repeated call sees by the labels how far it came.
//!
//! AWS ends nothing by itself: the end of a grace is noted in a tag, before the labels move, and the first write after it takes
//! `AWSPREVIOUS` away.

use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueOutput;
use aws_sdk_secretsmanager::primitives::Blob;
use jiff::{SignedDuration, Timestamp};

use super::fault::Fault;
use super::notes::{GRACE, Grace};
use super::secret::Waiting;
use super::state::{CURRENT, PENDING, PREVIOUS, STAGED, Seen, StagedVersion, Versions, labels, stage};
use super::time::timestamp;
use super::{AwsStore, KIND};
use crate::Result;
use crate::error::{Action, Invalid, StoreError};
use crate::metadata::SecretDescription;
use crate::name::SecretName;
use crate::store::{MoveLabel, Promotion, PutVersion, ReadSecret};
use crate::value::SecretValue;
use crate::version::{Version, VersionId, VersionLabel, VersionSelector};

/// How often a label is moved again that somebody else moved at the same time.
const MOVES: usize = 5;

/// A value as the SDK takes it.
pub(super) enum Handed {
    Text(String),
    Bytes(Vec<u8>),
}

/// Copies a value for the SDK, which takes texts and bytes of its own. Neither those nor the request's body, which it keeps to send it again, are
/// wiped: until the call is over and the memory used again, the value is there besides in its own type.
#[expect(clippy::disallowed_methods, reason = "the request to AWS carries the value")]
pub(super) fn hand_over(value: &SecretValue) -> Handed {
    match value.expose_text() {
        Some(text) => Handed::Text(text.to_owned()),
        None => Handed::Bytes(value.expose().to_vec()),
    }
}

/// What became of a label.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Moved {
    Done,
    /// It is not where it was to be taken from, or AWS has another reason: its words, where it was asked.
    Refused(String),
}

impl AwsStore {
    pub(super) async fn put(&self, name: &SecretName, request: PutVersion) -> Result<Version> {
        let stages = request.labels.iter().map(stage).collect::<Result<Vec<_>, _>>()?;
        if stages.is_empty() {
            let reason = "AWS removes a version without a label; give it one, such as `pending`";
            return Err(Invalid::new("label", reason).into());
        }
        let id = VersionId::parse(request.token.as_str())?;
        if let Some(expected) = &request.only_if_current {
            let _alone = self.locks.of(name.as_str()).await;
            self.put_guarded(name, &request, &id, &stages, expected).await?;
        } else {
            if request.keep_previous_for.is_some() && stages.contains(&CURRENT) {
                let seen = self.look_live(name).await?;
                if !seen.has_version(&id) {
                    self.note_grace(name, &seen, request.keep_previous_for).await?;
                }
            }
            self.send_value(name, &request, &stages).await?;
        }
        self.version_made(name, &id).await
    }

    /// Makes the version, if there is none of this token.
    async fn send_value(&self, name: &SecretName, request: &PutVersion, stages: &[&str]) -> Result<()> {
        let stages = stages.iter().map(|stage| (*stage).to_owned()).collect();
        let call = self
            .clients()
            .await?
            .secrets
            .put_secret_value()
            .secret_id(name.as_str())
            .client_request_token(request.token.as_str())
            .set_version_stages(Some(stages));
        let call = match hand_over(&request.value) {
            Handed::Text(text) => call.secret_string(text),
            Handed::Bytes(bytes) => call.secret_binary(Blob::new(bytes)),
        };
        let Err(error) = call.send().await else { return Ok(()) };
        let fault = Fault::from(error).without_words();
        if fault.is("ResourceExistsException") {
            // The token has made a version already, with another value, which stays.
            return Ok(());
        }
        Err(self.label_told(fault, name).await)
    }

    /// Makes the version current only if the one expected is.
    async fn put_guarded(
        &self,
        name: &SecretName,
        request: &PutVersion,
        id: &VersionId,
        stages: &[&str],
        expected: &VersionId,
    ) -> Result<()> {
        let seen = self.look_live(name).await?;
        let is_expected = seen.holder(CURRENT).as_ref() == Some(expected);
        let is_unfinished = match seen.stages_of(id) {
            None => false,
            Some(has) if has.iter().any(|stage| stage == CURRENT || stage == PREVIOUS) => {
                return self.finish_guarded(name, id, stages, has).await;
            }
            Some(has) if has.iter().any(|stage| stage == STAGED) => true,
            // Made by this token without a guard, or made and replaced since.
            Some(_) => return Ok(()),
        };
        if !is_expected {
            if is_unfinished {
                self.take_label(name, STAGED, id).await?;
            }
            return Err(not_current(name, expected, &seen));
        }
        if !stages.contains(&CURRENT) {
            return self.send_value(name, request, stages).await;
        }
        self.note_grace(name, &seen, request.keep_previous_for).await?;
        if !is_unfinished {
            self.send_value(name, request, &[STAGED]).await?;
        }
        if let Moved::Refused(words) = self.move_stage(name, CURRENT, Some(expected), Some(id)).await? {
            let seen = self.look_live(name).await?;
            let current = seen.holder(CURRENT);
            if current.as_ref() != Some(id) {
                self.take_label(name, STAGED, id).await?;
                return Err(match current.as_ref() == Some(expected) {
                    true => not_moved(name, &words),
                    false => not_current(name, expected, &seen),
                });
            }
        }
        self.finish_guarded(name, id, stages, &[STAGED.to_owned()]).await
    }

    /// Puts the other labels on a version that has become current, and takes the one away that says that this is to be done.
    async fn finish_guarded(
        &self,
        name: &SecretName,
        id: &VersionId,
        stages: &[&str],
        has: &[String],
    ) -> Result<()> {
        if !has.iter().any(|stage| stage == STAGED) {
            return Ok(());
        }
        for stage in stages.iter().filter(|stage| **stage != CURRENT) {
            self.put_stage(name, stage, id, None).await?;
        }
        self.take_label(name, STAGED, id).await
    }

    /// The version that a token made, as it is now.
    async fn version_made(&self, name: &SecretName, id: &VersionId) -> Result<Version> {
        let mut waiting = Waiting::new();
        loop {
            for which in [Versions::Labelled, Versions::All] {
                let versions = self.versions(name, which).await?;
                let Some(version) = versions.iter().find(|version| version.id == *id) else { continue };
                if version.has(PREVIOUS) {
                    return Ok(self.look(name).await?.version(version));
                }
                return Ok(version.version());
            }
            if waiting.is_over() {
                return Err(StoreError::Unavailable {
                    store: KIND,
                    reason: format!(
                        "AWS took version `{id}` of secret `{name}` and does not list it; try again"
                    ),
                    source: None,
                });
            }
            waiting.pause().await;
        }
    }

    /// Reads one value. What AWS says of a version has no end of its grace, which is in a tag: reading needs no other right.
    pub(super) async fn read_value(
        &self,
        name: &SecretName,
        version: &VersionSelector,
    ) -> Result<ReadSecret> {
        let call = self.clients().await?.secrets.get_secret_value().secret_id(name.as_str());
        let call = match version {
            VersionSelector::Id(id) => call.version_id(id.as_str()),
            VersionSelector::Label(label) => call.version_stage(stage(label)?),
        };
        let answer = match call.send().await {
            Ok(answer) => answer,
            Err(error) => {
                let fault = Fault::from(error);
                let is_version = fault.says("ResourceNotFoundException", "secret value")
                    || fault.says("ResourceNotFoundException", "secret version")
                    // An id that is none of AWS's own.
                    || (matches!(version, VersionSelector::Id(_))
                        && (fault.is("InvalidParameterException") || fault.is("ValidationException")));
                return Err(if is_version {
                    StoreError::version_not_found(KIND, name, version)
                } else {
                    self.told(fault, Action::Read, name).await
                });
            }
        };
        let read = read(answer)?.filter(|read| match version {
            VersionSelector::Id(_) => true,
            // A label of AWS's that is not shown is not there.
            VersionSelector::Label(label) => read.version.has(label),
        });
        read.ok_or_else(|| StoreError::version_not_found(KIND, name, version))
    }

    pub(super) async fn put_label(&self, name: &SecretName, request: MoveLabel) -> Result<SecretDescription> {
        let _alone = self.locks.of(name.as_str()).await;
        let wanted = stage(&request.label)?;
        let seen = self.look_live(name).await?;
        if request.label == VersionLabel::Current {
            let Some(version) = request.to else {
                let reason =
                    "`current` cannot be taken away; move it to another version, or delete the secret";
                return Err(Invalid::new("label", reason).into());
            };
            let promotion = Promotion { version, keep_previous_for: None };
            return self.promote_seen(name, seen, &promotion, request.only_if_on.as_ref()).await;
        }
        let holder = seen.shown_holder(&request.label);
        if let Some(expected) = &request.only_if_on
            && holder.as_ref() != Some(expected)
        {
            return Err(elsewhere(name, &request.label, expected, holder.as_ref()));
        }
        match &request.to {
            Some(to) => {
                if seen.stages_of(to).is_none() {
                    return Err(StoreError::version_not_found(KIND, name, to));
                }
                if holder.as_ref() == Some(to) {
                    return self.describe_seen(name, &seen).await;
                }
                if request.label == VersionLabel::Previous {
                    self.forget_grace(name, &seen).await?;
                }
                if self.put_stage(name, wanted, to, request.only_if_on.as_ref()).await? != Moved::Done {
                    let seen = self.look_live(name).await?;
                    let expected = request.only_if_on.as_ref().unwrap_or(to);
                    return Err(elsewhere(name, &request.label, expected, seen.holder(wanted).as_ref()));
                }
            }
            None => match seen.holder(wanted) {
                Some(holder) => self.take_label(name, wanted, &holder).await?,
                None => return self.describe_seen(name, &seen).await,
            },
        }
        self.end_grace(name, &seen).await?;
        self.describe_secret(name).await
    }

    pub(super) async fn make_current(
        &self,
        name: &SecretName,
        request: Promotion,
    ) -> Result<SecretDescription> {
        let _alone = self.locks.of(name.as_str()).await;
        let seen = self.look_live(name).await?;
        self.promote_seen(name, seen, &request, None).await
    }

    async fn promote_seen(
        &self,
        name: &SecretName,
        mut seen: Seen,
        request: &Promotion,
        only_from: Option<&VersionId>,
    ) -> Result<SecretDescription> {
        let to = &request.version;
        for attempt in 1.. {
            let Some(stages) = seen.stages_of(to) else {
                return Err(StoreError::version_not_found(KIND, name, to));
            };
            let is_pending = stages.iter().any(|stage| stage == PENDING);
            let current = seen.holder(CURRENT);
            if let Some(expected) = only_from
                && current.as_ref() != Some(expected)
                // Repeated after a lost answer, it is where it was to go.
                && (attempt == 1 || current.as_ref() != Some(to))
            {
                return Err(elsewhere(name, &VersionLabel::Current, expected, current.as_ref()));
            }
            if current.as_ref() == Some(to) {
                if !is_pending && attempt == 1 {
                    return self.describe_seen(name, &seen).await;
                }
                if is_pending {
                    self.take_label(name, PENDING, to).await?;
                }
                break;
            }
            self.note_grace(name, &seen, request.keep_previous_for).await?;
            let Moved::Refused(words) = self.move_stage(name, CURRENT, current.as_ref(), Some(to)).await?
            else {
                if is_pending {
                    self.take_label(name, PENDING, to).await?;
                }
                break;
            };
            if attempt == MOVES {
                return Err(not_moved(name, &words));
            }
            seen = self.look_live(name).await?;
        }
        self.describe_secret(name).await
    }

    pub(super) async fn unlabel(&self, name: &SecretName, version: &VersionId) -> Result<()> {
        let _alone = self.locks.of(name.as_str()).await;
        let seen = self.look_live(name).await?;
        let Some(stages) = seen.stages_of(version) else {
            return Err(StoreError::version_not_found(KIND, name, version));
        };
        if stages.iter().any(|stage| stage == CURRENT) {
            let reason =
                format!("`{version}` is current; promote another version first, or delete the secret");
            return Err(Invalid::new("version", reason).into());
        }
        for stage in stages {
            self.take_label(name, stage, version).await?;
        }
        self.end_grace(name, &seen).await
    }

    /// Notes how long the version that is current stays readable as the one before, once it is that; takes away what was noted of an earlier one.
    async fn note_grace(&self, name: &SecretName, seen: &Seen, keep: Option<SignedDuration>) -> Result<()> {
        let (Some(keep), Some(version)) = (keep, seen.holder(CURRENT)) else {
            return self.forget_grace(name, seen).await;
        };
        let until = Timestamp::now().checked_add(keep).map_err(|_| {
            Invalid::new("keep_previous_for", "it ends after the year 9999; give a shorter time")
        })?;
        let grace = Grace { version, until };
        self.set_tags(name, [(GRACE.to_owned(), grace.encode())], Action::Write).await
    }

    async fn forget_grace(&self, name: &SecretName, seen: &Seen) -> Result<()> {
        if seen.tags.contains_key(GRACE) {
            self.remove_tags(name, vec![GRACE.to_owned()], Action::Write).await?;
        }
        Ok(())
    }

    /// Takes `AWSPREVIOUS` away from a version whose grace has ended.
    pub(super) async fn end_grace(&self, name: &SecretName, seen: &Seen) -> Result<()> {
        let Some(grace) = seen.notes.grace.as_ref().filter(|grace| grace.until <= Timestamp::now()) else {
            return Ok(());
        };
        if seen.holder(PREVIOUS).as_ref() == Some(&grace.version) {
            self.take_label(name, PREVIOUS, &grace.version).await?;
        }
        self.forget_grace(name, seen).await
    }

    /// Puts a label on a version, from wherever it is; from `only_from`, if that is given.
    async fn put_stage(
        &self,
        name: &SecretName,
        stage: &str,
        to: &VersionId,
        only_from: Option<&VersionId>,
    ) -> Result<Moved> {
        for _ in 0..MOVES {
            let holder = self.look_live(name).await?.holder(stage);
            if holder.as_ref() == Some(to) {
                return Ok(Moved::Done);
            }
            if only_from.is_some() && holder.as_ref() != only_from {
                return Ok(Moved::Refused(String::new()));
            }
            if self.move_stage(name, stage, holder.as_ref(), Some(to)).await? == Moved::Done {
                return Ok(Moved::Done);
            }
        }
        Ok(Moved::Refused(String::new()))
    }

    /// Takes a label away from a version, if it is there.
    async fn take_label(&self, name: &SecretName, stage: &str, from: &VersionId) -> Result<()> {
        self.move_stage(name, stage, Some(from), None).await.map(drop)
    }

    async fn move_stage(
        &self,
        name: &SecretName,
        stage: &str,
        from: Option<&VersionId>,
        to: Option<&VersionId>,
    ) -> Result<Moved> {
        let call = self
            .clients()
            .await?
            .secrets
            .update_secret_version_stage()
            .secret_id(name.as_str())
            .version_stage(stage)
            .set_remove_from_version_id(from.map(|id| id.as_str().to_owned()))
            .set_move_to_version_id(to.map(|id| id.as_str().to_owned()));
        let Err(error) = call.send().await else { return Ok(Moved::Done) };
        let fault = Fault::from(error);
        let is_elsewhere = fault.is("InvalidParameterException")
            || (fault.is("InvalidRequestException") && !fault.is_scheduled_for_deletion());
        if let (true, Fault::Refused { message, .. }) = (is_elsewhere, &fault) {
            return Ok(Moved::Refused(message.clone()));
        }
        Err(self.label_told(fault, name).await)
    }

    /// As [`AwsStore::told`], of a write whose quota is that of labels.
    async fn label_told(&self, fault: Fault, name: &SecretName) -> StoreError {
        let is_quota = fault.is("LimitExceededException");
        match self.told(fault, Action::Write, name).await {
            StoreError::Invalid(Invalid { reason, .. }) if is_quota => {
                Invalid::new("label", format!("{reason}; a secret has 20 labels at most, take one away"))
                    .into()
            }
            other => other,
        }
    }
}

impl Seen {
    /// The labels of a version that has any, as AWS calls them.
    pub(super) fn stages_of(&self, version: &VersionId) -> Option<&[String]> {
        let stages = self.secret.version_ids_to_stages.as_ref()?.get(version.as_str())?;
        Some(stages.as_slice()).filter(|stages| !stages.is_empty())
    }

    fn has_version(&self, version: &VersionId) -> bool {
        self.stages_of(version).is_some()
    }

    /// The version that has a label, as AWS calls it.
    pub(super) fn holder(&self, stage: &str) -> Option<VersionId> {
        let versions = self.secret.version_ids_to_stages.as_ref()?;
        let (id, _) = versions.iter().find(|(_, stages)| stages.iter().any(|has| has == stage))?;
        VersionId::parse(id).ok()
    }

    /// The version that callers see with a label.
    fn shown_holder(&self, label: &VersionLabel) -> Option<VersionId> {
        let versions = self.secret.version_ids_to_stages.as_ref()?;
        let has = |stages: &[String]| labels(stages.iter().map(String::as_str)).contains(label);
        let (id, _) = versions.iter().find(|(_, stages)| has(stages))?;
        VersionId::parse(id).ok()
    }
}

/// What AWS answered; `None` for a version without a value.
fn read(answer: GetSecretValueOutput) -> Result<Option<ReadSecret>> {
    let GetSecretValueOutput {
        version_id, version_stages, created_date, secret_string, secret_binary, ..
    } = answer;
    let value = match (secret_string, secret_binary) {
        (Some(text), _) => SecretValue::from_text(text),
        (None, Some(bytes)) => SecretValue::new(bytes.into_inner()),
        (None, None) => return Ok(None),
    };
    let Some(id) = version_id else { return Ok(None) };
    let version = StagedVersion {
        id: VersionId::parse(&id)?,
        stages: version_stages.unwrap_or_default().into_iter().collect(),
        created_at: created_date.as_ref().and_then(timestamp).unwrap_or_default(),
    };
    Ok(Some(ReadSecret { value, version: version.version() }))
}

fn not_moved(name: &SecretName, words: &str) -> StoreError {
    let reason = format!("`current` cannot be moved, or somebody else moves it at the same time: {words}");
    StoreError::Conflict { name: name.clone(), reason }
}

fn not_current(name: &SecretName, expected: &VersionId, seen: &Seen) -> StoreError {
    elsewhere(name, &VersionLabel::Current, expected, seen.holder(CURRENT).as_ref())
}

fn elsewhere(
    name: &SecretName,
    label: &VersionLabel,
    expected: &VersionId,
    found: Option<&VersionId>,
) -> StoreError {
    let found = found.map_or_else(|| "no version".to_owned(), |id| format!("version `{id}`"));
    let reason = format!("`{label}` was to be on version `{expected}` and is on {found}");
    StoreError::Conflict { name: name.clone(), reason }
}
