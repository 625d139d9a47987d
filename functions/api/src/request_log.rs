//! The name of a request, on its answer and in the log: one line per request, without parameters, bodies or keys.

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use fobless::clock::Clock;
use http::{HeaderName, HeaderValue};
use uuid::Uuid;

use crate::problem::Cause;

const SEAM_REQUEST_ID: HeaderName = HeaderName::from_static("seam-request-id");

/// Names the request, and tells the log how it went.
pub(crate) async fn layer(clock: Clock, request: Request, next: Next) -> Response {
    let id = Uuid::new_v4().to_string();
    let began = clock.now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("unknown", MatchedPath::as_str);
    let mut response = next.run(request).await;
    let status = response.status().as_u16();
    let milliseconds = u64::try_from(clock.now().since(began).as_millis()).unwrap_or(u64::MAX);
    match response.extensions().get::<Cause>() {
        None => tracing::info!(%method, route, status, milliseconds, seam_request_id = id, "answered"),
        Some(Cause(cause)) => tracing::error!(%method, route, status, milliseconds, seam_request_id = id, cause, "failed"),
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(SEAM_REQUEST_ID, id);
    }
    response
}
