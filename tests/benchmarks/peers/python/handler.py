import base64
import json
import logging
import os
import time
import uuid

import boto3
from standardwebhooks import Webhook, WebhookVerificationError

from event import Malformed, read_registration

logger = logging.getLogger()
logger.setLevel(logging.INFO)

# Once per instance, as AWS recommends: connections are kept from one invocation to the next.
dynamodb = boto3.client("dynamodb")
webhook = Webhook(os.environ["WEBHOOK_SECRET"])
TABLE_NAME = os.environ["TABLE_NAME"]
WORKSPACE_ID = uuid.UUID(os.environ["WORKSPACE_ID"])

NAMESPACE = uuid.UUID("6f0b1e55-7d0c-4c53-9a33-6a1f2f70c0de")

UPDATE = (
    "SET workspace_id = :workspace, user_identity_id = :user, device_id = :device, presence = :presence, "
    "occurred_at = :occurred_at, created_at = if_not_exists(created_at, :now), installation_id = :installation, "
    "metadata = :metadata, registered_at = :occurred_at ADD #version :one"
)

# The newest event wins, whatever order they come in; a repeat changes nothing.
CONDITION = (
    "(attribute_not_exists(pk) OR occurred_at < :occurred_at) "
    "AND (attribute_not_exists(registered_at) OR registered_at < :occurred_at)"
)


def handler(event, context):
    body = event.get("body") or ""
    try:
        if event.get("isBase64Encoded"):
            body = base64.b64decode(body)
        webhook.verify(body, event["headers"], json_parse=False)
    # The library lets through what is wrong with a signature's own text: it is not base64, or has no comma.
    except (WebhookVerificationError, ValueError) as error:
        logger.warning("refused a phone webhook: %s", error)
        return answer(401, {"ok": False, "error": {"type": "unauthorized"}})

    try:
        registration = read_registration(json.loads(body))
    except (Malformed, ValueError) as error:
        logger.warning("refused a phone webhook: %s", error)
        return answer(400, {"ok": False, "error": {"type": "malformed"}})
    if registration is None:
        return answer(204)

    try:
        known = record(registration)
    except Exception:
        logger.exception("a phone webhook could not be recorded")
        return answer(503, {"ok": False, "error": {"type": "unavailable"}})
    if not known:
        logger.warning("refused a phone webhook: the user identity is not known")
        return answer(422, {"ok": False, "error": {"type": "user_identity_not_found"}})
    return answer(200, {"ok": True})


def record(registration):
    """Writes the phone. False: there is no such person."""
    user_identity_id = registration.user_identity_id
    if registration.workspace_id not in (None, WORKSPACE_ID):
        return False

    partition = {"S": f"USER#{WORKSPACE_ID}#{user_identity_id}"}
    person = dynamodb.get_item(
        TableName=TABLE_NAME,
        Key={"pk": partition, "sk": {"S": "IDENTITY"}},
        ConsistentRead=True,
    )
    if "Item" not in person:
        return False

    name = f"device/{WORKSPACE_ID}/{user_identity_id}/{registration.installation_id}"
    device_id = str(uuid.uuid5(NAMESPACE, name))
    is_new = True
    try:
        dynamodb.update_item(
            TableName=TABLE_NAME,
            Key={"pk": partition, "sk": {"S": f"PHONE#{device_id}"}},
            UpdateExpression=UPDATE,
            ConditionExpression=CONDITION,
            ExpressionAttributeNames={"#version": "version"},
            ExpressionAttributeValues={
                ":workspace": {"S": str(WORKSPACE_ID)},
                ":user": {"S": str(user_identity_id)},
                ":device": {"S": device_id},
                ":presence": {"S": "registered"},
                ":occurred_at": {"N": str(registration.occurred_at)},
                ":now": {"N": str(time.time_ns() // 1_000_000)},
                ":installation": {"S": registration.installation_id},
                ":metadata": {"M": {name: {"S": text} for name, text in registration.metadata.items()}},
                ":one": {"N": "1"},
            },
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        is_new = False
    logger.info("took a phone webhook", extra={"device_id": device_id, "is_new": is_new})
    return True


def answer(status, body=None):
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": "" if body is None else json.dumps(body),
    }
