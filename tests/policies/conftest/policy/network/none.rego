# METADATA
# title: A namespace that never says anything
# scope: package
package team.silent

deny contains "a plan has no format" if not input.format_version

violation contains sprintf("%v", [change.actions]) if {
	some resource in input.resource_changes
	change := resource.change
	"explode" in change.actions
}
