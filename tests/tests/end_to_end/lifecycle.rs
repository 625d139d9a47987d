//! Every change of a wish or a fact ends in the right state: nobody keeps access that they should not have, and nobody loses access
//! that they should.

use std::{collections::BTreeSet, time::Duration};

use fobless::domain::ids::{AcsCredentialId, DeviceId};
use fobless_local::{SystemOptions, seed};
use fobless_tests::{PATIENCE, ShiftedTime, Stack};
use serde_json::{Value, json};

/// Somebody waits for the sweeper: a sweep that the clock ran away from ends, and the next one begins within a minute. What it touches while the
/// issuer's own clock is not there yet rests for 70 s.
pub(crate) const LONG: Duration = Duration::from_secs(150);

pub(crate) fn plenty() -> SystemOptions {
    SystemOptions {
        hid_rate_limit: 3_000,
        ..SystemOptions::default()
    }
}

/// One phone that holds the credential.
pub(crate) async fn served(stack: &Stack) -> (AcsCredentialId, DeviceId) {
    stack.launch_automation().await.unwrap();
    let parent = stack.create_credential().await.unwrap();
    let phone = stack.register("one").await;
    stack.redeem_code_of(phone).await;
    stack.issued(parent, 1).await;
    (parent, phone)
}

/// Waits until nothing opens a door: no live credential at the far side, no child in the API.
async fn nothing_is_left(stack: &Stack, parent: AcsCredentialId) {
    nothing_is_left_within(stack, parent, LONG).await;
}

async fn nothing_is_left_within(stack: &Stack, parent: AcsCredentialId, patience: Duration) {
    let look = async || {
        let is_live = stack
            .ledger()
            .await?
            .credentials
            .iter()
            .any(fobless_local::walk::Credential::is_live);
        Ok((!is_live && stack.children(parent).await?.is_empty()).then_some(()))
    };
    stack.wait_for("nothing to be left", patience, look).await.unwrap();
}

async fn event_types(stack: &Stack) -> Vec<String> {
    let events = stack.events(&json!({})).await.unwrap();
    events
        .iter()
        .map(|event| event["event_type"].as_str().unwrap().to_owned())
        .collect()
}

/// Waits for an event of this type.
pub(crate) async fn told_of(stack: &Stack, event_type: &str) -> Value {
    let look = async || {
        let events = stack.events(&json!({"event_type": event_type})).await?;
        Ok(events.into_iter().next())
    };
    stack.wait_for(event_type, PATIENCE, look).await.unwrap()
}

#[tokio::test]
async fn each_change_on_the_way_to_a_credential_is_told_once() {
    let stack = Stack::start().await;
    let (parent, phone) = served(&stack).await;
    told_of(&stack, "acs_credential.issued").await;
    let types = event_types(&stack).await;
    assert_eq!(
        types,
        ["acs_user.created", "phone.registered", "phone.enrolled", "acs_credential.issued"]
    );
    let issued = told_of(&stack, "acs_credential.issued").await;
    assert_eq!(issued["device_id"], json!(phone));
    assert_eq!(issued["parent_acs_credential_id"], json!(parent));
    assert_eq!(issued["acs_system_id"], json!(seed::ACS_SYSTEM));
}

#[tokio::test]
async fn a_phone_that_is_deactivated_through_the_api_loses_everything_and_may_come_back() {
    let stack = Stack::start().await;
    let (parent, phone) = served(&stack).await;
    stack.deactivate_phone_by_id(phone).await.unwrap();
    nothing_is_left(&stack, parent).await;
    assert_eq!(told_of(&stack, "phone.deactivated").await["device_id"], json!(phone));
    stack.deactivate_phone_by_id(phone).await.unwrap();

    let again = stack.register("one").await;
    assert_eq!(again, phone);
    stack.redeem_code_of(phone).await;
    stack.issued(parent, 1).await;
    let types = event_types(&stack).await;
    let count = |name: &str| types.iter().filter(|found| *found == name).count();
    assert_eq!((count("phone.registered"), count("phone.deactivated")), (2, 1), "{types:?}");
    let numbers: BTreeSet<_> = stack
        .ledger()
        .await
        .unwrap()
        .credentials
        .iter()
        .map(|found| found.card_number.clone())
        .collect();
    assert_eq!(numbers.len(), 2, "a number that was lost with a phone is not given again");
}

