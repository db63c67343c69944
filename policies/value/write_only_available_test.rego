package secretlint.value.write_only_available_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.value.write_only_available

test_reports_value_in_the_state if _findings({}) == {_finding("a secret value is kept in the state here; `password_wo` would keep it out")}

test_reports_ephemeral_resource if {
	_findings({"write_only_alternative": "ephemeral random_password"}) == {
		_finding("a secret value is kept in the state here; `ephemeral random_password` would keep it out"),
	}
}

test_reports_when_the_source_is_unknown_after_apply if {
	_findings({"value_source": null, "unknown": ["value_source"]}) == _findings({})
}

test_accepts_null if _findings({"write_only_alternative": null}) == set()

test_accepts_old_terraform if {
	every version in ["1.10.5", null] {
		write_only_available.findings == set() with input.terraform_version as version
			with input.exposures as [samples.exposure({
				"kind": "in_state", "value_source": "reference", "write_only_alternative": "password_wo",
			})]
	}
}

test_accepts_literal if _findings({"kind": "literal", "value_source": "literal"}) == set()

test_accepts_other_exposures if {
	every kind in ["environment", "user_data", "output", "variable_default", "config_map", "tag", "ci_variable", "manifest", "parameter"] {
		_findings({"kind": kind}) == set()
	}
}

test_accepts_deleted_resource if _findings({"actions": ["delete"]}) == set()

test_silent_when_nothing_is_exposed if write_only_available.findings == set() with input.exposures as []

_findings(changes) := said if {
	said := write_only_available.findings with input.exposures as [samples.exposure(object.union({"kind": "in_state", "value_source": "reference", "write_only_alternative": "password_wo"}, changes))]
		with input.terraform_version as "1.15.5"
}

_finding(message) := {"address": "aws_db_instance.main", "path": ["password"], "message": message}
