package secretlint.grant.expiry_too_far_test

import rego.v1

import data.secretlint.grant.expiry_too_far
import data.secretlint.lib.samples_test as samples

test_reports_end_beyond_the_limit if {
	_findings({"expires_at": "2027-11-22T00:00:00Z"}) == {_finding("this grant ends in 365 days, 90 are allowed")}
	_findings({"expires_at": "2027-02-21T00:00:00Z"}) == {_finding("this grant ends in 91 days, 90 are allowed")}
}

test_reports_the_end_of_time if {
	_findings({"expires_at": "9999-12-31T23:59:59Z"}) == {_finding("this grant ends in 2910145 days, 90 are allowed")}
}

test_reports_by_the_configured_limit if {
	expiry_too_far.findings == {_finding("this grant ends in 10 days, 7 are allowed")} with input.grants as [
		samples.grant({"expires_at": "2026-12-02T00:00:00Z"}),
	]
		with input.planned_at as "2026-11-22T00:00:00Z"
		with input.config.thresholds.grant_max_days as 7
}

test_reports_in_time_of_day_where_the_plan_has_no_time if {
	said := expiry_too_far.findings with input.grants as [samples.grant({"expires_at": "2200-01-01T00:00:00Z"})]
		with input.planned_at as null
	count(said) == 1
}

test_accepts_end_within_the_limit if {
	_findings({"expires_at": "2027-02-20T00:00:00Z"}) == set()
	_findings({"expires_at": "2026-11-23T09:00:00+01:00"}) == set()
}

test_accepts_grant_that_has_ended if _findings({"expires_at": "2020-01-01T00:00:00Z"}) == set()

test_accepts_grant_without_end if {
	_findings({"expires_at": null}) == set()
	_findings({"expires_at": ""}) == set()
}

test_accepts_denial if _findings({"expires_at": "2099-01-01T00:00:00Z", "effect": "deny"}) == set()

test_accepts_deleted_grant if _findings({"expires_at": "2099-01-01T00:00:00Z", "actions": ["delete"]}) == set()

test_undetermined_when_unknown_after_apply if {
	changes := {"expires_at": null, "unknown": ["expires_at"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("when this grant ends is decided at apply")}
}

test_determined_when_known if _undetermined({"expires_at": "2099-01-01T00:00:00Z"}) == set()

_findings(changes) := said if {
	said := expiry_too_far.findings with input.grants as [samples.grant(changes)]
		with input.planned_at as "2026-11-22T00:00:00Z"
}

_undetermined(changes) := said if {
	said := expiry_too_far.undetermined with input.grants as [samples.grant(changes)]
}

_finding(message) := {
	"address": "aws_secretsmanager_secret_policy.main",
	"path": ["expires_at"],
	"message": message,
}
