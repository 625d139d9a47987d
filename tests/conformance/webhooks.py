"""Events that are sent, and libraries of others that verify them."""

import json
import re
import subprocess
from pathlib import Path

from dev_system import SEED, Refused, wait_for
from seam_schemas import SeamSchemas
from webhook_receiver import WebhookReceiver

HERE = Path(__file__).resolve().parent
# The second attempt comes five seconds after the first.
DELIVERY_SECONDS = 60
HEADERS = ("id", "timestamp", "signature")

VERIFIERS = [
    ("svix 1.99.1 (python)", "checks", "svix"),
    ("standardwebhooks 1.1.0 (python)", "checks", "standardwebhooks"),
    ("seam 1.116.0 (python)", "python-1.116.0", "seam"),
    ("seam 3.18.0 (python)", "python-3.18.0", "seam"),
    ("@seamapi/webhook 1.5.0", "javascript-seam", None),
]


def command(tools, environment, library):
    if library is None:
        return ["node", str(HERE / "webhooks_verify.mjs"), str(tools / environment)]
    return [str(tools / environment / "bin/python"), str(HERE / "webhooks_verify.py"), library]


def run(system, tools, output):
    """True if every verifier takes what was sent, and nothing else."""
    receiver = WebhookReceiver(refusals=1)
    try:
        webhook = system.ask("/webhooks/create", url=receiver.url, event_types=["acs_user.created", "acs_user.deleted"])["webhook"]
    except Refused as refused:
        print(f"FAILED: no webhook can be created: {refused}")
        return False
    user = system.ask("/acs/users/create", acs_system_id=SEED["acs_system_id"], full_name="Zoë Ångström")["acs_user"]
    system.ask("/acs/users/delete", acs_user_id=user["acs_user_id"])

    def taken():
        found = {json.loads(each["body"])["event_type"]: each for each in receiver.deliveries() if each["taken"]}
        return list(found.values()) if len(found) == 2 else None

    deliveries = wait_for("acs_user.created and acs_user.deleted, delivered", taken, DELIVERY_SECONDS)
    attempts = receiver.deliveries()
    output.mkdir(parents=True, exist_ok=True)
    (output / "deliveries.json").write_text(json.dumps(attempts, indent=1))
    problems = [*looks(system, tools, attempts), *comes_again(attempts)]
    receiver.close()
    cases = [case for number, delivery in enumerate(deliveries) for case in genuine_and_forged(number, delivery)]
    for name, environment, library in VERIFIERS:
        problems += verify(name, command(tools, environment, library), webhook["secret"], cases)
    for problem in problems:
        print(f"FAILED {problem}")
    print(f"{len(attempts)} deliveries, {len(cases)} cases each for {len(VERIFIERS)} verifiers: {len(problems)} problems")
    return not problems


def looks(system, tools, attempts):
    """The body is the event as the API shows it, and as Seam describes it."""
    openapi = subprocess.run(
        ["node", str(HERE / "seam_openapi.mjs"), str(tools / "javascript-seam")], capture_output=True, text=True, timeout=60, check=True
    )
    schemas = SeamSchemas(json.loads(openapi.stdout))
    for attempt in attempts:
        headers, event = attempt["headers"], json.loads(attempt["body"])
        for name in HEADERS:
            # Svix's and Seam's libraries look for the first, `standardwebhooks` for the second alone.
            for family in ("svix", "webhook"):
                if f"{family}-{name}" not in headers:
                    yield f"no header {family}-{name}"
            if headers.get(f"webhook-{name}") != headers.get(f"svix-{name}"):
                yield f"webhook-{name} differs from svix-{name}"
        if not headers.get("content-type", "").startswith("application/json"):
            yield f"content-type {headers.get('content-type')}"
        shown = system.ask("/events/get", event_id=event["event_id"])["event"]
        if shown != event:
            yield f"/events/get shows {shown}, but delivered was {event}"
        for violation in schemas.violations_of("event", event):
            yield f"{event['event_type']}: {violation}"


def comes_again(attempts):
    """What was refused comes again under the same id, signed anew."""
    refused = [each["headers"] for each in attempts if not each["taken"]]
    taken = [each["headers"] for each in attempts if each["taken"]]
    for headers in refused:
        again = [each for each in taken if each["svix-id"] == headers["svix-id"]]
        if len(again) != 1:
            yield f"what was refused once came {len(again)} times more under its id"
        elif again[0]["svix-timestamp"] <= headers["svix-timestamp"] or again[0]["svix-signature"] == headers["svix-signature"]:
            yield "the second attempt has the timestamp or the signature of the first"
    if len({each["svix-id"] for each in taken}) != len(taken):
        yield "two deliveries that were taken have one id"


def genuine_and_forged(number, delivery):
    """One delivery as it came, and with one thing changed."""
    body, headers = delivery["body"], delivery["headers"]

    def case(name, verified, body=body, **changed):
        return {"name": f"{number} {name}", "verified": verified, "body": body, "headers": {**headers, **changed}}

    def renamed(name, value):
        return {f"svix-{name}": value, f"webhook-{name}": value}

    event_id = json.loads(body)["event_id"]
    other = event_id[:-1] + ("0" if event_id[-1] != "0" else "1")
    signature = headers["svix-signature"]
    return [
        case("as it came", True),
        case("another event id in the body", False, body=body.replace(event_id, other)),
        case("a blank more", False, body=body + " "),
        case("another message id", False, **renamed("id", headers["svix-id"] + "x")),
        case("a second later", False, **renamed("timestamp", str(int(headers["svix-timestamp"]) + 1))),
        case("an hour older", False, **renamed("timestamp", str(int(headers["svix-timestamp"]) - 3600))),
        case("another signature", False, **renamed("signature", re.sub(r",.", lambda found: ",B" if found[0] != ",B" else ",C", signature))),
    ]


def verify(name, verifier, secret, cases):
    task = json.dumps({"secret": secret, "deliveries": cases})
    done = subprocess.run(verifier, input=task, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        return [f"{name} broke off: {done.stderr[-1500:]}"]
    problems = []
    for case, line in zip(cases, done.stdout.splitlines(), strict=True):
        outcome = json.loads(line)
        if outcome["verified"] != case["verified"]:
            problems.append(f"{name}: {case['name']}: {outcome}")
    print(f"{'FAILED' if problems else 'ok    '} {name:32} {len(cases)} cases")
    return problems
