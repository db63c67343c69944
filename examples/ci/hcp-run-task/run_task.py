#!/usr/bin/env python3
"""Answers one request of a run task of HCP Terraform or Terraform Enterprise, stage post-plan.

    run_task.py < request.json      with TASK_KEY (the HMAC key) and TASK_SIGNATURE (the header X-TFC-Task-Signature)

The web server in front, whatever it is, hands over the body and the header as they came. This checks the signature, fetches the plan,
runs secretlint, and says the result to HCP Terraform. Exit status: 0 answered, 1 refused or not delivered.
"""

import hashlib
import hmac
import json
import os
import subprocess
import sys
import urllib.request

# HCP Terraform shows this much of a message.
LONGEST_MESSAGE = 500


def request(url, token, method="GET", body=None):
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/vnd.api+json"}
    made = urllib.request.Request(url, data=body, headers=headers, method=method)
    with urllib.request.urlopen(made, timeout=300) as answer:
        return answer.read()


def verdict(payload):
    plan = request(payload["plan_json_api_url"], payload["access_token"])
    program = os.environ.get("SECRETLINT", "secretlint")
    run = subprocess.run([program, "-", "--format", "json", *sys.argv[1:]], input=plan, stdout=subprocess.PIPE)
    if run.returncode not in (0, 1):
        return "failed", "secretlint could not evaluate the plan; see the log of the run task's server"
    report = json.loads(run.stdout)
    counts = ", ".join(f"{count} {kind}" for kind, count in report["summary"].items() if count) or "no findings"
    # Rules and addresses only: a report holds no value, and the message has little room.
    first = [f"{one['rule']} in {one['address']}" for one in report["findings"] if not one["suppression"]]
    return ("passed" if run.returncode == 0 else "failed"), "; ".join([counts, *first])[:LONGEST_MESSAGE]


def main():
    body = sys.stdin.buffer.read()
    expected = hmac.new(os.environ["TASK_KEY"].encode(), body, hashlib.sha512).hexdigest()
    if not hmac.compare_digest(expected, os.environ.get("TASK_SIGNATURE", "")):
        sys.exit("the signature does not fit: this request is not from HCP Terraform, or the key is another")
    payload = json.loads(body)
    # HCP Terraform sends a request without a plan when the run task is set up, and wants no answer but that it was understood.
    if payload["access_token"] == "test-token":
        return
    if payload["stage"] != "post_plan":
        sys.exit(f"a run task of the stage {payload['stage']} has no plan: configure it for post-plan")
    status, message = verdict(payload)
    answer = {"data": {"type": "task-results", "attributes": {"status": status, "message": message}}}
    request(payload["task_result_callback_url"], payload["access_token"], "PATCH", json.dumps(answer).encode())


if __name__ == "__main__":
    main()
