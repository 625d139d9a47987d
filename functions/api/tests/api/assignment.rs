//! Credentials that are assigned to an ACS user, to another one of the same person, and to none.

use fobless::domain::{
    acs::{AcsSystem, AcsSystemKind, AcsUser},
    ids::ConnectedAccountId,
};
use serde_json::{Value, json};

use crate::{
    harness::World,
    records::{self, ACS_SYSTEM, ACS_USER, CREDENTIAL_MANAGER, IDENTITY, UNKNOWN, id},
};

const ASSIGN: &str = "/acs/credentials/assign";
const UNASSIGN: &str = "/acs/credentials/unassign";
const GARAGE: &str = "11111111-1111-4111-8111-111111111111";
const GARAGE_ACCOUNT: &str = "22222222-2222-4222-8222-222222222222";
const IN_GARAGE: &str = "33333333-3333-4333-8333-333333333333";

/// Jane is in the garage's system too.
async fn with_garage() -> World {
    let world = World::prepared().await;
    let account: ConnectedAccountId = id(GARAGE_ACCOUNT);
    world
        .put(AcsSystem {
            connected_account_id: account,
            ..records::system(GARAGE, AcsSystemKind::Ledger)
        })
        .await;
    world
        .put(AcsUser {
            acs_user_id: id(IN_GARAGE),
            acs_system_id: id(GARAGE),
            connected_account_id: account,
            ..records::acs_user()
        })
        .await;
    world
}

/// Another person's ACS user in the same system.
async fn joes(world: &World) -> (Value, Value) {
    let creation = json!({"full_name": "Joe", "acs_system_ids": [ACS_SYSTEM]});
    let joe = world.post("/user_identities/create", &creation).await.ok()["user_identity"].clone();
    (joe["user_identity_id"].clone(), joe["acs_user_ids"][0].clone())
}

fn naming(credential: &str, field: &str, value: &Value) -> Value {
    json!({"acs_credential_id": credential, field: value})
}

#[tokio::test]
async fn a_credential_moves_to_another_acs_user_of_its_person_with_system_and_account() {
    let world = with_garage().await;
    let credential = world.create_credential().await;
    let request = naming(&credential, "acs_user_id", &json!(IN_GARAGE));
    let body = world.patch(ASSIGN, &request).await.ok();
    for (key, value) in [
        ("acs_user_id", IN_GARAGE),
        ("acs_system_id", GARAGE),
        ("connected_account_id", GARAGE_ACCOUNT),
        ("user_identity_id", IDENTITY),
    ] {
        assert_eq!(body["acs_credential"][key], value, "{key}");
    }
    assert_eq!(world.post(ASSIGN, &request).await.ok(), body);
    let shown = world
        .get(&format!("/acs/credentials/get?acs_credential_id={credential}"))
        .await
        .ok();
    assert_eq!(shown, body);
}

#[tokio::test]
async fn an_unassigned_credential_has_no_acs_user_and_can_be_assigned_by_person() {
    let world = with_garage().await;
    let credential = world.create_credential().await;
    let request = naming(&credential, "acs_user_id", &json!(ACS_USER));
    let body = world.patch(UNASSIGN, &request).await.ok();
    assert_eq!(body["acs_credential"].get("acs_user_id"), None);
    assert_eq!(body["acs_credential"]["acs_system_id"], ACS_SYSTEM);
    assert_eq!(world.post(UNASSIGN, &request).await.ok(), body);
    let listed = world.get("/acs/credentials/list?search=sync").await.ok();
    assert_eq!(listed["acs_credentials"].as_array().unwrap().len(), 1);

    let by_person = naming(&credential, "user_identity_id", &json!(IDENTITY));
    let body = world.post(ASSIGN, &by_person).await.ok();
    assert_eq!(body["acs_credential"]["acs_user_id"], ACS_USER);
    let body = world.post(UNASSIGN, &by_person).await.ok();
    assert_eq!(body["acs_credential"].get("acs_user_id"), None);
}

#[tokio::test]
async fn a_credential_stays_with_its_person() {
    let world = World::prepared().await;
    let credential = world.create_credential().await;
    let (joe, joes_user) = joes(&world).await;
    for (field, value) in [("acs_user_id", &joes_user), ("user_identity_id", &joe)] {
        let reply = world.post(ASSIGN, &naming(&credential, field, value)).await;
        let (status, kind, message) = reply.refusal();
        assert_eq!((status, kind), (400, "invalid_input"));
        assert!(
            message.contains("stays with its user identity") && message.contains(field),
            "{message}"
        );
        let reply = world.post(UNASSIGN, &naming(&credential, field, value)).await;
        assert_eq!(reply.refused_as(), (400, "invalid_input"));
        assert!(reply.refusal().2.contains("not assigned"), "{:?}", reply.refusal());
    }
    let shown = world
        .get(&format!("/acs/credentials/get?acs_credential_id={credential}"))
        .await
        .ok();
    assert_eq!(shown["acs_credential"]["acs_user_id"], ACS_USER);
}

#[tokio::test]
async fn only_an_acs_user_who_can_hold_a_credential_gets_it() {
    let world = with_garage().await;
    let credential = world.create_credential().await;
    let visitor = json!({"acs_system_id": GARAGE, "full_name": "Visitor"});
    let visitor = world.post("/acs/users/create", &visitor).await.ok()["acs_user"]["acs_user_id"].clone();
    let at_manager = json!({"acs_system_id": CREDENTIAL_MANAGER, "full_name": "Jane", "user_identity_id": IDENTITY});
    let at_manager = world.post("/acs/users/create", &at_manager).await.ok()["acs_user"]["acs_user_id"].clone();
    world.post("/acs/users/delete", &json!({"acs_user_id": IN_GARAGE})).await.ok();
    let cases = [
        ("acs_user_id", json!(UNKNOWN), "acs_user_not_found"),
        ("acs_user_id", visitor, "invalid_input"),
        ("acs_user_id", at_manager, "invalid_input"),
        ("acs_user_id", json!(IN_GARAGE), "invalid_input"),
        ("user_identity_id", json!(UNKNOWN), "user_identity_not_found"),
        ("user_identity_id", json!(null), "invalid_input"),
    ];
    for (field, value, kind) in cases {
        let reply = world.post(ASSIGN, &naming(&credential, field, &value)).await;
        assert_eq!(reply.refused_as(), (400, kind), "{field} {value}");
    }
    let both = json!({"acs_credential_id": credential, "acs_user_id": ACS_USER, "user_identity_id": IDENTITY});
    for path in [ASSIGN, UNASSIGN] {
        assert_eq!(world.post(path, &both).await.refused_as(), (400, "invalid_input"));
    }
}
