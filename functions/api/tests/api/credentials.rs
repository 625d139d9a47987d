//! Multi-phone sync credentials and their children.

use fobless::domain::{
    acs::AcsUser,
    effort::Effort,
    failure::{Failure, FailureCode},
    ids::{AcsUserId, EndpointId, RemoteCredentialId},
    phone_credential::{PhoneCredential, PhoneCredentialState},
};
use serde_json::{Value, json};

use crate::{
    harness::World,
    records::{self, ACS_SYSTEM, ACS_USER, CREDENTIAL_MANAGER, IDENTITY, UNKNOWN, WORKSPACE},
};

const CREATE: &str = "/acs/credentials/create";
const GET: &str = "/acs/credentials/get?acs_credential_id=";
const LIST: &str = "/acs/credentials/list";

#[tokio::test]
async fn creating_answers_as_the_guide_shows_and_with_what_newer_clients_require() {
    let world = World::prepared().await;
    let body = world.post(CREATE, &records::creation()).await.ok();
    let credential = &body["acs_credential"];
    let expected = json!({
        "acs_credential_id": credential["acs_credential_id"],
        "acs_user_id": ACS_USER,
        "display_name": "Multi Phone Sync Credential",
        "code": null,
        "acs_system_id": ACS_SYSTEM,
        "access_method": "mobile_key",
        "workspace_id": WORKSPACE,
        "created_at": "2024-01-11T10:42:25.848Z",
        "is_multi_phone_sync_credential": true,
        "user_identity_id": IDENTITY,
        "connected_account_id": records::CONNECTED_ACCOUNT,
        "card_format": "rfid48",
        "facility_code": "9",
        "is_managed": true,
        "is_issued": false,
        "issued_at": null,
        "when_invalidated": "reissue",
        "errors": [],
        "warnings": []
    });
    assert_eq!(credential, &expected);
    assert!(credential["acs_credential_id"].is_string());
}

#[tokio::test]
async fn each_creation_makes_another_credential() {
    let world = World::prepared().await;
    assert_ne!(world.create_credential().await, world.create_credential().await);
}

#[tokio::test]
async fn the_facility_code_may_be_left_out_and_the_card_format_stand_in_its_newer_place() {
    let world = World::prepared().await;
    let creation = json!({
        "acs_user_id": ACS_USER, "is_multi_phone_sync_credential": true, "access_method": "mobile_key",
        "visionline_metadata": {"card_format": "rfid48"}
    });
    let body = world.post(CREATE, &creation).await.ok();
    assert_eq!(body["acs_credential"]["card_format"], "rfid48");
    assert_eq!(body["acs_credential"].get("facility_code"), None);
}

/// A person without an ACS user, and a credential for that person by identity and system.
async fn joe(world: &World) -> (Value, Value) {
    let made = world.post("/user_identities/create", &json!({"full_name": "Joe"})).await.ok();
    let person = made["user_identity"]["user_identity_id"].clone();
    let creation = json!({
        "user_identity_id": person, "acs_system_id": ACS_SYSTEM,
        "is_multi_phone_sync_credential": true, "access_method": "mobile_key"
    });
    (person, creation)
}

#[tokio::test]
async fn a_person_without_an_acs_user_in_the_system_gets_one() {
    let world = World::prepared().await;
    let (person, creation) = joe(&world).await;
    let first = world.post(CREATE, &creation).await.ok()["acs_credential"]["acs_user_id"].clone();
    let second = world.post(CREATE, &creation).await.ok()["acs_credential"]["acs_user_id"].clone();
    assert_eq!(first, second);
    let user = world.post("/acs/users/get", &json!({"acs_user_id": first})).await.ok();
    assert_eq!(user["acs_user"]["full_name"], "Joe");
    assert_eq!(user["acs_user"]["user_identity_id"], person);
}

#[tokio::test]
async fn many_creations_at_once_share_one_new_acs_user() {
    let world = World::prepared().await;
    let (_, creation) = joe(&world).await;
    let replies = futures_util::future::join_all((0..8).map(|_| world.post(CREATE, &creation))).await;
    let mut users: Vec<Value> = replies
        .into_iter()
        .map(|reply| reply.ok()["acs_credential"]["acs_user_id"].clone())
        .collect();
    users.dedup();
    assert_eq!(users.len(), 1);
}

