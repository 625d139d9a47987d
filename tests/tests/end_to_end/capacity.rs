//! What a webhook costs, as DynamoDB itself counts it.

use std::collections::BTreeMap;

use bytes::Bytes;
use fobless::{
    aws::AwsAddress,
    clock::Clock,
    config::CallbackSecrets,
    domain::secret::Secret,
    secrets::Cached,
    store::{Store, connect},
    telemetry::Telemetry,
    webhook::{ActiveKey, VerificationKey},
};
use fobless_local::{TABLE, seed};
use fobless_tests::{Meter, Metered, RawWebhook, Stack, event_body};
use phone_webhook::{State, handle};
use serde_json::{Value, json};

const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn function_behind(meter: &Meter) -> State {
    let address = AwsAddress::stand_in(meter.url());
    let callbacks = CallbackSecrets {
        header: "x-secret".to_owned(),
        secrets: vec![Secret::new("0123456789abcdef")],
        trusted: false,
    };
    State {
        store: Store::new(connect(&address).unwrap(), TABLE),
        clock: Clock::system(),
        keys: Cached::fixed(vec![ActiveKey {
            workspace_id: seed::WORKSPACE,
            key: VerificationKey::parse(SECRET).unwrap(),
        }]),
        callbacks: Cached::fixed(BTreeMap::from([(seed::CREDENTIAL_MANAGER, callbacks)])),
        telemetry: Telemetry::nowhere(),
    }
}

async fn deliver(function: &State, webhook: &RawWebhook, path: &str) -> u16 {
    let mut request = http::Request::post(path).body(Some(Bytes::from(webhook.body.clone()))).unwrap();
    for (name, value) in &webhook.headers {
        let name = http::HeaderName::try_from(name.as_str()).unwrap();
        request.headers_mut().append(name, http::HeaderValue::from_bytes(value).unwrap());
    }
    handle(function, request).await.status().as_u16()
}

fn writes(metered: Vec<Metered>) -> Vec<Metered> {
    metered.into_iter().filter(Metered::is_write).collect()
}

fn one_write_of_one_unit() -> Vec<Metered> {
    vec![Metered {
        operation: "UpdateItem".to_owned(),
        units: Some(1.0),
    }]
}

#[tokio::test]
async fn an_accepted_phone_event_costs_exactly_one_write_unit() {
    let stack = Stack::start().await;
    let meter = Meter::before(&stack.ready().dynamodb).await;
    let function = function_behind(&meter);
    let now = Clock::system().now();
    let long = |event: &mut Value| {
        event["custom_sdk_installation_id"] = json!("i".repeat(128));
        for field in ["display_name", "manufacturer", "model", "os_version"] {
            event[field] = json!("é".repeat(200));
        }
    };
    for (kind, is_long) in [
        ("phone.registered", false),
        ("phone.deactivated", false),
        ("phone.registered", true),
        ("phone.deactivated", true),
    ] {
        let mut event = event_body(kind, seed::USER_IDENTITY, "one", Clock::system().now());
        if is_long {
            long(&mut event);
        }
        let webhook = RawWebhook::signed(SECRET, "msg_1", now, event.to_string());
        assert_eq!(deliver(&function, &webhook, "/webhooks/phones").await, 200);
        assert_eq!(writes(meter.take()), one_write_of_one_unit(), "{kind}, long texts: {is_long}");
    }
}

#[tokio::test]
async fn a_webhook_that_is_refused_writes_nothing() {
    let stack = Stack::start().await;
    let meter = Meter::before(&stack.ready().dynamodb).await;
    let function = function_behind(&meter);
    let now = Clock::system().now();
    let event = event_body("phone.registered", seed::USER_IDENTITY, "one", now);
    let good = RawWebhook::signed(SECRET, "msg_1", now, event.to_string());
    assert_eq!(deliver(&function, &good.clone().without("-id"), "/webhooks/phones").await, 400);
    assert_eq!(
        deliver(&function, &good.with("-signature", "v1,AAAA"), "/webhooks/phones").await,
        401
    );
    assert_eq!(meter.take(), [], "the table is not even read");
    let nobody = event_body(
        "phone.registered",
        "00000000-0000-4000-8000-000000000000".parse().unwrap(),
        "one",
        now,
    );
    let webhook = RawWebhook::signed(SECRET, "msg_1", now, nobody.to_string());
    assert_eq!(deliver(&function, &webhook, "/webhooks/phones").await, 422);
    assert_eq!(writes(meter.take()), []);
}

#[tokio::test]
async fn a_batch_of_callbacks_about_one_person_costs_one_write_unit() {
    let stack = Stack::start().await;
    stack.launch_automation().await.unwrap();
    let look = async || Ok(stack.ledger().await?.users.first().map(|user| user.id));
    let user = stack
        .wait_for("the person at the far side", fobless_tests::PATIENCE, look)
        .await
        .unwrap();
    let look = async || {
        let shown = stack
            .api(
                "/user_identities/enrollment_automations/list",
                &json!({"user_identity_id": seed::USER_IDENTITY}),
            )
            .await?;
        Ok((shown["enrollment_automations"].as_array().map(Vec::len) == Some(1)).then_some(()))
    };
    stack.wait_for("the automation", fobless_tests::PATIENCE, look).await.unwrap();
    let meter = Meter::before(&stack.ready().dynamodb).await;
    let function = function_behind(&meter);
    let event = |kind: &str, status: &str| json!({"type": kind, "id": uuid::Uuid::new_v4(), "data": {"userId": user.to_string(), "endpointId": "77", "invitationId": "88", "status": status}});
    let batch = json!([
        event("com.origo.mi.invitation", "INVITATION_ACKNOWLEDGED"),
        event("com.origo.mi.endpoint", "ENDPOINT_ACTIVE")
    ]);
    let webhook = RawWebhook::with_headers(&[("x-secret", "0123456789abcdef")], batch.to_string());
    let path = format!("/webhooks/hid-origo/{}", seed::CREDENTIAL_MANAGER);
    let look = async || {
        assert_eq!(deliver(&function, &webhook, &path).await, 200);
        let writes = writes(meter.take());
        // The link from the far side's user to the person is written a moment after the user was made.
        Ok((!writes.is_empty()).then_some(writes))
    };
    let writes = stack
        .wait_for("the callback to be known", fobless_tests::PATIENCE, look)
        .await
        .unwrap();
    assert_eq!(writes, one_write_of_one_unit());
}
