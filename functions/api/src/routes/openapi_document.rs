//! `/openapi.json`: what this API takes and gives, for machines. It asks for no key and tells nothing of any tenant.

use axum::{
    Router,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderValue, header};

use super::health::only_get;
use crate::endpoint::Server;

/// Written from the code by a test, which also holds it equal.
const DOCUMENT: &str = include_str!("../../openapi.json");

pub(crate) fn routes() -> Router<Server> {
    Router::new().route("/openapi.json", get(document).fallback(only_get))
}

async fn document() -> Response {
    let mut response = DOCUMENT.into_response();
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
