package secretlint.rotation.certificate_not_renewed_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.rotation.certificate_not_renewed

test_reports_certificate_without_renewal if {
	_findings({"renewed": false}) == {_finding("nothing renews this certificate, which ends after 90 days")}
	_findings({"renewed": false, "validity_days": null}) == {_finding("nothing renews this certificate before it ends")}
}

test_reports_once_what_is_valid_for_long_and_not_renewed if {
	_findings({"renewed": false, "validity_days": 3650}) == {_finding("nothing renews this certificate, which ends after 3650 days")}
}

test_reports_ten_years if {
	every renewed in [true, null] {
		_findings({"validity_days": 3650, "renewed": renewed}) == {_finding("this certificate is valid for 3650 days, 398 are allowed")}
	}
}

test_reports_by_the_configured_limit if {
	said := certificate_not_renewed.findings with input.certificates as [samples.certificate({})]
		with input.config.thresholds.certificate_max_days as 47
	said == {_finding("this certificate is valid for 90 days, 47 are allowed")}
}

test_points_to_the_attribute if {
	place := ["validity_period_hours"]
	_findings({"validity_days": 3650, "paths": {"validity_days": place}}) == {
		object.union(_finding("this certificate is valid for 3650 days, 398 are allowed"), {"path": place}),
	}
}

test_accepts_certificate_that_is_renewed if _findings({}) == set()

test_accepts_the_limit_itself if _findings({"validity_days": 398}) == set()

test_accepts_null if _findings({"renewed": null, "validity_days": null}) == set()

test_accepts_deleted_certificate if _findings({"renewed": false, "actions": ["delete"]}) == set()

test_accepts_certificate_that_is_only_read if _findings({"renewed": false, "mode": "data", "actions": ["read"]}) == set()

test_undetermined_when_unknown_after_apply if {
	changes := {"renewed": null, "unknown": ["renewed"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("whether this certificate is renewed is decided at apply")}
}

test_undetermined_when_the_validity_is_known_after_apply if {
	changes := {"validity_days": null, "unknown": ["validity_days"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("for how long this certificate is valid is decided at apply")}
}

test_determined_when_known if _undetermined({"renewed": false, "validity_days": null}) == set()

_findings(changes) := said if {
	said := certificate_not_renewed.findings with input.certificates as [samples.certificate(changes)]
}

_undetermined(changes) := said if {
	said := certificate_not_renewed.undetermined with input.certificates as [samples.certificate(changes)]
}

_finding(message) := {"address": "azurerm_key_vault_certificate.main", "path": [], "message": message}
