//! Multi-phone sync credentials that are changed and deleted.

use fobless::domain::{
    deletion::{Deletable, Deletion},
    ids::AcsCredentialId,
    multi_phone_sync_credential::{MultiPhoneSyncCredential, WhenInvalidated},
    phone_credential::{PhoneCredential, PhoneCredentialState},
    time::Timestamp,
};
use serde_json::{Value, json};

use crate::{
    harness::World,
    records::{self, IDENTITY, UNKNOWN, id},
};

const UPDATE: &str = "/acs/credentials/update";
const DELETE: &str = "/acs/credentials/delete";
const GET: &str = "/acs/credentials/get?acs_credential_id=";

async fn stored(world: &World, credential: &str) -> MultiPhoneSyncCredential {
    world.stored(records::owner().credential(id(credential))).await
}

async fn child_of(world: &World, parent: &str) -> PhoneCredential {
    let automation = world.launch().await;
    let child = records::child(&records::phone("iphone"), &automation, parent, records::issued("4711"));
    world.put(child.clone()).await;
    child
}

fn moment(text: &str) -> Option<Timestamp> {
    Timestamp::parse_rfc3339(text)
}

#[tokio::test]
async fn the_period_is_moved_and_taken_away_again() {
    let world = World::prepared().await;
    let credential = world.create_credential().await;
    let update = json!({"acs_credential_id": credential, "starts_at": "2024-02-01T00:00:00Z", "ends_at": "2024-03-01T00:00:00Z"});
    let body = world.patch(UPDATE, &update).await.ok();
    assert_eq!(body["acs_credential"]["starts_at"], "2024-02-01T00:00:00.000Z");
    assert_eq!(body["acs_credential"]["ends_at"], "2024-03-01T00:00:00.000Z");
    assert_eq!(world.post(UPDATE, &update).await.ok(), body);
    assert_eq!(world.get(&format!("{GET}{credential}")).await.ok(), body);
    assert_eq!(stored(&world, &credential).await.next_change_at, moment("2024-02-01T00:00:00Z"));

    let cleared = json!({"acs_credential_id": credential, "starts_at": null});
    let body = world.post(UPDATE, &cleared).await.ok();
    assert_eq!(body["acs_credential"].get("starts_at"), None);
    assert_eq!(body["acs_credential"]["ends_at"], "2024-03-01T00:00:00.000Z");
    assert_eq!(stored(&world, &credential).await.next_change_at, moment("2024-03-01T00:00:00Z"));

    let cleared = json!({"acs_credential_id": credential, "ends_at": null});
    world.post(UPDATE, &cleared).await.ok();
    assert_eq!(stored(&world, &credential).await.next_change_at, None);
}

#[tokio::test]
async fn a_period_must_end_in_the_future_and_after_its_beginning() {
    let world = World::prepared().await;
    let credential = world.create_credential().await;
    let period = json!({"acs_credential_id": credential, "starts_at": "2024-02-01T00:00:00Z", "ends_at": "2024-03-01T00:00:00Z"});
    world.post(UPDATE, &period).await.ok();
    let cases = [
        ("ends_at", json!("2024-01-11T10:42:25Z"), "ends_at"),
        ("ends_at", json!("2024-01-20T00:00:00Z"), "ends_at"),
        ("starts_at", json!("2024-03-01T00:00:00Z"), "starts_at"),
        ("ends_at", json!("tomorrow"), "ends_at"),
        ("code", json!("1234"), "code"),
        ("card_number", json!("77"), "card_number"),
        ("card_format", json!("rfid48"), "card_format"),
        ("visionline_metadata", json!({"card_format": "rfid48"}), "visionline_metadata"),
        ("salto_space_metadata", json!({"assign_new_key": true}), "salto_space_metadata"),
        ("kisi_metadata", json!({"anything": 1}), "kisi_metadata"),
        ("allowed_acs_entrance_ids", json!([UNKNOWN]), "allowed_acs_entrance_ids"),
    ];
    for (field, value, named) in cases {
        let reply = world.post(UPDATE, &json!({"acs_credential_id": credential, field: value})).await;
        let (status, kind, message) = reply.refusal();
        assert_eq!((status, kind), (400, "invalid_input"), "{field}: {message}");
        assert!(message.contains(&format!("for \"{named}\"")), "{field}: {message}");
    }
    assert_eq!(stored(&world, &credential).await.ends_at, moment("2024-03-01T00:00:00Z"));
}

