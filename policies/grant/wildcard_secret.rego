# METADATA
# title: A grant covers every secret
# description: >-
#   A role that reads `*` reads every secret of the account or namespace, and every one that is added later, by anybody, for any
#   purpose. One stolen workload identity is then the loss of all of them. Only grants that reach values or keys are looked at: listing
#   names and `GetRandomPassword` cannot be scoped and may keep their `*`. A statement is not reported when a condition says which
#   secrets (a resource tag) or confines a key to one service (`kms:ViaService`), and a resource policy may say `*`, which means the
#   secret it is attached to. What is more than secrets is said by `grant.administrator`, a `NotResource` by `grant.negated`, the verb
#   `list` of Kubernetes by `grant.kubernetes_list_secrets`, decryption with every key by `grant.decrypt_any_key`, roles on a project or
#   subscription by `grant.project_wide`.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html
#   description: Identity policies for AWS Secrets Manager, with the six characters that end an ARN
# - ref: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
#   description: Which actions take which resources and condition keys
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   description: Good practices for Kubernetes RBAC
# - ref: https://developer.hashicorp.com/vault/docs/concepts/policies
#   description: Paths and wildcards in Vault policies
# custom:
#   severity: high
#   remediation: >-
#     Name the secrets: `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-??????` or a prefix that belongs to one team, a
#     parameter path below `/`, the key's ARN; in Kubernetes `resource_names`; in Vault the path of one service. Where the secrets
#     share a tag, a condition on `secretsmanager:ResourceTag/…` does it. A `secret_grant` covers one secret.
#   references: [CWE-732, CWE-250, CIS Kubernetes 5.1.2]
#   covers:
#     - CKV_AWS_108
#     - CKV_AWS_288
#     - CKV_AWS_355
#     - CKV_AWS_356
#     - AWS-0057
#     - KSV-0041
#     - KSV-0113
#     - KICS-07fc3413
#     - KICS-826abb30
#     - rbac_minimize_secret_access
#   aliases: []
package secretlint.grant.wildcard_secret

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.grants
import data.secretlint.lib.reach
import data.secretlint.lib.result

findings contains finding if {
	some grant in _candidates
	some resource in grant.resources
	_covers_all(grant, resource)
	not grants.resources_narrowed(grant)
	finding := result.at(grant, ["resources"], _message(grant, resource))
}

undetermined contains finding if {
	some grant in _candidates
	facts.is_unknown(grant, "resources")
	finding := result.at(grant, ["resources"], "which secrets or keys this covers is decided at apply")
}

_message(grant, resource) := sprintf("may %s every secret or key that `%s` matches", [grants.abilities(grant), resource]) if {
	grant.kind != "rbac_role"
} else := sprintf("without resource names, this may %s every secret", [grants.abilities(grant)])

# A resource policy speaks of the one secret it is attached to, whatever its `Resource` says.
_candidates := [grant |
	some grant in grants.allowing
	grant.kind in {"identity_policy", "rbac_role", "acl_policy"}
	not grant.administrator
	not grant.decrypts_only
	not "resources" in grant.negated
	not reach.lists_secrets(grant)
	not reach.reaches_no_value(grant)
	not _has_unknown_verbs(grant)
]

# By `grant.kubernetes_list_secrets`.
_has_unknown_verbs(grant) if {
	grant.kind == "rbac_role"
	count(grant.access) == 0
	facts.is_unknown(grant, "actions_allowed")
}

_covers_all(_, resource) if reach.names_all(resource)

# Which path is a whole mount of Vault is known to the facts.
_covers_all(grant, _) if {
	grant.kind == "acl_policy"
	grant.scope in {"store", "server"}
}
