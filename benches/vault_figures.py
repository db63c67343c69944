"""The figures of the `vault` store: many secrets by `terraform apply`, against the same server written by a plain concurrent
HTTP client, and against Terraform alone. `benches/run` calls this; the server is the pinned OpenBao in dev mode."""

import http.client
import json
import secrets
import time
from concurrent.futures import ThreadPoolExecutor

import store_figures
from store_figures import WORKERS

TOKEN = "root-of-the-bench"


class OpenBao(store_figures.Server):
    """A dev server."""

    def __init__(self, program, scratch):
        command = lambda port: [program, "server", "-dev", "-dev-no-store-token", f"-dev-root-token-id={TOKEN}",
                                f"-dev-listen-address=127.0.0.1:{port}"]
        super().__init__("openbao", scratch, {"HOME": str(scratch), "PATH": "/usr/bin:/bin"}, command)
        self.wait_until(lambda: self.request(http.client.HTTPConnection("127.0.0.1", self.port), "GET", "sys/health")[0] == 200)

    def request(self, connection, method, path, body=None):
        """One request: the status and the body."""
        connection.request(method, f"/v1/{path}", json.dumps(body) if body is not None else None, {"X-Vault-Token": TOKEN})
        answer = connection.getresponse()
        return answer.status, answer.read()

    def mount(self, name):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        self.request(connection, "POST", f"sys/mounts/{name}", {"type": "kv", "options": {"version": "2"}})
        # A fresh KV version 2 answers once it has prepared itself.
        while self.request(connection, "GET", f"{name}/config")[0] != 200:
            time.sleep(0.05)


def plain_client(bao, mount, number):
    """What a script would do for each secret: see that it is not there, write its metadata, write its value with check-and-set."""

    def work(worker):
        connection = http.client.HTTPConnection("127.0.0.1", bao.port)
        for index in range(worker, number, WORKERS):
            name = f"many/{index}"
            bao.request(connection, "GET", f"{mount}/metadata/{name}")
            bao.request(connection, "POST", f"{mount}/metadata/{name}", {"custom_metadata": {"owner": "team"}})
            body = {"data": {"value": secrets.token_urlsafe(24)}, "options": {"cas": 0}}
            status, _ = bao.request(connection, "POST", f"{mount}/data/{name}", body)
            if status != 200:
                raise SystemExit(f"the plain client was refused: {status}")

    start = time.monotonic()
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, range(WORKERS)))
    return time.monotonic() - start


def block(bao, mount):
    return f"""
  vault {{
    address = "http://127.0.0.1:{bao.port}"
    token   = "{TOKEN}"
    mount   = "{mount}"
  }}"""


def measure(scratch, tools, number, figure, terraform, memory):
    """Prints the figures. `terraform(name, text)` makes a scratch configuration, `memory()` a watch on the providers."""
    program = tools / "openbao-2.7.2" / "bao"
    if not program.exists():
        print("  the vault store: not measured, OpenBao is not installed (tests/tools/install tests)")
        return
    with OpenBao(program, scratch) as bao:
        bao.mount("plain")
        bao.mount("ours")
        plain = plain_client(bao, "plain", number)
        measured = store_figures.Apply("vault", store_figures.configuration(block(bao, "ours"), number), terraform, memory)
    how = f"{WORKERS} threads, 3 requests each"
    store_figures.report("vault", number, (plain, how), measured, figure, "<= 60 MB")
