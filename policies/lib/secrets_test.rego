package secretlint.lib.secrets_test

import rego.v1

import data.secretlint.lib.samples_test as samples
import data.secretlint.lib.secrets

test_declared_are_those_that_stay_and_are_not_merely_read if {
	stays := samples.secret({})
	read := samples.secret({"mode": "data", "actions": ["read"]})
	deleted := samples.secret({"actions": ["delete"]})
	secrets.declared == [stays] with input.secrets as [stays, read, deleted]
}
