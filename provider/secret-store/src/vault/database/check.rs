//! Checks a schedule by the engine without a request, so that a plan can refuse what an apply would.

use jiff::SignedDuration;

use crate::Result;
use crate::error::{Invalid, StoreError};
use crate::name::SecretName;
use crate::rotation::{DatabaseLogin, RotationSchedule, RotationSpec, Rotator};
use crate::vault::KIND;

/// The engine's own limit.
const SHORTEST_PERIOD: SignedDuration = SignedDuration::from_secs(5);
const SHORTEST_WINDOW: SignedDuration = SignedDuration::from_hours(1);

/// What the trait promises of `check_rotation`.
pub(in crate::vault) fn check(name: Option<&SecretName>, spec: &RotationSpec) -> Result<()> {
    if let Some(name) = name {
        let Some((_, role)) = name.as_str().rsplit_once("/static-creds/") else {
            return Err(no_engine(name));
        };
        check_role(role)?;
    }
    checked(spec).map(drop)
}

/// As the engine's own route wants it: `\w(([\w-.]+)?\w)?`.
fn check_role(role: &str) -> Result<(), Invalid> {
    let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let inner = |character: char| is_word(character) || matches!(character, '-' | '.');
    if role.starts_with(is_word) && role.ends_with(is_word) && role.chars().all(inner) {
        return Ok(());
    }
    Err(Invalid::new(
        "name",
        format!("`{role}` is no static role's name: letters, digits and `_`, with `-` and `.` in between"),
    ))
}

/// The login of a schedule that the engine may take.
pub(super) fn checked(spec: &RotationSpec) -> Result<&DatabaseLogin> {
    let Rotator::DatabaseLogin(login) = &spec.rotator else {
        return Err(Invalid::new(
            "rotator",
            "this store calls no function and has no managed secrets: its database engine rotates logins by itself; give `database` with the connection and \
             the login",
        )
        .into());
    };
    if login.connection.is_empty() {
        return Err(
            Invalid::new("connection", "it is empty; name a connection of the database engine").into()
        );
    }
    if login.username.is_empty() {
        return Err(Invalid::new("username", "it is empty; name a login of the database").into());
    }
    match &spec.schedule {
        RotationSchedule::Every(period) => {
            if *period < SHORTEST_PERIOD {
                return Err(Invalid::new("schedule", too_short()).into());
            }
            if period.subsec_nanos() != 0 {
                return Err(Invalid::new("schedule", "the engine counts whole seconds").into());
            }
            if spec.window.is_some() {
                return Err(Invalid::new(
                    "window",
                    "a window belongs to a cron schedule; leave it out with a period",
                )
                .into());
            }
        }
        RotationSchedule::Cron(schedule) => {
            if schedule.split_whitespace().count() != 5 {
                return Err(Invalid::new(
                    "schedule",
                    format!("`{schedule}` has not the five fields minute, hour, day, month, day of week"),
                )
                .into());
            }
            if spec.window.is_some_and(|window| window < SHORTEST_WINDOW) {
                return Err(Invalid::new("window", "it is shorter than an hour, the engine's least").into());
            }
        }
    }
    Ok(login)
}

pub(super) fn too_short() -> String {
    "the period is shorter than 5 seconds, the engine's least".to_owned()
}

/// For a secret that is no login of a database engine.
pub(in crate::vault) fn no_engine(name: &SecretName) -> StoreError {
    StoreError::Unsupported {
        store: KIND,
        what: format!("rotation of `{name}` by itself"),
        why: "the server rotates only logins of a database engine that is mounted: name one, `<mount>/static-creds/<role>`, or leave the rotation to the provider"
            .to_owned(),
    }
}
