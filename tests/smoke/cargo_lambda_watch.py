#!/usr/bin/env python3
"""The main job under `cargo lambda watch`: the five functions as processes of their own, behind the emulator's Lambda API.

Starts `cargo dev --without-functions` (the table, the HID Origo simulator, what pumps the stream and keeps the schedule) and
`cargo lambda watch` (the functions), registers one phone with a signed webhook, redeems its invitation as the app would, and
compares what the management API says with the simulator's ledger. Exit status 0 only if the phone holds exactly one credential
and both sides agree.

Needs cargo and cargo-lambda, and Python's standard library. Ports are free ones; data goes to a temporary folder.
"""

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

USER_IDENTITY = "5c945ab5-c75e-4bcb-8e5f-9410061c401f"
CREDENTIAL_MANAGER = "6737e186-8d54-48ce-a7da-a0be4d252172"
CREDENTIAL_POOL = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
ACS_USER = "4d223973-0874-4831-8630-bfcb29e6bce0"
INSTALLATION = "smoke-test-phone"

BUILD_SECONDS = 20 * 60
"""For whatever compiles: the first start of anything."""
ANSWER_SECONDS = 15
"""For one request to something that runs. A function that has exited never answers under `cargo lambda watch`."""
OUTCOME_SECONDS = 60
"""For what the system does by itself. It takes a second or two."""

STARTED = time.monotonic()


class Failure(Exception):
    """What went wrong, in words."""


def say(text):
    print(f"[{time.monotonic() - STARTED:6.1f} s] {text}", flush=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A program in a process group of its own, its output kept for when something goes wrong."""

    def __init__(self, name, command, **environment):
        self.name = name
        self.lines = []
        self.fresh = queue.Queue()
        say("$ " + " ".join(command))
        self.child = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.child.stdout:
            self.lines.append(line.rstrip())
            self.fresh.put(line.rstrip())
        self.fresh.put(None)

    def line_starting_with(self, beginning, seconds):
        deadline = time.monotonic() + seconds
        while True:
            try:
                line = self.fresh.get(timeout=max(0, deadline - time.monotonic()))
            except queue.Empty:
                raise Failure(f"{self.name} printed no line with {beginning!r} in {seconds} s") from None
            if line is None:
                raise Failure(f"{self.name} ended with status {self.child.wait()} before it was ready")
            if line.startswith(beginning):
                return line

    def check_alive(self):
        if self.child.poll() is not None:
            raise Failure(f"{self.name} ended with status {self.child.returncode}")

    def stop(self):
        for sign, seconds in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
            try:
                os.killpg(self.child.pid, sign)
                self.child.wait(seconds)
            except ProcessLookupError:
                return
            except subprocess.TimeoutExpired:
                continue

    def leave_lines(self, *secrets):
        """Leaves what the functions logged, and secrets that must not stand in it, to .ci/run's step logs: tests/log-watch."""
        if folder := os.environ.get("FOBLESS_LOG_WATCH"):
            name = f"{self.name.replace(' ', '-')}.{self.child.pid}"
            Path(folder, f"lines.{name}").write_text("".join(f"{line}\n" for line in self.lines))
            Path(folder, f"secrets.{name}").write_text("".join(f"{json.dumps(secret)}\n" for secret in secrets))

    def show(self, count=60):
        print(f"--- the last lines of {self.name}", flush=True)
        for line in self.lines[-count:]:
            print(f"    {line}", flush=True)


def request(method, url, body=None, headers=(), seconds=ANSWER_SECONDS):
    """The status and the text of the answer, whatever the status."""
    call = urllib.request.Request(url, data=body, headers=dict(headers), method=method)
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(call, timeout=seconds) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read().decode(errors="replace")
    except OSError as error:
        raise Failure(f"{method} {url} got no answer: {error}") from error


def expect_json(method, url, body=None, headers=(), seconds=ANSWER_SECONDS):
    encoded = None if body is None else json.dumps(body).encode()
    status, text = request(method, url, encoded, {"content-type": "application/json", **dict(headers)}, seconds)
    if not 200 <= status < 300:
        raise Failure(f"{method} {url} answered {status}: {text}")
    return json.loads(text) if text else None


def wait_for(what, look, processes):
    """Asks `look` until it answers something, and gives that back."""
    deadline = time.monotonic() + OUTCOME_SECONDS
    seen = None
    while time.monotonic() < deadline:
        for process in processes:
            process.check_alive()
        found, seen = look()
        if found:
            return found
        time.sleep(0.1)
    raise Failure(f"no {what} in {OUTCOME_SECONDS} s; last seen: {json.dumps(seen)}")


def find(value, name):
    """The first text under this name, at any depth."""
    if isinstance(value, dict):
        if isinstance(value.get(name), str) and value[name]:
            return value[name]
        value = list(value.values())
    if isinstance(value, list):
        return next((found for found in (find(item, name) for item in value) if found), None)
    return None


def check(holds, text):
    if not holds:
        raise Failure(text)


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


def signed_webhook(secret):
    """The headers and the body of a webhook that says a phone was registered."""
    command = ["cargo", "dev", "sign", "--secret", secret, "--user-identity", USER_IDENTITY, "--installation", INSTALLATION]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False)
    check(made.returncode == 0, f"cargo dev sign failed: {made.stderr}")
    head, _, body = made.stdout.partition("\n\n")
    headers = dict(line.split(": ", 1) for line in head.splitlines())
    return headers, body.removesuffix("\n").encode()


