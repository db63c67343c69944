# METADATA
# title: The holder can give itself any secret
# description: >-
#   Who may rewrite a policy, a role or a binding, pass or take on any role, or make a login for somebody else does not need a grant on a
#   secret: it can make one. Such a grant is an administrator's in disguise, and no list of who may read a secret is true while it
#   exists. A grant that its resources confine to something harmless, or a condition to a permissions boundary, is not reported. What
#   allows everything, every action on secrets, or everything but what it names is said by the rules on those.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
#   description: Permissions boundaries, which let somebody make roles without exceeding them
# - ref: https://cloud.google.com/iam/docs/service-account-permissions
#   description: Who can act as a service account
# - ref: https://learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-overview
#   description: Role assignments that a condition confines
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/#escalate-verb
#   description: The verbs bind, escalate and impersonate
# custom:
#   severity: high
#   remediation: >-
#     Name the roles, policies or service accounts that may be changed or passed, and demand a permissions boundary
#     (`iam:PermissionsBoundary`) or the service they are passed to (`iam:PassedToService`). In Azure add a condition to the role
#     assignment; in Google Cloud give the role on one service account; in Kubernetes give `bind` with `resource_names`.
#   references: [CWE-269, CWE-266, CIS Google Cloud 1.6, CIS Kubernetes 5.1.8]
#   covers:
#     - CKV_AWS_109
#     - CKV_AWS_110
#     - CKV_AWS_286
#     - CKV_AWS_289
#     - CKV_GCP_41
#     - CKV_GCP_44
#     - CKV_GCP_45
#     - CKV_GCP_49
#     - CKV_K8S_155
#     - CKV_K8S_156
#     - CKV_K8S_157
#     - CKV_K8S_158
#     - AWS-0342
#     - AZU-0052
#     - GCP-0005
#     - GCP-0009
#     - GCP-0011
#     - KICS-e39bee8c
#   aliases: []
package secretlint.grant.privilege_escalation

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.grants
import data.secretlint.lib.result

findings contains finding if {
	some grant in _candidates
	ways := [way | some way in grant.escalations; not _is_told_elsewhere(grant, way)]
	count(ways) > 0
	message := sprintf("with %s the holder can give itself more than this says, any secret included", [_listed(ways)])
	finding := result.at(grant, [grants.breadth_place(grant)], message)
}

undetermined contains finding if {
	some grant in _candidates
	facts.is_unknown(grant, "escalations")
	message := "whether the holder can give itself more than this says is decided at apply"
	finding := result.at(grant, [grants.breadth_place(grant)], message)
}

_candidates := [grant |
	some grant in grants.effective
	not grant.administrator
	not grants.resources_narrowed(grant)
	not _is_confined(grant)
]

_is_confined(grant) if {
	some key in ["iam:permissionsboundary", "iam:policyarn", "kms:grantisforawsresource", "iam:passedtoservice"]
	key in grant.condition_keys
}

# By `grant.negated`.
_is_told_elsewhere(grant, _) if {
	grant.concerns_secrets
	"actions" in grant.negated
}

# By `grant.wildcard_action`: "*" for all, "kms:*" for those of its own service.
_is_told_elsewhere(grant, way) if {
	grant.concerns_secrets
	some action in grant.actions_allowed
	grants.is_every_action(action)
	_includes(lower(action), lower(way))
}

_is_told_elsewhere(grant, _) if grants.is_every_action_role(grant.role)

_includes(action, _) if grants.is_only_wildcards(action)

_includes(action, way) if split(action, ":")[0] == split(way, ":")[0]

_includes(action, _) if grants.is_only_wildcards(split(action, ":")[0])

_listed(ways) := sprintf("`%s`", [concat("`, `", ways)]) if {
	count(ways) < 4
} else := sprintf("`%s` and %v more actions", [concat("`, `", array.slice(ways, 0, 2)), count(ways) - 2])
