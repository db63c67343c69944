# METADATA
# title: A Kubernetes role lists every Secret
# description: >-
#   The API server answers `list` and `watch` on Secrets with the whole objects, values included, so a role that may "only list" reads
#   all of them: the tokens of service accounts, the credentials of other workloads, and each one that is added later. A ClusterRole
#   reaches every namespace it is bound to. With `resource_names` a client can list only the objects it names, which is accepted. Without
#   `list` and `watch`, a role without names is said by `grant.wildcard_secret`.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/#listing-secrets
#   description: Why list and watch reveal the contents of Secrets
# - ref: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources
#   description: Resource names in a rule
# - ref: https://kubernetes.io/docs/concepts/configuration/secret/#information-security-for-secrets
#   description: Who can read a Secret
# custom:
#   severity: high
#   remediation: >-
#     Allow `get` alone, with `resource_names`, in a role of the one namespace. What a Pod needs can be mounted into it, which takes no
#     role at all. An operator that truly has to watch Secrets gets a service account and a namespace of its own, and a waiver with a
#     reason.
#   references: [CWE-250, CWE-732, CIS Kubernetes 5.1.2]
#   covers:
#     - CKV2_K8S_5
#     - KSV-0041
#     - KSV-0113
#     - KICS-07fc3413
#     - KICS-826abb30
#     - rbac_minimize_secret_access
#   aliases: []
package secretlint.grant.kubernetes_list_secrets

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.grants
import data.secretlint.lib.reach
import data.secretlint.lib.result

findings contains finding if {
	some grant in _candidates
	reach.lists_secrets(grant)
	verbs := [verb | some verb in ["list", "watch"]; verb in grant.actions_allowed]
	message := sprintf("with `%s` this reads every Secret of %s", [concat("` and `", verbs), _where(grant)])
	finding := result.at(grant, ["actions_allowed"], message)
}

# Unknown names are `grant.wildcard_secret`'s to say.
undetermined contains finding if {
	some grant in _candidates
	grant.kind == "rbac_role"
	"*" in grant.resources
	facts.is_unknown(grant, "actions_allowed")
	finding := result.at(grant, ["actions_allowed"], "whether this may list Secrets is decided at apply")
}

_candidates := [grant |
	some grant in grants.allowing
	not grant.administrator
]

_where(grant) := "every namespace it is bound to" if {
	contains(grant.type, "cluster")
} else := "every namespace it is bound to" if {
	grant.scope == "cluster"
} else := "the namespace"
