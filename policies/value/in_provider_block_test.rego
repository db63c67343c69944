package secretlint.value.in_provider_block_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.value.in_provider_block

test_reports_token_of_a_provider if _findings({}) == {_finding("a credential of this provider is written here")}

test_reports_connection_string_of_a_provider if {
	_findings({"detector": "url-password"}) == {_finding("a credential of this provider is written here")}
}

test_reports_null_and_unknown_after_apply_alike if {
	_findings({"value_source": null, "unknown": ["value_source"]}) == _findings({})
}

test_accepts_literal_of_a_resource if _findings({"mode": "managed"}) == set()

test_accepts_other_exposures if {
	every kind in ["environment", "user_data", "output", "variable_default", "config_map", "tag", "ci_variable", "manifest", "parameter"] {
		_findings({"kind": kind}) == set()
	}
}

test_accepts_deleted_provider if _findings({"actions": ["delete"]}) == set()

test_silent_when_nothing_is_exposed if in_provider_block.findings == set() with input.exposures as []

_findings(changes) := said if {
	said := in_provider_block.findings with input.exposures as [samples.exposure(object.union({"address": "provider.vault", "type": "provider", "mode": "provider", "path": ["token"]}, changes))]
		with input.terraform_version as "1.15.5"
}

_finding(message) := {"address": "provider.vault", "path": ["token"], "message": message}
