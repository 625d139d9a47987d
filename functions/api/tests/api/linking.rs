//! ACS users who become somebody's.

use axum::body::Body;
use fobless::{
    domain::{
        acs::{AcsSystemKind, AcsUser},
        deletion::{Deletable, Deletion},
        ids::AcsUserId,
    },
    store::Key,
};
use futures_util::future::join_all;
use http::header;
use serde_json::{Value, json};

use crate::{
    harness::{Reply, World, signed},
    records::{self, ACS_SYSTEM, ACS_USER, IDENTITY, UNKNOWN, id},
};

const ADD: &str = "/user_identities/add_acs_user";
const GARAGE: &str = "11111111-1111-4111-8111-111111111111";

/// There is a garage too, where Jane is nobody yet.
async fn with_garage() -> World {
    let world = World::prepared().await;
    world.put(records::system(GARAGE, AcsSystemKind::Ledger)).await;
    world
}

/// An ACS user in the garage who is nobody's.
async fn visitor(world: &World) -> Value {
    let creation = json!({"acs_system_id": GARAGE, "full_name": "Visitor", "email_address": "visitor@example.org"});
    world.post("/acs/users/create", &creation).await.ok()["acs_user"]["acs_user_id"].clone()
}

async fn put(world: &World, path: &str, body: &Value) -> Reply {
    let request = signed("PUT", path).header(header::CONTENT_TYPE, "application/json");
    world.send(request.body(Body::from(body.to_string())).expect("a request")).await
}

async fn events(world: &World, event_type: &str) -> usize {
    let wish = json!({"event_type": event_type, "since": "2024-01-01T00:00:00Z"});
    let body = world.post("/events/list", &wish).await.ok();
    body["events"].as_array().expect("a list").len()
}

fn unlinked_place(user: &Value) -> Key {
    Key::unlinked_acs_user(records::workspace(), id::<AcsUserId>(user.as_str().expect("an id")))
}

#[tokio::test]
async fn an_acs_user_who_is_nobodys_becomes_a_persons_and_moves_to_the_person() {
    let world = with_garage().await;
    let visitor = visitor(&world).await;
    world.pass_seconds(60);
    let created = events(&world, "acs_user.created").await;
    let request = json!({"acs_user_id": visitor, "user_identity_id": IDENTITY});
    for _ in 0..2 {
        assert_eq!(put(&world, ADD, &request).await.ok(), json!({"ok": true}));
        assert_eq!(world.post(ADD, &request).await.ok(), json!({"ok": true}));
    }
    let user = world.post("/acs/users/get", &json!({"acs_user_id": visitor})).await.ok()["acs_user"].clone();
    assert_eq!(user["user_identity_id"], IDENTITY);
    assert_eq!(user["full_name"], "Visitor");
    assert_eq!(user["email_address"], "visitor@example.org");
    let person = world.get(&format!("/user_identities/get?user_identity_id={IDENTITY}")).await.ok();
    let ids = person["user_identity"]["acs_user_ids"].as_array().unwrap().clone();
    assert!(ids.len() == 2 && ids.contains(&visitor), "{ids:?}");
    assert!(world.store.get::<AcsUser>(unlinked_place(&visitor)).await.unwrap().is_none());
    let listed = world.post("/acs/users/list", &json!({"acs_system_id": GARAGE})).await.ok();
    assert_eq!(listed["acs_users"], json!([user]));
    assert_eq!(
        (events(&world, "acs_user.created").await, events(&world, "acs_user.deleted").await),
        (created, 0)
    );
}

#[tokio::test]
async fn a_person_is_named_by_key_and_who_has_none_is_made_of_the_acs_user() {
    let world = with_garage().await;
    let jane = json!({"user_identity_key": "jane", "full_name": "Jane"});
    let jane = world.post("/user_identities/create", &jane).await.ok()["user_identity"]["user_identity_id"].clone();
    let visitor = visitor(&world).await;
    let request = json!({"acs_user_id": visitor, "user_identity_key": "jane"});
    world.post(ADD, &request).await.ok();
    let user = world.post("/acs/users/get", &json!({"acs_user_id": visitor})).await.ok();
    assert_eq!(user["acs_user"]["user_identity_id"], jane);

    let creation = json!({"acs_system_id": GARAGE, "full_name": "Joe", "email_address": "joe@example.org", "phone_number": "+15551234567"});
    let joe = world.post("/acs/users/create", &creation).await.ok()["acs_user"]["acs_user_id"].clone();
    let request = json!({"acs_user_id": joe, "user_identity_key": "joe"});
    for _ in 0..2 {
        put(&world, ADD, &request).await.ok();
    }
    let person = world.post("/user_identities/get", &json!({"user_identity_key": "joe"})).await.ok()["user_identity"].clone();
    for (field, value) in [
        ("full_name", json!("Joe")),
        ("email_address", json!("joe@example.org")),
        ("phone_number", json!("+15551234567")),
        ("acs_user_ids", json!([joe])),
    ] {
        assert_eq!(person[field], value, "{field}");
    }

    let double = json!({"acs_system_id": GARAGE, "full_name": "Joe", "email_address": "Joe@example.org"});
    let double = world.post("/acs/users/create", &double).await.ok()["acs_user"]["acs_user_id"].clone();
    let refused = world.post(ADD, &json!({"acs_user_id": double, "user_identity_key": "new"})).await;
    assert_eq!(refused.refused_as(), (400, "invalid_input"));
    assert!(refused.refusal().2.contains("e-mail address"), "{:?}", refused.refusal());
    let nobody = world.post("/user_identities/get", &json!({"user_identity_key": "new"})).await;
    assert_eq!(nobody.refused_as(), (404, "user_identity_not_found"));
}

