//! The envelope of a good answer: what was asked for under its name, and `"ok": true` beside it.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::problem::Problem;

/// A good answer.
#[derive(Debug, Default)]
pub(crate) struct Answer(Map<String, Value>);

impl Answer {
    /// Nothing but `"ok": true`.
    pub(crate) fn done() -> Self {
        Self::default()
    }

    /// `value` under `key`.
    pub(crate) fn of(key: &str, value: &impl Serialize) -> Result<Self, Problem> {
        Self::done().and(key, value)
    }

    /// `value` under `key` as well.
    pub(crate) fn and(mut self, key: &str, value: &impl Serialize) -> Result<Self, Problem> {
        let value = serde_json::to_value(value).map_err(|error| Problem::internal(format!("{key} can't be written: {error}")))?;
        self.0.insert(key.to_owned(), value);
        Ok(self)
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut object = self.0;
        object.insert("ok".to_owned(), Value::Bool(true));
        json(StatusCode::OK, &Value::Object(object))
    }
}

/// A JSON answer. It may hold an invitation code, so nobody on the way may keep it.
pub(crate) fn json(status: StatusCode, body: &Value) -> Response {
    let mut response = (status, body.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
