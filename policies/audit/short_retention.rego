# METADATA
# title: The log of who read secrets is kept too briefly
# description: >-
#   Break-ins are found after weeks or months. A log that is deleted after a fortnight then starts in the middle of the story, and nobody can tell
#   which secrets were read at its beginning. Reported are logs of reads, and the places where such logs are kept, that delete after less than 90
#   days (`audit_retention_min_days`); many rules ask for a year, with three months at hand. A log without a limit is not reported.
# related_resources:
# - ref: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html
#   description: Retention of logs in Amazon CloudWatch
# - ref: https://cloud.google.com/logging/docs/buckets
#   description: Retention of logs in Google Cloud
# - ref: https://learn.microsoft.com/azure/azure-monitor/logs/data-retention-configure
#   description: Retention of logs in Azure Monitor
# custom:
#   severity: low
#   remediation: >-
#     Keep the log for 90 days or more, better a year: `retention_in_days` of a log group or workspace, `retention_days` of a log bucket. Cheap
#     storage that the readers of secrets cannot write to is good enough for what is older.
#   references: [CWE-778, PCI DSS 10.5.1, NIST SP 800-53 AU-11]
#   covers: []
#   aliases: []
package secretlint.audit.short_retention

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result
import data.secretlint.lib.thresholds

findings contains finding if {
	some audit in _kept
	is_number(audit.retention_days)
	audit.retention_days < thresholds.audit_retention_min_days
	message := sprintf("this log is deleted after %v days, %v are expected", [audit.retention_days, thresholds.audit_retention_min_days])
	finding := result.about(audit, "retention_days", message)
}

undetermined contains finding if {
	some audit in _kept
	facts.is_unknown(audit, "retention_days")
	finding := result.about(audit, "retention_days", "for how long this log is kept is decided at apply")
}

# One without reads of secrets may be as short as it likes.
_kept := [audit |
	some audit in facts.declared(input.audits)
	object.get(audit, "enabled", null) != false
	object.get(audit, "covers_secrets", null) != false
]
