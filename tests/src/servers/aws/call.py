"""AWS as its own Python client sees it: an HTTP server on 127.0.0.1 that makes the boto3 calls that a test asks for.

    python call.py PORT

A request is JSON with `address` (of the double, or of a proxy), `region`, `credentials`, `service`, `operation` (as boto3 spells
it: `describe_secret`) and `parameters`. The answer is `{"answer": …}` or `{"code": …, "message": …}`. Bytes are base64 in
both directions, times are RFC 3339.
"""

import base64
import datetime
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

CLIENTS = {}
LOCK = threading.Lock()
# A test sees each refusal, and a double that is away at once.
CONFIG = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=60, max_pool_connections=32)


def client_of(request):
    """The client for a service as one identity sees it; loading its definition is what takes time."""
    credentials = request["credentials"]
    key = (request["service"], request["address"], request["region"], *sorted(credentials.items()))
    with LOCK:
        if key not in CLIENTS:
            session = boto3.session.Session(
                aws_access_key_id=credentials["access_key_id"],
                aws_secret_access_key=credentials["secret_access_key"],
                aws_session_token=credentials.get("session_token"),
                region_name=request["region"],
            )
            CLIENTS[key] = session.client(request["service"], endpoint_url=request["address"], config=CONFIG)
        return CLIENTS[key]


def with_bytes(value, shape):
    """`value` with the base64 text of a binary parameter as bytes."""
    if shape.type_name == "blob":
        return base64.b64decode(value)
    if shape.type_name == "structure" and isinstance(value, dict):
        members = shape.members
        return {name: with_bytes(each, members[name]) if name in members else each for name, each in value.items()}
    if shape.type_name == "list" and isinstance(value, list):
        return [with_bytes(each, shape.member) for each in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {name: with_bytes(each, shape.value) for name, each in value.items()}
    return value


def as_json(value):
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).isoformat().replace("+00:00", "Z")
    if hasattr(value, "read"):
        return as_json(value.read())
    raise TypeError(f"{type(value)} has no form in JSON")


def answer(request):
    try:
        client = client_of(request)
        operation = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[request["operation"]])
        parameters = request["parameters"]
        if operation.input_shape is not None:
            parameters = with_bytes(parameters, operation.input_shape)
        answered = getattr(client, request["operation"])(**parameters)
        answered.pop("ResponseMetadata", None)
        return {"answer": answered}
    except ClientError as error:
        return {"code": error.response["Error"]["Code"], "message": error.response["Error"]["Message"]}
    except BotoCoreError as error:
        return {"code": type(error).__name__, "message": str(error)}
    except Exception as error:
        return {"code": f"call.py: {type(error).__name__}", "message": str(error)}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        body = json.dumps(answer(request), default=as_json).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """A request may hold a secret."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
    server.daemon_threads = True
    print("boto3 is ready", flush=True)
    server.serve_forever()
