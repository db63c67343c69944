# METADATA
# title: A fixed value where the platform offers one that does not last
# description: >-
#   The best secret is none: a login that the service makes and rotates by itself, a token that a workload gets for its identity and that ends
#   within the hour. Where a platform offers that, a password that somebody chose, stored and has to rotate is work and risk without a reason.
#   Reported are passwords and secrets for which the resource or its store has such an alternative and does not use it. A value that a
#   rotation of the plan changes is not reported.
# related_resources:
# - ref: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
#   description: Master passwords that RDS makes and rotates
# - ref: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html
#   description: Databases that accept an identity instead of a password
# - ref: https://developer.hashicorp.com/vault/docs/secrets/databases
#   description: Logins that Vault makes for each lease
# custom:
#   severity: low
#   remediation: >-
#     Use what the finding names: `manage_master_user_password = true` of a database in AWS, authentication by identity (IAM, Entra ID), a
#     database role of Vault. Then remove the value from the configuration and from wherever it was stored.
#   references: [CWE-262, CWE-798, OWASP Secrets Management 2.6]
#   covers: []
#   aliases: []
package secretlint.rotation.dynamic_available

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result
import data.secretlint.lib.secrets

findings contains finding if {
	some secret in _static
	is_string(secret.dynamic_alternative)
	message := sprintf("this value stays the same until somebody changes it, and %s is there instead", [_named(secret.dynamic_alternative)])
	finding := result.about(secret, "dynamic_alternative", message)
}

undetermined contains finding if {
	some secret in _static
	facts.is_unknown(secret, "dynamic_alternative")
	finding := result.about(secret, "dynamic_alternative", "whether the platform makes this value itself is decided at apply")
}

_static := [secret |
	some secret in secrets.declared
	not secret.rotation_managed
	count(secret.rotations) == 0
]

# An argument is one word, a way of doing it several.
_named(alternative) := alternative if {
	contains(alternative, " ")
} else := sprintf("`%s`", [alternative])
