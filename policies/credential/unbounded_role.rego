# METADATA
# title: A login role lets anybody in
# description: >-
#   A role of an auth method says who may log in with it: which service accounts, which instances, which certificates. Without such a
#   bound, or with `*` in each of them, it is everybody who can reach the method: any Pod of the cluster, any machine of the cloud
#   account, whoever learns the id of an AppRole. They all have the role's policies then. One bound that names somebody is enough for this
#   rule. Roles that trust an issuer of tokens are said by `credential.unconstrained_oidc_trust`.
# related_resources:
# - ref: https://developer.hashicorp.com/vault/docs/auth/kubernetes
#   description: Bounds of Vault's Kubernetes auth method
# - ref: https://developer.hashicorp.com/vault/docs/auth/approle
#   description: AppRole, its secret id and its bounds
# - ref: https://developer.hashicorp.com/vault/docs/auth/aws
#   description: Bounds of Vault's AWS auth method
# custom:
#   severity: high
#   remediation: >-
#     Name who may log in: `bound_service_account_names` and `bound_service_account_namespaces`, `bound_iam_principal_arns`,
#     `bound_service_accounts`, `allowed_common_names`; for an AppRole leave `bind_secret_id` on and add `secret_id_bound_cidrs`. One
#     role for one workload.
#   references: [CWE-284, CWE-287, CWE-862]
#   covers: []
#   aliases: []
package secretlint.credential.unbounded_role

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result

findings contains finding if {
	some trust in _candidates
	not facts.is_unknown(trust, "bounds")
	every bound in trust.bounds { _is_wild(bound) }
	finding := result.inside(trust, _place(trust), sprintf("%s may log in with this role", [_anybody(trust.kind)]))
}

undetermined contains finding if {
	some trust in _candidates
	facts.is_unknown(trust, "bounds")
	every bound in trust.bounds { _is_wild(bound) }
	finding := result.inside(trust, _place(trust), "who may log in with this role is decided at apply")
}

_candidates := [trust |
	some trust in facts.declared(input.trusts)
	trust.kind != "oidc"
]

# One value that lets everybody in makes the others say nothing.
_is_wild(bound) if {
	some value in bound.values
	_is_anybody(value)
}

_is_anybody(value) if {
	contains(value, "*")
	trim(value, "*?") == ""
}

_is_anybody(value) if endswith(value, "/0")

_is_anybody(value) if value == ".*"

_place(trust) := trust.bounds[0].path if {
	count(trust.bounds) > 0
} else := trust.paths.bounds if {
	trust.paths.bounds
} else := []

_anybody(kind) := object.get(_circles, kind, "whoever reaches this auth method")

_circles := {
	"approle": "whoever knows the role's id",
	"certificate": "the holder of any certificate of the authority",
	"cloud": "any identity of the cloud",
	"kubernetes": "every workload of the cluster",
	"password": "whoever knows the name",
}
