# METADATA
# title: A cluster keeps its Secrets without a key of your own
# description: >-
#   A Kubernetes Secret is base64 in the cluster's database. Disks are encrypted, but whoever reads the database, a snapshot or a backup of it
#   has every Secret, unless the API server encrypts them first with a key that is kept elsewhere (envelope encryption). With a key of your own
#   that key can be taken away when a copy gets out, and its log shows who decrypted. New clusters of some platforms encrypt with a key of the
#   platform's by themselves; what is reported is that none of yours is named.
# related_resources:
# - ref: https://docs.aws.amazon.com/eks/latest/userguide/envelope-encryption.html
#   description: Envelope encryption in Amazon EKS
# - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/encrypting-secrets
#   description: Encryption of Secrets in Google Kubernetes Engine
# - ref: https://learn.microsoft.com/azure/aks/use-kms-etcd-encryption
#   description: Encryption of Secrets in Azure Kubernetes Service
# - ref: https://kubernetes.io/docs/tasks/administer-cluster/kms-provider/
#   description: How Kubernetes asks a key service
# custom:
#   severity: medium
#   remediation: >-
#     Name a key: `encryption_config` with `resources = ["secrets"]` of an `aws_eks_cluster`, `database_encryption` of a
#     `google_container_cluster`, `key_management_service` of an `azurerm_kubernetes_cluster`. Secrets that are there already are encrypted when
#     they are written the next time.
#   references: [CWE-312, CIS EKS 5.3.1, CIS GKE 6.3.1, NIST SP 800-53 SC-28]
#   covers: [CKV_AWS_58, AWS-0039]
#   aliases: []
package secretlint.storage.etcd_not_encrypted

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result

findings contains finding if {
	some cluster in _clusters
	cluster.secrets_encrypted == false
	finding := result.about(cluster, "secrets_encrypted", "no key of your own encrypts the Secrets of this cluster")
}

undetermined contains finding if {
	some cluster in _clusters
	facts.is_unknown(cluster, "secrets_encrypted")
	finding := result.about(cluster, "secrets_encrypted", "which key encrypts the Secrets of this cluster is decided at apply")
}

_clusters := [store |
	some store in facts.declared(input.stores)
	store.kind == "cluster"
]
