package secretlint.lib.oidc_test

import rego.v1

import data.secretlint.lib.oidc
import data.secretlint.lib.samples_test as samples

test_values_that_let_anybody_in if {
	every value in [
		"*", "repo:*", "repo:*:ref:refs/heads/main", "repo:example*", "repo:example*/orders:*", "repo:*/orders:ref:refs/heads/main",
		"*:ref:refs/heads/main", "project_path:*", "organization:*:project:p:workspace:w:run_phase:apply",
		"system:serviceaccount:*", "system:serviceaccount:*:*", "?epo:x",
	] {
		oidc.circle(_github, _bound("sub", [value])) == "anybody"
	}
	oidc.circle(_github, _bound("repository", ["*/orders"])) == "anybody"
}

test_values_that_let_an_organisation_in if {
	every value in ["repo:example/*", "repo:example/*:ref:refs/heads/main", "repo:example/*:environment:production"] {
		oidc.circle(_github, _bound("sub", [value])) == "organisation"
	}
	oidc.circle(_gitlab, _bound("sub", ["project_path:example/*:ref_type:branch:ref:main"])) == "organisation"
	oidc.circle(_github, _bound("repository_owner", ["example"])) == "organisation"
	oidc.circle(_github, _bound("assertion.repository", ["example/*"])) == "organisation"
}

test_values_that_name_somebody if {
	every value in [
		"repo:example/orders:ref:refs/heads/main", "repo:example/orders:*", "repo:example/orders-*:environment:production",
		"system:serviceaccount:orders:*", "organization:example:project:p:workspace:w:run_phase:apply", "repository_owner:example:x",
	] {
		oidc.circle(_github, _bound("sub", [value])) == "somebody"
	}
	oidc.circle(_github, _bound("job_workflow_ref", ["example/ci/.github/workflows/deploy.yml@refs/heads/main"])) == "somebody"
}

test_the_widest_value_counts if {
	oidc.circle(_github, _bound("sub", ["repo:example/orders:*", "repo:*"])) == "anybody"
	oidc.circle(_github, _bound("sub", ["repo:example/orders:*", "repo:example/*"])) == "organisation"
}

test_claims_that_do_not_say_who if {
	every claim in ["aud", "ref", "environment", "event_name", "bound_audiences", "token.actions.githubusercontent.com:aud"] {
		not oidc.says_who(_github, _bound(claim, ["x"]))
		oidc.circle(_github, _bound(claim, ["x"])) == "anybody"
	}
}

test_claims_are_known_by_their_last_word if {
	every claim in [
		"sub", "assertion.sub", "google.subject", "bound_subject", "token.actions.githubusercontent.com:sub", "/repository",
		"attribute.repository",
	] {
		oidc.says_who(_github, _bound(claim, ["x"]))
	}
}

test_any_claim_says_who_at_an_issuer_of_ones_own if {
	own := samples.trust({"issuer": "login.example.com"})
	oidc.circle(own, _bound("groups", ["orders"])) == "somebody"
	oidc.circle(own, _bound("sub", ["repo:example/*"])) == "somebody"
	oidc.circle(own, _bound("aud", ["orders"])) == "anybody"
	oidc.circle(samples.trust({"issuer": null}), _bound("ref", ["main"])) == "somebody"
}

test_a_binding_narrows_again_in_google_cloud if {
	trust := samples.trust({"platform": "google", "issuer": "https://token.actions.githubusercontent.com"})
	oidc.circle(trust, _bound("assertion.repository_owner", ["example"])) == "somebody"
	oidc.circle(trust, _bound("assertion.repository", ["*"])) == "anybody"
}

test_anybody_in_words if {
	oidc.anybody(_github) == "anybody with an account at `token.actions.githubusercontent.com`"
	oidc.anybody({"issuer": "oidc.eks.eu-central-1.amazonaws.com/id/A"}) == "whoever gets a token of `oidc.eks.eu-central-1.amazonaws.com/id/A`"
	oidc.anybody({"issuer": null}) == "whoever gets a token of the issuer"
}

_github := samples.trust({})

_gitlab := samples.trust({"issuer": "https://gitlab.com"})

_bound(claim, values) := {"claim": claim, "values": values, "path": []}
