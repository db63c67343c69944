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
    /// `secret`, `aws`, `google`, `azure`, `vault`, `kubernetes`, `saas`, `core`.
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
    /// master password), `object` (a Kubernetes Secret), `variable` (a secret of a CI system).
    pub kind: &'static str,
    /// `local`, `aws_secretsmanager`, `aws_ssm`, `aws_rds`, `google_secret_manager`, `google_sql`, `azure_key_vault`, `azure_sql`,
    /// `vault_kv`, `kubernetes` …
    pub store: &'static str,
    /// Name in the store.
    pub name: Option<String>,
    /// Description, if any; the content type of a Key Vault secret, which is what says there what it is.
    pub description: Option<String>,
    /// The store has a place for a description.
    pub description_supported: bool,
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
    /// Nobody can destroy it for good before its time: deletion protection, a store that does not let itself be purged. Null where the
    /// platform has no such thing for one secret.
    pub purge_protection: Option<bool>,
    /// When the secret expires, RFC 3339.
    pub expires_at: Option<String>,
    /// An end is what the platform's own advice asks for (a Key Vault secret), not one that would delete what is needed.
    pub expiry_expected: bool,
    /// It is kept in one region only, and was meant for more: the configuration works in several regions, or pins the secret to one
    /// although the store would spread it. Null where that does not apply.
    pub single_region: Option<bool>,
    /// What the platform offers so that no static value is needed: `manage_master_user_password`, a database role of Vault, IAM
    /// authentication. Null where there is nothing, or it is used.
    pub dynamic_alternative: Option<String>,
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
    /// `regenerate`, `single_user` (the one login's password changes under those who use it), `alternating_users`, `lambda`, `managed`,
    /// `notification` (somebody is told that it is time, and has to do it) …
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
    /// `rbac_binding`, `grant` (ours), `iam_binding` (Google), `role_assignment` and `access_policy` (Azure), `acl_policy` (a rule of a
    /// Vault policy).
    pub kind: &'static str,
    /// Role as written, where access is given by a role: `roles/secretmanager.secretAccessor`, `Key Vault Secrets User`; of an
    /// `acl_policy` the name of the Vault policy.
    pub role: Option<String>,
    /// `allow` or `deny`.
    pub effect: &'static str,
    /// The statement's Sid or the rule's index, for the reader.
    pub statement: Option<String>,
    /// Who: ARNs, account ids, service principals (`service:lambda.amazonaws.com`), `*`, age recipients, `group:system:authenticated`,
    /// `serviceaccount:NS/NAME`; Google's members as written (`serviceAccount:…`, `allUsers`); Azure's object ids, or the address of the
    /// identity. Null for an identity policy (whoever it is attached to), an RBAC role and a Vault policy.
    pub principals: Option<Vec<String>>,
    /// What, on four levels: `read`, `write`, `rotate`, `describe`, `administer` (policy, delete); only those that concern secrets,
    /// parameters and their keys (`decrypt`).
    pub access: Vec<&'static str>,
    /// Actions or verbs as written.
    pub actions_allowed: Vec<String>,
    /// Which: ARNs or names as written, `*`; the address of a secret where the text is a reference to one.
    pub resources: Vec<String>,
    /// How far the resources reach, where a level of the platform says so: `secret`, `key`, `store` (a Key Vault, a mount), `namespace`,
    /// `cluster`, `resource_group`, `project`, `folder`, `organization`, `subscription`, `management_group`, `server` (all of a Vault).
    /// Null where only the resources say it (AWS).
    pub scope: Option<&'static str>,
    /// The statement can reach secret values or their keys at all; rules on secrets look at these only.
    pub concerns_secrets: bool,
    /// It allows everything on everything of its scope, not only secrets: `*` on `*`, AdministratorAccess, `roles/owner`, Owner of a
    /// subscription, cluster-admin. Told of once, by `grant.administrator`; other rules on breadth leave it alone.
    pub administrator: bool,
    /// What it lets the holder do to the values is only to decrypt with a key.
    pub decrypts_only: bool,
    /// Actions by which the holder can give itself or others more than this grant says, and so any secret: to rewrite a policy, a role or a
    /// binding, to pass or take on a role. As the platform names them; only where no resource confines them to something harmless.
    pub escalations: Vec<String>,
    /// Principals that live outside the account, project or tenant of what is granted, as far as the plan tells whose that is.
    pub foreign_principals: Vec<String>,
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
    /// container), `user_data`, `output`, `variable_default`, `config_map`, `tag` (a tag, label, annotation, name or description),
    /// `ci_variable` (a variable or secret of a CI system), `manifest` (a Kubernetes manifest or the values of a Helm release),
    /// `parameter` (a store of settings, which is not made for secrets).
    pub kind: &'static str,
    /// Where in the resource.
    pub path: AttributePath,
    /// How it was recognised: a detector's id (`aws-access-token`), `sensitive-attribute` (the provider or a sensitive variable marks
    /// it), `sensitive-output`, `secret-reference` (an output reads a secret attribute), `secret-name` (the name of the attribute,
    /// variable or key says so), `url-password` and `connection-string-password` (within a connection string), `high-entropy` (text that
    /// looks random where its name says nothing against it).
    pub detector: String,
    /// Encodings it was found through, outermost first: `base64`, `gzip`, `json`, `yaml`, `hcl`, `dotenv`.
    pub encodings: Vec<&'static str>,
    /// Write-only argument the provider offers instead, where there is one.
    pub write_only_alternative: Option<String>,
    /// It is a literal in the configuration, a reference to something else, or that cannot be told.
    pub value_source: Option<&'static str>,
    /// The place hides it from those who read settings and logs: a masked or sensitive CI variable. Null where that is no question.
    pub hidden: Option<bool>,
}

