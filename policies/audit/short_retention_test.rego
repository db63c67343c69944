package secretlint.audit.short_retention_test

import rego.v1

import data.secretlint.audit.short_retention
import data.secretlint.lib.samples_test as samples

test_reports_two_weeks if {
	_findings({"retention_days": 14}) == {_finding("this log is deleted after 14 days, 90 are expected")}
}

test_reports_by_the_configured_limit if {
	said := short_retention.findings with input.audits as [samples.audit({"retention_days": 90})]
		with input.config.thresholds.audit_retention_min_days as 365
	said == {_finding("this log is deleted after 90 days, 365 are expected")}
}

test_points_to_the_attribute if {
	place := ["retention_in_days"]
	{finding.path | some finding in _findings({"retention_days": 14, "paths": {"retention_days": place}})} == {place}
}

test_accepts_the_limit_itself if _findings({"retention_days": 90}) == set()

test_accepts_null_which_is_for_ever if _findings({"retention_days": null}) == set()

test_accepts_log_without_reads_of_secrets if _findings({"retention_days": 1, "covers_secrets": false}) == set()

test_reports_place_of_which_it_is_not_told_what_it_keeps if count(_findings({"retention_days": 1, "covers_secrets": null})) == 1

test_accepts_log_that_is_switched_off if _findings({"retention_days": 1, "enabled": false}) == set()

test_accepts_deleted_log if _findings({"retention_days": 1, "actions": ["delete"]}) == set()

test_accepts_log_that_is_only_read if _findings({"retention_days": 1, "mode": "data", "actions": ["read"]}) == set()

test_undetermined_when_unknown_after_apply if {
	changes := {"retention_days": null, "unknown": ["retention_days"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("for how long this log is kept is decided at apply")}
}

test_determined_when_known if _undetermined({"retention_days": 14}) == set()

_findings(changes) := said if {
	said := short_retention.findings with input.audits as [samples.audit(changes)]
}

_undetermined(changes) := said if {
	said := short_retention.undetermined with input.audits as [samples.audit(changes)]
}

_finding(message) := {"address": "aws_cloudtrail.main", "path": [], "message": message}
