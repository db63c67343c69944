package team.naming

import data.lib.plan

warn_form contains msg if {
	some resource in plan.resources
	name := resource.change.after.name
	is_string(name)
	not regex.match(`^[a-z0-9/_-]+$`, name)
	msg := sprintf("%v has the name %q", [resource.address, lower(name)])
}

warn_form contains msg if {
	chain := rego.metadata.chain()
	count(chain) == 0
	msg := "unreachable"
}
