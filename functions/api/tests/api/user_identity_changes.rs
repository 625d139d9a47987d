//! What identifies a person changes: it stays nobody else's, and what is given up is free.

use std::collections::BTreeSet;

use fobless::{
    domain::{acs::AcsUser, ids::UserIdentityId, user_identity::UserIdentity},
    store::{UniqueKey, UniqueKind},
};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    harness::{Reply, World},
    records::{self, ACS_SYSTEM, IDENTITY, UNKNOWN, id},
};

const CREATE: &str = "/user_identities/create";
const GET: &str = "/user_identities/get";
const UPDATE: &str = "/user_identities/update";

/// Creates a person and answers the id.
async fn person(world: &World, creation: &Value) -> Value {
    world.post(CREATE, creation).await.ok()["user_identity"]["user_identity_id"].clone()
}

async fn shown(world: &World, id: &Value) -> Value {
    world.post(GET, &json!({"user_identity_id": id})).await.ok()["user_identity"].clone()
}

async fn update(world: &World, id: &Value, changes: &Value) -> Reply {
    let mut request = changes.clone();
    request["user_identity_id"] = id.clone();
    world.patch(UPDATE, &request).await
}

#[tokio::test]
async fn what_is_named_changes_null_takes_away_and_the_rest_stays() {
    let world = World::prepared().await;
    let creation = json!({"user_identity_key": "jane", "email_address": "jane@example.org", "phone_number": "+15551234567"});
    let jane = person(&world, &creation).await;
    let changes = json!({"user_identity_id": jane, "email_address": null, "phone_number": "+15557654321", "full_name": "Jane Roe"});
    assert_eq!(world.post(UPDATE, &changes).await.ok(), json!({"ok": true}));
    let user = shown(&world, &jane).await;
    for (field, value) in [
        ("user_identity_key", json!("jane")),
        ("email_address", Value::Null),
        ("phone_number", json!("+15557654321")),
        ("full_name", json!("Jane Roe")),
        ("display_name", json!("Jane Roe")),
    ] {
        assert_eq!(user[field], value, "{field}");
    }
    assert_eq!(update(&world, &jane, &json!({})).await.ok(), json!({"ok": true}));
    assert_eq!(shown(&world, &jane).await, user);
    update(&world, &jane, &json!({"full_name": null})).await.ok();
    assert_eq!(shown(&world, &jane).await["full_name"], Value::Null);
    // In a query string an empty text is how clients write null.
    let query = format!("{UPDATE}?user_identity_key=&user_identity_id={}", jane.as_str().unwrap());
    world.post(&query, &json!({})).await.ok();
    assert_eq!(shown(&world, &jane).await["user_identity_key"], Value::Null);
}

#[tokio::test]
async fn a_new_key_leads_to_the_person_and_the_old_one_nowhere() {
    let world = World::prepared().await;
    let jane = person(&world, &json!({"user_identity_key": "jane"})).await;
    update(&world, &jane, &json!({"user_identity_key": "roe"})).await.ok();
    let found = world.post(GET, &json!({"user_identity_key": "roe"})).await.ok();
    assert_eq!(found["user_identity"]["user_identity_id"], jane);
    let old = world.post(GET, &json!({"user_identity_key": "jane"})).await;
    assert_eq!(old.refused_as(), (404, "user_identity_not_found"));
}

#[tokio::test]
async fn what_another_person_has_is_refused_with_the_field_and_nothing_changes() {
    let world = World::prepared().await;
    let taken = json!({"user_identity_key": "joe", "email_address": "joe@example.org", "phone_number": "+15550000001"});
    person(&world, &taken).await;
    let jane = person(&world, &json!({"user_identity_key": "jane"})).await;
    let before = shown(&world, &jane).await;
    for (field, value) in [
        ("user_identity_key", "joe"),
        ("email_address", "JOE@example.org"),
        ("phone_number", "+15550000001"),
    ] {
        let reply = update(&world, &jane, &json!({"full_name": "Somebody", field: value})).await;
        assert_eq!(reply.refused_as(), (400, "invalid_input"));
        assert!(reply.refusal().2.contains(field), "{:?}", reply.refusal());
        assert_eq!(
            reply.body["error"]["validation_errors"][field]["_errors"].as_array().unwrap().len(),
            1
        );
    }
    assert_eq!(shown(&world, &jane).await, before);
}