#[tokio::test]
async fn an_acs_user_is_one_persons_and_a_person_has_one_in_a_system() {
    let world = with_garage().await;
    let creation = json!({"full_name": "Joe", "acs_system_ids": [GARAGE]});
    let joe = world.post("/user_identities/create", &creation).await.ok()["user_identity"].clone();
    let visitor = visitor(&world).await;
    for (request, told) in [
        (
            json!({"acs_user_id": ACS_USER, "user_identity_id": joe["user_identity_id"]}),
            "linked to another user identity",
        ),
        (
            json!({"acs_user_id": visitor, "user_identity_id": joe["user_identity_id"]}),
            "another ACS user in this ACS system",
        ),
    ] {
        let reply = world.post(ADD, &request).await;
        assert_eq!(reply.refused_as(), (400, "invalid_input"));
        let message = reply.refusal().2;
        assert!(message.contains(told) && message.contains("acs_user_id"), "{message}");
    }
    let again = json!({"acs_user_id": joe["acs_user_ids"][0], "user_identity_id": joe["user_identity_id"]});
    world.post(ADD, &again).await.ok();
}

#[tokio::test]
async fn of_many_at_once_one_gets_the_acs_user() {
    let world = with_garage().await;
    let visitor = visitor(&world).await;
    let mut people = Vec::new();
    for _ in 0..5 {
        let person = world.post("/user_identities/create", &json!({})).await.ok()["user_identity"].clone();
        people.push(person["user_identity_id"].clone());
    }
    let requests = people
        .iter()
        .map(|person| json!({"acs_user_id": visitor, "user_identity_id": person}));
    let requests: Vec<Value> = requests.collect();
    let replies = join_all(requests.iter().map(|request| world.post(ADD, request))).await;
    assert!(replies.iter().all(|reply| reply.status.as_u16() < 500), "{replies:?}");
    assert_eq!(replies.iter().filter(|reply| reply.status.is_success()).count(), 1);
    let mut holders = 0;
    for person in &people {
        let listed = world
            .post("/user_identities/list_acs_users", &json!({"user_identity_id": person}))
            .await;
        holders += listed.ok()["acs_users"].as_array().unwrap().len();
    }
    assert_eq!(holders, 1);
}

#[tokio::test]
async fn of_two_acs_users_of_a_system_at_once_a_person_gets_one() {
    let world = with_garage().await;
    let mut requests = Vec::new();
    for _ in 0..4 {
        requests.push(json!({"acs_user_id": visitor(&world).await, "user_identity_id": IDENTITY}));
    }
    let replies = join_all(requests.iter().map(|request| world.post(ADD, request))).await;
    assert!(replies.iter().all(|reply| reply.status.as_u16() < 500), "{replies:?}");
    assert_eq!(replies.iter().filter(|reply| reply.status.is_success()).count(), 1);
}

#[tokio::test]
async fn a_change_of_an_acs_user_that_is_just_moving_is_not_lost() {
    let world = with_garage().await;
    let visitor = visitor(&world).await;
    let link = json!({"acs_user_id": visitor, "user_identity_id": IDENTITY});
    let named = json!({"acs_user_id": visitor});
    for round in 0..10 {
        let name = format!("Jane in round {round}");
        let update = json!({"acs_user_id": visitor, "full_name": name});
        let (move_it, suspend) = if round % 2 == 0 {
            (ADD, "/acs/users/suspend")
        } else {
            ("/user_identities/remove_acs_user", "/acs/users/unsuspend")
        };
        let (updated, moved, suspended) = tokio::join!(
            world.post("/acs/users/update", &update),
            world.post(move_it, &link),
            world.post(suspend, &named)
        );
        for reply in [updated, moved, suspended] {
            reply.ok();
        }
        let user = world.post("/acs/users/get", &named).await.ok()["acs_user"].clone();
        assert_eq!(user["full_name"], name);
        assert_eq!(user["is_suspended"], round % 2 == 0);
        assert_eq!(user.get("user_identity_id").is_some(), round % 2 == 0);
    }
}

