# METADATA
# title: A cloud key that never ends
# description: >-
#   An access key works from anywhere, for everybody who copies it, until somebody deletes it; leaked keys are the most common way into a
#   cloud account. Creating one with Terraform also keeps its secret half in the state, and one in a provider block is in the repository
#   and in every plan. Nearly everything that needs a key can have short-lived credentials instead. A key that ends by itself is not
#   reported.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-workloads-use-roles
#   description: Why workloads should use roles
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
#   description: Roles for pipelines, by OpenID Connect
# - ref: https://registry.terraform.io/providers/hashicorp/aws/latest/docs#authentication-and-configuration
#   description: Where the AWS provider takes credentials from
# custom:
#   severity: high
#   remediation: >-
#     Give the workload a role: an instance profile, a task or execution role, IRSA or Pod Identity in EKS, OpenID Connect for a
#     pipeline, IAM Roles Anywhere outside the cloud; in a provider block use `assume_role` or nothing at all. If a key cannot be
#     avoided, make it outside Terraform and put it into a store with a rotation.
#   references: [CWE-798, CWE-522, AWS FSBP IAM.3]
#   covers:
#     - CKV_AWS_41
#     - CKV_AWS_348
#     - AWS-0141
#     - KICS-7081f85c
#   aliases: []
package secretlint.credential.static_cloud_key

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result

findings contains finding if {
	some credential in facts.declared(input.credentials)
	credential.kind in {"static_cloud_key", "service_specific"}
	facts.absent(credential, "expires_at")
	finding := result.inside(credential, credential.path, _message(credential))
}

undetermined contains finding if {
	some credential in facts.declared(input.credentials)
	credential.kind in {"static_cloud_key", "service_specific"}
	facts.is_unknown(credential, "expires_at")
	finding := result.inside(credential, credential.path, "whether this credential ends by itself is decided at apply")
}

_message(credential) := "a long-lived key is written in this provider block" if {
	credential.mode == "provider"
} else := "a long-lived key is written in this block" if {
	count(credential.path) > 0
} else := sprintf("this creates a key for `%s` that never ends", [credential.subject]) if {
	not facts.absent(credential, "subject")
	not facts.is_unknown(credential, "subject")
} else := "this creates a key that never ends"
