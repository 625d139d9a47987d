//! What requests cost, in DynamoDB's units.

use serde_json::{Value, json};

use crate::request::text;

/// What one write unit covers.
const WRITE_UNIT: usize = 1024;
/// What one read unit covers.
const READ_UNIT: usize = 4096;

/// The units of a write of so many bytes.
pub(crate) fn of_write(bytes: usize) -> u32 {
    whole_units(bytes, WRITE_UNIT)
}

/// The units of a read of so many bytes. What may be old costs half.
pub(crate) fn of_read(bytes: usize, body: &Value) -> f64 {
    let units = f64::from(whole_units(bytes, READ_UNIT));
    if body["ConsistentRead"] == true { units } else { units / 2.0 }
}

fn whole_units(bytes: usize, unit: usize) -> u32 {
    u32::try_from(bytes.div_ceil(unit).max(1)).unwrap_or(u32::MAX)
}

/// What a request is told that it cost, if it asks for that.
pub(crate) fn consumed(body: &Value, table: &str, units: f64) -> Option<Value> {
    let is_wanted = matches!(text(body, "ReturnConsumedCapacity"), Some("TOTAL" | "INDEXES"));
    is_wanted.then(|| json!({ "TableName": table, "CapacityUnits": units }))
}
