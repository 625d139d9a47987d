//! Bad input: a clear error of the right class, no panic, no write.

use fobless::{clock::Clock, domain::time::Timestamp};
use fobless_local::{loopback_client, seed};
use fobless_tests::{RawWebhook, Stack, event_body};
use serde_json::json;

fn http() -> reqwest::Client {
    loopback_client(std::time::Duration::from_secs(20)).unwrap()
}

#[tokio::test]
async fn a_well_signed_body_that_is_no_event_is_malformed_and_one_that_is_not_ours_is_taken() {
    let stack = Stack::start().await;
    let now = Clock::system().now();
    let event = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut event = event_body("phone.registered", seed::USER_IDENTITY, "one", now);
        change(&mut event);
        event.to_string().into_bytes()
    };
    let set = |key: &'static str, value: serde_json::Value| event(&move |event| event[key] = value.clone());
    let unset = |key: &'static str| event(&move |event| drop(event.as_object_mut().unwrap().remove(key)));
    let envelope = |kind: &str, data: serde_json::Value| {
        json!({"type": kind, "timestamp": now.to_string(), "data": data})
            .to_string()
            .into_bytes()
    };
    let cases: Vec<(&str, Vec<u8>, u16)> = vec![
        ("nothing", Vec::new(), 400),
        ("no JSON", b"{\"event_type\": \"phone.reg".to_vec(), 400),
        ("no UTF-8", vec![0xff, 0xfe, 0x00], 400),
        ("no object", b"[1, 2]".to_vec(), 400),
        ("a number", b"17".to_vec(), 400),
        ("no type", unset("event_type"), 400),
        ("a type that is no text", set("event_type", json!(7)), 400),
        ("no user identity", unset("user_identity_id"), 400),
        ("a user identity that is no UUID", set("user_identity_id", json!("jane")), 400),
        ("a user identity that is a list", set("user_identity_id", json!([])), 400),
        ("no installation", unset("custom_sdk_installation_id"), 400),
        ("an empty installation", set("custom_sdk_installation_id", json!("")), 400),
        (
            "a long installation",
            set("custom_sdk_installation_id", json!("x".repeat(129))),
            400,
        ),
        ("no moment", unset("occurred_at"), 400),
        ("a moment that is no date", set("occurred_at", json!("yesterday")), 400),
        (
            "a moment in a year that blocks all others",
            set("occurred_at", json!("9999-01-01T00:00:00Z")),
            400,
        ),
        ("a device type that is none", set("device_type", json!("toaster")), 400),
        (
            "an unknown user identity",
            set("user_identity_id", json!("00000000-0000-4000-8000-000000000000")),
            422,
        ),
        (
            "another workspace",
            set("workspace_id", json!("00000000-0000-4000-8000-000000000000")),
            422,
        ),
        (
            "a device nobody knows",
            json!({"event_type": "phone.deactivated", "device_id": uuid::Uuid::new_v4(), "occurred_at": now.to_string()})
                .to_string()
                .into_bytes(),
            422,
        ),
        ("another type", set("event_type", json!("lock.locked")), 204),
        ("another type in an envelope", envelope("invoice.paid", json!({})), 204),
        ("an envelope without data", envelope("phone.registered", json!(null)), 400),
    ];
    let url = format!("{}/webhooks/phones", stack.ready().api);
    for (what, body, expected) in cases {
        let webhook = RawWebhook::signed(&stack.ready().webhook_secret, "msg_1", now, body);
        assert_eq!(webhook.send(&http(), &url).await, expected, "{what}");
    }
    assert!(stack.phones().await.unwrap().is_empty(), "nothing was written");
    let data = json!({"user_identity_id": seed::USER_IDENTITY, "custom_sdk_installation_id": "one", "device_type": "ios_phone"});
    let webhook = RawWebhook::signed(&stack.ready().webhook_secret, "msg_1", now, envelope("phone.registered", data));
    assert_eq!(webhook.send(&http(), &url).await, 200, "an envelope");
    assert_eq!(stack.phones().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_before_anything_else() {
    let stack = Stack::start().await;
    let now = Clock::system().now();
    for size in [256 * 1024 + 1, 10 * 1024 * 1024] {
        for path in ["/webhooks/phones", &format!("/webhooks/hid-origo/{}", seed::CREDENTIAL_MANAGER)] {
            let webhook = RawWebhook::signed(&stack.ready().webhook_secret, "msg_1", now, vec![b' '; size]);
            assert_eq!(
                webhook.send(&http(), &format!("{}{path}", stack.ready().api)).await,
                413,
                "{size} bytes to {path}"
            );
        }
    }
}

#[tokio::test]
async fn a_webhook_that_goes_nowhere_is_told_so() {
    let stack = Stack::start().await;
    let now = Clock::system().now();
    let webhook = RawWebhook::signed(&stack.ready().webhook_secret, "msg_1", now, "{}");
    for path in [
        "/webhooks/",
        "/webhooks/elsewhere",
        "/webhooks/hid-origo/not-an-id",
        "/webhooks/hid-origo/00000000-0000-4000-8000-000000000000",
    ] {
        assert_eq!(webhook.send(&http(), &format!("{}{path}", stack.ready().api)).await, 404, "{path}");
    }
    let answer = http().get(format!("{}/webhooks/phones", stack.ready().api)).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 405);
}

