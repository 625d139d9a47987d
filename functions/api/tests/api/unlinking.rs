//! ACS users who become nobody's again.

use fobless::{
    domain::{
        acs::{AcsSystemKind, AcsUser},
        aggregate::Versioned,
        deletion::Deletable,
        ids::AcsUserId,
        multi_phone_sync_credential::MultiPhoneSyncCredential,
        user_identity::UserIdentity,
    },
    store::{Key, TransactionError, WriteError},
};
use futures_util::future::join;
use serde_json::{Value, json};

use crate::{
    harness::World,
    records::{self, ACS_SYSTEM, ACS_USER, IDENTITY, UNKNOWN, id},
};

const REMOVE: &str = "/user_identities/remove_acs_user";
const ADD: &str = "/user_identities/add_acs_user";

fn janes() -> Value {
    json!({"user_identity_id": IDENTITY, "acs_user_id": ACS_USER})
}

fn unlinked_place() -> Key {
    Key::unlinked_acs_user(records::workspace(), id::<AcsUserId>(ACS_USER))
}

async fn credential(world: &World, id: &str) -> Value {
    let body = world.get(&format!("/acs/credentials/get?acs_credential_id={id}")).await.ok();
    body["acs_credential"].clone()
}

#[tokio::test]
async fn a_removed_acs_user_is_nobodys_and_its_credentials_stay_with_the_person() {
    let world = World::prepared().await;
    let (first, second) = (world.create_credential().await, world.create_credential().await);
    let removal = format!("{REMOVE}?user_identity_id={IDENTITY}&acs_user_id={ACS_USER}&_strict=true");
    for _ in 0..2 {
        assert_eq!(world.delete(&removal).await.ok(), json!({"ok": true}));
        assert_eq!(world.post(REMOVE, &janes()).await.ok(), json!({"ok": true}));
    }
    let user = world.post("/acs/users/get", &json!({"acs_user_id": ACS_USER})).await.ok()["acs_user"].clone();
    assert_eq!(user.get("user_identity_id"), None);
    assert_eq!(user["full_name"], "Jane Doe");
    for parent in [first, second] {
        let shown = credential(&world, &parent).await;
        assert_eq!(shown.get("acs_user_id"), None);
        assert_eq!(
            (&shown["user_identity_id"], &shown["acs_system_id"]),
            (&json!(IDENTITY), &json!(ACS_SYSTEM))
        );
    }
    let of_jane = json!({"user_identity_id": IDENTITY});
    assert_eq!(
        world.post("/user_identities/list_acs_users", &of_jane).await.ok()["acs_users"],
        json!([])
    );
    assert_eq!(
        world.post("/user_identities/list_acs_systems", &of_jane).await.ok()["acs_systems"],
        json!([])
    );
    assert_eq!(world.get("/acs/users/list").await.ok()["acs_users"], json!([user]));
    let told = json!({"since": "2024-01-01T00:00:00Z"});
    let told = world.post("/events/list", &told).await.ok()["events"].clone();
    let types: Vec<&Value> = told.as_array().unwrap().iter().map(|event| &event["event_type"]).collect();
    assert_eq!(types, ["acs_user.created"], "a move is no news");
}

#[tokio::test]
async fn a_removal_that_stopped_half_way_is_completed_by_its_repeat() {
    let world = World::prepared().await;
    let (first, second) = (world.create_credential().await, world.create_credential().await);
    world
        .change::<MultiPhoneSyncCredential>(records::owner().credential(id(&first)), |parent| parent.acs_user_id = None)
        .await;
    world.post(REMOVE, &janes()).await.ok();
    assert_eq!(credential(&world, &second).await.get("acs_user_id"), None);
    assert!(world.stored::<AcsUser>(unlinked_place()).await.is_wanted());
}

#[tokio::test]
async fn a_credential_of_another_acs_user_keeps_it() {
    let world = World::prepared().await;
    let garage = "11111111-1111-4111-8111-111111111111";
    world.put(records::system(garage, AcsSystemKind::Ledger)).await;
    let credential_id = world.create_credential().await;
    let in_garage = json!({"acs_system_id": garage, "full_name": "Jane", "user_identity_id": IDENTITY});
    let in_garage = world.post("/acs/users/create", &in_garage).await.ok()["acs_user"]["acs_user_id"].clone();
    let removal = json!({"user_identity_id": IDENTITY, "acs_user_id": in_garage});
    world.post(REMOVE, &removal).await.ok();
    assert_eq!(credential(&world, &credential_id).await["acs_user_id"], ACS_USER);
}

#[tokio::test]
async fn a_removed_acs_user_can_become_somebody_elses_and_the_person_gets_another() {
    let world = World::prepared().await;
    for _ in 0..2 {
        world.post(REMOVE, &janes()).await.ok();
        world.post(ADD, &janes()).await.ok();
    }
    world.post(REMOVE, &janes()).await.ok();
    let joe = world.post("/user_identities/create", &json!({"full_name": "Joe"})).await.ok()["user_identity"].clone();
    let joes = json!({"user_identity_id": joe["user_identity_id"], "acs_user_id": ACS_USER});
    world.post(ADD, &joes).await.ok();
    let another = json!({"acs_system_id": ACS_SYSTEM, "full_name": "Jane", "user_identity_id": IDENTITY});
    let another = world.post("/acs/users/create", &another).await.ok()["acs_user"]["acs_user_id"].clone();
    let refused = world.post(REMOVE, &janes()).await;
    assert_eq!(refused.refused_as(), (400, "invalid_input"));
    assert!(refused.refusal().2.contains("not linked to this user identity"));
    let person = world.get(&format!("/user_identities/get?user_identity_id={IDENTITY}")).await.ok();
    assert_eq!(person["user_identity"]["acs_user_ids"], json!([another]));
}

