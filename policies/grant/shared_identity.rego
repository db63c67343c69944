# METADATA
# title: A secret is given to an identity that others share
# description: >-
#   The default service account of Compute Engine or App Engine runs every machine, function and job that names no other; the service
#   account `default` of a namespace runs every Pod that names none; Vault's policy `default` is in every token. A secret that is given to
#   one of them is given to whatever is deployed next, and the audit log cannot tell who read it. A name in `allowed_principals` of the
#   configuration is accepted.
# related_resources:
# - ref: https://cloud.google.com/iam/docs/service-account-types#default
#   description: Default service accounts of Google Cloud
# - ref: https://kubernetes.io/docs/concepts/security/service-accounts/#default-service-accounts
#   description: The default service account of a namespace
# - ref: https://developer.hashicorp.com/vault/docs/concepts/policies#default-policy
#   description: The default policy of Vault
# custom:
#   severity: medium
#   remediation: >-
#     Make a service account for the workload, let the workload run as it (`service_account_email`, `service_account_name`), and give the
#     secret to that one. In Vault write a policy of its own for the path, and name it in the role of those who need it.
#   references: [CWE-250, CWE-266, CIS Google Cloud 4.1, CIS Kubernetes 5.1.5]
#   covers: []
#   aliases: []
package secretlint.grant.shared_identity

import rego.v1

import data.secretlint.lib.grants
import data.secretlint.lib.principals
import data.secretlint.lib.result

findings contains finding if {
	some grant in grants.allowing
	not "principals" in grant.negated
	is_array(grant.principals)
	some principal in grant.principals
	not principals.is_allowed(principal)
	some shared in _shared_by(principal)
	message := sprintf("%s may %s this, and so may everything that runs as it", [shared, grants.abilities(grant)])
	finding := result.at(grant, ["principals"], message)
}

findings contains finding if {
	some grant in grants.allowing
	grant.kind == "acl_policy"
	grant.role == "default"
	message := sprintf("Vault's policy `default` may %s this, and every token has it", [grants.abilities(grant)])
	finding := result.at(grant, ["resources"], message)
}


_shared_by(principal) := {"the default service account of the namespace"} if {
	startswith(principal, "serviceaccount:")
	endswith(principal, "/default")
} else := {name | some ending, name in _endings; endswith(principal, ending)} |
	{name | some part, name in _parts; contains(principal, part)}

_endings := {
	"-compute@developer.gserviceaccount.com": "the default service account of Compute Engine",
	"@appspot.gserviceaccount.com": "the default service account of App Engine",
	"@cloudbuild.gserviceaccount.com": "the default service account of Cloud Build",
}

# A group of every service account of one namespace, an address of the data source that looks a default account up.
_parts := {
	"google_app_engine_default_service_account": "the default service account of App Engine",
	"google_compute_default_service_account": "the default service account of Compute Engine",
	"group:system:serviceaccounts:": "every service account of the namespace",
}
