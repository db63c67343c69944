# METADATA
# title: A secret has no description ({{id}})
# description: >-
#   Say here, in three or four sentences, what goes wrong when a finding of this rule is ignored: who gets at what, and why nobody
#   notices. Say also what the rule leaves alone on purpose. Until you replace it, this rule reports secrets without a description, so
#   that there is something to test and to change step by step.
# related_resources:
# - ref: https://cwe.mitre.org/data/definitions/1059.html
#   description: Insufficient technical documentation
# custom:
#   severity: low
#   remediation: >-
#     Say here what somebody should write instead, with the names of the arguments. For the rule as it stands: give the secret a
#     description that says what it opens and who uses it.
#   references: [CWE-1059]
#   covers: []
#   aliases: []
package {{package}}

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result

findings contains finding if {
	some secret in _described
	facts.absent(secret, "description")
	finding := result.at(secret, ["description"], "nobody can tell from its description what this secret is for")
}

undetermined contains finding if {
	some secret in _described
	facts.is_unknown(secret, "description")
	finding := result.at(secret, ["description"], "the description of this secret is decided at apply")
}

_described := [secret |
	some secret in facts.declared(input.secrets)
	secret.kind == "secret"
]
