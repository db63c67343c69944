package team.naming

import data.lib.plan

# A digest tells whether a name is one of those that were given away, without listing them.
deny_given_away contains msg if {
	some resource in plan.resources
	name := plan.attribute(resource, "name", "")
	is_string(name)
	substring(crypto.sha256(name), 0, 1) in {"0", "1", "2"}
	msg := sprintf("%s (%s)", [resource.address, substring(crypto.md5(name), 0, 8)])
}