#[tokio::test]
async fn what_does_not_belong_on_a_multi_phone_sync_credential_is_refused_by_name() {
    let world = World::prepared().await;
    let cases = [
        ("code", json!("1234"), "code"),
        ("card_number", json!("77"), "card_number"),
        ("access_method", json!("card"), "access_method"),
        ("access_method", json!("plastic"), "access_method"),
        ("is_multi_phone_sync_credential", json!(false), "is_multi_phone_sync_credential"),
        ("is_multi_phone_sync_credential", json!("yes"), "is_multi_phone_sync_credential"),
        ("allowed_acs_entrance_ids", json!([UNKNOWN]), "allowed_acs_entrance_ids"),
        ("salto_space_metadata", json!({"assign_new_key": true}), "salto_space_metadata"),
        (
            "assa_abloy_vostio_metadata",
            json!({"auto_join": true}),
            "assa_abloy_vostio_metadata",
        ),
        ("hotek_metadata", json!({"auto_join": true}), "hotek_metadata"),
        ("dormakaba_ambiance_metadata", json!({"anything": 1}), "dormakaba_ambiance_metadata"),
        ("visionline_metadata", json!({"override": true}), "visionline_metadata.override"),
        (
            "visionline_metadata",
            json!({"card_format": "other"}),
            "visionline_metadata.card_format",
        ),
        ("ends_at", json!("2024-01-11T10:42:25Z"), "ends_at"),
        ("ends_at", json!("tomorrow"), "ends_at"),
        ("acs_user_id", json!("nobody"), "acs_user_id"),
    ];
    for (field, value, named) in cases {
        let mut creation = records::creation();
        creation[field] = value;
        let reply = world.post(CREATE, &creation).await;
        let (status, kind, message) = reply.refusal();
        assert_eq!((status, kind), (400, "invalid_input"), "{field}: {message}");
        assert!(message.contains(&format!("for \"{named}\"")), "{field}: {message}");
    }
}

#[tokio::test]
async fn empty_extras_are_no_obstacle() {
    let world = World::prepared().await;
    let mut creation = records::creation();
    for (field, value) in [
        ("code", Value::Null),
        ("allowed_acs_entrance_ids", json!([])),
        ("zzz", json!(1)),
        ("starts_at", json!(null)),
    ] {
        creation[field] = value;
    }
    world.post(CREATE, &creation).await.ok();
}

#[tokio::test]
async fn what_a_creation_refers_to_must_exist_and_fit() {
    let world = World::prepared().await;
    let unlinked = AcsUser {
        acs_user_id: AcsUserId::generate(),
        user_identity_id: None,
        ..records::acs_user()
    };
    world.put(unlinked.clone()).await;
    let cases = [
        ("acs_user_id", json!(UNKNOWN), "acs_user_not_found"),
        ("acs_user_id", json!(unlinked.acs_user_id), "invalid_input"),
        ("credential_manager_acs_system_id", json!(UNKNOWN), "acs_system_not_found"),
        ("credential_manager_acs_system_id", json!(ACS_SYSTEM), "invalid_input"),
        ("acs_system_id", json!(CREDENTIAL_MANAGER), "invalid_input"),
        ("user_identity_id", json!(UNKNOWN), "invalid_input"),
    ];
    for (field, value, kind) in cases {
        let mut creation = records::creation();
        creation[field] = value;
        assert_eq!(world.post(CREATE, &creation).await.refused_as(), (400, kind), "{field}");
    }
}

#[tokio::test]
async fn a_period_is_kept_and_shown() {
    let world = World::prepared().await;
    let mut creation = records::creation();
    creation["starts_at"] = json!("2024-02-01T00:00:00+01:00");
    creation["ends_at"] = json!("2024-03-01T00:00:00Z");
    let body = world.post(CREATE, &creation).await.ok();
    assert_eq!(body["acs_credential"]["starts_at"], "2024-01-31T23:00:00.000Z");
    creation["ends_at"] = json!("2024-01-20T00:00:00Z");
    assert_eq!(world.post(CREATE, &creation).await.refused_as(), (400, "invalid_input"));
}

