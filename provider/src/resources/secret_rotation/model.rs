//! The schema of `secret_rotation`, and the struct it is read into.

use secret_store::{DatabaseLogin, FirstRotation, Rotator};
use serde::{Deserialize, Serialize};
use tf_plugin::{Attribute, IdentitySchema, Schema, Type, Value};

use crate::text::known;

/// The provider makes the new value by the secret's `generate` rule.
pub(super) const REGENERATE: &str = "regenerate";

/// The store makes it.
pub(super) const STORE: &str = "store";

/// A `secret_rotation` in configuration, plan and state.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct RotationModel {
    pub(super) secret_id: Value<String>,
    pub(super) schedule: Value<String>,
    pub(super) window: Value<String>,
    pub(super) strategy: Value<String>,
    pub(super) database: Value<DatabaseModel>,
    pub(super) rotation_lambda_arn: Value<String>,
    pub(super) managed: Value<bool>,
    pub(super) rotate_immediately: Value<bool>,
    pub(super) keep_previous_for: Value<String>,
    pub(super) trigger: Value<String>,
    pub(super) id: Value<String>,
    pub(super) last_rotated_at: Value<String>,
    pub(super) next_rotation_at: Value<String>,
    pub(super) version_id: Value<String>,
    pub(super) previous_version_id: Value<String>,
    pub(super) previous_expires_at: Value<String>,
}

/// A login that the store's database engine rotates.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct DatabaseModel {
    pub(super) connection: Value<String>,
    pub(super) username: Value<String>,
    pub(super) statements: Value<Vec<Value<String>>>,
    pub(super) first_rotation: Value<String>,
}

/// What names a rotation: the secret it rotates.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RotationIdentity {
    pub(super) secret_id: Value<String>,
}

impl RotationModel {
    /// Everything the store decides becomes "known after apply".
    pub(super) fn set_computed_unknown(&mut self) {
        self.last_rotated_at.set_unknown();
        self.next_rotation_at.set_unknown();
        self.version_id.set_unknown();
        self.previous_version_id.set_unknown();
        self.previous_expires_at.set_unknown();
    }
}

impl DatabaseModel {
    /// Everything that makes up the login is known.
    pub(super) fn is_decided(&self) -> bool {
        let statements = match &self.statements {
            Value::Known(statements) => statements.iter().all(Value::is_known),
            other => other.is_null(),
        };
        self.connection.is_known()
            && self.username.is_known()
            && statements
            && !self.first_rotation.is_unknown()
    }

    /// Who makes the new value.
    pub(super) fn rotator(&self) -> Rotator {
        let text = |value: &Value<String>| value.as_str().unwrap_or_default().to_owned();
        Rotator::DatabaseLogin(DatabaseLogin {
            connection: text(&self.connection),
            username: text(&self.username),
            statements: self.statements.known().into_iter().flatten().map(text).collect(),
        })
    }

    /// The login as the store has it. No statements and an empty list of them are the same thing.
    pub(super) fn of(before: &Value<Self>, login: &DatabaseLogin) -> Self {
        let written = before.known().map(|database| &database.statements);
        // It mattered once; the store does not say it back.
        let first_rotation = before.known().map(|database| database.first_rotation.clone());
        let statements = match written {
            Some(written) if login.statements.is_empty() && written.known().is_none_or(Vec::is_empty) => {
                written.clone()
            }
            _ if login.statements.is_empty() => Value::Null,
            _ => Value::Known(login.statements.iter().map(known).collect()),
        };
        Self {
            connection: known(login.connection.as_str()),
            username: known(login.username.as_str()),
            statements,
            first_rotation: first_rotation.unwrap_or_default(),
        }
    }

    /// Whether making the rotation also rotates.
    pub(super) fn first(&self) -> Result<FirstRotation, String> {
        match self.first_rotation.as_str() {
            None | Some("now") => Ok(FirstRotation::Now),
            Some("when_due") => Ok(FirstRotation::WhenDue),
            Some(other) => Err(format!("`{other}` is not one of `now`, `when_due`")),
        }
    }
}

/// The identity's schema.
pub(super) fn identity_schema() -> IdentitySchema {
    IdentitySchema::new().required("secret_id", Type::String, "The secret's name in the store.")
}

