# Facts for the tests of the rules: whole and unremarkable, so that a test states only what it is about.
package secretlint.lib.samples_test

import rego.v1

secret(changes) := _with(
	{
		"kind": "secret", "store": "aws_secretsmanager", "name": "prod/orders/db", "description": "Orders service database login",
		"description_supported": true,
		"owner": "team-orders", "tags": {"owner": "team-orders"}, "kms_key": "alias/orders", "customer_key_supported": true,
		"recovery_window_days": 30, "recovery_supported": true, "purge_protection": null, "expires_at": null, "expiry_expected": false,
		"single_region": null, "dynamic_alternative": null, "rotation_expected": true,
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
		"kind": "resource_policy", "role": null, "effect": "allow", "statement": "Read", "principals": ["arn:aws:iam::123456789012:role/orders"],
		"access": ["read"], "actions_allowed": ["secretsmanager:GetSecretValue"],
		"resources": ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/db-??????"],
		"scope": null, "concerns_secrets": true, "administrator": false, "decrypts_only": false, "escalations": [],
		"foreign_principals": [], "negated": [], "condition_keys": [], "delegates_to_account": false,
		"expires_at": null, "reason": null,
	},
	"aws_secretsmanager_secret_policy", changes,
)

exposure(changes) := _with(
	{
		"kind": "literal", "path": ["password"], "detector": "sensitive-attribute", "encodings": [],
		"write_only_alternative": null, "value_source": "literal", "hidden": null,
	},
	"aws_db_instance", changes,
)

credential(changes) := _with(
	{
		"kind": "static_cloud_key", "subject": "deployer", "expires_at": null, "ttl_seconds": null, "ends": false, "renewed": false,
		"path": [],
	},
	"aws_iam_access_key", changes,
)

key(changes) := _with(
	{
		"store": "aws_kms", "rotation_enabled": true, "rotation_period_days": 365, "deletion_window_days": 30,
		"purge_protection": null, "expires_at": null, "expiry_expected": false,
	},
	"aws_kms_key", changes,
)

store(changes) := _with(
	{
		"kind": "key_vault", "name": "orders", "public_network": false, "purge_protection": true, "recovery_window_days": 90,
		"versioned": true, "secrets_encrypted": true, "audited": true, "audits": ["azurerm_monitor_diagnostic_setting.main"],
	},
	"azurerm_key_vault", changes,
)

audit(changes) := _with(
	{"kind": "trail", "enabled": true, "covers_secrets": true, "retention_days": 365},
	"aws_cloudtrail", changes,
)

delivery(changes) := _with(
	{
		"kind": "file", "name": "database", "secret": "orders-db", "path": ["spec", 0, "volume", 0], "file_possible": true,
		"refreshes": true,
	},
	"kubernetes_deployment_v1", changes,
)

removal(changes) := _with(
	{
		"kind": "secret", "store": "aws_secretsmanager", "actions": ["delete"], "replaced": false, "replaced_by": [],
		"recoverable": true, "recovery_window_days": 30, "holds_value": true,
	},
	"aws_secretsmanager_secret", changes,
)

generator(changes) := _with(
	{"kind": "random_password", "entropy_bits": 128, "shown": false, "feeds": ["aws_db_instance.main"]},
	"random_password", changes,
)

trust(changes) := _with(
	{
		"kind": "oidc", "issuer": "token.actions.githubusercontent.com",
		"bounds": [{
			"claim": "sub", "values": ["repo:example/orders:environment:production"],
			"path": ["assume_role_policy", "Statement", 0, "Condition"],
		}],
		"policies": [], "ttl_seconds": null,
	},
	"aws_iam_role", changes,
)

certificate(changes) := _with(
	{"validity_days": 90, "renewed": true},
	"azurerm_key_vault_certificate", changes,
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
