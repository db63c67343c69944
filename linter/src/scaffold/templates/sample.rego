
# A secret without anything unusual about it. `secretlint facts plan.json` shows whole ones.
_secret(changes) := object.union(
	{
		"address": "aws_secretsmanager_secret.main", "type": "aws_secretsmanager_secret", "mode": "managed",
		"actions": ["create"], "unknown": [], "paths": {}, "kind": "secret", "description": "Login of the orders service",
	},
	changes,
)
