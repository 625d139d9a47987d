//! What a case finds: nothing to say, or in what the backend differs from DynamoDB.

use std::{error::Error, fmt};

use aws_sdk_dynamodb::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};
use fobless::store::{StoreError, TransactionError, WriteError};

/// What a backend does where DynamoDB does something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference(String);

/// Whether a backend does as DynamoDB does.
pub(crate) type Outcome = Result<(), Difference>;

impl Difference {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `found` must be what DynamoDB answers.
pub(crate) fn same<T: fmt::Debug + PartialEq>(what: &str, found: &T, in_dynamodb: &T) -> Outcome {
    if found == in_dynamodb {
        Ok(())
    } else {
        Err(Difference(format!("{what}: found {found:?}, in DynamoDB {in_dynamodb:?}")))
    }
}

/// It must be so.
pub(crate) fn so(what: &str, is_so: bool) -> Outcome {
    if is_so {
        Ok(())
    } else {
        Err(Difference(format!("not so: {what}")))
    }
}

/// The request must be refused with this code. Answers the refusal.
pub(crate) fn refused<T, E>(what: &str, code: &str, sent: Result<T, SdkError<E, HttpResponse>>) -> Result<E, Difference>
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    let Err(error) = sent else {
        return Err(Difference(format!("{what}: done, in DynamoDB refused with {code}")));
    };
    if error.code() != Some(code) {
        return Err(Difference(format!("{what}: {}, in DynamoDB {code}", Difference::from(error))));
    }
    match error {
        SdkError::ServiceError(refusal) => Ok(refusal.into_err()),
        other => Err(other.into()),
    }
}

/// Whether the condition of a write held.
pub(crate) fn held<T, E>(sent: Result<T, SdkError<E, HttpResponse>>) -> Result<bool, Difference>
where
    E: Error + ProvideErrorMetadata + 'static,
{
    match sent {
        Ok(_) => Ok(true),
        Err(error) if error.code() == Some("ConditionalCheckFailedException") => Ok(false),
        Err(error) => Err(error.into()),
    }
}

impl<E> From<SdkError<E, HttpResponse>> for Difference
where
    E: Error + ProvideErrorMetadata + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        let status = error.raw_response().map(|response| response.status().as_u16());
        match (error.code(), status) {
            (Some(code), _) => Self(format!("refused with {code} ({})", error.message().unwrap_or("no message"))),
            (None, Some(status)) => Self(format!("status {status} without an error that can be read")),
            (None, None) => Self(format!("no answer: {error:?}")),
        }
    }
}

impl From<StoreError> for Difference {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

impl From<WriteError> for Difference {
    fn from(error: WriteError) -> Self {
        Self(error.to_string())
    }
}

impl From<TransactionError> for Difference {
    fn from(error: TransactionError) -> Self {
        Self(error.to_string())
    }
}
