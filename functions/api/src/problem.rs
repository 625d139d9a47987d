//! The envelope of a refusal: a stable type for programs, a message for people, and which parameters are to blame.

use axum::response::{IntoResponse, Response};
use fobless::store::{StoreError, TransactionError, WriteError};
use http::{HeaderValue, StatusCode, header::ALLOW};
use serde_json::{Value, json};

use crate::{envelope, findings::Issues};

/// Why a request is refused, or could not be answered.
#[derive(Debug)]
pub(crate) enum Problem {
    /// The request is wrong in some way that has a name.
    Refused {
        /// The HTTP status.
        status: StatusCode,
        /// The type, stable for programs.
        kind: &'static str,
        /// What is wrong, for people.
        message: String,
    },
    /// The endpoint takes other methods only.
    MethodNotAllowed {
        /// Which, separated by commas.
        accepted: &'static str,
    },
    /// Parameters are missing or wrong.
    InvalidInput(Issues),
    /// It is our fault. The text is for the log only.
    Internal(String),
}

/// What went wrong inside, on its way to the request's line in the log.
#[derive(Clone, Debug)]
pub(crate) struct Cause(pub(crate) String);

impl Problem {
    fn refused(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self::Refused {
            status,
            kind,
            message: message.into(),
        }
    }

    /// The key is missing or wrong; which of it is not told.
    pub(crate) fn unauthorized() -> Self {
        Self::refused(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "A valid API key is needed: Authorization: Bearer seam_...",
        )
    }

    /// The endpoint is for client sessions, and there is none.
    pub(crate) fn session_needed() -> Self {
        Self::refused(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "A client session token is needed: Authorization: Bearer seam_cst...",
        )
    }

    /// The endpoint is not for client sessions.
    pub(crate) fn session_instead_of_key() -> Self {
        Self::refused(
            StatusCode::UNAUTHORIZED,
            "client_session_token_used_for_api_key",
            "This endpoint needs an API key: a client session token opens only what belongs to its user identity",
        )
    }

    /// The endpoint is about the phone that calls it, which an API key is not.
    pub(crate) fn key_instead_of_session() -> Self {
        Self::session_over(
            "invalid_client_session_token",
            "This endpoint is for a phone with its client session token (seam_cst...), not for an API key",
        )
    }

    /// What is shown as a client session token is none.
    pub(crate) fn invalid_session_token(message: &str) -> Self {
        Self::refused(StatusCode::BAD_REQUEST, "invalid_client_session_token", message)
    }

    /// The client session opens nothing, or nothing any more.
    pub(crate) fn session_over(kind: &'static str, message: &str) -> Self {
        Self::refused(StatusCode::UNAUTHORIZED, kind, message)
    }

    /// Whoever asks may not do this.
    fn forbidden(kind: &'static str, message: impl Into<String>) -> Self {
        Self::refused(StatusCode::FORBIDDEN, kind, message)
    }

    /// A phone of the session's person was put out of use since it began, and may be the one that asks.
    pub(crate) fn session_outdated() -> Self {
        Self::forbidden(
            "phone_deactivated",
            "A phone of this user identity was deactivated since the session began: a new client session is needed",
        )
    }

    /// The header `seam-workspace` names another workspace than the key's.
    pub(crate) fn workspace_not_found() -> Self {
        Self::refused(
            StatusCode::UNAUTHORIZED,
            "workspace_not_found",
            "Neither API key nor client session opens the workspace that seam-workspace names",
        )
    }

    /// The body is not declared as JSON.
    pub(crate) fn invalid_content_type() -> Self {
        Self::refused(
            StatusCode::BAD_REQUEST,
            "invalid_content_type",
            "A body must have the content type application/json",
        )
    }

    /// The body is too large.
    pub(crate) fn body_too_large(most: usize) -> Self {
        Self::refused(
            StatusCode::PAYLOAD_TOO_LARGE,
            "payload_too_large",
            format!("The body is larger than {most} bytes"),
        )
    }

    /// The query string contradicts itself.
    pub(crate) fn invalid_query(message: impl Into<String>) -> Self {
        Self::refused(StatusCode::BAD_REQUEST, "invalid_query_params", message)
    }

    /// The cursor belongs to a listing with other parameters.
    pub(crate) fn mismatched_page() -> Self {
        Self::refused(
            StatusCode::BAD_REQUEST,
            "mismatched_page_parameters",
            "A page_cursor only works with the parameters of the listing that it came from",
        )
    }

    /// What was asked for does not exist.
    pub(crate) fn not_found(kind: &'static str, message: impl Into<String>) -> Self {
        Self::refused(StatusCode::NOT_FOUND, kind, message)
    }

    /// What the parameters refer to does not exist.
    pub(crate) fn unknown_reference(kind: &'static str, message: impl Into<String>) -> Self {
        Self::refused(StatusCode::BAD_REQUEST, kind, message)
    }

    /// What is no event type was given as one.
    pub(crate) fn invalid_event_types(message: impl Into<String>) -> Self {
        Self::refused(StatusCode::BAD_REQUEST, "invalid_event_types", message)
    }

    /// The workspace has as many webhooks as it may have.
    pub(crate) fn too_many_webhooks(most: usize) -> Self {
        let message = format!("A workspace may have {most} webhooks; delete one first");
        Self::refused(StatusCode::BAD_REQUEST, "too_many_webhooks", message)
    }

    /// The request as a whole is wrong.
    pub(crate) fn invalid(message: &str) -> Self {
        Self::InvalidInput(Issues::one(&[], message))
    }

    /// One parameter is wrong.
    pub(crate) fn invalid_field(field: &str, message: &str) -> Self {
        Self::InvalidInput(Issues::one(&[field], message))
    }

    /// It is our fault.
    pub(crate) fn internal(cause: impl Into<String>) -> Self {
        Self::Internal(cause.into())
    }

    fn parts(&self) -> (StatusCode, &'static str, String, Option<Value>) {
        match self {
            Self::Refused { status, kind, message } => (*status, kind, message.clone(), None),
            Self::MethodNotAllowed { accepted } => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                format!("only {accepted} accepted"),
                None,
            ),
            Self::InvalidInput(issues) => (StatusCode::BAD_REQUEST, "invalid_input", issues.message(), Some(issues.by_field())),
            Self::Internal(_) => {
                let message = "Something went wrong on our side; seam-request-id names this request in our log".to_owned();
                (StatusCode::INTERNAL_SERVER_ERROR, "internal_server_error", message, None)
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, kind, message, validation_errors) = self.parts();
        let mut error = json!({"type": kind, "message": message});
        if let Some(validation_errors) = validation_errors {
            error["validation_errors"] = validation_errors;
        }
        let mut response = envelope::json(status, &json!({"error": error, "ok": false}));
        match self {
            Self::Internal(cause) => {
                response.extensions_mut().insert(Cause(cause));
            }
            Self::MethodNotAllowed { accepted } => {
                response.headers_mut().insert(ALLOW, HeaderValue::from_static(accepted));
            }
            Self::Refused { .. } | Self::InvalidInput(_) => {}
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<WriteError> for Problem {
    fn from(error: WriteError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<TransactionError> for Problem {
    fn from(error: TransactionError) -> Self {
        Self::Internal(error.to_string())
    }
}
