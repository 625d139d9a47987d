//! Who is in an access control system already, as nobody's ACS user, is found there by e-mail address or phone number and linked.

use fobless::domain::acs::AcsSystemKind;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    harness::World,
    records::{self, ACS_SYSTEM, CREDENTIAL_MANAGER},
};

const GARAGE: &str = "11111111-1111-4111-8111-111111111111";

async fn with_garage() -> World {
    let world = World::prepared().await;
    world.put(records::system(GARAGE, AcsSystemKind::Ledger)).await;
    world
}

/// An ACS user in the garage who is nobody's.
async fn in_garage(world: &World, contact: &Value) -> Value {
    let mut creation = contact.clone();
    creation["acs_system_id"] = json!(GARAGE);
    creation["full_name"] = json!("Known in the garage");
    world.post("/acs/users/create", &creation).await.ok()["acs_user"]["acs_user_id"].clone()
}

async fn person(world: &World, creation: &Value) -> Value {
    let created = world.post("/user_identities/create", creation).await.ok();
    created["user_identity"]["user_identity_id"].clone()
}

/// The ACS user in the garage who holds a credential that is made for the person.
async fn holder(world: &World, person: &Value) -> Value {
    let creation = json!({
        "user_identity_id": person, "acs_system_id": GARAGE, "access_method": "mobile_key", "is_multi_phone_sync_credential": true
    });
    let created = world.post("/acs/credentials/create", &creation).await.ok();
    created["acs_credential"]["acs_user_id"].clone()
}

async fn acs_user(world: &World, id: &Value) -> Value {
    world.post("/acs/users/get", &json!({"acs_user_id": id})).await.ok()["acs_user"].clone()
}

#[tokio::test]
async fn a_credential_goes_to_the_acs_user_with_the_persons_address_or_number() {
    let world = with_garage().await;
    let cases = [
        (
            json!({"email_address": "Jane@example.org"}),
            json!({"email_address": "jane@EXAMPLE.org"}),
        ),
        (json!({"phone_number": "+15551234567"}), json!({"phone_number": "+15551234567"})),
        (
            json!({"email_address": "other@example.org", "phone_number": "+15550000001"}),
            json!({"email_address": "joe@example.org", "phone_number": "+15550000001"}),
        ),
    ];
    for (known, described) in cases {
        let known = in_garage(&world, &known).await;
        let person = person(&world, &described).await;
        assert_eq!(holder(&world, &person).await, known, "{described}");
        let user = acs_user(&world, &known).await;
        assert_eq!(user["user_identity_id"], person);
        assert_eq!(user["full_name"], "Known in the garage");
        assert_eq!(holder(&world, &person).await, known, "there is one now");
    }
}

#[tokio::test]
async fn the_address_leads_before_the_number_and_who_fits_not_is_left_alone() {
    let world = with_garage().await;
    let by_number = in_garage(&world, &json!({"phone_number": "+15551234567"})).await;
    let by_address = in_garage(&world, &json!({"email_address": "jane@example.org"})).await;
    let elsewhere = json!({"acs_system_id": ACS_SYSTEM, "full_name": "Joe", "email_address": "joe@example.org"});
    world.post("/acs/users/create", &elsewhere).await.ok();
    let jane = person(
        &world,
        &json!({"email_address": "jane@example.org", "phone_number": "+15551234567"}),
    )
    .await;
    assert_eq!(holder(&world, &jane).await, by_address);
    assert_eq!(acs_user(&world, &by_number).await.get("user_identity_id"), None);

    let joe = person(&world, &json!({"full_name": "Joe", "email_address": "joe@example.org"})).await;
    let made = acs_user(&world, &holder(&world, &joe).await).await;
    assert_eq!((&made["full_name"], &made["user_identity_id"]), (&json!("Joe"), &joe));
}

#[tokio::test]
async fn a_new_person_is_linked_to_who_is_there_and_made_where_nobody_is() {
    let world = with_garage().await;
    let known = in_garage(&world, &json!({"email_address": "jane@example.org"})).await;
    let creation = json!({"full_name": "Jane", "email_address": "jane@example.org", "acs_system_ids": [GARAGE, ACS_SYSTEM]});
    let created = world.post("/user_identities/create", &creation).await.ok()["user_identity"].clone();
    let users = created["acs_user_ids"].as_array().unwrap();
    assert!(users.len() == 2 && users.contains(&known), "{users:?}");
    for id in users {
        let user = acs_user(&world, id).await;
        assert_eq!(user["user_identity_id"], created["user_identity_id"]);
        let name = if *id == known { "Known in the garage" } else { "Jane" };
        assert_eq!(user["full_name"], name);
    }
    let got = json!({"user_identity_id": created["user_identity_id"]});
    let got = world.post("/user_identities/get", &got).await.ok()["user_identity"].clone();
    let ids = |person: &Value| {
        let mut ids: Vec<String> = person["acs_user_ids"].as_array().unwrap().iter().map(Value::to_string).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&got), ids(&created));
}

#[tokio::test]
async fn a_refused_person_links_nobody() {
    let world = with_garage().await;
    let known = in_garage(&world, &json!({"email_address": "jane@example.org"})).await;
    person(&world, &json!({"user_identity_key": "jane"})).await;
    let creation =
        json!({"user_identity_key": "jane", "full_name": "Jane", "email_address": "jane@example.org", "acs_system_ids": [GARAGE]});
    let refused = world.post("/user_identities/create", &creation).await;
    assert_eq!(refused.refused_as(), (400, "invalid_input"));
    assert_eq!(acs_user(&world, &known).await.get("user_identity_id"), None);
}

