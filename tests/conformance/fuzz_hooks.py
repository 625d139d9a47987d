"""What schemathesis can't know about the API: ids that are really there, and which refusals of good requests are none.

Everything here is decided by what was asked alone, so that a run can be repeated.
"""

import atexit
import hashlib
import json
import os
import re
from collections import Counter, defaultdict
from pathlib import Path
from uuid import UUID

import schemathesis
from jsonschema import Draft202012Validator, FormatChecker

STAGE = json.loads(Path(os.environ["FOBLESS_FUZZ_STAGE"]).read_text())

# Which ids fit a parameter, by its name.
IDS = {
    "user_identity_id": "user_identities",
    "user_identity_ids": "user_identities",
    "owner_user_identity_id": "user_identities",
    "acs_user_id": "acs_users",
    "acs_system_id": "acs_systems",
    "acs_system_ids": "acs_systems",
    "credential_manager_acs_system_id": "credential_managers",
    "acs_credential_pool_id": "acs_credential_pools",
    "acs_credential_id": "acs_credentials",
    "enrollment_automation_id": "enrollment_automations",
    "device_id": "phones",
    "device_ids": "phones",
    "event_id": "events",
    "event_ids": "events",
    "webhook_id": "webhooks",
    "client_session_id": "client_sessions",
}
# Schemathesis takes ids from answers as well, and shall take nothing away that the other calls need.
NEEDED = {each for found in STAGE["to_keep"].values() for each in found}
# Texts that mean something, where the document can only say that they are texts.
TEXTS = {
    "email_address": lambda number: f"fuzz-{number}@example.com",
    "email": lambda number: f"fuzz-{number}@example.com",
    "phone_number": lambda number: f"+1555{number % 10**7:07}",
    "access_method": lambda _: "mobile_key",
    "is_multi_phone_sync_credential": lambda _: True,
    "time_zone": lambda _: "Europe/Berlin",
    "starts_at": lambda number: f"20{30 + number % 10}-01-01T00:00:00Z",
    "ends_at": lambda number: f"20{40 + number % 10}-01-01T00:00:00Z",
    "url": lambda number: f"http://127.0.0.1:9/{number}",
}


EVENT_TYPES = ["*", "phone.registered", "acs_credential.issued", "acs_user.deleted"]
# What a good request says less often than made-up ones: with the first, the others are refused. Each is optional.
NOT_TOGETHER = [
    (r"/acs/credentials/(un)?assign$", "acs_user_id", ["user_identity_id"]),
    (r"/acs/credentials/(create|update)$", None, ["is_override_key"]),
    (r"/acs/credentials/create$", "card_format", ["visionline_metadata"]),
    (r"automations/launch$", None, ["credential_manager_acs_user_id"]),
    (r"/events/list$", "since", ["between"]),
]


@schemathesis.hook
def map_case(context, case):
    """Most ids become real ones, in one request those of one person. What was made wrong on purpose stays wrong."""
    if case.meta is not None and case.meta.phase.name.value == "stateful":
        # There the ids come from earlier answers.
        return case
    is_good = case.meta is not None and case.meta.generation.mode.value == "positive"
    said = json.dumps([case.operation.label, case.query, case.body], sort_keys=True, default=str)
    whose = int.from_bytes(hashlib.sha256(said.encode()).digest()[:8], "big")
    goes_away = re.search(r"/(delete|deactivate|revoke)$", case.operation.path)

    def better(name, value):
        if isinstance(value, dict):
            return {inner: better(inner, each) for inner, each in value.items()}
        if isinstance(value, list):
            return [better(name, each) for each in value]
        number = int.from_bytes(hashlib.sha256(f"{name} {value} {said}".encode()).digest()[:8], "big")
        if name in IDS and is_uuid(value) and (number % 8 or goes_away and value in NEEDED):
            # What may go away isn't what the other calls need.
            found = (STAGE["to_lose"] if goes_away else STAGE["to_keep"]).get(IDS[name])
            return found[whose % len(found)] if found else value
        if is_good and name == "event_types" and case.operation.path.startswith("/webhooks/"):
            return EVENT_TYPES[number % len(EVENT_TYPES)]
        if is_good and name in TEXTS and value is not None and number % 16:
            return TEXTS[name](number)
        return value

    def told(values):
        left_out = set()
        if is_good and whose % 8:
            for route, present, others in NOT_TOGETHER:
                if re.search(route, case.operation.path) and (present is None or values.get(present) is not None):
                    left_out.update(others)
        return {name: better(name, value) for name, value in values.items() if name not in left_out}

    if isinstance(case.query, dict):
        case.query = told(case.query)
    if isinstance(case.body, dict):
        case.body = told(case.body)
    return case


# How each operation was answered, for those who want to know whether it was ever let through.
answered = defaultdict(Counter)


@schemathesis.hook
def after_call(context, case, response):
    answered[case.operation.label][str(response.status_code)] += 1


@atexit.register
def write_down():
    Path(os.environ["FOBLESS_FUZZ_STAGE"]).with_name("fuzz-answers.json").write_text(json.dumps(answered, indent=1, sort_keys=True))


