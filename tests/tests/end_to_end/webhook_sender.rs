//! The contract between the sender of webhooks and the stream: what it reports, and what it does not.

use std::time::Duration;

use fobless::{
    aws::AwsAddress,
    clock::Clock,
    domain::ids::EventId,
    store::{Store, connect},
    webhook_delivery::{Sender, WebhookTargets},
};
use fobless_local::{TABLE, seed};
use serde_json::{Value, json};
use webhook_sender::{State, USUAL_TIME, handle_batch};

use crate::webhooks::Told;

fn sender_at(store: Store, clock: Clock) -> State {
    State {
        sender: Sender::new(store, clock.clone(), WebhookTargets::PublicAndThisMachine).unwrap(),
        clock,
    }
}

fn sender_without_table() -> State {
    let address = AwsAddress::stand_in("http://127.0.0.1:1");
    sender_at(Store::new(connect(&address).unwrap(), TABLE), Clock::system())
}

fn record(sequence_number: &str, partition: &str, item: &str) -> Value {
    json!({"eventName": "INSERT", "dynamodb": {"SequenceNumber": sequence_number, "Keys": {"pk": {"S": partition}, "sk": {"S": item}}}})
}

fn event_record(sequence_number: &str, event: &str) -> Value {
    record(sequence_number, &format!("EVENTS#{}#2024-01-11", seed::WORKSPACE), event)
}

#[tokio::test]
async fn odd_records_and_those_of_nothing_that_is_there_report_nothing() {
    let told = Told::start().await;
    let sender = sender_at(told.table(), told.clock.clone());
    let unknown = EventId::generate().to_string();
    let records = json!([
        null,
        {},
        {"dynamodb": {"Keys": {"pk": {"N": "1"}}}},
        record("4", "CREDENTIAL_MANAGER#1", "TOKEN"),
        record("5", "EVENTS#x#y", "z"),
        event_record("6", &unknown),
        record("7", &format!("DELIVERY#{unknown}#{unknown}"), "DELIVERY"),
        record("8", &format!("WORKSPACE#{}", seed::WORKSPACE), &format!("WEBHOOK#{unknown}")),
    ]);
    let done = json!({"batchItemFailures": []});
    assert_eq!(handle_batch(&sender, &json!({"Records": records}), USUAL_TIME).await, done);
    assert_eq!(handle_batch(&sender, &json!({}), USUAL_TIME).await, done);
}

#[tokio::test]
async fn only_a_table_that_can_not_be_used_sends_records_again() {
    let id = EventId::generate().to_string();
    let records = json!([
        record("1", "CREDENTIAL_MANAGER#1", "TOKEN"),
        event_record("2", &id),
        record("3", &format!("DELIVERY#{id}#{id}"), "DELIVERY"),
        record("4", &format!("WORKSPACE#{}", seed::WORKSPACE), &format!("WEBHOOK#{id}")),
    ]);
    let answer = handle_batch(&sender_without_table(), &json!({"Records": records}), USUAL_TIME).await;
    let again: Vec<Value> = ["2", "3", "4"].map(|number| json!({"itemIdentifier": number})).to_vec();
    assert_eq!(answer, json!({"batchItemFailures": again}));
}

#[tokio::test]
async fn a_record_that_comes_twice_is_told_once() {
    let told = Told::start().await;
    let hook = told.hook("/hook", &["acs_user.created"]).await;
    let event = told.something_happens("mary").await;
    told.received("/hook", 1).await;
    told.recorded(&hook, &event, 1).await;
    let sender = sender_at(told.table(), told.clock.clone());
    let again = json!({"Records": [event_record("1", &event), event_record("2", &event)]});
    assert_eq!(handle_batch(&sender, &again, USUAL_TIME).await, json!({"batchItemFailures": []}));
    assert_eq!(told.received("/hook", 1).await.len(), 1);
}

#[tokio::test]
async fn what_there_is_no_time_for_is_due_at_once_and_left_to_the_sweeper() {
    let told = Told::start().await;
    let start = told.clock.now();
    let event = told.something_happens("mary").await;
    let marker = told.hook("/marker", &["acs_user.created"]).await;
    told.settle(&marker).await;
    // It might have been there when the event was told, and the batch full.
    let hook = told.hook_since("/hook", "acs_user.created", start).await;
    let sender = sender_at(told.table(), told.clock.clone());
    let batch = json!({"Records": [event_record("1", &event)]});
    handle_batch(&sender, &batch, Duration::ZERO).await;
    let received = told.received("/hook", 1).await;
    assert_eq!(received[0].event["event_id"], json!(event));
    assert_eq!(told.recorded(&hook, &event, 1).await.attempt, 1);
}
