//! Whom a record of the stream concerns.

use fobless::{
    store::{PartitionOwner, USER_PARTITION},
    stream_batch::StreamRecord,
};

/// Whom a record concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Concern {
    /// Something of this person has changed.
    UserIdentity(PartitionOwner),
    /// Nothing is to be done about it.
    Nobody,
    /// It does not say, so somebody may wait for it.
    Unclear {
        /// How an operator finds it.
        name: String,
    },
}

/// Whose partition a record is of, if anything changed there.
pub(crate) fn concerns(record: StreamRecord<'_>) -> Concern {
    let Some((partition, _)) = record.key() else {
        let number = record.sequence_number().unwrap_or("without a number");
        return Concern::Unclear {
            name: format!("STREAM_RECORD#{number}"),
        };
    };
    if record.changed_nothing() {
        return Concern::Nobody;
    }
    // Items of no user identity (tokens, budgets, API keys) leave records too; there is nothing to reconcile about them.
    match PartitionOwner::of_partition(partition) {
        Some(owner) => Concern::UserIdentity(owner),
        None if partition.starts_with(USER_PARTITION) => Concern::Unclear {
            name: partition.to_owned(),
        },
        None => Concern::Nobody,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const PARTITION: &str = "USER#398d80b7-3f96-47c2-b85a-6f8ba21d07be#5c945ab5-c75e-4bcb-8e5f-9410061c401f";

    fn owner_of(record: &Value) -> Option<String> {
        match concerns(StreamRecord::new(record)) {
            Concern::UserIdentity(owner) => Some(owner.partition()),
            Concern::Nobody | Concern::Unclear { .. } => None,
        }
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
    fn a_record_of_another_partition_concerns_nobody() {
        let record = json!({"dynamodb": {"Keys": {"pk": {"S": "API_KEY#00"}, "sk": {"S": "API_KEY"}}}});
        assert_eq!(concerns(StreamRecord::new(&record)), Concern::Nobody);
    }

    #[test]
    fn a_record_that_makes_no_sense_is_named_and_not_dropped() {
        for (record, name) in [
            (
                json!({"dynamodb": {"SequenceNumber": "12", "Keys": {"pk": {"N": "1"}}}}),
                "STREAM_RECORD#12",
            ),
            (
                json!({"dynamodb": {"Keys": {"pk": {"S": "USER#one#two"}, "sk": {"S": "IDENTITY"}}}}),
                "USER#one#two",
            ),
            (json!({"dynamodb": 7}), "STREAM_RECORD#without a number"),
            (json!(null), "STREAM_RECORD#without a number"),
        ] {
            let name = name.to_owned();
            assert_eq!(concerns(StreamRecord::new(&record)), Concern::Unclear { name }, "{record}");
        }
    }
}
