# METADATA
# title: An encryption key is not rotated
# description: >-
#   A key that never changes protects everything that was ever encrypted with it, so one that gets out opens all of it, and the more it is
#   used the more there is to analyse. Rotation by the platform costs nothing: the identifier stays, old values are still decrypted with the
#   version that encrypted them. Reported are keys that the platform could rotate and does not, or does less than once a year
#   (`key_rotation_max_days`). Keys that it cannot rotate (asymmetric ones, imported material) are not reported.
# related_resources:
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
#   description: Rotation of keys in AWS KMS
# - ref: https://cloud.google.com/kms/docs/key-rotation
#   description: Rotation of keys in Google Cloud KMS
# - ref: https://learn.microsoft.com/azure/key-vault/keys/how-to-configure-key-rotation
#   description: Rotation of keys in Azure Key Vault
# - ref: https://developer.hashicorp.com/vault/docs/secrets/transit
#   description: Rotation of keys in Vault's transit engine
# custom:
#   severity: medium
#   remediation: >-
#     Let the platform rotate it: `enable_key_rotation = true` of an `aws_kms_key`, `rotation_period` of a `google_kms_crypto_key`, a
#     `rotation_policy` of an `azurerm_key_vault_key`, `auto_rotate_period` of a `vault_transit_secret_backend_key`.
#   references: [CWE-324, CIS AWS 3.6, CIS GCP 1.10, NIST SP 800-57]
#   covers:
#     - CKV_AWS_7
#     - CKV_GCP_43
#     - AWS-0065
#     - GCP-0065
#     - KICS-22fbfeac
#     - KICS-d8c57c4e
#     - kms_cmk_rotation_enabled
#     - keyvault_key_rotation_enabled
#   aliases: []
package secretlint.rotation.key_not_rotated

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result
import data.secretlint.lib.thresholds

findings contains finding if {
	some key in facts.declared(input.keys)
	key.rotation_enabled == false
	finding := result.about(key, "rotation_enabled", "nothing rotates this key")
}

findings contains finding if {
	some key in facts.declared(input.keys)
	key.rotation_enabled == true
	is_number(key.rotation_period_days)
	key.rotation_period_days > thresholds.key_rotation_max_days
	message := sprintf("up to %v days pass between two rotations, %v are allowed", [
		ceil(key.rotation_period_days),
		thresholds.key_rotation_max_days,
	])
	finding := result.about(key, "rotation_period_days", message)
}

undetermined contains finding if {
	some key in facts.declared(input.keys)
	facts.is_unknown(key, "rotation_enabled")
	finding := result.about(key, "rotation_enabled", "whether this key is rotated is decided at apply")
}

undetermined contains finding if {
	some key in facts.declared(input.keys)
	key.rotation_enabled == true
	facts.is_unknown(key, "rotation_period_days")
	finding := result.about(key, "rotation_period_days", "how often this key is rotated is decided at apply")
}
