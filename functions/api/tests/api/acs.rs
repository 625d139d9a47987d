//! Access control systems, their users, and credential pools.

use fobless::{
    domain::acs::{AcsCredentialPool, AcsSystemKind, KnownPoolLevel},
    store::Key,
};
use serde_json::{Value, json};

use crate::{
    harness::World,
    records::{self, ACS_SYSTEM, ACS_USER, CONNECTED_ACCOUNT, CREDENTIAL_MANAGER, IDENTITY, POOL, UNKNOWN, WORKSPACE},
};

#[tokio::test]
async fn systems_tell_what_they_are() {
    let world = World::prepared().await;
    let manager = world
        .get(&format!("/acs/systems/get?acs_system_id={CREDENTIAL_MANAGER}"))
        .await
        .ok()["acs_system"]
        .clone();
    assert_eq!(manager["is_credential_manager"], true);
    assert_eq!(manager["external_type"], "hid_credential_manager_organization");
    let system = world.get(&format!("/acs/systems/get?acs_system_id={ACS_SYSTEM}")).await.ok()["acs_system"].clone();
    assert_eq!(system["is_credential_manager"], false);
    assert_eq!(system.get("external_type"), None);
    for (key, value) in [
        ("name", json!("Main Office")),
        ("workspace_id", json!(WORKSPACE)),
        ("connected_account_id", json!(CONNECTED_ACCOUNT)),
        ("connected_account_ids", json!([CONNECTED_ACCOUNT])),
        ("location", json!({"time_zone": null})),
        ("errors", json!([])),
        ("warnings", json!([])),
    ] {
        assert_eq!(system[key], value, "{key}");
    }
    assert_eq!(
        world.get(&format!("/acs/systems/get?acs_system_id={UNKNOWN}")).await.refused_as(),
        (404, "acs_system_not_found")
    );
    world.put(records::system(UNKNOWN, AcsSystemKind::Bridge)).await;
    let bridge = world.get(&format!("/acs/systems/get?acs_system_id={UNKNOWN}")).await.ok()["acs_system"].clone();
    assert_eq!(bridge["is_credential_manager"], false);
    assert_eq!(bridge.get("external_type"), None);
    assert_eq!(bridge["external_type_display_name"], "Access Control System Bridge");
    for (query, count) in [("", 3), ("?search=office", 3), ("?search=garage", 0), ("?customer_key=x", 0)] {
        let body = world.get(&format!("/acs/systems/list{query}")).await.ok();
        assert_eq!(body["acs_systems"].as_array().unwrap().len(), count, "{query}");
    }
}

#[tokio::test]
async fn pools_are_listed_for_a_credential_manager() {
    let world = World::prepared().await;
    let body = world
        .get(&format!("/acs/credential_pools/list?acs_system_id={CREDENTIAL_MANAGER}"))
        .await
        .ok();
    let expected = json!([{
        "acs_credential_pool_id": POOL, "acs_system_id": CREDENTIAL_MANAGER, "display_name": "Office",
        "external_type": "hid_part_number", "external_type_display_name": "HID Part Number",
        "workspace_id": WORKSPACE, "created_at": records::at(0).to_string(), "errors": [], "warnings": []
    }]);
    assert_eq!(body["acs_credential_pools"], expected);
    let body = world.get(&format!("/acs/credential_pools/list?acs_system_id={UNKNOWN}")).await.ok();
    assert_eq!(body["acs_credential_pools"], json!([]));
}

#[tokio::test]
async fn a_pool_tells_what_is_left_in_it_and_complains_before_nothing_is() {
    let world = World::prepared().await;
    let path = format!("/acs/credential_pools/list?acs_system_id={CREDENTIAL_MANAGER}");
    let key = Key::pool(records::workspace(), records::id(CREDENTIAL_MANAGER), records::id(POOL));
    for (available, warning, error) in [
        (Some(20), None, None),
        (Some(19), Some("credential_pool_low"), None),
        (Some(0), None, Some("credential_pool_exhausted")),
        (None, None, None),
    ] {
        let level = KnownPoolLevel {
            read_at: records::at(5),
            available,
            facility_code: None,
            card_format: None,
        };
        world
            .change(key.clone(), |pool: &mut AcsCredentialPool| pool.level = Some(level.clone()))
            .await;
        let body = world.get(&path).await.ok();
        let pool = &body["acs_credential_pools"][0];
        assert_eq!(pool.get("available").and_then(Value::as_u64), available);
        assert_eq!(pool["level_read_at"], records::at(5).to_string());
        let notices = |list: &str, code: &str| -> Vec<Value> {
            let list = pool[list].as_array().unwrap();
            list.iter().map(|notice| notice[code].clone()).collect()
        };
        assert_eq!(
            notices("warnings", "warning_code"),
            warning.map(Value::from).into_iter().collect::<Vec<_>>(),
            "{available:?}"
        );
        assert_eq!(
            notices("errors", "error_code"),
            error.map(Value::from).into_iter().collect::<Vec<_>>(),
            "{available:?}"
        );
    }
}

