//! `fobless webhook`, with a key that stands in the settings. Keys in Secrets Manager: tests/smoke/deploy.py.

use fobless::{
    clock::Clock,
    webhook::{ActiveKey, PhoneEvent, UnverifiedWebhook, VerificationKey},
};
use serde_json::json;

use crate::desk::{Desk, ELSEWHERE, WORKSPACE};

const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

async fn desk(name: &str) -> Desk {
    let mut desk = Desk::prepared(name).await;
    let keys = json!([{ "workspace_id": WORKSPACE, "secret": SECRET }]);
    desk.set("FOBLESS_PHONE_WEBHOOK_SECRETS", &keys.to_string());
    desk
}

#[tokio::test]
async fn an_event_is_signed_as_the_webhook_function_wants_it() {
    let desk = desk("webhook-sign").await;
    let event = ["--workspace", WORKSPACE, "--user-identity", ELSEWHERE, "--installation", "phone-a"];
    let signed = desk.json(&[&["webhook", "sign"][..], &event].concat()).await;
    let headers = signed["headers"].as_object().unwrap().iter();
    let headers = headers
        .map(|(name, value)| (name.parse().unwrap(), value.as_str().unwrap().parse().unwrap()))
        .collect();
    let keys = [ActiveKey {
        workspace_id: WORKSPACE.parse().unwrap(),
        key: VerificationKey::parse(SECRET).unwrap(),
    }];
    let (now, body) = (Clock::system().now(), signed["body"].as_str().unwrap());
    let verified = UnverifiedWebhook::new(&headers, body.as_bytes()).verify(&keys, now).unwrap();
    let event = PhoneEvent::parse(&verified, now).unwrap();
    assert!(matches!(event, PhoneEvent::Registered { user_identity_id, .. } if user_identity_id.to_string() == ELSEWHERE));
}

#[tokio::test]
async fn keys_that_stand_in_the_settings_are_changed_there() {
    let desk = desk("webhook-keys").await;
    for command in [
        vec!["webhook", "add-key", "--workspace", WORKSPACE],
        vec!["webhook", "remove-key", "--yes", "0123456789ab"],
    ] {
        let output = desk.run(&command).await;
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains("change them there"), "{said}");
    }
}

#[tokio::test]
async fn what_cannot_be_taken_back_is_not_done_without_consent() {
    let desk = desk("consent").await;
    for command in [
        vec!["webhook", "remove-key", "0123456789ab"],
        vec!["keys", "revoke", "--workspace", WORKSPACE, ELSEWHERE],
    ] {
        let output = desk.run(&command).await;
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains("--yes says that it is wanted"), "{said}");
    }
}
