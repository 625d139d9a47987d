//! What a verified webhook says: a phone was registered, a phone is gone, or something that is not for us.
//!
//! The body comes in two shapes: Seam's, where the event is the whole body (`event_type` at the top), and that of Standard Webhooks,
//! an envelope (`type`, `timestamp`, `data`) with the same fields within `data`.

use std::time::Duration;

use serde_json::{Map, Value, error::Category};

use super::{
    event_fields::{FieldProblem, Fields, MalformedEvent, Required},
    event_metadata,
    verify::VerifiedWebhook,
};
use crate::domain::{
    ids::{DeviceId, InstallationId, UserIdentityId, WorkspaceId},
    phone_metadata::PhoneMetadata,
    time::Timestamp,
};

const REGISTERED: &str = "phone.registered";
const DEACTIVATED: &str = "phone.deactivated";

const MAX_EVENT_TYPE_BYTES: usize = 200;

/// 2000-01-01T00:00:00Z. What is older comes from a clock that was never set.
const EARLIEST: Timestamp = Timestamp::from_millis(946_684_800_000);

/// How far ahead the source's clock may be. Later events win over earlier ones, so one from the future would block all that follow
/// until its time has come.
const AHEAD: Duration = Duration::from_mins(10);

/// An event, as far as it concerns phones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PhoneEvent {
    /// An app installation of a person wants to be enrolled.
    Registered {
        /// Whose phone it is.
        user_identity_id: UserIdentityId,
        /// The app installation.
        installation_id: InstallationId,
        /// What the app told about the phone.
        metadata: PhoneMetadata,
        /// When it happened, by the sender's clock.
        occurred_at: Timestamp,
        /// The workspace that the event names, if it does. The one that counts is that of the key.
        workspace_id: Option<WorkspaceId>,
    },
    /// A phone was lost, or its app was removed.
    Deactivated {
        /// Which phone.
        phone: PhoneReference,
        /// When it happened, by the sender's clock.
        occurred_at: Timestamp,
        /// The workspace that the event names, if it does. The one that counts is that of the key.
        workspace_id: Option<WorkspaceId>,
    },
    /// An event of another type. To refuse it would only make the sender repeat it.
    NotOurs {
        /// Its type.
        event_type: String,
    },
}

/// The two ways in which an event names a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PhoneReference {
    /// By person and app installation.
    ByInstallation {
        /// Whose phone it is.
        user_identity_id: UserIdentityId,
        /// The app installation.
        installation_id: InstallationId,
    },
    /// By device.
    ByDevice {
        /// The phone.
        device_id: DeviceId,
        /// Whose phone it is, if the event tells.
        user_identity_id: Option<UserIdentityId>,
    },
}

impl PhoneEvent {
    /// Reads the event of a verified webhook, `now` being the time. Fields that are not needed are not looked at.
    pub fn parse(webhook: &VerifiedWebhook<'_>, now: Timestamp) -> Result<Self, MalformedEvent> {
        Self::from_body(webhook.body(), now)
    }

    pub(super) fn from_body(body: &[u8], now: Timestamp) -> Result<Self, MalformedEvent> {
        let body = object(body)?;
        let body = Fields::new(&body);
        let event_type = event_type(body)?;
        if event_type != REGISTERED && event_type != DEACTIVATED {
            return Ok(Self::NotOurs {
                event_type: event_type.to_owned(),
            });
        }
        let event = if body.has("event_type") {
            body
        } else {
            enveloped(body, event_type)?
        };
        let occurred_at = occurred_at(body, event, now)?;
        let workspace_id = event.uuid("workspace_id")?;
        if event_type == REGISTERED {
            Ok(Self::Registered {
                user_identity_id: event.uuid("user_identity_id")?.required("user_identity_id")?,
                installation_id: installation_id(event)?.required("custom_sdk_installation_id")?,
                metadata: event_metadata::read(event)?,
                occurred_at,
                workspace_id,
            })
        } else {
            Ok(Self::Deactivated {
                phone: PhoneReference::read(event)?,
                occurred_at,
                workspace_id,
            })
        }
    }
}

