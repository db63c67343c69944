package secretlint.lib.exposures_test

import rego.v1

import data.secretlint.lib.exposures
import data.secretlint.lib.samples_test as samples

_rules := {"literal", "in_state", "in_provider_block", "in_connection_string", "encoded", "write_only_available"}

test_one_rule_tells_of_each if {
	_tellers({}) == {"literal"}
	_tellers({"mode": "provider"}) == {"in_provider_block"}
	_tellers({"mode": "provider", "detector": "url-password"}) == {"in_provider_block"}
	_tellers({"detector": "url-password", "encodings": ["base64"]}) == {"in_connection_string"}
	_tellers({"detector": "connection-string-password"}) == {"in_connection_string"}
	_tellers({"detector": "azure-storage-account-key"}) == {"in_connection_string"}
	_tellers({"encodings": ["json", "base64"]}) == {"encoded"}
	_tellers({"encodings": ["json"]}) == {"literal"}
	_tellers({"write_only_alternative": "password_wo"}) == {"literal"}
	_tellers(object.union(_reference, {"write_only_alternative": "password_wo"})) == {"write_only_available"}
	_tellers(_reference) == {"in_state"}
}

test_other_kinds_are_told_by_their_own_rules if {
	every kind in ["environment", "user_data", "output", "variable_default", "config_map", "tag", "ci_variable", "manifest", "parameter"] {
		_tellers({"kind": kind}) == set()
	}
}

test_nothing_more_is_told_of_a_literal if {
	_tellers({"kind": "in_state"}) == set()
	exposures.told_by("in_state") == [] with input.exposures as [samples.exposure({}), samples.exposure(_reference)]
}

test_write_only_arguments_need_their_terraform if {
	some_exposure := samples.exposure(object.union(_reference, {"write_only_alternative": "password_wo"}))
	every version in ["1.11.0", "1.15.5"] {
		count(exposures.told_by("write_only_available")) == 1 with input.exposures as [some_exposure]
			with input.terraform_version as version
	}
	every version in ["1.10.5", "0.12.31", null] {
		count(exposures.told_by("in_state")) == 1 with input.exposures as [some_exposure]
			with input.terraform_version as version
	}
}

test_what_is_taken_away_is_left_out if {
	_tellers({"actions": ["delete"]}) == set()
	exposures.of_kind("literal") == [] with input.exposures as [samples.exposure({"actions": ["delete"]})]
}

test_of_kind_picks_a_kind if {
	tag := samples.exposure({"kind": "tag"})
	exposures.of_kind("tag") == [tag] with input.exposures as [tag, samples.exposure({})]
}

test_through_names_the_encodings if {
	exposures.through({"encodings": []}) == ""
	exposures.through({"encodings": ["base64", "gzip"]}) == ", through base64 and gzip"
}

_reference := {"kind": "in_state", "value_source": "reference"}

_tellers(changes) := {rule |
	some rule in _rules
	told := exposures.told_by(rule) with input.exposures as [samples.exposure(changes)]
		with input.terraform_version as "1.15.5"
	count(told) == 1
}
