# METADATA
# title: Nothing rotates a secret
# description: >-
#   A value that never changes stays good for whoever copied it once: a former colleague, a backup, an old CI log. Rotation on a schedule
#   puts an end to every leak nobody noticed, and proves that the value can be changed at all before an incident demands it. Reported
#   are secrets that hold a value and are named by no rotation of the plan; one that is switched off is reported by `rotation.disabled`.
#   Not reported are stores without rotation (SSM parameters, Kubernetes Secrets) and secrets that a service rotates by itself, such as a
#   master password that RDS manages.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html
#   description: Rotation in AWS Secrets Manager
# - ref: https://cloud.google.com/secret-manager/docs/secret-rotation
#   description: Rotation schedules in Google Secret Manager
# - ref: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
#   description: Master passwords that RDS makes and rotates
# custom:
#   severity: medium
#   remediation: >-
#     Add a `secret_rotation` (the provider rotates at apply, when due) or an `aws_secretsmanager_secret_rotation`. For a database,
#     prefer `manage_master_user_password = true`: RDS then makes, keeps and rotates the login. Where somebody else rotates the
#     value, declare the secret without one.
#   references: [CWE-262, AWS FSBP SecretsManager.1]
#   covers: [CKV2_AWS_57, secretsmanager_automatic_rotation_enabled, secretmanager_secret_rotation_enabled]
#   aliases: []
package secretlint.rotation.missing

import rego.v1

import data.secretlint.lib.result
import data.secretlint.lib.secrets

findings contains finding if {
	some secret in _expected
	count(secret.rotations) == 0
	not secret.rotation_maybe
	finding := result.at(secret, [], "no rotation in this plan names this secret")
}

undetermined contains finding if {
	some secret in _expected
	count(secret.rotations) == 0
	secret.rotation_maybe
	finding := result.at(secret, [], "a rotation in this plan may name this secret; which one it names is decided at apply")
}

_expected := [secret |
	some secret in secrets.declared
	secret.rotation_expected
	not secret.rotation_managed
]
