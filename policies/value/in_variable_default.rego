# METADATA
# title: A secret value is the default of a variable
# description: >-
#   A default is written in the repository, is in its history for good, and is used wherever nobody passes another value: in practice in
#   more places than its author had in mind. `sensitive = true` hides it on the terminal and nowhere else, `ephemeral = true` keeps it
#   out of the state but not out of the file.
# related_resources:
# - ref: https://developer.hashicorp.com/terraform/language/values/variables
#   description: Variables with their defaults, sensitive and ephemeral ones
# - ref: https://developer.hashicorp.com/terraform/language/manage-sensitive-data
#   description: Sensitive data in Terraform
# custom:
#   severity: critical
#   remediation: >-
#     Remove the default, so that the value has to come from outside (`TF_VAR_…` of the run, a store), or remove the variable and read
#     the value from its store with an ephemeral resource. Then change the value: whoever has the repository has the old one.
#   references: [CWE-798, CWE-1188]
#   covers: []
#   aliases: []
package secretlint.value.in_variable_default

import rego.v1

import data.secretlint.lib.exposures
import data.secretlint.lib.result

findings contains finding if {
	some exposure in exposures.of_kind("variable_default")
	finding := result.inside(exposure, exposure.path, "the default of this variable is a secret value")
}
