# METADATA
# title: A secret value is written in the configuration
# description: >-
#   A literal in a `.tf` file is in the repository's history for good, on every laptop and in every fork, and in each plan and state made
#   from it. Marking a variable `sensitive` hides its default on the terminal only, and a write-only argument keeps a value out of the
#   state but not out of the file it is written in. Treat the value as known to others.
# related_resources:
# - ref: https://developer.hashicorp.com/terraform/language/manage-sensitive-data
#   description: Sensitive data in Terraform
# - ref: https://developer.hashicorp.com/terraform/language/manage-sensitive-data/ephemeral
#   description: Ephemeral values and write-only arguments
# custom:
#   severity: critical
#   remediation: >-
#     Change the value where it is used, then take it out of the configuration: let the store make it (`generate` of a `secret`,
#     `manage_master_user_password` of a database), or pass an ephemeral value to the write-only argument (`secret_string_wo`,
#     `value_wo`, `password_wo`, `data_wo`). A variable that takes a secret has no default and is `ephemeral`.
#   references: [CWE-798, CWE-259]
#   covers:
#     - CKV_SECRET_2
#     - CKV_SECRET_3
#     - CKV_SECRET_6
#     - CKV_SECRET_9
#     - CKV_SECRET_10
#     - CKV_SECRET_13
#     - CKV_SECRET_14
#     - CKV_SECRET_17
#     - KICS-a88baa34
#   aliases: []
package secretlint.value.literal

import rego.v1

import data.secretlint.lib.exposures
import data.secretlint.lib.facts
import data.secretlint.lib.result

findings contains finding if {
	some exposure in exposures.told_by("literal")
	finding := _advised(exposure, result.inside(exposure, exposure.path, "a secret value is written here"))
}

_advised(exposure, finding) := finding if facts.absent(exposure, "write_only_alternative")

_advised(exposure, finding) := result.helped(finding, message) if {
	not facts.absent(exposure, "write_only_alternative")
	message := sprintf("pass an ephemeral value to `%s` instead, and change the value that was written here", [
		exposure.write_only_alternative,
	])
}
