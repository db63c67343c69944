# METADATA
# title: A secret is open to the public
# description: >-
#   `allUsers` is everybody on the internet, without a login; `allAuthenticatedUsers` is everybody with any Google account, and every
#   service account of any project. In Kubernetes `system:unauthenticated` and `system:anonymous` are whoever reaches the API server. A
#   secret or key that they may use is no longer one, and what was read cannot be called back. A name in `allowed_principals` of the
#   configuration is accepted.
# related_resources:
# - ref: https://cloud.google.com/iam/docs/principals-overview
#   description: What allUsers and allAuthenticatedUsers mean
# - ref: https://cloud.google.com/resource-manager/docs/organization-policy/restricting-domains
#   description: An organisation policy that refuses them
# - ref: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-requests
#   description: Anonymous requests to a cluster
# custom:
#   severity: critical
#   remediation: >-
#     Name the service accounts or groups that need the secret, and rotate it: it has to be taken for read. An organisation policy with
#     `iam.allowedPolicyMemberDomains` keeps Google's public members out everywhere; in Kubernetes bind a service account, and leave
#     anonymous access to the roles the cluster brings along.
#   references: [CWE-732, CWE-306, CIS Google Cloud 1.9]
#   covers:
#     - CKV_GCP_112
#     - CKV_GCP_113
#     - CKV2_GCP_6
#     - CKV2_GCP_8
#     - KICS-16cc87d1
#     - secretmanager_secret_not_publicly_accessible
#   aliases: []
package secretlint.grant.public

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.grants
import data.secretlint.lib.principals
import data.secretlint.lib.result

findings contains finding if {
	some grant in grants.allowing
	not "principals" in grant.negated
	is_array(grant.principals)
	some principal in grant.principals
	circle := _circles[principal]
	not principals.is_allowed(principal)
	not grants.principals_narrowed(grant)
	message := sprintf("%s may %s this secret or key", [circle, grants.abilities(grant)])
	finding := result.at(grant, ["principals"], message)
}

# Of the other kinds `grant.wildcard_principal` says it.
undetermined contains finding if {
	some grant in grants.allowing
	grant.kind == "iam_binding"
	facts.is_unknown(grant, "principals")
	finding := result.at(grant, ["principals"], "who may reach this secret or key is decided at apply")
}

_circles := {
	"allAuthenticatedUsers": "everybody with a Google account",
	"allUsers": "everybody on the internet",
	"group:system:unauthenticated": "anybody who reaches the cluster",
	"user:system:anonymous": "anybody who reaches the cluster",
}
