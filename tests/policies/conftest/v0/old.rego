package main

import data.lib.old as lib

deny[msg] {
	resource := lib.resources[_]
	resource.change.after.policy
	msg = sprintf("%s has a policy", [resource.address])
} {
	resource := lib.resources[_]
	not resource.change.after
	msg = sprintf("%s goes", [resource.address])
}

warn_count[{"msg": msg, "count": n}] {
	n := count(lib.resources)
	n > 1
	msg := sprintf("%d resources", [n])
}

exception[rules] {
	any([startswith(resource.type, "kubernetes_") | resource := lib.resources[_]])
	rules = ["count"]
}
