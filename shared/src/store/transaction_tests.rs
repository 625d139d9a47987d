//! Transactions that meet others: what is tried again, and what is left to whoever asked for it.

use serde_json::{Value, json};

use super::{Key, Record, Store, TransactionError, UniqueKey, UniqueKind, WriteError, connect};
use crate::{
    aws::AwsAddress,
    credential_manager::hid_origo::scripted::{Script, Scripted},
    domain::{
        acs::AcsUser,
        aggregate::Versioned,
        ids::{AcsSystemId, AcsUserId, ConnectedAccountId, UserIdentityId, WorkspaceId},
        time::Timestamp,
        user_identity::UserIdentity,
    },
};

fn cancelled(codes: &[&str]) -> Script {
    let reasons: Vec<Value> = codes.iter().map(|code| json!({"Code": code})).collect();
    let kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
    Script::json(
        400,
        &json!({"__type": kind, "Message": "cancelled", "CancellationReasons": reasons}),
    )
}

fn good() -> Script {
    Script::json(200, &json!({}))
}

async fn table(scripts: impl IntoIterator<Item = Script>) -> (Store, Scripted) {
    let server = Scripted::start(scripts).await;
    let address = AwsAddress::stand_in(server.url.clone());
    (Store::new(connect(&address).unwrap(), "fobless-test"), server)
}

/// What was asked for in transactions, each with its parts.
fn transactions(server: &Scripted) -> Vec<Vec<Value>> {
    let is_transaction = |target: Option<&str>| target.is_some_and(|target| target.ends_with(".TransactWriteItems"));
    let requests = server.requests().into_iter();
    requests
        .filter(|request| is_transaction(request.header("x-amz-target")))
        .map(|request| request.json()["TransactItems"].as_array().unwrap().clone())
        .collect()
}

fn jane(email: &str) -> UserIdentity {
    UserIdentity {
        workspace_id: WorkspaceId::generate(),
        user_identity_id: UserIdentityId::generate(),
        user_identity_key: None,
        email_address: Some(email.to_owned()),
        phone_number: None,
        full_name: None,
        created_at: Timestamp::from_millis(0),
        deletion: None,
    }
}

/// Whose making is told, so that it is written in a transaction.
fn acs_user() -> AcsUser {
    AcsUser {
        workspace_id: WorkspaceId::generate(),
        acs_user_id: AcsUserId::generate(),
        acs_system_id: AcsSystemId::generate(),
        connected_account_id: ConnectedAccountId::generate(),
        user_identity_id: None,
        full_name: "Jane".to_owned(),
        email_address: None,
        phone_number: None,
        suspended_at: None,
        created_at: Timestamp::from_millis(0),
        deletion: None,
    }
}

/// The claim of somebody to Jane's e-mail address, as it is read.
fn claim_of(jane: &UserIdentity, holder: &UserIdentity) -> Script {
    let Key { partition, item } = holder.key();
    let claim = Key::unique(jane.workspace_id, UniqueKind::EmailAddress, jane.email_address.as_ref().unwrap());
    let text = |text: String| json!({"S": text});
    let item = json!({
        "pk": text(claim.partition.clone()), "sk": text(claim.item), "version": {"N": "1"},
        "workspace_id": text(jane.workspace_id.to_string()), "kind": text("email_address".to_owned()),
        "key": text(claim.partition), "holder_partition": text(partition), "holder_item": text(item),
    });
    Script::json(200, &json!({"Item": item}))
}

#[tokio::test]
async fn a_creation_that_meets_another_over_a_value_is_tried_again() {
    let (store, server) = table([cancelled(&["None", "TransactionConflict"]), good()]).await;
    let creation = store.transaction().create(&jane("jane@example.com")).unwrap();
    creation.write().await.unwrap();
    let sent = transactions(&server);
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0], sent[1]);
}

