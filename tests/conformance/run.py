#!/usr/bin/env python3
"""Clients and tools that nobody here wrote, against `cargo dev`.

`run.py TOOLS [PART...]`: TOOLS is where `.ci/run conformance` has installed them. Parts: clients, readme, webhooks, fuzz; without any, all.
"""

import argparse
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import clients
import openapi_fuzz
import readme_snippets
import webhooks
from dev_system import DevSystem

ROOT = Path(__file__).resolve().parents[2]
# The longest first: two run at a time.
PARTS = {"fuzz": openapi_fuzz.run, "clients": clients.run, "readme": readme_snippets.run, "webhooks": webhooks.run}
AT_ONCE = 2


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("tools", type=Path)
    arguments.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    arguments.add_argument("--program", type=Path, default=ROOT / "target/debug/fobless-dev")
    arguments.add_argument("--output", type=Path, default=ROOT / "target/conformance", help="where what went on is written down")
    given = arguments.parse_args()
    if unknown := [part for part in given.parts if part not in PARTS]:
        arguments.error(f"no part {unknown[0]}; there are: {', '.join(PARTS)}")
    if len(given.parts) == 1:
        sys.exit(0 if run(given.parts[0], given) else 1)
    names = given.parts or list(PARTS)
    # A process for each part, so that what it prints stays together.
    options = ["--program", str(given.program), "--output", str(given.output)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        passed = list(pool.map(lambda name: alone([str(given.tools), name, *options]), names))
    print(f"\n{passed.count(True)} passed, {passed.count(False)} failed")
    sys.exit(0 if all(passed) else 1)


def alone(arguments):
    done = subprocess.run([sys.executable, __file__, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    print(done.stdout, end="", flush=True)
    return done.returncode == 0


def run(name, given):
    begun = time.monotonic()
    print(f"\n---- {name}", flush=True)
    # Each part has a system of its own, so that none finds what another left behind.
    with DevSystem(given.program, ["--hid-rate-limit", "100000"]) as system:
        try:
            passed = PARTS[name](system, given.tools.resolve(), given.output.resolve())
        finally:
            given.output.mkdir(parents=True, exist_ok=True)
            (given.output / f"{name}-system.log").write_text("\n".join(system.log) + "\n")
    print(f"---- {name} {'passed' if passed else 'FAILED'} in {time.monotonic() - begun:.0f} s", flush=True)
    return passed


if __name__ == "__main__":
    main()
