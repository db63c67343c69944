//! A static role as the server describes it, and as it is written. What both have in common decides whether anything is written.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::feature::Feature;
use crate::error::Invalid;
use crate::metadata::{Metadata, Revision, SecretDescription, SecretId};
use crate::name::SecretName;
use crate::rotation::{DatabaseLogin, RotationSchedule, RotationSpec, RotationStatus, Rotator};
use crate::vault::KIND;
use crate::vault::address::StaticRole;
use crate::version::{Version, VersionId, VersionLabel};

/// The id of the version of a login that was taken over and not rotated yet.
const UNROTATED: &str = "unrotated";

/// A static role as the server describes it, without its password.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Definition {
    db_name: String,
    username: String,
    /// Seconds; absent or 0 with a schedule.
    #[serde(default)]
    rotation_period: Option<u64>,
    #[serde(default)]
    rotation_schedule: Option<String>,
    /// Seconds.
    #[serde(default)]
    rotation_window: Option<u64>,
    #[serde(default)]
    rotation_statements: Option<Vec<String>>,
    #[serde(default)]
    last_vault_rotation: Option<Timestamp>,
}

/// What is written.
#[derive(Debug, Serialize)]
pub(super) struct Wanted<'a> {
    db_name: &'a str,
    username: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rotation_period: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rotation_schedule: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rotation_window: Option<u64>,
    rotation_statements: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    skip_import_rotation: Option<bool>,
}

impl Wanted<'_> {
    pub(super) fn of<'a>(
        spec: &'a RotationSpec,
        login: &'a DatabaseLogin,
        features: Vec<Feature>,
    ) -> Wanted<'a> {
        let (rotation_period, rotation_schedule) = match &spec.schedule {
            RotationSchedule::Every(period) => (seconds(*period), None),
            RotationSchedule::Cron(schedule) => (None, Some(schedule.as_str())),
        };
        Wanted {
            db_name: &login.connection,
            username: &login.username,
            rotation_period,
            rotation_schedule,
            rotation_window: spec.window.and_then(seconds),
            rotation_statements: &login.statements,
            skip_import_rotation: features.contains(&Feature::SkipImport).then_some(true),
        }
    }
}

impl Definition {
    pub(super) fn schedule(&self) -> RotationSchedule {
        match (&self.rotation_schedule, self.rotation_period) {
            (Some(schedule), _) if !schedule.is_empty() => RotationSchedule::Cron(schedule.clone()),
            (_, period) => RotationSchedule::Every(SignedDuration::from_secs(
                i64::try_from(period.unwrap_or_default()).unwrap_or(i64::MAX),
            )),
        }
    }

    fn statements(&self) -> &[String] {
        self.rotation_statements.as_deref().unwrap_or_default()
    }

    /// Whether writing what is wanted would change nothing.
    pub(super) fn is_as(&self, spec: &RotationSpec, login: &DatabaseLogin) -> bool {
        let window = self.rotation_window.filter(|window| *window > 0);
        self.db_name == login.connection
            && self.username == login.username
            && self.statements() == login.statements
            && self.schedule() == spec.schedule
            && window == spec.window.and_then(seconds)
    }

    /// A role keeps its login. The server would even take another connection without a word, and set the password nowhere.
    pub(super) fn check_same_login(&self, role: &StaticRole, login: &DatabaseLogin) -> Result<(), Invalid> {
        if self.username != login.username {
            return Err(Invalid::new("username", other_login(role, Some(&self.username))));
        }
        if self.db_name != login.connection {
            return Err(Invalid::new(
                "connection",
                format!(
                    "the role `{}` is for a login of the connection `{}`; name another role, or end its rotation first",
                    role.role, self.db_name
                ),
            ));
        }
        Ok(())
    }

    fn rotated_at(&self) -> Option<Timestamp> {
        self.last_vault_rotation.filter(is_real)
    }

    pub(super) fn status(&self) -> RotationStatus {
        let schedule = self.schedule();
        let last = self.rotated_at();
        let next = match (&schedule, last) {
            (RotationSchedule::Every(period), Some(last)) => last.checked_add(*period).ok(),
            // The definition does not say, and the password is not read to find out.
            _ => None,
        };
        RotationStatus {
            schedule,
            window: self
                .rotation_window
                .filter(|window| *window > 0)
                .and_then(|window| i64::try_from(window).ok().map(SignedDuration::from_secs)),
            rotator: Rotator::DatabaseLogin(DatabaseLogin {
                connection: self.db_name.clone(),
                username: self.username.clone(),
                statements: self.statements().to_vec(),
            }),
            last_rotated_at: last,
            next_rotation_at: next,
        }
    }

    /// What a plan sees.
    pub(super) fn description(&self, name: &SecretName) -> Result<SecretDescription, Invalid> {
        let version = current_version(self.last_vault_rotation)?;
        Ok(SecretDescription {
            name: name.clone(),
            id: SecretId(name.as_str().to_owned()),
            arn: format!("{KIND}:{name}"),
            metadata: Metadata::default(),
            // When the role was made is not kept: the last rotation is what is known.
            created_at: version.created_at,
            updated_at: version.created_at,
            revision: Revision(version.id.as_str().to_owned()),
            versions: vec![version],
            deletion: None,
            rotation: Some(self.status()),
        })
    }
}

/// The server writes the year 1 for "never".
fn is_real(time: &Timestamp) -> bool {
    *time > Timestamp::UNIX_EPOCH
}

/// The one version a login has.
pub(super) fn current_version(rotated_at: Option<Timestamp>) -> Result<Version, Invalid> {
    let rotated_at = rotated_at.filter(is_real);
    let id = rotated_at.map_or_else(|| UNROTATED.to_owned(), |time| time.as_millisecond().to_string());
    Ok(Version {
        id: VersionId::parse(&id)?,
        labels: vec![VersionLabel::Current],
        created_at: rotated_at.unwrap_or(Timestamp::UNIX_EPOCH),
        expires_at: None,
    })
}

pub(super) fn other_login(role: &StaticRole, present: Option<&str>) -> String {
    let present = present.map_or_else(|| "another login".to_owned(), |login| format!("the login `{login}`"));
    format!("the role `{}` is for {present}; name another role, or end its rotation first", role.role)
}

fn seconds(duration: SignedDuration) -> Option<u64> {
    u64::try_from(duration.as_secs()).ok()
}
