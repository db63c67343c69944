package secretlint.audit.store_not_audited_test

import rego.v1

import data.secretlint.audit.store_not_audited
import data.secretlint.lib.samples_test as samples

test_reports_store_without_a_log if {
	_of_store({"audited": false}) == {_store_finding("nothing in this plan writes down who reads the secrets of this store")}
}

test_reports_log_that_is_switched_off if {
	_of_audits([{"enabled": false}]) == {_audit_finding("this log is switched off")}
}

test_reports_log_that_leaves_secrets_out if {
	_of_audits([{"covers_secrets": false}]) == {_audit_finding("reads of secrets are not in this log")}
}

test_reports_once_what_is_off_and_leaves_secrets_out if {
	_of_audits([{"enabled": false, "covers_secrets": false}]) == {_audit_finding("this log is switched off")}
}

test_reports_log_when_another_store_has_a_better_one if {
	said := store_not_audited.findings with input as {
		"stores": [
			samples.store({"audits": ["aws_cloudtrail.main"]}),
			samples.store({"address": "azurerm_key_vault.other", "audits": ["aws_cloudtrail.other"]}),
		],
		"audits": [samples.audit({"covers_secrets": false}), samples.audit({"address": "aws_cloudtrail.other"})],
	}
	said == {_audit_finding("reads of secrets are not in this log")}
}

test_accepts_log_when_another_has_the_reads if {
	_of_audits([{"covers_secrets": false}, {"address": "aws_cloudtrail.other"}]) == set()
}

test_accepts_log_when_another_of_its_store_has_the_reads if {
	said := store_not_audited.findings with input as {
		"stores": [samples.store({"audits": ["aws_cloudtrail.main", "aws_cloudtrail.other"]})],
		"audits": [samples.audit({"covers_secrets": false}), samples.audit({"address": "aws_cloudtrail.other"})],
	}
	said == set()
}

test_accepts_store_and_log if {
	_of_store({}) == set()
	_of_audits([{}]) == set()
}

test_accepts_null if {
	_of_store({"audited": null, "audits": []}) == set()
	_of_audits([{"enabled": null, "covers_secrets": null}]) == set()
}

test_accepts_deleted_ones if {
	_of_store({"audited": false, "actions": ["delete"]}) == set()
	_of_audits([{"enabled": false, "actions": ["delete"]}]) == set()
}

test_accepts_store_that_is_only_read if _of_store({"audited": false, "mode": "data", "actions": ["read"]}) == set()

test_undetermined_when_store_is_known_after_apply if {
	changes := {"audited": null, "unknown": ["audited"], "audits": []}
	_of_store(changes) == set()
	said := store_not_audited.undetermined with input as {"stores": [samples.store(changes)], "audits": []}
	said == {_store_finding("a log in this plan may be for this store; which one it is for is decided at apply")}
}

test_undetermined_when_log_is_known_after_apply if {
	every field in ["enabled", "covers_secrets"] {
		changes := object.union({"unknown": [field]}, {field: null})
		_of_audits([changes]) == set()
		_undetermined_audits([changes]) == {_audit_finding("whether reads of secrets are in this log is decided at apply")}
	}
}

test_determined_when_known if {
	_undetermined_audits([{"enabled": false}]) == set()
	_undetermined_audits([{"covers_secrets": null, "unknown": ["covers_secrets"]}, {"address": "aws_cloudtrail.other"}]) == set()
}

_of_store(changes) := said if {
	said := store_not_audited.findings with input as {"stores": [samples.store(changes)], "audits": []}
}

_of_audits(list) := said if {
	said := store_not_audited.findings with input as {"stores": [], "audits": [samples.audit(changes) | some changes in list]}
}

_undetermined_audits(list) := said if {
	said := store_not_audited.undetermined with input as {"stores": [], "audits": [samples.audit(changes) | some changes in list]}
}

_store_finding(message) := {"address": "azurerm_key_vault.main", "path": [], "message": message}

_audit_finding(message) := {"address": "aws_cloudtrail.main", "path": [], "message": message}
