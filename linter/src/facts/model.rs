//! The one model every platform's resources are turned into, and the shape of `input` that a rule sees. A rule is written once
//! against these types; adding a platform adds rows and extractors, never a change to a rule.
//!
//! Three conventions hold for every fact:
//!
//! * **No value.** A fact never carries a secret value, a part of one, its length or its hash: only where it is and how it was found.
//! * **Unknown is not null is not absent.** A field whose value is decided at apply is listed in `unknown` by its fact field name and is
//!   `null` in the fact; a field that the configuration leaves out, or sets to null, is `null` and not listed in `unknown`.
//! * **Every field can be traced.** `paths` maps a fact field to the attribute path in the resource, so that a finding at
//!   `["principals"]` is shown at `policy.Statement[0].Principal` and, from there, at a line of the `.tf` file.

use std::collections::BTreeMap;

use serde::Serialize;

/// One step of a path into a resource: an attribute or key name, or an index. Serialised as a JSON string or number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(untagged)]
pub enum PathStep {
    /// An attribute name or a map key.
    Name(String),
    /// A list index.
    Index(usize),
}

impl From<&str> for PathStep {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<usize> for PathStep {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// A path into a resource's attributes; for JSON held in a string it goes on into the decoded document.
pub type AttributePath = Vec<PathStep>;

/// What every fact says about the resource it was read from.
#[derive(Debug, Clone, Serialize)]
pub struct Origin {
    /// Full address, with module and instance key: `module.db["eu"].aws_secretsmanager_secret.main[0]`. An output is
    /// `output.NAME`, a variable `var.NAME`, a provider block `provider.NAME`, a module call `module.NAME` (of a nested
    /// module: `module.A.var.NAME` and so on).
    pub address: String,
    /// Resource type (`aws_secretsmanager_secret`), or `output`, `variable`, `provider`, `module`.
    #[serde(rename = "type")]
    pub resource_type: String,
    /// `managed`, `data`, `output`, `variable`, `provider` or `module`.
    pub mode: &'static str,
    /// `secret`, `aws`, `google`, `azure`, `vault`, `kubernetes`, `core`.
    pub platform: &'static str,
    /// Planned actions, as Terraform names them: `create`, `read`, `update`, `delete`, `no-op`, `forget` …
    pub actions: Vec<String>,
    /// Fact fields whose value is unknown until apply.
    pub unknown: Vec<String>,
    /// Where each fact field stands in the resource.
    pub paths: BTreeMap<String, AttributePath>,
}

/// A secret that is declared: a secret of a store, a parameter, a password argument, a Kubernetes Secret.
#[derive(Debug, Clone, Serialize)]
pub struct Secret {
    /// Where it was read from.
    #[serde(flatten)]
    pub origin: Origin,
    /// `secret` (in a secret store), `parameter` (SSM), `password` (an argument of another resource, such as a database's
    /// master password), `object` (a Kubernetes Secret).
    pub kind: &'static str,
    /// `local`, `aws_secretsmanager`, `aws_ssm`, `aws_rds`, `kubernetes` …
    pub store: &'static str,
    /// Name in the store.
    pub name: Option<String>,
    /// Description, if any.
    pub description: Option<String>,
    /// Owner: the provider's `owner`, else a tag, label or annotation named `owner`, `Owner`, `team` or `Team`.
    pub owner: Option<String>,
    /// Tags or labels, without those inherited from nowhere; `tags_all` where the provider computes it.
    pub tags: BTreeMap<String, String>,
    /// Customer-managed key, as the configuration names it: an id, ARN, alias, or the address it refers to.
    pub kms_key: Option<String>,
    /// The store supports a customer-managed key for this kind of secret.
    pub customer_key_supported: bool,
    /// Days a deleted secret can be brought back; the provider's default where the configuration is silent.
    pub recovery_window_days: Option<f64>,
    /// The store has a recovery window.
    pub recovery_supported: bool,
    /// When the secret expires, RFC 3339.
    pub expires_at: Option<String>,
    /// The value is somebody's to rotate: a stored secret with a value or a managed one, not a metadata-only shell owned elsewhere.
    pub rotation_expected: bool,
    /// The platform rotates it without further configuration (RDS `manage_master_user_password`, a managed secret).
    pub rotation_managed: bool,
    /// Addresses of the rotations that name this secret (see [`Rotation`]); resolved by id, ARN, name, or configuration reference.
    pub rotations: Vec<String>,
    /// A rotation exists in the plan whose secret could not be told: `rotation.missing` is then undetermined, not missing.
    pub rotation_maybe: bool,
    /// How the value gets there: `literal`, `write_only`, `generated` (made by the store or the provider), `reference` (another resource's
    /// attribute or a variable), `none` (metadata only), or null where that cannot be told.
    pub value_source: Option<&'static str>,
}

/// A rotation that is declared for a secret or a key.
#[derive(Debug, Clone, Serialize)]
pub struct Rotation {
    /// Where it was read from.
    #[serde(flatten)]
    pub origin: Origin,
    /// `secret` or `key`.
    pub target: &'static str,
    /// Address of the secret it rotates, where it can be told.
    pub secret: Option<String>,
    /// It is switched on.
    pub enabled: Option<bool>,
    /// Longest time between two rotations, in days (`rate(12 hours)` is 0.5; of a cron expression the longest gap).
    pub period_days: Option<f64>,
    /// The schedule as written.
    pub schedule: Option<String>,
    /// `regenerate`, `single_user`, `alternating_users`, `lambda`, `managed` …
    pub strategy: Option<String>,
    /// Seconds for which the previous value stays valid.
    pub keep_previous_seconds: Option<f64>,
}

/// One statement that lets (or forbids) somebody something: an IAM statement, a grant of ours, an RBAC rule with its subjects.
#[derive(Debug, Clone, Serialize)]
pub struct Grant {
    /// Where it was read from.
    #[serde(flatten)]
    pub origin: Origin,
    /// `resource_policy` (on a secret), `key_policy`, `identity_policy` (inline or managed), `trust_policy`, `rbac_role`,
    /// `rbac_binding`, `grant` (ours).
    pub kind: &'static str,
    /// `allow` or `deny`.
    pub effect: &'static str,
    /// The statement's Sid or the rule's index, for the reader.
    pub statement: Option<String>,
    /// Who: ARNs, account ids, service principals (`service:lambda.amazonaws.com`), `*`, age recipients, `group:system:authenticated`,
    /// `serviceaccount:NS/NAME`. Null for an identity policy (whoever it is attached to) and an RBAC role.
    pub principals: Option<Vec<String>>,
    /// What, on four levels: `read`, `write`, `rotate`, `describe`, `administer` (policy, delete); only those that concern secrets,
    /// parameters and their keys (`decrypt`).
    pub access: Vec<&'static str>,
    /// Actions or verbs as written.
    pub actions_allowed: Vec<String>,
    /// Which: ARNs or names as written, `*`; the address of a secret where the text is a reference to one.
    pub resources: Vec<String>,
    /// The statement can reach secret values or their keys at all; rules on secrets look at these only.
    pub concerns_secrets: bool,
    /// Parts written as a negation: `principals`, `actions`, `resources`.
    pub negated: Vec<&'static str>,
    /// Condition keys that narrow the statement, lower case: `aws:sourcevpce`, `kms:viaservice`, `aws:principalorgid`. A key that shuts
    /// nobody out is left out: under a negated operator, `…IfExists`, `ForAllValues:` or `Null`, or compared with everything (`*`,
    /// `0.0.0.0/0`, an ARN in any account).
    pub condition_keys: Vec<String>,
    /// Every principal is an account's root (`arn:aws:iam::…:root` or the account's number): the statement lets that account's own
    /// IAM policies decide and is part of every usable key policy. It opens nothing by itself.
    pub delegates_to_account: bool,
    /// End of the grant, RFC 3339.
    pub expires_at: Option<String>,
    /// Reason given for it.
    pub reason: Option<String>,
}

/// A secret value in a place where it must not be. Says where and how it was found, never what.
#[derive(Debug, Clone, Serialize)]
pub struct Exposure {
    /// Where it was read from.
    #[serde(flatten)]
    pub origin: Origin,
    /// `literal` (written in the configuration), `in_state` (kept in state as an attribute's value), `environment` (of a function or
    /// container), `user_data`, `output`, `variable_default`, `config_map`.
    pub kind: &'static str,
    /// Where in the resource.
    pub path: AttributePath,
    /// How it was recognised: a detector's id (`aws-access-token`), `sensitive-attribute` (the provider or a sensitive variable marks
    /// it), `sensitive-output`, `secret-reference` (an output reads a secret attribute), `secret-name` (the name of the attribute,
    /// variable or key says so).
    pub detector: String,
    /// Encodings it was found through, outermost first: `base64`, `gzip`, `json`.
    pub encodings: Vec<&'static str>,
    /// Write-only argument the provider offers instead, where there is one.
    pub write_only_alternative: Option<String>,
    /// It is a literal in the configuration, a reference to something else, or that cannot be told.
    pub value_source: Option<&'static str>,
}

/// A long-lived credential that is created or configured.
#[derive(Debug, Clone, Serialize)]
pub struct Credential {
    /// Where it was read from.
    #[serde(flatten)]
    pub origin: Origin,
    /// `static_cloud_key` (an IAM access key, a key in a provider block), `service_specific`.
    pub kind: &'static str,
    /// Whose it is, where told.
    pub subject: Option<String>,
    /// It ends by itself at this time, RFC 3339.
    pub expires_at: Option<String>,
    /// Where in the resource or block it stands, for one that is written down.
    pub path: AttributePath,
}

/// An encryption key that protects secrets.
#[derive(Debug, Clone, Serialize)]
pub struct Key {
    /// Where it was read from.
    #[serde(flatten)]
    pub origin: Origin,
    /// Rotated by the platform.
    pub rotation_enabled: Option<bool>,
    /// Longest time between two rotations, in days.
    pub rotation_period_days: Option<f64>,
    /// Days a key scheduled for deletion can be brought back.
    pub deletion_window_days: Option<f64>,
}

/// Everything the rules see, before the raw plan (`input.plan`), which is added only if a policy asks for it.
#[derive(Debug, Default, Serialize)]
pub struct Facts {
    /// `format_version` of the plan.
    pub format_version: String,
    /// Terraform's version, where the plan says it.
    pub terraform_version: Option<String>,
    /// The plan was made with values redacted: rules on values cannot work and answer undetermined.
    pub redacted: bool,
    /// Number of resource changes in the plan.
    pub resource_count: usize,
    /// See [`Secret`].
    pub secrets: Vec<Secret>,
    /// See [`Rotation`].
    pub rotations: Vec<Rotation>,
    /// See [`Grant`].
    pub grants: Vec<Grant>,
    /// See [`Exposure`].
    pub exposures: Vec<Exposure>,
    /// See [`Credential`].
    pub credentials: Vec<Credential>,
    /// See [`Key`].
    pub keys: Vec<Key>,
    /// What could not be read although it should have been: an IAM document that is not JSON, a schedule that does not parse.
    /// Each becomes an `undetermined` result of the linter itself, never a pass.
    pub unreadable: Vec<Unreadable>,
}

/// A part of a resource that should have been understood and was not.
#[derive(Debug, Clone, Serialize)]
pub struct Unreadable {
    /// Where it was read from.
    #[serde(flatten)]
    pub origin: Origin,
    /// Where in the resource.
    pub path: AttributePath,
    /// What is wrong with it, without quoting any of it.
    pub reason: String,
}
