# METADATA
# title: A secret value is generated too weak, or in the open
# description: >-
#   A password that can be guessed, or that everybody sees, is none. A few characters or a small alphabet are tried out offline in hours
#   once a hash is stolen, and what `random_string`, `random_id` and `random_uuid` make is not marked as sensitive: it is printed in
#   each plan and kept in logs, and tools take it for a name.
# related_resources:
# - ref: https://registry.terraform.io/providers/hashicorp/random/latest/docs/resources/password
#   description: random_password, whose result is sensitive
# - ref: https://registry.terraform.io/providers/hashicorp/random/latest/docs/ephemeral-resources/password
#   description: The ephemeral random_password
# - ref: https://pages.nist.gov/800-63-4/sp800-63b.html
#   description: Length and strength of secrets, NIST SP 800-63B
# custom:
#   severity: medium
#   remediation: >-
#     Let the store make the value, or use the ephemeral `random_password` with a write-only argument and at least 20 characters out
#     of upper case, lower case and digits, which give 6 bits each. The limit is `generated_min_bits` of the configuration.
#   references: [CWE-331, CWE-521, CWE-532]
#   covers: []
#   aliases: []
package secretlint.value.weak_generator

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result
import data.secretlint.lib.thresholds

findings contains finding if {
	some generator in _of_secrets
	finding := result.at(generator, _place(generator), _message(generator))
}

undetermined contains finding if {
	some generator in _of_secrets
	not generator.shown
	facts.is_unknown(generator, "entropy_bits")
	finding := result.at(generator, _place(generator), "how strong this secret will be is decided at apply")
}

_message(generator) := sprintf("this makes a secret of %v bits, %v are needed", [bits, thresholds.generated_min_bits]) if {
	is_number(generator.entropy_bits)
	generator.entropy_bits < thresholds.generated_min_bits
	bits := floor(generator.entropy_bits)
} else := "this makes a secret and shows it in plans and logs" if generator.shown

# What makes the suffix of a name may be short and shown.
_of_secrets := [generator | some generator in facts.declared(input.generators); _makes_a_secret(generator)]

_makes_a_secret(generator) if count(generator.feeds) > 0

_makes_a_secret(generator) if generator.kind == "generate"

_place(generator) := ["entropy_bits"] if generator.paths.entropy_bits

else := []
