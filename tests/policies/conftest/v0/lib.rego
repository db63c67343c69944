package lib.old

resources = [resource | resource := input.resource_changes[_]]
