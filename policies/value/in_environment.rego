# METADATA
# title: A secret value is in an environment variable or ConfigMap
# description: >-
#   The environment of a function, task or pod is part of its description: whoever may describe it reads the value, without any right to
#   the secret and without a trace in the secret's audit log. Processes inherit it, crash reports and debug pages print it, and it
#   stays as it was when the secret is rotated. A ConfigMap is neither encrypted nor guarded like a Secret.
# related_resources:
# - ref: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html
#   description: Secrets of an ECS task
# - ref: https://docs.aws.amazon.com/lambda/latest/dg/with-secrets-manager.html
#   description: Secrets of a Lambda function
# - ref: https://kubernetes.io/docs/concepts/configuration/secret/
#   description: Secrets of a pod
# custom:
#   severity: high
#   remediation: >-
#     Pass the secret's name and let the workload read it with its own role: `secrets` with `valueFrom` in an ECS container, the ARN
#     and a call (or the Secrets Manager extension) in Lambda, `secret_key_ref` or a mounted Secret in Kubernetes. The function
#     `ecs_secrets` of the `secret` provider writes the first of these.
#   references: [CWE-526, CWE-522, AWS FSBP ECS.8]
#   covers:
#     - CKV_AWS_45
#     - CKV_AZURE_235
#     - AWS-0036
#     - KSV-0109
#     - KSV-01010
#     - awslambda_function_no_secrets_in_variables
#     - ecs_task_definitions_no_environment_secrets
#   aliases: []
package secretlint.value.in_environment

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result

findings contains finding if {
	some exposure in facts.remaining(input.exposures)
	message := _messages[exposure.kind]
	finding := result.inside(exposure, exposure.path, message)
}

_messages := {
	"environment": "whoever may describe this workload reads a secret value here",
	"config_map": "whoever may read this ConfigMap reads a secret value here",
}
