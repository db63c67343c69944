package secretlint.storage.unversioned_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.storage.unversioned

test_reports_store_without_versions if {
	_findings({"versioned": false}) == {_finding("a write to this store destroys the value that was there")}
}

test_points_to_the_attribute if {
	place := ["options", "version"]
	{finding.path | some finding in _findings({"versioned": false, "paths": {"versioned": place}})} == {place}
}

test_accepts_versions if _findings({"versioned": true}) == set()

test_accepts_null if _findings({"versioned": null}) == set()

test_accepts_deleted_store if _findings({"versioned": false, "actions": ["delete"]}) == set()

test_accepts_store_that_is_only_read if _findings({"versioned": false, "mode": "data", "actions": ["read"]}) == set()

test_undetermined_when_unknown_after_apply if {
	changes := {"versioned": null, "unknown": ["versioned"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("whether this store keeps earlier versions is decided at apply")}
}

test_determined_when_known if _undetermined({"versioned": false}) == set()

_findings(changes) := said if {
	said := unversioned.findings with input.stores as [samples.store(changes)]
}

_undetermined(changes) := said if {
	said := unversioned.undetermined with input.stores as [samples.store(changes)]
}

_finding(message) := {"address": "azurerm_key_vault.main", "path": [], "message": message}
