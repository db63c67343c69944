# METADATA
# title: A secret value is in the state, and need not be
# description: >-
#   The provider in use has a write-only argument for this value, or an ephemeral resource that makes or reads it, and the Terraform in
#   use knows them. With those the value is in no plan and in no state; without them everybody who can read the state file, its bucket
#   or a backup of it has the value.
# related_resources:
# - ref: https://developer.hashicorp.com/terraform/language/manage-sensitive-data/write-only
#   description: Write-only arguments
# - ref: https://developer.hashicorp.com/terraform/language/manage-sensitive-data/ephemeral
#   description: Ephemeral values and resources
# custom:
#   severity: high
#   remediation: >-
#     Use the write-only argument with its version, and give it a value that is ephemeral as well: an ephemeral `random_password`, an
#     ephemeral variable, or an ephemeral resource that reads the secret from its store. Raise the version when the value changes.
#     Then change the value: old states still hold it.
#   references: [CWE-312, CWE-522]
#   covers: []
#   aliases: []
package secretlint.value.write_only_available

import rego.v1

import data.secretlint.lib.exposures
import data.secretlint.lib.result

findings contains finding if {
	some exposure in exposures.told_by("write_only_available")
	message := sprintf("a secret value is kept in the state here; `%s` would keep it out", [exposure.write_only_alternative])
	finding := result.inside(exposure, exposure.path, message)
}
