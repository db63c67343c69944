# METADATA
# title: A secret value is an output
# description: >-
#   An output of the root module is stored in the state as it is, printed by `terraform output -raw` and `-json`, and handed to every
#   configuration that reads it with `terraform_remote_state`. `sensitive = true` hides it in the summary of a run and nowhere else.
# related_resources:
# - ref: https://developer.hashicorp.com/terraform/language/values/outputs
#   description: Outputs, and what sensitive does
# - ref: https://developer.hashicorp.com/terraform/language/state/remote-state-data
#   description: Who reads the outputs of another configuration
# custom:
#   severity: high
#   remediation: >-
#     Output where the secret is (its id, ARN or name) and, for those who must notice a change, its version id; let the reader fetch the
#     value with rights of its own. Between modules of one configuration an output may be `ephemeral = true`.
#   references: [CWE-312, CWE-200]
#   covers: []
#   aliases: []
package secretlint.value.in_output

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result

findings contains finding if {
	some exposure in facts.remaining(input.exposures)
	exposure.kind == "output"
	finding := result.inside(exposure, exposure.path, "this output is a secret value, and the state keeps it")
}
