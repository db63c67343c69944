package secretlint.credential.unbounded_role_test

import rego.v1

import data.secretlint.credential.unbounded_role
import data.secretlint.lib.samples_test as samples

test_reports_role_without_bounds if {
	names := {
		"approle": "whoever knows the role's id", "certificate": "the holder of any certificate of the authority",
		"cloud": "any identity of the cloud", "kubernetes": "every workload of the cluster",
		"password": "whoever knows the name", "other": "whoever reaches this auth method",
	}
	every kind, name in names {
		_findings({"kind": kind, "bounds": []}) == {_finding([], sprintf("%s may log in with this role", [name]))}
	}
}

test_reports_wildcards_in_every_bound if {
	_findings({"bounds": [_bound("names", ["*"]), _bound("namespaces", ["*"])]}) == {
		_finding(["names"], "every workload of the cluster may log in with this role"),
	}
}

test_reports_wildcard_among_names if {
	_findings({"bounds": [_bound("names", ["orders", "*"])]}) == {
		_finding(["names"], "every workload of the cluster may log in with this role"),
	}
}

test_reports_any_address if {
	_findings({"kind": "approle", "bounds": [_bound("cidrs", ["0.0.0.0/0", "::/0"])]}) == {
		_finding(["cidrs"], "whoever knows the role's id may log in with this role"),
	}
}

test_reports_where_bounds_would_stand if {
	_findings({"bounds": [], "paths": {"bounds": ["bound_iam_principal_arns"]}}) == {
		_finding(["bound_iam_principal_arns"], "every workload of the cluster may log in with this role"),
	}
}

test_accepts_one_bound_that_names_somebody if {
	_findings({"bounds": [_bound("names", ["orders"]), _bound("namespaces", ["*"])]}) == set()
	_findings({"kind": "approle", "bounds": [_bound("bind_secret_id", ["true"])]}) == set()
	_findings({"kind": "approle", "bounds": [_bound("cidrs", ["10.0.0.0/8"])]}) == set()
	_findings({"kind": "cloud", "bounds": [_bound("arns", ["arn:aws:iam::123456789012:role/orders-*"])]}) == set()
}

test_accepts_bound_whose_value_cannot_be_told if _findings({"bounds": [_bound("names", [])]}) == set()

test_leaves_issuers_of_tokens_to_their_rule if _findings({"kind": "oidc", "bounds": []}) == set()

test_accepts_deleted_role if _findings({"bounds": [], "actions": ["delete"]}) == set()

test_accepts_role_with_null_issuer if _findings({"issuer": null, "bounds": [_bound("names", ["orders"])]}) == set()

test_undetermined_when_unknown_after_apply if {
	changes := {"bounds": [], "unknown": ["bounds"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding([], "who may log in with this role is decided at apply")}
}

test_determined_when_another_bound_names_somebody if {
	_undetermined({"bounds": [_bound("names", ["orders"])], "unknown": ["bounds"]}) == set()
	_undetermined({"bounds": []}) == set()
}

_bound(claim, values) := {"claim": claim, "values": values, "path": [claim]}

_findings(changes) := said if {
	said := unbounded_role.findings with input.trusts as [_trust(changes)]
}

_undetermined(changes) := said if {
	said := unbounded_role.undetermined with input.trusts as [_trust(changes)]
}

_trust(changes) := samples.trust(object.union({"kind": "kubernetes", "platform": "vault", "issuer": null}, changes))

_finding(path, message) := {"address": "aws_iam_role.main", "path": path, "message": message}
