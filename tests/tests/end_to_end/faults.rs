//! The far side misbehaves, and every phone still gets exactly one credential.

use std::time::Duration;

use fobless_local::{SystemOptions, seed};
use fobless_tests::{ShiftedTime, Stack};
use futures_util::future::join_all;
use serde_json::{Value, json};

/// Retries wait for their backoff and for the sweeper's next pass.
const LONG: Duration = Duration::from_secs(90);

/// Every call to HID on the way from a phone's registration to its credential.
const CALLS: [&str; 7] = [
    "POST token",
    "POST /users",
    "POST /users/{id}/invitation",
    "GET /users/{id}",
    "POST /credential-container/{id}/credential",
    "GET /part-number",
    "GET /part-number/{id}",
];

fn plenty() -> SystemOptions {
    SystemOptions {
        hid_rate_limit: 3_000,
        ..SystemOptions::default()
    }
}

/// Two phones go the whole way while `faults` are set.
async fn two_phones_survive(faults: Value) {
    let stack = Stack::start_with(plenty()).await;
    // The token of the start was fetched before the faults were set.
    stack.revoke_tokens().await;
    stack.faults(&faults).await.unwrap();
    stack.launch_automation().await.unwrap();
    let parent = stack.create_credential().await.unwrap();
    let phones = [stack.register("one").await, stack.register("two").await];
    for phone in phones {
        let code = stack.invitation_code_within(phone, LONG).await;
        stack.redeem(&code, "Maker", "Model").await.unwrap();
    }
    stack.issued_within(parent, 2, LONG).await;
    stack.faults(&json!([])).await.unwrap();
    stack.assert_one_credential_each(parent, &phones).await;
    let ledger = stack.ledger().await.unwrap();
    assert_eq!(ledger.users.len(), 1, "one person at the far side after {faults}");
    assert_eq!(ledger.containers.len(), 2);
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_error_on_any_call_delays_and_doubles_nothing() {
    let runs = CALLS.map(|route| two_phones_survive(json!([{"route": route, "kind": "status", "value": 500, "times": 2}])));
    join_all(runs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_reply_to_any_call_delays_and_doubles_nothing() {
    let runs = CALLS.map(|route| two_phones_survive(json!([{"route": route, "kind": "lost_reply", "times": 2}])));
    join_all(runs).await;
}

/// What stood in the way may have gone between the refusal and the look at the far side, which then shows no reason.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_that_the_far_side_shows_no_reason_for_is_tried_again_soon() {
    let refused_twice = json!([{"route": "POST /credential-container/{id}/credential", "kind": "status", "value": 412, "times": 2}]);
    two_phones_survive(refused_twice).await;
}

/// The calls that only follow upon another fault: finding a person whose creation was not answered, and the far side's own record
/// of events when callbacks were lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_fault_in_the_calls_that_mend_another_fault_doubles_nothing() {
    let lost = |route: &str| json!({"route": route, "kind": "lost_reply", "times": 1});
    let failing = |route: &str| json!({"route": route, "kind": "status", "value": 500, "times": 1});
    let no_callbacks = json!({"route": "*", "kind": "lost_callback"});
    let faults = [
        json!([lost("POST /users"), failing("POST /users/.search")]),
        json!([lost("POST /users"), lost("POST /users/.search")]),
        json!([no_callbacks, failing("GET /events")]),
        json!([no_callbacks, lost("GET /events")]),
    ];
    join_all(faults.into_iter().map(two_phones_survive)).await;
}

/// One phone is enrolled, one is only invited; both are lost while `faults` are set.
async fn lost_phones_lose_everything_despite(faults: Value) {
    let stack = Stack::start_with(plenty()).await;
    stack.launch_automation().await.unwrap();
    let parent = stack.create_credential().await.unwrap();
    let (enrolled, invited) = (stack.register("enrolled").await, stack.register("invited").await);
    stack.redeem_code_of(enrolled).await;
    stack.issued(parent, 1).await;
    stack.invitation_code(invited).await;
    stack.faults(&faults).await.unwrap();
    stack.deactivate_phone("enrolled").await.unwrap();
    stack.deactivate_phone("invited").await.unwrap();
    let look = async || {
        let ledger = stack.ledger().await?;
        let is_live = ledger.credentials.iter().any(fobless_local::walk::Credential::is_live);
        let is_open = ledger.invitations.iter().any(|invitation| invitation.status == "PENDING");
        Ok((!is_live && !is_open && stack.children(parent).await?.is_empty()).then_some(()))
    };
    stack.wait_for("nothing to be left", LONG, look).await.unwrap();
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_while_access_is_taken_away_only_delays_it() {
    let both = |kind: &str| {
        json!([
            {"route": "DELETE /credential/", "kind": kind, "value": 500, "times": 2},
            {"route": "DELETE /invitation/", "kind": kind, "value": 500, "times": 2}
        ])
    };
    join_all(
        ["status", "lost_reply"]
            .map(both)
            .into_iter()
            .map(lost_phones_lose_everything_despite),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn callbacks_that_come_twice_and_in_disorder_double_nothing() {
    two_phones_survive(json!([
        {"route": "*", "kind": "double_callback"},
        {"route": "*", "kind": "reorder_callbacks", "value": 200}
    ]))
    .await;
}

#[tokio::test]
async fn a_token_that_ends_on_the_way_is_renewed_once() {
    let stack = Stack::start_with(plenty()).await;
    stack.launch_automation().await.unwrap();
    let parent = stack.create_credential().await.unwrap();
    let phone = stack.register("one").await;
    stack.invitation_code(phone).await;
    let before = stack.ledger().await.unwrap().calls["POST token"];
    stack.revoke_tokens().await;
    stack.redeem_code_of(phone).await;
    stack.assert_one_credential_each(parent, &[phone]).await;
    let ledger = stack.ledger().await.unwrap();
    assert_eq!(ledger.calls["POST token"], before + 1);
    assert_eq!(ledger.refused.get("401"), Some(&1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redeemed_code_is_noticed_without_a_callback_within_half_a_minute() {
    let stack = Stack::start().await;
    stack.faults(&json!([{"route": "*", "kind": "lost_callback"}])).await.unwrap();
    stack.launch_automation().await.unwrap();
    let parent = stack.create_credential().await.unwrap();
    let phone = stack.register("one").await;
    stack.redeem_code_of(phone).await;
    let look = async || {
        Ok(stack
            .phone(phone)
            .await?
            .filter(|phone| phone.enrollment().is_some_and(|found| found.status == "active")))
    };
    stack.wait_for("the enrollment", Duration::from_secs(30), look).await.unwrap();
    stack.issued_within(parent, 1, Duration::from_secs(40)).await;
    stack.assert_one_credential_each(parent, &[phone]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_phones_whose_callbacks_are_lost_are_not_mistaken_for_each_other() {
    let stack = Stack::start_with(plenty()).await;
    stack.faults(&json!([{"route": "*", "kind": "lost_callback"}])).await.unwrap();
    stack.launch_automation().await.unwrap();
    let parent = stack.create_credential().await.unwrap();
    let (one, two) = (stack.register("one").await, stack.register("two").await);
    // The second phone is first: an order by id would mix them up.
    let endpoint_of_two = stack.redeem_code_of(two).await;
    let endpoint_of_one = stack.redeem_code_of(one).await;
    let children = stack.issued_within(parent, 2, LONG).await;
    for (device, endpoint) in [(one, endpoint_of_one), (two, endpoint_of_two)] {
        let child = children.iter().find(|child| child.device_id == device).unwrap();
        assert_eq!(child.endpoint_id(), endpoint);
    }
    stack.assert_one_credential_each(parent, &[one, two]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_that_expires_is_replaced() {
    let stack = Stack::start().await;
    stack.settings(&json!({"invitation_minutes": 0.03})).await.unwrap();
    stack.launch_automation().await.unwrap();
    let parent = stack.create_credential().await.unwrap();
    let phone = stack.register("one").await;
    let first = stack.invitation_code(phone).await;
    stack.settings(&json!({"invitation_minutes": 60})).await.unwrap();
    let look = async || {
        Ok(stack
            .phone(phone)
            .await?
            .and_then(|phone| phone.invitation_code().cloned())
            .filter(|code| *code != first))
    };
    let second = stack.wait_for("another code", LONG, look).await.unwrap();
    stack.redeem(&second, "Maker", "Model").await.unwrap();
    stack.assert_one_credential_each(parent, &[phone]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn being_told_that_we_are_too_fast_pauses_everybody_and_costs_no_token() {
    let time = ShiftedTime::default();
    let stack = Stack::start_with(SystemOptions {
        clock: time.clock(),
        ..plenty()
    })
    .await;
    stack.launch_automation().await.unwrap();
    let parent = stack.create_credential().await.unwrap();
    let look = async || Ok((stack.ledger().await?.users.len() == 1).then_some(()));
    stack.wait_for("the person at the far side", LONG, look).await.unwrap();
    let tokens = stack.ledger().await.unwrap().calls["POST token"];
    stack
        .faults(&json!([{"route": "/invitation", "kind": "status", "value": 403, "times": 1}]))
        .await
        .unwrap();
    let phone = stack.register("one").await;
    stack.wait_for_trouble(phone, "credential_manager_busy").await;
    let calls = stack.ledger().await.unwrap().calls;
    let other = stack.register("two").await;
    // Long enough for whoever would go on.
    time.pass(Duration::from_mins(1));
    let look = async || Ok((stack.phones().await?.len() == 2).then_some(()));
    stack.wait_for("both phones", LONG, look).await.unwrap();
    assert_eq!(stack.ledger().await.unwrap().calls, calls, "nobody calls while everybody pauses");

    time.pass(Duration::from_secs(400));
    for phone in [phone, other] {
        let code = stack.invitation_code_within(phone, LONG).await;
        stack.redeem(&code, "Maker", "Model").await.unwrap();
    }
    stack.assert_one_credential_each(parent, &[phone, other]).await;
    assert_eq!(stack.ledger().await.unwrap().calls["POST token"], tokens);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_budget_keeps_us_from_ever_being_too_fast() {
    let time = ShiftedTime::default();
    let stack = Stack::start_with(SystemOptions {
        clock: time.clock(),
        hid_rate_limit: 16,
        ..SystemOptions::default()
    })
    .await;
    stack.launch_automation().await.unwrap();
    stack.create_credential().await.unwrap();
    for name in ["1", "2", "3", "4", "5"] {
        stack.register(name).await;
    }
    let look = async || Ok((stack.ledger().await?.invitations.len() >= 3).then_some(()));
    stack.wait_for("half of the budget to be used", LONG, look).await.unwrap();
    let look = async || Ok((stack.phones().await?.len() == 5).then_some(()));
    stack.wait_for("all phones", LONG, look).await.unwrap();
    let ledger = stack.ledger().await.unwrap();
    assert!(ledger.invitations.len() < 5, "the other half comes bit by bit: {:?}", ledger.calls);
    assert_eq!(ledger.refused.get("403"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_pool_is_named_and_served_by_itself_once_it_is_refilled() {
    let time = ShiftedTime::default();
    let stack = Stack::start_with(SystemOptions {
        clock: time.clock(),
        ..plenty()
    })
    .await;
    stack
        .settings(&json!({"part_numbers": {"MID-SUB-CRD_FTPN_0001": 0}}))
        .await
        .unwrap();
    stack.launch_automation().await.unwrap();
    let parent = stack.create_credential().await.unwrap();
    let phone = stack.register("one").await;
    stack.redeem_code_of(phone).await;
    stack.wait_for_trouble(phone, "credential_pool_exhausted").await;
    stack
        .settings(&json!({"part_numbers": {"MID-SUB-CRD_FTPN_0001": 5}}))
        .await
        .unwrap();
    time.pass(Duration::from_mins(16));
    stack.issued_within(parent, 1, LONG).await;
    stack.assert_one_credential_each(parent, &[phone]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_persons_email_address_that_is_somebody_elses_is_a_clear_error() {
    let stack = Stack::start_with(plenty()).await;
    let person = stack.another_person("ann").await;
    person.launch_automation().await.unwrap();
    let look = async || Ok((stack.ledger().await?.users.len() == 1).then_some(()));
    stack.wait_for("ann at the far side", LONG, look).await.unwrap();
    // The API takes an address once per workspace; HID takes it once per organization, so a person of another workspace may have it.
    stack.claim_email_at_the_far_side("bob@example.com").await;
    let bob = stack.another_person("bob").await;
    let automation = bob.launch_automation().await.unwrap();
    let look = async || {
        let shown = stack
            .api(
                "/user_identities/enrollment_automations/get",
                &json!({"enrollment_automation_id": automation}),
            )
            .await?;
        let codes = shown["enrollment_automation"]["errors"].as_array().cloned().unwrap_or_default();
        Ok(codes
            .iter()
            .any(|error| error["error_code"] == "credential_manager_user_conflict")
            .then_some(()))
    };
    stack.wait_for("the conflict to be shown", LONG, look).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_the_far_side_forgot_is_invited_again() {
    let stack = Stack::start_with(plenty()).await;
    stack.launch_automation().await.unwrap();
    let phone = stack.register("one").await;
    let gone: i64 = stack.redeem_code_of(phone).await.parse().unwrap();
    let look = async || {
        Ok(stack
            .phone(phone)
            .await?
            .filter(|phone| phone.enrollment().is_some_and(|found| found.status == "active")))
    };
    stack.wait_for("the enrollment", LONG, look).await.unwrap();
    stack.delete_endpoint_at_the_far_side(gone).await;
    let parent = stack.create_credential().await.unwrap();
    let code = stack.invitation_code_within(phone, LONG).await;
    let new = stack.redeem(&code, "Maker", "Model").await.unwrap();
    let children = stack.issued_within(parent, 1, LONG).await;
    assert_eq!(
        children
            .iter()
            .filter(|child| child.is_issued)
            .map(|child| child.endpoint_id().to_owned())
            .collect::<Vec<_>>(),
        [new.to_string()]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_gives_other_cards_than_were_asked_for_is_named_and_nothing_is_issued() {
    let stack = Stack::start_with(plenty()).await;
    stack.launch_automation().await.unwrap();
    let asked = json!({
        "acs_user_id": seed::ACS_USER,
        "is_multi_phone_sync_credential": true,
        "facility_code": "77",
        "access_method": "mobile_key"
    });
    stack.api("/acs/credentials/create", &asked).await.unwrap();
    let phone = stack.register("one").await;
    stack.redeem_code_of(phone).await;
    stack.wait_for_trouble(phone, "credential_pool_mismatch").await;
    assert!(stack.ledger().await.unwrap().credentials.is_empty());
}
