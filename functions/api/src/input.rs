//! The parameters of a request: its query string and its JSON body, merged. Where both name one, the body wins.

use axum::{
    body::Body,
    extract::{Query, Request},
};
use bytes::Bytes;
use fobless::digest::hex_sha256;
use http::{HeaderMap, Method, header::CONTENT_TYPE};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::Value;

use crate::{
    given::{self, Given, Parameters},
    problem::Problem,
};

/// The largest body.
const MOST_BYTES: usize = 1024 * 1024;

/// Newer clients add this to say that they write queries one way only. All ways are understood, so it changes nothing.
const STRICT: &str = "_strict";
/// The parameter that differs from page to page of one listing.
const PAGE_CURSOR: &str = "page_cursor";

/// The parameters of one request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Input(Parameters);

impl Input {
    /// Reads the whole request.
    pub(crate) async fn of(request: Request) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        let Query(pairs) = pairs.map_err(|_| Problem::invalid_query("The query string can't be read"))?;
        let mut parameters = given::of_query(pairs);
        let body = whole(body).await?;
        if has_json(&parts.method, &parts.headers, &body)? {
            parameters.extend(object(&body)?);
        }
        parameters.remove(STRICT);
        Ok(Self(parameters))
    }

    /// The parameters of an object.
    #[cfg(test)]
    pub(crate) fn of_json(object: Value) -> Self {
        match Given::of_json(object) {
            Given::Object(fields) => Self(fields),
            Given::Json(_) | Given::Query(_) => Self::default(),
        }
    }

    /// The parameters by name.
    pub(crate) const fn parameters(&self) -> &Parameters {
        &self.0
    }
}

/// Which listing was asked for what, in few letters: the same for every page of it.
pub(crate) fn fingerprint(listing: &str, parameters: &Parameters) -> String {
    let mut asked = parameters.clone();
    asked.remove(PAGE_CURSOR);
    asked.retain(|_, given| given.has_value());
    hex_sha256(&Value::Array(vec![listing.into(), Given::Object(asked).canonical()]).to_string())
}

async fn whole(body: Body) -> Result<Bytes, Problem> {
    match Limited::new(body, MOST_BYTES).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Problem::body_too_large(MOST_BYTES)),
        Err(_) => Err(Problem::invalid("The body ended before it was complete")),
    }
}

/// Whether there is a JSON body. A method that is not about its body may come with anything in it.
fn has_json(method: &Method, headers: &HeaderMap, body: &Bytes) -> Result<bool, Problem> {
    if body.is_empty() {
        return Ok(false);
    }
    let declared = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = declared.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case("application/json") {
        return Ok(true);
    }
    if matches!(*method, Method::GET | Method::DELETE) {
        return Ok(false);
    }
    Err(Problem::invalid_content_type())
}

fn object(body: &Bytes) -> Result<Parameters, Problem> {
    let text = std::str::from_utf8(body).map_err(|_| Problem::invalid("The body is not UTF-8"))?;
    // Only the place is told: the text itself may hold what nobody should see again.
    let value: Value = serde_json::from_str(text)
        .map_err(|error| Problem::invalid(&format!("The body is not JSON (line {}, column {})", error.line(), error.column())))?;
    match Given::of_json(value) {
        Given::Object(fields) => Ok(fields),
        Given::Json(_) | Given::Query(_) => Err(Problem::invalid("The body is not a JSON object")),
    }
}
