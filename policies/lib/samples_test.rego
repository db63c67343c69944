# Facts for the tests of the rules: whole and unremarkable, so that a test states only what it is about.
package secretlint.lib.samples_test

import rego.v1

secret(changes) := _with(
	{
		"kind": "secret", "store": "aws_secretsmanager", "name": "prod/orders/db", "description": "Orders service database login",
		"owner": "team-orders", "tags": {"owner": "team-orders"}, "kms_key": "alias/orders", "customer_key_supported": true,
		"recovery_window_days": 30, "recovery_supported": true, "expires_at": null, "rotation_expected": true,
		"rotation_managed": false, "rotations": ["aws_secretsmanager_secret_rotation.main"], "rotation_maybe": false,
		"value_source": "write_only",
	},
	"aws_secretsmanager_secret", changes,
)

rotation(changes) := _with(
	{
		"target": "secret", "secret": "aws_secretsmanager_secret.main", "enabled": true, "period_days": 30,
		"schedule": "rate(30 days)", "strategy": "lambda", "keep_previous_seconds": null,
	},
	"aws_secretsmanager_secret_rotation", changes,
)

grant(changes) := _with(
	{
		"kind": "resource_policy", "effect": "allow", "statement": "Read", "principals": ["arn:aws:iam::123456789012:role/orders"],
		"access": ["read"], "actions_allowed": ["secretsmanager:GetSecretValue"],
		"resources": ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/db-??????"],
		"concerns_secrets": true, "negated": [], "condition_keys": [], "delegates_to_account": false,
		"expires_at": null, "reason": null,
	},
	"aws_secretsmanager_secret_policy", changes,
)

exposure(changes) := _with(
	{
		"kind": "literal", "path": ["password"], "detector": "sensitive-attribute", "encodings": [],
		"write_only_alternative": null, "value_source": "literal",
	},
	"aws_db_instance", changes,
)

credential(changes) := _with(
	{"kind": "static_cloud_key", "subject": "deployer", "expires_at": null, "path": []},
	"aws_iam_access_key", changes,
)

_with(fields, type, changes) := object.union(
	object.union(
		{
			"address": sprintf("%s.main", [type]), "type": type, "mode": "managed", "platform": "aws",
			"actions": ["create"], "unknown": [], "paths": {},
		},
		fields,
	),
	changes,
)
