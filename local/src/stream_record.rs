//! A record of the table's stream, in the shape in which Lambda hands it to a function.

use serde_json::{Value, json};

/// A function that the stream is brought to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consumer {
    /// Reconciles people.
    CredentialIssuer,
    /// Sends events to webhooks.
    WebhookSender,
}

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

    /// The function to which the filters of the deployed stream mappings let it pass. `None`: to none, as tokens and call budgets.
    pub(crate) fn consumer(&self) -> Option<Consumer> {
        let partition = self.partition();
        let (is_insert, is_modify) = (self.0["eventName"] == "INSERT", self.0["eventName"] == "MODIFY");
        let is_unsettled = self.0["dynamodb"]["NewImage"].get("due_at").is_some();
        if partition.starts_with("USER#") {
            return Some(Consumer::CredentialIssuer);
        }
        let is_for_the_sender = (is_insert && partition.starts_with("EVENTS#"))
            || (is_modify && is_unsettled && partition.starts_with("DELIVERY#"))
            || (is_modify && partition.starts_with("WORKSPACE#") && self.item().starts_with("WEBHOOK#"));
        is_for_the_sender.then_some(Consumer::WebhookSender)
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
    fn each_record_goes_to_the_function_that_it_is_for() {
        let record = |name: &str, partition: &str, item: &str, image: Value| {
            StreamRecord(json!({"eventName": name, "dynamodb": {"Keys": {"pk": {"S": partition}, "sk": {"S": item}}, "NewImage": image}}))
        };
        let (issuer, sender) = (Some(Consumer::CredentialIssuer), Some(Consumer::WebhookSender));
        let due = json!({"due_at": {"N": "1"}});
        for (name, partition, item, image, consumer) in [
            ("INSERT", "USER#1#2", "IDENTITY", json!({}), issuer),
            ("MODIFY", "USER#1#2", "IDENTITY", json!({}), issuer),
            ("INSERT", "EVENTS#1#2024-01-11", "3", json!({}), sender),
            ("REMOVE", "EVENTS#1#2024-01-11", "3", json!({}), None),
            ("INSERT", "DELIVERY#1#2", "DELIVERY", due.clone(), None),
            ("MODIFY", "DELIVERY#1#2", "DELIVERY", due.clone(), sender),
            ("MODIFY", "DELIVERY#1#2", "DELIVERY", json!({}), None),
            ("MODIFY", "WORKSPACE#1", "WEBHOOK#2", due.clone(), sender),
            ("INSERT", "WORKSPACE#1", "WEBHOOK#2", due.clone(), None),
            ("MODIFY", "WORKSPACE#1", "POOL#2", due, None),
            ("MODIFY", "CREDENTIAL_MANAGER#1", "TOKEN", json!({}), None),
        ] {
            assert_eq!(
                record(name, partition, item, image).consumer(),
                consumer,
                "{name} {partition} {item}"
            );
        }
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
