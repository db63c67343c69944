# METADATA
# title: A rotated secret does not reach those who use it
# description: >-
#   A rotation is worth what the slowest reader makes of it. Where a workload gets the value once, at its start or with a deployment, it goes on
#   with the old one for weeks, and the day on which the old one ends is an outage. Reported are deliveries that do not follow a new value:
#   variables, files that are mounted in a way that is not updated, drivers whose refresh is switched off. A variable that could be a file is
#   reported by `delivery.environment_instead_of_file` only.
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/configuration/secret/
#   description: Which mounted Secrets are updated in Kubernetes
# - ref: https://learn.microsoft.com/azure/aks/csi-secrets-store-configuration-options
#   description: Autorotation of mounted secrets in Azure Kubernetes Service
# - ref: https://cloud.google.com/run/docs/configuring/services/secrets
#   description: When Cloud Run reads a secret
# custom:
#   severity: low
#   remediation: >-
#     Mount without `sub_path`, name `latest` for a volume of Cloud Run, switch on the refresh of the driver (`secret_rotation_enabled` in AKS,
#     `refreshInterval` of an ExternalSecret) or a reloader that restarts the workload. Let the program read the file again when a login fails.
#   references: [CWE-324, NIST SP 800-53 IA-5]
#   covers: [CKV_AZURE_172]
#   aliases: []
package secretlint.delivery.no_refresh

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result

findings contains finding if {
	some delivery in _deliveries
	delivery.refreshes == false
	message := sprintf("a new value of the secret does not reach %s before the next deployment", [_reader(delivery)])
	finding := result.inside(delivery, delivery.path, message)
}

undetermined contains finding if {
	some delivery in _deliveries
	facts.is_unknown(delivery, "refreshes")
	message := sprintf("whether a new value of the secret reaches %s is decided at apply", [_reader(delivery)])
	finding := result.inside(delivery, delivery.path, message)
}

_deliveries := [delivery |
	some delivery in facts.declared(input.deliveries)
	not _is_reported_as_variable(delivery)
]

_is_reported_as_variable(delivery) if {
	delivery.kind == "environment"
	delivery.file_possible
}

_reader(delivery) := sprintf("the %s `%s`", [_named[delivery.kind], delivery.name]) if {
	is_string(delivery.name)
} else := sprintf("this %s", [_named[delivery.kind]])

_named := {"environment": "variable", "file": "volume", "object": "Kubernetes Secret"}
