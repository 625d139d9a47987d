//! ACS users that are changed, suspended and deleted.

use fobless::{
    domain::{
        acs::AcsUser,
        deletion::{Deletable, Deletion},
        ids::AcsUserId,
    },
    store::Key,
};
use serde_json::{Value, json};

use crate::{
    harness::World,
    records::{self, ACS_SYSTEM, ACS_USER, IDENTITY, UNKNOWN, id},
};

const UPDATE: &str = "/acs/users/update";
const DELETE: &str = "/acs/users/delete";

async fn stored(world: &World) -> AcsUser {
    world.stored(records::owner().acs_user(id(ACS_USER))).await
}

async fn shown(world: &World) -> Value {
    let body = world.get(&format!("/acs/users/get?acs_user_id={ACS_USER}")).await.ok();
    body["acs_user"].clone()
}

fn ways_to_name() -> [Value; 2] {
    [
        json!({"acs_user_id": ACS_USER}),
        json!({"user_identity_id": IDENTITY, "acs_system_id": ACS_SYSTEM}),
    ]
}

#[tokio::test]
async fn name_and_contact_details_are_changed_and_taken_away() {
    let world = World::prepared().await;
    let update = json!({"acs_user_id": ACS_USER, "full_name": "Jane Roe", "email": "jane@example.org", "phone_number": "+15551234567"});
    assert_eq!(world.patch(UPDATE, &update).await.ok(), json!({"ok": true}));
    let user = shown(&world).await;
    assert_eq!(
        (&user["full_name"], &user["display_name"]),
        (&json!("Jane Roe"), &json!("Jane Roe"))
    );
    assert_eq!(user["email_address"], "jane@example.org");
    assert_eq!(user["phone_number"], "+15551234567");

    let update = json!({"user_identity_id": IDENTITY, "acs_system_id": ACS_SYSTEM, "email_address": null, "phone_number": "+15557654321"});
    world.post(UPDATE, &update).await.ok();
    let user = shown(&world).await;
    assert_eq!(user["full_name"], "Jane Roe");
    assert_eq!(user.get("email_address"), None);
    assert_eq!(user["phone_number"], "+15557654321");
}

#[tokio::test]
async fn what_can_not_be_an_acs_users_is_refused() {
    let world = World::prepared().await;
    for (field, value) in [
        ("email_address", json!("jane")),
        ("phone_number", json!("555")),
        ("full_name", json!("")),
        ("access_schedule", json!({"starts_at": "2024-02-01T00:00:00Z"})),
        ("hid_acs_system_id", json!(UNKNOWN)),
    ] {
        let reply = world.post(UPDATE, &json!({"acs_user_id": ACS_USER, field: value})).await;
        assert_eq!(reply.refused_as(), (400, "invalid_input"));
        assert!(reply.refusal().2.contains(field), "{:?}", reply.refusal());
    }
}

#[tokio::test]
async fn a_suspended_acs_user_says_so_until_it_is_unsuspended() {
    let world = World::prepared().await;
    for named in ways_to_name() {
        let since = world.now();
        for _ in 0..2 {
            assert_eq!(world.post("/acs/users/suspend", &named).await.ok(), json!({"ok": true}));
            assert_eq!(shown(&world).await["is_suspended"], true);
            world.pass_seconds(60);
        }
        assert_eq!(stored(&world).await.suspended_at, Some(since));
        for _ in 0..2 {
            assert_eq!(world.post("/acs/users/unsuspend", &named).await.ok(), json!({"ok": true}));
            assert_eq!(shown(&world).await["is_suspended"], false);
        }
        assert_eq!(stored(&world).await.suspended_at, None);
    }
}

#[tokio::test]
async fn a_deleted_acs_user_says_so_until_it_is_gone_and_nothing_new_hangs_on_it() {
    let world = World::prepared().await;
    let requested_at = world.now();
    for named in ways_to_name() {
        assert_eq!(world.post(DELETE, &named).await.ok(), json!({"ok": true}));
        world.pass_seconds(60);
    }
    assert_eq!(stored(&world).await.deletion, Some(Deletion::requested(requested_at)));
    let told = json!([{
        "warning_code": "being_deleted", "message": "The ACS user is being deleted", "created_at": requested_at.to_string()
    }]);
    assert_eq!(shown(&world).await["warnings"], told);
    let by_person = json!({
        "user_identity_id": IDENTITY, "acs_system_id": ACS_SYSTEM, "is_multi_phone_sync_credential": true, "access_method": "mobile_key"
    });
    for (creation, field) in [(records::creation(), "acs_user_id"), (by_person, "user_identity_id")] {
        let reply = world.post("/acs/credentials/create", &creation).await;
        assert_eq!(reply.refused_as(), (400, "invalid_input"));
        let message = reply.refusal().2;
        assert!(message.contains("is being deleted") && message.contains(field), "{message}");
    }
}