#[tokio::test]
async fn an_acs_user_is_made_and_found_by_its_id_or_its_person() {
    let world = World::prepared().await;
    let garage = records::system(UNKNOWN, AcsSystemKind::Ledger);
    world.put(garage).await;
    let creation = json!({"acs_system_id": UNKNOWN, "full_name": "Jane", "email": "jane@example.com", "user_identity_id": IDENTITY});
    let created = world.post("/acs/users/create", &creation).await.ok();
    let user = &created["acs_user"];
    for (key, value) in [
        ("acs_system_id", json!(UNKNOWN)),
        ("connected_account_id", json!(CONNECTED_ACCOUNT)),
        ("display_name", json!("Jane")),
        ("email_address", json!("jane@example.com")),
        ("user_identity_id", json!(IDENTITY)),
        ("user_identity_full_name", json!("Jane Doe")),
        ("user_identity_phone_number", Value::Null),
        ("is_managed", json!(true)),
        ("last_successful_sync_at", Value::Null),
        ("errors", json!([])),
        ("warnings", json!([])),
    ] {
        assert_eq!(user[key], value, "{key}");
    }
    for wanted in [
        json!({"acs_user_id": user["acs_user_id"]}),
        json!({"user_identity_id": IDENTITY, "acs_system_id": UNKNOWN}),
    ] {
        assert_eq!(world.post("/acs/users/get", &wanted).await.ok(), created);
    }
    assert_eq!(
        world.post("/acs/users/create", &creation).await.refused_as(),
        (400, "invalid_input")
    );
}

#[tokio::test]
async fn an_acs_user_may_belong_to_nobody() {
    let world = World::prepared().await;
    let created = world
        .post("/acs/users/create", &json!({"acs_system_id": ACS_SYSTEM, "full_name": "Visitor"}))
        .await
        .ok();
    assert_eq!(created["acs_user"].get("user_identity_id"), None);
    let wanted = json!({"acs_user_id": created["acs_user"]["acs_user_id"]});
    assert_eq!(world.post("/acs/users/get", &wanted).await.ok(), created);
}

#[tokio::test]
async fn one_person_has_one_acs_user_per_system_even_one_that_was_there_before() {
    let world = World::prepared().await;
    let again = json!({"acs_system_id": ACS_SYSTEM, "full_name": "Jane", "user_identity_id": IDENTITY});
    let reply = world.post("/acs/users/create", &again).await;
    assert_eq!(reply.refused_as(), (400, "invalid_input"));
    let found = world
        .post(
            "/acs/users/get",
            &json!({"user_identity_id": IDENTITY, "acs_system_id": ACS_SYSTEM}),
        )
        .await
        .ok();
    assert_eq!(found["acs_user"]["acs_user_id"], ACS_USER);
}

#[tokio::test]
async fn what_an_acs_user_refers_to_must_exist() {
    let world = World::prepared().await;
    let cases = [
        (json!({"acs_system_id": UNKNOWN, "full_name": "Jane"}), "acs_system_not_found"),
        (
            json!({"acs_system_id": ACS_SYSTEM, "full_name": "Jane", "user_identity_id": UNKNOWN}),
            "user_identity_not_found",
        ),
        (json!({"acs_system_id": ACS_SYSTEM}), "invalid_input"),
        (
            json!({"acs_system_id": ACS_SYSTEM, "full_name": "Jane", "acs_access_group_ids": [UNKNOWN]}),
            "invalid_input",
        ),
    ];
    for (creation, kind) in cases {
        assert_eq!(
            world.post("/acs/users/create", &creation).await.refused_as(),
            (400, kind),
            "{creation}"
        );
    }
    let reply = world.post("/acs/users/get", &json!({"acs_user_id": UNKNOWN})).await;
    assert_eq!(reply.refused_as(), (404, "acs_user_not_found"));
}
