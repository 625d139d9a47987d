//! A request that is not carried out, and how each of HID's services says so.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::gate::Service;

/// A request that is not carried out.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    detail: String,
    /// Over the limit: the answer comes from in front of the service and tells nothing.
    bare: bool,
}

impl Failure {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            bare: false,
        }
    }

    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("{what} was not found"))
    }

    pub(crate) fn precondition(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED, detail)
    }

    /// HID answers 403, not 429, and no `Retry-After`. The body is not established; here it holds nothing to go by.
    pub(crate) fn over_the_limit() -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            detail: "Forbidden".to_owned(),
            bare: true,
        }
    }

    /// An answer that a test asked for.
    pub(crate) fn injected(status: StatusCode) -> Self {
        Self {
            status,
            detail: status.canonical_reason().unwrap_or("Failure").to_owned(),
            bare: status == StatusCode::FORBIDDEN,
        }
    }

    pub(crate) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the simulator cannot keep its state")
    }

    /// The body as a service words it.
    pub(crate) fn body(&self, service: Service) -> Value {
        if self.bare {
            return json!({ "message": self.detail });
        }
        match service {
            Service::MobileIdentities => json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
                "status": self.status.as_u16().to_string(),
                "detail": self.detail,
            }),
            Service::Events => json!({ "responseHeader": { "statusCode": self.status.as_u16(), "statusMessage": self.detail } }),
            Service::Tokens => {
                let error = if self.status == StatusCode::UNAUTHORIZED {
                    "invalid_client"
                } else {
                    "invalid_request"
                };
                json!({ "error": error, "error_description": self.detail })
            }
        }
    }
}

impl IntoResponse for Failure {
    /// The simulator's own wording; the gate of a service puts the service's in its place.
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(json!({ "detail": self.detail }))).into_response();
        response.extensions_mut().insert(self);
        response
    }
}
