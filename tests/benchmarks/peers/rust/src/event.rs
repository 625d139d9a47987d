use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use lambda_http::Error;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

const MOST_INSTALLATION_BYTES: usize = 128;
const MOST_TEXT_CHARACTERS: usize = 200;
const KEPT_NAME_BYTES: usize = 96;
const KEPT_TEXT_BYTES: usize = 64;

pub enum Event {
    Registered(Registration),
    NotOurs,
}

pub struct Registration {
    pub user_identity_id: Uuid,
    pub installation_id: String,
    pub workspace_id: Option<Uuid>,
    pub occurred_at: DateTime<Utc>,
    pub metadata: HashMap<&'static str, String>,
}

#[derive(Deserialize)]
struct Fields {
    user_identity_id: Uuid,
    custom_sdk_installation_id: String,
    workspace_id: Option<Uuid>,
    occurred_at: Option<DateTime<Utc>>,
    created_at: Option<DateTime<Utc>>,
    #[serde(flatten)]
    described: Description,
    phone_metadata: Option<Description>,
}

#[derive(Default, Deserialize)]
struct Description {
    device_type: Option<String>,
    operating_system: Option<String>,
    display_name: Option<String>,
    manufacturer: Option<String>,
    device_manufacturer: Option<String>,
    model: Option<String>,
    device_model: Option<String>,
    os_version: Option<String>,
}

impl Event {
    /// Reads Seam's shape, the event being the whole body, and that of Standard Webhooks, where it is in `data`.
    pub fn parse(body: &[u8], now: DateTime<Utc>) -> Result<Self, Error> {
        let mut body: Value = serde_json::from_slice(body)?;
        let is_whole = body["event_type"].is_string();
        let event_type = if is_whole { &body["event_type"] } else { &body["type"] };
        if event_type.as_str().ok_or("the event has no type")? != "phone.registered" {
            return Ok(Self::NotOurs);
        }
        let sent_at: Option<DateTime<Utc>> = Option::deserialize(body["timestamp"].take())?;
        let event = if is_whole { body } else { body["data"].take() };
        let fields: Fields = serde_json::from_value(event)?;

        let occurred_at = fields.occurred_at.or(sent_at).or(fields.created_at);
        let occurred_at = occurred_at.ok_or("the event has no date")?;
        if occurred_at < "2000-01-01T00:00:00Z".parse::<DateTime<Utc>>()? || occurred_at > now + TimeDelta::minutes(10) {
            return Err("the event's date cannot be".into());
        }
        let installation_id = fields.custom_sdk_installation_id;
        if installation_id.is_empty()
            || installation_id.len() > MOST_INSTALLATION_BYTES
            || installation_id.chars().any(char::is_control)
        {
            return Err("the installation's id cannot be".into());
        }
        Ok(Self::Registered(Registration {
            user_identity_id: fields.user_identity_id,
            installation_id,
            workspace_id: fields.workspace_id,
            occurred_at,
            metadata: metadata(&[fields.described, fields.phone_metadata.unwrap_or_default()])?,
        }))
    }
}

/// What is known of the phone. Long texts are cut, so that its item stays below one kilobyte.
fn metadata(places: &[Description; 2]) -> Result<HashMap<&'static str, String>, Error> {
    let first = |names: &[fn(&Description) -> &Option<String>]| -> Result<Option<String>, Error> {
        let mut found = None;
        for text in places.iter().flat_map(|place| names.iter().filter_map(|name| name(place).as_deref())) {
            if text.chars().count() > MOST_TEXT_CHARACTERS {
                return Err("a text of the event is too long".into());
            }
            if !text.is_empty() {
                found = found.or_else(|| Some(text.to_owned()));
            }
        }
        Ok(found)
    };

    let device_type = match (first(&[|d| &d.device_type])?, first(&[|d| &d.operating_system])?) {
        (Some(kind), _) if kind == "ios_phone" || kind == "android_phone" => Some(kind),
        (None, Some(system)) if system == "ios" || system == "android" => Some(format!("{system}_phone")),
        (None, None) => None,
        _ => return Err("the kind of phone is not known".into()),
    };
    let display_name = first(&[|d| &d.display_name])?;
    let manufacturer = first(&[|d| &d.manufacturer, |d| &d.device_manufacturer])?;
    let model = first(&[|d| &d.model, |d| &d.device_model])?;
    let os_version = first(&[|d| &d.os_version])?;

    let known = [
        ("device_type", device_type, KEPT_TEXT_BYTES),
        ("display_name", display_name, KEPT_NAME_BYTES),
        ("manufacturer", manufacturer, KEPT_TEXT_BYTES),
        ("model", model, KEPT_TEXT_BYTES),
        ("os_version", os_version, KEPT_TEXT_BYTES),
    ];
    Ok(known
        .into_iter()
        .filter_map(|(name, text, most)| text.map(|text| (name, text[..text.floor_char_boundary(most)].to_owned())))
        .collect())
}
