//! Rotation that a store does by itself. A rotation driven by the provider needs nothing from here: it is
//! `put_version` with the label `pending`, then `promote`.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// When the store rotates, with whose help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RotationSpec {
    /// How often.
    pub schedule: RotationSchedule,
    /// How long after the scheduled time the store may take, where it knows windows.
    pub window: Option<SignedDuration>,
    /// Who makes the new value.
    pub rotator: Rotator,
    /// Whether scheduling also rotates at once.
    pub first: FirstRotation,
}

/// How often the store rotates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RotationSchedule {
    /// This long after the last rotation.
    Every(SignedDuration),
    /// A cron expression in the store's own dialect, already checked by the caller.
    Cron(String),
}

/// Who makes the new value in a rotation by the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Rotator {
    /// The store's database engine, which owns the password of one login (a static role of Vault or OpenBao).
    DatabaseLogin(DatabaseLogin),
    /// The store itself (AWS managed rotation, Vault static role).
    Store,
    /// A function of the user's (AWS Lambda), by its address.
    Function(String),
    /// Nobody: the store only announces it on these topics (Google Secret Manager).
    Announce(Vec<String>),
}

/// A login that a store's database engine rotates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseLogin {
    /// The engine's connection to the database, by name.
    pub connection: String,
    /// The login, which must exist in the database.
    pub username: String,
    /// What changes its password, in the database's language; empty for the engine's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<String>,
}

/// Whether scheduling a rotation also does one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstRotation {
    /// Rotate as soon as the schedule is set.
    Now,
    /// Wait for the schedule.
    WhenDue,
}

/// The store's own rotation as it reports it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RotationStatus {
    /// How often.
    pub schedule: RotationSchedule,
    /// How long after the scheduled time the store may take, where it says so.
    pub window: Option<SignedDuration>,
    /// Who makes the new value.
    pub rotator: Rotator,
    /// The last one that finished.
    pub last_rotated_at: Option<Timestamp>,
    /// The next one, if the store says.
    pub next_rotation_at: Option<Timestamp>,
}
