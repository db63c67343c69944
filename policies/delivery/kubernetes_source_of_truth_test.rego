package secretlint.delivery.kubernetes_source_of_truth_test

import rego.v1

import data.secretlint.delivery.kubernetes_source_of_truth as source
import data.secretlint.lib.samples_test as samples

test_reports_literal if {
	_findings({"value_source": "literal"}) == {_finding("the value of this Kubernetes Secret is written here and kept in no store")}
}

test_reports_value_that_is_made_for_it_alone if {
	said := source.findings with input as _input({}, ["kubernetes_secret_v1.main"])
	said == {_finding("`random_password.main` makes the value of this Kubernetes Secret, and no store keeps it")}
}

test_points_to_the_value if {
	{finding.path | some finding in _findings({"value_source": "literal", "paths": {"value": ["data"]}})} == {["data"]}
}

test_accepts_value_that_a_store_keeps_as_well if {
	said := source.findings with input as _input({}, ["kubernetes_secret_v1.main", "aws_secretsmanager_secret_version.main"])
	said == set()
}

test_accepts_value_that_is_made_for_somebody_else if {
	said := source.findings with input as _input({}, ["aws_db_instance.main"])
	said == set()
}

test_accepts_reference if _findings({}) == set()

test_accepts_write_only_value_and_none if {
	every origin in ["write_only", "none"] { _findings({"value_source": origin}) == set() }
}

test_accepts_null if _findings({"value_source": null}) == set()

test_accepts_secret_of_a_store if _findings({"kind": "secret", "value_source": "literal"}) == set()

test_accepts_deleted_object if _findings({"value_source": "literal", "actions": ["delete"]}) == set()

test_accepts_object_that_is_only_read if _findings({"value_source": "literal", "mode": "data", "actions": ["read"]}) == set()

test_undetermined_when_unknown_after_apply if {
	said := source.undetermined with input as _input({"value_source": null, "unknown": ["value_source"]}, [])
	said == {_finding("where the value of this Kubernetes Secret comes from is decided at apply")}
}

test_determined_when_known if {
	said := source.undetermined with input as _input({"value_source": null}, [])
	said == set()
}

_findings(changes) := said if {
	said := source.findings with input as _input(changes, [])
}

_input(changes, feeds) := {
	"secrets": [samples.secret(object.union(
		{"kind": "object", "store": "kubernetes", "address": "kubernetes_secret_v1.main", "value_source": "reference"},
		changes,
	))],
	"generators": [samples.generator({"feeds": feeds})],
}

_finding(message) := {"address": "kubernetes_secret_v1.main", "path": [], "message": message}
