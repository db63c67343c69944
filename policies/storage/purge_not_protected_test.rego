package secretlint.storage.purge_not_protected_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.storage.purge_not_protected

test_reports_secret_key_and_store if {
	_findings({"purge_protection": false}) == {
		_finding("aws_secretsmanager_secret.main", "whoever may delete this secret can destroy it for good at once"),
		_finding("aws_kms_key.main", "whoever may delete this key can destroy it for good at once"),
		_finding("azurerm_key_vault.main", "whoever may delete what is in this store can destroy it for good at once"),
	}
}

test_points_to_the_switch if {
	changes := {"purge_protection": false, "paths": {"purge_protection": ["purge_protection_enabled"]}}
	{finding.path | some finding in _findings(changes)} == {["purge_protection_enabled"]}
}

test_accepts_protection if _findings({"purge_protection": true}) == set()

test_accepts_null if _findings({"purge_protection": null}) == set()

test_accepts_secret_without_a_window_which_another_rule_reports if {
	secret := samples.secret({"purge_protection": false, "recovery_window_days": 0})
	purge_not_protected.findings == set() with input as {"secrets": [secret], "keys": [], "stores": []}
}

test_accepts_deleted_ones if _findings({"purge_protection": false, "actions": ["delete"]}) == set()

test_accepts_what_is_only_read if _findings({"purge_protection": false, "mode": "data", "actions": ["read"]}) == set()

test_undetermined_when_unknown_after_apply if {
	changes := {"purge_protection": null, "unknown": ["purge_protection"]}
	_findings(changes) == set()
	_undetermined(changes) == {
		_finding("aws_secretsmanager_secret.main", _decided("this secret")),
		_finding("aws_kms_key.main", _decided("this key")),
		_finding("azurerm_key_vault.main", _decided("what is in this store")),
	}
}

test_determined_when_known if _undetermined({"purge_protection": false}) == set()

_findings(changes) := said if {
	said := purge_not_protected.findings with input as _input(changes)
}

_undetermined(changes) := said if {
	said := purge_not_protected.undetermined with input as _input(changes)
}

_input(changes) := {
	"secrets": [samples.secret(changes)],
	"keys": [samples.key(changes)],
	"stores": [samples.store(changes)],
}

_decided(name) := sprintf("whether %s is protected from being destroyed for good is decided at apply", [name])

_finding(address, message) := {"address": address, "path": [], "message": message}
