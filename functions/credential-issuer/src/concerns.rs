//! Whom a record of the stream concerns.

use fobless::{store::PartitionOwner, stream_batch::StreamRecord};

/// Whose partition a record is of, if anything changed there.
pub(crate) fn concerns(record: StreamRecord<'_>) -> Option<PartitionOwner> {
    let Some((partition, _)) = record.key() else {
        tracing::warn!("skipped a stream record without a key");
        return None;
    };
    if record.changed_nothing() {
        return None;
    }
    // Items of no user identity (tokens, budgets, API keys) leave records too; there is nothing to reconcile about them.
    PartitionOwner::of_partition(partition)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const PARTITION: &str = "USER#398d80b7-3f96-47c2-b85a-6f8ba21d07be#5c945ab5-c75e-4bcb-8e5f-9410061c401f";

    fn owner_of(record: &Value) -> Option<String> {
        concerns(StreamRecord::new(record)).map(|owner| owner.partition())
    }

    #[test]
    fn a_record_concerns_the_user_identity_of_its_partition() {
        let record = json!({"dynamodb": {"Keys": {"pk": {"S": PARTITION}, "sk": {"S": "IDENTITY"}}, "NewImage": {"a": {"N": "1"}}}});
        assert_eq!(owner_of(&record), Some(PARTITION.to_owned()));
    }

    #[test]
    fn a_record_of_a_write_that_changed_nothing_concerns_nobody() {
        let image = json!({"a": {"N": "1"}});
        let record = json!({"dynamodb": {"Keys": {"pk": {"S": PARTITION}, "sk": {"S": "IDENTITY"}}, "NewImage": image, "OldImage": image}});
        assert_eq!(owner_of(&record), None);
    }

    #[test]
    fn records_of_other_partitions_and_records_that_make_no_sense_concern_nobody() {
        for record in [
            json!({"dynamodb": {"Keys": {"pk": {"S": "API_KEY#00"}, "sk": {"S": "API_KEY"}}}}),
            json!({"dynamodb": {"Keys": {"pk": {"N": "1"}}}}),
            json!({"dynamodb": {"Keys": {"pk": {"S": "USER#one#two"}, "sk": {"S": "IDENTITY"}}}}),
            json!({"dynamodb": 7}),
            json!(null),
        ] {
            assert_eq!(owner_of(&record), None, "{record}");
        }
    }
}
