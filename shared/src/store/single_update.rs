//! The sending of a single update that does not read first.
//!
//! DynamoDB refuses a plain write of an item that a transaction is just writing, and the SDK does not repeat it. The transaction
//! is over within milliseconds, so the update is repeated here: whoever sent the webhook need not do it.

use std::time::Duration;

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::update_item::{UpdateItemOutput, builders::UpdateItemFluentBuilder},
};

use super::error::{WriteError, condition};
use crate::clock::Clock;

/// The pauses before the repeats, at most: 300 ms in all, which still leaves most of a webhook's time.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(20),
    Duration::from_millis(40),
    Duration::from_millis(80),
    Duration::from_millis(160),
];

/// Sends the update, again after a short while if somebody else's transaction is in its way. [`WriteError::Conflict`] is only ever
/// the update's own condition.
pub(super) async fn send(update: UpdateItemFluentBuilder, clock: &Clock) -> Result<UpdateItemOutput, WriteError> {
    for pause in PAUSES {
        match Box::pin(update.clone().send()).await {
            Err(error) if is_in_a_transaction(&error) => clock.sleep(jittered(pause)).await,
            answered => return answered.map_err(condition),
        }
    }
    Box::pin(update.send()).await.map_err(condition)
}

/// Whether somebody else's transaction is about to write the item.
pub(super) fn is_in_a_transaction<E, R>(error: &SdkError<E, R>) -> bool
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    error.as_service_error().and_then(ProvideErrorMetadata::code) == Some("TransactionConflictException")
}

/// Between half of the pause and all of it, so that those who waited for the same transaction do not come back together.
pub(super) fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(0.5 + fastrand::f64() / 2.0)
}
