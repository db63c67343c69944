# METADATA
# title: Anybody may reach a secret
# description: >-
#   A policy whose principal is `*` lets every AWS account in the world use the permission, and a Kubernetes subject such as
#   `system:authenticated` lets every workload of the cluster. It needs no mistake anywhere else: whoever learns the ARN has the value.
#   A statement is not reported when a condition on the caller (`aws:PrincipalOrgID`, `aws:PrincipalArn`, `aws:SourceVpce`,
#   `kms:CallerAccount` …) makes the circle smaller. Callers without any login are said by `grant.public`, a `NotPrincipal` by
#   `grant.negated`; a name in `allowed_principals` is accepted.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
#   description: What a principal may be, and why NotPrincipal with Allow should not be used
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html
#   description: Resource policies of AWS Secrets Manager
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   description: Good practices for Kubernetes RBAC
# custom:
#   severity: critical
#   remediation: >-
#     Name the roles or service accounts that need the secret. Where a whole organisation must read it, keep `*` and add a condition
#     on `aws:PrincipalOrgID`; set `block_public_policy = true` on the resource policy. A `secret_grant` takes one principal and
#     refuses a wildcard.
#   references: [CWE-732, CWE-284, CIS Kubernetes 5.1.2]
#   covers:
#     - CKV_AWS_33
#     - CKV_AWS_60
#     - CKV_AWS_61
#     - KICS-fa00ce45
#     - KICS-7ebc9038
#     - secretsmanager_not_publicly_accessible
#     - kms_key_not_publicly_accessible
#   aliases: []
package secretlint.grant.wildcard_principal

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.grants
import data.secretlint.lib.principals
import data.secretlint.lib.result

findings contains finding if {
	some grant in grants.allowing
	is_array(grant.principals)
	some principal in grant.principals
	circle := _wide_circles[principal]
	not principals.is_allowed(principal)
	not grants.principals_narrowed(grant)
	not "principals" in grant.negated
	message := sprintf("%s may %s this secret or key", [circle, grants.abilities(grant)])
	finding := result.at(grant, ["principals"], message)
}

# Whoever takes on a role has all that it may do.
findings contains finding if {
	some grant in grants.effective
	grant.kind == "trust_policy"
	is_array(grant.principals)
	"*" in grant.principals
	not principals.is_allowed("*")
	not grants.principals_narrowed(grant)
	not "principals" in grant.negated
	finding := result.at(grant, ["principals"], "anybody may take on this role, and has what it may do")
}

undetermined contains finding if {
	some grant in grants.allowing
	grant.kind in {"resource_policy", "key_policy", "rbac_binding", "grant"}
	facts.is_unknown(grant, "principals")
	finding := result.at(grant, ["principals"], "who may reach this secret or key is decided at apply")
}

_wide_circles := {
	"*": "anybody",
	"group:system:authenticated": "everybody who has logged in to the cluster",
	"group:system:serviceaccounts": "every workload of the cluster",
}
