package secretlint.grant.decrypt_any_key_test

import rego.v1

import data.secretlint.grant.decrypt_any_key
import data.secretlint.lib.samples_test as samples

test_reports_every_key_of_an_account if {
	every resource in ["*", "arn:aws:kms:*:*:*", "arn:aws:kms:eu-central-1:123456789012:key/*"] {
		_findings({"resources": [resource]}) == {
			_finding("resources", sprintf("may decrypt with every key that `%s` matches", [resource])),
		}
	}
}

test_reports_every_key_of_a_wide_scope if {
	names := {
		"project": "the project", "organization": "the organisation", "subscription": "the subscription",
		"resource_group": "the resource group", "store": "the store",
	}
	every scope, name in names {
		_findings(object.union(_role, {"scope": scope})) == {_finding(
			"role",
			sprintf("whoever has `roles/cloudkms.cryptoKeyDecrypter` may decrypt with every key of %s", [name]),
		)}
	}
}

test_reports_every_key_of_a_transit_mount if {
	changes := {"kind": "acl_policy", "resources": ["transit/decrypt/*"], "scope": "store", "actions_allowed": ["update"]}
	_findings(changes) == {_finding("resources", "whoever has this may decrypt with every key of the store")}
}

test_accepts_named_key if {
	_findings({"resources": ["arn:aws:kms:eu-central-1:123456789012:key/1234abcd"]}) == set()
	_findings(object.union(_role, {"scope": "key"})) == set()
	_findings(object.union(_role, {"scope": null})) == set()
}

test_accepts_condition_that_confines_the_keys if {
	every key in ["kms:viaservice", "kms:encryptioncontext:secretarn", "kms:resourcealiases", "aws:resourcetag/team"] {
		_findings({"condition_keys": [key]}) == set()
	}
}

test_reports_condition_on_the_caller if {
	_findings({"condition_keys": ["aws:principalorgid"]}) == {
		_finding("resources", "may decrypt with every key that `*` matches"),
	}
}

test_accepts_the_policy_of_a_key if _findings({"kind": "key_policy"}) == set()

test_leaves_other_grants_to_their_rules if {
	_findings({"decrypts_only": false}) == set()
	_findings({"administrator": true}) == set()
	_findings({"negated": ["resources"]}) == set()
}

test_accepts_denial if _findings({"effect": "deny"}) == set()

test_accepts_deleted_policy if _findings({"actions": ["delete"]}) == set()

test_undetermined_when_unknown_after_apply if {
	changes := {"resources": [], "unknown": ["resources"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("resources", "with which keys this may decrypt is decided at apply")}
}

test_undetermined_when_the_scope_is_unknown_after_apply if {
	changes := object.union(_role, {"scope": null, "unknown": ["scope"]})
	_findings(changes) == set()
	_undetermined(changes) == {_finding("scope", "with which keys this may decrypt is decided at apply")}
}

test_determined_when_known if _undetermined({}) == set()

_role := {
	"kind": "iam_binding", "role": "roles/cloudkms.cryptoKeyDecrypter", "actions_allowed": [], "scope": "project",
	"paths": {"role": ["role"]},
}

_findings(changes) := said if {
	said := decrypt_any_key.findings with input.grants as [_grant(changes)]
}

_undetermined(changes) := said if {
	said := decrypt_any_key.undetermined with input.grants as [_grant(changes)]
}

_grant(changes) := samples.grant(object.union(
	{"kind": "identity_policy", "actions_allowed": ["kms:Decrypt"], "resources": ["*"], "decrypts_only": true},
	changes,
))

_finding(field, message) := {"address": "aws_secretsmanager_secret_policy.main", "path": [field], "message": message}
