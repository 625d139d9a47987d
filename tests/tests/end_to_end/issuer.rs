//! The contract between the issuer and the stream: what it reports, and what it does not.

use std::collections::BTreeMap;

use credential_issuer::{State, handle_batch};
use fobless::{
    aws::AwsAddress,
    clock::Clock,
    reconcile::Reconciler,
    store::{PartitionOwner, Store, connect},
};
use fobless_local::{TABLE, seed};
use fobless_tests::Stack;
use serde_json::{Value, json};

fn issuer_at(dynamodb: &str) -> State {
    let address = AwsAddress::stand_in(dynamodb);
    let store = Store::new(connect(&address).unwrap(), TABLE);
    State {
        reconciler: Reconciler::new(store, Clock::system(), BTreeMap::new(), BTreeMap::new()).unwrap(),
        clock: Clock::system(),
    }
}

fn record(sequence_number: &str, partition: &str) -> Value {
    json!({"dynamodb": {"SequenceNumber": sequence_number, "Keys": {"pk": {"S": partition}, "sk": {"S": "IDENTITY"}}, "NewImage": {"a": {"N": "1"}}}})
}

fn partition(user: u128) -> String {
    let owner = PartitionOwner {
        workspace_id: seed::WORKSPACE,
        user_identity_id: fobless::domain::ids::UserIdentityId::new(uuid::Uuid::from_u128(user)),
    };
    owner.partition()
}

#[tokio::test]
async fn a_batch_that_can_be_worked_on_reports_nothing_whatever_odd_records_it_holds() {
    let stack = Stack::start().await;
    let issuer = issuer_at(&stack.ready().dynamodb);
    let odd = [
        json!(null),
        json!({}),
        json!({"dynamodb": {"Keys": {"pk": {"N": "1"}}}}),
        record("4", "TOKEN#1"),
        record("5", "USER#x#y"),
    ];
    let records: Vec<Value> = odd
        .into_iter()
        .chain([record("6", &partition(1)), record("7", &partition(2))])
        .collect();
    assert_eq!(
        handle_batch(&issuer, &json!({"Records": records}), std::time::Duration::from_secs(30)).await,
        json!({"batchItemFailures": []})
    );
    assert_eq!(
        handle_batch(&issuer, &json!({}), std::time::Duration::from_secs(30)).await,
        json!({"batchItemFailures": []})
    );
    let marks = stack.store().unusable().await.unwrap();
    let named: BTreeMap<&str, u64> = marks.iter().map(|mark| (mark.name.as_str(), mark.times)).collect();
    assert_eq!(
        named,
        BTreeMap::from([("STREAM_RECORD#without a number", 3), ("USER#x#y", 1)]),
        "what somebody may wait for is marked"
    );
}

#[tokio::test]
async fn only_a_table_that_can_not_be_used_sends_records_again_each_person_from_its_first_one_on() {
    let issuer = issuer_at("http://127.0.0.1:1");
    let records = [
        record("1", "TOKEN#1"),
        record("2", &partition(1)),
        record("3", &partition(2)),
        record("4", &partition(1)),
    ];
    let answer = handle_batch(&issuer, &json!({"Records": records}), std::time::Duration::from_secs(30)).await;
    assert_eq!(
        answer,
        json!({"batchItemFailures": [{"itemIdentifier": "2"}, {"itemIdentifier": "3"}]})
    );
}
