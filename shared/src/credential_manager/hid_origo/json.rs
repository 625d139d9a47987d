//! Reading HID's replies without asking more of them than is needed: a field of an unexpected kind counts as absent, so that
//! one odd field loses neither its neighbours nor the reply. Only a *list* of an unexpected kind is an error: to take it for
//! an empty one would say that a person has no phones.

use serde_json::Value;

use super::identifier;
use crate::domain::time::Timestamp;

/// A part of a reply that can't be read, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unreadable(pub(super) &'static str);

/// A text that is there and not blank.
pub(super) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// Text that HID writes as a number in some places: card numbers, formats, facility codes.
pub(super) fn text_or_number(value: &Value, key: &str) -> Option<String> {
    match value.get(key)? {
        Value::Number(number) => Some(number.to_string()),
        _ => text(value, key).map(str::to_owned),
    }
}

/// An id, whichever way it is written.
pub(super) fn id(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(identifier::from_value)
}

/// A moment in RFC 3339.
pub(super) fn moment(value: &Value, key: &str) -> Option<Timestamp> {
    text(value, key).and_then(Timestamp::parse_rfc3339)
}

/// A list. Absent: an empty one. HID wraps even single objects in a list, hence a bare object is a list of one.
pub(super) fn list<'a>(value: &'a Value, key: &'static str) -> Result<&'a [Value], Unreadable> {
    match value.get(key) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(item @ Value::Object(_)) => Ok(std::slice::from_ref(item)),
        Some(_) => Err(Unreadable(key)),
    }
}

/// What a reply is about: what it holds under the URN, or else itself. HID uses both shapes.
pub(super) fn wrapped_or_bare<'a>(value: &'a Value, urn: &'static str) -> Result<&'a [Value], Unreadable> {
    match value {
        Value::Object(members) if members.contains_key(urn) => list(value, urn),
        Value::Object(_) => Ok(std::slice::from_ref(value)),
        _ => Err(Unreadable("the reply")),
    }
}

/// A status as a word to compare: HID's clients differ in case, and events put the name of the thing in front.
pub(super) fn status(value: &Value, prefix: &str) -> Option<String> {
    let status = text(value, "status")?.to_ascii_uppercase();
    Some(status.strip_prefix(prefix).map(str::to_owned).unwrap_or(status))
}
