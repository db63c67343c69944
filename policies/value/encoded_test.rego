package secretlint.value.encoded_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.value.encoded

test_reports_literal if {
	_findings({}) == {_finding("a secret value is written here, through base64")}
}

test_reports_value_in_the_state_through_gzip if {
	_findings({"kind": "in_state", "value_source": "reference", "encodings": ["base64", "gzip"]}) == {
		_finding("a secret value is kept in the state here, through base64 and gzip"),
	}
}

test_reports_when_the_source_is_unknown_after_apply if {
	_findings({"kind": "in_state", "value_source": null, "unknown": ["value_source"]}) == {
		_finding("a secret value is kept in the state here, through base64"),
	}
}

test_says_a_literal_once if _findings({"kind": "in_state"}) == set()

test_accepts_what_everybody_can_read if {
	_findings({"encodings": []}) == set()
	_findings({"encodings": ["json", "yaml"]}) == set()
}

test_accepts_connection_string if _findings({"detector": "url-password"}) == set()

test_accepts_other_exposures if {
	every kind in ["environment", "user_data", "output", "variable_default", "config_map", "tag", "ci_variable", "manifest", "parameter"] {
		_findings({"kind": kind}) == set()
	}
}

test_accepts_deleted_resource if _findings({"actions": ["delete"]}) == set()

test_silent_when_nothing_is_exposed if encoded.findings == set() with input.exposures as []

_findings(changes) := said if {
	said := encoded.findings with input.exposures as [samples.exposure(object.union({"path": ["content_base64"], "encodings": ["base64"]}, changes))]
		with input.terraform_version as "1.15.5"
}

_finding(message) := {"address": "aws_db_instance.main", "path": ["content_base64"], "message": message}
