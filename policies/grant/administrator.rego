# METADATA
# title: A grant allows everything
# description: >-
#   `*` on `*`, AdministratorAccess, `roles/owner`, Owner of a subscription, cluster-admin and a Vault policy on `*` reach every secret of
#   their account, project, subscription, cluster or server, those of the future too, and can hide that they did. Each of them is one
#   stolen session away from the loss of all. What is reported here is not reported again by the rules on wildcards, projects or
#   escalation. A role that many bindings use is reported once, where it is written.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege
#   description: Least privilege in AWS IAM
# - ref: https://cloud.google.com/iam/docs/roles-overview#basic
#   description: Basic roles of Google Cloud, and why not to grant them
# - ref: https://learn.microsoft.com/azure/role-based-access-control/best-practices
#   description: Good practices for Azure RBAC
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   description: Good practices for Kubernetes RBAC
# custom:
#   severity: high
#   remediation: >-
#     Give the workload or the pipeline what it uses, by name, and let it do nothing with secrets that are not its own. Where people must
#     be able to do everything, let them take on such a role for hours, with a second factor and an approval (permission sets with a
#     session length, Privileged Access Manager, Privileged Identity Management), and waive this rule there with a reason and an owner.
#   references: [CWE-250, CWE-269, CIS AWS Foundations 1.16, CIS Google Cloud 1.5, CIS Kubernetes 5.1.1]
#   covers:
#     - CKV_AWS_1
#     - CKV_AWS_62
#     - CKV_AWS_63
#     - CKV_AWS_274
#     - CKV_AWS_275
#     - CKV2_AWS_40
#     - CKV2_AWS_56
#     - AWS-0057
#     - CKV_GCP_42
#     - CKV_GCP_115
#     - CKV_GCP_116
#     - CKV_GCP_117
#     - GCP-0007
#     - AZU-0030
#     - KSV-0044
#     - KICS-2f37c4a3
#     - KICS-575a2155
#   aliases: []
package secretlint.grant.administrator

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.grants
import data.secretlint.lib.result

findings contains finding if {
	some grant in grants.effective
	grant.administrator
	message := sprintf("%s may do everything in %s, reading every secret included", [_who(grant), grants.scope_name(grant.scope)])
	finding := result.at(grant, [grants.breadth_place(grant)], message)
}

undetermined contains finding if {
	some grant in grants.effective
	facts.is_unknown(grant, "administrator")
	finding := result.at(grant, [grants.breadth_place(grant)], "whether this allows everything is decided at apply")
}

_who(grant) := sprintf("%s, with `%s`,", [_named(grant), grant.role]) if {
	is_string(grant.role)
	_is_short(grant.principals)
} else := sprintf("whoever has `%s`", [grant.role]) if {
	is_string(grant.role)
} else := _named(grant) if {
	_is_short(grant.principals)
} else := "whoever has this"

_named(grant) := sprintf("`%s`", [concat("` and `", grant.principals)])

# A list of many says less than the role they share.
_is_short(principals) if {
	is_array(principals)
	count(principals) in {1, 2}
}
