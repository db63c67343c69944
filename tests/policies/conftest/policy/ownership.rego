package main

import data.lib.message
import data.lib.plan
import data.lib.tags

# METADATA
# title: Secrets have an owner
# custom:
#   severity: medium
deny_owner contains message.at(resource, $"no owner; one of {data.teams.names[0]}, … must answer for it") if {
	some resource in plan.of_type(data.limits.secret_types)
	owners := [owner |
		some owner in data.teams.names
		tags.of(resource).owner == owner
	]
	count(owners) == 0
}

import data.lib.never_used_twice as late

deny_owner contains msg if {
	late.enabled
	msg := "an import may stand behind a rule"
}
