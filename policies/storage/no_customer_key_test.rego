package secretlint.storage.no_customer_key_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.storage.no_customer_key

test_reports_null if {
	_findings({"kms_key": null}) == {_finding("no key is named, so the platform's own key encrypts this secret")}
}

test_reports_key_of_the_platform if {
	every key in ["alias/aws/secretsmanager", "arn:aws:kms:eu-central-1:123456789012:alias/aws/ssm"] {
		_findings({"kms_key": key}) == {_finding(sprintf("`%s` is the platform's own key", [key]))}
	}
}

test_accepts_own_key if {
	every key in [
		"alias/orders",
		"1234abcd-12ab-34cd-56ef-1234567890ab",
		"arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
		"aws_kms_key.orders",
	] {
		_findings({"kms_key": key}) == set()
	}
}

test_accepts_store_without_customer_keys if {
	_findings({"store": "local", "kms_key": null, "customer_key_supported": false}) == set()
}

test_accepts_deleted_secret if _findings({"kms_key": null, "actions": ["delete"]}) == set()

test_accepts_secret_that_is_only_read if _findings({"kms_key": null, "mode": "data", "actions": ["read"]}) == set()

test_undetermined_when_unknown_after_apply if {
	changes := {"kms_key": null, "unknown": ["kms_key"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("which key encrypts this secret is decided at apply")}
}

test_determined_when_known if _undetermined({"kms_key": null}) == set()

_findings(changes) := said if {
	said := no_customer_key.findings with input.secrets as [samples.secret(changes)]
}

_undetermined(changes) := said if {
	said := no_customer_key.undetermined with input.secrets as [samples.secret(changes)]
}

_finding(message) := {"address": "aws_secretsmanager_secret.main", "path": ["kms_key"], "message": message}
