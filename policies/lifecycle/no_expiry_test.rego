package secretlint.lifecycle.no_expiry_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.lifecycle.no_expiry

test_reports_null if {
	_findings({"rotation_enabled": false}) == {_finding("azurerm_key_vault_secret.main"), _finding("azurerm_key_vault_key.main")}
}

test_reports_key_that_cannot_be_rotated if {
	_finding("azurerm_key_vault_key.main") in _findings({"rotation_enabled": null})
}

test_points_to_the_attribute if {
	changes := {"paths": {"expires_at": ["expiration_date"]}}
	{finding.path | some finding in _findings(changes)} == {["expiration_date"]}
}

test_accepts_end if _findings({"expires_at": "2027-01-31T00:00:00Z", "rotation_enabled": false}) == set()

test_accepts_store_in_which_an_end_deletes if _findings({"expiry_expected": false}) == set()

test_accepts_key_that_its_policy_renews if _findings({"rotation_enabled": true}) == {_finding("azurerm_key_vault_secret.main")}

test_accepts_deleted_ones if _findings({"actions": ["delete"]}) == set()

test_accepts_what_is_only_read if _findings({"mode": "data", "actions": ["read"]}) == set()

test_accepts_end_that_is_known_after_apply if {
	changes := {"unknown": ["expires_at"], "rotation_enabled": false}
	_findings(changes) == set()
	_undetermined(changes) == set()
}

test_undetermined_when_the_rotation_is_known_after_apply if {
	changes := {"unknown": ["rotation_enabled"], "rotation_enabled": null}
	_findings(changes) == {_finding("azurerm_key_vault_secret.main")}
	_undetermined(changes) == {{
		"address": "azurerm_key_vault_key.main",
		"path": [],
		"message": "whether this has an end is decided at apply",
	}}
}

test_determined_when_known if _undetermined({"rotation_enabled": false}) == set()

_findings(changes) := said if {
	said := no_expiry.findings with input as _input(changes)
}

_undetermined(changes) := said if {
	said := no_expiry.undetermined with input as _input(changes)
}

_input(changes) := {
	"secrets": [samples.secret(object.union({"address": "azurerm_key_vault_secret.main", "expiry_expected": true}, changes))],
	"keys": [samples.key(object.union({"address": "azurerm_key_vault_key.main", "expiry_expected": true}, changes))],
}

_finding(address) := {"address": address, "path": [], "message": "this has no end, so nothing ever asks for a new value"}
