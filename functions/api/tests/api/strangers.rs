//! Another workspace's things: for this key they don't exist, whatever is asked.

use fobless::domain::{
    acs::AcsUser,
    ids::{AcsCredentialId, AcsUserId, WorkspaceId},
    multi_phone_sync_credential::{MultiPhoneSyncCredential, WhenInvalidated},
    phone::Phone,
    user_identity::UserIdentity,
};
use serde_json::json;

use crate::{
    harness::World,
    records::{self, ACS_SYSTEM, ACS_USER, CONNECTED_ACCOUNT, IDENTITY, id},
};

const ELSEWHERE: &str = "44444444-4444-4444-8444-444444444444";
const STRANGER: &str = "55555555-5555-4555-8555-555555555555";
const STRANGERS_ACS_USER: &str = "66666666-6666-4666-8666-666666666666";

/// The credential and the phone of a person in another workspace.
async fn put_stranger(world: &World) -> (AcsCredentialId, Phone) {
    let workspace_id: WorkspaceId = id(ELSEWHERE);
    world
        .put(UserIdentity {
            workspace_id,
            user_identity_id: id(STRANGER),
            ..records::identity()
        })
        .await;
    world
        .put(AcsUser {
            workspace_id,
            acs_user_id: id(STRANGERS_ACS_USER),
            user_identity_id: Some(id(STRANGER)),
            ..records::acs_user()
        })
        .await;
    let credential = AcsCredentialId::generate();
    world
        .put(MultiPhoneSyncCredential {
            workspace_id,
            user_identity_id: id(STRANGER),
            acs_credential_id: credential,
            acs_user_id: Some(id(STRANGERS_ACS_USER)),
            acs_system_id: id(ACS_SYSTEM),
            connected_account_id: id(CONNECTED_ACCOUNT),
            credential_manager_acs_system_id: None,
            card_format: None,
            facility_code: None,
            starts_at: None,
            ends_at: None,
            next_change_at: None,
            created_at: records::at(0),
            when_invalidated: WhenInvalidated::default(),
            deletion: None,
        })
        .await;
    let phone = Phone {
        workspace_id,
        user_identity_id: id(STRANGER),
        ..records::phone("iphone")
    };
    world.put(phone.clone()).await;
    (credential, phone)
}

#[tokio::test]
async fn nothing_of_another_workspace_is_found_or_changed() {
    let world = World::prepared().await;
    let (credential, phone) = put_stranger(&world).await;
    let of_credential = json!({"acs_credential_id": credential, "acs_user_id": STRANGERS_ACS_USER});
    let of_user = json!({"acs_user_id": STRANGERS_ACS_USER});
    let by_person = json!({"user_identity_id": STRANGER, "acs_system_id": ACS_SYSTEM});
    let mut cases = vec![
        ("/phones/deactivate", json!({"device_id": phone.device_id}), "phone_not_found"),
        (
            "/user_identities/delete",
            json!({"user_identity_id": STRANGER}),
            "user_identity_not_found",
        ),
        (
            "/user_identities/update",
            json!({"user_identity_id": STRANGER, "full_name": "Nobody"}),
            "user_identity_not_found",
        ),
        (
            "/user_identities/remove_acs_user",
            json!({"user_identity_id": STRANGER, "acs_user_id": STRANGERS_ACS_USER}),
            "user_identity_not_found",
        ),
        (
            "/user_identities/add_acs_user",
            json!({"user_identity_id": STRANGER, "acs_user_id": ACS_USER}),
            "user_identity_not_found",
        ),
    ];
    for path in [
        "/acs/credentials/update",
        "/acs/credentials/delete",
        "/acs/credentials/assign",
        "/acs/credentials/unassign",
    ] {
        cases.push((path, of_credential.clone(), "acs_credential_not_found"));
    }
    for path in [
        "/acs/users/update",
        "/acs/users/delete",
        "/acs/users/suspend",
        "/acs/users/unsuspend",
    ] {
        cases.push((path, of_user.clone(), "acs_user_not_found"));
        cases.push((path, by_person.clone(), "acs_user_not_found"));
    }
    for (path, request, kind) in cases {
        assert_eq!(world.post(path, &request).await.refused_as(), (404, kind), "{path}");
    }
    let listed = world.get("/acs/users/list").await.ok();
    assert_eq!(listed["acs_users"].as_array().unwrap().len(), 1);
    let listed = world.get(&format!("/acs/users/list?user_identity_id={STRANGER}")).await.ok();
    assert_eq!(listed["acs_users"], json!([]));
}

