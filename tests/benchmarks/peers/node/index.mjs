import { ConditionalCheckFailedException, DynamoDBClient, GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import { v5 as uuidv5 } from "uuid";

import { Malformed, readRegistration } from "./event.mjs";

// Once per instance, as AWS recommends: connections are kept from one invocation to the next.
const dynamodb = new DynamoDBClient({});
const webhook = new Webhook(process.env.WEBHOOK_SECRET);
const TableName = process.env.TABLE_NAME;
const workspaceId = process.env.WORKSPACE_ID.toLowerCase();

const NAMESPACE = "6f0b1e55-7d0c-4c53-9a33-6a1f2f70c0de";

const UpdateExpression =
  "SET workspace_id = :workspace, user_identity_id = :user, device_id = :device, presence = :presence, " +
  "occurred_at = :occurred_at, created_at = if_not_exists(created_at, :now), installation_id = :installation, " +
  "metadata = :metadata, registered_at = :occurred_at ADD #version :one";

// The newest event wins, whatever order they come in; a repeat changes nothing.
const ConditionExpression =
  "(attribute_not_exists(pk) OR occurred_at < :occurred_at) " +
  "AND (attribute_not_exists(registered_at) OR registered_at < :occurred_at)";

export async function handler(event) {
  const body = event.isBase64Encoded ? Buffer.from(event.body, "base64") : (event.body ?? "");
  let registration;
  try {
    registration = readRegistration(webhook.verify(body, event.headers), Date.now());
  } catch (error) {
    console.warn("refused a phone webhook:", error.message);
    if (error instanceof WebhookVerificationError) {
      return answer(401, { ok: false, error: { type: "unauthorized" } });
    }
    if (error instanceof Malformed || error instanceof SyntaxError) {
      return answer(400, { ok: false, error: { type: "malformed" } });
    }
    throw error;
  }
  if (registration === undefined) {
    return answer(204);
  }

  try {
    if (await record(registration)) {
      return answer(200, { ok: true });
    }
    console.warn("refused a phone webhook: the user identity is not known");
    return answer(422, { ok: false, error: { type: "user_identity_not_found" } });
  } catch (error) {
    console.error("a phone webhook could not be recorded:", error);
    return answer(503, { ok: false, error: { type: "unavailable" } });
  }
}

// Writes the phone. False: there is no such person.
async function record({ userIdentityId, installationId, namedWorkspaceId, occurredAt, metadata }) {
  if (namedWorkspaceId !== undefined && namedWorkspaceId !== workspaceId) {
    return false;
  }

  const pk = { S: `USER#${workspaceId}#${userIdentityId}` };
  const person = await dynamodb.send(new GetItemCommand({ TableName, Key: { pk, sk: { S: "IDENTITY" } }, ConsistentRead: true }));
  if (person.Item === undefined) {
    return false;
  }

  const deviceId = uuidv5(`device/${workspaceId}/${userIdentityId}/${installationId}`, NAMESPACE);
  const update = new UpdateItemCommand({
    TableName,
    Key: { pk, sk: { S: `PHONE#${deviceId}` } },
    UpdateExpression,
    ConditionExpression,
    ExpressionAttributeNames: { "#version": "version" },
    ExpressionAttributeValues: {
      ":workspace": { S: workspaceId },
      ":user": { S: userIdentityId },
      ":device": { S: deviceId },
      ":presence": { S: "registered" },
      ":occurred_at": { N: String(occurredAt) },
      ":now": { N: String(Date.now()) },
      ":installation": { S: installationId },
      ":metadata": { M: Object.fromEntries(Object.entries(metadata).map(([name, text]) => [name, { S: text }])) },
      ":one": { N: "1" },
    },
  });

  let isNew = true;
  try {
    await dynamodb.send(update);
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) {
      throw error;
    }
    isNew = false;
  }
  console.info("took a phone webhook", { deviceId, isNew });
  return true;
}

function answer(statusCode, body) {
  return {
    statusCode,
    headers: { "content-type": "application/json" },
    body: body === undefined ? "" : JSON.stringify(body),
  };
}
