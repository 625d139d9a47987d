//! Phones and how far their enrollment has come.

use fobless::domain::{
    effort::Effort,
    enrollment::Enrollment,
    failure::{Failure, FailureCode},
    phone::{Phone, Presence},
};
use serde_json::{Value, json};

use crate::{
    harness::World,
    records::{self, CODE, CREDENTIAL_MANAGER, IDENTITY, UNKNOWN},
};

async fn names(world: &World, query: &str) -> Vec<String> {
    let body = world.get(&format!("/phones/list{query}")).await.ok();
    let mut names: Vec<String> = body["phones"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|phone| phone["display_name"].as_str().expect("a name").to_owned())
        .collect();
    names.sort();
    names
}

async fn metadata(world: &World, phone: &Phone) -> Value {
    let body = world.get(&format!("/phones/get?device_id={}", phone.device_id)).await.ok();
    body["phone"]["properties"]["hid_origo_metadata"].clone()
}

#[tokio::test]
async fn a_phone_shows_its_invitation_only_while_it_is_open() {
    let world = World::prepared().await;
    let phone = records::phone("iphone");
    world.put(phone.clone()).await;
    let body = world.get(&format!("/phones/get?device_id={}", phone.device_id)).await.ok();
    let expected = json!({
        "device_id": phone.device_id, "device_type": "android_phone", "display_name": "Jane's iphone", "workspace_id": records::WORKSPACE,
        "created_at": records::at(10).to_string(), "custom_metadata": {}, "errors": [], "warnings": [], "properties": {}
    });
    assert_eq!(body["phone"], expected);

    let automation = world.launch().await;
    let common = json!({"enrollment_automation_id": automation, "acs_system_id": CREDENTIAL_MANAGER});
    let with = |more: Value| {
        let mut all = common.clone();
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    assert_eq!(
        metadata(&world, &phone).await,
        with(json!({"status": "pending", "has_active_endpoint": false}))
    );

    let written = world
        .store
        .insert(records::enrollment(&phone, &automation, records::invited()))
        .await
        .unwrap();
    let invited = json!({
        "status": "invited", "has_active_endpoint": false, "invitation_code": CODE, "invitation_expires_at": records::at(3600).to_string()
    });
    assert_eq!(metadata(&world, &phone).await, with(invited));

    world
        .store
        .replace(records::enrollment(&phone, &automation, records::active()), &written)
        .await
        .unwrap();
    let active = json!({"status": "active", "has_active_endpoint": true, "endpoint_id": "66"});
    assert_eq!(metadata(&world, &phone).await, with(active));
}

#[tokio::test]
async fn phones_are_listed_by_owner_by_credential_and_all_together() {
    let world = World::prepared().await;
    let (automation, parent) = (world.launch().await, world.create_credential().await);
    let (first, second) = (records::phone("first"), records::phone("second"));
    let child = records::child(&first, &automation, &parent, records::issued("4711"));
    let lost = Phone {
        presence: Presence::Deactivated,
        ..records::phone("lost")
    };
    let child_id = child.acs_credential_id;
    world.put(child).await;
    for phone in [first, second, lost.clone()] {
        world.put(phone).await;
    }
    assert_eq!(names(&world, "").await, ["Jane's first", "Jane's second"]);
    assert_eq!(
        names(&world, &format!("?owner_user_identity_id={IDENTITY}")).await,
        ["Jane's first", "Jane's second"]
    );
    assert_eq!(names(&world, &format!("?acs_credential_id={parent}")).await, ["Jane's first"]);
    assert_eq!(
        names(&world, &format!("?acs_credential_id={child_id}&owner_user_identity_id={IDENTITY}")).await,
        ["Jane's first"]
    );
    assert!(names(&world, &format!("?owner_user_identity_id={UNKNOWN}")).await.is_empty());
    assert!(names(&world, &format!("?acs_credential_id={UNKNOWN}")).await.is_empty());
    let reply = world.get(&format!("/phones/get?device_id={}", lost.device_id)).await;
    assert_eq!(reply.refused_as(), (404, "phone_not_found"));
}

#[tokio::test]
async fn a_phone_tells_of_the_trouble_with_it_once() {
    let world = World::prepared().await;
    let (automation, parent) = (world.launch().await, world.create_credential().await);
    let phone = records::phone("iphone");
    let failure = Failure {
        code: FailureCode::CredentialManagerRefused,
        message: "no".to_owned(),
        at: records::at(60),
    };
    let effort = Effort {
        last_failure: Some(failure),
        ..Effort::default()
    };
    world.put(phone.clone()).await;
    world
        .put(Enrollment {
            effort: effort.clone(),
            ..records::enrollment(&phone, &automation, records::active())
        })
        .await;
    let mut child = records::child(&phone, &automation, &parent, records::issued("1"));
    child.effort = effort;
    world.put(child).await;
    let body = world.get(&format!("/phones/get?device_id={}", phone.device_id)).await.ok();
    let told = json!([{"error_code": "credential_manager_refused", "message": "no", "created_at": records::at(60).to_string()}]);
    assert_eq!(body["phone"]["errors"], told);
}

#[tokio::test]
async fn a_deactivated_phone_is_not_shown_and_deactivating_it_again_is_fine() {
    let world = World::prepared().await;
    let phone = records::phone("iphone");
    let path = format!("/phones/deactivate?device_id={}", phone.device_id);
    world.put(phone.clone()).await;
    assert_eq!(world.delete(&path).await.ok(), json!({"ok": true}));
    let stored: Phone = world.stored(records::owner().phone(phone.device_id)).await;
    assert_eq!((stored.presence, stored.occurred_at), (Presence::Deactivated, world.now()));
    let reply = world.get(&format!("/phones/get?device_id={}", phone.device_id)).await;
    assert_eq!(reply.refused_as(), (404, "phone_not_found"));
    world.delete(&path).await.ok();
    world.pass_seconds(60);
    world.post("/phones/deactivate", &json!({"device_id": phone.device_id})).await.ok();
}

#[tokio::test]
async fn a_phone_that_is_dated_ahead_of_its_time_is_deactivated_all_the_same() {
    let world = World::prepared().await;
    let phone = Phone {
        occurred_at: world.now().plus(std::time::Duration::from_mins(1)),
        ..records::phone("iphone")
    };
    world.put(phone.clone()).await;
    world.post("/phones/deactivate", &json!({"device_id": phone.device_id})).await.ok();
    assert!(names(&world, "").await.is_empty());
}

#[tokio::test]
async fn only_a_known_phone_is_deactivated() {
    let world = World::prepared().await;
    let reply = world.post("/phones/deactivate", &json!({"device_id": UNKNOWN})).await;
    assert_eq!(reply.refused_as(), (404, "phone_not_found"));
    assert_eq!(
        world.post("/phones/deactivate", &json!({})).await.refused_as(),
        (400, "invalid_input")
    );
}