/// The resource's schema.
pub(super) fn schema() -> Schema {
    let computed =
        |name: &str, description: &str| Attribute::string(name).computed().description(description);
    Schema::new()
        .description(
            "Gives a secret a new value on a schedule.\n\n\
             With `database`, the store rotates a database login by itself, on time, whether Terraform runs or not: a static role of Vault or OpenBao. \
             Such a secret exists by its rotation, so it has no `secret` resource, and `secret_id` is the path at which the login is read, for example \
             `database/static-creds/orders`.\n\n\
             With `rotation_lambda_arn` or `managed`, AWS Secrets Manager rotates, on time as well: by a Lambda function of yours, or by the service that owns \
             the secret. A rotation that AWS began and did not finish within 15 minutes is a warning of every plan, which says where the function's log is \
             and how to give the half-made version up.\n\n\
             Without any of them, the provider rotates at the first `terraform apply` after the value is due: it makes a \
             new version from the secret's `generate` rule as `pending`, reads it back, and then makes it `current`; the version before becomes \
             `previous` and can be read until its grace is over. A run that is interrupted is resumed by the next one. Run `terraform apply` on a \
             schedule (a nightly CI job) to have rotations happen on time.",
        )
        .attribute(Attribute::string("secret_id").required().requires_replace().description(
            "The `id` of the secret to rotate; with `database`, the path at which the login is read.",
        ))
        .attribute(Attribute::string("schedule").required().description(
            "How often: a duration since the last new value (`30d`, `12h`), `rate(30 days)`, or a cron expression in UTC, as five fields \
             (`0 3 * * 1`) or as `cron(0 3 ? * MON *)`. With `database`, a cron expression has five fields and needs a server that takes one. AWS takes 4 to 23 hours, \
             1 to 1,000 days, or the six fields of `cron(…)`: minutes `0`, year `*`, and not oftener than every four hours. Changing it does not rotate.",
        ))
        .attribute(Attribute::string("window").optional().description(
            "How long after the scheduled time the store may still rotate, such as `2h`. Only for rotation by the store. A `database` \
             has one with a cron schedule only. AWS takes whole hours, `1h` to `24h`, that end before the next window opens and before the day does (UTC); \
             without it, a window ends after an hour where the schedule is in hours, else with the day.",
        ))
        .attribute(Attribute::string("strategy").optional_computed().description(
            "How the new value is made. `regenerate` (default): by the secret's `generate` rule. It is `store` with \
             `database`, `rotation_lambda_arn` or `managed`.",
        ))
        .attribute(
            Attribute::nested_single(
                "database",
                vec![
                    Attribute::string("connection")
                        .required()
                        .requires_replace()
                        .description("Name of the database engine's connection. Another one is another rotation."),
                    Attribute::string("username").required().requires_replace().description(
                        "The login, which must exist in the database. Another one is another rotation.",
                    ),
                    Attribute::string("first_rotation").optional().description(
                        "Whether making the rotation changes the password at once, `now` (default), or only `when_due`, for a login in use. It takes a \
                         server that can leave the password alone, and matters only when the rotation is made.",
                    ),
                    Attribute::list("statements", Type::String).optional().description(
                        "What changes the password, in the database's language, with `{{name}}` and `{{password}}`. Default: what the engine does.",
                    ),
                ],
            )
            .optional()
            .description("A login that the store's database engine rotates by itself."),
        )
        .attribute(Attribute::string("rotation_lambda_arn").optional().description(
            "ARN of the Lambda function by which AWS Secrets Manager rotates, in the secret's region. Its policy has to let `secretsmanager.amazonaws.com` \
             invoke it. Another function takes over in place.",
        ))
        .attribute(Attribute::boolean("managed").optional().description(
            "`true`: the service of AWS that owns the secret rotates it, such as RDS, Aurora or Redshift. Nothing else makes sense.",
        ))
        .attribute(Attribute::boolean("rotate_immediately").optional().description(
            "Whether making a rotation by `rotation_lambda_arn` or `managed` also rotates at once; default `true`. With `false` AWS only tests the function, \
             and the value stays until it is due.",
        ))
        .attribute(Attribute::string("keep_previous_for").optional().description(
            "Grace: how long the previous value can still be read, such as `24h`. Without it, until the next rotation. Not with `database`: a \
             database login has one password. Not with `rotation_lambda_arn` or `managed`: AWS keeps the previous version until the next rotation.",
        ))
        .attribute(
            Attribute::string("trigger")
                .optional()
                .description("Any text; changing it rotates at the next apply, due or not."),
        )
        .attribute(computed("id", "The secret's `id`."))
        .attribute(computed("last_rotated_at", "When the current value was made, RFC 3339."))
        .attribute(computed("next_rotation_at", "When the next rotation is due, RFC 3339; null where the store does not say."))
        .attribute(computed(
            "version_id",
            "Id of the current version; not confidential. Use it as another resource's `*_wo_version`.",
        ))
        .attribute(computed("previous_version_id", "Id of the version in its grace, if any."))
        .attribute(computed("previous_expires_at", "End of that grace, RFC 3339, if it has one."))
}