def is_uuid(value):
    try:
        return isinstance(value, str) and str(UUID(value)) == value.lower()
    except ValueError:
        return False


formats = FormatChecker(formats=())


@formats.checks("uuid")
def _uuid(value):
    return not isinstance(value, str) or is_uuid(value)


@formats.checks("date-time")
def _date_time(value):
    return not isinstance(value, str) or bool(
        re.fullmatch(r"\d{4}-\d\d-\d\d[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)", value)
    )


@formats.checks("uri")
def _uri(value):
    return not isinstance(value, str) or bool(re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", value))


@formats.checks("email")
def _email(value):
    return not isinstance(value, str) or bool(re.fullmatch(r"[^@\s]+@[^@\s]+", value))


def is_valid(case):
    """Whether the request is one that the document allows, read as the API reads it. Stricter than schemathesis on formats, which it
    takes for remarks where null is allowed as well."""
    raw = case.operation.schema.raw_schema
    methods = raw["paths"][case.operation.path]
    operation = methods[case.operation.method.lower()]
    body_schema = _body_schema(operation) or _body_schema(methods.get("post", {}))
    components = {"components": raw.get("components", {})}
    if "requestBody" in operation:
        return isinstance(case.body, dict) and Draft202012Validator({**body_schema, **components}, format_checker=formats).is_valid(case.body)
    parameters = {each["name"]: each for each in operation.get("parameters", ()) if each["in"] == "query"}
    schema = {
        "type": "object",
        "properties": {name: each.get("schema", {}) for name, each in parameters.items()},
        "required": [name for name, each in parameters.items() if each.get("required")],
        **components,
    }
    # Rules between parameters can't be told of a query. They are those of the same route's body.
    for rule in ("anyOf", "oneOf", "allOf", "not", "dependentRequired"):
        if body_schema and rule in body_schema:
            schema[rule] = body_schema[rule]
    asked = {}
    for name, value in (case.query or {}).items():
        read = _read(value, schema["properties"].get(name, {}))
        # A parameter without a value is one that is not given: that is how clients write null into a query.
        if read not in ("", None):
            asked[name] = read
    return Draft202012Validator(schema, format_checker=formats).is_valid(asked)


def _body_schema(operation):
    return operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")


def _read(value, schema):
    """A query's text as what the document says that it is, with the generosity that Seam's clients of all versions need."""
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if "array" in types:
        items = value if isinstance(value, list) else str(value).split(",")
        return [_read(each, schema.get("items", {})) for each in items if each != ""]
    if isinstance(value, list):
        # What is no list and is given twice is refused.
        return value if len(value) != 1 else _read(value[0], schema)
    if not isinstance(value, str):
        return value
    text = value.strip()
    if "boolean" in types and text.lower() in ("true", "1", "yes", "y", "on", "t"):
        return True
    if "boolean" in types and text.lower() in ("false", "0", "no", "n", "off", "f"):
        return False
    if ("integer" in types or "number" in types) and re.fullmatch(r"[+-]?\d+(\.0*)?", text):
        return int(float(text))
    return text


# What is wrong with a request for its shape alone. A schema can tell all of these beforehand.
STRUCTURAL = re.compile(
    r"^Required$|^Invalid uuid$|^Expected .+, received |^Invalid enum|must contain (at least|at most|exactly) \d+ (character|element)"
)


def _messages(errors, path=()):
    for key, value in errors.items():
        if key == "_errors":
            yield from ((".".join(path), message) for message in value)
        elif isinstance(value, dict):
            yield from _messages(value, (*path, key))


@schemathesis.check
def no_structural_complaint_about_valid_data(context, response, case):
    """What the document allows is never refused for its shape."""
    sent = response.request.headers.get("content-type", "application/json")
    if response.status_code != 400 or not sent.startswith("application/json") or not is_valid(case):
        return
    error = response.json().get("error", {})
    if "is written in several ways" in error.get("message", ""):
        # `a=1,2&a=3` mixes both ways of writing a list, which is refused as Seam does. Made-up texts have commas.
        return
    complaints = [
        f"{path}: {message}" for path, message in _messages(error.get("validation_errors", {})) if STRUCTURAL.search(message)
    ]
    if complaints or error.get("type") in ("invalid_content_type", "invalid_query_params"):
        raise AssertionError(f"the document allows what is refused: {'; '.join(complaints) or error['message']}")


@schemathesis.check
def every_answer_names_its_request(context, response, case):
    """An answer that the function gave has the request's id, and is JSON with `ok`."""
    if response.status_code == 414:
        return
    request_id = (response.headers.get("seam-request-id") or [""])[0]
    assert is_uuid(request_id), f"seam-request-id is {request_id!r}"
    if case.operation.path != "/openapi.json":
        assert response.json()["ok"] is (response.status_code == 200)


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """False for a failure that is none."""
    if type(failure).__name__ == "AcceptedNegativeData" and is_valid(case):
        # Schemathesis takes `a=` for a text that is no UUID and ` 1` for no number. Read as Seam reads queries, the request is good.
        return False
    # A request line of many kilobytes is refused by the server before the function sees it, as by API Gateway.
    return response.status_code != 414
