#!/usr/bin/env python3
"""Clients and tools that nobody here wrote, against `cargo dev`.

`run.py TOOLS [PART...]`: TOOLS is where `.ci/run conformance` has installed them. Parts: clients, readme, webhooks, fuzz; without any, all.
"""

import argparse
import sys
import time
from pathlib import Path

import clients
import openapi_fuzz
import readme_snippets
import webhooks
from dev_system import DevSystem

ROOT = Path(__file__).resolve().parents[2]
PARTS = {"clients": clients.run, "readme": readme_snippets.run, "webhooks": webhooks.run, "fuzz": openapi_fuzz.run}


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("tools", type=Path)
    arguments.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    arguments.add_argument("--program", type=Path, default=ROOT / "target/debug/fobless-dev")
    arguments.add_argument("--output", type=Path, default=ROOT / "target/conformance", help="where what went on is written down")
    given = arguments.parse_args()
    if unknown := [part for part in given.parts if part not in PARTS]:
        arguments.error(f"no part {unknown[0]}; there are: {', '.join(PARTS)}")
    outcomes = {}
    for name in given.parts or PARTS:
        begun = time.monotonic()
        print(f"\n---- {name}", flush=True)
        # Each part has a system of its own, so that none finds what another left behind.
        with DevSystem(given.program, ["--hid-rate-limit", "100000"]) as system:
            try:
                passed = PARTS[name](system, given.tools.resolve(), given.output.resolve())
            finally:
                given.output.mkdir(parents=True, exist_ok=True)
                (given.output / f"{name}-system.log").write_text("\n".join(system.log) + "\n")
        outcomes[name] = passed
        print(f"---- {name} {'passed' if passed else 'FAILED'} in {time.monotonic() - begun:.0f} s", flush=True)
    failed = [name for name, passed in outcomes.items() if not passed]
    print(f"\n{len(outcomes) - len(failed)} passed, {len(failed)} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