#[tokio::test]
async fn what_is_unknown_or_being_deleted_is_not_removed() {
    let world = World::prepared().await;
    for (request, status, kind) in [
        (
            json!({"user_identity_id": UNKNOWN, "acs_user_id": ACS_USER}),
            404,
            "user_identity_not_found",
        ),
        (
            json!({"user_identity_id": IDENTITY, "acs_user_id": UNKNOWN}),
            400,
            "acs_user_not_found",
        ),
        (json!({"user_identity_id": IDENTITY}), 400, "invalid_input"),
        (json!({"acs_user_id": ACS_USER}), 400, "invalid_input"),
    ] {
        assert_eq!(world.post(REMOVE, &request).await.refused_as(), (status, kind), "{request}");
    }
    let credential_id = world.create_credential().await;
    world.post("/acs/users/delete", &json!({"acs_user_id": ACS_USER})).await.ok();
    let reply = world.post(REMOVE, &janes()).await;
    assert_eq!(reply.refused_as(), (400, "invalid_input"));
    assert!(reply.refusal().2.contains("being deleted"), "{:?}", reply.refusal());
    assert_eq!(credential(&world, &credential_id).await["acs_user_id"], ACS_USER);

    let world = World::prepared().await;
    world
        .post("/user_identities/delete", &json!({"user_identity_id": IDENTITY}))
        .await
        .ok();
    let reply = world.post(REMOVE, &janes()).await;
    assert_eq!(reply.refused_as(), (400, "invalid_input"));
    assert!(reply.refusal().2.contains("user_identity_id"), "{:?}", reply.refusal());
}

#[tokio::test]
async fn an_acs_user_that_was_removed_is_deleted_like_any_that_is_nobodys() {
    let world = World::prepared().await;
    world.post(REMOVE, &janes()).await.ok();
    world.post("/acs/users/delete", &json!({"acs_user_id": ACS_USER})).await.ok();
    let reply = world.post("/acs/users/get", &json!({"acs_user_id": ACS_USER})).await;
    assert_eq!(reply.refused_as(), (404, "acs_user_not_found"));
    assert!(world.stored::<AcsUser>(unlinked_place()).await.is_gone());
}

#[tokio::test]
async fn who_saw_an_acs_user_before_it_left_and_came_back_overwrites_nothing() {
    let world = World::prepared().await;
    let place = records::owner().acs_user(id(ACS_USER));
    let seen: Versioned<AcsUser> = world.store.get(place.clone()).await.unwrap().unwrap();
    world.post(REMOVE, &janes()).await.ok();
    world.post(ADD, &janes()).await.ok();
    assert_eq!(world.stored::<AcsUser>(place).await, seen.record);
    let late = world.store.replace(seen.record.clone(), &seen).await;
    assert!(matches!(late, Err(WriteError::Conflict)), "{late:?}");
}

#[tokio::test]
async fn nobody_is_moved_on_the_word_of_a_person_who_changed_since() {
    let world = World::prepared().await;
    let person: Versioned<UserIdentity> = world.store.get(records::owner().identity()).await.unwrap().unwrap();
    let user: Versioned<AcsUser> = world.store.get(records::owner().acs_user(id(ACS_USER))).await.unwrap().unwrap();
    world
        .post("/user_identities/delete", &json!({"user_identity_id": IDENTITY}))
        .await
        .ok();
    let unlinked = AcsUser {
        user_identity_id: None,
        ..user.record.clone()
    };
    let moved = world.store.transaction().unchanged(&person).replace(&unlinked, &user).unwrap();
    assert!(matches!(moved.write().await, Err(TransactionError::Conflict)));
    assert!(world.store.get::<AcsUser>(unlinked_place()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_credential_that_is_made_while_its_acs_user_leaves_is_assigned_to_nobody_or_not_made() {
    for round in 0..12 {
        let world = World::prepared().await;
        let creation = records::creation();
        let removal = json!({"user_identity_id": IDENTITY, "acs_user_id": ACS_USER});
        let remove = async {
            for _ in 0..round * 3 {
                tokio::task::yield_now().await;
            }
            world.post("/user_identities/remove_acs_user", &removal).await
        };
        let (created, removed) = join(world.post("/acs/credentials/create", &creation), remove).await;
        removed.ok();
        if created.status.is_success() {
            let id = created.ok()["acs_credential"]["acs_credential_id"].as_str().unwrap().to_owned();
            let shown = world.get(&format!("/acs/credentials/get?acs_credential_id={id}")).await.ok();
            assert_eq!(shown["acs_credential"].get("acs_user_id"), None, "round {round}");
        }
    }
}