#[tokio::test]
async fn a_deleted_parent_takes_its_children_with_it_and_is_told_of_after_them() {
    let stack = Stack::start().await;
    let (parent, _) = served(&stack).await;
    stack.delete_credential(parent).await.unwrap();
    if let Some(shown) = stack.credential_as_shown(parent).await.unwrap() {
        assert_eq!(shown["warnings"][0]["warning_code"], "being_deleted", "{shown}");
    }
    nothing_is_left(&stack, parent).await;
    let look = async || Ok(stack.credential_as_shown(parent).await?.is_none().then_some(()));
    stack.wait_for("the parent to be gone", PATIENCE, look).await.unwrap();
    let deleted = stack.events(&json!({"event_type": "acs_credential.deleted"})).await.unwrap();
    let of_parent: Vec<bool> = deleted.iter().map(|event| event["acs_credential_id"] == json!(parent)).collect();
    assert_eq!(
        of_parent,
        [false, true],
        "the child first, then the parent, each once: {deleted:#?}"
    );
    stack.delete_credential(parent).await.unwrap();
    assert_eq!(stack.phones().await.unwrap().len(), 1, "the phone stays enrolled");
}

#[tokio::test]
async fn a_credential_is_there_from_its_start_to_its_end_and_again_when_the_end_is_moved() {
    let time = ShiftedTime::default();
    let stack = Stack::start_with(SystemOptions {
        clock: time.clock(),
        ..plenty()
    })
    .await;
    let (parent, _) = served(&stack).await;
    let in_minutes = |minutes: i64| {
        let now = time.clock().now().millis();
        fobless::domain::time::Timestamp::from_millis(now + minutes * 60_000).to_string()
    };
    stack.update_credential(parent, &json!({"ends_at": in_minutes(60)})).await.unwrap();
    assert_eq!(stack.children(parent).await.unwrap().len(), 1);
    time.pass(Duration::from_mins(61));
    nothing_is_left(&stack, parent).await;
    stack.update_credential(parent, &json!({"ends_at": in_minutes(60)})).await.unwrap();
    stack.issued_within(parent, 1, LONG).await;
    stack
        .update_credential(parent, &json!({"starts_at": in_minutes(30)}))
        .await
        .unwrap();
    nothing_is_left(&stack, parent).await;
    time.pass(Duration::from_mins(31));
    stack.issued_within(parent, 1, LONG).await;
}

#[tokio::test]
async fn children_follow_the_acs_user_who_is_suspended_unassigned_or_deleted() {
    let stack = Stack::start_with(plenty()).await;
    let (parent, _) = served(&stack).await;
    stack.suspend_acs_user(seed::ACS_USER).await.unwrap();
    nothing_is_left(&stack, parent).await;
    stack.unsuspend_acs_user(seed::ACS_USER).await.unwrap();
    stack.issued_within(parent, 1, LONG).await;

    stack.unassign_credential(parent, seed::ACS_USER).await.unwrap();
    nothing_is_left(&stack, parent).await;
    stack.assign_credential(parent, seed::ACS_USER).await.unwrap();
    stack.issued_within(parent, 1, LONG).await;

    stack.delete_acs_user(seed::ACS_USER).await.unwrap();
    nothing_is_left(&stack, parent).await;
    told_of(&stack, "acs_user.deleted").await;
    assert_eq!(stack.credential_as_shown(parent).await.unwrap(), None);
}

