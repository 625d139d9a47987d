import unicodedata
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
EARLIEST = datetime(2000, 1, 1, tzinfo=timezone.utc)
AHEAD = timedelta(minutes=10)
MOST_INSTALLATION_BYTES = 128
MOST_TEXT_CHARACTERS = 200
KEPT_NAME_BYTES = 96
KEPT_TEXT_BYTES = 64


class Malformed(Exception):
    pass


@dataclass
class Registration:
    user_identity_id: uuid.UUID
    installation_id: str
    workspace_id: uuid.UUID | None
    occurred_at: int
    metadata: dict[str, str]


def read_registration(body):
    """Reads Seam's shape, the event being the whole body, and that of Standard Webhooks, where it is in `data`. None: not ours."""
    if not isinstance(body, dict):
        raise Malformed("the body is not a JSON object")
    is_whole = body.get("event_type") is not None
    event_type = text(body, "event_type" if is_whole else "type")
    if event_type is None:
        raise Malformed("the event has no type")
    if event_type != "phone.registered":
        return None
    event = body if is_whole else body.get("data")
    if not isinstance(event, dict):
        raise Malformed("the event is missing")

    occurred_at = date(event, "occurred_at") or date(body, "timestamp") or date(event, "created_at")
    if occurred_at is None or not EARLIEST <= occurred_at <= datetime.now(timezone.utc) + AHEAD:
        raise Malformed("the event's date is missing or cannot be")
    installation_id = text(event, "custom_sdk_installation_id")
    if (
        not installation_id
        or len(installation_id.encode()) > MOST_INSTALLATION_BYTES
        or any(unicodedata.category(character) == "Cc" for character in installation_id)
    ):
        raise Malformed("the installation's id is missing or cannot be")
    user_identity_id = identifier(event, "user_identity_id")
    if user_identity_id is None:
        raise Malformed("the user identity's id is missing")
    return Registration(
        user_identity_id=user_identity_id,
        installation_id=installation_id,
        workspace_id=identifier(event, "workspace_id"),
        occurred_at=(occurred_at - EPOCH) // timedelta(milliseconds=1),
        metadata=read_metadata(event),
    )


def read_metadata(event):
    """What is known of the phone. Long texts are cut, so that its item stays below one kilobyte."""
    described = event.get("phone_metadata")
    places = [event, described] if isinstance(described, dict) else [event]

    def first(*names):
        texts = [text(place, name) or "" for place in places for name in names]
        if any(len(candidate) > MOST_TEXT_CHARACTERS for candidate in texts):
            raise Malformed(f"{names[0]} is too long")
        return next(filter(None, texts), None)

    known = {
        "device_type": device_type(first("device_type"), first("operating_system")),
        "display_name": cut(first("display_name"), KEPT_NAME_BYTES),
        "manufacturer": cut(first("manufacturer", "device_manufacturer"), KEPT_TEXT_BYTES),
        "model": cut(first("model", "device_model"), KEPT_TEXT_BYTES),
        "os_version": cut(first("os_version"), KEPT_TEXT_BYTES),
    }
    return {name: value for name, value in known.items() if value is not None}


def device_type(kind, system):
    if kind is None and system is None:
        return None
    implied = kind or f"{system}_phone"
    if implied not in ("ios_phone", "android_phone"):
        raise Malformed("the kind of phone is not known")
    return implied


def cut(value, most):
    return value and value.encode()[:most].decode(errors="ignore")


def text(place, name):
    value = place.get(name)
    if value is not None and not isinstance(value, str):
        raise Malformed(f"{name} is not text")
    return value


def identifier(place, name):
    value = text(place, name)
    return None if value is None else uuid.UUID(value)


def date(place, name):
    value = text(place, name)
    if value is None:
        return None
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise Malformed(f"{name} has no offset")
    return moment
