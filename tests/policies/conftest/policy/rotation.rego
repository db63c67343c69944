package main

import data.lib.message
import data.lib.plan

deny_rotation contains message.at(resource, $"rotates every {days} days, the limit is {data.limits.rotation_days}") if {
	some resource in plan.of_type({"aws_secretsmanager_secret_rotation", "google_kms_crypto_key"})
	days := period(resource)
	days > data.limits.rotation_days
}

period(resource) := resource.change.after.rotation_rules[0].automatically_after_days

period(resource) := days if {
	text := resource.change.after.rotation_period
	is_string(text)
	seconds := to_number(trim_suffix(text, "s"))
	days := seconds / 86400
}
