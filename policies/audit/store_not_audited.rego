# METADATA
# title: Nobody can tell who read a secret
# description: >-
#   After a leak the first question is who read the value, and since when; without a log the only safe answer is everybody, always, and every
#   secret of the store has to be changed. Reported are stores whose reads are written down only if somebody asks for it, where nothing in the
#   plan does, and logs that are switched off or leave reads of secrets out, unless another log of the plan has them. Where the platform logs by
#   itself, or a log is set up elsewhere, nothing is reported.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/general/logging
#   description: Logs of Azure Key Vault
# - ref: https://developer.hashicorp.com/vault/docs/audit
#   description: Audit devices of Vault
# - ref: https://cloud.google.com/secret-manager/docs/audit-logging
#   description: Logs of Google Secret Manager, whose reads are off by default
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring-cloudtrail.html
#   description: Secrets Manager in CloudTrail
# custom:
#   severity: medium
#   remediation: >-
#     Write reads down and keep them where the readers cannot reach: a diagnostic setting with the category `AuditEvent` for a Key Vault, a
#     `google_project_iam_audit_config` with `DATA_READ`, a `vault_audit` device, a CloudTrail with management events.
#   references: [CWE-778, CIS Azure 6.1.4, CIS GCP 2.1, NIST SP 800-53 AU-2]
#   covers: [KICS-38c71c00, keyvault_logging_enabled]
#   aliases: []
package secretlint.audit.store_not_audited

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result

findings contains finding if {
	some store in facts.declared(input.stores)
	store.audited == false
	finding := result.about(store, "audited", "nothing in this plan writes down who reads the secrets of this store")
}

findings contains finding if {
	some audit in _audits
	audit.enabled == false
	not _is_made_up_for(audit)
	finding := result.about(audit, "enabled", "this log is switched off")
}

findings contains finding if {
	some audit in _audits
	object.get(audit, "enabled", null) != false
	audit.covers_secrets == false
	not _is_made_up_for(audit)
	finding := result.about(audit, "covers_secrets", "reads of secrets are not in this log")
}

undetermined contains finding if {
	some store in facts.declared(input.stores)
	facts.is_unknown(store, "audited")
	finding := result.about(store, "audited", "a log in this plan may be for this store; which one it is for is decided at apply")
}

undetermined contains finding if {
	some audit in _audits
	some field in ["enabled", "covers_secrets"]
	facts.is_unknown(audit, field)
	not _is_made_up_for(audit)
	finding := result.about(audit, field, "whether reads of secrets are in this log is decided at apply")
}

_audits := facts.declared(input.audits)

# Another log has what this one leaves out: of the same store where that is known, else of the same platform.
_is_made_up_for(audit) if {
	some other in _audits
	other.address != audit.address
	other.platform == audit.platform
	other.covers_secrets == true
	object.get(other, "enabled", null) != false
	_is_for_the_same(audit, other)
}

_is_for_the_same(audit, other) if {
	some store in input.stores
	audit.address in store.audits
	other.address in store.audits
}

_is_for_the_same(audit, _) if {
	every store in input.stores { not audit.address in store.audits }
}