#[tokio::test]
async fn nobody_is_linked_who_is_unknown_or_being_deleted() {
    let world = with_garage().await;
    let nobodys = visitor(&world).await;
    for (request, status, kind) in [
        (
            json!({"acs_user_id": nobodys, "user_identity_id": UNKNOWN}),
            404,
            "user_identity_not_found",
        ),
        (
            json!({"acs_user_id": UNKNOWN, "user_identity_id": IDENTITY}),
            400,
            "acs_user_not_found",
        ),
        (
            json!({"acs_user_id": UNKNOWN, "user_identity_key": "nobody"}),
            400,
            "acs_user_not_found",
        ),
        (json!({"acs_user_id": nobodys}), 400, "invalid_input"),
        (json!({"user_identity_id": IDENTITY}), 400, "invalid_input"),
    ] {
        assert_eq!(world.post(ADD, &request).await.refused_as(), (status, kind), "{request}");
    }
    let deleted = visitor(&world).await;
    world.post("/acs/users/delete", &json!({"acs_user_id": deleted})).await.ok();
    let request = json!({"acs_user_id": deleted, "user_identity_id": IDENTITY});
    assert_eq!(world.post(ADD, &request).await.refused_as(), (400, "acs_user_not_found"));

    let now = world.now();
    let doomed = visitor(&world).await;
    world
        .change::<AcsUser>(unlinked_place(&doomed), |user| {
            user.deletion = Some(Deletion::requested(now));
        })
        .await;
    let reply = world.post(ADD, &json!({"acs_user_id": doomed, "user_identity_id": IDENTITY})).await;
    assert_eq!(reply.refused_as(), (400, "invalid_input"));
    assert!(reply.refusal().2.contains("being deleted"), "{:?}", reply.refusal());

    world
        .post("/user_identities/delete", &json!({"user_identity_id": IDENTITY}))
        .await
        .ok();
    let reply = world
        .post(ADD, &json!({"acs_user_id": nobodys, "user_identity_id": IDENTITY}))
        .await;
    assert_eq!(reply.refused_as(), (400, "invalid_input"));
    let message = reply.refusal().2;
    assert!(
        message.contains("being deleted") && message.contains("user_identity_id"),
        "{message}"
    );
    assert!(world.stored::<AcsUser>(unlinked_place(&nobodys)).await.is_wanted());
}

#[tokio::test]
async fn a_person_lists_acs_users_and_their_systems_as_they_are_shown_elsewhere() {
    let world = with_garage().await;
    let visitor = visitor(&world).await;
    world
        .post(ADD, &json!({"acs_user_id": visitor, "user_identity_id": IDENTITY}))
        .await
        .ok();
    let of_jane = json!({"user_identity_id": IDENTITY});
    let users = world.post("/user_identities/list_acs_users", &of_jane).await.ok()["acs_users"].clone();
    assert_eq!(users, world.post("/acs/users/list", &of_jane).await.ok()["acs_users"]);
    assert_eq!(users.as_array().unwrap().len(), 2);
    let systems = world.post("/user_identities/list_acs_systems", &of_jane).await.ok()["acs_systems"].clone();
    for system in systems.as_array().unwrap() {
        let got = world
            .post("/acs/systems/get", &json!({"acs_system_id": system["acs_system_id"]}))
            .await
            .ok();
        assert_eq!(&got["acs_system"], system);
    }
    let mut ids: Vec<&str> = systems
        .as_array()
        .unwrap()
        .iter()
        .map(|system| system["acs_system_id"].as_str().unwrap())
        .collect();
    ids.sort_unstable();
    assert_eq!(
        ids,
        [GARAGE, ACS_SYSTEM],
        "the credential manager, where Jane is nobody, is not among them"
    );
    for path in ["/user_identities/list_acs_users", "/user_identities/list_acs_systems"] {
        let list = if path.ends_with("users") { "acs_users" } else { "acs_systems" };
        let unknown = world.post(path, &json!({"user_identity_id": UNKNOWN})).await.ok();
        assert_eq!(unknown[list], json!([]), "as other lists of a person's things");
        assert_eq!(unknown.get("pagination"), None);
        assert_eq!(world.post(path, &json!({})).await.refused_as(), (400, "invalid_input"));
    }
}