def main_job(ready, functions, processes):
    key = {"authorization": f"Bearer {ready['api_key']}"}
    simulator = ready["simulator"]

    def api(path, body):
        return expect_json("POST", f"{functions}{path}", body, key)

    automation = api(
        "/user_identities/enrollment_automations/launch",
        {
            "user_identity_id": USER_IDENTITY,
            "credential_manager_acs_system_id": CREDENTIAL_MANAGER,
            "acs_credential_pool_id": CREDENTIAL_POOL,
            "create_credential_manager_user": True,
        },
    )["enrollment_automation"]
    say(f"enrollment automation {automation['enrollment_automation_id']} runs: {automation['is_running']}")

    parent = api(
        "/acs/credentials/create",
        {
            "acs_user_id": ACS_USER,
            "is_multi_phone_sync_credential": True,
            "card_format": "rfid48",
            "facility_code": "9",
            "access_method": "mobile_key",
        },
    )["acs_credential"]["acs_credential_id"]
    say(f"multi-phone sync credential {parent}")

    headers, body = signed_webhook(ready["webhook_secret"])
    for delivery in ("first", "repeated"):
        status, text = request("POST", f"{functions}/webhooks/phones", body, headers)
        check(200 <= status < 300, f"the {delivery} delivery of the webhook got {status}: {text}")
        say(f"{delivery} delivery of the signed webhook: {status}")

    def the_invitation_code():
        phones = api("/phones/list", {"owner_user_identity_id": USER_IDENTITY})["phones"]
        shown = [api("/phones/get", {"device_id": phone["device_id"]}) for phone in phones]
        return find(shown, "invitation_code"), [phone["device_id"] for phone in phones]

    code = wait_for("invitation code at /phones/get", the_invitation_code, processes)
    say("the phone has an invitation code")

    redeemed = expect_json("POST", f"{simulator}/simulator/phones", {"invitation_code": code})
    say(f"redeemed as {redeemed['container_id']}")

    def credentials():
        return api("/acs/credentials/list", {"acs_user_id": ACS_USER})["acs_credentials"]

    def the_issued_children():
        children = [credential for credential in credentials() if credential.get("parent_acs_credential_id") == parent]
        issued = [child for child in children if child.get("is_issued") and child.get("card_number")]
        return issued, children

    issued = wait_for("issued credential at /acs/credentials/list", the_issued_children, processes)
    for child in issued:
        say(f"phone credential {child['acs_credential_id']} is issued with card number {child['card_number']}")

    ledger = expect_json("GET", f"{simulator}/simulator/ledger")
    for kind in ("invitations", "containers", "credentials"):
        shown = ", ".join(f"{entry['id']} {entry['status']}" for entry in ledger[kind])
        say(f"the simulator's {kind}: {shown}")
    say(f"calls to HID Origo: {json.dumps(ledger['calls'])}; refused: {json.dumps(ledger['refused'])}")

    ours = sorted(child["card_number"] for child in issued)
    theirs = sorted(entry["card_number"] for entry in ledger["credentials"])
    check(len(ours) == 1 and ours == theirs, f"one phone, one credential; the api says {ours}, the simulator {theirs}")
    check([entry["id"] for entry in ledger["containers"]] == [redeemed["container_id"]], "one phone, one container")
    say("one phone, one credential, and both sides agree")
    processes[-1].leave_lines(ready["api_key"], ready["webhook_secret"], code)


def run():
    def end(number, _frame):
        raise Failure(f"ended by signal {number}")

    signal.signal(signal.SIGTERM, end)
    processes = []
    failed = None
    with tempfile.TemporaryDirectory(prefix="fobless-smoke-") as data_dir:
        try:
            say("$ cargo build --locked  (the functions)")
            subprocess.run(["cargo", "build", "--locked"], cwd=ROOT, check=True, timeout=BUILD_SECONDS)

            port = free_port()
            functions = f"http://127.0.0.1:{port}"
            local = ["cargo", "dev", "--without-functions", "--functions-url", functions, "--data-dir", data_dir]
            local += ["--dynamodb-port", str(free_port()), "--simulator-port", str(free_port())]
            processes.append(Process("cargo dev", local))
            ready = json.loads(processes[0].line_starting_with("ready ", BUILD_SECONDS).removeprefix("ready "))
            say("ready: " + ", ".join(f"{name} {ready[name]}" for name in ("dynamodb", "simulator", "data_dir")))

            watch = ["cargo", "lambda", "watch", "-A", "127.0.0.1", "-P", str(port), "--ignore-changes"]
            watch += ["--env-file", str(Path(ready["data_dir"]) / "functions.env")]
            # The most that a deployment may ask for.
            processes.append(Process("cargo lambda watch", watch, AWS_LAMBDA_LOG_LEVEL="DEBUG"))
            wait_for("cargo lambda watch", lambda: (listens(port), None), processes)

            warm(functions)
            main_job(ready, functions, processes)
        except (Failure, KeyError, ValueError, subprocess.SubprocessError, KeyboardInterrupt) as error:
            failed = error
        finally:
            for process in reversed(processes):
                process.stop()
    if failed:
        for process in processes:
            process.show()
        print(f"FAILED: {type(failed).__name__}: {failed}", flush=True)
        return 1
    return 0


def listens(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    sys.exit(run())
