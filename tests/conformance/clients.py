"""Seam's clients, each in its own environment, over the whole scenario; and every answer against Seam's own document."""

import json
import subprocess
from collections import Counter, defaultdict
from pathlib import Path

from dev_system import SEED, set_the_stage
from recording_proxy import Record, RecordingProxy
from scenario import scenario
from scope import NO_CLIENT_HAS, ROUTES
from seam_schemas import SeamSchemas

HERE = Path(__file__).resolve().parent
CLIENT_SECONDS = 120

CLIENTS = [
    ("seam 1.116.0 (python)", "python-1.116.0"),
    ("seam 3.18.0 (python)", "python-3.18.0"),
    ("@seamapi/http 1.121.0", "javascript-1.121.0"),
    ("@seamapi/http 2.32.0", "javascript-2.32.0"),
]


def command(tools, environment):
    folder = tools / environment
    if environment.startswith("python"):
        return [str(folder / "bin/python"), str(HERE / "python_sdk.py")]
    return ["node", str(HERE / "javascript_sdk.mjs"), str(folder)]


def drive(system, tools, number, name, environment, record):
    """One client through the scenario: what it has, and what came of each call."""
    tag = environment.replace(".", "-")
    steps = scenario(tag, f"{number:02d}", SEED, set_the_stage(system, tag))
    proxy = RecordingProxy(name, system.api, record)
    task = {
        "endpoint": proxy.url,
        "api_key": system.api_key,
        "wrong_api_key": system.api_key[:-4] + "0000",
        "steps": steps,
    }
    done = subprocess.run(
        command(tools, environment),
        input=json.dumps(task),
        capture_output=True,
        text=True,
        timeout=CLIENT_SECONDS,
        check=False,
    )
    proxy.close()
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0 or len(lines) != len(steps) + 1:
        raise SystemExit(f"{name} broke off after {len(lines)} lines:\n{done.stderr[-3000:]}")
    return lines[0]["has"], lines[1:], steps


class Findings:
    """What is wrong, by client and route, each thing once."""

    def __init__(self):
        self._found = defaultdict(Counter)

    def add(self, kind, client, route, what):
        self._found[kind][(client, route, what)] += 1

    def count(self, kind):
        return sum(self._found[kind].values())

    def of(self, client, route):
        return [
            (kind, what, times)
            for kind, found in self._found.items()
            for (whose, where, what), times in found.items()
            if (whose, where) == (client, route)
        ]

    def show_rest(self, has):
        """What was found at routes that the client has no method of its own for."""
        for kind, found in self._found.items():
            for (client, route, what), times in found.items():
                if route not in has.get(client, ()):
                    print(f"  {kind}: {client} {route}: {what} ({times} times)")


def run(system, tools, output):
    """True if nothing is wrong."""
    openapi = subprocess.run(
        ["node", str(HERE / "seam_openapi.mjs"), str(tools / "javascript-seam")],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    schemas = SeamSchemas(json.loads(openapi.stdout))
    record, findings = Record(), Findings()
    has, left_out = {}, {}
    for number, (name, environment) in enumerate(CLIENTS):
        print(f"{name}: over {len(ROUTES)} routes", flush=True)
        methods, outcomes, steps = drive(system, tools, number, name, environment, record)
        has[name] = [route for route in methods if route in ROUTES]
        left_out[name] = Counter()
        ids = {exchange["headers"].get("seam-request-id") for exchange in record.all() if exchange["client"] == name}
        for outcome, step in zip(outcomes, steps, strict=True):
            if outcome["outcome"] == "absent":
                left_out[name][step["route"]] += 1
            elif outcome["outcome"] == "failed":
                findings.add("call", name, step["route"], why(step, outcome))
            elif outcome.get("request_id") and outcome["request_id"] not in ids:
                findings.add("call", name, step["route"], f"the error's request id {outcome['request_id']} was in no answer")
    output.mkdir(parents=True, exist_ok=True)
    record.write(output / "record.jsonl")

    called, answered = defaultdict(Counter), defaultdict(Counter)
    for exchange in record.all():
        key = (exchange["client"], exchange["path"])
        called[key][exchange["method"]] += 1
        answered[key][exchange["status"]] += 1
        for violation in schemas.violations(exchange):
            findings.add("schema", *key, f"{exchange['method']} {exchange['status']}: {violation}")
        if blind := schemas.blind_spot(exchange):
            findings.add("schema", *key, f"{exchange['method']} {exchange['status']}: {blind}")

    for name, _ in CLIENTS:
        for route in has[name]:
            if not answered[(name, route)][200]:
                findings.add("not called", name, route, "the client has it, and no call of it was answered with 200")
        show(name, has[name], called, answered, left_out[name], findings)
    everywhere = {route for routes in has.values() for route in routes}
    print("\nroutes that no client has a method for")
    for route in ROUTES:
        if route not in everywhere:
            if route not in NO_CLIENT_HAS:
                findings.add("not called", "nobody", route, "not in the list of routes that no client has")
            print(f"  {route}: {NO_CLIENT_HAS.get(route, 'UNEXPECTED')}")
    for route in NO_CLIENT_HAS.keys() & everywhere:
        findings.add("not called", "nobody", route, "a client has it, though it is listed as one that none has")

    findings.show_rest(has)
    calls = len(record.all())
    print(f"\n{calls} calls by {len(CLIENTS)} clients")
    for name, _ in CLIENTS:
        mine = sum(sum(methods.values()) for (whose, _), methods in called.items() if whose == name)
        covered = sum(1 for route in has[name] if answered[(name, route)][200])
        print(f"  {name:24} {mine:4} calls, {covered} of {len(has[name])} routes in scope that it has")
    bad = {kind: findings.count(kind) for kind in ("call", "schema", "not called")}
    print(f"calls that went otherwise than expected: {bad['call']}")
    print(f"violations of Seam's schemas: {bad['schema']}")
    print(f"routes that a client has and that were not called with success: {bad['not called']}")
    return not any(bad.values())


def why(step, outcome):
    """In one line. What fails because the route isn't there, or because of an earlier failure, is one finding for all parameters."""
    said = " ".join(outcome["why"].split())[:600]
    if "There is nothing at" in said or "since its call failed" in said:
        return said
    return f"{json.dumps(step['with'])[:160]}: {said}"


def show(name, routes, called, answered, left_out, findings):
    """One line per route, and below it what is wrong there."""
    print(f"\n{name}")
    others = sorted({route for whose, route in called if whose == name} - set(routes))
    for route in sorted([*routes, *others], key=lambda route: ROUTES.index(route) if route in ROUTES else len(ROUTES)):
        methods = ",".join(sorted(called[(name, route)])) or "-"
        statuses = " ".join(f"{times}x{status}" for status, times in sorted(answered[(name, route)].items()))
        skipped = f", {left_out[route]} left out" if left_out[route] else ""
        wrong = findings.of(name, route)
        print(f"  {'FAILED' if wrong else 'ok    '} {route:66} {methods:9} {statuses}{skipped}")
        for kind, what, times in wrong:
            print(f"         {kind}{f' ({times} times)' if times > 1 else ''}: {what}")
