package secretlint.storage.single_region_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.storage.single_region

test_reports_one_region if {
	_findings({"single_region": true}) == {
		_finding("this secret is kept in one region only, and is gone for all while that region fails"),
	}
}

test_points_to_where_the_region_is_named if {
	place := ["replication", 0, "user_managed"]
	{finding.path | some finding in _findings({"single_region": true, "paths": {"single_region": place}})} == {place}
}

test_accepts_several_regions if _findings({"single_region": false}) == set()

test_accepts_null if _findings({"single_region": null}) == set()

test_accepts_deleted_secret if _findings({"single_region": true, "actions": ["delete"]}) == set()

test_accepts_secret_that_is_only_read if _findings({"single_region": true, "mode": "data", "actions": ["read"]}) == set()

test_undetermined_when_unknown_after_apply if {
	changes := {"single_region": null, "unknown": ["single_region"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("in which regions this secret is kept is decided at apply")}
}

test_determined_when_known if _undetermined({"single_region": true}) == set()

_findings(changes) := said if {
	said := single_region.findings with input.secrets as [samples.secret(changes)]
}

_undetermined(changes) := said if {
	said := single_region.undetermined with input.secrets as [samples.secret(changes)]
}

_finding(message) := {"address": "aws_secretsmanager_secret.main", "path": [], "message": message}
