//! Batches of the table's stream, read leniently: only what is needed, so that one odd record does not spoil the batch; and the answer
//! that says which records to send again.
//!
//! The stream is a hint. What a record shows is not looked at beyond "which item, and what kind of write was it"; whoever handles it
//! reads the table for the truth. So a record may be repeated, late or from a newer version of Fobless without harm.

use serde_json::{Value, json};

/// One record of the stream.
#[derive(Clone, Copy, Debug)]
pub struct StreamRecord<'a>(&'a Value);

/// The records of a batch, as Lambda's event source mapping sends it.
#[must_use]
pub fn records(event: &Value) -> Vec<StreamRecord<'_>> {
    let records = event.get("Records").and_then(Value::as_array).map(Vec::as_slice);
    records.unwrap_or_default().iter().map(StreamRecord).collect()
}

/// The answer to a batch: these of its records, by their place in it, are to be sent again. Lambda goes back to the first of them.
#[must_use]
pub fn send_again(records: &[StreamRecord<'_>], mut failed: Vec<usize>) -> Value {
    failed.sort_unstable();
    failed.dedup();
    let failures: Vec<Value> = failed
        .into_iter()
        .filter_map(|index| records.get(index)?.sequence_number())
        .map(|number| json!({ "itemIdentifier": number }))
        .collect();
    json!({ "batchItemFailures": failures })
}

impl<'a> StreamRecord<'a> {
    /// A record as it came.
    #[must_use]
    pub const fn new(record: &'a Value) -> Self {
        Self(record)
    }

    fn change(self, name: &str) -> Option<&'a Value> {
        self.0.get("dynamodb")?.get(name)
    }

    /// Its place in the shard, by which a batch response names it.
    #[must_use]
    pub fn sequence_number(self) -> Option<&'a str> {
        self.change("SequenceNumber")?.as_str()
    }

    /// The partition and the item that were written.
    #[must_use]
    pub fn key(self) -> Option<(&'a str, &'a str)> {
        let part = |name: &str| self.change("Keys")?.get(name)?.get("S")?.as_str();
        Some((part("pk")?, part("sk")?))
    }

    /// The item as it was written, in the wire's form; `None`: it was taken away, or the record does not tell.
    #[must_use]
    pub fn new_image(self) -> Option<&'a Value> {
        self.change("NewImage")
    }

    /// Whether the write left the item as it was. AWS leaves no record of such a write, other implementations do.
    #[must_use]
    pub fn changed_nothing(self) -> bool {
        match (self.change("OldImage"), self.new_image()) {
            (Some(old), Some(new)) => old == new,
            _ => false,
        }
    }

    /// Whether it may be the sweeper's touch. Every other write of an item that was there before raises its version.
    #[must_use]
    pub fn may_be_a_touch(self) -> bool {
        let version = |image: &str| self.change(image)?.get("version");
        match (version("OldImage"), version("NewImage")) {
            (Some(old), Some(new)) => old == new,
            _ => true,
        }
    }

    /// Whether the item was not there before, as far as the record tells.
    #[must_use]
    pub fn may_be_an_insert(self) -> bool {
        let name = self.0.get("eventName").and_then(Value::as_str);
        name.is_none_or(|name| name == "INSERT")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(old: &str, new: &str) -> Value {
        json!({"dynamodb": {"OldImage": {"version": {"N": old}, "due_at": {"N": "1"}}, "NewImage": {"version": {"N": new}, "due_at": {"N": "2"}}}})
    }

    #[test]
    fn a_touch_is_known_by_the_version_that_stays() {
        assert!(StreamRecord::new(&versions("3", "3")).may_be_a_touch());
        assert!(!StreamRecord::new(&versions("3", "4")).may_be_a_touch());
        assert!(
            StreamRecord::new(&json!({"dynamodb": {}})).may_be_a_touch(),
            "without images it may be one"
        );
    }

    #[test]
    fn records_that_make_no_sense_have_no_key() {
        for record in [
            json!({"dynamodb": {"Keys": {"pk": {"N": "1"}, "sk": {"S": "x"}}}}),
            json!({"dynamodb": {"Keys": {"pk": {"S": "x"}}}}),
            json!({"dynamodb": 7}),
            json!(null),
        ] {
            assert_eq!(StreamRecord::new(&record).key(), None, "{record}");
        }
        assert!(records(&json!({"Records": 7})).is_empty() && records(&json!(null)).is_empty());
    }

    #[test]
    fn the_answer_names_each_record_once_and_in_order() {
        let record = |number: &str| json!({"dynamodb": {"SequenceNumber": number}});
        let event = json!({"Records": [record("10"), json!(null), record("12")]});
        let records = records(&event);
        assert_eq!(
            send_again(&records, vec![2, 0, 2, 1]),
            json!({"batchItemFailures": [{"itemIdentifier": "10"}, {"itemIdentifier": "12"}]})
        );
        assert_eq!(send_again(&records, Vec::new()), json!({"batchItemFailures": []}));
    }
}
