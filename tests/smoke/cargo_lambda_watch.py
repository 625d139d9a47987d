#!/usr/bin/env python3
"""The main job under `cargo lambda watch`: the five functions as processes of their own, behind the emulator's Lambda API.

Starts `cargo dev --without-functions` (the table, the HID Origo simulator, what pumps the stream and keeps the schedule) and
`cargo lambda watch` (the functions), registers one phone with a signed webhook, redeems its invitation as the app would, and
compares what the management API says with the simulator's ledger. Exit status 0 only if the phone holds exactly one credential
and both sides agree.

Needs cargo and cargo-lambda, and Python's standard library. Ports are free ones; data goes to a temporary folder.
"""

import json
import subprocess
import sys
from pathlib import Path

from main_job import main_job
from processes import BUILD_SECONDS, ROOT, Process, check, expect_json, free_port, listens, play, request, say, start_cargo_dev, wait_for


class Watched:
    """The functions under `cargo lambda watch`, and the person that `cargo dev` has made."""

    user_identity = "5c945ab5-c75e-4bcb-8e5f-9410061c401f"
    credential_manager = "6737e186-8d54-48ce-a7da-a0be4d252172"
    credential_pool = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
    acs_user = "4d223973-0874-4831-8630-bfcb29e6bce0"

    def __init__(self, ready, functions):
        self.functions = functions
        self.simulator = ready["simulator"]
        self.key = {"authorization": f"Bearer {ready['api_key']}"}
        self.secret = ready["webhook_secret"]

    def api(self, path, body):
        return expect_json("POST", f"{self.functions}{path}", body, self.key)

    def signed_webhook(self, installation):
        """The headers and the body of a webhook that says a phone was registered."""
        command = ["cargo", "dev", "sign", "--secret", self.secret, "--user-identity", self.user_identity, "--installation", installation]
        made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False)
        check(made.returncode == 0, f"cargo dev sign failed: {made.stderr}")
        head, _, body = made.stdout.partition("\n\n")
        headers = dict(line.split(": ", 1) for line in head.splitlines())
        return headers, body.removesuffix("\n").encode()

    def deliver(self, headers, body):
        return request("POST", f"{self.functions}/webhooks/phones", body, headers)


def warm(functions):
    """Starts the functions one by one: all at once they would fight over cargo's lock."""
    status, text = request("GET", f"{functions}/health", seconds=BUILD_SECONDS)
    check(status == 200, f"the api's /health answered {status}: {text}")
    say(f"api answers: {text.strip()}")
    status, text = request("POST", f"{functions}/webhooks/phones", b"{}", {"content-type": "application/json"}, BUILD_SECONDS)
    check(400 <= status < 500, f"an unsigned webhook should be refused; it got {status}: {text}")
    say(f"phone-webhook answers; an unsigned webhook gets {status}")
    for name, event in (("credential-issuer", {"Records": []}), ("webhook-sender", {"Records": []}), ("sweeper", {"seconds": 0})):
        answer = expect_json("POST", f"{functions}/2015-03-31/functions/{name}/invocations", event, seconds=BUILD_SECONDS)
        # The emulator reports a failed start with status 200.
        check(not (isinstance(answer, dict) and "errorMessage" in answer), f"{name} answered {answer}")
        say(f"{name} answers: {json.dumps(answer)}")


def scene(folder, processes):
    say("$ cargo build --locked  (the functions)")
    subprocess.run(["cargo", "build", "--locked"], cwd=ROOT, check=True, timeout=BUILD_SECONDS)
    port = free_port()
    functions = f"http://127.0.0.1:{port}"
    ready = start_cargo_dev(folder, functions, processes)

    watch = ["cargo", "lambda", "watch", "-A", "127.0.0.1", "-P", str(port), "--ignore-changes"]
    watch += ["--env-file", str(Path(ready["data_dir"]) / "functions.env")]
    # The most that a deployment may ask for.
    processes.append(Process("cargo lambda watch", watch, AWS_LAMBDA_LOG_LEVEL="DEBUG"))
    wait_for("cargo lambda watch", lambda: (listens(port), None), processes)

    warm(functions)
    code = main_job(Watched(ready, functions), processes)
    processes[-1].leave_lines(ready["api_key"], ready["webhook_secret"], code)


if __name__ == "__main__":
    sys.exit(play(scene))