#[tokio::test]
async fn what_becomes_of_an_invalidated_child_is_said_at_creation_and_changed_later() {
    let world = World::prepared().await;
    let usual = world.create_credential().await;
    let body = world.get(&format!("{GET}{usual}")).await.ok();
    assert_eq!(body["acs_credential"]["when_invalidated"], "reissue");

    let mut creation = records::creation();
    creation["when_invalidated"] = json!("mark");
    let created = world.post("/acs/credentials/create", &creation).await.ok();
    assert_eq!(created["acs_credential"]["when_invalidated"], "mark");
    let credential = created["acs_credential"]["acs_credential_id"].as_str().unwrap().to_owned();
    assert_eq!(stored(&world, &credential).await.when_invalidated, WhenInvalidated::Mark);

    // What is not named stays; `null` takes it back to what is usual.
    for (change, expected) in [
        (json!({"ends_at": "2024-03-01T00:00:00Z"}), "mark"),
        (json!({"when_invalidated": "reissue"}), "reissue"),
        (json!({"when_invalidated": "mark"}), "mark"),
        (json!({"when_invalidated": null}), "reissue"),
    ] {
        let mut update = change.clone();
        update["acs_credential_id"] = json!(credential);
        let body = world.post(UPDATE, &update).await.ok();
        assert_eq!(body["acs_credential"]["when_invalidated"], expected, "{change}");
        assert_eq!(world.get(&format!("{GET}{credential}")).await.ok(), body, "{change}");
    }
    assert_eq!(stored(&world, &credential).await.when_invalidated, WhenInvalidated::Reissue);

    creation["when_invalidated"] = json!("forget");
    for reply in [
        world.post("/acs/credentials/create", &creation).await,
        world
            .post(UPDATE, &json!({"acs_credential_id": credential, "when_invalidated": "forget"}))
            .await,
    ] {
        let (status, kind, message) = reply.refusal();
        assert_eq!((status, kind), (400, "invalid_input"));
        assert!(message.contains("'reissue' | 'mark'"), "{message}");
    }
}

#[tokio::test]
async fn only_a_parent_says_what_becomes_of_an_invalidated_child() {
    let world = World::prepared().await;
    let parent = world.create_credential().await;
    let child = child_of(&world, &parent).await.acs_credential_id;
    let body = world.get(&format!("{GET}{child}")).await.ok();
    assert_eq!(body["acs_credential"].get("when_invalidated"), None);
}

#[tokio::test]
async fn the_credential_of_a_phone_follows_its_parent_and_is_not_changed_itself() {
    let world = World::prepared().await;
    let parent = world.create_credential().await;
    let child = child_of(&world, &parent).await.acs_credential_id;
    let cases = [
        (
            UPDATE,
            json!({"acs_credential_id": child, "ends_at": null}),
            "update the multi-phone sync credential",
        ),
        (DELETE, json!({"acs_credential_id": child}), "deactivate the phone"),
        (
            "/acs/credentials/assign",
            json!({"acs_credential_id": child, "user_identity_id": IDENTITY}),
            "assign or unassign the multi-phone sync credential",
        ),
        (
            "/acs/credentials/unassign",
            json!({"acs_credential_id": child, "user_identity_id": IDENTITY}),
            "assign or unassign the multi-phone sync credential",
        ),
    ];
    for (path, request, advice) in cases {
        let reply = world.post(path, &request).await;
        let (status, kind, message) = reply.refusal();
        assert_eq!((status, kind), (400, "invalid_input"), "{path}");
        assert!(message.contains(advice), "{message}");
    }
    world.get(&format!("{GET}{child}")).await.ok();
}