#[tokio::test]
async fn a_credential_can_not_be_assigned_to_somebody_of_another_workspace() {
    let world = World::prepared().await;
    let credential = world.create_credential().await;
    put_stranger(&world).await;
    for (field, value, kind) in [
        ("acs_user_id", STRANGERS_ACS_USER, "acs_user_not_found"),
        ("user_identity_id", STRANGER, "user_identity_not_found"),
    ] {
        let reply = world
            .post("/acs/credentials/assign", &json!({"acs_credential_id": credential, field: value}))
            .await;
        assert_eq!(reply.refused_as(), (400, kind));
    }
    let shown = world
        .get(&format!("/acs/credentials/get?acs_credential_id={credential}"))
        .await
        .ok();
    assert_eq!(shown["acs_credential"]["acs_user_id"], ACS_USER);
    assert_eq!(shown["acs_credential"]["user_identity_id"], IDENTITY);
}

#[tokio::test]
async fn an_acs_user_of_another_workspace_is_neither_linked_nor_unlinked_nor_listed() {
    let world = World::prepared().await;
    put_stranger(&world).await;
    let unlinked = AcsUser {
        workspace_id: id(ELSEWHERE),
        acs_user_id: AcsUserId::generate(),
        user_identity_id: None,
        email_address: Some("joe@example.org".to_owned()),
        ..records::acs_user()
    };
    let transaction = world.store.transaction().create(&unlinked).unwrap();
    transaction.write().await.unwrap();
    for user in [json!(STRANGERS_ACS_USER), json!(unlinked.acs_user_id)] {
        let request = json!({"user_identity_id": IDENTITY, "acs_user_id": user});
        for path in ["/user_identities/add_acs_user", "/user_identities/remove_acs_user"] {
            assert_eq!(world.post(path, &request).await.refused_as(), (400, "acs_user_not_found"), "{path}");
        }
    }
    for (path, list) in [
        ("/user_identities/list_acs_users", "acs_users"),
        ("/user_identities/list_acs_systems", "acs_systems"),
    ] {
        let body = world.post(path, &json!({"user_identity_id": STRANGER})).await.ok();
        assert_eq!(body[list], json!([]), "{path}");
    }
    let joe = json!({"full_name": "Joe", "email_address": "joe@example.org", "acs_system_ids": [ACS_SYSTEM]});
    let joe = world.post("/user_identities/create", &joe).await.ok();
    assert_ne!(joe["user_identity"]["acs_user_ids"], json!([unlinked.acs_user_id]));
}

#[tokio::test]
async fn what_identifies_a_person_in_another_workspace_finds_nobody_and_is_free_here() {
    let world = World::prepared().await;
    let stranger = UserIdentity {
        workspace_id: id(ELSEWHERE),
        user_identity_id: id(STRANGER),
        user_identity_key: Some("joe".to_owned()),
        email_address: Some("joe@example.org".to_owned()),
        phone_number: Some("+15551234567".to_owned()),
        ..records::identity()
    };
    world.store.transaction().create(&stranger).unwrap().write().await.unwrap();
    let by_key = json!({"user_identity_key": "joe"});
    assert_eq!(
        world.post("/user_identities/get", &by_key).await.refused_as(),
        (404, "user_identity_not_found")
    );
    for filter in [
        json!({"user_identity_email_address": "joe@example.org"}),
        json!({"user_identity_phone_number": "+15551234567"}),
    ] {
        assert_eq!(world.post("/acs/users/list", &filter).await.ok()["acs_users"], json!([]));
    }
    let update = json!({
        "user_identity_id": IDENTITY, "user_identity_key": "joe", "email_address": "joe@example.org", "phone_number": "+15551234567"
    });
    world.post("/user_identities/update", &update).await.ok();
    let found = world.post("/user_identities/get", &by_key).await.ok();
    assert_eq!(found["user_identity"]["user_identity_id"], IDENTITY);
}