/// A long-lived credential that is created or configured.
#[derive(Debug, Clone, Serialize)]
pub struct Credential {
    /// Where it was read from.
    #[serde(flatten)]
    pub origin: Origin,
    /// `static_cloud_key` (an IAM access key, a service account's key, a key in a provider block), `service_specific`,
    /// `application_password` (Entra ID), `token` (Vault, GitLab, …), `secret_id` (of a Vault AppRole), `root_token`.
    pub kind: &'static str,
    /// Whose it is, where told.
    pub subject: Option<String>,
    /// It ends by itself at this time, RFC 3339.
    pub expires_at: Option<String>,
    /// Seconds after which it ends by itself; 0 is never.
    pub ttl_seconds: Option<f64>,
    /// It ends by itself. Null where that cannot be told, which `unknown` says is until apply if it is.
    pub ends: Option<bool>,
    /// Terraform makes a new one in time: `time_rotating`, `rotate_when_changed`.
    pub renewed: bool,
    /// Where in the resource or block it stands, for one that is written down.
    pub path: AttributePath,
}

/// An encryption key that protects secrets.
#[derive(Debug, Clone, Serialize)]
pub struct Key {
    /// Where it was read from.
    #[serde(flatten)]
    pub origin: Origin,
    /// `aws_kms`, `google_kms`, `azure_key_vault`, `vault_transit`.
    pub store: &'static str,
    /// Rotated by the platform. Null where the platform cannot rotate this kind of key (asymmetric, imported).
    pub rotation_enabled: Option<bool>,
    /// Longest time between two rotations, in days.
    pub rotation_period_days: Option<f64>,
    /// Days a key scheduled for deletion can be brought back.
    pub deletion_window_days: Option<f64>,
    /// It cannot be destroyed for good before its time. Null where the platform has no such thing for one key.
    pub purge_protection: Option<bool>,
    /// When it expires, RFC 3339.
    pub expires_at: Option<String>,
    /// An end is what the platform's own advice asks for (a Key Vault key).
    pub expiry_expected: bool,
}

/// A place that holds secrets: a Key Vault, a mount of Vault, the etcd of a Kubernetes cluster.
#[derive(Debug, Clone, Serialize)]
pub struct Store {
    /// Where it was read from.
    #[serde(flatten)]
    pub origin: Origin,
    /// `key_vault`, `kv_mount`, `server` (Vault itself), `cluster` (Kubernetes), `account` (what keeps the audit log of an AWS account or a
    /// Google project).
    pub kind: &'static str,
    /// Its name.
    pub name: Option<String>,
    /// It can be reached from any network.
    pub public_network: Option<bool>,
    /// What is deleted in it cannot be destroyed before its time.
    pub purge_protection: Option<bool>,
    /// Days what is deleted in it can be brought back.
    pub recovery_window_days: Option<f64>,
    /// It keeps earlier versions of a secret.
    pub versioned: Option<bool>,
    /// Secrets in it are encrypted with a key of one's own: etcd's envelope encryption.
    pub secrets_encrypted: Option<bool>,
    /// Who reads a secret of it is written down: an [`Audit`] of this plan is for it. Null where the platform audits by itself or
    /// whether it does is decided elsewhere.
    pub audited: Option<bool>,
    /// Addresses of the audits that are for it.
    pub audits: Vec<String>,
}

/// A log of who read which secret.
#[derive(Debug, Clone, Serialize)]
pub struct Audit {
    /// Where it was read from.
    #[serde(flatten)]
    pub origin: Origin,
    /// `trail` (CloudTrail), `diagnostic_setting` (Azure), `audit_config` (Google), `audit_device` (Vault), `log_group`
    /// and `log_bucket` (where a log is kept).
    pub kind: &'static str,
    /// It is switched on.
    pub enabled: Option<bool>,
    /// Reads of secrets are in it.
    pub covers_secrets: Option<bool>,
    /// Days for which it is kept; null is for ever, or not said here.
    pub retention_days: Option<f64>,
}

