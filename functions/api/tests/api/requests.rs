//! Ways to ask: methods, queries, bodies, browsers.

use axum::body::Body;
use http::{Request, StatusCode, header};
use serde_json::json;

use crate::{
    harness::{World, signed},
    records::{self, ACS_SYSTEM, ACS_USER, IDENTITY},
};

#[tokio::test]
async fn health_needs_no_key() {
    let world = World::prepared().await;
    let reply = world.send(Request::get("/health").body(Body::empty()).unwrap()).await;
    assert_eq!(reply.ok(), json!({"ok": true}));
}

#[tokio::test]
async fn a_read_answers_the_same_to_get_and_post() {
    let world = World::prepared().await;
    let (automation, credential) = (world.launch().await, world.create_credential().await);
    let phone = records::phone("iphone");
    world.put(phone.clone()).await;
    let reads = [
        (
            "/user_identities/enrollment_automations/get",
            "enrollment_automation_id",
            automation,
        ),
        (
            "/user_identities/enrollment_automations/list",
            "user_identity_id",
            IDENTITY.to_owned(),
        ),
        ("/acs/credentials/get", "acs_credential_id", credential),
        ("/acs/credentials/list", "acs_user_id", ACS_USER.to_owned()),
        ("/phones/get", "device_id", phone.device_id.to_string()),
        ("/phones/list", "owner_user_identity_id", IDENTITY.to_owned()),
        ("/user_identities/get", "user_identity_id", IDENTITY.to_owned()),
        ("/user_identities/list", "user_identity_ids", IDENTITY.to_owned()),
        ("/user_identities/list_acs_users", "user_identity_id", IDENTITY.to_owned()),
        ("/user_identities/list_acs_systems", "user_identity_id", IDENTITY.to_owned()),
        ("/acs/users/get", "acs_user_id", ACS_USER.to_owned()),
        ("/acs/users/list", "search", "jane".to_owned()),
        ("/acs/systems/get", "acs_system_id", ACS_SYSTEM.to_owned()),
        ("/acs/systems/list", "search", "main".to_owned()),
        (
            "/acs/credential_pools/list",
            "acs_system_id",
            records::CREDENTIAL_MANAGER.to_owned(),
        ),
    ];
    for (path, name, value) in reads {
        let got = world.get(&format!("{path}?{name}={value}&_strict=true")).await.ok();
        let body = if name == "user_identity_ids" {
            json!({name: [value]})
        } else {
            json!({name: value})
        };
        assert_eq!(got, world.post(path, &body).await.ok(), "{path}");
        let shown = got
            .as_object()
            .unwrap()
            .values()
            .find(|value| value.is_object() || value.is_array())
            .unwrap();
        assert_ne!(shown, &json!([]), "{path}");
    }
}

#[tokio::test]
async fn another_method_is_told_which_ones_there_are() {
    let world = World::prepared().await;
    let cases = [
        ("PUT", "/acs/credentials/get", "GET,POST"),
        ("GET", "/acs/credentials/create", "POST"),
        ("GET", "/user_identities/enrollment_automations/delete", "DELETE,POST"),
        ("DELETE", "/acs/credentials/update", "PATCH,POST"),
        ("GET", "/phones/deactivate", "DELETE,POST"),
        ("PATCH", "/acs/users/suspend", "POST"),
        ("DELETE", "/user_identities/add_acs_user", "PUT,POST"),
    ];
    for (method, path, accepted) in cases {
        let reply = world.send(signed(method, path).body(Body::empty()).unwrap()).await;
        assert_eq!(
            reply.refusal(),
            (405, "method_not_allowed", format!("only {accepted} accepted").as_str())
        );
        assert_eq!(reply.headers[header::ALLOW], accepted);
    }
}

#[tokio::test]
async fn an_unknown_path_has_an_envelope_too() {
    let world = World::prepared().await;
    assert_eq!(world.get("/acs/doors/list").await.refused_as(), (404, "not_found"));
}

