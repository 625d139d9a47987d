"""Programs that are started, asked and stopped again: what the smoke tests have in common. Python's standard library only."""

import json
import os
import queue
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

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


# Bound and never listening until the script ends, so that the system gives nobody else a port that a program is yet to listen at.
HELD = []


def free_port():
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    HELD.append(held)
    return held.getsockname()[1]


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


def wait_for(what, look, processes, seconds_between=0.1, seconds=OUTCOME_SECONDS):
    """Asks `look` until it answers something, and gives that back."""
    deadline = time.monotonic() + seconds
    seen = None
    while time.monotonic() < deadline:
        for process in processes:
            process.check_alive()
        found, seen = look()
        if found:
            return found
        time.sleep(seconds_between)
    raise Failure(f"no {what} in {seconds} s; last seen: {json.dumps(seen)}")


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


def listens(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def play(scene):
    """Plays a scene, with an empty folder and a list for the processes that it starts. Answers the exit status."""

    def end(number, _frame):
        raise Failure(f"ended by signal {number}")

    signal.signal(signal.SIGTERM, end)
    processes = []
    failed = None
    with tempfile.TemporaryDirectory(prefix="fobless-smoke-") as folder:
        try:
            scene(Path(folder), processes)
        except (Failure, KeyError, ValueError, StopIteration, OSError, subprocess.SubprocessError, KeyboardInterrupt) as error:
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


def start_cargo_dev(folder, functions, processes):
    """All that is not a function: the table, the HID Origo simulator, what pumps the stream. Answers what it says of itself."""
    local = ["cargo", "dev", "--without-functions", "--functions-url", functions, "--data-dir", str(folder)]
    local += ["--dynamodb-port", str(free_port()), "--simulator-port", str(free_port())]
    processes.append(Process("cargo dev", local))
    ready = json.loads(processes[-1].line_starting_with("ready ", BUILD_SECONDS).removeprefix("ready "))
    say("ready: " + ", ".join(f"{name} {ready[name]}" for name in ("dynamodb", "simulator", "data_dir")))
    return ready
