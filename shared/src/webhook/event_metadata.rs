//! What an event tells about the phone itself.
//!
//! Apps write it beside the other fields or within `phone_metadata`, and with either of two names for manufacturer and model.

use super::event_fields::{FieldProblem, Fields, MalformedEvent};
use crate::domain::phone_metadata::{DeviceType, PhoneMetadata};

/// Longer texts are no names, and they would be kept with the phone.
const MAX_CHARACTERS: usize = 200;

/// Reads the description of the phone. Fields of the event itself go before those of `phone_metadata`.
pub(super) fn read(event: Fields<'_>) -> Result<PhoneMetadata, MalformedEvent> {
    let places = [Some(event), event.object("phone_metadata")?];
    Ok(PhoneMetadata {
        device_type: device_type(places)?,
        display_name: text(places, &["display_name"])?,
        manufacturer: text(places, &["manufacturer", "device_manufacturer"])?,
        model: text(places, &["model", "device_model"])?,
        os_version: text(places, &["os_version"])?,
    })
}

/// The kind of phone, else what its operating system implies. A kind that is unknown would be shown as the wrong one: malformed.
fn device_type(places: [Option<Fields<'_>>; 2]) -> Result<Option<DeviceType>, MalformedEvent> {
    for (field, ios, android) in [
        ("device_type", "ios_phone", "android_phone"),
        ("operating_system", "ios", "android"),
    ] {
        if let Some(text) = first(places, &[field])? {
            return match text {
                _ if text == ios => Ok(Some(DeviceType::IosPhone)),
                _ if text == android => Ok(Some(DeviceType::AndroidPhone)),
                _ => Err(FieldProblem::UnknownValue.of(field)),
            };
        }
    }
    Ok(None)
}

fn text(places: [Option<Fields<'_>>; 2], names: &[&'static str]) -> Result<Option<String>, MalformedEvent> {
    Ok(first(places, names)?.map(str::to_owned))
}

/// The first text that says anything, be it under whichever name. All of them are held to the limit.
fn first<'e>(places: [Option<Fields<'e>>; 2], names: &[&'static str]) -> Result<Option<&'e str>, MalformedEvent> {
    let mut found = None;
    for place in places.into_iter().flatten() {
        for &name in names {
            let text = place.text(name)?.unwrap_or_default();
            if text.chars().nth(MAX_CHARACTERS).is_some() {
                return Err(FieldProblem::TooLong.of(name));
            }
            if !text.is_empty() {
                found = found.or(Some(text));
            }
        }
    }
    Ok(found)
}
