package main

import data.lib.plan

# METADATA
# title: Values that nobody has seen
# custom:
#   code: U1
warn_unknown contains msg if {
	unknown := {resource.address |
		some resource in plan.resources
		some attribute, is_unknown in resource.change.after_unknown
		is_unknown == true
		attribute != "id"
	}
	count(unknown) > 0
	msg := {
		"msg": sprintf("%s: %d objects have values that are known after apply", [rego.metadata.rule().custom.code, count(unknown)]),
		"addresses": sort([address | some address in unknown]),
	}
}
