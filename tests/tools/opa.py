"""Evaluate Rego with OPA itself, from the shared library of an `opa-golib-python-bindings` wheel.

Why: the linter's engine is another implementation of Rego; what a policy says must not depend on which of the two reads it.

Reads one job from standard input, `{"policies": {NAME: TEXT}, "data": {…}, "runs": [{"input": …, "paths": ["main.deny"]}]}`, and
writes, for each run, the value of `data.PATH` by path; an undefined document is left out, an error is `{"error": "…"}`.

`install` copies this file beside the library under the name `opa`.
"""

import ctypes
import json
import os
import sys

LIBRARY = os.path.join(os.path.dirname(os.path.realpath(__file__)), "libopabridge.so")


class Refused(Exception):
    """What OPA says of a policy, a document or a query."""


def main() -> int:
    library = ctypes.CDLL(LIBRARY)
    library.OpaNew.restype = ctypes.c_uint64
    library.OpaFreeString.argtypes = [ctypes.c_void_p]
    engine = ctypes.c_uint64(library.OpaNew())

    def call(function, *arguments):
        function.restype = ctypes.c_void_p
        answer = ctypes.c_void_p(function(engine, *arguments))
        try:
            envelope = json.loads(ctypes.string_at(answer))
        finally:
            library.OpaFreeString(answer)
        if envelope.get("error"):
            raise Refused(envelope["error"].get("message", "no reason given"))
        return envelope

    def text(value):
        return ctypes.c_char_p(value.encode())

    def value_of(path, document):
        zero = ctypes.c_int(0)
        results = call(library.OpaEvalDocument, text(path), text(json.dumps(document)), zero, zero).get("result")
        return results[0]["expressions"][0]["value"] if results and results[0].get("expressions") else None

    job = json.load(sys.stdin)
    answers = []
    try:
        for name, policy in job["policies"].items():
            call(library.OpaAddPolicy, text(name), text(policy))
        call(library.OpaAddData, text(""), text(json.dumps(job.get("data", {}))))
        for run in job["runs"]:
            answer = {}
            for path in run["paths"]:
                try:
                    value = value_of(path, run["input"])
                    if value is not None:
                        answer[path] = value
                except Refused as refused:
                    if "undefined" not in str(refused):
                        answer["error"] = f"{path}: {refused}"
            answers.append(answer)
    except Refused as refused:
        print(f"opa: {refused}", file=sys.stderr)
        return 1
    json.dump(answers, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
