# METADATA
# title: A certificate is not renewed in time
# description: >-
#   A certificate that nobody renews ends on a day that everybody has forgotten, and takes the service with it. One that is valid for years is
#   no way out: its key is copied into backups and images meanwhile, and revocation is not looked at by most clients. Reported are certificates
#   of the configuration that neither the store nor Terraform renews, and those that are valid for longer than 398 days
#   (`certificate_max_days`). A certificate that is brought from elsewhere is renewed elsewhere and not reported.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/certificates/overview-renew-certificate
#   description: Renewal of certificates in Azure Key Vault
# - ref: https://developer.hashicorp.com/vault/docs/secrets/pki/considerations
#   description: Why certificates of Vault should be short-lived and renewed
# - ref: https://cabforum.org/working-groups/server/baseline-requirements/requirements/
#   description: The longest validity that browsers accept
# custom:
#   severity: medium
#   remediation: >-
#     Let the one who keeps it renew it: a `lifetime_action` with `AutoRenew` of an `azurerm_key_vault_certificate`, `auto_renew` of a
#     `vault_pki_secret_backend_cert`, DNS validation in AWS Certificate Manager, cert-manager in Kubernetes. For one that Terraform makes, set
#     `early_renewal_hours` and apply on a schedule.
#   references: [CWE-298, CWE-324, NIST SP 800-53 SC-17]
#   covers: []
#   aliases: []
package secretlint.rotation.certificate_not_renewed

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result
import data.secretlint.lib.thresholds

findings contains finding if {
	some certificate in facts.declared(input.certificates)
	certificate.renewed == false
	finding := result.about(certificate, "renewed", sprintf("nothing renews this certificate%s", [_in_time(certificate)]))
}

findings contains finding if {
	some certificate in facts.declared(input.certificates)
	object.get(certificate, "renewed", null) != false
	is_number(certificate.validity_days)
	certificate.validity_days > thresholds.certificate_max_days
	message := sprintf("this certificate is valid for %v days, %v are allowed", [
		ceil(certificate.validity_days),
		thresholds.certificate_max_days,
	])
	finding := result.about(certificate, "validity_days", message)
}

undetermined contains finding if {
	some certificate in facts.declared(input.certificates)
	facts.is_unknown(certificate, "renewed")
	finding := result.about(certificate, "renewed", "whether this certificate is renewed is decided at apply")
}

undetermined contains finding if {
	some certificate in facts.declared(input.certificates)
	facts.is_unknown(certificate, "validity_days")
	object.get(certificate, "renewed", null) != false
	finding := result.about(certificate, "validity_days", "for how long this certificate is valid is decided at apply")
}

_in_time(certificate) := sprintf(", which ends after %v days", [ceil(certificate.validity_days)]) if {
	is_number(certificate.validity_days)
} else := " before it ends"
