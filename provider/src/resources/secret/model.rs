//! The schema of `secret`, and the struct it is read into.

use std::collections::{BTreeMap, BTreeSet};

use secret_store::SecretValue;
use serde::{Deserialize, Serialize};
use tf_plugin::{Attribute, IdentitySchema, Schema, Type, Value, WriteOnly};

use crate::generator;

/// Days a deleted secret can be brought back when the configuration is silent: what AWS, Google and Azure users know.
pub(super) const DEFAULT_RECOVERY_DAYS: i64 = 30;

/// A `secret` in configuration, plan and state.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct SecretModel {
    pub(super) name: Value<String>,
    pub(super) description: Value<String>,
    pub(super) owner: Value<String>,
    pub(super) tags: Value<BTreeMap<String, Value<String>>>,
    pub(super) tags_all: Value<BTreeMap<String, Value<String>>>,
    pub(super) kms_key: Value<String>,
    pub(super) replicas: Value<Vec<ReplicaModel>>,
    pub(super) expires_at: Value<String>,
    pub(super) max_versions: Value<i64>,
    pub(super) delete_version_after: Value<String>,
    pub(super) recovery_window_days: Value<i64>,
    pub(super) on_conflict: Value<String>,
    pub(super) on_destroy: Value<String>,
    pub(super) generate: Value<generator::GenerateModel>,
    pub(super) fields: Value<BTreeMap<String, Value<String>>>,
    pub(super) fields_wo: WriteOnly<BTreeMap<String, Value<SecretValue>>>,
    pub(super) fields_wo_version: Value<String>,
    pub(super) value_wo: WriteOnly<SecretValue>,
    pub(super) value_wo_version: Value<String>,
    pub(super) managed_keys: Value<BTreeSet<String>>,
    pub(super) version_labels: Value<BTreeSet<String>>,
    pub(super) id: Value<String>,
    pub(super) arn: Value<String>,
    pub(super) version_id: Value<String>,
    pub(super) version_created_at: Value<String>,
    pub(super) previous_version_id: Value<String>,
    pub(super) public_key: Value<String>,
}

/// A copy in another region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ReplicaModel {
    pub(super) region: Value<String>,
    pub(super) kms_key: Value<String>,
}

/// What names a secret for good.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct SecretIdentity {
    pub(super) name: Value<String>,
    pub(super) arn: Value<String>,
    pub(super) account_id: Value<String>,
    pub(super) region: Value<String>,
}

/// The identity's schema. Terraform cannot be told that one of two attributes is needed, so none is required here; the import says what is.
pub(super) fn identity_schema() -> IdentitySchema {
    IdentitySchema::new()
        .version(1)
        .optional("name", Type::String, "Name in the store. This or `arn` is needed.")
        .optional("arn", Type::String, "AWS: ARN of the secret.")
        .optional(
            "account_id",
            Type::String,
            "AWS: account of the secret; the provider's account when left out.",
        )
        .optional("region", Type::String, "AWS: region of the secret; the provider's region when left out.")
}

/// The resource's schema.
pub(super) fn schema() -> Schema {
    metadata_attributes(Schema::new().description(
        "A secret: its metadata, and where its value comes from. The value goes straight to the store and is in no plan and no state.\n\n\
         The value has at most one origin. `generate` makes it inside apply; `value_wo` takes it from elsewhere as a write-only \
         argument; `fields` and `fields_wo` make a JSON object of public and write-only parts, one of which `generate` may make. \
         With none of them the resource manages the metadata, and the value is somebody else's.",
    ))
    .attribute(generator::attribute())
    .attribute(Attribute::map("fields", Type::String).optional().description(
        "Public members of a JSON value, such as a user name and a host. They are in plan and state; for confidential ones use `fields_wo`.",
    ))
    .attribute(Attribute::map("fields_wo", Type::String).optional().write_only().sensitive().description(
        "Confidential members of a JSON value. Write-only: sent to the store, kept nowhere. Needs `fields_wo_version`.",
    ))
    .attribute(Attribute::string("fields_wo_version").optional().description(
        "Any text; change it to send the members of `fields_wo` again, for example a `version_id` of another resource.",
    ))
    .attribute(Attribute::string("value_wo").optional().write_only().sensitive().description(
        "The whole value. Write-only: sent to the store, kept nowhere. Needs `value_wo_version`.",
    ))
    .attribute(Attribute::string("value_wo_version").optional().description(
        "Any text; change it to send `value_wo` again, for example a `version_id` of another resource.",
    ))
    .attribute(Attribute::set("managed_keys", Type::String).optional().description(
        "Members of the JSON value that this resource owns. An update then changes these and leaves every other member as it is in the \
         store, for example a password that a rotator owns.",
    ))
    .attribute(Attribute::set("version_labels", Type::String).optional().description(
        "Labels of your own on the current version, where the store has labels. They move to each new version that this resource makes, at once; to \
         one that a rotation makes, with the next apply. Other labels are left alone.",
    ))
    .attribute(Attribute::map("tags_all", Type::String).computed().description(
        "All tags in the store: `tags`, and what the provider block gives every secret (`default_tags`).",
    ))
    .attribute(Attribute::string("id").computed().description(
        "Name of the secret, for `secret_id` of other resources; unknown until the secret exists.",
    ))
    .attribute(Attribute::string("arn").computed().description("Full address of the secret in its platform."))
    .attribute(Attribute::string("version_id").computed().description(
        "Id of the current version. It changes with every new value and is not confidential: use it as another resource's `*_wo_version`.",
    ))
    .attribute(
        Attribute::string("version_created_at").computed().description("When the current version was made, RFC 3339."),
    )
    .attribute(
        Attribute::string("previous_version_id").computed().description("Id of the version before, while the store keeps it."),
    )
    .attribute(Attribute::string("public_key").computed().description(
        "Public half of a generated key (`ed25519`, `rsa`, `x25519`).",
    ))
}

