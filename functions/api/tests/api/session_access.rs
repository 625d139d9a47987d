//! What a client session opens: what belongs to its person, with its whole token, where a session will do.

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};

use crate::{
    client_sessions::id_of,
    harness::{KEY, World},
    records::{self, IDENTITY, UNKNOWN, WORKSPACE},
    sessions::{App, JOHN, ask, put_john},
};

#[tokio::test]
async fn a_session_sees_itself_and_no_other() {
    let world = World::prepared().await;
    let (app, other) = (App::logged_in(&world).await, App::logged_in(&world).await);
    let own = app.get("/client_sessions/get").await.ok();
    assert_eq!(own["client_session"], app.session);
    let named = app
        .get(&format!("/client_sessions/get?client_session_id={}", id_of(&app.session)))
        .await;
    assert_eq!(named.ok()["client_session"], app.session);
    let foreign = app
        .get(&format!("/client_sessions/get?client_session_id={}", id_of(&other.session)))
        .await;
    assert_eq!(foreign.refused_as(), (404, "client_session_not_found"));
    let reply = world.get("/client_sessions/get").await;
    assert_eq!(reply.refused_as(), (400, "invalid_input"));
}

#[tokio::test]
async fn a_token_is_taken_wherever_clients_write_it_and_only_whole() {
    let world = World::prepared().await;
    let app = App::logged_in(&world).await;
    let send = async |headers: &[(&str, &str)]| {
        let mut request = Request::builder().uri("/user_identities/list");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        world.send(request.body(Body::empty()).unwrap()).await
    };
    let (token, bearer, key) = (app.token.as_str(), format!("Bearer {}", app.token), format!("Bearer {KEY}"));
    for headers in [
        vec![("authorization", bearer.as_str())],
        vec![("seam-client-session-token", token)],
        vec![("client-session-token", token), ("seam-client-session-token", "")],
        vec![("authorization", bearer.as_str()), ("client-session-token", token)],
        vec![("authorization", bearer.as_str()), ("seam-workspace", WORKSPACE)],
    ] {
        send(&headers).await.ok();
    }
    let other = App::logged_in(&world).await.token;
    let (cut, swapped) = (&token[..token.len() - 1], swap_secret(token, &other));
    for (headers, refusal) in [
        (vec![("client-session-token", cut)], (401, "client_session_not_found")),
        (vec![("client-session-token", swapped.as_str())], (401, "client_session_not_found")),
        (vec![("client-session-token", "seam_cst1_x")], (401, "client_session_not_found")),
        (vec![("client-session-token", KEY)], (400, "invalid_client_session_token")),
        (
            vec![("client-session-token", token), ("seam-client-session-token", other.as_str())],
            (400, "invalid_client_session_token"),
        ),
        (
            vec![("client-session-token", token), ("seam-workspace", UNKNOWN)],
            (401, "workspace_not_found"),
        ),
        (vec![], (401, "unauthorized")),
    ] {
        assert_eq!(send(&headers).await.refused_as(), refusal, "{headers:?}");
    }
    // With a key and a token, what opens less counts.
    put_john(&world).await;
    let people = send(&[("authorization", key.as_str()), ("client-session-token", token)]).await.ok();
    assert_eq!(people["user_identities"].as_array().unwrap().len(), 1);
}

/// The place of one token with the secret of another.
fn swap_secret(place: &str, secret: &str) -> String {
    let (place, secret) = (&place[..74], &secret[74..]);
    format!("{place}{secret}")
}

