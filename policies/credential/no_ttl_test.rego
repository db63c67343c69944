package secretlint.credential.no_ttl_test

import rego.v1

import data.secretlint.credential.no_ttl
import data.secretlint.lib.samples_test as samples

test_reports_what_never_ends if {
	_findings({}) == {_finding("this token never ends")}
	_findings({"kind": "secret_id"}) == {_finding("this secret id never ends")}
	_findings({"kind": "application_password"}) == {_finding("this application's password never ends")}
}

test_reports_life_of_no_seconds if {
	_findings({"ends": null, "ttl_seconds": 0}) == {_finding("this token never ends")}
}

test_reports_long_life if {
	_findings({"ends": true, "ttl_seconds": 31536000}) == {_finding("this token lives for 365 days, 90 are allowed")}
	_findings({"ends": true, "expires_at": "2027-11-22T00:00:00Z"}) == {_finding("this token lives for 365 days, 90 are allowed")}
}

test_reports_by_the_configured_limit if {
	no_ttl.findings == {_finding("this token lives for 30 days, 7 are allowed")} with input.credentials as [
		_credential({"ends": true, "ttl_seconds": 2592000}),
	]
		with input.config.thresholds.token_max_days as 7
}

test_reports_where_the_end_would_stand if {
	_findings({"paths": {"ttl_seconds": ["explicit_max_ttl"]}}) == {object.union(
		_finding("this token never ends"),
		{"path": ["explicit_max_ttl"]},
	)}
	_findings({"paths": {"expires_at": ["end_date"]}}) == {object.union(_finding("this token never ends"), {"path": ["end_date"]})}
}

test_accepts_short_life if {
	_findings({"ends": true, "ttl_seconds": 3600}) == set()
	_findings({"ends": true, "expires_at": "2026-12-22T00:00:00Z"}) == set()
}

test_accepts_what_terraform_renews if {
	_findings({"renewed": true}) == set()
	_findings({"renewed": true, "ends": true, "ttl_seconds": 63072000}) == set()
}

test_accepts_what_cannot_be_told if _findings({"ends": null, "ttl_seconds": null, "expires_at": null}) == set()

test_leaves_keys_and_root_tokens_to_their_rules if {
	every kind in ["static_cloud_key", "service_specific", "root_token"] { _findings({"kind": kind}) == set() }
}

test_accepts_deleted_token if _findings({"actions": ["delete"]}) == set()

test_accepts_token_that_is_only_read if _findings({"mode": "data"}) == set()

test_undetermined_when_unknown_after_apply if {
	every field in ["ends", "ttl_seconds", "expires_at"] {
		changes := {"ends": null, "unknown": [field]}
		_findings(changes) == set()
		_undetermined(changes) == {_finding("when this token ends is decided at apply")}
	}
}

test_determined_when_known if _undetermined({}) == set()

_findings(changes) := said if {
	said := no_ttl.findings with input.credentials as [_credential(changes)]
		with input.planned_at as "2026-11-22T00:00:00Z"
}

_undetermined(changes) := said if {
	said := no_ttl.undetermined with input.credentials as [_credential(changes)]
		with input.planned_at as "2026-11-22T00:00:00Z"
}

_credential(changes) := samples.credential(object.union({"kind": "token", "ends": false}, changes))

_finding(message) := {"address": "aws_iam_access_key.main", "path": [], "message": message}
