package main

import data.lib.plan

# The sandbox may name things as it likes, and nobody rotates there.
exception contains rules if {
	types := {resource.type | some resource in plan.resources}
	every type in types { not startswith(type, "aws_") }
	rules := ["name", "unknown", "rotation"]
}

exception contains ["provider"] if {
	some resource in plan.resources
	resource.type == "secret"
}
