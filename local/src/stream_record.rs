//! A record of the table's stream, in the shape in which Lambda hands it to a function.

use serde_json::{Value, json};

/// One change of one item.
#[derive(Clone, Debug)]
pub(crate) struct StreamRecord(Value);

impl StreamRecord {
    /// Takes a record as the database gives it, and puts in what Lambda adds.
    pub(crate) fn new(mut record: Value, region: &str, arn: &str) -> Self {
        record["awsRegion"] = region.into();
        record["eventSourceARN"] = arn.into();
        Self(record)
    }

    /// Its place in the stream. All have the same length, so the order of the texts is the order of the records.
    pub(crate) fn sequence_number(&self) -> &str {
        self.0["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default()
    }

    /// The partition of the item.
    pub(crate) fn partition(&self) -> &str {
        self.0["dynamodb"]["Keys"]["pk"]["S"].as_str().unwrap_or_default()
    }

    /// The item within its partition.
    pub(crate) fn item(&self) -> &str {
        self.0["dynamodb"]["Keys"]["sk"]["S"].as_str().unwrap_or_default()
    }

    /// The item before the change, as plain JSON.
    pub(crate) fn old_image(&self) -> Option<Value> {
        self.0["dynamodb"].get("OldImage").map(plain_map)
    }

    /// The item after the change, as plain JSON.
    pub(crate) fn new_image(&self) -> Option<Value> {
        self.0["dynamodb"].get("NewImage").map(plain_map)
    }

    /// Whether the item is the same after the write as before. AWS puts no record of that into the stream.
    pub(crate) fn changes_nothing(&self) -> bool {
        let images = &self.0["dynamodb"];
        images.get("OldImage").is_some_and(|old| images.get("NewImage") == Some(old))
    }

    /// Whether the deployed stream mapping's filter lets it pass: tokens and call budgets wake nobody.
    pub(crate) fn is_of_a_user_identity(&self) -> bool {
        self.partition().starts_with("USER#")
    }

    /// When it was written, in seconds since 1970.
    pub(crate) fn written_at(&self) -> &Value {
        &self.0["dynamodb"]["ApproximateCreationDateTime"]
    }
}

/// The event that a function gets for a batch.
pub(crate) fn event_of(batch: &[StreamRecord]) -> Value {
    let records: Vec<&Value> = batch.iter().map(|record| &record.0).collect();
    json!({"Records": records})
}

fn plain_map(attributes: &Value) -> Value {
    let fields = attributes.as_object().into_iter().flatten();
    fields.map(|(name, attribute)| (name.clone(), plain(attribute))).collect()
}

/// DynamoDB's typed JSON as plain JSON. Binary values stay as they are written: none of our records has any.
fn plain(attribute: &Value) -> Value {
    let Some((kind, value)) = attribute.as_object().and_then(|typed| typed.iter().next()) else {
        return Value::Null;
    };
    match kind.as_str() {
        "NULL" => Value::Null,
        "N" => value
            .as_str()
            .and_then(|number| serde_json::from_str(number).ok())
            .unwrap_or_default(),
        "M" => plain_map(value),
        "L" => value.as_array().into_iter().flatten().map(plain).collect(),
        _ => value.clone(),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A record with the `n`th sequence number.
    pub(crate) fn numbered(n: usize) -> StreamRecord {
        StreamRecord(json!({"dynamodb": {"SequenceNumber": sequence_number(n), "Keys": {"pk": {"S": format!("USER#{n}")}}}}))
    }

    /// The `n`th sequence number.
    pub(crate) fn sequence_number(n: usize) -> String {
        format!("1{n:020}")
    }

    #[test]
    fn images_become_plain_json() {
        let image = json!({"a": {"S": "x"}, "b": {"N": "12"}, "c": {"M": {"d": {"L": [{"BOOL": true}, {"NULL": true}]}}}});
        let record = StreamRecord::new(json!({"dynamodb": {"NewImage": image, "OldImage": image}}), "us-east-1", "arn:x");
        assert_eq!(record.new_image().unwrap(), json!({"a": "x", "b": 12, "c": {"d": [true, null]}}));
        assert!(record.changes_nothing());
        assert!(!numbered(1).changes_nothing());
        assert_eq!(event_of(&[record])["Records"][0]["eventSourceARN"], "arn:x");
    }
}
