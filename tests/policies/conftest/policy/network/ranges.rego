package team.network

import data.lib.plan

deny_range contains msg if {
	some resource in plan.resources
	walk(resource.change.after, [path, value])
	is_string(value)
	net.cidr_is_valid(value)
	some allowed in data.limits.ranges
	not net.cidr_intersects(allowed, value)
	msg := sprintf("%s: %v at %s", [resource.address, value, concat(".", [sprintf("%v", [step]) | some step in path])])
}

warn_range contains msg if {
	merged := net.cidr_merge(data.limits.ranges)
	count(merged) < count(data.limits.ranges)
	msg := $"the allowed ranges are {merged}"
}
