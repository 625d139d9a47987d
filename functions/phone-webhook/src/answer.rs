//! What the caller of a webhook learns.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE};

/// The classes of answers. The sender acts on the status; the body only names the class for a person who looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Written, or known before.
    Accepted,
    /// Well signed, and about something that is not ours.
    NotOurs,
    /// A header is missing or malformed, or the body is not what the sender's contract says.
    Malformed,
    /// No key matches, or it was signed too long ago or ahead.
    Unauthorized,
    /// Nobody sends here.
    UnknownSource,
    /// Webhooks are posted.
    MethodNotAllowed,
    /// The body is too large.
    TooLarge,
    /// The user identity does not exist.
    UnknownUserIdentity,
    /// Nothing was written: send it again.
    SendAgain,
}

impl Answer {
    /// The HTTP status.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Accepted => StatusCode::OK,
            Self::NotOurs => StatusCode::NO_CONTENT,
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::UnknownSource => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnknownUserIdentity => StatusCode::UNPROCESSABLE_ENTITY,
            Self::SendAgain => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The class of a refusal, by which refusals are counted; `None`: it is none.
    #[must_use]
    pub const fn refusal(self) -> Option<&'static str> {
        match self {
            Self::Accepted | Self::NotOurs => None,
            Self::Malformed => Some("malformed"),
            Self::Unauthorized => Some("unauthorized"),
            Self::UnknownSource => Some("unknown_source"),
            Self::MethodNotAllowed => Some("method_not_allowed"),
            Self::TooLarge => Some("too_large"),
            Self::UnknownUserIdentity => Some("unknown_user_identity"),
            Self::SendAgain => Some("unavailable"),
        }
    }

    const fn body(self) -> &'static [u8] {
        match self {
            Self::Accepted => br#"{"ok":true}"#,
            Self::NotOurs => b"",
            Self::Malformed => br#"{"ok":false,"error":{"type":"malformed"}}"#,
            Self::Unauthorized => br#"{"ok":false,"error":{"type":"unauthorized"}}"#,
            Self::UnknownSource => br#"{"ok":false,"error":{"type":"not_found"}}"#,
            Self::MethodNotAllowed => br#"{"ok":false,"error":{"type":"method_not_allowed"}}"#,
            Self::TooLarge => br#"{"ok":false,"error":{"type":"too_large"}}"#,
            Self::UnknownUserIdentity => br#"{"ok":false,"error":{"type":"user_identity_not_found"}}"#,
            Self::SendAgain => br#"{"ok":false,"error":{"type":"unavailable"}}"#,
        }
    }
}

impl From<Answer> for Response<Bytes> {
    fn from(answer: Answer) -> Self {
        let mut response = Self::new(Bytes::from_static(answer.body()));
        *response.status_mut() = answer.status();
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}
