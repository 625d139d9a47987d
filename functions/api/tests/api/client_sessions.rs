//! What phones log in with: made, found, extended, ended, and by whom.

use axum::body::Body;
use fobless::{
    domain::{client_session::ClientSession, user_identity::UserIdentity},
    store::UniqueKey,
};
use serde_json::{Value, json};

use crate::{
    harness::{World, signed},
    records::{self, IDENTITY, UNKNOWN, WORKSPACE},
    sessions::{App, CREATE, ELSEWHERE, JOHN, Stranger, put_john},
};

const GET_OR_CREATE: &str = "/client_sessions/get_or_create";
const DAY: i64 = 24 * 60 * 60;

async fn created(world: &World, body: Value) -> Value {
    world.post(CREATE, &body).await.ok()["client_session"].clone()
}

async fn put(world: &World, body: Value) -> crate::harness::Reply {
    let request = signed("PUT", CREATE).header("content-type", "application/json");
    world.send(request.body(Body::from(body.to_string())).expect("a request")).await
}

async fn ids(world: &World, query: &str) -> Vec<String> {
    let listed = world.get(&format!("/client_sessions/list{query}")).await.ok();
    let sessions = listed["client_sessions"].as_array().expect("a list").clone();
    let mut ids: Vec<String> = sessions
        .iter()
        .map(|session| session["client_session_id"].as_str().expect("an id").to_owned())
        .collect();
    ids.sort();
    ids
}

