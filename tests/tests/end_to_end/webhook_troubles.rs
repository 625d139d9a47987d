//! Receivers that fail, point elsewhere, hang or want no more; senders that die; and stream records that are lost.

use std::time::Duration;

use fobless::domain::{
    ids::EventId,
    webhook_delivery::{SCHEDULE, WebhookDelivery},
};
use fobless_local::seed;
use fobless_tests::{PATIENCE, Reply};
use serde_json::{Value, json};

use crate::webhooks::{Hook, Told};

const LEASE: Duration = Duration::from_secs(90);

#[tokio::test]
async fn a_receiver_that_fails_is_tried_on_schedule_eight_times_each_under_the_same_name_and_signed_anew() {
    let told = Told::start().await;
    let hook = told.hook("/down", &["acs_user.created"]).await;
    told.receiver.answer_always("/down", Reply::Status(500));
    let event = told.something_happens("mary").await;
    let mut made = 1;
    // On a slow machine a short wait may be over before anybody looks, so what counts is when each attempt was signed.
    while let Some(due_at) = told.recorded(&hook, &event, made).await.due_at() {
        told.time.pass(due_at.since(told.clock.now()));
        made += 1;
    }
    let last = told.recorded(&hook, &event, 8).await;
    assert!(last.settled_at().is_some(), "{last:?}");
    let received = told.receiver.received("/down");
    let signed: std::collections::BTreeSet<_> = received.iter().map(|request| request.header("svix-signature")).collect();
    let names: std::collections::BTreeSet<_> = received.iter().map(|request| request.header("svix-id")).collect();
    assert_eq!((received.len(), signed.len(), names.len()), (8, 8, 1));
    let seconds: Vec<u64> = received
        .iter()
        .map(|request| request.header("svix-timestamp").parse().unwrap())
        .collect();
    for (pair, wait) in seconds.windows(2).zip(SCHEDULE) {
        let waited = Duration::from_secs(pair[1] - pair[0]);
        let is_on_time = waited + Duration::from_secs(1) >= wait && waited < wait + Duration::from_mins(1);
        assert!(is_on_time, "{waited:?} instead of {wait:?}");
    }
    assert!(received.iter().all(|request| request.raw == received[0].raw));
    assert!(!received[7].verified(&hook.secret, told.clock.now()).is_empty());
}

#[tokio::test]
async fn a_failure_passes_and_the_receiver_is_shown_as_failing_until_then() {
    let told = Told::start().await;
    let hook = told.hook("/flaky", &["acs_user.created"]).await;
    told.receiver.answer_next("/flaky", [Reply::Status(503)]);
    let event = told.something_happens("mary").await;
    told.recorded(&hook, &event, 1).await;
    let warned = async || Ok((told.shown(&hook).await["warnings"][0]["warning_code"] == "webhook_failing").then_some(()));
    told.stack.wait_for("a warning", PATIENCE, warned).await.unwrap();
    told.time.pass(Duration::from_secs(5));
    told.received("/flaky", 2).await;
    let healed = async || Ok((told.shown(&hook).await["warnings"] == json!([])).then_some(()));
    told.stack.wait_for("no warning", PATIENCE, healed).await.unwrap();
    assert!(told.recorded(&hook, &event, 2).await.settled_at().is_some());
}

