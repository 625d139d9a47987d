#!/usr/bin/env python3
"""Runs the README's commands as a newcomer types them, and looks at what they bring about.

Every `sh` block of the README has an entry in HOW below. A block that has none fails the run: nobody would notice when it stopped
working. The blocks of the walk run in one shell, in order, against a `cargo dev` with an empty data directory.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "target" / "dev"
ASIDE = ROOT / "target" / f"dev-aside-{os.getpid()}"
PATIENCE = 30

# What begins a block, and who runs it: "here" alone, "up" as the system that the walk uses, "walk" in the walk's shell; or the name of
# another step of .ci/run that does.
HOW = [
    ("cargo demo", "here"),
    ("cargo test --workspace", "test"),
    ("cargo dev\n", "up"),
    ("API=", "walk"),
    ("curl -sS $API/user_identities/enrollment_automations/launch", "walk"),
    ("curl -sS $API/acs/credentials/create", "walk"),
    ("cargo dev sign", "walk"),
    ('curl -sS "$API/phones/list', "walk"),
    ("for CODE in", "walk"),
    ('curl -sS "$API/acs/credentials/list', "walk"),
    ("DEVICE=$(", "walk"),
    ("curl -sS $API/webhooks/create", "walk"),
    ("cargo build\ncargo dev --without-functions", "smoke"),
    ("cargo lambda watch", "smoke"),
]


def blocks():
    return re.findall(r"^```sh\n(.*?)^```$", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)


def how(block):
    for beginning, way in HOW:
        if block.startswith(beginning):
            return way
    sys.exit(f"nobody runs this block of the README:\n{block}")


def ready_line(process):
    for line in process.stdout:
        if line.startswith("ready "):
            return json.loads(line.removeprefix("ready "))
    sys.exit("cargo dev ended before it was ready")


def get(url, key=None):
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
        return json.load(answer)


def wait_for(what, look):
    begun = time.monotonic()
    while not (seen := look()):
        if time.monotonic() - begun > PATIENCE:
            sys.exit(f"after {PATIENCE} s there is still not: {what}")
        time.sleep(0.1)
    return seen


class Walk:
    """One shell that keeps its variables from block to block."""

    def __init__(self):
        self.before = "set -euo pipefail\n"

    def run(self, block):
        print(f"$ {block.strip()}", flush=True)
        done = subprocess.run(["bash", "-c", self.before + block], cwd=ROOT, text=True, capture_output=True, timeout=300)
        print(done.stdout, done.stderr, sep="", flush=True)
        if done.returncode != 0:
            sys.exit(f"exit status {done.returncode}")
        if '"ok":false' in done.stdout.replace(" ", ""):
            sys.exit("the API refused it")
        if re.match(r"[A-Z]+=", block):
            self.before += block


def walk(blocks_of_walk, ready):
    user = "5c945ab5-c75e-4bcb-8e5f-9410061c401f"
    shell = Walk()

    def codes():
        phones = get(f"{ready['api']}/phones/list?owner_user_identity_id={user}", ready["api_key"])["phones"]
        found = [phone["properties"].get("hid_origo_metadata", {}).get("invitation_code") for phone in phones]
        return len([code for code in found if code]) == 2

    def issued():
        listed = get(f"{ready['api']}/acs/credentials/list?user_identity_id={user}", ready["api_key"])["acs_credentials"]
        children = [found for found in listed if not found["is_multi_phone_sync_credential"] and found["is_issued"]]
        return children if len(children) == 2 else None

    for block in blocks_of_walk:
        shell.run(block)
        if block.startswith("cargo dev sign"):
            wait_for("two invitation codes", codes)
        if block.startswith("for CODE"):
            wait_for("two issued credentials", issued)
    children = issued()
    ledger = get(f"{ready['simulator']}/simulator/ledger")
    live = {str(found["container_id"]): found["card_number"] for found in ledger["credentials"] if found["status"] == "ISSUED"}
    shown = {child["properties"]["hid_origo_metadata"]["endpoint_id"]: child["card_number"] for child in children}
    if len(set(shown.values())) != 2 or shown != live or len(ledger["credentials"]) != 2:
        sys.exit(f"the two sides differ: {shown} and {live}")
    if len({child["parent_acs_credential_id"] for child in children}) != 1:
        sys.exit("the two are not of one parent")
    print(f"two children of one parent: {shown}")


def main():
    ways = [(block, how(block)) for block in blocks()]
    missing = [beginning for beginning, _ in HOW if not any(block.startswith(beginning) for block, _ in ways)]
    if missing:
        sys.exit(f"the README has no such block any more: {missing}")
    for block, way in ways:
        if way == "here":
            print(f"$ {block.strip()}", flush=True)
            subprocess.run(["bash", "-euc", block], cwd=ROOT, check=True, timeout=1800)
    if DATA.exists():
        DATA.rename(ASIDE)
    up = next(block for block, way in ways if way == "up")
    print(f"$ {up.strip()}", flush=True)
    # A group of its own, since cargo does not pass a signal on to what it runs.
    system = subprocess.Popen(["bash", "-c", "exec " + up], cwd=ROOT, text=True, stdout=subprocess.PIPE, start_new_session=True)
    try:
        walk([block for block, way in ways if way == "walk"], ready_line(system))
    finally:
        os.killpg(system.pid, signal.SIGINT)
        system.wait(timeout=20)
        subprocess.run(["rm", "-rf", str(DATA)], check=True)
        if ASIDE.exists():
            ASIDE.rename(DATA)
    print("1 passed, 0 failed")


if __name__ == "__main__":
    main()
