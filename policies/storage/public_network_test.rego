package secretlint.storage.public_network_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.storage.public_network

test_reports_every_network if {
	_findings({"public_network": true}) == {_finding("every network can reach this store")}
}

test_points_to_the_attribute if {
	place := ["network_acls", 0, "default_action"]
	{finding.path | some finding in _findings({"public_network": true, "paths": {"public_network": place}})} == {place}
}

test_accepts_named_networks if _findings({"public_network": false}) == set()

test_accepts_null if _findings({"public_network": null}) == set()

test_accepts_deleted_store if _findings({"public_network": true, "actions": ["delete"]}) == set()

test_accepts_store_that_is_only_read if _findings({"public_network": true, "mode": "data", "actions": ["read"]}) == set()

test_undetermined_when_unknown_after_apply if {
	changes := {"public_network": null, "unknown": ["public_network"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("which networks can reach this store is decided at apply")}
}

test_determined_when_known if _undetermined({"public_network": true}) == set()

_findings(changes) := said if {
	said := public_network.findings with input.stores as [samples.store(changes)]
}

_undetermined(changes) := said if {
	said := public_network.undetermined with input.stores as [samples.store(changes)]
}

_finding(message) := {"address": "azurerm_key_vault.main", "path": [], "message": message}