#[tokio::test]
async fn a_child_shows_its_parent_its_phone_and_its_number() {
    let world = World::prepared().await;
    let (automation, parent) = (world.launch().await, world.create_credential().await);
    let phone = records::phone("iphone");
    let child = records::child(&phone, &automation, &parent, records::issued("4711"));
    world.put(phone.clone()).await;
    world.put(child.clone()).await;
    let body = world.get(&format!("{GET}{}", child.acs_credential_id)).await.ok();
    let expected = json!({
        "acs_credential_id": child.acs_credential_id,
        "parent_acs_credential_id": parent,
        "acs_user_id": ACS_USER,
        "acs_system_id": ACS_SYSTEM,
        "user_identity_id": IDENTITY,
        "connected_account_id": records::CONNECTED_ACCOUNT,
        "workspace_id": WORKSPACE,
        "device_id": phone.device_id,
        "display_name": "Jane's iphone",
        "access_method": "mobile_key",
        "code": null,
        "card_number": "4711",
        "card_format": "rfid48",
        "facility_code": "9",
        "acs_credential_pool_id": records::POOL,
        "credential_manager_acs_system_id": CREDENTIAL_MANAGER,
        "external_type": "hid_credential",
        "external_type_display_name": "HID Credential",
        "is_multi_phone_sync_credential": false,
        "is_managed": true,
        "is_issued": true,
        "issued_at": records::at(50).to_string(),
        "properties": {"hid_origo_metadata": {"endpoint_id": EndpointId::new("66"), "status": "issued"}},
        "created_at": records::at(40).to_string(),
        "errors": [],
        "warnings": []
    });
    assert_eq!(body["acs_credential"], expected);
    let parent = world.get(&format!("{GET}{parent}")).await.ok();
    assert_eq!(parent["acs_credential"]["is_issued"], true);
}

#[tokio::test]
async fn a_child_that_waits_says_so_and_why() {
    let world = World::prepared().await;
    let (automation, parent) = (world.launch().await, world.create_credential().await);
    let failure = Failure {
        code: FailureCode::CredentialPoolExhausted,
        message: "none left".to_owned(),
        at: records::at(60),
    };
    let child = PhoneCredential {
        effort: Effort {
            last_failure: Some(failure),
            ..Effort::default()
        },
        ..records::child(&records::phone("iphone"), &automation, &parent, PhoneCredentialState::Pending)
    };
    world.put(child.clone()).await;
    let credential = world.get(&format!("{GET}{}", child.acs_credential_id)).await.ok()["acs_credential"].clone();
    assert_eq!(credential["warnings"][0]["warning_code"], "waiting_to_be_issued");
    assert_eq!(credential["errors"][0]["error_code"], "credential_pool_exhausted");
    assert_eq!(
        (&credential["card_number"], &credential["is_issued"]),
        (&json!(null), &json!(false))
    );
}

#[tokio::test]
async fn a_number_that_is_on_its_way_into_the_access_control_system_opens_no_door_yet() {
    let world = World::prepared().await;
    let (automation, parent) = (world.launch().await, world.create_credential().await);
    let state = PhoneCredentialState::Importing {
        remote_id: RemoteCredentialId::new("99"),
        card_number: "4711".to_owned(),
        since: records::at(50),
    };
    let child = records::child(&records::phone("iphone"), &automation, &parent, state);
    world.put(child.clone()).await;
    let credential = world.get(&format!("{GET}{}", child.acs_credential_id)).await.ok()["acs_credential"].clone();
    assert_eq!(credential["properties"]["hid_origo_metadata"]["status"], "issuing");
    assert_eq!(credential["card_number"], "4711");
    assert_eq!(credential["is_issued"], false);
    assert_eq!(credential["warnings"][0]["warning_code"], "waiting_to_be_issued");
}

#[tokio::test]
async fn a_revoked_child_is_gone() {
    let world = World::prepared().await;
    let (automation, parent) = (world.launch().await, world.create_credential().await);
    let state = PhoneCredentialState::Revoked {
        at: records::at(60),
        remote_id: None,
    };
    let child = records::child(&records::phone("iphone"), &automation, &parent, state);
    world.put(child.clone()).await;
    assert_eq!(
        world.get(&format!("{GET}{}", child.acs_credential_id)).await.refused_as(),
        (404, "acs_credential_not_found")
    );
    let listed = world.get(LIST).await.ok();
    assert_eq!(listed["acs_credentials"].as_array().unwrap().len(), 1);
}