#[tokio::test]
async fn the_body_wins_over_the_query() {
    let world = World::prepared().await;
    let request = signed("POST", "/acs/systems/get?acs_system_id=nothing").header(header::CONTENT_TYPE, "application/json");
    let reply = world
        .send(request.body(Body::from(json!({"acs_system_id": ACS_SYSTEM}).to_string())).unwrap())
        .await;
    reply.ok();
}

#[tokio::test]
async fn a_get_may_have_a_body_and_a_foreign_body_does_not_disturb_it() {
    let world = World::prepared().await;
    let request = signed("GET", "/acs/systems/get").header(header::CONTENT_TYPE, "application/json");
    world
        .send(request.body(Body::from(json!({"acs_system_id": ACS_SYSTEM}).to_string())).unwrap())
        .await
        .ok();
    let request = signed("GET", &format!("/acs/systems/get?acs_system_id={ACS_SYSTEM}")).header(header::CONTENT_TYPE, "text/plain");
    world.send(request.body(Body::from("hello")).unwrap()).await.ok();
}

#[tokio::test]
async fn a_body_that_can_not_be_read_is_refused_with_a_reason() {
    let world = World::prepared().await;
    let cases: [(&str, Vec<u8>, u16, &str); 7] = [
        ("application/json", b"{".to_vec(), 400, "invalid_input"),
        ("application/json", b"[1]".to_vec(), 400, "invalid_input"),
        ("application/json", b"\"text\"".to_vec(), 400, "invalid_input"),
        ("application/json", b"{\"a\": \"\xff\"}".to_vec(), 400, "invalid_input"),
        (
            "application/json",
            format!("{}{}", "[".repeat(500), "]".repeat(500)).into_bytes(),
            400,
            "invalid_input",
        ),
        ("text/plain", b"{}".to_vec(), 400, "invalid_content_type"),
        ("application/json", vec![b' '; 1024 * 1024 + 1], 413, "payload_too_large"),
    ];
    for (content_type, body, status, kind) in cases {
        let request = signed("POST", "/acs/systems/get")
            .header(header::CONTENT_TYPE, content_type)
            .body(Body::from(body))
            .unwrap();
        assert_eq!(world.send(request).await.refused_as(), (status, kind));
    }
    let undeclared = signed("POST", "/acs/systems/get").body(Body::from("{}")).unwrap();
    assert_eq!(world.send(undeclared).await.refused_as(), (400, "invalid_content_type"));
}

#[tokio::test]
async fn a_post_without_a_body_is_a_request_without_parameters() {
    let world = World::prepared().await;
    world
        .send(signed("POST", "/acs/systems/list").body(Body::empty()).unwrap())
        .await
        .ok();
}

#[tokio::test]
async fn browsers_may_ask_from_anywhere() {
    let world = World::prepared().await;
    let question = Request::builder()
        .method("OPTIONS")
        .uri("/acs/credentials/create")
        .header(header::ORIGIN, "https://example.com");
    let reply = world.send(question.body(Body::empty()).unwrap()).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "https://example.com");
    assert!(
        reply.headers[header::ACCESS_CONTROL_ALLOW_HEADERS]
            .to_str()
            .unwrap()
            .contains("seam-sdk-name")
    );
    let refused = Request::get("/acs/systems/list")
        .header(header::ORIGIN, "https://example.com")
        .body(Body::empty())
        .unwrap();
    let reply = world.send(refused).await;
    assert_eq!(reply.refused_as(), (401, "unauthorized"));
    assert_eq!(reply.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "https://example.com");
    assert_eq!(reply.headers[header::ACCESS_CONTROL_EXPOSE_HEADERS], "seam-request-id");
}

#[tokio::test]
async fn a_table_that_does_not_answer_is_our_fault_and_told_without_details() {
    let world = World::prepared().await;
    world.get("/acs/systems/list").await.ok();
    world.lose_table();
    let reply = world.get("/acs/systems/list").await;
    let (status, kind, message) = reply.refusal();
    assert_eq!((status, kind), (500, "internal_server_error"));
    assert!(!message.contains("Resource") && !message.contains("fobless"), "{message}");
}
