package secretlint.grant.kubernetes_list_secrets_test

import rego.v1

import data.secretlint.grant.kubernetes_list_secrets
import data.secretlint.lib.samples_test as samples

test_reports_listing_in_a_namespace if {
	_findings({}) == {_finding("with `list` this reads every Secret of the namespace")}
	_findings({"actions_allowed": ["get", "list", "watch"]}) == {
		_finding("with `list` and `watch` this reads every Secret of the namespace"),
	}
}

test_reports_listing_in_a_cluster_role if {
	_findings({"type": "kubernetes_cluster_role_v1"}) == {
		_finding("with `list` this reads every Secret of every namespace it is bound to"),
	}
	_findings({"scope": "cluster"}) == {_finding("with `list` this reads every Secret of every namespace it is bound to")}
}

test_accepts_named_objects if _findings({"resources": ["orders-db"]}) == set()

test_accepts_other_verbs if {
	_findings({"actions_allowed": ["get"]}) == set()
	_findings({"actions_allowed": ["create", "delete"]}) == set()
}

test_leaves_wildcards_and_administrators_to_their_rules if {
	_findings({"actions_allowed": ["*", "list"]}) == set()
	_findings({"administrator": true}) == set()
}

test_accepts_listing_of_something_else if _findings({"concerns_secrets": false}) == set()

test_accepts_deleted_role if _findings({"actions": ["delete"]}) == set()

test_accepts_null_verbs_of_a_binding if _findings({"kind": "rbac_binding"}) == set()

test_undetermined_when_unknown_after_apply if {
	changes := {"actions_allowed": [], "unknown": ["actions_allowed"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("whether this may list Secrets is decided at apply")}
}

test_determined_when_known if _undetermined({}) == set()

_findings(changes) := said if {
	said := kubernetes_list_secrets.findings with input.grants as [_grant(changes)]
}

_undetermined(changes) := said if {
	said := kubernetes_list_secrets.undetermined with input.grants as [_grant(changes)]
}

_grant(changes) := samples.grant(object.union(
	{
		"type": "kubernetes_role_v1", "kind": "rbac_role", "principals": null, "resources": ["*"],
		"actions_allowed": ["list"], "scope": "namespace",
	},
	changes,
))

_finding(message) := {
	"address": "aws_secretsmanager_secret_policy.main",
	"path": ["actions_allowed"],
	"message": message,
}