#[tokio::test]
async fn a_refusal_while_a_former_credential_leaves_the_phone_holds_up_nothing_that_is_taken_away_later() {
    let stack = Stack::start_with(plenty()).await;
    let (parent, _) = served(&stack).await;
    // The phone is slow to drop the credential, so the one that follows is refused at first.
    stack.settings(&json!({"fetch_delay_ms": 3_000})).await.unwrap();
    stack.suspend_acs_user(seed::ACS_USER).await.unwrap();
    nothing_is_left(&stack, parent).await;
    stack.unsuspend_acs_user(seed::ACS_USER).await.unwrap();
    let look = async || Ok(stack.ledger().await?.refused.contains_key("412").then_some(()));
    stack.wait_for("a refusal", PATIENCE, look).await.unwrap();
    stack.settings(&json!({"fetch_delay_ms": 50})).await.unwrap();
    stack.issued_within(parent, 1, LONG).await;

    stack.suspend_acs_user(seed::ACS_USER).await.unwrap();
    nothing_is_left_within(&stack, parent, PATIENCE).await;
}

#[tokio::test]
async fn a_deleted_automation_lets_its_phones_keep_what_they_have_and_goes_on_with_the_same_user() {
    let stack = Stack::start_with(plenty()).await;
    let (parent, first) = served(&stack).await;
    let automation = stack.launch_automation().await.unwrap();
    stack.delete_automation(automation).await.unwrap();
    told_of(&stack, "enrollment_automation.deleted").await;
    let second = stack.register("two").await;
    assert_eq!(stack.children(parent).await.unwrap()[0].device_id, first);
    assert_eq!(
        stack.ledger().await.unwrap().invitations.len(),
        1,
        "the second phone is not enrolled"
    );
    assert_eq!(stack.launch_automation().await.unwrap(), automation);
    stack.redeem_code_of(second).await;
    stack.issued_within(parent, 2, LONG).await;
    assert_eq!(stack.ledger().await.unwrap().users.len(), 1);
}

#[tokio::test]
async fn a_deleted_person_leaves_nothing_behind_at_the_far_side() {
    let stack = Stack::start_with(plenty()).await;
    let (parent, _) = served(&stack).await;
    let invited = stack.register("two").await;
    stack.invitation_code(invited).await;
    stack.delete_user_identity().await.unwrap();
    nothing_is_left(&stack, parent).await;
    told_of(&stack, "user_identity.deleted").await;
    let ledger = stack.ledger().await.unwrap();
    assert!(
        ledger.invitations.iter().all(|invitation| invitation.status != "PENDING"),
        "{:?}",
        ledger.invitations
    );
    let types = event_types(&stack).await;
    let last = |name: &str| types.iter().rposition(|found| found == name).unwrap();
    assert!(last("acs_credential.deleted") < last("acs_user.deleted"), "{types:?}");
    assert!(last("phone.deactivated") < last("user_identity.deleted"), "{types:?}");
    assert!(last("enrollment_automation.deleted") < last("user_identity.deleted"), "{types:?}");
    stack.delete_user_identity().await.unwrap();
    assert!(stack.phones().await.unwrap().is_empty());
    // Whatever is said about a phone of theirs later changes nothing.
    stack.register("three").await;
    let again = stack
        .api("/user_identities/get", &json!({"user_identity_id": seed::USER_IDENTITY}))
        .await;
    assert!(again.is_err(), "{again:?}");
    assert_eq!(stack.ledger().await.unwrap().invitations.len(), 2);
}

#[tokio::test]
async fn a_sixth_phone_is_told_that_there_is_no_room_and_is_served_when_one_goes() {
    let stack = Stack::start_with(plenty()).await;
    stack.launch_automation().await.unwrap();
    let parent = stack.create_credential().await.unwrap();
    for name in ["1", "2", "3", "4", "5"] {
        let phone = stack.register(name).await;
        stack.redeem_code_of(phone).await;
    }
    let sixth = stack.register("6").await;
    stack.wait_for_trouble(sixth, "phone_limit_reached").await;
    assert_eq!(told_of(&stack, "phone.enrollment_failed").await["device_id"], json!(sixth));
    stack.deactivate_phone("1").await.unwrap();
    stack.redeem_code_of(sixth).await;
    let look = async || {
        Ok(stack
            .children(parent)
            .await?
            .iter()
            .any(|child| child.device_id == sixth && child.is_issued)
            .then_some(()))
    };
    stack.wait_for("the sixth phone's credential", LONG, look).await.unwrap();
}

