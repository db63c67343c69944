# METADATA
# title: A secret value is kept in the state
# description: >-
#   Terraform writes the arguments and results of a resource to the state as they are. `sensitive` changes what is printed, not what is
#   stored: everybody who can read the state file, its bucket, its backups or a plan made from it has the value. That is usually more
#   people than may read the secret itself. A value that is written out in the configuration is reported by `value.literal`.
# related_resources:
# - ref: https://developer.hashicorp.com/terraform/language/manage-sensitive-data
#   description: What the state holds, and how to keep a value out of it
# - ref: https://developer.hashicorp.com/terraform/language/manage-sensitive-data/write-only
#   description: Write-only arguments
# custom:
#   severity: high
#   remediation: >-
#     Use the write-only argument (`secret_string_wo`, `value_wo`, `password_wo`, `data_wo`) with its version, and give it an ephemeral
#     value: `ephemeral "random_password"` in place of the resource. Better still, let the store make the value (`generate` of a
#     `secret`, `manage_master_user_password` of a database), so that Terraform never has it. Then change the value: old states
#     still hold it.
#   references: [CWE-312, CWE-522]
#   covers: []
#   aliases: []
package secretlint.value.in_state

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result

findings contains finding if {
	some exposure in facts.remaining(input.exposures)
	exposure.kind == "in_state"
	not _written_out(exposure)
	finding := _advised(exposure, result.inside(exposure, exposure.path, "a secret value is kept in the state here"))
}

# One place, one finding: `value.literal` has said the graver thing already.
_written_out(exposure) if exposure.value_source == "literal"

_written_out(exposure) if [exposure.address, exposure.path] in _literal_places

_literal_places contains [exposure.address, exposure.path] if {
	some exposure in input.exposures
	exposure.kind == "literal"
}

_advised(exposure, finding) := finding if facts.absent(exposure, "write_only_alternative")

_advised(exposure, finding) := result.helped(finding, message) if {
	not facts.absent(exposure, "write_only_alternative")
	message := sprintf("`%s` keeps the value out of the state", [exposure.write_only_alternative])
}
