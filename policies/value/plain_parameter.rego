# METADATA
# title: A secret value is in a store of plain settings
# description: >-
#   A settings store is made to be read: a plain SSM parameter, a key of App Configuration or a Consul key is not encrypted with a key
#   of its own, its readers are those who may read any setting, lists and exports of settings contain it, and its audit log does not
#   tell a read of a secret from one of a log level.
# related_resources:
# - ref: https://docs.aws.amazon.com/systems-manager/latest/userguide/secure-string-parameter-kms-encryption.html
#   description: SecureString parameters, AWS
# - ref: https://learn.microsoft.com/azure/azure-app-configuration/use-key-vault-references-dotnet-core
#   description: Key Vault references in App Configuration, Azure
# - ref: https://cloud.google.com/secret-manager/parameter-manager/docs/reference-secrets-in-parameter
#   description: References to secrets in Parameter Manager, Google Cloud
# custom:
#   severity: high
#   remediation: >-
#     Put the value into the platform's secret store and keep its name here: a `SecureString` parameter with a key of one's own or
#     Secrets Manager, a Key Vault reference in App Configuration, a reference to a secret in Parameter Manager. Then change the
#     value.
#   references: [CWE-312, CWE-522]
#   covers:
#     - CKV2_AWS_34
#     - CKV_AZURE_73
#   aliases: []
package secretlint.value.plain_parameter

import rego.v1

import data.secretlint.lib.exposures
import data.secretlint.lib.result

findings contains finding if {
	some exposure in exposures.of_kind("parameter")
	message := sprintf("this setting is a secret value, and is kept as plain text%s", [exposures.through(exposure)])
	finding := result.inside(exposure, exposure.path, message)
}
