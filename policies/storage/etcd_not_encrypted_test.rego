package secretlint.storage.etcd_not_encrypted_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.storage.etcd_not_encrypted

test_reports_cluster_without_a_key if {
	_findings({"secrets_encrypted": false}) == {_finding("no key of your own encrypts the Secrets of this cluster")}
}

test_points_to_the_attribute if {
	place := ["database_encryption", 0, "state"]
	{finding.path | some finding in _findings({"secrets_encrypted": false, "paths": {"secrets_encrypted": place}})} == {place}
}

test_accepts_key if _findings({"secrets_encrypted": true}) == set()

test_accepts_null if _findings({"secrets_encrypted": null}) == set()

test_accepts_store_that_is_no_cluster if _findings({"kind": "key_vault", "secrets_encrypted": false}) == set()

test_accepts_deleted_cluster if _findings({"secrets_encrypted": false, "actions": ["delete"]}) == set()

test_accepts_cluster_that_is_only_read if _findings({"secrets_encrypted": false, "mode": "data", "actions": ["read"]}) == set()

test_undetermined_when_unknown_after_apply if {
	changes := {"secrets_encrypted": null, "unknown": ["secrets_encrypted"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding("which key encrypts the Secrets of this cluster is decided at apply")}
}

test_determined_when_known if _undetermined({"secrets_encrypted": false}) == set()

_findings(changes) := said if {
	said := etcd_not_encrypted.findings with input.stores as [_cluster(changes)]
}

_undetermined(changes) := said if {
	said := etcd_not_encrypted.undetermined with input.stores as [_cluster(changes)]
}

_cluster(changes) := samples.store(object.union({"kind": "cluster", "address": "aws_eks_cluster.main"}, changes))

_finding(message) := {"address": "aws_eks_cluster.main", "path": [], "message": message}
