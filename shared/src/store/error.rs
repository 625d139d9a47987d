//! What can go wrong with the table. Nobody outside learns more than that it went wrong.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// The table could not be used, or holds something that this version does not understand.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The request failed; `0` is for the log.
    #[error("the table can't be used: {0}")]
    Unavailable(String),
    /// An item could not be read as what its key says it is.
    #[error("the item {key} can't be understood: {reason}")]
    Unreadable {
        /// Which item.
        key: String,
        /// What does not fit. Names of fields, no values.
        reason: String,
    },
    /// A record could not be turned into an item.
    #[error("a record can't be written: {0}")]
    Unwritable(String),
}

impl StoreError {
    /// Whether it is about what stands in the table, so that trying again can't help.
    #[must_use]
    pub const fn is_about_an_item(&self) -> bool {
        match self {
            Self::Unreadable { .. } | Self::Unwritable(_) => true,
            Self::Unavailable(_) => false,
        }
    }
}

/// Why a conditional write did not happen.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Somebody else wrote the item first. Read again and decide again.
    #[error("somebody else wrote the item first")]
    Conflict,
    /// The table could not be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<E, R> From<SdkError<E, R>> for StoreError
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
    R: std::fmt::Debug,
{
    /// Only the code and DynamoDB's own message. Never the SDK's debug output: that shows the whole answer, items and tokens in it.
    fn from(error: SdkError<E, R>) -> Self {
        let kind = match &error {
            SdkError::ConstructionFailure(_) => "the request could not be made",
            SdkError::TimeoutError(_) => "no answer in time",
            SdkError::DispatchFailure(_) => "no connection",
            SdkError::ResponseError(_) => "an answer that can't be read",
            _ => "refused",
        };
        let Some(service) = error.as_service_error() else {
            return Self::Unavailable(kind.to_owned());
        };
        let text = format!("{}: {}", service.code().unwrap_or(kind), service.message().unwrap_or("no message"));
        // Sending the same again can't help: an item over 400 KB, say.
        if service.code() == Some("ValidationException") {
            Self::Unwritable(text)
        } else {
            Self::Unavailable(text)
        }
    }
}

/// Sorts a failed condition from every other failure.
pub(super) fn condition<E, R>(error: SdkError<E, R>) -> WriteError
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
    R: std::fmt::Debug,
{
    if error.as_service_error().and_then(ProvideErrorMetadata::code) == Some("ConditionalCheckFailedException") {
        WriteError::Conflict
    } else {
        WriteError::Store(error.into())
    }
}