#[tokio::test]
async fn a_deleted_credential_says_so_until_it_is_gone_and_so_do_its_children() {
    let world = World::prepared().await;
    let parent = world.create_credential().await;
    let child = child_of(&world, &parent).await;
    let path = format!("{DELETE}?acs_credential_id={parent}");
    let requested_at = world.now();
    assert_eq!(world.delete(&path).await.ok(), json!({"ok": true}));
    world.pass_seconds(60);
    world.delete(&path).await.ok();
    assert_eq!(stored(&world, &parent).await.deletion, Some(Deletion::requested(requested_at)));
    let told = json!([{
        "warning_code": "being_deleted", "message": "The credential is being deleted", "created_at": requested_at.to_string()
    }]);
    for id in [parent.clone(), child.acs_credential_id.to_string()] {
        assert_eq!(world.get(&format!("{GET}{id}")).await.ok()["acs_credential"]["warnings"], told);
    }
    for path in [UPDATE, "/acs/credentials/assign"] {
        let request = json!({"acs_credential_id": parent, "user_identity_id": IDENTITY});
        let reply = world.post(path, &request).await;
        assert_eq!(reply.refused_as(), (400, "invalid_input"), "{path}");
        assert!(reply.refusal().2.contains("is being deleted"), "{path}");
    }
}

#[tokio::test]
async fn who_deletes_all_that_is_listed_may_delete_what_goes_with_its_parent() {
    let world = World::prepared().await;
    let parent = world.create_credential().await;
    let child = child_of(&world, &parent).await;
    let delete = async |id: &str| world.delete(&format!("{DELETE}?acs_credential_id={id}")).await;
    let child_id = child.acs_credential_id.to_string();
    assert_eq!(delete(&child_id).await.refused_as(), (400, "invalid_input"));
    delete(&parent).await.ok();
    delete(&child_id).await.ok();

    // Clients repeat a delete whose answer got lost, also when everything is gone by then.
    let owner = records::owner();
    let revoked = PhoneCredentialState::Revoked {
        at: records::at(60),
        remote_id: None,
    };
    world
        .change::<PhoneCredential>(owner.phone_credential(child.acs_credential_id), |child| {
            child.state = revoked.clone();
        })
        .await;
    world
        .change::<MultiPhoneSyncCredential>(owner.credential(id::<AcsCredentialId>(&parent)), |parent| {
            parent.complete_deletion(records::at(61));
        })
        .await;
    assert_eq!(
        world.get(&format!("{GET}{child_id}")).await.refused_as(),
        (404, "acs_credential_not_found")
    );
    delete(&child_id).await.ok();
}

#[tokio::test]
async fn a_credential_that_is_gone_is_shown_nowhere_and_deleting_it_again_is_fine() {
    let world = World::prepared().await;
    let credential = world.create_credential().await;
    let key = records::owner().credential(id::<AcsCredentialId>(&credential));
    world
        .change::<MultiPhoneSyncCredential>(key, |parent| {
            parent.request_deletion(records::at(60));
            parent.complete_deletion(records::at(61));
        })
        .await;
    let reply = world.get(&format!("{GET}{credential}")).await;
    assert_eq!(reply.refused_as(), (404, "acs_credential_not_found"));
    for filter in [
        json!({}),
        json!({"user_identity_id": IDENTITY}),
        json!({"acs_user_id": records::ACS_USER}),
    ] {
        let body = world.post("/acs/credentials/list", &filter).await.ok();
        assert_eq!(body["acs_credentials"], json!([]), "{filter}");
    }
    let request = json!({"acs_credential_id": credential, "user_identity_id": IDENTITY});
    for path in [UPDATE, "/acs/credentials/assign", "/acs/credentials/unassign"] {
        assert_eq!(
            world.post(path, &request).await.refused_as(),
            (404, "acs_credential_not_found"),
            "{path}"
        );
    }
    world.post(DELETE, &json!({"acs_credential_id": credential})).await.ok();
}

#[tokio::test]
async fn only_a_known_credential_is_changed() {
    let world = World::prepared().await;
    let request = json!({"acs_credential_id": UNKNOWN, "user_identity_id": IDENTITY});
    for path in [UPDATE, DELETE, "/acs/credentials/assign", "/acs/credentials/unassign"] {
        assert_eq!(
            world.post(path, &request).await.refused_as(),
            (404, "acs_credential_not_found"),
            "{path}"
        );
        assert_eq!(world.post(path, &Value::Null).await.status, 400, "{path}");
    }
}
