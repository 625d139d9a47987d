import { validate } from "uuid";

const EARLIEST = Date.UTC(2000);
const AHEAD = 10 * 60 * 1000;
const MOST_INSTALLATION_BYTES = 128;
const MOST_TEXT_CHARACTERS = 200;
const KEPT_NAME_BYTES = 96;
const KEPT_TEXT_BYTES = 64;

export class Malformed extends Error {}

// Reads Seam's shape, the event being the whole body, and that of Standard Webhooks, where it is in `data`. Undefined: not ours.
export function readRegistration(body, now) {
  if (!isObject(body)) {
    throw new Malformed("the body is not a JSON object");
  }
  const isWhole = body.event_type != null;
  const eventType = text(body, isWhole ? "event_type" : "type");
  if (eventType === undefined) {
    throw new Malformed("the event has no type");
  }
  if (eventType !== "phone.registered") {
    return undefined;
  }
  const event = isWhole ? body : body.data;
  if (!isObject(event)) {
    throw new Malformed("the event is missing");
  }

  const occurredAt = date(event, "occurred_at") ?? date(body, "timestamp") ?? date(event, "created_at");
  if (occurredAt === undefined || occurredAt < EARLIEST || occurredAt > now + AHEAD) {
    throw new Malformed("the event's date is missing or cannot be");
  }
  const installationId = text(event, "custom_sdk_installation_id");
  if (!installationId || Buffer.byteLength(installationId) > MOST_INSTALLATION_BYTES || /\p{Cc}/u.test(installationId)) {
    throw new Malformed("the installation's id is missing or cannot be");
  }
  const userIdentityId = uuid(event, "user_identity_id");
  if (userIdentityId === undefined) {
    throw new Malformed("the user identity's id is missing");
  }
  return { userIdentityId, installationId, namedWorkspaceId: uuid(event, "workspace_id"), occurredAt, metadata: readMetadata(event) };
}

// What is known of the phone. Long texts are cut, so that its item stays below one kilobyte.
function readMetadata(event) {
  const places = isObject(event.phone_metadata) ? [event, event.phone_metadata] : [event];
  const first = (...names) => {
    const texts = places.flatMap((place) => names.map((name) => text(place, name)));
    if (texts.some((text) => text !== undefined && [...text].length > MOST_TEXT_CHARACTERS)) {
      throw new Malformed(`${names[0]} is too long`);
    }
    return texts.find((text) => text);
  };

  const known = {
    device_type: deviceType(first("device_type"), first("operating_system")),
    display_name: cut(first("display_name"), KEPT_NAME_BYTES),
    manufacturer: cut(first("manufacturer", "device_manufacturer"), KEPT_TEXT_BYTES),
    model: cut(first("model", "device_model"), KEPT_TEXT_BYTES),
    os_version: cut(first("os_version"), KEPT_TEXT_BYTES),
  };
  return Object.fromEntries(Object.entries(known).filter(([, text]) => text !== undefined));
}

function deviceType(kind, system) {
  if (kind === undefined && system === undefined) {
    return undefined;
  }
  const implied = kind ?? `${system}_phone`;
  if (implied !== "ios_phone" && implied !== "android_phone") {
    throw new Malformed("the kind of phone is not known");
  }
  return implied;
}

function cut(text, most) {
  const bytes = Buffer.from(text ?? "");
  if (bytes.length <= most) {
    return text;
  }
  let end = most;
  // Not within a character.
  while ((bytes[end] & 0xc0) === 0x80) {
    end -= 1;
  }
  return bytes.toString("utf8", 0, end);
}

function text(place, name) {
  const value = place[name] ?? undefined;
  if (value !== undefined && typeof value !== "string") {
    throw new Malformed(`${name} is not text`);
  }
  return value;
}

function uuid(place, name) {
  const value = text(place, name);
  if (value !== undefined && !validate(value)) {
    throw new Malformed(`${name} is not a UUID`);
  }
  return value?.toLowerCase();
}

function date(place, name) {
  const value = text(place, name);
  if (value === undefined) {
    return undefined;
  }
  const moment = Date.parse(value);
  if (Number.isNaN(moment)) {
    throw new Malformed(`${name} is not a date`);
  }
  return moment;
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
