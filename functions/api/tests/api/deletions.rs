//! People who are deleted: nothing new hangs on them, and once they are gone nothing of them is shown.

use fobless::{
    domain::{acs::AcsSystemKind, deletion::Deletion, ids::UserIdentityId, user_identity::UserIdentity},
    store::UniqueKey,
};
use serde_json::{Value, json};

use crate::{
    harness::World,
    records::{self, ACS_SYSTEM, ACS_USER, CREDENTIAL_MANAGER, IDENTITY, UNKNOWN},
};

const DELETE: &str = "/user_identities/delete";

async fn make_gone(world: &World) {
    world
        .change::<UserIdentity>(records::owner().identity(), |identity| identity.deletion = Some(records::gone()))
        .await;
}

#[tokio::test]
async fn a_deleted_person_says_so_until_gone() {
    let world = World::prepared().await;
    let credential = world.create_credential().await;
    let requested_at = world.now();
    for _ in 0..2 {
        assert_eq!(
            world.delete(&format!("{DELETE}?user_identity_id={IDENTITY}")).await.ok(),
            json!({"ok": true})
        );
        world.pass_seconds(60);
    }
    let stored: UserIdentity = world.stored(records::owner().identity()).await;
    assert_eq!(stored.deletion, Some(Deletion::requested(requested_at)));
    for (path, object) in [
        (format!("/user_identities/get?user_identity_id={IDENTITY}"), "user_identity"),
        (format!("/acs/users/get?acs_user_id={ACS_USER}"), "acs_user"),
        (format!("/acs/credentials/get?acs_credential_id={credential}"), "acs_credential"),
    ] {
        let warning = world.get(&path).await.ok()[object]["warnings"][0].clone();
        assert_eq!(warning["warning_code"], "being_deleted", "{path}");
        assert_eq!(warning["created_at"], requested_at.to_string(), "{path}");
    }
}

#[tokio::test]
async fn nothing_new_hangs_on_a_person_who_is_being_deleted() {
    let world = World::prepared().await;
    let garage = "11111111-1111-4111-8111-111111111111";
    world.put(records::system(garage, AcsSystemKind::Ledger)).await;
    world.post(DELETE, &json!({"user_identity_id": IDENTITY})).await.ok();
    let by_person = json!({
        "user_identity_id": IDENTITY, "acs_system_id": garage, "is_multi_phone_sync_credential": true, "access_method": "mobile_key"
    });
    let cases = [
        (
            "/user_identities/enrollment_automations/launch",
            records::launch(),
            "user_identity_id",
        ),
        ("/acs/credentials/create", records::creation(), "acs_user_id"),
        ("/acs/credentials/create", by_person, "user_identity_id"),
        (
            "/acs/users/create",
            json!({"acs_system_id": garage, "full_name": "Jane", "user_identity_id": IDENTITY}),
            "user_identity_id",
        ),
    ];
    for (path, request, field) in cases {
        let reply = world.post(path, &request).await;
        let (status, kind, message) = reply.refusal();
        assert_eq!((status, kind), (400, "invalid_input"), "{path}: {message}");
        assert!(message.contains("is being deleted") && message.contains(field), "{path}: {message}");
    }
}

#[tokio::test]
async fn of_a_person_who_is_gone_nothing_is_shown() {
    let world = World::prepared().await;
    let (automation, credential) = (world.launch().await, world.create_credential().await);
    let phone = records::phone("iphone");
    world.put(phone.clone()).await;
    make_gone(&world).await;
    let gets = [
        (
            format!("/user_identities/get?user_identity_id={IDENTITY}"),
            "user_identity_not_found",
        ),
        (format!("/acs/users/get?acs_user_id={ACS_USER}"), "acs_user_not_found"),
        (
            format!("/acs/users/get?user_identity_id={IDENTITY}&acs_system_id={ACS_SYSTEM}"),
            "acs_user_not_found",
        ),
        (
            format!("/acs/credentials/get?acs_credential_id={credential}"),
            "acs_credential_not_found",
        ),
        (format!("/phones/get?device_id={}", phone.device_id), "phone_not_found"),
        (
            format!("/user_identities/enrollment_automations/get?enrollment_automation_id={automation}"),
            "enrollment_automation_not_found",
        ),
    ];
    for (path, kind) in gets {
        assert_eq!(world.get(&path).await.refused_as(), (404, kind), "{path}");
    }
    let lists = [
        ("/user_identities/list", "user_identities", Value::Null),
        ("/user_identities/list", "user_identities", json!({"user_identity_ids": [IDENTITY]})),
        ("/acs/users/list", "acs_users", Value::Null),
        ("/acs/users/list", "acs_users", json!({"user_identity_id": IDENTITY})),
        ("/acs/credentials/list", "acs_credentials", Value::Null),
        ("/phones/list", "phones", Value::Null),
        (
            "/user_identities/enrollment_automations/list",
            "enrollment_automations",
            json!({"user_identity_id": IDENTITY}),
        ),
    ];
    for (path, what, filter) in lists {
        let filter = if filter.is_null() { json!({}) } else { filter };
        assert_eq!(world.post(path, &filter).await.ok()[what], json!([]), "{path} {filter}");
    }
}

#[tokio::test]
async fn a_person_who_is_gone_can_not_be_referred_to_but_deleted_again() {
    let world = World::prepared().await;
    make_gone(&world).await;
    let launch = world
        .post(
            "/user_identities/enrollment_automations/launch",
            &json!({"user_identity_id": IDENTITY, "credential_manager_acs_system_id": CREDENTIAL_MANAGER}),
        )
        .await;
    assert_eq!(launch.refused_as(), (400, "user_identity_not_found"));
    let user = json!({"acs_system_id": ACS_SYSTEM, "full_name": "Jane", "user_identity_id": IDENTITY});
    assert_eq!(
        world.post("/acs/users/create", &user).await.refused_as(),
        (400, "user_identity_not_found")
    );
    let credential = world.post("/acs/credentials/create", &records::creation()).await;
    assert_eq!(credential.refused_as(), (400, "acs_user_not_found"));
    world.post(DELETE, &json!({"user_identity_id": IDENTITY})).await.ok();
    world.post("/acs/users/delete", &json!({"acs_user_id": ACS_USER})).await.ok();
}

#[tokio::test]
async fn only_a_known_person_is_deleted() {
    let world = World::prepared().await;
    let reply = world.post(DELETE, &json!({"user_identity_id": UNKNOWN})).await;
    assert_eq!(reply.refused_as(), (404, "user_identity_not_found"));
    assert_eq!(world.post(DELETE, &json!({})).await.refused_as(), (400, "invalid_input"));
}

#[tokio::test]
async fn the_key_of_a_person_who_is_gone_is_free_again() {
    let world = World::prepared().await;
    let gone = UserIdentity {
        user_identity_id: UserIdentityId::generate(),
        user_identity_key: Some("jane".to_owned()),
        email_address: None,
        deletion: Some(records::gone()),
        ..records::identity()
    };
    for claim in UniqueKey::of_identity(&gone) {
        world.put(claim).await;
    }
    world.put(gone).await;
    let by_key = json!({"user_identity_key": "jane"});
    let reply = world.post("/user_identities/get", &by_key).await;
    assert_eq!(reply.refused_as(), (404, "user_identity_not_found"));
    let created = world.post("/user_identities/create", &by_key).await.ok();
    assert_eq!(world.post("/user_identities/get", &by_key).await.ok(), created);
}
