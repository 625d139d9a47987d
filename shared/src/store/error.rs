//! What can go wrong with the table. Nobody outside learns more than that it went wrong.

use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};

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
    E: std::error::Error + 'static,
    R: std::fmt::Debug,
{
    fn from(error: SdkError<E, R>) -> Self {
        Self::Unavailable(DisplayErrorContext(&error).to_string())
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
