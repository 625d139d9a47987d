//! Reading parameters by name and type. Whatever does not fit is noted in the findings, and reading goes on: the client learns of
//! everything at once. `null` counts as absent.

use std::{fmt, str::FromStr};

use fobless::domain::time::Timestamp;
use serde_json::Value;

use crate::{
    findings::{Findings, REQUIRED},
    given::{Given, Parameters},
    input::fingerprint,
    kind::Kind,
    literals::{parse_flag, parse_moment, parse_uuid, type_name, whole},
    problem::Problem,
};

/// Longer text than this is nobody's name, key or address.
pub(crate) const LONGEST_TEXT: usize = 500;
/// The most values in one list.
pub(crate) const MOST_VALUES: usize = 1000;

pub(crate) const EMPTY: &str = "String must contain at least 1 character(s)";

pub(crate) fn too_long() -> String {
    format!("String must contain at most {LONGEST_TEXT} character(s)")
}

/// The parameters of a request, or those inside one of them.
pub(crate) struct Fields<'a> {
    pub(crate) parameters: &'a Parameters,
    findings: &'a Findings,
    path: Vec<&'a str>,
}

/// One value that is there.
enum Scalar<'a> {
    Json(&'a Value),
    Text(&'a str),
}

impl<'a> Fields<'a> {
    pub(crate) const fn new(parameters: &'a Parameters, findings: &'a Findings) -> Self {
        Self {
            parameters,
            findings,
            path: Vec::new(),
        }
    }

    /// Every parameter is asked for through here, so that the API's description can tell which ones there are.
    #[cfg_attr(not(test), expect(clippy::unused_self, reason = "only the description of the API listens"))]
    pub(crate) fn asks(&self, name: &str, kind: Kind<'_>) {
        #[cfg(test)]
        self.findings.ask(self.path.iter().copied().chain([name]), kind);
        #[cfg(not(test))]
        let _ = (name, kind);
    }

    /// The names of all parameters, wanted or not.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.parameters.keys().map(String::as_str)
    }

    /// What these parameters ask for of a listing, apart from the page.
    pub(crate) fn fingerprint(&self, listing: &str) -> String {
        fingerprint(listing, self.parameters)
    }

    /// Notes what is wrong with a parameter.
    pub(crate) fn issue(&self, name: &str, message: impl Into<String>) {
        let path: Vec<&str> = self.path.iter().copied().chain([name]).collect();
        self.findings.issue(&path, message);
    }

    /// Refuses the request in a way that has its own type.
    pub(crate) fn refuse(&self, problem: Problem) {
        self.findings.refuse(problem);
    }

    /// Whether the parameter has a value.
    pub(crate) fn is_given(&self, name: &str) -> bool {
        #[cfg(test)]
        self.findings.look_for(&self.path, name);
        self.parameters.get(name).is_some_and(Given::has_value)
    }

    /// Whether the parameter is given as `null`, which clients write into a query string as an empty text. Only an update tells that
    /// from its absence.
    pub(crate) fn is_null(&self, name: &str) -> bool {
        match self.parameters.get(name) {
            Some(Given::Json(value)) => value.is_null(),
            Some(Given::Query(query)) => query.texts == [""] && !query.is_bracketed,
            Some(Given::Object(_)) | None => false,
        }
    }

    /// `value`, which must be there: its absence is noted unless something else was wrong with it.
    fn required<T>(&self, name: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.note_if_missing(name);
        }
        value
    }

    /// Notes a parameter that must be there and is not.
    pub(crate) fn note_if_missing(&self, name: &str) {
        if !self.is_given(name) {
            self.issue(name, REQUIRED);
        }
    }

    /// An id.
    pub(crate) fn id<T: FromStr>(&self, name: &str) -> Option<T> {
        self.asks(name, Kind::Id);
        self.parsed(name, "Invalid uuid", parse_uuid)
    }

    /// An id that must be there.
    pub(crate) fn required_id<T: FromStr>(&self, name: &str) -> Option<T> {
        self.required(name, self.id(name))
    }

    /// A text.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.asks(name, Kind::Text);
        let text = self.scalar_text(name)?;
        let problem = if text.trim().is_empty() {
            EMPTY.to_owned()
        } else if text.chars().count() > LONGEST_TEXT {
            too_long()
        } else {
            return Some(text.to_owned());
        };
        self.issue(name, problem);
        None
    }

    /// A text that must be there.
    pub(crate) fn required_text(&self, name: &str) -> Option<String> {
        self.required(name, self.text(name))
    }

    /// A text that `parse` understands; otherwise `problem` is noted.
    pub(crate) fn parsed<T>(&self, name: &str, problem: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        self.asks(name, Kind::Parsed);
        let parsed = parse(self.scalar_text(name)?);
        if parsed.is_none() {
            self.issue(name, problem);
        }
        parsed
    }

    /// One of a few words.
    pub(crate) fn word(&self, name: &str, words: &[&str]) -> Option<String> {
        self.asks(name, Kind::Word(words));
        let expected = words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" | ");
        self.parsed(name, &format!("Invalid enum value. Expected {expected}"), |text| {
            words.contains(&text).then(|| text.to_owned())
        })
    }

    /// A moment, as RFC 3339 text.
    pub(crate) fn moment(&self, name: &str) -> Option<Timestamp> {
        self.asks(name, Kind::Moment);
        self.parsed(name, "Invalid datetime", parse_moment)
    }

    /// Yes or no.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.asks(name, Kind::Flag);
        let flag = match self.scalar(name)? {
            Scalar::Json(Value::Bool(flag)) => return Some(*flag),
            Scalar::Json(other) => return self.wrong_type(name, "boolean", other),
            Scalar::Text(text) => parse_flag(text),
        };
        if flag.is_none() {
            self.issue(name, "Expected boolean, received string");
        }
        flag
    }

    /// A whole number within bounds.
    pub(crate) fn whole_number(&self, name: &str, least: u16, most: u16) -> Option<u16> {
        self.asks(name, Kind::WholeNumber { least, most });
        let number = match self.scalar(name)? {
            Scalar::Json(Value::Number(number)) => whole(number.as_f64()),
            Scalar::Json(other) => return self.wrong_type(name, "number", other),
            Scalar::Text(text) => match text.parse::<f64>() {
                Ok(number) => whole(Some(number)),
                Err(_) => return self.wrong_type(name, "number", &Value::String(String::new())),
            },
        };
        let within = number.filter(|number| (least..=most).contains(number));
        if within.is_none() {
            self.issue(name, format!("Expected a whole number from {least} to {most}"));
        }
        within
    }

    /// The parameters inside a parameter.
    pub(crate) fn object<'s>(&'s self, name: &'s str) -> Option<Fields<'s>> {
        self.asks(name, Kind::Object);
        match self.parameters.get(name)? {
            Given::Object(parameters) => {
                let path = self.path.iter().copied().chain([name]).collect();
                Some(Fields {
                    parameters,
                    findings: self.findings,
                    path,
                })
            }
            Given::Query(query) if query.is_mixed => self.contradiction(name),
            Given::Json(Value::Null) => None,
            Given::Json(other) => self.wrong_type(name, "object", other),
            Given::Query(query) if query.texts.iter().all(|text| text.trim().is_empty()) => None,
            Given::Query(_) => self.wrong(name, "Expected object, received string"),
        }
    }

    fn scalar_text(&self, name: &str) -> Option<&'a str> {
        match self.scalar(name)? {
            Scalar::Text(text) => Some(text),
            Scalar::Json(Value::String(text)) => Some(text),
            Scalar::Json(other) => self.wrong_type(name, "string", other),
        }
    }

    fn scalar(&self, name: &str) -> Option<Scalar<'a>> {
        match self.parameters.get(name)? {
            Given::Json(Value::Null) => None,
            Given::Json(value) => Some(Scalar::Json(value)),
            Given::Object(_) => self.wrong(name, "Unexpected object"),
            Given::Query(query) => match query.texts.as_slice() {
                _ if query.is_mixed => self.contradiction(name),
                [] => None,
                [only] if !query.is_bracketed => Some(only.trim()).filter(|text| !text.is_empty()).map(Scalar::Text),
                _ => {
                    let message = format!("\"{name}\" takes one value, and the query string gives it several");
                    self.refuse(Problem::invalid_query(message));
                    None
                }
            },
        }
    }

    pub(crate) fn contradiction<T>(&self, name: &str) -> Option<T> {
        self.refuse(Problem::invalid_query(format!(
            "\"{name}\" is written in several ways in the query string"
        )));
        None
    }

    pub(crate) fn wrong<T>(&self, name: &str, message: &str) -> Option<T> {
        self.issue(name, message);
        None
    }

    pub(crate) fn wrong_type<T>(&self, name: &str, expected: &str, received: &Value) -> Option<T> {
        self.wrong(name, &format!("Expected {expected}, received {}", type_name(received)))
    }
}

impl fmt::Debug for Fields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fields")
            .field("path", &self.path)
            .field("names", &self.parameters.keys())
            .finish_non_exhaustive()
    }
}
