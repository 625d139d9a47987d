//! What can go wrong on a walk.

use std::time::Duration;

use fobless::webhook::signed_webhook::SigningError;

/// A step that did not work.
#[derive(Debug, thiserror::Error)]
pub enum WalkError {
    /// The request brought no answer.
    #[error("no answer: {0}")]
    Http(#[from] reqwest::Error),
    /// The answer was no success.
    #[error("refused with {status}: {body}")]
    Refused {
        /// The status.
        status: u16,
        /// What was said.
        body: String,
    },
    /// The answer has another shape.
    #[error("the answer is not {what}: {error}")]
    Unexpected {
        /// What it should have been.
        what: &'static str,
        /// What does not fit.
        error: serde_json::Error,
    },
    /// The event could not be signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// What was waited for did not come about.
    #[error("after {} s there is still not: {what}", patience.as_secs())]
    Deadline {
        /// What was waited for.
        what: String,
        /// For how long.
        patience: Duration,
    },
}
