package secretlint.storage.no_recovery_window_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.storage.no_recovery_window

test_reports_zero if {
	_findings({"recovery_window_days": 0}) == {_finding("a deletion takes effect at once and cannot be undone")}
}

test_reports_two_days if {
	_findings({"recovery_window_days": 2}) == {
		_finding("a deleted secret can be brought back for 2 days only, 7 are expected"),
	}
}

test_reports_key_and_store if {
	said := no_recovery_window.findings with input as {
		"secrets": [],
		"keys": [samples.key({"deletion_window_days": 1})],
		"stores": [samples.store({"recovery_window_days": 0})],
	}
	said == {
		{
			"address": "aws_kms_key.main", "path": ["deletion_window_days"],
			"message": "a deleted key can be brought back for 1 days only, 7 are expected",
		},
		{
			"address": "azurerm_key_vault.main", "path": ["recovery_window_days"],
			"message": "a deletion takes effect at once and cannot be undone",
		},
	}
}

test_accepts_key_and_store_that_say_nothing if {
	said := no_recovery_window.findings with input as {
		"secrets": [],
		"keys": [samples.key({"deletion_window_days": null})],
		"stores": [samples.store({"recovery_window_days": null})],
	}
	said == set()
}

test_reports_by_the_configured_limit if {
	no_recovery_window.findings == {_finding("a deleted secret can be brought back for 14 days only, 30 are expected")} with input.secrets as [samples.secret({"recovery_window_days": 14})]
		with input.config.thresholds.recovery_min_days as 30
}

test_accepts_the_limit_itself if _findings({"recovery_window_days": 7}) == set()

test_accepts_null if _findings({"recovery_window_days": null}) == set()

test_accepts_store_without_recovery if {
	_findings({"store": "aws_ssm", "recovery_window_days": 0, "recovery_supported": false}) == set()
}

test_accepts_deleted_secret if _findings({"recovery_window_days": 0, "actions": ["delete"]}) == set()

test_undetermined_when_unknown_after_apply if {
	changes := {"recovery_window_days": null, "unknown": ["recovery_window_days"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("how long a deletion can be undone is decided at apply")}
}

test_determined_when_known if _undetermined({"recovery_window_days": 0}) == set()

_findings(changes) := said if {
	said := no_recovery_window.findings with input.secrets as [samples.secret(changes)]
}

_undetermined(changes) := said if {
	said := no_recovery_window.undetermined with input.secrets as [samples.secret(changes)]
}

_finding(message) := {"address": "aws_secretsmanager_secret.main", "path": ["recovery_window_days"], "message": message}
