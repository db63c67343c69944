package secretlint.credential.static_cloud_key_test

import rego.v1

import data.secretlint.credential.static_cloud_key
import data.secretlint.lib.samples_test as samples

test_reports_access_key if _findings({}) == {_finding("this creates a key for `deployer` that never ends")}

test_reports_service_specific_credential if {
	_findings({"kind": "service_specific"}) == {_finding("this creates a key for `deployer` that never ends")}
}

test_reports_key_whose_user_is_not_known if {
	_findings({"subject": null}) == {_finding("this creates a key that never ends")}
	_findings({"subject": null, "unknown": ["subject"]}) == {_finding("this creates a key that never ends")}
}

test_reports_key_in_a_provider_block if {
	_findings({"address": "provider.aws", "type": "provider", "mode": "provider", "path": ["secret_key"], "actions": []}) == {{
		"address": "provider.aws",
		"path": ["secret_key"],
		"message": "a long-lived key is written in this provider block",
	}}
}

test_reports_key_that_is_given_to_another_service if {
	_findings({"address": "vault_aws_secret_backend.aws", "type": "vault_aws_secret_backend", "path": ["secret_key"]}) == {{
		"address": "vault_aws_secret_backend.aws",
		"path": ["secret_key"],
		"message": "a long-lived key is written in this block",
	}}
}

test_accepts_credential_that_ends if _findings({"expires_at": "2026-12-01T00:00:00Z"}) == set()

test_accepts_other_credentials if _findings({"kind": "session"}) == set()

test_accepts_deleted_key if _findings({"actions": ["delete"]}) == set()

test_undetermined_when_unknown_after_apply if {
	changes := {"expires_at": null, "unknown": ["expires_at"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("whether this credential ends by itself is decided at apply")}
}

test_determined_when_known if _undetermined({}) == set()

_findings(changes) := said if {
	said := static_cloud_key.findings with input.credentials as [samples.credential(changes)]
}

_undetermined(changes) := said if {
	said := static_cloud_key.undetermined with input.credentials as [samples.credential(changes)]
}

_finding(message) := {"address": "aws_iam_access_key.main", "path": [], "message": message}
