//! Reading the fields of an event, such that a sender's mistake is named by field, and a field that nobody asked for is no mistake.

use std::str::FromStr;

use serde_json::{Map, Value};

use crate::domain::time::Timestamp;

/// Why a verified body is not an event. It names fields, never their content, hence it may be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedEvent {
    /// The body is not JSON.
    #[error("the body is not JSON (line {line}, column {column})")]
    NotJson {
        /// Where it stops being JSON, counted from 1.
        line: usize,
        /// The column in that line.
        column: usize,
    },
    /// The body is JSON, but no object.
    #[error("the body is not a JSON object")]
    NotAnObject,
    /// A field is wrong.
    #[error("`{field}` {problem}")]
    Field {
        /// Its name.
        field: &'static str,
        /// What is wrong with it.
        problem: FieldProblem,
    },
}

/// What can be wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldProblem {
    /// It is needed and not there, or null.
    #[error("is missing")]
    Missing,
    /// It is there, but not a string.
    #[error("is not text")]
    NotText,
    /// It is there, but not an object.
    #[error("is not an object")]
    NotAnObject,
    /// It is not a UUID.
    #[error("is not a UUID")]
    NotAUuid,
    /// It is not a date as RFC 3339 writes it.
    #[error("is not an RFC 3339 date")]
    NotADate,
    /// It is empty and must not be.
    #[error("is empty")]
    Empty,
    /// It is longer than is reasonable.
    #[error("is too long")]
    TooLong,
    /// It has a control character in it.
    #[error("has a control character")]
    ControlCharacter,
    /// It has one of a few values, and this is none of them.
    #[error("has an unknown value")]
    UnknownValue,
    /// It lies before the year 2000.
    #[error("lies too far in the past")]
    TooEarly,
    /// It lies more than a day ahead.
    #[error("lies too far in the future")]
    TooLate,
    /// Two fields say the same thing differently.
    #[error("contradicts another field")]
    Contradiction,
}

impl FieldProblem {
    /// The error that this is, in `field`.
    pub(super) const fn of(self, field: &'static str) -> MalformedEvent {
        MalformedEvent::Field { field, problem: self }
    }
}

/// The fields of a JSON object. Absent and null are the same.
#[derive(Clone, Copy)]
pub(super) struct Fields<'e>(&'e Map<String, Value>);

impl<'e> Fields<'e> {
    pub(super) const fn new(object: &'e Map<String, Value>) -> Self {
        Self(object)
    }

    fn value(self, field: &'static str) -> Option<&'e Value> {
        self.0.get(field).filter(|value| !value.is_null())
    }

    pub(super) fn has(self, field: &'static str) -> bool {
        self.value(field).is_some()
    }

    pub(super) fn object(self, field: &'static str) -> Result<Option<Self>, MalformedEvent> {
        match self.value(field) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(Self(object))),
            Some(_) => Err(FieldProblem::NotAnObject.of(field)),
        }
    }

    pub(super) fn text(self, field: &'static str) -> Result<Option<&'e str>, MalformedEvent> {
        match self.value(field) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(FieldProblem::NotText.of(field)),
        }
    }

    /// An id that is a UUID.
    pub(super) fn uuid<T: FromStr>(self, field: &'static str) -> Result<Option<T>, MalformedEvent> {
        let read = |text: &str| text.parse().map_err(|_| FieldProblem::NotAUuid.of(field));
        self.text(field)?.map(read).transpose()
    }

    pub(super) fn date(self, field: &'static str) -> Result<Option<Timestamp>, MalformedEvent> {
        let read = |text| Timestamp::parse_rfc3339(text).ok_or(FieldProblem::NotADate.of(field));
        self.text(field)?.map(read).transpose()
    }
}

/// Turns absence into an error, where a field is needed.
pub(super) trait Required<T> {
    fn required(self, field: &'static str) -> Result<T, MalformedEvent>;
}

impl<T> Required<T> for Option<T> {
    fn required(self, field: &'static str) -> Result<T, MalformedEvent> {
        self.ok_or(FieldProblem::Missing.of(field))
    }
}
