package secretlint.lib.principals_test

import rego.v1

import data.secretlint.lib.principals

test_allowed_principals_are_names_or_beginnings if {
	configured := ["allUsers", "arn:aws:iam::123456789012:role/ci-*"]
	every principal in ["allUsers", "arn:aws:iam::123456789012:role/ci-deploy"] {
		principals.is_allowed(principal) with input.config.thresholds.allowed_principals as configured
	}
	every principal in ["*", "allAuthenticatedUsers", "arn:aws:iam::123456789012:role/orders"] {
		not principals.is_allowed(principal) with input.config.thresholds.allowed_principals as configured
	}
}

test_trusted_accounts_are_words_of_a_principal if {
	configured := ["123456789012", "orders-prod", "11111111-2222-3333-4444-555555555555"]
	every principal in [
		"123456789012",
		"arn:aws:iam::123456789012:role/ci",
		"serviceAccount:ci@orders-prod.iam.gserviceaccount.com",
		"11111111-2222-3333-4444-555555555555/ci",
	] {
		principals.is_trusted(principal) with input.config.thresholds.trusted_accounts as configured
	}
	every principal in ["arn:aws:iam::210987654321:role/123456789012x", "serviceAccount:ci@orders.iam.gserviceaccount.com"] {
		not principals.is_trusted(principal) with input.config.thresholds.trusted_accounts as configured
	}
}
