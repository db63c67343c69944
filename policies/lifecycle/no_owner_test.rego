package secretlint.lifecycle.no_owner_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.lifecycle.no_owner

test_reports_null if _findings({}) == {_finding("nobody is named as the owner of this secret")}

test_reports_empty_owner if {
	_findings({"owner": "", "tags": {"owner": ""}}) == {_finding("nobody is named as the owner of this secret")}
}

test_reports_tags_that_name_no_owner if {
	_findings({"tags": {"service": "orders"}}) == {_finding("nobody is named as the owner of this secret")}
}

test_accepts_owner if _findings({"owner": "team-orders"}) == set()

test_accepts_tag_the_configuration_names if {
	no_owner.findings == set() with input.secrets as [_secret({"tags": {"CostCentre": "4711"}})]
		with input.config.thresholds.owner_tags as ["CostCentre"]
}

test_accepts_password_of_another_resource if _findings({"kind": "password"}) == set()

test_accepts_secret_of_a_store_without_a_place_for_it if _findings({"store": "vault_kv_v1"}) == set()

test_accepts_deleted_secret if _findings({"actions": ["delete"]}) == set()

test_accepts_secret_that_is_only_read if _findings({"mode": "data", "actions": ["read"]}) == set()

test_undetermined_when_unknown_after_apply if {
	every field in ["owner", "tags"] {
		_findings({"unknown": [field]}) == set()
		_undetermined({"unknown": [field]}) == {_finding("the owner of this secret is decided at apply")}
	}
}

test_determined_when_known if {
	_undetermined({}) == set()
	_undetermined({"owner": "team-orders", "unknown": ["tags"]}) == set()
}

_findings(changes) := said if {
	said := no_owner.findings with input.secrets as [_secret(changes)]
}

_undetermined(changes) := said if {
	said := no_owner.undetermined with input.secrets as [_secret(changes)]
}

# object.union merges tags, so the sample's own are taken away first.
_secret(changes) := object.union(object.remove(samples.secret({"owner": null}), ["tags"]), object.union({"tags": {}}, changes))

_finding(message) := {"address": "aws_secretsmanager_secret.main", "path": ["owner"], "message": message}
