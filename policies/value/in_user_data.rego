# METADATA
# title: A secret value is in user data
# description: >-
#   User data is not encrypted and not secret: every process on the machine can ask the metadata service for it, whoever may describe the
#   instance or launch template reads it, and old launch template versions keep it. Base64 and gzip are ways of writing, and are looked
#   through here.
# related_resources:
# - ref: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
#   description: User data, and the warning not to put secrets in it
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets.html
#   description: How a machine fetches a secret
# custom:
#   severity: high
#   remediation: >-
#     Let the machine fetch the value with the role of its instance profile when it starts, and name only the secret in the script.
#     Change the value: it is in the history of the instance or template already.
#   references: [CWE-312, CWE-522]
#   covers:
#     - CKV_AWS_46
#     - CKV_AZURE_45
#     - AWS-0029
#     - AWS-0129
#     - AZU-0037
#     - KICS-443488f5
#     - ec2_instance_secrets_user_data
#     - ec2_launch_template_no_secrets
#   aliases: []
package secretlint.value.in_user_data

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result

findings contains finding if {
	some exposure in facts.remaining(input.exposures)
	exposure.kind == "user_data"
	finding := result.inside(exposure, exposure.path, _message(exposure))
}

_message(exposure) := "every process on the machine can read the secret value in this script" if {
	count(exposure.encodings) == 0
} else := sprintf("every process on the machine can read the secret value in this script, through %s", [
	concat(" and ", exposure.encodings),
])