pub(crate) fn id_of(session: &Value) -> String {
    session["client_session_id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn a_session_is_what_clients_know_and_lasts_a_year() {
    let world = World::prepared().await;
    world.put(records::phone("in use")).await;
    let session = created(&world, json!({"user_identity_id": IDENTITY})).await;
    let (id, token) = (session["client_session_id"].clone(), session["token"].as_str().unwrap());
    assert!(token.starts_with("seam_cst1_"), "{token}");
    let expires_at = world.now().plus(std::time::Duration::from_hours(365 * 24));
    let expected = json!({
        "client_session_id": id, "token": token, "workspace_id": WORKSPACE, "user_identity_id": IDENTITY, "user_identity_ids": [IDENTITY],
        "user_identifier_key": null, "connected_account_ids": [], "connect_webview_ids": [], "device_count": 1,
        "created_at": world.now().to_string(), "expires_at": expires_at.to_string()
    });
    assert_eq!(session, expected);
    let shown = world
        .get(&format!("/client_sessions/get?client_session_id={}", id_of(&session)))
        .await
        .ok();
    assert_eq!(shown["client_session"], expected);
}

#[tokio::test]
async fn older_clients_name_the_person_in_a_list_of_one() {
    let world = World::prepared().await;
    put_john(&world).await;
    let session = created(&world, json!({"user_identity_ids": [IDENTITY]})).await;
    assert_eq!(session["user_identity_id"], IDENTITY);
    created(&world, json!({"user_identity_ids": [IDENTITY], "user_identity_id": IDENTITY})).await;
    for wrong in [
        json!({"user_identity_ids": [IDENTITY, JOHN]}),
        json!({"user_identity_ids": [IDENTITY], "user_identity_id": JOHN}),
        json!({}),
    ] {
        assert_eq!(world.post(CREATE, &wrong).await.refused_as(), (400, "invalid_input"), "{wrong}");
    }
}

#[tokio::test]
async fn what_a_session_can_not_be_limited_to_is_refused_by_name() {
    let world = World::prepared().await;
    for (field, value) in [
        ("connected_account_ids", json!([UNKNOWN])),
        ("connect_webview_ids", json!([UNKNOWN])),
        ("customer_key", json!("acme")),
        ("customer_id", json!("acme")),
        ("expires_at", json!(world.now().to_string())),
        ("expires_at", json!("tomorrow")),
        ("user_identifier_key", json!("")),
    ] {
        for path in [CREATE, GET_OR_CREATE] {
            let reply = world.post(path, &json!({"user_identity_id": IDENTITY, field: value})).await;
            assert_eq!(reply.refused_as(), (400, "invalid_input"), "{field}");
            assert!(
                reply.body["error"]["validation_errors"][field]["_errors"][0].is_string(),
                "{}",
                reply.body
            );
        }
    }
    // Clients send what they have, also where they have nothing.
    let empty = json!({"user_identity_id": IDENTITY, "connected_account_ids": [], "connect_webview_ids": [], "customer_key": null});
    created(&world, empty).await;
}

#[tokio::test]
async fn only_a_person_who_is_wanted_gets_a_session() {
    let world = World::prepared().await;
    let of = |user: &str| json!({"user_identity_id": user});
    assert_eq!(
        world.post(CREATE, &of(UNKNOWN)).await.refused_as(),
        (400, "user_identity_not_found")
    );
    world.post("/user_identities/delete", &of(IDENTITY)).await.ok();
    assert_eq!(world.post(CREATE, &of(IDENTITY)).await.refused_as(), (400, "invalid_input"));
    assert_eq!(world.post(GET_OR_CREATE, &of(IDENTITY)).await.refused_as(), (400, "invalid_input"));
}

#[tokio::test]
async fn a_key_of_the_customers_own_is_one_living_sessions_only() {
    let world = World::prepared().await;
    put_john(&world).await;
    let wish = |user: &str| json!({"user_identity_id": user, "user_identifier_key": "jane-1"});
    let first = created(&world, wish(IDENTITY)).await;
    assert_eq!(first["user_identifier_key"], "jane-1");
    let refusal = world.post(CREATE, &wish(IDENTITY)).await;
    assert_eq!(refusal.refused_as(), (400, "client_session_token_already_exists"));
    assert_eq!(put(&world, wish(IDENTITY)).await.ok()["client_session"], first);
    assert_eq!(
        put(&world, json!({"user_identifier_key": "jane-1"})).await.ok()["client_session"],
        first
    );
    // Nobody gets somebody else's token.
    assert_eq!(put(&world, wish(JOHN)).await.refused_as(), (400, "invalid_input"));
    assert_eq!(world.post(GET_OR_CREATE, &wish(JOHN)).await.refused_as(), (400, "invalid_input"));

    let by_key = world.get("/client_sessions/get?user_identifier_key=jane-1").await.ok();
    assert_eq!(by_key["client_session"], first);
    let second = put(&world, json!({"user_identity_id": IDENTITY, "user_identifier_key": "jane-2"}))
        .await
        .ok();
    assert_ne!(second["client_session"]["client_session_id"], first["client_session_id"]);
}

#[tokio::test]
async fn a_session_that_is_over_stands_in_nobodys_way() {
    let world = World::prepared().await;
    let wish = json!({"user_identity_id": IDENTITY, "user_identifier_key": "jane-1"});
    let mut known = vec![id_of(&created(&world, wish.clone()).await)];
    for end in ["revoke", "delete", "expire"] {
        let id = known.last().unwrap().clone();
        if end == "expire" {
            world.pass_seconds(366 * DAY);
        } else {
            let named = json!({"client_session_id": id});
            world.post(&format!("/client_sessions/{end}"), &named).await.ok();
        }
        let next = created(&world, wish.clone()).await;
        let by_key = world.get("/client_sessions/get?user_identifier_key=jane-1").await.ok();
        assert_eq!(by_key["client_session"], next, "after {end}");
        known.push(id_of(&next));
    }
    known.sort();
    known.dedup();
    assert_eq!(known.len(), 4);
}

#[tokio::test]
async fn a_person_who_is_to_be_deleted_lets_go_of_the_key() {
    let world = World::prepared().await;
    put_john(&world).await;
    let wish = |user: &str| json!({"user_identity_id": user, "user_identifier_key": "shared"});
    let app = App::with(&world, created(&world, wish(IDENTITY)).await);
    world
        .post("/user_identities/delete", &json!({"user_identity_id": IDENTITY}))
        .await
        .ok();
    assert_eq!(
        app.get("/user_identities/list").await.refused_as(),
        (401, "client_session_not_found")
    );
    assert_eq!(ids(&world, "").await, Vec::<String>::new());
    let events = world
        .get("/events/list?since=2024-01-01T00:00:00Z&event_type=client_session.deleted")
        .await
        .ok();
    assert_eq!(events["events"][0]["client_session_id"], app.session["client_session_id"]);
    let johns = created(&world, wish(JOHN)).await;
    assert_eq!(johns["user_identity_id"], JOHN);
}

/// The cascade may break off after the person is marked; the sessions are dead all the same.
#[tokio::test]
async fn a_session_is_dead_as_soon_as_its_person_is_not_wanted() {
    let world = World::prepared().await;
    put_john(&world).await;
    let wish = |user: &str| json!({"user_identity_id": user, "user_identifier_key": "shared"});
    let app = App::with(&world, created(&world, wish(IDENTITY)).await);
    let marked = fobless::domain::deletion::Deletion::requested(world.now());
    let key = records::owner().identity();
    world.change::<UserIdentity>(key, |person| person.deletion = Some(marked)).await;
    assert_eq!(
        app.get("/user_identities/list").await.refused_as(),
        (401, "client_session_not_found")
    );
    assert_eq!(put(&world, wish(JOHN)).await.ok()["client_session"]["user_identity_id"], JOHN);
}

#[tokio::test]
async fn get_or_create_answers_the_living_session_and_moves_its_end() {
    let world = World::prepared().await;
    let asked = async |body: Value| world.post(GET_OR_CREATE, &body).await.ok()["client_session"].clone();
    for wish in [
        json!({"user_identity_id": IDENTITY}),
        json!({"user_identity_id": IDENTITY, "user_identifier_key": "jane-1"}),
    ] {
        let first = asked(wish.clone()).await;
        world.pass_seconds(60);
        assert_eq!(asked(wish.clone()).await, first);
        let tomorrow = world.now().plus(std::time::Duration::from_hours(24)).to_string();
        let mut moved = wish.clone();
        moved["expires_at"] = json!(tomorrow);
        let shorter = asked(moved).await;
        assert_eq!((&shorter["token"], &shorter["expires_at"]), (&first["token"], &json!(tomorrow)));
        world.pass_seconds(DAY);
        let app = App::with(&world, first.clone());
        assert_eq!(app.get("/user_identities/list").await.refused_as(), (401, "client_session_expired"));
        assert_ne!(asked(wish.clone()).await["token"], first["token"]);
    }
    let method = world.send(signed("PUT", GET_OR_CREATE).body(Body::empty()).unwrap()).await;
    assert_eq!(method.refused_as(), (405, "method_not_allowed"));
}

#[tokio::test]
async fn sessions_are_listed_by_what_they_are() {
    let world = World::prepared().await;
    put_john(&world).await;
    let plain = id_of(&created(&world, json!({"user_identity_id": IDENTITY})).await);
    let keyed = id_of(&created(&world, json!({"user_identity_id": IDENTITY, "user_identifier_key": "jane-1"})).await);
    let johns = id_of(&created(&world, json!({"user_identity_id": JOHN})).await);
    let all = {
        let mut all = vec![plain.clone(), keyed.clone(), johns.clone()];
        all.sort();
        all
    };
    let mut janes = vec![plain.clone(), keyed.clone()];
    janes.sort();
    let mut without = vec![plain.clone(), johns.clone()];
    without.sort();
    let cases = [
        (String::new(), all),
        (format!("?user_identity_id={IDENTITY}"), janes),
        (format!("?client_session_id={johns}"), vec![johns.clone()]),
        ("?user_identifier_key=jane-1".to_owned(), vec![keyed.clone()]),
        ("?without_user_identifier_key=true".to_owned(), without),
        (format!("?client_session_id={johns}&user_identity_id={IDENTITY}"), vec![]),
        (format!("?connect_webview_id={UNKNOWN}"), vec![]),
        (format!("?user_identity_id={UNKNOWN}"), vec![]),
        (format!("?client_session_id={UNKNOWN}"), vec![]),
    ];
    for (query, expected) in cases {
        assert_eq!(ids(&world, &query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn a_revoked_session_is_shown_as_such_and_a_deleted_one_to_nobody() {
    let world = World::prepared().await;
    let app = App::logged_in(&world).await;
    let id = id_of(&app.session);
    let named = json!({"client_session_id": id});
    let get = format!("/client_sessions/get?client_session_id={id}");
    world.post("/client_sessions/revoke", &named).await.ok();
    let revoked_at = world.now().to_string();
    world.pass_seconds(1);
    world.post("/client_sessions/revoke", &named).await.ok();
    assert_eq!(world.get(&get).await.ok()["client_session"]["revoked_at"], revoked_at);
    assert_eq!(app.get("/user_identities/list").await.refused_as(), (401, "client_session_revoked"));

    let delete = format!("/client_sessions/delete?client_session_id={id}");
    world.delete(&delete).await.ok();
    world.pass_seconds(1);
    assert_eq!(world.delete(&delete).await.ok(), json!({"ok": true}));
    world.post("/client_sessions/delete", &named).await.ok();
    assert_eq!(world.get(&get).await.refused_as(), (404, "client_session_not_found"));
    assert_eq!(ids(&world, "").await, Vec::<String>::new());
    assert_eq!(
        app.get("/user_identities/list").await.refused_as(),
        (401, "client_session_not_found")
    );
    let revoked = world.post("/client_sessions/revoke", &named).await;
    assert_eq!(revoked.refused_as(), (404, "client_session_not_found"));

    let events = world.get("/events/list?since=2024-01-01T00:00:00Z").await.ok();
    let told: Vec<&Value> = events["events"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["event_type"] == "client_session.deleted")
        .collect();
    assert_eq!(told.len(), 1, "{events}");
    assert_eq!(
        (&told[0]["client_session_id"], &told[0]["user_identity_id"]),
        (&json!(id), &json!(IDENTITY))
    );
}

#[tokio::test]
async fn another_workspaces_sessions_do_not_exist() {
    let world = World::prepared().await;
    let wish = json!({"user_identity_id": IDENTITY, "user_identifier_key": "jane-1"});
    let session = created(&world, wish.clone()).await;
    let stranger = Stranger::arrives(&world).await;
    let named = json!({"client_session_id": id_of(&session)});
    for path in ["get", "delete", "revoke"] {
        let reply = stranger.post(&format!("/client_sessions/{path}"), &named).await;
        assert_eq!(reply.refused_as(), (404, "client_session_not_found"), "{path}");
    }
    let by_key = json!({"user_identifier_key": "jane-1"});
    let reply = stranger.post("/client_sessions/get", &by_key).await;
    assert_eq!(reply.refused_as(), (404, "client_session_not_found"));
    for filter in [json!({}), named, json!({"user_identity_id": IDENTITY}), by_key] {
        let listed = stranger.post("/client_sessions/list", &filter).await.ok();
        assert_eq!(listed["client_sessions"], json!([]), "{filter}");
    }
    for path in [CREATE, GET_OR_CREATE] {
        assert_eq!(
            stranger.post(path, &wish).await.refused_as(),
            (400, "user_identity_not_found"),
            "{path}"
        );
    }
    // The same key is free in another workspace.
    let own = json!({"user_identity_id": JOHN, "user_identifier_key": "jane-1"});
    let made = stranger.post(CREATE, &own).await.ok();
    assert_eq!(made["client_session"]["workspace_id"], ELSEWHERE);
    assert_eq!(ids(&world, "").await, [id_of(&session)]);
}

#[tokio::test]
async fn a_deleted_sessions_record_names_nobody() {
    let world = World::prepared().await;
    let session = created(
        &world,
        json!({"user_identity_id": IDENTITY, "user_identifier_key": "jane@example.com"}),
    )
    .await;
    let id = records::id(&id_of(&session));
    world
        .delete(&format!("/client_sessions/delete?client_session_id={}", id_of(&session)))
        .await
        .ok();
    let stored: ClientSession = world.stored(records::owner().client_session(id)).await;
    assert_eq!(stored.user_identifier_key, None);
    assert!(!format!("{stored:?}").contains(session["token"].as_str().unwrap()));
    let claim = UniqueKey::of_client_session(&ClientSession {
        user_identifier_key: Some("jane@example.com".to_owned()),
        ..stored
    });
    let key = fobless::store::Record::key(&claim.unwrap());
    assert!(!key.to_string().contains("jane"), "{key}");
}
