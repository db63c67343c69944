# METADATA
# title: A secret value is given to a CI system
# description: >-
#   A variable of a CI system reaches every job that may run there, and with it the code of every dependency and every contributor whose
#   pipeline runs. One that is not masked or marked as secret is shown in settings and logs besides. The value was in the plan and in
#   the state before it got there, whatever the CI system does to guard it.
# related_resources:
# - ref: https://docs.github.com/actions/security-for-github-actions/security-guides/using-secrets-in-github-actions
#   description: Secrets of GitHub Actions
# - ref: https://docs.gitlab.com/ci/variables/#cicd-variable-security
#   description: What masks and protects a variable, GitLab
# - ref: https://developer.hashicorp.com/terraform/language/manage-sensitive-data
#   description: What the state holds
# custom:
#   severity: high
#   remediation: >-
#     Let the job log in with the token that the CI system signs for it (OpenID Connect) and fetch the secret from its store, so that
#     no value is kept there. Where a variable has to be, mark it as sensitive or as masked and protected, and pass it by a write-only
#     argument or encrypted beforehand (`encrypted_value`).
#   references: [CWE-522, CWE-312]
#   covers:
#     - CKV_GIT_4
#     - GIT-0002
#   aliases: []
package secretlint.value.in_ci_variable

import rego.v1

import data.secretlint.lib.exposures
import data.secretlint.lib.facts
import data.secretlint.lib.result

findings contains finding if {
	some exposure in exposures.of_kind("ci_variable")
	finding := _advised(exposure, result.inside(exposure, exposure.path, _message(exposure)))
}

_message(exposure) := "whoever reads the settings or logs of this CI system sees a secret value here" if {
	exposure.hidden == false
} else := "a secret value is written here and given to every job that may use this variable" if {
	exposure.value_source == "literal"
} else := "a secret value is kept in the state here and given to every job that may use this variable"

_advised(exposure, finding) := finding if facts.absent(exposure, "write_only_alternative")

_advised(exposure, finding) := result.helped(finding, message) if {
	not facts.absent(exposure, "write_only_alternative")
	message := sprintf("`%s` keeps the value out of the state", [exposure.write_only_alternative])
}
