package secretlint.grant.vault_root_or_sudo_test

import rego.v1

import data.secretlint.grant.vault_root_or_sudo
import data.secretlint.lib.samples_test as samples

test_reports_sudo_where_root_works if {
	every path in ["sys/raw", "sys/raw/*", "sys/audit/file", "sys/*", "*", "+/*", "auth/token/*", "sys/plugins/catalog/secret/x"] {
		_findings({"actions_allowed": ["read", "update", "sudo"], "resources": [path]}) == {_finding(sprintf("`sudo` on `%s` gives root's powers", [path]))}
	}
}

test_reports_sudo_to_read_raw_storage if {
	every path in ["sys/raw/*", "sys/*"] {
		_findings({"actions_allowed": ["read", "sudo"], "resources": [path]}) == {_finding(sprintf("`sudo` on `%s` gives root's powers", [path]))}
	}
}

test_accepts_sudo_to_look_at_audit_devices_and_plugins if {
	every path in ["sys/audit", "sys/auth", "sys/plugins/catalog/*"] {
		_findings({"actions_allowed": ["read", "list", "sudo"], "resources": [path]}) == set()
	}
}

test_reports_role_with_the_root_policy if {
	_of_trust({"policies": ["default", "root"], "paths": {"policies": ["token_policies"]}}) == {{
		"address": "aws_iam_role.main",
		"path": ["token_policies"],
		"message": "whoever logs in with this role has the policy `root`",
	}}
}

test_accepts_sudo_on_a_path_that_asks_for_it if {
	every path in ["sys/rotate", "sys/leases/revoke-prefix/aws/*", "secret/data/orders", "sys/authorities"] {
		_findings({"resources": [path]}) == set()
	}
}

test_accepts_path_without_sudo if {
	_findings({"actions_allowed": ["read", "update"], "resources": ["sys/*"]}) == set()
}

test_accepts_role_with_other_policies if {
	_of_trust({"policies": ["orders", "root-ca"]}) == set()
	_of_trust({"policies": ["root"], "platform": "aws"}) == set()
	_of_trust({"policies": []}) == set()
}

test_leaves_administrators_to_their_rule if _findings({"administrator": true}) == set()

test_accepts_policy_of_something_else if _findings({"kind": "identity_policy"}) == set()

test_accepts_denial if _findings({"effect": "deny"}) == set()

test_accepts_deleted_policy if {
	_findings({"actions": ["delete"]}) == set()
	_of_trust({"policies": ["root"], "actions": ["delete"]}) == set()
}

test_accepts_nothing_but_null_fields if _findings({"role": null, "resources": []}) == set()

test_undetermined_when_unknown_after_apply if {
	grant := _grant({"actions_allowed": [], "unknown": ["actions_allowed"]})
	vault_root_or_sudo.undetermined == {_finding("whether this gives `sudo` is decided at apply")} with input.grants as [grant]
		with input.trusts as []
	trust := samples.trust({"platform": "vault", "unknown": ["policies"]})
	vault_root_or_sudo.undetermined == {{
		"address": "aws_iam_role.main",
		"path": ["policies"],
		"message": "which policies this role gives is decided at apply",
	}} with input.grants as []
		with input.trusts as [trust]
}

_findings(changes) := said if {
	said := vault_root_or_sudo.findings with input.grants as [_grant(changes)]
		with input.trusts as []
}

_of_trust(changes) := said if {
	trust := samples.trust(object.union({"platform": "vault"}, changes))
	said := vault_root_or_sudo.findings with input.grants as []
		with input.trusts as [trust]
}

_grant(changes) := samples.grant(object.union(
	{
		"kind": "acl_policy", "platform": "vault", "principals": null, "concerns_secrets": false, "access": [],
		"actions_allowed": ["read", "sudo"], "resources": ["sys/raw/*"],
	},
	changes,
))

_finding(message) := {
	"address": "aws_secretsmanager_secret_policy.main",
	"path": ["actions_allowed"],
	"message": message,
}
