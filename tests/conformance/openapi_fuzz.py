"""schemathesis against the API's own document: made-up requests, good ones and bad ones, with ids that are really there mixed in."""

import json
import os
import re
import subprocess
import urllib.request
from pathlib import Path

from dev_system import SEED, Refused, set_the_stage

HERE = Path(__file__).resolve().parent
LEAST_CASES = 10_000
# The cases that schemathesis makes of each operation whatever it is told, on average: each rule of its schema kept and broken.
OWN_CASES_PER_OPERATION = 50
# Two and a half minutes on two idle cores.
SECONDS = 600
TO_LOSE = 40


def run(system, tools, output):
    """True if every check passed in at least so many cases."""
    if not system.api.startswith("http://127.0.0.1:"):
        raise SystemExit("made-up requests go to this machine alone")
    output.mkdir(parents=True, exist_ok=True)
    stage = output / "fuzz-stage.json"
    operations = documented(system)
    found, token = ids(system)
    stage.write_text(json.dumps(found))
    report = output / "schemathesis.json"
    for stale in (report, output / "fuzz-answers.json"):
        stale.unlink(missing_ok=True)
    command = [
        *(str(tools / "checks/bin/schemathesis"), "--no-color", "--config-file", str(HERE / "schemathesis.toml")),
        *("run", f"{system.api}/openapi.json", "--max-examples", str(examples_per_operation(operations)), "--report-json-path", str(report)),
        # All of them: unless it is named, the document's own address is left out.
        *("--include-path-regex", "^/"),
    ]
    environment = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": "fuzz_hooks",
        "PYTHONPATH": str(HERE),
        "FOBLESS_FUZZ_STAGE": str(stage),
        "FOBLESS_API_KEY": system.api_key,
        "FOBLESS_CLIENT_SESSION_TOKEN": token or "seam_cst_there_is_none",
        "NO_PROXY": "127.0.0.1",
    }
    try:
        done = subprocess.run(
            command, cwd=output, env=environment, capture_output=True, text=True, errors="replace", timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired as late:
        print((late.stdout or b"").decode("utf-8", "replace")[-4000:])
        print(f"FAILED: not done after {SECONDS} s")
        return False
    (output / "schemathesis.log").write_text(done.stdout + done.stderr)
    cases = int((re.search(r"([\d,]+) generated", done.stdout) or ["", "0"])[1].replace(",", ""))
    if done.returncode != 0:
        print(done.stdout[-30_000:], done.stderr[-3000:], sep="\n")
        print(f"FAILED: exit status {done.returncode}; all of it is in {output / 'schemathesis.log'}")
    else:
        print(done.stdout[done.stdout.rfind("= SUMMARY") :])
    shut = never_let_through(output / "fuzz-answers.json", operations)
    if cases < LEAST_CASES:
        print(f"FAILED: only {cases} cases, at least {LEAST_CASES} are wanted")
    print(f"{cases} cases, exit status {done.returncode}")
    return done.returncode == 0 and cases >= LEAST_CASES and not shut


def never_let_through(answers, operations):
    """Routes whose work no request got through to: behind its first question nothing was looked at. The methods of a route do the same work, so
    one of them is enough: which ids come together is chance."""
    answered = {label: {} for label in operations} | json.loads(answers.read_text())
    times = sum(statuses.get("200", 0) for statuses in answered.values())
    print(f"{sum(sum(statuses.values()) for statuses in answered.values())} answers, {times} of them 200")
    let_through = {route(label) for label, statuses in answered.items() if "200" in statuses}
    shut = [label for label in answered if route(label) not in let_through]
    for label in shut:
        print(f"FAILED: {label} was never answered with 200: {answered[label]}")
    return shut


def route(label):
    """`/phones/list` of `GET /phones/list`."""
    return label.partition(" ")[2]


def documented(system):
    """Every operation of the document."""
    with urllib.request.urlopen(f"{system.api}/openapi.json", timeout=15) as answer:
        paths = json.load(answer)["paths"]
    operations = [f"{method.upper()} {path}" for path, methods in paths.items() for method in methods]
    print(f"{len(operations)} operations")
    return operations


def examples_per_operation(operations):
    """As many as it takes, and a few more."""
    return max(30, LEAST_CASES * 105 // 100 // len(operations) - OWN_CASES_PER_OPERATION)


def ids(system):
    """Ids by what they are of: those that every call may use, and those that calls may use which make things go away. Those at the same
    place of two lists belong to one person."""
    people = [set_the_stage(system, f"fuzz-{number}") for number in range(3)]
    events = system.ask("/events/list", since=people[0]["begun_at"])["events"]
    keep = {
        "user_identities": [each["user_identity_id"] for each in people],
        "acs_users": [each["acs_user_id"] for each in people],
        # Most calls want a system with doors.
        "acs_systems": [SEED["acs_system_id"]] * 3 + [SEED["credential_manager_acs_system_id"]],
        "credential_managers": [SEED["credential_manager_acs_system_id"]],
        "acs_credential_pools": [SEED["acs_credential_pool_id"]],
        "acs_credentials": [each[name] for name in ("acs_credential_id", "child_acs_credential_id") for each in people],
        "enrollment_automations": [each["enrollment_automation_id"] for each in people],
        "phones": [each["device_id"] for each in people],
        "events": [each["event_id"] for each in events],
    }
    lose = {"user_identities": [], "acs_users": [], "acs_credentials": [], "enrollment_automations": [], "acs_systems": []}
    for number in range(TO_LOSE):
        person = system.ask("/user_identities/create", full_name=f"To lose {number}")["user_identity"]
        user = system.ask(
            "/acs/users/create",
            acs_system_id=SEED["acs_system_id"],
            full_name=person["full_name"],
            user_identity_id=person["user_identity_id"],
        )["acs_user"]
        lose["user_identities"].append(person["user_identity_id"])
        lose["acs_users"].append(user["acs_user_id"])
        credential = system.ask(
            "/acs/credentials/create", acs_user_id=user["acs_user_id"], access_method="mobile_key", is_multi_phone_sync_credential=True
        )["acs_credential"]
        lose["acs_credentials"].append(credential["acs_credential_id"])
        automation = system.ask(
            "/user_identities/enrollment_automations/launch",
            user_identity_id=person["user_identity_id"],
            credential_manager_acs_system_id=SEED["credential_manager_acs_system_id"],
            create_credential_manager_user=True,
        )["enrollment_automation"]
        lose["enrollment_automations"].append(automation["enrollment_automation_id"])
        system_to_lose = system.ask("/acs/systems/create", name=f"To lose {number}", kind="ledger")["acs_system"]
        lose["acs_systems"].append(system_to_lose["acs_system_id"])
    lose["phones"] = [each["lost_device_id"] for each in people]
    token = None
    for kind, route, key, what in (
        ("webhooks", "/webhooks/create", "webhook", {"url": "http://127.0.0.1:9/", "event_types": ["acs_system.added"]}),
        ("client_sessions", "/client_sessions/create", "client_session", {"user_identity_id": keep["user_identities"][0]}),
    ):
        for ids_of, times in ((keep, len(people)), (lose, TO_LOSE)):
            # A workspace may have 20 webhooks, and some are to be left for the calls that make one.
            times = min(times, 8) if kind == "webhooks" else times
            try:
                made = [system.ask(route, **what)[key] for _ in range(times)]
                ids_of[kind] = [each[f"{key}_id"] for each in made]
                token = token or made[0].get("token")
            except Refused as refused:
                print(f"no ids of {kind}: {refused}")
                break
    # The first client session is of those that are kept, so its token stays good.
    return {"to_keep": keep, "to_lose": lose}, token
