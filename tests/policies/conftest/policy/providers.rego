package main

deny_provider contains msg if {
	some provider, count in providers
	not provider in data.limits.providers
	msg := sprintf("%s is used %d times and is not approved", [provider, count])
}

providers[provider] := count(resources) if {
	some provider in {resource.provider_name | some resource in input.resource_changes}
	resources := [resource.address | some resource in input.resource_changes; resource.provider_name == provider]
}
