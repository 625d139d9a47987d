//! User identities: made, found by id and key, unique in what identifies them.

use fobless::{
    domain::{ids::UserIdentityId, user_identity::UserIdentity},
    store::UniqueKey,
};
use serde_json::{Value, json};

use crate::{
    harness::{Reply, World},
    records::{self, ACS_SYSTEM, ACS_USER, CREDENTIAL_MANAGER, IDENTITY, UNKNOWN, WORKSPACE},
};

const CREATE: &str = "/user_identities/create";

#[tokio::test]
async fn a_created_person_is_found_by_id_and_by_key() {
    let world = World::prepared().await;
    let creation =
        json!({"user_identity_key": "jane_1", "email_address": "Jane@example.org", "phone_number": "+15551234567", "full_name": "Jane"});
    let created = world.post(CREATE, &creation).await.ok();
    let id = created["user_identity"]["user_identity_id"].clone();
    let expected = json!({
        "user_identity_id": id, "workspace_id": WORKSPACE, "created_at": "2024-01-11T10:42:25.848Z", "display_name": "Jane",
        "user_identity_key": "jane_1", "email_address": "Jane@example.org", "phone_number": "+15551234567", "full_name": "Jane",
        "acs_user_ids": [], "errors": [], "warnings": []
    });
    assert_eq!(created["user_identity"], expected);
    for wanted in [json!({"user_identity_id": id}), json!({"user_identity_key": "jane_1"})] {
        assert_eq!(world.post("/user_identities/get", &wanted).await.ok(), created);
    }
    let unknown = world.post("/user_identities/get", &json!({"user_identity_key": "nobody"})).await;
    assert_eq!(unknown.refused_as(), (404, "user_identity_not_found"));
}

#[tokio::test]
async fn everything_about_a_person_may_be_absent() {
    let world = World::prepared().await;
    let creation = json!({"user_identity_key": null, "email_address": null, "phone_number": null, "full_name": null});
    let created = world.post(CREATE, &creation).await.ok();
    assert_eq!(created["user_identity"]["email_address"], Value::Null);
}

#[tokio::test]
async fn what_identifies_a_person_is_nobody_elses_and_a_refused_creation_leaves_nothing() {
    let world = World::prepared().await;
    let first = json!({"user_identity_key": "jane", "email_address": "jane@example.org", "phone_number": "+15551234567"});
    world.post(CREATE, &first).await.ok();
    let cases = [
        (
            json!({"user_identity_key": "jane", "email_address": "free@example.org"}),
            "user_identity_key",
        ),
        (
            json!({"user_identity_key": "free", "email_address": "JANE@example.org"}),
            "email_address",
        ),
        (json!({"user_identity_key": "free", "phone_number": "+15551234567"}), "phone_number"),
    ];
    for (creation, field) in cases {
        let reply = world.post(CREATE, &creation).await;
        assert_eq!(reply.refused_as(), (400, "invalid_input"));
        assert!(reply.refusal().2.contains(field), "{:?}", reply.refusal());
    }
    world
        .post(CREATE, &json!({"user_identity_key": "free", "email_address": "free@example.org"}))
        .await
        .ok();
}

#[tokio::test]
async fn of_many_at_once_one_gets_the_key() {
    let world = World::prepared().await;
    let creation = json!({"user_identity_key": "jane"});
    let replies: Vec<Reply> = futures_util::future::join_all((0..8).map(|_| world.post(CREATE, &creation))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status.is_success()).count(), 1);
    assert!(replies.iter().all(|reply| reply.status.as_u16() < 500));
}

#[tokio::test]
async fn contact_details_must_look_like_what_they_are() {
    let world = World::prepared().await;
    let reply = world
        .post(CREATE, &json!({"email_address": "jane", "phone_number": "555", "full_name": 5}))
        .await;
    assert_eq!(reply.refused_as(), (400, "invalid_input"));
    assert!(reply.refusal().2.starts_with("3 Input Errors:"), "{:?}", reply.refusal());
    let endless = world.post(CREATE, &json!({"full_name": "x".repeat(600_000)})).await;
    assert_eq!(endless.refused_as(), (400, "invalid_input"));
}

#[tokio::test]
async fn a_person_may_be_put_into_systems_at_once() {
    let world = World::prepared().await;
    let creation = json!({"full_name": "Joe", "acs_system_ids": [ACS_SYSTEM, ACS_SYSTEM]});
    let created = world.post(CREATE, &creation).await.ok();
    let users = created["user_identity"]["acs_user_ids"].as_array().unwrap();
    assert_eq!(users.len(), 1);
    let user = world.post("/acs/users/get", &json!({"acs_user_id": users[0]})).await.ok();
    assert_eq!(user["acs_user"]["acs_system_id"], ACS_SYSTEM);
    let unknown = world.post(CREATE, &json!({"full_name": "Joe", "acs_system_ids": [UNKNOWN]})).await;
    assert_eq!(unknown.refused_as(), (400, "acs_system_not_found"));
    let unnamed = world.post(CREATE, &json!({"acs_system_ids": [ACS_SYSTEM]})).await;
    assert_eq!(unnamed.refused_as(), (400, "full_name_required"));
}

#[tokio::test]
async fn people_are_listed_with_their_acs_users_and_by_credential_manager() {
    let world = World::prepared().await;
    world.post(CREATE, &json!({"full_name": "Joe"})).await.ok();
    let with = json!({"credential_manager_acs_system_id": CREDENTIAL_MANAGER});
    assert_eq!(world.post("/user_identities/list", &with).await.ok()["user_identities"], json!([]));
    world.launch().await;
    let body = world.post("/user_identities/list", &with).await.ok();
    assert_eq!(body["user_identities"][0]["user_identity_id"], IDENTITY);
    assert_eq!(body["user_identities"][0]["acs_user_ids"], json!([ACS_USER]));
    let body = world.post("/user_identities/list", &json!({"search": "DOE"})).await.ok();
    assert_eq!(body["user_identities"].as_array().unwrap().len(), 1);
    assert_eq!(records::identity().display_name(), "Jane Doe");
}

#[tokio::test]
async fn what_a_vanished_person_had_is_free_again() {
    let world = World::prepared().await;
    let gone = UserIdentity {
        user_identity_id: UserIdentityId::generate(),
        user_identity_key: Some("jane".to_owned()),
        ..records::identity()
    };
    for claim in UniqueKey::of_identity(&gone) {
        world.put(claim).await;
    }
    let unknown = world.post("/user_identities/get", &json!({"user_identity_key": "jane"})).await;
    assert_eq!(unknown.refused_as(), (404, "user_identity_not_found"));
    let creation = json!({"user_identity_key": "jane", "full_name": "Jane"});
    let created = world.post(CREATE, &creation).await.ok();
    assert_eq!(
        world.post("/user_identities/get", &json!({"user_identity_key": "jane"})).await.ok(),
        created
    );
    assert_eq!(world.post(CREATE, &creation).await.refused_as(), (400, "invalid_input"));
}
