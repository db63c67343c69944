"""The figures of the `aws` store: many secrets by `terraform apply`, against boto3 on the same double, and against Terraform alone.
`benches/run` calls this; the double is the pinned moto, which answers one request at a time."""

import subprocess
import urllib.request

import store_figures
from store_figures import WORKERS

# In a process of its own, because boto3 is installed for the double's interpreter. Prints the seconds that the calls took.
PLAIN_CLIENT = """
import secrets, sys, time
from concurrent.futures import ThreadPoolExecutor
import boto3
from botocore.config import Config

address, number, workers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
client = boto3.client("secretsmanager", endpoint_url=address, region_name="eu-central-1", aws_access_key_id="test",
                      aws_secret_access_key="test", config=Config(max_pool_connections=workers))
client.list_secrets()

def work(index):
    name = f"plain/{index}"
    client.create_secret(Name=name, SecretString=secrets.token_urlsafe(24), Tags=[{"Key": "owner", "Value": "team"}])
    client.describe_secret(SecretId=name)

start = time.monotonic()
with ThreadPoolExecutor(workers) as pool:
    list(pool.map(work, range(number)))
print(time.monotonic() - start)
"""


class Moto(store_figures.Server):
    """The double with its faults corrected."""

    def __init__(self, root, tools, scratch):
        modules = tools / "aws-doubles"
        self.python = modules / "python"
        self.environment = {"HOME": str(scratch), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(modules),
                            "PYTHONDONTWRITEBYTECODE": "1", "AWS_EC2_METADATA_DISABLED": "true"}
        command = lambda port: [self.python, root / "tests/src/servers/aws/moto_server.py", str(port)]
        super().__init__("moto", scratch, self.environment, command)
        self.address = f"http://127.0.0.1:{self.port}"
        self.wait_until(lambda: urllib.request.urlopen(f"{self.address}/moto-api/", timeout=5).status == 200)

    def plain_client(self, number):
        """Seconds for what a script would do for each secret: make it with its value, and look at what was made."""
        command = [self.python, "-c", PLAIN_CLIENT, self.address, str(number), str(WORKERS)]
        run = subprocess.run(command, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if run.returncode != 0:
            raise SystemExit(f"the plain client failed: {run.stderr}")
        return float(run.stdout)


def block(moto):
    return f"""
  aws {{
    region       = "eu-central-1"
    endpoint_url = "{moto.address}"
  }}"""


def measure(root, scratch, tools, number, figure, terraform, memory):
    """Prints the figures. `terraform(name, text)` makes a scratch configuration, `memory()` a watch on the providers."""
    if not (tools / "aws-doubles" / "python").exists():
        print("  the aws store: not measured, moto is not installed (tests/tools/install tests)")
        return

    def with_keys(name, text):
        made = terraform(name, text)
        made.environment.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_EC2_METADATA_DISABLED="true")
        return made

    with Moto(root, tools, scratch) as moto:
        plain = moto.plain_client(number)
        measured = store_figures.Apply("aws", store_figures.configuration(block(moto), number), with_keys, memory)
    how = f"boto3, {WORKERS} threads, 2 requests each"
    store_figures.report("aws", number, (plain, how), measured, figure, "<= 80 MB")
