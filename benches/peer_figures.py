"""The linter beside what people use now, on the same generated plan in the same run: Checkov, Trivy, conftest and OPA. Ratios, because
machines differ; `benches/run` calls this.

Checkov is installed below `.tools/` for it. The others are measured where they are on PATH. A plan of full size is first tried at a tenth:
a program that takes too long for that is not asked again, and says so.
"""

import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import policy_figures

CHECKOV = "3.3.30"
PATIENCE = 300
"""Seconds after which a peer is stopped."""
RULES = 60
"""Rules of the pack for conftest and OPA: as many as the linter brings along."""


def checkov(tools):
    """The program, installed on first use: of its hundred dependencies only its own version is pinned, because nothing but time is taken
    from it."""
    present = shutil.which("checkov")
    if present:
        return present
    folder = tools / f"checkov-{CHECKOV}"
    program = folder / "bin" / "checkov"
    if not program.exists():
        try:
            subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True)
            subprocess.run([folder / "bin" / "pip", "install", "--quiet", f"checkov=={CHECKOV}"], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"  checkov cannot be installed here ({error}): it is left out", flush=True)
            shutil.rmtree(folder, ignore_errors=True)
            return None
    return program


def commands(scratch, tools):
    """Peer by name: its command without the plan, and whether its pack is its own or the one for conftest."""
    pack = policy_figures.write_conftest_pack(scratch / "peers", RULES)
    found = {}
    program = checkov(tools)
    if program:
        # Without a network: the guidelines that it would fetch are not needed for its checks.
        found["checkov"] = [program, "--quiet", "--compact", "--skip-download", "--framework", "terraform_plan", "--output", "json", "--file"]
    for name, command in (
        ("trivy", ["trivy", "config", "--quiet", "--skip-check-update", "--format", "json"]),
        ("conftest", ["conftest", "test", "--policy", pack, "--output", "json"]),
        ("opa", ["opa", "eval", "--data", pack, "--format", "json", "data.main", "--input"]),
    ):
        if shutil.which(name):
            found[name] = command
        else:
            print(f"  {name} is not on PATH: it is left out", flush=True)
    return found, pack


def measure(scratch, tools, release, changes, bytes_per_change, measured, figure):
    """`measured` runs a command: seconds, memory, exit status."""
    found, pack = commands(scratch, Path(tools))
    environment = dict(os.environ, BC_SKIP_MAPPING="TRUE", CHECKOV_RUN_SCA_PACKAGE_SCAN_V2="false", LOG_LEVEL="ERROR")

    def timed(command):
        seconds, memory, code = measured(["timeout", str(PATIENCE), *command], stderr=subprocess.DEVNULL, env=environment)
        if command[0] == release / "secretlint" and code not in (0, 1):
            raise SystemExit(f"secretlint could not evaluate {command[-1]}")
        return (None if code == 124 else seconds), memory

    for number in (changes // 10, changes):
        plan = scratch / f"peers-{number}.json"
        with open(plan, "wb") as target:
            subprocess.run([release / "examples" / "generate_plan", str(number), bytes_per_change], stdout=target, check=True)
        size = plan.stat().st_size / 1e6
        title = f"{size:.0f} MB plan"
        ours, memory = own(timed, [release / "secretlint", "--format", "json", plan])
        pack_ours, pack_memory = own(timed, [release / "secretlint", "--format", "json", "--conftest", pack, "--rule", "main.*", plan])
        figure(f"secretlint, {title}, its rules", f"{ours:.2f} s", "", f"median of 3, {memory:.0f} MB")
        figure(f"secretlint, {title}, {RULES} files for conftest", f"{pack_ours:.2f} s", "", f"median of 3, {pack_memory:.0f} MB")
        for name, command in list(found.items()):
            seconds, its_memory = timed([*command, plan])
            mine = pack_ours if name in ("conftest", "opa") else ours
            if seconds is None:
                figure(f"{name}, {title}", f"> {PATIENCE} s", "", f"stopped; at least {PATIENCE / mine:.0f} times secretlint's, {its_memory:.0f} MB")
                del found[name]
            else:
                figure(f"{name}, {title}", f"{seconds:.2f} s", "", f"{seconds / mine:.1f} times secretlint's, {its_memory:.0f} MB")


def own(timed, command):
    results = [timed(command) for _ in range(3)]
    return statistics.median(seconds for seconds, _ in results), max(memory for _, memory in results)
