//! What the stream shows of a write, in the shape in which Lambda hands it to a function.

use serde_json::{Value, json};

use crate::{
    attribute::{Item, size},
    stored::Stored,
};

/// The record of a change; `None` when it changed nothing, of which DynamoDB leaves no record.
pub(crate) fn record(key: &Item, old: Option<&Stored>, new: Option<&Stored>, number: u64, seconds: i64) -> Option<Value> {
    let name = match (old, new) {
        (None, None) => return None,
        (Some(old), Some(new)) if **old == **new => return None,
        (None, _) => "INSERT",
        (_, None) => "REMOVE",
        _ => "MODIFY",
    };
    let mut change = json!({
        "ApproximateCreationDateTime": seconds,
        "SequenceNumber": format!("{number:021}"),
        "SizeBytes": size(key) + old.map_or(0, Stored::size) + new.map_or(0, Stored::size),
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    });
    // Not by way of `json!`, which would write them down and read them again.
    change["Keys"] = Value::Object(key.clone());
    for (image, item) in [("OldImage", old), ("NewImage", new)] {
        if let Some(item) = item {
            change[image] = Value::Object((**item).clone());
        }
    }
    let mut record = json!({
        "eventID": format!("{number:032x}"),
        "eventName": name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:000000000000:table/in-memory/stream/1",
    });
    record["dynamodb"] = change;
    Some(record)
}
