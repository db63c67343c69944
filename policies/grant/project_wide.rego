# METADATA
# title: A role reaches every secret of a project or subscription
# description: >-
#   A role that is given on a project, folder, organisation, subscription or management group holds for every secret and key in it, and
#   for every one that is added later, by any team. The same role can be given on the one secret or vault that is meant. A resource group
#   is reported only if the role reads values. A condition on the secret's name or tag makes the circle smaller and is accepted, as is a
#   role that only lists and describes; a role that allows everything is said by `grant.administrator`.
# related_resources:
# - ref: https://cloud.google.com/secret-manager/docs/access-control
#   description: Roles of Secret Manager, and the lowest resource each can be given on
# - ref: https://learn.microsoft.com/azure/key-vault/general/rbac-guide
#   description: Key Vault roles, and the scopes they can be given on
# - ref: https://cloud.google.com/iam/docs/using-iam-securely
#   description: Least privilege in Google Cloud IAM
# custom:
#   severity: high
#   remediation: >-
#     Give the role on the secret: `google_secret_manager_secret_iam_member`, `google_kms_crypto_key_iam_member`, or an
#     `azurerm_role_assignment` whose `scope` is the Key Vault or the secret's resource id. Where a set of secrets is meant, add a
#     condition on `resource.name` or a tag. A `secret_grant` is always for one secret.
#   references: [CWE-732, CWE-250, CIS Google Cloud 1.6]
#   covers: []
#   aliases: []
package secretlint.grant.project_wide

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.grants
import data.secretlint.lib.reach
import data.secretlint.lib.result

findings contains finding if {
	some grant in _candidates
	grant.scope in _wide
	not grants.resources_narrowed(grant)
	not reach.reaches_no_value(grant)
	message := sprintf("%s may %s every secret or key of %s", [_holder(grant), grants.abilities(grant), grants.scope_name(grant.scope)])
	finding := result.at(grant, [grants.breadth_place(grant)], message)
}

findings contains finding if {
	some grant in _candidates
	grant.scope == "resource_group"
	"read" in grant.access
	not grants.resources_narrowed(grant)
	message := sprintf("%s may read every secret of whatever vault is in the resource group", [_holder(grant)])
	finding := result.at(grant, [grants.breadth_place(grant)], message)
}

undetermined contains finding if {
	some grant in _candidates
	grant.scope in (_wide | {"resource_group"})
	facts.is_unknown(grant, "role")
	finding := result.at(grant, ["role"], "which role this gives is decided at apply")
}

undetermined contains finding if {
	some grant in _candidates
	grant.kind in {"iam_binding", "role_assignment"}
	facts.is_unknown(grant, "scope")
	finding := result.at(grant, ["scope"], "on what this role is given is decided at apply")
}

_candidates := [grant |
	some grant in grants.allowing
	not grant.administrator
	not grant.decrypts_only
]

_wide := {"project", "folder", "organization", "subscription", "management_group"}

_holder(grant) := sprintf("whoever has `%s`", [grant.role]) if {
	is_string(grant.role)
} else := "whoever has this"
