# METADATA
# title: A secret is encrypted with the provider's own key
# description: >-
#   The key a store uses by default (`aws/secretsmanager`, `aws/ssm`) encrypts for the whole account, and nobody can change its policy: it
#   cannot be limited to a team, shared with another account, switched off when a secret leaks, or followed in an audit log of its own.
#   With a key of your own, reading a secret takes two permissions from two places. Stores and kinds that know no customer key are not
#   reported.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
#   description: Encryption in AWS Secrets Manager
# - ref: https://docs.aws.amazon.com/systems-manager/latest/userguide/secure-string-parameter-kms-encryption.html
#   description: Encryption of SecureString parameters
# custom:
#   severity: low
#   remediation: >-
#     Name a customer managed key: `kms_key_id` of an `aws_secretsmanager_secret`, `key_id` of an `aws_ssm_parameter`,
#     `master_user_secret_kms_key_id` of a database, `kms_key` of a `secret`. Switch on the key's rotation.
#   references: [CWE-284, NIST SP 800-53 SC-12]
#   covers: [CKV_AWS_149, CKV_AWS_337, AWS-0098, KICS-a2f548f2, KICS-b0d3ef3f]
#   aliases: []
package secretlint.storage.no_customer_key

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result
import data.secretlint.lib.secrets

findings contains finding if {
	some secret in _supported
	facts.absent(secret, "kms_key")
	finding := result.at(secret, ["kms_key"], "no key is named, so the platform's own key encrypts this secret")
}

findings contains finding if {
	some secret in _supported
	is_string(secret.kms_key)
	_is_platform_key(secret.kms_key)
	finding := result.at(secret, ["kms_key"], sprintf("`%s` is the platform's own key", [secret.kms_key]))
}

undetermined contains finding if {
	some secret in _supported
	facts.is_unknown(secret, "kms_key")
	finding := result.at(secret, ["kms_key"], "which key encrypts this secret is decided at apply")
}

_supported := [secret |
	some secret in secrets.declared
	secret.customer_key_supported
]

_is_platform_key(key) if startswith(key, "alias/aws/")

_is_platform_key(key) if {
	startswith(key, "arn:")
	contains(key, ":alias/aws/")
}