#[tokio::test]
async fn a_value_that_is_given_up_is_free_at_once() {
    let world = World::prepared().await;
    let (one, other) = (
        person(&world, &json!({"email_address": "shared@example.org"})).await,
        person(&world, &json!({"user_identity_key": "other"})).await,
    );
    let wish = json!({"email_address": "Shared@example.org"});
    assert_eq!(update(&world, &other, &wish).await.refused_as(), (400, "invalid_input"));
    for changes in [json!({"email_address": null}), json!({"email_address": "mine@example.org"})] {
        update(&world, &one, &changes).await.ok();
        update(&world, &other, &wish).await.ok();
        assert_eq!(update(&world, &one, &wish).await.refused_as(), (400, "invalid_input"));
        update(&world, &other, &json!({"email_address": null})).await.ok();
        update(&world, &one, &wish).await.ok();
    }
    assert_eq!(world.post(CREATE, &wish).await.refused_as(), (400, "invalid_input"));
}

#[tokio::test]
async fn an_e_mail_address_may_change_its_capitals() {
    let world = World::prepared().await;
    let jane = person(&world, &json!({"email_address": "jane@example.org"})).await;
    update(&world, &jane, &json!({"email_address": "Jane@Example.org"})).await.ok();
    assert_eq!(shown(&world, &jane).await["email_address"], "Jane@Example.org");
    let other = world.post(CREATE, &json!({"email_address": "JANE@example.org"})).await;
    assert_eq!(other.refused_as(), (400, "invalid_input"));
}

#[tokio::test]
async fn of_many_who_want_a_value_one_gets_it_and_the_others_keep_theirs() {
    let world = World::prepared().await;
    let mut people = Vec::new();
    for number in 0..6 {
        people.push(person(&world, &json!({"user_identity_key": format!("key{number}")})).await);
    }
    let wish = json!({"user_identity_key": "wanted"});
    let replies = join_all(people.iter().map(|person| update(&world, person, &wish))).await;
    assert!(replies.iter().all(|reply| reply.status.as_u16() < 500), "{replies:?}");
    assert_eq!(replies.iter().filter(|reply| reply.status.is_success()).count(), 1);
    let mut keys = BTreeSet::new();
    for person in &people {
        let key = shown(&world, person).await["user_identity_key"].clone();
        let found = world.post(GET, &json!({"user_identity_key": key})).await.ok();
        assert_eq!(&found["user_identity"]["user_identity_id"], person);
        keys.insert(key.as_str().unwrap().to_owned());
    }
    assert_eq!(keys.len(), 6, "{keys:?}");
}

#[tokio::test]
async fn changes_at_the_same_moment_are_all_made() {
    let world = World::prepared().await;
    let jane = person(&world, &json!({"user_identity_key": "jane"})).await;
    let changes = [
        json!({"user_identity_key": "roe"}),
        json!({"email_address": "roe@example.org"}),
        json!({"phone_number": "+15551234567"}),
        json!({"full_name": "Jane Roe"}),
    ];
    for reply in join_all(changes.iter().map(|changes| update(&world, &jane, changes))).await {
        reply.ok();
    }
    let user = shown(&world, &jane).await;
    for change in changes {
        for (field, value) in change.as_object().unwrap() {
            assert_eq!(&user[field], value, "{field}");
        }
    }
    let freed = person(&world, &json!({"user_identity_key": "jane"})).await;
    assert_ne!(freed, jane);
}

#[tokio::test]
async fn what_somebody_had_who_is_gone_can_be_taken_and_is_not_given_up_by_others() {
    let world = World::prepared().await;
    let vanished = UserIdentity {
        user_identity_id: UserIdentityId::generate(),
        user_identity_key: Some("old".to_owned()),
        email_address: None,
        ..records::identity()
    };
    for claim in UniqueKey::of_identity(&vanished) {
        world.put(claim).await;
    }
    let jane = person(&world, &json!({"user_identity_key": "jane"})).await;
    update(&world, &jane, &json!({"user_identity_key": "old"})).await.ok();
    let found = world.post(GET, &json!({"user_identity_key": "old"})).await.ok();
    assert_eq!(found["user_identity"]["user_identity_id"], jane);

    // Its e-mail address was never claimed for it, and somebody else claimed it since.
    let email = records::identity().email_address.unwrap();
    let other = person(&world, &json!({"email_address": email})).await;
    update(&world, &json!(IDENTITY), &json!({"email_address": null})).await.ok();
    let claimant = world
        .store
        .claimant(records::workspace(), UniqueKind::EmailAddress, &email)
        .await
        .unwrap();
    assert!(claimant.unwrap().partition.contains(other.as_str().unwrap()));
}