#[tokio::test]
async fn who_is_found_follows_what_the_acs_user_is_told_to_have() {
    let world = with_garage().await;
    let known = in_garage(&world, &json!({"email_address": "old@example.org"})).await;
    let update = json!({"acs_user_id": known, "email_address": "new@example.org", "phone_number": "+15551234567"});
    world.patch("/acs/users/update", &update).await.ok();
    let old = person(&world, &json!({"email_address": "old@example.org"})).await;
    assert_ne!(holder(&world, &old).await, known);
    let new = person(&world, &json!({"email_address": "new@example.org"})).await;
    assert_eq!(holder(&world, &new).await, known);

    // Nobody's again, and without an address: by the number only.
    let removal = json!({"user_identity_id": new, "acs_user_id": known});
    world.post("/user_identities/remove_acs_user", &removal).await.ok();
    let forget = json!({"acs_user_id": known, "email_address": null});
    world.patch("/acs/users/update", &forget).await.ok();
    assert_ne!(holder(&world, &new).await, known);
    let caller = person(&world, &json!({"phone_number": "+15551234567"})).await;
    assert_eq!(holder(&world, &caller).await, known);
}

#[tokio::test]
async fn who_is_deleted_is_not_found_and_makes_room_for_the_next() {
    let world = with_garage().await;
    let contact = json!({"email_address": "jane@example.org"});
    let first = in_garage(&world, &contact).await;
    world.post("/acs/users/delete", &json!({"acs_user_id": first})).await.ok();
    let second = in_garage(&world, &contact).await;
    let jane = person(&world, &contact).await;
    assert_eq!(holder(&world, &jane).await, second);
}

#[tokio::test]
async fn of_several_with_one_address_the_first_is_found_and_the_others_are_no_trouble() {
    let world = with_garage().await;
    let contact = json!({"email_address": "family@example.org"});
    let first = in_garage(&world, &contact).await;
    let second = in_garage(&world, &contact).await;
    let update = json!({"acs_user_id": second, "phone_number": "+15551234567"});
    world.patch("/acs/users/update", &update).await.ok();
    let family = person(&world, &contact).await;
    assert_eq!(holder(&world, &family).await, first);
    world.post("/acs/users/delete", &json!({"acs_user_id": second})).await.ok();
}

#[tokio::test]
async fn of_several_with_one_address_the_next_is_found_once_the_first_is_gone() {
    let world = with_garage().await;
    let contact = json!({"email_address": "family@example.org"});
    let [first, second, third] = [
        in_garage(&world, &contact).await,
        in_garage(&world, &contact).await,
        in_garage(&world, &contact).await,
    ];
    world.post("/acs/users/delete", &json!({"acs_user_id": first})).await.ok();
    let forget = json!({"acs_user_id": second, "email_address": "elsewhere@example.org"});
    world.patch("/acs/users/update", &forget).await.ok();
    let family = person(&world, &contact).await;
    assert_eq!(holder(&world, &family).await, third);
    let elsewhere = person(&world, &json!({"email_address": "elsewhere@example.org"})).await;
    assert_eq!(holder(&world, &elsewhere).await, second);
}

#[tokio::test]
async fn a_person_at_the_credential_manager_is_not_mistaken_for_one_in_the_garage() {
    let world = with_garage().await;
    let at_manager = json!({"acs_system_id": CREDENTIAL_MANAGER, "full_name": "Jane", "email_address": "jane@example.org"});
    let at_manager = world.post("/acs/users/create", &at_manager).await.ok()["acs_user"]["acs_user_id"].clone();
    let jane = person(&world, &json!({"email_address": "jane@example.org"})).await;
    assert_ne!(holder(&world, &jane).await, at_manager);
}

#[tokio::test]
async fn credentials_that_are_made_at_once_go_to_one_acs_user() {
    let world = with_garage().await;
    for contact in [
        json!({"email_address": "known@example.org"}),
        json!({"email_address": "new@example.org"}),
    ] {
        if contact["email_address"] == "known@example.org" {
            in_garage(&world, &contact).await;
        }
        let person = person(&world, &contact).await;
        let holders = join_all((0..4).map(|_| holder(&world, &person))).await;
        assert!(holders.iter().all(|one| *one == holders[0]), "{holders:?}");
    }
}

#[tokio::test]
async fn a_credential_that_is_assigned_to_a_person_goes_to_who_fits() {
    let world = with_garage().await;
    let jane = person(&world, &json!({"email_address": "jane@example.org"})).await;
    let first = holder(&world, &jane).await;
    let listed = world.post("/acs/credentials/list", &json!({"user_identity_id": jane})).await.ok();
    let credential = listed["acs_credentials"][0]["acs_credential_id"].clone();
    let removal = json!({"user_identity_id": jane, "acs_user_id": first});
    world.post("/user_identities/remove_acs_user", &removal).await.ok();
    let assignment = json!({"acs_credential_id": credential, "user_identity_id": jane});
    let body = world.post("/acs/credentials/assign", &assignment).await.ok();
    assert_eq!(body["acs_credential"]["acs_user_id"], first);
}
