//! What an operation cost, as DynamoDB itself counts it.

use aws_sdk_dynamodb::types::ConsumedCapacity;

/// Write units that one operation consumed, indexes included.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct WriteUnits(pub f64);

impl WriteUnits {
    pub(super) fn of(consumed: Option<&ConsumedCapacity>) -> Self {
        Self(consumed.and_then(ConsumedCapacity::capacity_units).unwrap_or_default())
    }
}
