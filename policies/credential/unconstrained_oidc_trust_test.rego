package secretlint.credential.unconstrained_oidc_trust_test

import rego.v1

import data.secretlint.credential.unconstrained_oidc_trust
import data.secretlint.lib.samples_test as samples

test_reports_trust_without_bounds if {
	_findings({"bounds": []}) == {_finding([], "anybody with an account at `token.actions.githubusercontent.com` may take on this identity")}
}

test_reports_audience_alone if {
	_findings({"bounds": [_bound("aud", ["sts.amazonaws.com"])], "paths": {"bounds": ["assume_role_policy"]}}) == {_finding(
		["assume_role_policy"],
		"anybody with an account at `token.actions.githubusercontent.com` may take on this identity",
	)}
}

test_reports_wildcard_beyond_the_organisation if {
	every value in ["*", "repo:*", "repo:example*"] {
		_findings({"bounds": [_bound("aud", ["sts.amazonaws.com"]), _bound("sub", [value])]}) == {_finding(
			["sub"],
			"anybody with an account at `token.actions.githubusercontent.com` may take on this identity",
		)}
	}
}

test_reports_whole_organisation if {
	_findings({"bounds": [_bound("sub", ["repo:example/*"])]}) == {
		_finding(["sub"], "every repository of the organisation may take on this identity, with any workflow"),
	}
}

test_reports_pull_requests if {
	_findings({"bounds": [_bound("sub", ["repo:example/orders:pull_request"])]}) == {_finding(
		["sub"],
		"with `repo:example/orders:pull_request` a pull request that nobody has reviewed may take on this identity",
	)}
}

test_reports_cluster_without_subject if {
	_findings({"issuer": "oidc.eks.eu-central-1.amazonaws.com/id/A", "bounds": [_bound("aud", ["sts.amazonaws.com"])]}) == {
		_finding([], "whoever gets a token of `oidc.eks.eu-central-1.amazonaws.com/id/A` may take on this identity"),
	}
}

test_accepts_named_repository if {
	_findings({}) == set()
	_findings({"bounds": [_bound("sub", ["repo:example/orders:*"])]}) == set()
	_findings({"bounds": [_bound("repository", ["example/orders"])]}) == set()
}

test_accepts_organisation_with_a_named_workflow if {
	_findings({"bounds": [
		_bound("sub", ["repo:example/*"]),
		_bound("job_workflow_ref", ["example/ci/.github/workflows/deploy.yml@refs/heads/main"]),
	]}) == set()
}

test_accepts_bound_whose_value_cannot_be_told if _findings({"bounds": [_bound("sub", [])]}) == set()

test_accepts_service_account_of_a_cluster if {
	_findings({"issuer": "oidc.eks.eu-central-1.amazonaws.com/id/A", "bounds": [_bound("sub", ["system:serviceaccount:orders:orders"])]}) == set()
}

test_accepts_other_kinds_of_trust if _findings({"kind": "kubernetes", "bounds": []}) == set()

test_accepts_deleted_role if _findings({"bounds": [], "actions": ["delete"]}) == set()

test_reports_null_issuer if {
	_findings({"issuer": null, "bounds": []}) == {_finding([], "whoever gets a token of the issuer may take on this identity")}
}

test_undetermined_when_unknown_after_apply if {
	changes := {"bounds": [_bound("aud", ["sts.amazonaws.com"])], "unknown": ["bounds"]}
	_findings(changes) == set()
	_undetermined(changes) == {_finding([], "which tokens this identity trusts is decided at apply")}
}

test_determined_when_a_bound_names_somebody if {
	_undetermined({"unknown": ["bounds"]}) == set()
	_undetermined({"bounds": []}) == set()
}

_bound(claim, values) := {"claim": claim, "values": values, "path": [claim]}

_findings(changes) := said if {
	said := unconstrained_oidc_trust.findings with input.trusts as [samples.trust(changes)]
}

_undetermined(changes) := said if {
	said := unconstrained_oidc_trust.undetermined with input.trusts as [samples.trust(changes)]
}

_finding(path, message) := {"address": "aws_iam_role.main", "path": path, "message": message}