#[tokio::test]
async fn a_callback_without_the_registered_secret_is_refused_and_a_strange_one_does_no_harm() {
    let stack = Stack::start().await;
    let secret = stack.callback_secret();
    let url = format!("{}/webhooks/hid-origo/{}", stack.ready().api, seed::CREDENTIAL_MANAGER);
    let batch = json!([{"type": "com.origo.mi.endpoint", "id": "1", "data": {"userId": "1", "endpointId": "2", "invitationId": "3", "status": "ENDPOINT_ACTIVE"}}]).to_string();
    let send = async |headers: &[(&str, &str)], body: &str| RawWebhook::with_headers(headers, body).send(&http(), &url).await;
    let header = fobless_local::CALLBACK_HEADER;
    assert_eq!(send(&[], &batch).await, 400, "no secret");
    // Joined, they are one that is not ours.
    let of_two_secrets = if stack.joins_headers() { 401 } else { 400 };
    assert_eq!(
        send(&[(header, &secret), (header, &secret)], &batch).await,
        of_two_secrets,
        "two secrets"
    );
    assert_eq!(send(&[(header, "something else")], &batch).await, 401, "another secret");
    assert_eq!(send(&[(header, &secret)], "no JSON").await, 400);
    assert_eq!(send(&[(header, &secret)], &batch).await, 200, "a user whom nobody knows");
    for strange in [
        "[]",
        "{}",
        "[7, null, {}]",
        r#"[{"type":"com.origo.mi.user","data":{"userId":"undefined","status":"USER_DELETED"}}]"#,
    ] {
        assert_eq!(send(&[(header, &secret)], strange).await, 200, "{strange}");
    }
    assert!(
        stack.ledger().await.unwrap().calls.keys().all(|call| !call.contains("/users")),
        "nothing was asked of the far side"
    );
}

#[tokio::test]
async fn a_phones_newest_event_wins_whenever_it_comes() {
    let stack = Stack::start().await;
    let now = Clock::system().now();
    let url = format!("{}/webhooks/phones", stack.ready().api);
    let send = async |kind: &str, second: i64| {
        let at = Timestamp::from_millis(now.millis() - 100_000 + second * 1_000);
        let body = event_body(kind, seed::USER_IDENTITY, "one", at).to_string();
        let webhook = RawWebhook::signed(&stack.ready().webhook_secret, "msg_1", now, body);
        assert_eq!(webhook.send(&http(), &url).await, 200);
    };
    let is_there = async || stack.phones().await.unwrap().len() == 1;
    send("phone.deactivated", 5).await;
    send("phone.registered", 3).await;
    assert!(!is_there().await, "a late registration does not bring a lost phone back");
    send("phone.registered", 7).await;
    assert!(is_there().await, "a newer one does");
    send("phone.deactivated", 6).await;
    assert!(is_there().await, "a late deactivation does not take it away");
    send("phone.deactivated", 7).await;
    assert!(!is_there().await, "of two from one moment the deactivation wins");
}

#[tokio::test]
async fn a_lost_phone_is_lost_even_if_its_registration_was_dated_ahead() {
    let stack = Stack::start().await;
    let now = Clock::system().now();
    let url = format!("{}/webhooks/phones", stack.ready().api);
    let send = async |kind: &str, second: i64| {
        let at = Timestamp::from_millis(now.millis() + second * 1_000);
        let body = event_body(kind, seed::USER_IDENTITY, "one", at).to_string();
        let webhook = RawWebhook::signed(&stack.ready().webhook_secret, "msg_1", now, body);
        assert_eq!(webhook.send(&http(), &url).await, 200);
    };
    let is_there = async || stack.phones().await.unwrap().len() == 1;
    send("phone.registered", 500).await;
    assert!(is_there().await);
    send("phone.deactivated", 0).await;
    assert!(!is_there().await, "the deactivation is not lost");
    send("phone.registered", 500).await;
    assert!(!is_there().await, "and the same registration once more does not bring it back");
    send("phone.registered", 501).await;
    assert!(is_there().await, "a newer one does");
}
