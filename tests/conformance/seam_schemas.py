"""Checks recorded answers against Seam's own OpenAPI document (3.0), turned into JSON schema (2020-12).

Keys that Seam does not know are allowed, as its clients allow them. Everything else has to be as the document says.
"""

import json
import re
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from jsonschema import Draft202012Validator, FormatChecker

from extensions import EXTENSIONS

ANNOTATIONS = {"description", "title", "default", "deprecated", "example", "externalDocs", "nullable", "discriminator"}

formats = FormatChecker(formats=())


@formats.checks("uuid", raises=ValueError)
def _uuid(value):
    return not isinstance(value, str) or str(UUID(value)) == value.lower()


@formats.checks("date-time", raises=ValueError)
def _date_time(value):
    if not isinstance(value, str):
        return True
    # Seam writes UTC with milliseconds, and its clients show dates as they come.
    return bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value)) and bool(datetime.fromisoformat(value))


@formats.checks("uri", raises=ValueError)
def _uri(value):
    return not isinstance(value, str) or bool(urlsplit(value).scheme)


@formats.checks("email")
def _email(value):
    return not isinstance(value, str) or bool(re.fullmatch(r"[^@\s]+@[^@\s]+", value))


def json_schema(schema, place):
    """The JSON schema that says what an OpenAPI 3.0 schema says. `place` names it, for the list of extensions."""
    if isinstance(schema, list):
        return [json_schema(each, place) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        named = {"$ref": "#/$defs/" + schema["$ref"].removeprefix("#/components/schemas/")}
        return {"anyOf": [named, {"type": "null"}]} if schema.get("nullable") else named
    converted = {}
    for key, value in schema.items():
        if key in ANNOTATIONS or key.startswith("x-"):
            continue
        if key == "properties":
            converted[key] = {name: json_schema(each, f"{place}.{name}") for name, each in value.items()}
        elif key in ("enum", "required", "type", "format", "pattern"):
            converted[key] = value
        elif key == "oneOf":
            converted.update(_alternatives(schema, place))
        else:
            converted[key] = json_schema(value, place)
    if schema.get("nullable"):
        converted = _or_null(converted)
    return converted


def _or_null(schema):
    if "type" in schema and "anyOf" not in schema and "allOf" not in schema:
        schema = {**schema, "type": [schema["type"], "null"]}
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
        return schema
    return {"anyOf": [schema, {"type": "null"}]}


def _alternatives(schema, place):
    """Any of them instead of exactly one: with more keys than it knows, an object may well be two of them at once."""
    options = [json_schema(option, place) for option in schema["oneOf"]]
    key = schema.get("discriminator", {}).get("propertyName")
    if key is None:
        return {"anyOf": options}
    # The value of the key says which one it has to be, so that a finding is about that one.
    by_value = {}
    for option in options:
        for value in option["properties"][key]["enum"]:
            by_value.setdefault(value, []).append(option)
    ours = EXTENSIONS.get((place, key), {})
    for value in ours:
        if value in by_value:
            raise ValueError(f"{value} is no extension: Seam has it for {key} of {place}")
        by_value[value] = [_what_all_have(options, key)]
    return {
        "type": "object",
        "required": [key],
        "properties": {key: {"enum": list(by_value)}},
        "allOf": [
            {"if": {"properties": {key: {"const": value}}, "required": [key]}, "then": {"anyOf": found}}
            for value, found in by_value.items()
        ],
    }


def _what_all_have(options, key):
    """What an alternative of ours has to have: what each of Seam's has."""
    required = set.intersection(*(set(option.get("required", ())) for option in options))
    first = options[0]["properties"]
    return {"type": "object", "required": sorted(required), "properties": {name: first[name] for name in required - {key}}}


ERROR = {
    "type": "object",
    "required": ["ok", "error"],
    "properties": {
        "ok": {"const": False},
        "error": {
            "type": "object",
            "required": ["type", "message"],
            "properties": {
                "type": {"type": "string", "pattern": "^[a-z][a-z_]*$"},
                "message": {"type": "string", "minLength": 1},
                "data": {"type": "object"},
                "validation_errors": {"$ref": "#/$defs/validation_errors"},
            },
            "if": {"properties": {"type": {"const": "invalid_input"}}},
            "then": {"required": ["validation_errors"]},
        },
    },
    "$defs": {
        "validation_errors": {
            "type": "object",
            "required": ["_errors"],
            "properties": {"_errors": {"type": "array", "items": {"type": "string", "minLength": 1}}},
            "additionalProperties": {"$ref": "#/$defs/validation_errors"},
        }
    },
}


class SeamSchemas:
    """Seam's document, asked about one answer at a time."""

    def __init__(self, document):
        self._answers = document["answers"]
        self._defs = {name: json_schema(schema, name) for name, schema in document["schemas"].items()}
        self._validators = {}
        self._error = Draft202012Validator(ERROR, format_checker=formats)

    def knows(self, path):
        return path in self._answers

    def violations(self, exchange):
        """What is wrong with one recorded answer, in words."""
        found = []
        headers, status = exchange["headers"], exchange["status"]
        try:
            _uuid(headers.get("seam-request-id", ""))
        except ValueError:
            found.append(f"header seam-request-id is {headers.get('seam-request-id')!r}, no UUID")
        if not headers.get("content-type", "").startswith("application/json"):
            found.append(f"content-type is {headers.get('content-type')!r}")
        try:
            body = json.loads(exchange["body"])
        except json.JSONDecodeError as error:
            return [*found, f"the body is no JSON: {error}"]
        if status != 200:
            return found + _in_words(self._error, body)
        if body.get("ok") is not True:
            found.append("ok is not true")
        validator = self._validator(exchange["path"], exchange["method"].lower())
        if validator is None:
            return [*found, "Seam has no such route"]
        return found + _in_words(validator, body)

    def blind_spot(self, exchange):
        """What would go unnoticed if it were missing from the answer: a check that can't fail says nothing."""
        if exchange["status"] != 200 or not self.knows(exchange["path"]):
            return None
        body = json.loads(exchange["body"])
        for key in self._answers[exchange["path"]]["post"].get("required", ()):
            for damaged in ({name: value for name, value in body.items() if name != key}, {**body, key: 0}):
                if not self.violations({**exchange, "body": json.dumps(damaged)}):
                    return f"{key} could be missing or a number, and nothing would be said"
        return None

    def violations_of(self, name, value):
        """What is wrong with one object, by the name of its schema."""
        validator = Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": self._defs}, format_checker=formats)
        return _in_words(validator, value)

    def _validator(self, path, method):
        methods = self._answers.get(path)
        if methods is None:
            return None
        # A method that Seam's newest document does not list is one that an older client uses; POST is listed everywhere.
        key = (path, method if method in methods else "post")
        if key not in self._validators:
            schema = {**json_schema(methods[key[1]], path), "$defs": self._defs}
            self._validators[key] = Draft202012Validator(schema, format_checker=formats)
        return self._validators[key]


def _in_words(validator, body):
    words = []
    for error in validator.iter_errors(body):
        deepest = error
        while deepest.context:
            # Of several alternatives, the one that got furthest is the one that was meant.
            deepest = max(deepest.context, key=lambda each: len(each.absolute_path))
        # The same at every item of a list is one finding.
        place = re.sub(r"\[\d+\]", "[]", deepest.json_path)
        if deepest.validator == "enum":
            message = f"{deepest.instance!r} is none of Seam's {len(deepest.validator_value)} values"
        else:
            message = deepest.message[:300]
        rule = "/".join(str(part) for part in list(deepest.absolute_schema_path)[-3:])
        words.append(f"{place}: {message} (rule {rule})")
    return words