fn metadata_attributes(schema: Schema) -> Schema {
    schema
        .attribute(Attribute::string("name").required().requires_replace().description(
            "Name in the store, such as `prod/orders/db`. Another name is another secret.",
        ))
        .attribute(Attribute::string("description").optional().description("What it is for."))
        .attribute(Attribute::string("owner").optional().description("Who answers for it, such as a team."))
        .attribute(Attribute::map("tags", Type::String).optional().description("Tags."))
        .attribute(
            Attribute::string("kms_key").optional().description("Customer-managed key that encrypts it, where the store has one. On AWS a key of KMS: its id, its ARN, or `alias/NAME`; without it, the key of AWS \
                 itself. It changes in place."),
        )
        .attribute(
            Attribute::nested_list(
                "replicas",
                vec![
                    Attribute::string("region").required().description("Region of the copy."),
                    Attribute::string("kms_key").optional().description("Key that encrypts the copy, one of its region; without it, the key of AWS itself there."),
                ],
            )
            .optional()
            .description("Copies in other regions, where the store has them: on AWS. They are made, taken away and given another key in place; their order carries no meaning."),
        )
        .attribute(Attribute::string("expires_at").optional().description(
            "When it expires, RFC 3339, such as `2027-06-30T00:00:00Z`. The embedded store then refuses to read it, and so \
             does the provider in Vault and OpenBao; on AWS it is the tag `expires_at`, and the value stays readable.",
        ))
        .attribute(Attribute::number("max_versions").optional().description(
            "How many versions the store keeps, where it can be told. Without it, the store's default.",
        ))
        .attribute(Attribute::string("delete_version_after").optional().description(
            "How long after it is made the store deletes a version, such as `90d`, where it can be told. It ends the current version too.",
        ))
        .attribute(Attribute::number("recovery_window_days").optional_computed().description(
            "Days for which a destroyed secret can be restored; 0 destroys it at once. Default 30, or what the store has. On AWS 0, or 7 to 30.",
        ))
        .attribute(Attribute::string("on_conflict").optional_computed().description(
            "What to do when the name exists already. `fail` (default): an error. `restore`: bring back a soft-deleted secret. `adopt`: manage \
             the existing one, restoring it first if need be; `generate` never overwrites an adopted value.",
        ))
        .attribute(Attribute::string("on_destroy").optional_computed().description(
            "What destroying the resource does. `soft_delete` (default): recoverable for `recovery_window_days`, where the store can. `purge`: for good. \
             `retain`: the secret stays in the store.",
        ))
}

/// What to do when the name exists already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnConflict {
    Fail,
    Restore,
    Adopt,
}

impl OnConflict {
    pub(super) const DEFAULT: &str = "fail";

    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "fail" => Ok(Self::Fail),
            "restore" => Ok(Self::Restore),
            "adopt" => Ok(Self::Adopt),
            other => Err(format!("`{other}` is not one of `fail`, `restore`, `adopt`")),
        }
    }
}

/// What destroying the resource does to the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnDestroy {
    SoftDelete,
    Purge,
    Retain,
}

impl OnDestroy {
    pub(super) const DEFAULT: &str = "soft_delete";

    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "soft_delete" => Ok(Self::SoftDelete),
            "purge" => Ok(Self::Purge),
            "retain" => Ok(Self::Retain),
            other => Err(format!("`{other}` is not one of `soft_delete`, `purge`, `retain`")),
        }
    }
}