#[tokio::test]
async fn all_that_one_had_who_is_gone_can_be_taken_at_once() {
    let everything = json!({"user_identity_key": "old", "email_address": "old@example.org", "phone_number": "+15551234567"});
    for is_new in [true, false] {
        let world = World::prepared().await;
        let gone = UserIdentity {
            user_identity_id: UserIdentityId::generate(),
            user_identity_key: Some("old".to_owned()),
            email_address: Some("old@example.org".to_owned()),
            phone_number: Some("+15551234567".to_owned()),
            deletion: Some(records::gone()),
            ..records::identity()
        };
        for claim in UniqueKey::of_identity(&gone) {
            world.put(claim).await;
        }
        world.put(gone).await;
        let heir = if is_new {
            person(&world, &everything).await
        } else {
            update(&world, &json!(IDENTITY), &everything).await.ok();
            json!(IDENTITY)
        };
        let found = world.post(GET, &json!({"user_identity_key": "old"})).await.ok();
        assert_eq!(found["user_identity"]["user_identity_id"], heir);
        assert_eq!(world.post(CREATE, &everything).await.refused_as(), (400, "invalid_input"));
    }
}

#[tokio::test]
async fn the_acs_users_of_a_person_keep_their_own_names_and_addresses() {
    let world = World::prepared().await;
    let creation = json!({"full_name": "Jane", "email_address": "jane@example.org", "acs_system_ids": [ACS_SYSTEM]});
    let jane = world.post(CREATE, &creation).await.ok()["user_identity"].clone();
    let changes = json!({"full_name": "Jane Roe", "email_address": "roe@example.org"});
    update(&world, &jane["user_identity_id"], &changes).await.ok();
    let named = json!({"acs_user_id": jane["acs_user_ids"][0]});
    let user = world.post("/acs/users/get", &named).await.ok()["acs_user"].clone();
    assert_eq!(
        (&user["full_name"], &user["email_address"]),
        (&json!("Jane"), &json!("jane@example.org"))
    );
    assert_eq!(user["user_identity_full_name"], "Jane Roe");
    assert_eq!(user["user_identity_email_address"], "roe@example.org");
    let owner = fobless::store::PartitionOwner {
        workspace_id: records::workspace(),
        user_identity_id: id(jane["user_identity_id"].as_str().unwrap()),
    };
    let stored: AcsUser = world.stored(owner.acs_user(id(jane["acs_user_ids"][0].as_str().unwrap()))).await;
    assert_eq!(stored.full_name, "Jane");
}

#[tokio::test]
async fn only_a_known_person_is_changed_and_only_to_what_fits() {
    let world = World::prepared().await;
    for (field, value) in [
        ("email_address", json!("jane")),
        ("phone_number", json!("555")),
        ("full_name", json!("")),
        ("user_identity_key", json!(5)),
    ] {
        let reply = update(&world, &json!(IDENTITY), &json!({field: value})).await;
        assert_eq!(reply.refused_as(), (400, "invalid_input"));
        assert!(reply.refusal().2.contains(field), "{:?}", reply.refusal());
    }
    let unnamed = world.patch(UPDATE, &json!({"full_name": "Jane"})).await;
    assert_eq!(unnamed.refused_as(), (400, "invalid_input"));
    let unknown = update(&world, &json!(UNKNOWN), &json!({"full_name": "Jane"})).await;
    assert_eq!(unknown.refused_as(), (404, "user_identity_not_found"));
    world
        .change::<UserIdentity>(records::owner().identity(), |identity| identity.deletion = Some(records::gone()))
        .await;
    let gone = update(&world, &json!(IDENTITY), &json!({"full_name": "Jane"})).await;
    assert_eq!(gone.refused_as(), (404, "user_identity_not_found"));
}
