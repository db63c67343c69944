//! What only some servers have. A server describes the arguments of an endpoint itself (`?help=1`), to every token.

use crate::rotation::{FirstRotation, RotationSchedule, RotationSpec};

/// What only some servers have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Feature {
    Schedule,
    Window,
    SkipImport,
}

impl Feature {
    pub(super) const fn argument(self) -> &'static str {
        match self {
            Self::Schedule => "rotation_schedule",
            Self::Window => "rotation_window",
            Self::SkipImport => "skip_import_rotation",
        }
    }

    pub(super) const fn what(self) -> &'static str {
        match self {
            Self::Schedule => "a rotation by a cron schedule",
            Self::Window => "a rotation window",
            Self::SkipImport => "taking a login over without rotating it",
        }
    }

    pub(super) const fn instead(self) -> &'static str {
        match self {
            Self::Schedule => "write a period, such as `30d`",
            Self::Window => "leave `window` out",
            Self::SkipImport => {
                "it sets a new password when it takes a login over, so readers of the old one have to be moved first"
            }
        }
    }
}

/// The features that a wish needs.
pub(super) fn needed(spec: &RotationSpec, role: Role) -> Vec<Feature> {
    let schedule = matches!(spec.schedule, RotationSchedule::Cron(_)).then_some(Feature::Schedule);
    let window = spec.window.map(|_| Feature::Window);
    let is_kept = role == Role::New && spec.first == FirstRotation::WhenDue;
    [schedule, window, is_kept.then_some(Feature::SkipImport)].into_iter().flatten().collect()
}

/// Whether a login is taken over just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    New,
    Existing,
}

/// The names of the arguments in an endpoint's help, one in a line: `    rotation_period (duration (sec))`.
pub(super) fn arguments(help: &str) -> impl Iterator<Item = &str> {
    help.lines().filter_map(|line| {
        let (name, _) = line.strip_prefix("    ")?.split_once(" (")?;
        let is_name =
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        is_name.then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_found_in_the_servers_own_words() {
        let help = "Request:        static-roles/app\n\n## PARAMETERS\n\n    db_name (string)\n\n        Name (of the database).\n\n    rotation_period (duration (sec))\n\n        Period\n        \twith (this).\n\n## DESCRIPTION\n\nText (more).";
        assert_eq!(arguments(help).collect::<Vec<_>>(), ["db_name", "rotation_period"]);
    }
}
