"""What the figures of every store with a server have in common: many secrets by `terraform apply`, against a plain client on the
same server, and against Terraform alone with as many resources and a state as big."""

import socket
import subprocess
import time

WORKERS = 10


def configuration(block, number):
    """Many secrets in the store that `block` names."""
    return f"""
terraform {{
  required_providers {{
    secret = {{ source = "secretlint/secret" }}
  }}
}}
provider "secret" {{
{block}
}}
resource "secret" "many" {{
  count    = {number}
  name     = "many/${{count.index}}"
  owner    = "team"
  generate = {{ kind = "password", length = 32 }}
}}
"""


class Server:
    """A server's process on a free port of 127.0.0.1, ended by its process id."""

    def __init__(self, name, scratch, environment, command):
        """`command(port)` is what starts it."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.name = name
        self.log = open(scratch / f"{name}.log", "wb")
        self.process = subprocess.Popen(command(self.port), stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                        cwd=scratch, env=environment)

    def wait_until(self, answers):
        """Until `answers()` is true; it may fail while nobody listens yet."""
        for _ in range(400):
            try:
                if answers():
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise SystemExit(f"the {self.name} of the bench does not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.log.close()


class Apply:
    """An apply of a configuration with many secrets, and a plan without a change after it."""

    def __init__(self, store, text, terraform, memory):
        self.terraform = terraform
        ours = terraform(store, text)
        watch = memory()
        watch.start()
        self.seconds = ours.run("apply", "-auto-approve", f"-parallelism={WORKERS}")
        watch.stop.set()
        watch.join()
        self.plan_seconds = ours.run("plan")
        self.peak = watch.peak
        self.state_bytes = (ours.folder / "terraform.tfstate").stat().st_size

    def alone(self, store, number):
        """Terraform alone: it writes the whole state again after every resource, so the state has to be as big."""
        padding = max(1, self.state_bytes // number - 460)
        text = f'resource "terraform_data" "many" {{\n  count = {number}\n  input = "{"x" * (padding // 2)}"\n}}\n'
        return self.terraform(f"{store}-alone", text).run("apply", "-auto-approve", f"-parallelism={WORKERS}")


def report(store, number, plain, apply, figure, memory_aim):
    """Prints the figures of a store. `plain` is the time of the plain client, and how it worked."""
    seconds, how = plain
    alone = apply.alone(store, number)
    figure(f"{store}: {number} secrets by a plain client", f"{seconds:.1f} s", "", how)
    figure(f"{store}: apply of {number} secrets", f"{apply.seconds:.1f} s", "", f"-parallelism={WORKERS}, the same server")
    figure(f"{store}: apply of {number} terraform_data", f"{alone:.1f} s", "", "Terraform's own time, state as big")
    figure(f"{store}: ratio to the plain client", f"{apply.seconds / seconds:.2f}", "<= 1.5", "Terraform's own time included")
    figure(f"{store}: ratio without Terraform's own time", f"{max(0.0, apply.seconds - alone) / seconds:.2f}", "<= 1.5",
           "what the provider adds")
    figure(f"{store}: plan of {number} secrets without a change", f"{apply.plan_seconds:.1f} s", "", "")
    figure(f"{store}: peak memory of the provider", f"{apply.peak:.0f} MB", memory_aim, "VmHWM during the apply")