#[tokio::test]
async fn a_credential_goes_with_its_acs_user() {
    let world = World::prepared().await;
    let credential = world.create_credential().await;
    world.post(DELETE, &json!({"acs_user_id": ACS_USER})).await.ok();
    let body = world
        .get(&format!("/acs/credentials/get?acs_credential_id={credential}"))
        .await
        .ok();
    assert_eq!(body["acs_credential"]["warnings"][0]["warning_code"], "being_deleted");
}

#[tokio::test]
async fn an_acs_user_that_is_gone_is_shown_nowhere_and_deleting_it_again_is_fine() {
    let world = World::prepared().await;
    world
        .change::<AcsUser>(records::owner().acs_user(id(ACS_USER)), |user| {
            user.deletion = Some(records::gone());
        })
        .await;
    for named in ways_to_name() {
        for path in ["/acs/users/get", UPDATE, "/acs/users/suspend", "/acs/users/unsuspend"] {
            assert_eq!(world.post(path, &named).await.refused_as(), (404, "acs_user_not_found"), "{path}");
        }
        world.post(DELETE, &named).await.ok();
    }
    assert_eq!(world.get("/acs/users/list").await.ok()["acs_users"], json!([]));
    let person = world.get(&format!("/user_identities/get?user_identity_id={IDENTITY}")).await.ok();
    assert_eq!(person["user_identity"]["acs_user_ids"], json!([]));
    let reply = world.post("/acs/credentials/create", &records::creation()).await;
    assert_eq!(reply.refused_as(), (400, "acs_user_not_found"));
}

#[tokio::test]
async fn where_an_acs_user_is_gone_the_person_gets_another() {
    let world = World::prepared().await;
    world
        .change::<AcsUser>(records::owner().acs_user(id(ACS_USER)), |user| {
            user.deletion = Some(records::gone());
        })
        .await;
    let creation = json!({"acs_system_id": ACS_SYSTEM, "full_name": "Jane", "user_identity_id": IDENTITY});
    let created = world.post("/acs/users/create", &creation).await.ok();
    let by_person = json!({"user_identity_id": IDENTITY, "acs_system_id": ACS_SYSTEM});
    assert_eq!(world.post("/acs/users/get", &by_person).await.ok(), created);
}

#[tokio::test]
async fn an_acs_user_who_is_nobodys_is_gone_at_once() {
    let world = World::prepared().await;
    let creation = json!({"acs_system_id": ACS_SYSTEM, "full_name": "Visitor"});
    let visitor = world.post("/acs/users/create", &creation).await.ok()["acs_user"]["acs_user_id"].clone();
    let named = json!({"acs_user_id": visitor});
    for _ in 0..2 {
        world
            .delete(&format!("{DELETE}?acs_user_id={}", visitor.as_str().unwrap()))
            .await
            .ok();
    }
    assert_eq!(world.post("/acs/users/get", &named).await.refused_as(), (404, "acs_user_not_found"));
    let key = Key::unlinked_acs_user(records::workspace(), id::<AcsUserId>(visitor.as_str().unwrap()));
    assert!(world.stored::<AcsUser>(key).await.is_gone());
}

#[tokio::test]
async fn only_a_known_acs_user_is_changed() {
    let world = World::prepared().await;
    for path in [UPDATE, DELETE, "/acs/users/suspend", "/acs/users/unsuspend"] {
        for named in [
            json!({"acs_user_id": UNKNOWN}),
            json!({"user_identity_id": IDENTITY, "acs_system_id": UNKNOWN}),
        ] {
            assert_eq!(world.post(path, &named).await.refused_as(), (404, "acs_user_not_found"), "{path}");
        }
        assert_eq!(
            world.post(path, &json!({"user_identity_id": IDENTITY})).await.refused_as(),
            (400, "invalid_input"),
            "{path}"
        );
    }
}
