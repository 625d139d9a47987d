//! `/openapi.json`: what this API takes and gives, for machines. It asks for no key and tells nothing of any tenant.

use axum::{
    Router,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderValue, StatusCode, header};

use super::health::only_get;
use crate::endpoint::Server;

/// `openapi.json`, compressed by the build script. It is written from the code by a test, which also holds it equal.
const COMPRESSED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json.zlib"));

pub(crate) fn routes() -> Router<Server> {
    Router::new().route("/openapi.json", get(document).fallback(only_get))
}

async fn document() -> Response {
    // Asked for by tools now and then, so it is not worth being kept.
    let Ok(document) = miniz_oxide::inflate::decompress_to_vec_zlib(COMPRESSED) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = document.into_response();
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
