# METADATA
# title: A grant allows every action on a secret
# description: >-
#   `secretsmanager:*`, `ssm:*`, `kms:*` and the Kubernetes verb `*` are written for convenience and grant far more than reading: the
#   holder can overwrite the value, switch off its rotation, delete it, or write a policy that hands it to another account. `NotAction`
#   with `Allow` is the same with an exception. The account's own `kms:*` in a key policy is not reported: without it a key can become
#   unmanageable, and AWS writes it into every default policy.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege
#   description: Least privilege in AWS IAM
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
#   description: The default key policy, and why the account is in it
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   description: Good practices for Kubernetes RBAC
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
	some grant in grants.allowing
	some action in grant.actions_allowed
	contains(action, "*")
	_is_everything(action)
	not "actions" in grant.negated
	not _keeps_key_manageable(grant)
	not _depends_on_principals(grant)
	not _binds_role_of_this_plan(grant)
	finding := result.at(grant, [_place(grant)], sprintf("`%s` allows every action", [action]))
}

findings contains finding if {
	some grant in grants.allowing
	"actions" in grant.negated
	finding := result.at(grant, ["actions_allowed"], "every action is allowed but those named")
}

undetermined contains finding if {
	some grant in grants.allowing
	facts.is_unknown(grant, "actions_allowed")
	finding := result.at(grant, ["actions_allowed"], "which actions are allowed is decided at apply")
}

undetermined contains finding if {
	some grant in grants.allowing
	_depends_on_principals(grant)
	some action in grant.actions_allowed
	_is_everything(action)
	message := sprintf("whether `%s` is allowed to the account itself or to somebody else is decided at apply", [action])
	finding := result.at(grant, ["actions_allowed"], message)
}

# "*", "kms:*" and the verb "*"; "ssm:Get*" is a way of writing a few names.
_is_everything(action) if _only_wildcards(action)

_is_everything(action) if {
	[service, name] := split(lower(action), ":")
	_only_wildcards(name)
	_is_ours(service)
}

_is_ours(service) if service in {"secretsmanager", "ssm", "kms"}

_is_ours(service) if _only_wildcards(service)

_only_wildcards(text) if {
	contains(text, "*")
	trim(text, "*?") == ""
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

# The role itself is reported; only of the role that every cluster has there is nothing else to point to.
_binds_role_of_this_plan(grant) if {
	grant.kind == "rbac_binding"
	grant.statement != "clusterrole:cluster-admin"
}

_place(grant) := "access" if grant.kind == "rbac_binding"

else := "actions_allowed"