#[tokio::test]
async fn a_session_is_sent_away_where_only_a_key_will_do() {
    let world = World::prepared().await;
    let app = App::logged_in(&world).await;
    for path in [
        "/acs/systems/list",
        "/user_identities/get",
        "/user_identities/enrollment_automations/launch",
        "/user_identities/enrollment_automations/delete",
        "/acs/credentials/create",
        "/acs/credentials/delete",
        "/phones/list",
        "/phones/get",
        "/phones/simulate/create_sandbox_phone",
        "/events/list",
        "/client_sessions/create",
        "/client_sessions/get_or_create",
        "/client_sessions/list",
        "/client_sessions/delete",
        "/client_sessions/revoke",
    ] {
        let reply = app.post(path, &json!({"user_identity_id": IDENTITY})).await;
        assert_eq!(reply.refused_as(), (401, "client_session_token_used_for_api_key"), "{path}");
    }
    let in_header = Request::post("/client_sessions/list").header("client-session-token", &app.token);
    let reply = world.send(in_header.body(Body::empty()).unwrap()).await;
    assert_eq!(reply.refused_as(), (401, "client_session_token_used_for_api_key"));
}

#[tokio::test]
async fn a_session_reaches_what_belongs_to_its_person_and_nothing_else() {
    let world = World::prepared().await;
    put_john(&world).await;
    let automation = world.launch().await;
    let credential = world.create_credential().await;
    let (jane, john) = (App::logged_in(&world).await, App::of(&world, JOHN).await);
    let counts = async |app: &App<'_>, path: &str, body: Value| {
        let listed = app.post(path, &body).await.ok();
        let lists = listed.as_object().unwrap().values();
        lists.filter_map(Value::as_array).map(Vec::len).sum::<usize>()
    };
    let of_jane = json!({"user_identity_id": IDENTITY});
    for (path, body) in [
        ("/user_identities/enrollment_automations/list", of_jane.clone()),
        ("/acs/credentials/list", json!({})),
        ("/acs/credentials/list", of_jane.clone()),
        ("/acs/credentials/list", json!({"acs_user_id": records::ACS_USER})),
        ("/user_identities/list", json!({"user_identity_ids": [IDENTITY, JOHN]})),
        ("/user_identities/list", json!({"search": "jane"})),
    ] {
        assert_eq!(counts(&jane, path, body.clone()).await, 1, "{path} {body}");
    }
    for (path, body) in [
        ("/user_identities/enrollment_automations/list", of_jane.clone()),
        ("/acs/credentials/list", json!({})),
        ("/acs/credentials/list", of_jane),
        ("/acs/credentials/list", json!({"acs_user_id": records::ACS_USER})),
        ("/acs/credentials/list", json!({"search": credential})),
        ("/user_identities/list", json!({"user_identity_ids": [IDENTITY]})),
        ("/user_identities/list", json!({"search": "jane"})),
    ] {
        assert_eq!(counts(&john, path, body.clone()).await, 0, "{path} {body}");
    }
    let own = john.get("/user_identities/list").await.ok();
    assert_eq!(own["user_identities"][0]["user_identity_id"], JOHN);
    assert_eq!(own["pagination"]["has_next_page"], false);

    let get = format!("/user_identities/enrollment_automations/get?enrollment_automation_id={automation}");
    jane.get(&get).await.ok();
    assert_eq!(john.get(&get).await.refused_as(), (404, "enrollment_automation_not_found"));

    let phone = records::phone("janes");
    world.put(phone.clone()).await;
    let deactivation = json!({"device_id": phone.device_id});
    let reply = john.post("/phones/deactivate", &deactivation).await;
    assert_eq!(reply.refused_as(), (404, "phone_not_found"));
    assert_eq!(world.get("/phones/list").await.ok()["phones"].as_array().unwrap().len(), 1);
    jane.post("/phones/deactivate", &deactivation).await.ok();
    assert_eq!(world.get("/phones/list").await.ok()["phones"], json!([]));
}

#[tokio::test]
async fn an_odd_token_is_nobodys() {
    let world = World::prepared().await;
    for token in ["seam_cst", "seam_cst1", "seam_cst2_abc", "seam_cst1_abc_def"] {
        let reply = ask(&world, token, "GET", "/user_identities/list", None).await;
        assert_eq!(reply.refused_as(), (401, "client_session_not_found"), "{token}");
    }
}
