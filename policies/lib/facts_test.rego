package secretlint.lib.facts_test

import rego.v1

import data.secretlint.lib.facts

test_remaining_leaves_out_what_goes_away if {
	facts.remaining([
		{"address": "a", "actions": ["delete"]},
		{"address": "b", "actions": ["forget"]},
		{"address": "c", "actions": ["delete", "create"]},
		{"address": "d", "actions": ["no-op"]},
		{"address": "e", "actions": []},
	]) == [
		{"address": "c", "actions": ["delete", "create"]},
		{"address": "d", "actions": ["no-op"]},
		{"address": "e", "actions": []},
	]
}

test_declared_leaves_out_data_sources if {
	facts.declared([
		{"address": "a", "mode": "data", "actions": ["read"]},
		{"address": "b", "mode": "managed", "actions": ["create"]},
	]) == [{"address": "b", "mode": "managed", "actions": ["create"]}]
}

test_null_empty_and_missing_are_absent if {
	facts.absent({"owner": null, "unknown": []}, "owner")
	facts.absent({"owner": "", "unknown": []}, "owner")
	facts.absent({"unknown": []}, "owner")
}

test_known_is_not_absent if not facts.absent({"owner": "team-orders", "unknown": []}, "owner")

test_unknown_is_not_absent if {
	fact := {"owner": null, "unknown": ["owner"]}
	not facts.absent(fact, "owner")
	facts.is_unknown(fact, "owner")
	not facts.is_unknown(fact, "name")
}
