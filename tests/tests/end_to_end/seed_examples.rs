//! The guide's two requests, to the letter, as an HTTP client without any SDK sends them.

use fobless_local::loopback_client;
use fobless_tests::Stack;
use serde_json::{Value, json};

async fn post(stack: &Stack, path: &str, body: Value) -> Value {
    let http = loopback_client(std::time::Duration::from_secs(10)).unwrap();
    let request = http
        .post(format!("{}{path}", stack.ready().api))
        .bearer_auth(&stack.ready().api_key);
    let request = request
        .header("accept", "application/json")
        .header("content-type", "application/json");
    let answer = request.body(body.to_string()).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    assert!(answer.headers().contains_key("seam-request-id"));
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

fn is_uuid(value: &Value) -> bool {
    value.as_str().is_some_and(|text| uuid::Uuid::try_parse(text).is_ok())
}

/// As in `2024-01-09T05:45:33.068Z`.
fn is_moment(value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|text| text.len() == 24 && text.as_bytes()[19] == b'.' && text.ends_with('Z'))
}

#[tokio::test]
async fn an_enrollment_automation_is_launched_as_the_guide_says() {
    let stack = Stack::start().await;
    let request = json!({
        "user_identity_id": "5c945ab5-c75e-4bcb-8e5f-9410061c401f",
        "credential_manager_acs_system_id": "6737e186-8d54-48ce-a7da-a0be4d252172",
        "acs_credential_pool_id": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
        "create_credential_manager_user": true
    });
    let answer = post(&stack, "/user_identities/enrollment_automations/launch", request).await;
    assert_eq!(answer["ok"], true);
    let automation = &answer["enrollment_automation"];
    assert_eq!(automation["user_identity_id"], "5c945ab5-c75e-4bcb-8e5f-9410061c401f");
    assert_eq!(
        automation["credential_manager_acs_system_id"],
        "6737e186-8d54-48ce-a7da-a0be4d252172"
    );
    assert_eq!(automation["workspace_id"], "398d80b7-3f96-47c2-b85a-6f8ba21d07be");
    assert_eq!(automation["is_running"], true);
    assert!(is_uuid(&automation["enrollment_automation_id"]));
    assert_eq!(
        automation["acs_credential_provisioning_automation_id"],
        automation["enrollment_automation_id"]
    );
    assert!(is_moment(&automation["created_at"]));

    // The guide's Python sample sends two keys only.
    let two_keys = json!({
        "user_identity_id": "5c945ab5-c75e-4bcb-8e5f-9410061c401f",
        "credential_manager_acs_system_id": "6737e186-8d54-48ce-a7da-a0be4d252172"
    });
    let again = post(&stack, "/user_identities/enrollment_automations/launch", two_keys).await;
    assert_eq!(again["enrollment_automation"], *automation);
}

#[tokio::test]
async fn a_multi_phone_sync_credential_is_created_as_the_guide_says() {
    let stack = Stack::start().await;
    let request = json!({
        "acs_user_id": "4d223973-0874-4831-8630-bfcb29e6bce0",
        "is_multi_phone_sync_credential": true,
        "card_format": "rfid48",
        "facility_code": "9",
        "access_method": "mobile_key"
    });
    let answer = post(&stack, "/acs/credentials/create", request.clone()).await;
    assert_eq!(answer["ok"], true);
    let credential = &answer["acs_credential"];
    assert!(is_uuid(&credential["acs_credential_id"]));
    assert_eq!(credential["acs_user_id"], "4d223973-0874-4831-8630-bfcb29e6bce0");
    assert_eq!(credential["display_name"], "Multi Phone Sync Credential");
    assert_eq!(credential.get("code"), Some(&Value::Null));
    assert_eq!(credential["acs_system_id"], "8aaa5fa0-9381-4463-a0ed-85f9c1fbcef4");
    assert_eq!(credential["access_method"], "mobile_key");
    assert_eq!(credential["workspace_id"], "398d80b7-3f96-47c2-b85a-6f8ba21d07be");
    assert!(is_moment(&credential["created_at"]));
    assert_eq!(credential["is_multi_phone_sync_credential"], true);
    assert_eq!(
        (&credential["errors"], &credential["warnings"], &credential["is_managed"]),
        (&json!([]), &json!([]), &json!(true))
    );
    assert!(is_uuid(&credential["connected_account_id"]));

    // The guide's Go sample leaves the facility code out.
    let mut without = request;
    without.as_object_mut().unwrap().remove("facility_code");
    let other = post(&stack, "/acs/credentials/create", without).await;
    assert_ne!(other["acs_credential"]["acs_credential_id"], credential["acs_credential_id"]);
}
