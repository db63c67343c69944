package main

import data.lib.message
import data.lib.plan

# A variable below has the name of this rule.
name := "names"

warn_name contains message.at(resource, concat(" ", [name, "is short"])) if {
	some resource in plan.resources
	some name in [plan.attribute(resource, "name", "long enough")]
	is_string(name)
	count(name) < data.limits.shortest_name
}

warn contains $"{count(short)} of {count(plan.resources)} {name} are short" if {
	short := [name | some resource in plan.resources; some name in [resource.name]; count(name) < data.limits.shortest_name]
	count(short) > 0
}
