# METADATA
# title: A secret is delivered as an environment variable instead of a file
# description: >-
#   The value comes from a store, which is good; but an environment is inherited by every child process, printed by crash reports and debug
#   pages, shown by `docker inspect` and `/proc`, and stays what it was until the process ends. A file in memory can be read by one user, is not
#   handed on, and changes when the secret does. Reported are variables that are filled from a store where the platform can mount a file as well.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/configuration/secret/
#   description: Secrets as files in Kubernetes
# - ref: https://cloud.google.com/run/docs/configuring/services/secrets
#   description: Secrets as volumes in Cloud Run
# - ref: https://learn.microsoft.com/azure/container-apps/manage-secrets
#   description: Secrets as volumes in Azure Container Apps
# custom:
#   severity: low
#   remediation: >-
#     Mount the secret as a file and give the program the path, as most images accept it: `POSTGRES_PASSWORD_FILE`. In Kubernetes use a volume
#     of kind `secret` or the CSI driver, in Cloud Run `volumes` with a `secret`, in Container Apps a volume of type `Secret`.
#   references: [CWE-526, CIS Kubernetes 5.4.1]
#   covers: [CKV_K8S_35, KICS-6d8f1a10, core_no_secrets_envs]
#   aliases: []
package secretlint.delivery.environment_instead_of_file

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result

findings contains finding if {
	some delivery in facts.declared(input.deliveries)
	delivery.kind == "environment"
	delivery.file_possible
	finding := result.inside(delivery, delivery.path, sprintf("%s filled from a secret, which could be a file", [_subject(delivery)]))
}

_subject(delivery) := sprintf("the variable `%s` is", [delivery.name]) if {
	is_string(delivery.name)
} else := "environment variables are"
