package secretlint.value.in_connection_string_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.value.in_connection_string

test_reports_literal if {
	_findings({}) == {_finding("the password of this connection string is written here")}
}

test_reports_value_in_the_state if {
	_findings({"kind": "in_state", "value_source": "reference", "detector": "connection-string-password"}) == {_kept}
}

test_reports_encoded_string if {
	_findings({"encodings": ["base64"]}) == {
		_finding("the password of this connection string is written here, through base64"),
	}
}

test_reports_when_the_source_is_unknown_after_apply if {
	_findings({"kind": "in_state", "value_source": null, "unknown": ["value_source"]}) == {_kept}
}

test_says_a_literal_once if {
	_findings({"kind": "in_state"}) == set()
}

_kept := _finding("this connection string is kept in the state with its password")

test_accepts_other_secrets if _findings({"detector": "github-pat"}) == set()

test_accepts_provider_block if _findings({"mode": "provider"}) == set()

test_accepts_other_exposures if {
	every kind in ["environment", "user_data", "output", "variable_default", "config_map", "tag", "ci_variable", "manifest", "parameter"] {
		_findings({"kind": kind}) == set()
	}
}

test_accepts_deleted_resource if _findings({"actions": ["delete"]}) == set()

test_silent_when_nothing_is_exposed if in_connection_string.findings == set() with input.exposures as []

_findings(changes) := said if {
	said := in_connection_string.findings with input.exposures as [samples.exposure(object.union({"path": ["connection_string"], "detector": "url-password"}, changes))]
		with input.terraform_version as "1.15.5"
}

_finding(message) := {"address": "aws_db_instance.main", "path": ["connection_string"], "message": message}
