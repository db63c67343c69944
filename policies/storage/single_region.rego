# METADATA
# title: A secret is kept in one region of several
# description: >-
#   What works in two regions so that one may fail does not work without its passwords. If those are kept in the first region only, its failure
#   stops the second as well, at the moment in which it is needed. Reported are secrets of one region where the configuration works in several,
#   and secrets that are pinned to one region of a store that would spread them. A copy in the second region by another resource is not seen if
#   it is made outside of the plan; a rule of residence is a good reason for one region.
# related_resources:
# - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html
#   description: Copies of a secret in other regions, in AWS Secrets Manager
# - ref: https://cloud.google.com/secret-manager/docs/choosing-replication
#   description: Where Google Secret Manager keeps a secret
# custom:
#   severity: low
#   remediation: >-
#     Let the store copy it: a `replica` block of an `aws_secretsmanager_secret` with a key of that region, `replication { auto {} }` or a second
#     entry of `user_managed` in a `google_secret_manager_secret`. If it has to stay in one region, say so in a waiver.
#   references: [NIST SP 800-53 CP-6, NIST SP 800-53 CP-9]
#   covers: []
#   aliases: []
package secretlint.storage.single_region

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result
import data.secretlint.lib.secrets

findings contains finding if {
	some secret in secrets.declared
	secret.single_region == true
	finding := result.about(secret, "single_region", "this secret is kept in one region only, and is gone for all while that region fails")
}

undetermined contains finding if {
	some secret in secrets.declared
	facts.is_unknown(secret, "single_region")
	finding := result.about(secret, "single_region", "in which regions this secret is kept is decided at apply")
}
