# Which rule tells of a secret value: one place, one finding. What stands in a special place is told by that place's kind; of the rest, the
# rule whose cure fits best.
package secretlint.lib.exposures

import rego.v1

import data.secretlint.lib.facts

# Values in ordinary attributes of which the rule `value.<rule>` tells.
told_by(rule) := [exposure |
	some exposure in facts.remaining(input.exposures)
	exposure.kind in {"literal", "in_state"}
	_teller(exposure) == rule
]

# Values in places of this kind.
of_kind(kind) := [exposure | some exposure in facts.remaining(input.exposures); exposure.kind == kind]

# What is to be looked through to see the value, for a message: " through base64 and gzip".
through(exposure) := "" if {
	count(exposure.encodings) == 0
} else := sprintf(", through %s", [concat(" and ", exposure.encodings)])

_teller(exposure) := "in_provider_block" if {
	exposure.mode == "provider"
} else := "none" if {
	# The literal is told of already, here or where a module is called.
	exposure.kind == "in_state"
	_written_out(exposure)
} else := "in_connection_string" if {
	exposure.detector in _of_connection_strings
} else := "encoded" if {
	some encoding in exposure.encodings
	encoding in {"base64", "gzip"}
} else := "write_only_available" if {
	exposure.kind == "in_state"
	not facts.absent(exposure, "write_only_alternative")
	_takes_write_only_arguments
} else := exposure.kind

_of_connection_strings := {
	"azure-shared-access-key",
	"azure-storage-account-key",
	"connection-string-password",
	"url-password",
}

_written_out(exposure) if exposure.value_source == "literal"

_written_out(exposure) if [exposure.address, exposure.path] in _literal_places

_literal_places contains [exposure.address, exposure.path] if {
	some exposure in input.exposures
	exposure.kind == "literal"
}

# Terraform and OpenTofu have both had them since 1.11.
default _takes_write_only_arguments := false

_takes_write_only_arguments if {
	is_string(input.terraform_version)
	semver.compare(input.terraform_version, "1.11.0") >= 0
}
