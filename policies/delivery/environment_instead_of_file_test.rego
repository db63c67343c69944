package secretlint.delivery.environment_instead_of_file_test

import rego.v1

import data.secretlint.delivery.environment_instead_of_file
import data.secretlint.lib.samples_test as samples

test_reports_variable if {
	_findings({}) == {_finding("the variable `DATABASE_PASSWORD` is filled from a secret, which could be a file")}
}

test_reports_all_keys_of_a_secret_as_variables if {
	_findings({"name": null}) == {_finding("environment variables are filled from a secret, which could be a file")}
}

test_reports_secret_that_is_known_after_apply if {
	count(_findings({"secret": null, "name": null, "unknown": ["secret", "name"]})) == 1
}

test_accepts_file if _findings({"kind": "file"}) == set()

test_accepts_platform_that_has_no_files if _findings({"file_possible": false}) == set()

test_accepts_deleted_workload if _findings({"actions": ["delete"]}) == set()

test_accepts_workload_that_is_only_read if _findings({"mode": "data", "actions": ["read"]}) == set()

_findings(changes) := said if {
	said := environment_instead_of_file.findings with input.deliveries as [samples.delivery(object.union(
		{"kind": "environment", "name": "DATABASE_PASSWORD", "path": ["spec", 0, "container", 0, "env", 0]},
		changes,
	))]
}

_finding(message) := {
	"address": "kubernetes_deployment_v1.main",
	"path": ["spec", 0, "container", 0, "env", 0],
	"message": message,
}
