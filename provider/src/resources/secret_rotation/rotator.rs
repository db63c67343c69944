//! Who makes the new value, as the arguments of a `secret_rotation` say: the store, if one of three is given, else the provider.

use secret_store::{FirstRotation, RotationStatus, Rotator};
use tf_plugin::{AttributePath, Diagnostic, Diagnostics, Value};

use super::model::{DatabaseModel, RotationModel};
use crate::diagnostics::wrong;
use crate::text::known;

/// The arguments that make the store rotate.
pub(super) const DATABASE: &str = "database";
const FUNCTION: &str = "rotation_lambda_arn";
const MANAGED: &str = "managed";

/// Who makes the new value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// The store, because of this argument.
    Store(&'static str),
    /// The provider, when Terraform applies.
    Provider,
    /// It depends on a value that is not known yet.
    Undecided,
}

impl RotationModel {
    /// The three arguments, and what is known of them.
    fn rotators(&self) -> [(&'static str, Value<()>); 3] {
        fn known_or_not<T>(value: &Value<T>) -> Value<()> {
            match value {
                Value::Known(_) => Value::Known(()),
                Value::Null => Value::Null,
                Value::Unknown => Value::Unknown,
            }
        }
        [
            (DATABASE, known_or_not(&self.database)),
            (FUNCTION, known_or_not(&self.rotation_lambda_arn)),
            (MANAGED, known_or_not(&self.managed)),
        ]
    }

    /// Who makes the new value.
    pub(super) fn who(&self) -> Who {
        let rotators = self.rotators();
        match rotators.iter().find(|(_, value)| value.is_known()) {
            Some((argument, _)) => Who::Store(argument),
            None if rotators.iter().all(|(_, value)| value.is_null()) => Who::Provider,
            None => Who::Undecided,
        }
    }

    /// True when the store makes it, in a model without unknown values.
    pub(super) fn is_by_store(&self) -> bool {
        matches!(self.who(), Who::Store(_))
    }

    /// The arguments by which another one rotates from now on. Who rotates cannot change under a rotation: the one has to be ended before
    /// the other begins.
    pub(super) fn other_rotators(&self, planned: &Self) -> Vec<&'static str> {
        let (before, after) = (self.rotators(), planned.rotators());
        let changed =
            before.into_iter().zip(after).filter(|((_, one), (_, other))| one.is_null() != other.is_null());
        changed.map(|((argument, _), _)| argument).collect()
    }

    /// Everything that makes up the store's rotator is known.
    pub(super) fn is_rotator_decided(&self) -> bool {
        match &self.database {
            Value::Known(database) => database.is_decided(),
            Value::Unknown => false,
            Value::Null => !self.rotation_lambda_arn.is_unknown() && !self.managed.is_unknown(),
        }
    }

    /// The store's rotator.
    pub(super) fn rotator(&self) -> Rotator {
        match (&self.database, self.rotation_lambda_arn.as_str()) {
            (Value::Known(database), _) => database.rotator(),
            (_, Some(function)) => Rotator::Function(function.to_owned()),
            _ => Rotator::Store,
        }
    }

    /// Whether making the rotation also rotates.
    ///
    /// # Errors
    /// At the attribute that says so.
    pub(super) fn first(&self) -> Result<FirstRotation, Diagnostic> {
        match (&self.database, &self.rotate_immediately) {
            (Value::Known(database), _) => database
                .first()
                .map_err(|reason| wrong(AttributePath::new(DATABASE).attribute("first_rotation"), reason)),
            (_, Value::Known(false)) => Ok(FirstRotation::WhenDue),
            _ => Ok(FirstRotation::Now),
        }
    }

    /// The same model with the rotator that the store has.
    pub(super) fn with_rotator_of(self, status: &RotationStatus) -> Self {
        let (mut database, mut function, mut managed) = (Value::Null, Value::Null, Value::Null);
        match &status.rotator {
            Rotator::DatabaseLogin(login) => {
                database = Value::Known(DatabaseModel::of(&self.database, login));
            }
            Rotator::Function(address) => function = known(address.as_str()),
            _ => managed = Value::Known(true),
        }
        Self { database, rotation_lambda_arn: function, managed, ..self }
    }
}

/// Checks that the arguments fit together, as far as they are known.
pub(super) fn check(config: &RotationModel) -> Diagnostics {
    let mut problems = Diagnostics::new();
    let given = config.rotators().into_iter().filter(|(_, value)| value.is_known());
    let given: Vec<&str> = given.map(|(argument, _)| argument).collect();
    if let [first, others @ ..] = given.as_slice() {
        let others = others.iter();
        problems.extend(others.map(|other| {
            wrong(*other, format!("`{first}` is given already, and one rotates; leave one of the two out"))
        }));
    }
    if config.managed.known() == Some(&false) {
        problems.push(wrong(
            MANAGED,
            "it is `true` for a secret that a service of AWS owns and rotates; leave it out for all others",
        ));
    }
    let instead = match config.who() {
        Who::Store(DATABASE) => "a `database` has `first_rotation` for that; leave this out",
        Who::Provider => {
            "it belongs to `rotation_lambda_arn` and `managed`: the provider rotates at the first apply after the value is due; leave it out"
        }
        Who::Store(_) | Who::Undecided => return problems,
    };
    if !config.rotate_immediately.is_null() {
        problems.push(wrong("rotate_immediately", instead));
    }
    problems
}