#[tokio::test]
async fn a_busy_receiver_is_left_alone_for_as_long_as_it_asks() {
    let told = Told::start().await;
    let hook = told.hook("/busy", &["acs_user.created"]).await;
    told.receiver
        .answer_next("/busy", [Reply::WithHeader(429, "retry-after", "600".to_owned())]);
    let event = told.something_happens("mary").await;
    let waits = told.recorded(&hook, &event, 1).await.due_at().unwrap().since(told.clock.now());
    assert!(waits > Duration::from_secs(590) && waits <= Duration::from_mins(10), "{waits:?}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let told = Told::start().await;
    let hook = told.hook("/moved", &["acs_user.created"]).await;
    let elsewhere = told.receiver.url("/elsewhere");
    told.receiver.answer_next("/moved", [Reply::WithHeader(308, "location", elsewhere)]);
    let event = told.something_happens("mary").await;
    let delivery = told.recorded(&hook, &event, 1).await;
    assert!(delivery.settled_at().is_none(), "a redirect is a failure, and is tried again");
    assert!(told.receiver.received("/elsewhere").is_empty());
}

#[tokio::test]
async fn a_receiver_that_does_not_answer_holds_up_nobody_else() {
    let told = Told::start().await;
    told.hook("/slow", &["*"]).await;
    told.hook("/quick", &["*"]).await;
    told.receiver.answer_always("/slow", Reply::Hang);
    for n in 1..=3 {
        told.something_happens(&format!("jane{n}")).await;
    }
    told.received("/slow", 3).await;
    // All of it while the first attempt at the slow one is still under way.
    told.received("/quick", 3).await;
    assert_eq!(told.receiver.received("/slow").len(), 3, "nothing has been given up yet");
}

async fn wait_until_disabled(told: &Told, hook: &Hook) -> Value {
    let look = async || Ok(Some(told.shown(hook).await).filter(|shown| shown["is_disabled"] == true));
    told.stack.wait_for("the webhook to be disabled", PATIENCE, look).await.unwrap()
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_told_nothing_more_and_the_others_are_told_that() {
    let told = Told::start().await;
    let (gone, other) = (told.hook("/gone", &["*"]).await, told.hook("/other", &["*"]).await);
    told.receiver.answer_always("/gone", Reply::Status(410));
    told.something_happens("mary").await;
    let shown = wait_until_disabled(&told, &gone).await;
    assert_eq!(
        (&shown["disabled_because"], &shown["errors"][0]["error_code"]),
        (&json!("gone"), &json!("webhook_disabled"))
    );
    let received = told.received("/other", 2).await;
    assert!(received.iter().any(|request| request.event["event_type"] == "webhook.disabled"
        && request.event["webhook_id"] == json!(gone.id)
        && request.event["disabled_because"] == "gone"));
    told.settle(&other).await;
    assert_eq!(told.receiver.received("/gone").len(), 1);

    // Enabled again it is told what happens from then on.
    told.receiver.answer_always("/gone", Reply::Status(200));
    let wish = json!({"webhook_id": gone.id, "event_types": ["*"]});
    told.stack.api("/webhooks/update", &wish).await.unwrap();
    let event = told.something_happens("again").await;
    let received = told.received("/gone", 2).await;
    assert_eq!(received[1].event["event_id"], json!(event));
}

#[tokio::test]
async fn a_receiver_may_stop_one_message_or_all_of_them() {
    let told = Told::start().await;
    let (one, all) = (
        told.hook("/one", &["acs_user.created"]).await,
        told.hook("/every", &["acs_user.created"]).await,
    );
    let stop = |how: &str| Reply::WithHeader(500, "webhook-delivery", how.to_owned());
    told.receiver.answer_next("/one", [stop("abort-message")]);
    told.receiver.answer_next("/every", [stop("disable")]);
    let event = told.something_happens("mary").await;
    assert!(told.recorded(&one, &event, 1).await.settled_at().is_some());
    assert_eq!(wait_until_disabled(&told, &all).await["disabled_because"], "asked_by_receiver");
    assert_eq!(told.shown(&one).await["is_disabled"], false);
}

#[tokio::test]
async fn a_receiver_that_took_nothing_for_five_days_is_disabled() {
    let told = Told::start().await;
    let hook = told.hook("/dead", &["acs_user.created"]).await;
    told.receiver.answer_always("/dead", Reply::Status(404));
    // One thing happens every 13 hours: after the second failure the clock runs.
    for n in 0..=10 {
        let event = told.something_happens(&format!("jane{n}")).await;
        told.recorded(&hook, &event, 1).await;
        assert_eq!(told.shown(&hook).await["is_disabled"], false, "after {n} times 13 hours");
        told.time.pass(Duration::from_hours(13));
    }
    told.something_happens("last").await;
    let shown = wait_until_disabled(&told, &hook).await;
    assert_eq!(shown["disabled_because"], "attempts_failed");
    assert_eq!(told.events("webhook.disabled").await.len(), 1);
}

#[tokio::test]
async fn a_sender_that_died_between_claim_and_record_is_made_up_for() {
    let told = Told::start().await;
    let hook = told.hook("/hook", &["acs_user.deleted"]).await;
    let event = told.something_happens("mary").await;
    // What a sender leaves behind that was killed before or after it called.
    let event_id: EventId = event.parse().unwrap();
    let left = WebhookDelivery::claimed(seed::WORKSPACE, hook.id, event_id, told.clock.now(), LEASE);
    told.table().insert(left).await.unwrap();
    told.time.pass(Duration::from_mins(1));
    let marker = told.hook("/marker", &["acs_user.created"]).await;
    told.settle(&marker).await;
    assert!(
        told.receiver.received("/hook").is_empty(),
        "whoever holds the lease may still be at it"
    );
    told.time.pass(Duration::from_secs(30));
    let received = told.received("/hook", 1).await;
    assert_eq!(received[0].event["event_id"], json!(event));
    let delivery = told.recorded(&hook, &event, 2).await;
    assert_eq!((delivery.attempt, delivery.settled_at().is_some()), (2, true));
}

#[tokio::test]
async fn an_event_whose_stream_record_was_lost_is_told_after_the_review() {
    let told = Told::start().await;
    let before = told.clock.now();
    let event = told.something_happens("mary").await;
    // The record of the event goes by while there is no webhook, which is as good as lost for the one that was there all along.
    let watcher = told.hook("/watcher", &["acs_user.created"]).await;
    told.settle(&watcher).await;
    told.hook_since("/there-all-along", "acs_user.created", before).await;
    told.settle(&watcher).await;
    let known = told.receiver.received("/there-all-along");
    assert!(known.iter().all(|request| request.event["event_id"] != json!(event)));

    told.time.pass(Duration::from_mins(61));
    let healed = async || {
        let received = told.receiver.received("/there-all-along");
        Ok(received
            .iter()
            .any(|request| request.event["event_id"] == json!(event))
            .then_some(()))
    };
    told.stack.wait_for("the lost event", PATIENCE, healed).await.unwrap();
    // And nothing is told twice by it, not even by the next review.
    told.time.pass(Duration::from_mins(61));
    told.settle(&watcher).await;
    let mut told_of: Vec<String> = told
        .receiver
        .received("/there-all-along")
        .iter()
        .map(|request| request.event["event_id"].to_string())
        .collect();
    let count = told_of.len();
    told_of.sort_unstable();
    told_of.dedup();
    assert_eq!(told_of.len(), count);
}
