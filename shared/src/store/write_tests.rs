//! Writes that are fenced by the version: over what was read, or not at all.

use serde_json::{Value, json};

use super::{
    CallBudgetState, CallTurn, Key, Refusals, StoreError, WriteError,
    single_update_tests::{good, in_a_transaction, refused_with, table},
};
use crate::{
    credential_manager::hid_origo::scripted::{Script, Scripted},
    domain::{aggregate::Versioned, ids::AcsSystemId, time::Timestamp},
};

fn record(system: AcsSystemId, calls: u32) -> CallBudgetState {
    CallBudgetState {
        acs_system_id: system,
        calls: vec![(1, calls)],
        turns: [CallTurn::default(); 4],
        refusals: Refusals::default(),
        paused_until: None,
    }
}

fn seen(system: AcsSystemId) -> Versioned<CallBudgetState> {
    Versioned {
        record: record(system, 1),
        version: 1,
    }
}

/// The record as somebody else wrote it meanwhile.
fn newer(system: AcsSystemId, version: u32) -> Script {
    let key = Key::call_budget(system);
    Script::json(
        200,
        &json!({"Item": {
            "pk": {"S": key.partition}, "sk": {"S": key.item}, "version": {"N": version.to_string()},
            "acs_system_id": {"S": system.to_string()}, "calls": {"S": "1:7"},
        }}),
    )
}

fn requests(server: &Scripted) -> Vec<(String, Value)> {
    let operation = |target: Option<&str>| target.unwrap_or_default().rsplit('.').next().unwrap_or_default().to_owned();
    let requests = server.requests().into_iter();
    requests
        .map(|request| (operation(request.header("x-amz-target")), request.json()))
        .collect()
}

fn pause(record: &mut CallBudgetState) -> bool {
    record.paused_until = Some(Timestamp::from_millis(9));
    true
}

#[tokio::test]
async fn a_record_is_written_over_the_version_that_was_read() {
    let system = AcsSystemId::generate();
    let (store, server) = table([good()]).await;
    let written = store.amend(seen(system), pause).await.unwrap().unwrap();
    assert_eq!((written.version, written.record.paused_until), (2, Some(Timestamp::from_millis(9))));
    let [(operation, put)] = requests(&server).try_into().unwrap();
    assert_eq!(operation, "PutItem");
    assert_eq!(put["ConditionExpression"], "#version = :seen");
    assert_eq!(put["ExpressionAttributeValues"][":seen"], json!({"N": "1"}));
    assert_eq!(put["Item"]["version"], json!({"N": "2"}));
}

#[tokio::test]
async fn what_somebody_else_wrote_meanwhile_is_read_and_changed_in_its_place() {
    let system = AcsSystemId::generate();
    let (store, server) = table([refused_with("ConditionalCheckFailedException"), newer(system, 5), good()]).await;
    let mut asked_of = Vec::new();
    let change = |record: &mut CallBudgetState| {
        asked_of.push(record.calls.clone());
        pause(record)
    };
    let written = store.amend(seen(system), change).await.unwrap().unwrap();
    assert_eq!((written.version, written.record.calls), (6, vec![(1, 7)]));
    assert_eq!(asked_of, [vec![(1, 1)], vec![(1, 7)]]);
    let requests = requests(&server);
    let operations: Vec<&str> = requests.iter().map(|(operation, _)| operation.as_str()).collect();
    assert_eq!(operations, ["PutItem", "GetItem", "PutItem"]);
    assert_eq!(requests[1].1["ConsistentRead"], true);
    assert_eq!(requests[2].1["ExpressionAttributeValues"][":seen"], json!({"N": "5"}));
}

#[tokio::test]
async fn where_there_is_nothing_to_change_or_nothing_left_nothing_is_written() {
    let system = AcsSystemId::generate();
    let (store, server) = table([refused_with("ConditionalCheckFailedException"), good()]).await;
    assert!(store.amend(seen(system), |_| false).await.unwrap().is_none());
    assert!(requests(&server).is_empty());
    assert!(store.amend(seen(system), pause).await.unwrap().is_none(), "it is gone");
    assert_eq!(requests(&server).len(), 2);
}

#[tokio::test]
async fn a_transaction_in_the_way_is_a_conflict_and_a_table_that_refuses_is_none() {
    let system = AcsSystemId::generate();
    let (store, _server) = table([in_a_transaction()]).await;
    let met = store.insert(record(system, 1)).await;
    assert!(matches!(met, Err(WriteError::Conflict)), "{met:?}");
    let (store, _server) = table([refused_with("ResourceNotFoundException")]).await;
    let refused = store.insert(record(system, 1)).await;
    assert!(matches!(refused, Err(WriteError::Store(StoreError::Unavailable(_)))), "{refused:?}");
}
