package secretlint.delivery.no_refresh_test

import rego.v1

import data.secretlint.delivery.no_refresh
import data.secretlint.lib.samples_test as samples

test_reports_volume_that_is_not_updated if {
	_findings({"refreshes": false}) == {
		_finding("a new value of the secret does not reach the volume `database` before the next deployment"),
	}
}

test_reports_variable_where_no_file_is_possible if {
	_findings({"refreshes": false, "kind": "environment", "name": "TOKEN", "file_possible": false}) == {
		_finding("a new value of the secret does not reach the variable `TOKEN` before the next deployment"),
	}
}

test_reports_object_without_a_name if {
	_findings({"refreshes": false, "kind": "object", "name": null}) == {
		_finding("a new value of the secret does not reach this Kubernetes Secret before the next deployment"),
	}
}

test_accepts_delivery_that_follows if _findings({}) == set()

test_accepts_null if _findings({"refreshes": null}) == set()

test_accepts_variable_which_another_rule_reports if _findings({"refreshes": false, "kind": "environment"}) == set()

test_accepts_deleted_workload if _findings({"refreshes": false, "actions": ["delete"]}) == set()

test_accepts_workload_that_is_only_read if _findings({"refreshes": false, "mode": "data", "actions": ["read"]}) == set()

test_undetermined_when_unknown_after_apply if {
	changes := {"refreshes": null, "unknown": ["refreshes"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("whether a new value of the secret reaches the volume `database` is decided at apply")}
}

test_determined_when_known if _undetermined({"refreshes": false}) == set()

_findings(changes) := said if {
	said := no_refresh.findings with input.deliveries as [samples.delivery(changes)]
}

_undetermined(changes) := said if {
	said := no_refresh.undetermined with input.deliveries as [samples.delivery(changes)]
}

_finding(message) := {
	"address": "kubernetes_deployment_v1.main",
	"path": ["spec", 0, "volume", 0],
	"message": message,
}
