//! Kubernetes: objects as typed resources, in manifests and in YAML, and Helm releases. [`object`] makes one of all spellings; the other
//! modules read what an object says about secrets.

mod external;
mod manifest;
mod object;
mod rbac;
mod secrets;
mod workloads;

pub(super) use self::rbac::{Role, tie};
use super::Extractor;
use super::registry::{HARMLESS, Known, Placed, known, placed};

/// The types that are read, each with what reads it. A further type is a further row.
pub(super) const TYPES: &[(&str, Extractor)] = &[
    ("helm_release", manifest::helm_values),
    ("kubectl_manifest", manifest::yaml_body),
    ("kubernetes_cluster_role", rbac::cluster_role),
    ("kubernetes_cluster_role_binding", rbac::cluster_role_binding),
    ("kubernetes_cluster_role_binding_v1", rbac::cluster_role_binding),
    ("kubernetes_cluster_role_v1", rbac::cluster_role),
    ("kubernetes_cron_job", workloads::cron_job),
    ("kubernetes_cron_job_v1", workloads::cron_job),
    ("kubernetes_daemon_set_v1", workloads::templated),
    ("kubernetes_daemonset", workloads::templated),
    ("kubernetes_deployment", workloads::templated),
    ("kubernetes_deployment_v1", workloads::templated),
    ("kubernetes_env", workloads::env),
    ("kubernetes_job", workloads::templated),
    ("kubernetes_job_v1", workloads::templated),
    ("kubernetes_manifest", manifest::manifest),
    ("kubernetes_pod", workloads::single_pod),
    ("kubernetes_pod_v1", workloads::single_pod),
    ("kubernetes_replication_controller", workloads::templated),
    ("kubernetes_replication_controller_v1", workloads::templated),
    ("kubernetes_role", rbac::role),
    ("kubernetes_role_binding", rbac::role_binding),
    ("kubernetes_role_binding_v1", rbac::role_binding),
    ("kubernetes_role_v1", rbac::role),
    ("kubernetes_secret", secrets::secret),
    ("kubernetes_secret_v1", secrets::secret),
    ("kubernetes_stateful_set", workloads::templated),
    ("kubernetes_stateful_set_v1", workloads::templated),
    ("kubernetes_token_request", secrets::token_request),
    ("kubernetes_token_request_v1", secrets::token_request),
];

const SECRETS: &[&str] = &["kubernetes_secret", "kubernetes_secret_v1"];
const TOKENS: &[&str] = &["kubernetes_token_request", "kubernetes_token_request_v1"];
const MANIFEST: &[&str] = &["kubernetes_manifest"];
const YAML: &[&str] = &["kubectl_manifest"];
const RELEASE: &[&str] = &["helm_release"];

/// Attributes that are known to hold a secret.
pub(super) const SENSITIVE: &[Known] = &[
    known(SECRETS, &["data"], Some("data_wo")),
    known(SECRETS, &["binary_data"], Some("binary_data_wo")),
    known(&["kubernetes_secret_v1_data"], &["data"], None),
    known(TOKENS, &["token"], Some("ephemeral kubernetes_token_request_v1")),
    in_a_secret(MANIFEST, &["manifest", "data"]),
    in_a_secret(MANIFEST, &["manifest", "stringData"]),
    // The provider marks every body; what of another kind is a secret, its name or text tells.
    in_a_secret(YAML, &["yaml_body"]),
    known(RELEASE, &["repository_password"], None),
    known(RELEASE, &["set_sensitive", "*", "value"], Some("set_wo")),
];

/// A row that holds where the manifest is a Secret.
const fn in_a_secret(types: &'static [&'static str], path: &'static [&'static str]) -> Known {
    Known { types, path, instead: None, when: Some(manifest::is_secret) }
}

/// Places that decide what an exposure in them is called. Encrypted values and names of members come before the whole they stand in.
pub(super) const PLACES: &[Placed] = &[
    placed(MANIFEST, &["manifest", "spec", "encryptedData"], HARMLESS),
    placed(MANIFEST, &["manifest", "spec", "data", "*", "secretKey"], HARMLESS),
    placed(MANIFEST, &["manifest", "spec", "parameters"], HARMLESS),
    placed(MANIFEST, &["manifest"], "manifest"),
    // What the cluster made of the manifest.
    placed(MANIFEST, &["object"], HARMLESS),
    placed(YAML, &["yaml_body", "spec", "encryptedData"], HARMLESS),
    placed(YAML, &["yaml_body", "spec", "data", "*", "secretKey"], HARMLESS),
    placed(YAML, &["yaml_body", "spec", "parameters"], HARMLESS),
    placed(YAML, &["yaml_body", "*", "spec", "encryptedData"], HARMLESS),
    placed(YAML, &["yaml_body", "*", "spec", "data", "*", "secretKey"], HARMLESS),
    placed(YAML, &["yaml_body", "*", "spec", "parameters"], HARMLESS),
    placed(YAML, &["yaml_body"], "manifest"),
    // The body once more, and what the cluster made of it.
    placed(YAML, &["yaml_body_parsed"], HARMLESS),
    placed(YAML, &["live_manifest_incluster"], HARMLESS),
    placed(YAML, &["yaml_incluster"], HARMLESS),
    placed(RELEASE, &["set"], "manifest"),
    placed(RELEASE, &["set_list"], "manifest"),
    placed(RELEASE, &["values"], "manifest"),
    // The values once more, and what the chart made of them.
    placed(RELEASE, &["metadata"], HARMLESS),
    placed(RELEASE, &["manifest"], HARMLESS),
    placed(RELEASE, &["resources"], HARMLESS),
];
