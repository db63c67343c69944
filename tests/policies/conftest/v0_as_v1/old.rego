# `v0/old.rego` in the language that the OPA of the wheel reads, by hand.
package main

import data.lib.old as lib

deny contains msg if {
	some resource in lib.resources
	resource.change.after.policy
	msg := sprintf("%s has a policy", [resource.address])
}

deny contains msg if {
	some resource in lib.resources
	not resource.change.after
	msg := sprintf("%s goes", [resource.address])
}

warn_count contains {"msg": msg, "count": n} if {
	n := count(lib.resources)
	n > 1
	msg := sprintf("%d resources", [n])
}

exception contains ["count"] if {
	some resource in lib.resources
	startswith(resource.type, "kubernetes_")
}
