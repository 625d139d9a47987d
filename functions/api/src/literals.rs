//! What a single value means, as an id, a moment, a flag or a number. Reading it by name and telling what is wrong is up to the fields.

use std::str::FromStr;

use fobless::domain::time::Timestamp;
use serde_json::Value;

/// An id. Only the usual form with hyphens: the other ones that exist would make two texts of one id.
pub(crate) fn parse_uuid<T: FromStr>(text: &str) -> Option<T> {
    const LENGTH: usize = 36;
    (text.len() == LENGTH).then(|| text.parse().ok()).flatten()
}

/// A moment, from 1970 to the last one that RFC 3339 can write.
pub(crate) fn parse_moment(text: &str) -> Option<Timestamp> {
    Timestamp::parse_rfc3339(text).filter(|moment| (0..=Timestamp::MAX.millis()).contains(&moment.millis()))
}

/// Yes or no.
pub(crate) fn parse_flag(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Some(true),
        "false" | "no" | "0" => Some(false),
        _ => None,
    }
}

/// A number that is whole.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the bounds were checked")]
pub(crate) fn whole(number: Option<f64>) -> Option<u16> {
    number
        .filter(|number| number.fract() == 0.0 && (0.0..=f64::from(u16::MAX)).contains(number))
        .map(|number| number as u16)
}

/// What a value is, in the words of messages.
pub(crate) const fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
