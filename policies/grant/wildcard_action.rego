# METADATA
# title: A grant allows every action on a secret
# description: >-
#   `secretsmanager:*`, `ssm:*`, `kms:*` and the Kubernetes verb `*` are written for convenience and grant far more than reading: the
#   holder can overwrite the value, switch off its rotation, delete it, or write a policy that hands it to another account. Google's
#   `roles/secretmanager.admin`, `Key Vault Administrator`, an access policy with every permission and a Vault path with every
#   capability are the same. The account's own `kms:*` in a key policy is not reported: without it a key can become unmanageable, and AWS
#   writes it into every default policy. What is more than secrets is said by `grant.administrator`, an exception by `grant.negated`.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege
#   description: Least privilege in AWS IAM
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
#   description: The default key policy, and why the account is in it
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   description: Good practices for Kubernetes RBAC
# - ref: https://cloud.google.com/secret-manager/docs/access-control
#   description: Roles of Google Secret Manager
# custom:
#   severity: high
#   remediation: >-
#     List the actions that are used. A reader needs `secretsmanager:GetSecretValue` (and `kms:Decrypt` on the secret's key), or
#     `ssm:GetParameter`, or the verb `get`; give administration to a role of its own. The access levels of a `secret_grant`
#     (`read`, `write`, `rotate`, `describe`) contain no wildcard.
#   references: [CWE-250, CWE-269, CIS AWS Foundations 1.16, CIS Kubernetes 5.1.3]
#   covers:
#     - CKV_AWS_1
#     - CKV_AWS_49
#     - CKV_AWS_62
#     - CKV_AWS_63
#     - AWS-0057
#     - KSV-0044
#     - KSV-0045
#     - KSV-0046
#     - KICS-2f37c4a3
#     - KICS-575a2155
#     - iam_policy_no_full_access_to_kms
#     - iam_inline_policy_no_full_access_to_kms
#     - rbac_minimize_wildcard_use_roles
#   aliases: []
package secretlint.grant.wildcard_action

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.grants
import data.secretlint.lib.result

findings contains finding if {
	some grant in _candidates
	some action in grant.actions_allowed
	grants.is_every_action(action)
	not _keeps_key_manageable(grant)
	not _depends_on_principals(grant)
	finding := result.at(grant, [grants.breadth_place(grant)], sprintf("`%s` allows every action", [action]))
}

findings contains finding if {
	some grant in _candidates
	grants.is_every_action_role(grant.role)
	finding := result.at(grant, ["role"], sprintf("`%s` allows every action", [grant.role]))
}

findings contains finding if {
	some grant in _candidates
	some whole in _every_permission[grant.kind]
	every name in whole { name in {lower(action) | some action in grant.actions_allowed} }
	finding := result.at(grant, ["actions_allowed"], sprintf("with %s every action is allowed", [concat(", ", whole)]))
}

undetermined contains finding if {
	some grant in _candidates
	facts.is_unknown(grant, "actions_allowed")
	finding := result.at(grant, ["actions_allowed"], "which actions are allowed is decided at apply")
}

undetermined contains finding if {
	some grant in _candidates
	_depends_on_principals(grant)
	some action in grant.actions_allowed
	grants.is_every_action(action)
	message := sprintf("whether `%s` is allowed to the account itself or to somebody else is decided at apply", [action])
	finding := result.at(grant, ["actions_allowed"], message)
}

_candidates := [grant |
	some grant in grants.allowing
	not grant.administrator
	not "actions" in grant.negated
	not grants.repeats_a_role(grant)
]

# Of a Key Vault's access policy for secrets, and of a rule of a Vault policy.
_every_permission := {
	"access_policy": [["get", "list", "set", "delete", "recover", "backup", "restore", "purge"]],
	"acl_policy": [["create", "read", "update", "delete", "list"]],
}

# In a key policy the account's root stands for "whoever this account's own policies allow".
_keeps_key_manageable(grant) if {
	grant.kind == "key_policy"
	grant.delegates_to_account
}

_depends_on_principals(grant) if {
	grant.kind == "key_policy"
	facts.is_unknown(grant, "principals")
}
