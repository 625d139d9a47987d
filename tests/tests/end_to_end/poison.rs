//! What can't be read or written holds up nobody else, is seen by an operator, and goes on once its cause is gone.

use fobless::{
    domain::ids::UserIdentityId,
    store::{PartitionOwner, Redriven, Unusable},
};
use fobless_local::{SystemOptions, seed};
use fobless_tests::{PATIENCE, Stack};
use serde_json::json;

fn plenty() -> SystemOptions {
    SystemOptions {
        hid_rate_limit: 3_000,
        ..SystemOptions::default()
    }
}

fn partition_of(user_identity_id: UserIdentityId) -> String {
    let owner = PartitionOwner {
        workspace_id: seed::WORKSPACE,
        user_identity_id,
    };
    owner.partition()
}

/// The mark of the person, once there is one.
async fn marked(stack: &Stack, name: &str) -> Unusable {
    let store = stack.store();
    let look = async || {
        let marks = store.unusable().await.unwrap();
        Ok(marks.into_iter().find(|mark| mark.name == name))
    };
    stack.wait_for("a mark", PATIENCE, look).await.unwrap()
}

/// Another person's phone gets its credential.
async fn somebody_else_is_served(stack: &Stack) {
    let bob = stack.another_person("bob").await;
    bob.launch_automation().await.unwrap();
    let parent = bob.create_credential().await.unwrap();
    let phone = bob
        .register_phone("bobs", fobless::domain::phone_metadata::PhoneMetadata::default())
        .await
        .unwrap();
    let look = async || Ok(bob.phone(phone).await?.and_then(|phone| phone.invitation_code().cloned()));
    let code = stack.wait_for("an invitation code", PATIENCE, look).await.unwrap();
    stack.redeem(&code, "Maker", "Model").await.unwrap();
    let look = async || Ok(bob.children(parent).await?.iter().any(|child| child.is_issued).then_some(()));
    stack.wait_for("bob's credential", PATIENCE, look).await.unwrap();
}

#[tokio::test]
async fn an_item_of_a_newer_version_holds_up_its_person_alone_who_goes_on_when_it_is_redriven() {
    let stack = Stack::start_with(plenty()).await;
    stack.launch_automation().await.unwrap();
    let parent = stack.create_credential().await.unwrap();
    let (table, jane) = (stack.raw_table(), partition_of(seed::USER_IDENTITY));
    let readable = table.item(&jane, "ACS_USER#").await;
    let mut newer = readable.clone();
    newer["created_at"] = json!({"M": {"calendar": {"S": "of a newer version"}}});
    assert!(table.put(&newer).await);

    let phone = stack.register("one").await;
    let mark = marked(&stack, &jane).await;
    assert!(mark.reason.contains("ACS_USER#"), "{}", mark.reason);
    somebody_else_is_served(&stack).await;
    assert!(stack.ledger().await.unwrap().invitations.len() == 1, "nothing was done for Jane");

    assert!(table.put(&readable).await);
    let mark = marked(&stack, &jane).await;
    let now = fobless::clock::Clock::system().now();
    assert_eq!(stack.store().redrive(&mark, now).await.unwrap(), Redriven::Woken);
    assert_eq!(
        table.item(&jane, "IDENTITY").await["redriven_at"],
        json!({"N": now.millis().to_string()}),
        "the stream tells of it"
    );
    stack.redeem_code_of(phone).await;
    stack.issued(parent, 1).await;
    assert_eq!(stack.store().unusable().await.unwrap(), []);
}

#[tokio::test]
async fn a_mark_of_nobody_is_taken_away_and_one_that_was_met_again_stays() {
    let stack = Stack::start().await;
    let (store, now) = (stack.store(), fobless::clock::Clock::system().now());
    let gone = partition_of(UserIdentityId::generate());
    store.mark_unusable(&gone, "gone", now).await.unwrap();
    store.mark_unusable("STREAM_RECORD#12", "odd", now).await.unwrap();
    let marks = store.unusable().await.unwrap();
    store.mark_unusable("STREAM_RECORD#12", "odd", now.plus(PATIENCE)).await.unwrap();
    for mark in &marks {
        assert_eq!(store.redrive(mark, now).await.unwrap(), Redriven::NothingToWake);
    }
    let left = store.unusable().await.unwrap();
    let [left] = left.as_slice() else { panic!("{left:?}") };
    assert_eq!((left.name.as_str(), left.times, left.since), ("STREAM_RECORD#12", 2, now));
}

#[tokio::test]
async fn an_item_that_is_as_large_as_can_be_is_marked_when_it_has_to_grow_and_holds_up_nobody() {
    let stack = Stack::start_with(plenty()).await;
    stack.launch_automation().await.unwrap();
    stack.create_credential().await.unwrap();
    let (table, jane) = (stack.raw_table(), partition_of(seed::USER_IDENTITY));
    // As soon as her user is there, the automation rests.
    let phone = stack.register("one").await;
    stack.invitation_code(phone).await;
    let mut enrollment = table.item(&jane, "ENROLLMENT#").await;
    // What is no part of the next state would make room for it.
    enrollment["state"]["M"].as_object_mut().unwrap().remove("hints_before").unwrap();
    let mut length = 409_600;
    loop {
        enrollment["former_endpoints"] = json!({"L": [{"S": "9".repeat(length)}]});
        if table.put(&enrollment).await {
            break;
        }
        length -= 20;
    }
    stack.deactivate_phone("one").await.unwrap();
    marked(&stack, &jane).await;
    somebody_else_is_served(&stack).await;
}