impl PhoneReference {
    /// The installation names the phone wherever the event came from; a device id is only ours if we told it to the sender.
    fn read(event: Fields<'_>) -> Result<Self, MalformedEvent> {
        let (user_identity_id, device_id) = (event.uuid("user_identity_id")?, event.uuid("device_id")?);
        match (user_identity_id, installation_id(event)?, device_id) {
            (Some(user_identity_id), Some(installation_id), _) => Ok(Self::ByInstallation {
                user_identity_id,
                installation_id,
            }),
            (user_identity_id, _, Some(device_id)) => Ok(Self::ByDevice {
                device_id,
                user_identity_id,
            }),
            (None, Some(_), None) => Err(FieldProblem::Missing.of("user_identity_id")),
            (_, None, None) => Err(FieldProblem::Missing.of("custom_sdk_installation_id")),
        }
    }
}

fn object(body: &[u8]) -> Result<Map<String, Value>, MalformedEvent> {
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        Category::Data => MalformedEvent::NotAnObject,
        Category::Io | Category::Syntax | Category::Eof => MalformedEvent::NotJson {
            line: error.line(),
            column: error.column(),
        },
    })
}

/// The type, under the name of either shape. If there are both they agree; else two readers could take the event for two things.
fn event_type(body: Fields<'_>) -> Result<&str, MalformedEvent> {
    let name = if body.has("event_type") { "event_type" } else { "type" };
    let event_type = body.text(name)?.required(name)?;
    if event_type.is_empty() {
        return Err(FieldProblem::Empty.of(name));
    }
    if event_type.len() > MAX_EVENT_TYPE_BYTES {
        return Err(FieldProblem::TooLong.of(name));
    }
    // It goes into the log.
    if event_type.chars().any(char::is_control) {
        return Err(FieldProblem::ControlCharacter.of(name));
    }
    if body.text("type")?.is_some_and(|other| other != event_type) {
        return Err(FieldProblem::Contradiction.of("type"));
    }
    Ok(event_type)
}

/// The event within an envelope. If it names its own type, that is the envelope's.
fn enveloped<'e>(envelope: Fields<'e>, event_type: &str) -> Result<Fields<'e>, MalformedEvent> {
    let event = envelope.object("data")?.required("data")?;
    if event.text("event_type")?.is_some_and(|other| other != event_type) {
        return Err(FieldProblem::Contradiction.of("event_type"));
    }
    Ok(event)
}

/// When it happened, else when the sender noticed.
fn occurred_at(body: Fields<'_>, event: Fields<'_>, now: Timestamp) -> Result<Timestamp, MalformedEvent> {
    for (place, field) in [(event, "occurred_at"), (body, "timestamp"), (event, "created_at")] {
        if let Some(moment) = place.date(field)? {
            return match moment {
                _ if moment < EARLIEST => Err(FieldProblem::TooEarly.of(field)),
                _ if moment > now.plus(AHEAD) => Err(FieldProblem::TooLate.of(field)),
                _ => Ok(moment),
            };
        }
    }
    Err(FieldProblem::Missing.of("occurred_at"))
}

fn installation_id(event: Fields<'_>) -> Result<Option<InstallationId>, MalformedEvent> {
    const FIELD: &str = "custom_sdk_installation_id";
    let Some(id) = event.text(FIELD)? else { return Ok(None) };
    if id.is_empty() {
        return Err(FieldProblem::Empty.of(FIELD));
    }
    if id.len() > InstallationId::MOST_BYTES {
        return Err(FieldProblem::TooLong.of(FIELD));
    }
    if id.chars().any(char::is_control) {
        return Err(FieldProblem::ControlCharacter.of(FIELD));
    }
    Ok(Some(InstallationId::new(id)))
}
