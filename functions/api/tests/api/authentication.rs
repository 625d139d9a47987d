//! Who is let in.

use axum::body::Body;
use fobless::store::ApiKey;
use http::{Request, header};
use serde_json::json;

use crate::{
    harness::{KEY, World, signed},
    records::{self, IDENTITY, UNKNOWN, WORKSPACE},
};

const PATH: &str = "/acs/systems/list";

#[tokio::test]
async fn without_a_known_key_nobody_learns_anything() {
    let world = World::prepared().await;
    let mut messages = Vec::new();
    let headers = [
        None,
        Some(""),
        Some("Bearer "),
        Some("Bearer seam_nobody"),
        Some("Bearer nobody"),
        Some("Basic seam_x"),
        Some("seam_x"),
    ];
    for authorization in headers {
        let mut request = Request::builder().uri(PATH);
        if let Some(authorization) = authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let reply = world.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(reply.refused_as(), (401, "unauthorized"), "{authorization:?}");
        messages.push(reply.body["error"]["message"].clone());
    }
    messages.dedup();
    assert_eq!(messages.len(), 1);
}

#[tokio::test]
async fn a_stranger_is_turned_away_before_method_and_parameters_are_looked_at() {
    let world = World::prepared().await;
    let request = Request::builder()
        .method("PUT")
        .uri("/acs/credentials/create")
        .body(Body::from("{"))
        .unwrap();
    assert_eq!(world.send(request).await.refused_as(), (401, "unauthorized"));
}

#[tokio::test]
async fn empty_headers_count_as_absent() {
    let world = World::prepared().await;
    let request = signed("GET", PATH)
        .header("seam-workspace", "")
        .header("seam-client-session-token", "")
        .header("client-session-token", "");
    world.send(request.body(Body::empty()).unwrap()).await.ok();
}

#[tokio::test]
async fn the_workspace_header_must_name_the_keys_own_workspace() {
    let world = World::prepared().await;
    let named = |workspace: &str| signed("GET", PATH).header("seam-workspace", workspace).body(Body::empty()).unwrap();
    world.send(named(WORKSPACE)).await.ok();
    assert_eq!(world.send(named(UNKNOWN)).await.refused_as(), (401, "workspace_not_found"));
    assert_eq!(world.send(named("mine")).await.refused_as(), (401, "workspace_not_found"));
}

#[tokio::test]
async fn what_belongs_to_another_workspace_looks_unknown() {
    let world = World::prepared().await;
    let automation = world.launch().await;
    let credential = world.create_credential().await;
    let key = "seam_other_abcdefghijklmnop";
    world
        .put(ApiKey::new(api::hash_api_key(key), records::id(UNKNOWN), "other", world.now()))
        .await;
    let ask = |path: String| {
        let request = Request::builder().uri(path).header(header::AUTHORIZATION, format!("Bearer {key}"));
        request.body(Body::empty()).unwrap()
    };
    let gets = [
        format!("/user_identities/get?user_identity_id={IDENTITY}"),
        format!("/user_identities/enrollment_automations/get?enrollment_automation_id={automation}"),
        format!("/acs/credentials/get?acs_credential_id={credential}"),
        format!("/acs/systems/get?acs_system_id={}", records::ACS_SYSTEM),
        format!("/acs/users/get?acs_user_id={}", records::ACS_USER),
    ];
    for get in gets {
        assert_eq!(world.send(ask(get.clone())).await.refused_as().0, 404, "{get}");
    }
    let lists = [
        ("/user_identities/list".to_owned(), "user_identities"),
        ("/acs/credentials/list".to_owned(), "acs_credentials"),
        (format!("/acs/credentials/list?user_identity_id={IDENTITY}"), "acs_credentials"),
        (
            format!("/user_identities/enrollment_automations/list?user_identity_id={IDENTITY}"),
            "enrollment_automations",
        ),
        (format!("/phones/list?owner_user_identity_id={IDENTITY}"), "phones"),
        ("/acs/systems/list".to_owned(), "acs_systems"),
    ];
    for (list, name) in lists {
        assert_eq!(world.send(ask(list.clone())).await.ok()[name], json!([]), "{list}");
    }
}

#[tokio::test]
async fn a_key_is_found_again_after_the_cache_forgot_it() {
    let world = World::prepared().await;
    for _ in 0..3 {
        world.get(PATH).await.ok();
        world.pass_seconds(61);
    }
    assert!(KEY.starts_with("seam_"));
}
