# METADATA
# title: A secret value is kept in the state
# description: >-
#   Terraform writes the arguments and results of a resource to the state as they are. `sensitive` changes what is printed, not what is
#   stored: everybody who can read the state file, its bucket, its backups or a plan made from it has the value. That is usually more
#   people than may read the secret itself. A value that is written out in the configuration is reported by `value.literal`, one for which
#   the provider in use has a write-only argument by `value.write_only_available`.
# related_resources:
# - ref: https://developer.hashicorp.com/terraform/language/manage-sensitive-data
#   description: What the state holds, and how to keep a value out of it
# - ref: https://developer.hashicorp.com/terraform/language/manage-sensitive-data/write-only
#   description: Write-only arguments
# custom:
#   severity: high
#   remediation: >-
#     Let the store or the service make the value (`generate` of a `secret`, `manage_master_user_password` of a database), or log in
#     without one (a role, workload identity), so that Terraform never has it. A later version of Terraform or of the provider may have
#     a write-only argument for it, or an ephemeral resource in place of this one. Then change the value: old states still hold it.
#   references: [CWE-312, CWE-522]
#   covers: []
#   aliases: []
package secretlint.value.in_state

import rego.v1

import data.secretlint.lib.exposures
import data.secretlint.lib.facts
import data.secretlint.lib.result

findings contains finding if {
	some exposure in exposures.told_by("in_state")
	finding := _advised(exposure, result.inside(exposure, exposure.path, "a secret value is kept in the state here"))
}

_advised(exposure, finding) := finding if facts.absent(exposure, "write_only_alternative")

_advised(exposure, finding) := result.helped(finding, message) if {
	not facts.absent(exposure, "write_only_alternative")
	message := sprintf("from Terraform 1.11 on, `%s` keeps the value out of the state", [exposure.write_only_alternative])
}