#[tokio::test]
async fn a_second_credential_of_the_same_pool_says_why_it_waits() {
    let stack = Stack::start_with(plenty()).await;
    let (_, phone) = served(&stack).await;
    stack.create_credential().await.unwrap();
    stack.wait_for_trouble(phone, "credential_pool_occupied").await;
    let failed = told_of(&stack, "acs_credential.failed_to_issue").await;
    assert_eq!(failed["error_code"], "credential_pool_occupied", "{failed}");
}

#[tokio::test]
async fn what_is_done_by_hand_at_the_far_side_is_found_by_the_daily_audit_with_one_read() {
    let time = ShiftedTime::default();
    let stack = Stack::start_with(SystemOptions {
        clock: time.clock(),
        more_part_numbers: vec!["BY-HAND".to_owned()],
        ..plenty()
    })
    .await;
    let (parent, phone) = served(&stack).await;
    let reads = async || stack.ledger().await.unwrap().calls["GET /users/{id}"];
    let before = reads().await;
    time.pass(Duration::from_hours(25));
    let look = async || Ok((stack.ledger().await?.calls["GET /users/{id}"] > before).then_some(()));
    stack.wait_for("the audit", LONG, look).await.unwrap();
    let first = stack.ledger().await.unwrap().credentials[0].clone();
    stack.revoke_at_the_far_side(first.id).await;
    stack.issue_by_hand_at_the_far_side(first.container_id, "BY-HAND").await;
    assert_eq!(reads().await, before + 1, "an audit of one person is one read");

    time.pass(Duration::from_hours(25));
    told_of(&stack, "acs_credential.invalidated").await;
    told_of(&stack, "acs_credential.reissued").await;
    assert_eq!(told_of(&stack, "phone.unknown_credential_found").await["device_id"], json!(phone));
    let ledger = stack.ledger().await.unwrap();
    let by_hand = ledger
        .credentials
        .iter()
        .find(|found| found.part_number.as_deref() == Some("BY-HAND"))
        .unwrap();
    assert!(by_hand.is_live(), "what is none of ours is never touched");
    assert_eq!(ledger.credentials.iter().filter(|found| found.is_live()).count(), 2);

    stack.delete_endpoint_at_the_far_side(first.container_id).await;
    time.pass(Duration::from_hours(25));
    let code = stack.invitation_code_within(phone, LONG).await;
    stack.redeem(&code, "Maker", "Model").await.unwrap();
    stack.issued_within(parent, 1, LONG).await;
}

#[tokio::test]
async fn the_timeline_says_what_was_done_for_a_phone_and_what_it_waits_for_without_secrets() {
    let stack = Stack::start_with(plenty()).await;
    stack.launch_automation().await.unwrap();
    stack.create_credential().await.unwrap();
    let phone = stack.register("one").await;
    let code = stack.invitation_code(phone).await;
    let timeline = async || {
        let answer = stack.api("/phones/timeline", &json!({"device_id": phone})).await.unwrap();
        answer["phone_timeline"].clone()
    };
    let steps = |timeline: &Value| -> Vec<String> {
        let events = timeline["events"].as_array().unwrap().iter();
        events.map(|event| event["step"].as_str().unwrap().to_owned()).collect()
    };
    let waiting = timeline().await;
    assert!(waiting["waiting_for"][0].as_str().unwrap().contains("redeem"), "{waiting:#}");
    assert!(!waiting.to_string().contains(code.expose()), "the code is a secret");
    stack.redeem(&code, "Maker", "Model").await.unwrap();
    told_of(&stack, "acs_credential.issued").await;
    stack.deactivate_phone("one").await.unwrap();
    told_of(&stack, "phone.deactivated").await;
    let after = timeline().await;
    let times: Vec<&str> = after["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["at"].as_str().unwrap())
        .collect();
    assert!(times.is_sorted(), "{times:?}");
    let done: BTreeSet<String> = steps(&after).into_iter().collect();
    for step in ["invite", "issue", "withdraw", "end_enrollment"] {
        assert!(done.contains(step), "{step} is missing: {after:#}");
    }
}
