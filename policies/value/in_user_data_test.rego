package secretlint.value.in_user_data_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.value.in_user_data

test_reports_script if {
	_findings({}) == {_finding("every process on the machine can read the secret value in this script")}
}

test_reports_encoded_script if {
	_findings({"encodings": ["base64", "gzip"]}) == {
		_finding("every process on the machine can read the secret value in this script, through base64 and gzip"),
	}
}

test_reports_value_that_is_known_only_after_apply if {
	_findings({"value_source": null, "unknown": ["value_source"]}) == {
		_finding("every process on the machine can read the secret value in this script"),
	}
}

test_accepts_other_exposures if {
	every kind in ["literal", "in_state", "environment", "output", "config_map", "variable_default"] {
		_findings({"kind": kind}) == set()
	}
}

test_accepts_deleted_machine if _findings({"actions": ["delete"]}) == set()

test_silent_when_nothing_is_exposed if in_user_data.findings == set() with input.exposures as []

_findings(changes) := said if {
	said := in_user_data.findings with input.exposures as [
		samples.exposure(object.union({"kind": "user_data", "path": ["user_data"]}, changes)),
	]
}

_finding(message) := {"address": "aws_db_instance.main", "path": ["user_data"], "message": message}
