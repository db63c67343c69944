"""Packs of policies for the figures: 131 files as the largest pack that is known has (Azure's), and 163 rules as the pack of this project
will have one day. Both are variations of the bundled rules, so that they ask what real rules ask; `benches/run` calls this."""

import json
import re
import statistics

FILES_OF_PACK = 131
RULES_IN_ALL = 163


def bundled_rules(root):
    """Text by file, of the rules in the tree."""
    rules = {}
    for path in sorted((root / "policies").glob("*/*.rego")):
        text = path.read_text()
        if not path.name.endswith("_test.rego") and re.search(r"^findings contains", text, re.M):
            rules[path.stem] = text
    return rules


def write_pack(root, folder, count):
    """`count` files with one rule each, in folders of twenty."""
    rules = list(bundled_rules(root).items())
    for number in range(count):
        name, text = rules[number % len(rules)]
        text = re.sub(r"^package \S+", f"package team.{name}_{number}", text, count=1, flags=re.M)
        text = re.sub(r"^#   aliases:.*\n(#   - .*\n)*", "", text, flags=re.M)
        # No two variations are the same to an engine that would notice.
        text = text.replace('message := "', f'message := "{number}: ').replace("sprintf(\"", f"sprintf(\"{number}: ")
        path = folder / f"group{number // 20}" / f"{name}_{number}.rego"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


CONFTEST_RULE = """package main

import data.lib.plan

# METADATA
# title: Rule {number}
deny_rule_{number} contains msg if {{
	some resource in plan.changed
	startswith(resource.type, "{type}")
	_is_bad_{number}(resource.change.after)
	msg := sprintf("%s: attribute {number} is not set", [resource.address])
}}

_is_bad_{number}(after) if not after.attribute_{number}

_is_bad_{number}(after) if after.attribute_{number} == ""
"""
CONFTEST_LIBRARY = """package lib.plan

changed := [resource |
	some resource in input.resource_changes
	resource.mode == "managed"
	some action in resource.change.actions
	action in {"create", "update"}
]
"""
TYPES = ["aws_secretsmanager_secret_policy", "aws_kms_key", "azurerm_key_vault", "google_secret_manager", "vault_"]


def write_conftest_pack(folder, count):
    """`count` files for conftest on the raw plan: a library and rules."""
    folder.mkdir(parents=True)
    (folder / "plan.rego").write_text(CONFTEST_LIBRARY)
    for number in range(count - 1):
        text = CONFTEST_RULE.format(number=number, type=TYPES[number % len(TYPES)])
        (folder / f"rule_{number}.rego").write_text(text)
    return folder


def empty_plan(scratch):
    plan = scratch / "empty.json"
    plan.write_text(json.dumps({"format_version": "1.2", "terraform_version": "1.15.5", "resource_changes": []}))
    return plan


def measure(root, scratch, program, big_plan, measured, figure):
    """`measured` runs a command: seconds, memory, exit status. `big_plan` is a path."""
    def median(arguments, runs):
        results = [measured([program, "--format", "json", *arguments]) for _ in range(runs)]
        if any(code not in (0, 1) for _, _, code in results):
            raise SystemExit(f"secretlint could not evaluate {arguments}")
        return statistics.median(one[0] for one in results), max(one[1] for one in results)

    pack = write_pack(root, scratch / "pack", FILES_OF_PACK)
    conftest = write_conftest_pack(scratch / "conftest", FILES_OF_PACK)
    empty = empty_plan(scratch)
    alone, _ = median([empty], 15)
    figure("secretlint, cold start, bundled rules", f"{alone * 1000:.0f} ms", "", "a plan without a change, median of 15")
    for title, option, folder in (("--policy", "--policy", pack), ("--conftest", "--conftest", conftest)):
        seconds, _ = median([empty, option, folder], 15)
        figure(f"secretlint, cold start, {FILES_OF_PACK} files more by {title}", f"{seconds * 1000:.0f} ms", "<= 60 ms",
               "the same plan, median of 15")
    more = RULES_IN_ALL - len(bundled_rules(root))
    whole = write_pack(root, scratch / "whole", more)
    size = big_plan.stat().st_size / 1e6
    for title, arguments, aim in (
        ("bundled rules", [big_plan], ""),
        (f"{RULES_IN_ALL} rules", [big_plan, "--policy", whole], "<= 2 s"),
        (f"bundled rules and {FILES_OF_PACK} files for conftest", [big_plan, "--conftest", conftest], "<= 2 s"),
    ):
        seconds, memory = median(arguments, 3)
        figure(f"secretlint, {size:.0f} MB plan, {title}", f"{seconds:.2f} s", aim, f"median of 3, {memory:.0f} MB at most")
