package secretlint.credential.root_token_test

import rego.v1

import data.secretlint.credential.root_token
import data.secretlint.lib.samples_test as samples

test_reports_root_token if _findings({}) == {_finding("this makes a token with the policy `root`")}

test_reports_root_token_that_ends if {
	_findings({"ends": true, "ttl_seconds": 3600}) == {_finding("this makes a token with the policy `root`")}
}

test_reports_root_token_in_a_provider_block if {
	_findings({"address": "provider.vault", "mode": "provider", "path": ["token"], "actions": []}) == {{
		"address": "provider.vault",
		"path": ["token"],
		"message": "this provider logs in with a root token",
	}}
}

test_accepts_other_credentials if {
	every kind in ["token", "static_cloud_key", "secret_id"] { _findings({"kind": kind}) == set() }
}

test_accepts_deleted_token if _findings({"actions": ["delete"]}) == set()

# Whether it is root is what makes the fact one; a token whose policies are unknown is a token.
test_accepts_token_whose_policies_are_null_or_unknown_after_apply if {
	_findings({"kind": "token", "subject": null, "unknown": ["subject"]}) == set()
}

_findings(changes) := said if {
	said := root_token.findings with input.credentials as [samples.credential(object.union({"kind": "root_token"}, changes))]
}

_finding(message) := {"address": "aws_iam_access_key.main", "path": [], "message": message}