/// How a secret gets from its store into a workload.
#[derive(Debug, Clone, Serialize)]
pub struct Delivery {
    /// Where it was read from.
    #[serde(flatten)]
    pub origin: Origin,
    /// `environment` (a variable that is filled from a store), `file` (a volume), `object` (copied into a Kubernetes Secret).
    pub kind: &'static str,
    /// Name of the variable, the volume or the object.
    pub name: Option<String>,
    /// The secret as the configuration names it.
    pub secret: Option<String>,
    /// Where in the resource.
    pub path: AttributePath,
    /// The platform could give the workload a file as well.
    pub file_possible: bool,
    /// A new value reaches the workload without a deployment. Null where that cannot be told.
    pub refreshes: Option<bool>,
}

/// A secret, key or store that the plan deletes, or replaces by a new one.
#[derive(Debug, Clone, Serialize)]
pub struct Removal {
    /// Where it was read from; `actions` tell whether it is replaced.
    #[serde(flatten)]
    pub origin: Origin,
    /// `secret`, `parameter`, `object`, `key`, or the kind of the store.
    pub kind: &'static str,
    /// The store it is in.
    pub store: &'static str,
    /// A new one of the same address takes its place.
    pub replaced: bool,
    /// Attributes whose change forces the replacement.
    pub replaced_by: Vec<AttributePath>,
    /// It can be brought back for a while. Null where that cannot be told.
    pub recoverable: Option<bool>,
    /// Days for which it can be brought back.
    pub recovery_window_days: Option<f64>,
    /// A value goes with it: it is no copy of what is elsewhere, and no shell without one.
    pub holds_value: bool,
}

/// Something in the configuration that makes a secret value.
#[derive(Debug, Clone, Serialize)]
pub struct Generator {
    /// Where it was read from.
    #[serde(flatten)]
    pub origin: Origin,
    /// `random_password`, `random_string`, `random_id`, `random_uuid`, `private_key`, `generate` (of our `secret`) …
    pub kind: &'static str,
    /// Bits of entropy of what it makes, as configured; of a private key its strength. Null where that is decided at apply.
    pub entropy_bits: Option<f64>,
    /// What it makes is shown in plans and logs, because the provider does not mark it as sensitive.
    pub shown: bool,
    /// Addresses of the resources in whose secret attributes its result lands.
    pub feeds: Vec<String>,
}

/// Who may take on an identity by proving something: a role that trusts an OIDC issuer, a role of a Vault auth method.
#[derive(Debug, Clone, Serialize)]
pub struct Trust {
    /// Where it was read from.
    #[serde(flatten)]
    pub origin: Origin,
    /// `oidc` (tokens of an issuer), `kubernetes`, `approle`, `cloud` (an instance's or role's identity), `certificate`, `password`.
    pub kind: &'static str,
    /// Issuer, where there is one: `token.actions.githubusercontent.com`.
    pub issuer: Option<String>,
    /// What must hold of the one who comes. Empty: nothing.
    pub bounds: Vec<Bound>,
    /// Policies or roles that the identity then has.
    pub policies: Vec<String>,
    /// Longest time for which a login lasts, in seconds; 0 is the server's own limit.
    pub ttl_seconds: Option<f64>,
}

/// One condition on who may take on an identity.
#[derive(Debug, Clone, Serialize)]
pub struct Bound {
    /// The claim or argument: `sub`, `aud`, `bound_service_account_names`.
    pub claim: String,
    /// The values that are let in, `*` as a wildcard.
    pub values: Vec<String>,
    /// Where in the resource it stands.
    pub path: AttributePath,
}

/// A certificate that the configuration makes or brings.
#[derive(Debug, Clone, Serialize)]
pub struct Certificate {
    /// Where it was read from.
    #[serde(flatten)]
    pub origin: Origin,
    /// Days for which it is valid, where the configuration says it.
    pub validity_days: Option<f64>,
    /// Something makes the next one in time: the store, or Terraform (`early_renewal_hours`).
    pub renewed: Option<bool>,
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
    /// When the plan was made, RFC 3339, where it says so (Terraform 1.5 and later).
    pub planned_at: Option<String>,
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
    /// See [`Store`].
    pub stores: Vec<Store>,
    /// See [`Audit`].
    pub audits: Vec<Audit>,
    /// See [`Delivery`].
    pub deliveries: Vec<Delivery>,
    /// See [`Removal`].
    pub removals: Vec<Removal>,
    /// See [`Generator`].
    pub generators: Vec<Generator>,
    /// See [`Trust`].
    pub trusts: Vec<Trust>,
    /// See [`Certificate`].
    pub certificates: Vec<Certificate>,
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