#[tokio::test]
async fn what_meets_another_over_its_own_record_is_left_to_be_decided_again() {
    for codes in [
        ["ConditionalCheckFailed", "None", "None"],
        ["TransactionConflict", "None", "None"],
        // Who wrote the record may have taken the value for it.
        ["ConditionalCheckFailed", "None", "ConditionalCheckFailed"],
    ] {
        let (store, server) = table([cancelled(&codes)]).await;
        let seen = Versioned {
            record: jane("old@example.com"),
            version: 3,
        };
        let record = UserIdentity {
            email_address: Some("new@example.com".to_owned()),
            ..seen.record.clone()
        };
        let refused = store.transaction().replace(&record, &seen).unwrap().write().await;
        assert!(matches!(refused, Err(TransactionError::Conflict)), "{refused:?}");
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_value_is_taken_over_only_while_its_holder_holds_nothing() {
    let jane = jane("jane@example.com");
    let gone = UserIdentity {
        user_identity_id: UserIdentityId::generate(),
        ..jane.clone()
    };
    let no_record = good();
    let refused = cancelled(&["None", "ConditionalCheckFailed"]);
    let (store, server) = table([refused, claim_of(&jane, &gone), no_record, good()]).await;
    store.transaction().create(&jane).unwrap().write().await.unwrap();
    let sent = transactions(&server);
    assert_eq!((sent[0].len(), sent[1].len()), (2, 3));
    let check = &sent[1][2]["ConditionCheck"];
    assert_eq!(check["Key"]["pk"]["S"], gone.key().partition);
    let values = &sent[1][1]["Put"]["ExpressionAttributeValues"];
    assert_eq!(values[":holder_partition"]["S"], gone.key().partition);
}

#[tokio::test]
async fn a_value_that_somebody_holds_is_refused_and_one_that_is_somebody_elses_is_not_given_up() {
    let jane = jane("jane@example.com");
    let joe = UserIdentity {
        user_identity_id: UserIdentityId::generate(),
        ..jane.clone()
    };
    let is_there = Script::json(200, &json!({"Item": {"pk": {"S": "x"}, "sk": {"S": "x"}}}));
    let (store, _server) = table([cancelled(&["None", "ConditionalCheckFailed"]), claim_of(&jane, &joe), is_there]).await;
    let refused = store.transaction().create(&jane).unwrap().write().await;
    assert!(
        matches!(refused, Err(TransactionError::Taken(UniqueKind::EmailAddress))),
        "{refused:?}"
    );

    let seen = Versioned {
        record: jane.clone(),
        version: 3,
    };
    let forgetful = UserIdentity {
        email_address: None,
        full_name: Some("Jane".to_owned()),
        ..jane.clone()
    };
    assert_eq!(UniqueKey::of_identity(&forgetful), []);
    let (store, server) = table([cancelled(&["None", "ConditionalCheckFailed"]), good()]).await;
    store.transaction().replace(&forgetful, &seen).unwrap().write().await.unwrap();
    assert_eq!(transactions(&server)[0].len(), 2);
    assert_eq!(server.requests().len(), 2, "the record alone is a plain write");
}

#[tokio::test]
async fn a_transaction_with_a_part_that_is_invalid_can_never_be_written() {
    for (codes, can_never_be) in [(["None", "ValidationError"], true), (["None", "ThrottlingError"], false)] {
        let (store, _server) = table([cancelled(&codes)]).await;
        let creation = store.transaction().create(&jane("jane@example.com")).unwrap();
        match creation.write().await {
            Err(TransactionError::Store(error)) => assert_eq!(error.is_about_an_item(), can_never_be, "{error}"),
            other => panic!("{other:?}"),
        }
        let (store, _server) = table([cancelled(&codes)]).await;
        match store.insert(acs_user()).await {
            Err(WriteError::Store(error)) => assert_eq!(error.is_about_an_item(), can_never_be, "{error}"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_creation_whose_answer_was_lost_is_not_taken_for_somebody_elses() {
    let nameless = UserIdentity {
        email_address: None,
        ..jane("")
    };
    let (store, server) = table([good()]).await;
    store.transaction().create(&nameless).unwrap().write().await.unwrap();
    let mut item = server.requests()[0].json()["Item"].clone();
    let in_the_way = || Script::json(400, &json!({"__type": "ConditionalCheckFailedException", "message": "it is there"}));

    let (store, _server) = table([in_the_way(), Script::json(200, &json!({"Item": item}))]).await;
    store.transaction().create(&nameless).unwrap().write().await.unwrap();

    item["version"] = json!({"N": "2"});
    let (store, _server) = table([in_the_way(), Script::json(200, &json!({"Item": item}))]).await;
    let refused = store.transaction().create(&nameless).unwrap().write().await;
    assert!(matches!(refused, Err(TransactionError::Conflict)), "{refused:?}");
}
