# METADATA
# title: A secret store can be reached from any network
# description: >-
#   Then one stolen token is enough, from anywhere: the attacker needs no foothold in your network, and nothing but the audit log shows that
#   the reader sat somewhere else. A store is asked by workloads whose network is known, so a list of networks or a private endpoint costs
#   little. Reported are stores whose configuration lets every network in; one that says nothing about a platform's default that lets nobody
#   in is not reported, and neither are stores that have no such setting.
# related_resources:
# - ref: https://learn.microsoft.com/azure/key-vault/general/network-security
#   description: Networks that may reach an Azure Key Vault
# - ref: https://learn.microsoft.com/azure/key-vault/general/private-link-service
#   description: Private endpoints of Azure Key Vault
# custom:
#   severity: medium
#   remediation: >-
#     Shut the store for networks you do not name: `network_acls { default_action = "Deny" }` with the networks of those who read, or
#     `public_network_access_enabled = false` and a private endpoint. Give Terraform's own runner an address from that list.
#   references: [CWE-284, CIS Azure 8.7, NIST SP 800-53 SC-7]
#   covers: [CKV_AZURE_109, CKV_AZURE_189, CKV2_AZURE_32, AZU-0013]
#   aliases: []
package secretlint.storage.public_network

import rego.v1

import data.secretlint.lib.facts
import data.secretlint.lib.result

findings contains finding if {
	some store in facts.declared(input.stores)
	store.public_network == true
	finding := result.about(store, "public_network", "every network can reach this store")
}

undetermined contains finding if {
	some store in facts.declared(input.stores)
	facts.is_unknown(store, "public_network")
	finding := result.about(store, "public_network", "which networks can reach this store is decided at apply")
}
