//! Rotations set, ended and begun.

use std::time::Duration;

use aws_sdk_secretsmanager::types::RotationRulesType;

use super::refused::{CANNOT_INVOKE, NOT_OWNED, about_unfinished_rotation, refused};
use super::{function, rules, status};
use crate::Result;
use crate::aws::AwsStore;
use crate::aws::fault::Fault;
use crate::aws::secret::Waiting;
use crate::aws::state::{CURRENT, PENDING, Seen};
use crate::error::{Action, Invalid, StoreError};
use crate::metadata::SecretDescription;
use crate::name::SecretName;
use crate::rotation::{FirstRotation, RotationSpec, RotationStatus, Rotator};
use crate::store::RotateNow;
use crate::version::{IdempotencyToken, VersionId};

/// Pauses for a function's policy that was written a moment ago: AWS is consistent in the end.
const PERMISSION_PAUSES: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4), Duration::from_secs(8)];
/// On secrets that a service owns; see
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/service-linked-secrets.html>.
const OWNER_TAG: &str = "aws:secretsmanager:owningService";

impl AwsStore {
    pub(in crate::aws) async fn set_rotation(
        &self,
        name: &SecretName,
        spec: RotationSpec,
    ) -> Result<RotationStatus> {
        let rules = rules(&spec.schedule, spec.window)?;
        let before = self.look_live(name).await?;
        if spec.rotator == Rotator::Store {
            check_owned(&before)?;
        }
        // One for all attempts of this call. Who calls again looks first whether there is a rotation.
        let token = IdempotencyToken::random();
        self.begin(name, &before, &token, Some((&spec, rules))).await?;
        let after = match spec.first {
            FirstRotation::Now => self.after_rotation(name, &before).await?,
            FirstRotation::WhenDue => self.look(name).await?,
        };
        status(&after.secret).ok_or_else(|| StoreError::Conflict {
            name: name.clone(),
            reason: "its rotation was ended by somebody else just after it was set".to_owned(),
        })
    }

    pub(in crate::aws) async fn cancel_rotation(&self, name: &SecretName) -> Result<()> {
        let seen = self.look_live(name).await?;
        if seen.secret.rotation_enabled() != Some(true) {
            return Ok(());
        }
        let call = self.clients().await?.secrets.cancel_rotate_secret().secret_id(seen.arn());
        match call.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.told(error.into(), Action::Rotate, name).await),
        }
    }

    pub(in crate::aws) async fn rotate(
        &self,
        name: &SecretName,
        request: RotateNow,
    ) -> Result<SecretDescription> {
        let before = self.look_live(name).await?;
        if request.from.is_some() && request.from != before.holder(CURRENT) {
            return self.describe_seen(name, &before).await;
        }
        if status(&before.secret).is_none() {
            return Err(Invalid::new(
                "name",
                format!("AWS does not rotate `{name}`, or does not any more; set a schedule first"),
            )
            .into());
        }
        let made = version_of(&request.token)?;
        let is = |stage| before.holder(stage).as_ref() == Some(&made);
        match before.stages_of(&made) {
            None => self.begin(name, &before, &request.token, None).await?,
            // A call before this one began it, and it is going on.
            Some(_) if is(PENDING) && !is(CURRENT) => {}
            Some(_) => return self.describe_seen(name, &before).await,
        }
        let after = self.after_rotation(name, &before).await?;
        self.describe_seen(name, &after).await
    }

    /// Has AWS begin a rotation, or set one up. Without a configuration it takes that which the secret has.
    async fn begin(
        &self,
        name: &SecretName,
        before: &Seen,
        token: &IdempotencyToken,
        configuration: Option<(&RotationSpec, RotationRulesType)>,
    ) -> Result<()> {
        let mut call = self
            .clients()
            .await?
            .secrets
            .rotate_secret()
            .secret_id(before.arn())
            .client_request_token(token.as_str());
        let mut wanted = function(&before.secret).map(str::to_owned);
        if let Some((spec, rules)) = configuration {
            if let Rotator::Function(arn) = &spec.rotator {
                wanted = Some(arn.clone());
                call = call.rotation_lambda_arn(arn);
            }
            call = call.rotation_rules(rules).rotate_immediately(spec.first == FirstRotation::Now);
        }
        let mut pauses = PERMISSION_PAUSES.into_iter();
        loop {
            let fault = match call.clone().send().await {
                Ok(_) => return Ok(()),
                Err(error) => Fault::from(error),
            };
            if fault.says("AccessDeniedException", CANNOT_INVOKE)
                && let Some(pause) = pauses.next()
            {
                tokio::time::sleep(pause).await;
                continue;
            }
            if fault.says("InvalidRequestException", "previous rotation isn't complete") {
                return self.not_complete(name, token).await;
            }
            return Err(match refused(&fault, wanted.as_deref()) {
                Some(invalid) => invalid.into(),
                None => self.told(fault, Action::Rotate, name).await,
            });
        }
    }

    /// A rotation is going on: this one, when the answer to an attempt before was lost, or another one.
    async fn not_complete(&self, name: &SecretName, token: &IdempotencyToken) -> Result<()> {
        let seen = self.look(name).await?;
        let pending = seen.holder(PENDING);
        let ours = Some(version_of(token)?);
        if pending == ours || seen.holder(CURRENT) == ours {
            return Ok(());
        }
        let reason = match pending {
            Some(version) => {
                let rotator =
                    function(&seen.secret).map_or(Rotator::Store, |arn| Rotator::Function(arn.to_owned()));
                let about = about_unfinished_rotation(seen.arn(), &version, &rotator);
                format!("an earlier rotation is not finished. {about}")
            }
            None => "an earlier rotation was not finished a moment ago".to_owned(),
        };
        Err(StoreError::Conflict { name: name.clone(), reason })
    }

    /// The secret once another version is current, or as it is when that takes long.
    async fn after_rotation(&self, name: &SecretName, before: &Seen) -> Result<Seen> {
        let mut waiting = Waiting::new();
        loop {
            let seen = self.look(name).await?;
            if seen.holder(CURRENT) != before.holder(CURRENT) || waiting.is_over() {
                return Ok(seen);
            }
            waiting.pause().await;
        }
    }
}

/// The version that a rotation makes has its token as id.
fn version_of(token: &IdempotencyToken) -> Result<VersionId, Invalid> {
    VersionId::parse(token.as_str())
}

/// Refuses managed rotation of a secret that nobody manages: RDS and others own theirs, partners have a type.
fn check_owned(seen: &Seen) -> Result<(), Invalid> {
    let is_text = |text: Option<&str>| text.is_some_and(|text| !text.is_empty());
    if is_text(seen.secret.owning_service())
        || is_text(seen.secret.r#type())
        || seen.tags.contains_key(OWNER_TAG)
    {
        return Ok(());
    }
    Err(Invalid::new("managed", NOT_OWNED))
}
