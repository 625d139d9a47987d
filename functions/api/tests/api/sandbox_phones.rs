//! Phones that exist for trying things out only.

use fobless::domain::{
    phone::{Phone, Presence},
    phone_metadata::DeviceType,
};
use serde_json::{Value, json};

use crate::{
    harness::World,
    records::{self, IDENTITY, UNKNOWN, WORKSPACE},
    sessions::{Stranger, put_workspace},
};

const CREATE: &str = "/phones/simulate/create_sandbox_phone";

async fn sandbox() -> World {
    let world = World::prepared().await;
    put_workspace(&world, true).await;
    world
}

async fn created(world: &World, body: Value) -> Value {
    world.post(CREATE, &body).await.ok()["phone"].clone()
}

#[tokio::test]
async fn a_simulated_phone_is_registered_as_a_real_one_is() {
    let world = sandbox().await;
    let phone = created(
        &world,
        json!({"user_identity_id": IDENTITY, "custom_sdk_installation_id": "sandbox"}),
    )
    .await;
    let expected = records::phone("sandbox").device_id;
    assert_eq!(
        phone,
        json!({
            "device_id": expected, "device_type": "android_phone", "display_name": "Samsung Galaxy S10", "workspace_id": WORKSPACE,
            "created_at": world.now().to_string(), "custom_metadata": {}, "errors": [], "warnings": [], "properties": {}
        })
    );
    let stored: Phone = world.stored(records::owner().phone(expected)).await;
    assert_eq!((stored.presence, stored.registered_at), (Presence::Registered, Some(world.now())));
    assert_eq!(stored.metadata.os_version.as_deref(), Some("10"));
    let listed = world.get(&format!("/phones/list?owner_user_identity_id={IDENTITY}")).await.ok();
    assert_eq!(listed["phones"], json!([phone]));
}

#[tokio::test]
async fn without_an_installation_each_call_is_another_phone_and_with_one_the_same() {
    let world = sandbox().await;
    let plain = json!({"user_identity_id": IDENTITY});
    assert_ne!(
        created(&world, plain.clone()).await["device_id"],
        created(&world, plain).await["device_id"]
    );
    let named = json!({"user_identity_id": IDENTITY, "custom_sdk_installation_id": "sandbox"});
    let first = created(&world, named.clone()).await;
    let key = records::owner().phone(records::phone("sandbox").device_id);
    let stored: Phone = world.stored(key.clone()).await;
    world.pass_seconds(60);
    assert_eq!(created(&world, named.clone()).await, first);
    assert_eq!(
        world.stored::<Phone>(key.clone()).await,
        stored,
        "a repeat is no app that was installed again"
    );

    // Unlike a phone, whoever has the key may bring it back.
    world
        .change::<Phone>(key.clone(), |phone| phone.presence = Presence::Deactivated)
        .await;
    created(&world, named).await;
    assert_eq!(world.stored::<Phone>(key).await.registered_at, Some(world.now()));
}

#[tokio::test]
async fn what_is_said_of_the_phone_is_kept_or_harmless_or_refused() {
    let world = sandbox().await;
    let phone = created(
        &world,
        json!({
            "user_identity_id": IDENTITY, "custom_sdk_installation_id": "iphone",
            "phone_metadata": {"operating_system": "ios", "device_manufacturer": "Apple", "device_model": "iPhone 17", "os_version": "26"},
            "assa_abloy_metadata": {
                "application_version": "2.0.0", "ble_capability": false, "hce_capability": true, "nfc_capability": true,
                "seos_applet_version": "3.0.0", "seos_tsm_endpoint_id": 1
            }
        }),
    )
    .await;
    assert_eq!(
        (&phone["device_type"], &phone["display_name"]),
        (&json!("ios_phone"), &json!("Apple iPhone 17"))
    );
    let stored: Phone = world.stored(records::owner().phone(records::phone("iphone").device_id)).await;
    assert_eq!(stored.metadata.device_type, Some(DeviceType::IosPhone));

    for (object, field, value) in [
        ("phone_metadata", "operating_system", json!("symbian")),
        ("phone_metadata", "device_model", json!(7)),
        ("assa_abloy_metadata", "ble_capability", json!("perhaps")),
        ("assa_abloy_metadata", "application_version", json!(2)),
        ("assa_abloy_metadata", "seos_tsm_endpoint_id", json!(2)),
    ] {
        let reply = world
            .post(CREATE, &json!({"user_identity_id": IDENTITY, object: {field: value}}))
            .await;
        assert_eq!(reply.refused_as(), (400, "invalid_input"), "{field}");
        let errors = &reply.body["error"]["validation_errors"][object][field]["_errors"];
        assert!(errors[0].is_string(), "{}", reply.body);
    }
}

#[tokio::test]
async fn phones_are_simulated_in_a_sandbox_only() {
    let wish = json!({"user_identity_id": IDENTITY});
    let undescribed = World::prepared().await;
    assert_eq!(undescribed.post(CREATE, &wish).await.refused_as(), (400, "workspace_not_sandbox"));
    let real = World::prepared().await;
    put_workspace(&real, false).await;
    assert_eq!(real.post(CREATE, &wish).await.refused_as(), (400, "workspace_not_sandbox"));
    assert_eq!(real.get("/phones/list").await.ok()["phones"], json!([]));
}

#[tokio::test]
async fn a_phone_is_simulated_for_a_known_person_of_the_workspace_only() {
    let world = sandbox().await;
    let unknown = world.post(CREATE, &json!({"user_identity_id": UNKNOWN})).await;
    assert_eq!(unknown.refused_as(), (400, "user_identity_not_found"));
    assert_eq!(world.post(CREATE, &json!({})).await.refused_as(), (400, "invalid_input"));
    let stranger = Stranger::arrives(&world).await;
    let reply = stranger.post(CREATE, &json!({"user_identity_id": IDENTITY})).await;
    assert_eq!(reply.refused_as(), (400, "workspace_not_sandbox"));
    world
        .post("/user_identities/delete", &json!({"user_identity_id": IDENTITY}))
        .await
        .ok();
    let deleted = world.post(CREATE, &json!({"user_identity_id": IDENTITY})).await;
    assert_eq!(deleted.refused_as(), (400, "invalid_input"));
}

#[tokio::test]
async fn a_simulated_phone_is_found_by_its_id_at_once() {
    let world = sandbox().await;
    let phone = created(&world, json!({"user_identity_id": IDENTITY})).await;
    let named = json!({"device_id": phone["device_id"]});
    assert_eq!(world.post("/phones/get", &named).await.ok()["phone"], phone);
    world.post("/phones/deactivate", &named).await.ok();
    assert_eq!(world.post("/phones/get", &named).await.refused_as(), (404, "phone_not_found"));
}
