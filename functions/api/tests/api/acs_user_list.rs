//! The people inside the access control systems, listed.

use serde_json::{Value, json};

use crate::{
    harness::World,
    records::{ACS_SYSTEM, ACS_USER, CREDENTIAL_MANAGER, IDENTITY, UNKNOWN},
};

const LIST: &str = "/acs/users/list";

/// Jane in the office, a visitor there, and Jane at the credential manager.
async fn peopled() -> (World, Value, Value) {
    let world = World::prepared().await;
    let visitor = json!({"acs_system_id": ACS_SYSTEM, "full_name": "Visitor", "email_address": "V@example.com"});
    let visitor = world.post("/acs/users/create", &visitor).await.ok()["acs_user"].clone();
    let manager = json!({"acs_system_id": CREDENTIAL_MANAGER, "full_name": "Jane", "user_identity_id": IDENTITY});
    let manager = world.post("/acs/users/create", &manager).await.ok()["acs_user"].clone();
    (world, visitor, manager)
}

async fn ids(world: &World, filter: &Value) -> Vec<Value> {
    let body = world.post(LIST, filter).await.ok();
    let users = body["acs_users"].as_array().expect("a list");
    users.iter().map(|user| user["acs_user_id"].clone()).collect()
}

#[tokio::test]
async fn filters_are_joined_and_those_who_are_nobodys_are_listed_too() {
    let (world, visitor, manager) = peopled().await;
    let jane = json!(ACS_USER);
    let (visitor, manager) = (visitor["acs_user_id"].clone(), manager["acs_user_id"].clone());
    let mut all = vec![jane.clone(), visitor.clone(), manager.clone()];
    all.sort_by_key(Value::to_string);
    let mut of_jane = vec![jane.clone(), manager.clone()];
    of_jane.sort_by_key(Value::to_string);
    let mut in_office = vec![jane.clone(), visitor.clone()];
    in_office.sort_by_key(Value::to_string);
    let cases = [
        (json!({}), all),
        (json!({"user_identity_id": IDENTITY}), of_jane),
        (json!({"acs_system_id": ACS_SYSTEM}), in_office),
        (
            json!({"acs_system_id": ACS_SYSTEM, "user_identity_id": IDENTITY}),
            vec![jane.clone()],
        ),
        (json!({"search": "VISIT"}), vec![visitor.clone()]),
        (json!({"search": "v@EXAMPLE"}), vec![visitor.clone()]),
        (json!({"search": ACS_USER}), vec![jane.clone()]),
        (json!({"created_before": "2024-01-11T10:42:25.848Z"}), vec![jane]),
        (json!({"acs_system_id": UNKNOWN}), vec![]),
        (json!({"user_identity_id": UNKNOWN}), vec![]),
    ];
    for (filter, expected) in cases {
        assert_eq!(ids(&world, &filter).await, expected, "{filter}");
    }
    assert_eq!(
        world.post(LIST, &json!({"acs_system_id": "x"})).await.refused_as(),
        (400, "invalid_input")
    );
}

#[tokio::test]
async fn what_is_listed_is_what_getting_it_answers() {
    let (world, ..) = peopled().await;
    for filter in [json!({}), json!({"user_identity_id": IDENTITY})] {
        let body = world.post(LIST, &filter).await.ok();
        for user in body["acs_users"].as_array().unwrap() {
            let got = world
                .post("/acs/users/get", &json!({"acs_user_id": user["acs_user_id"]}))
                .await
                .ok();
            assert_eq!(&got["acs_user"], user);
        }
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    let (world, ..) = peopled().await;
    let all = ids(&world, &json!({})).await;
    for filter in [json!({"limit": 1}), json!({"limit": 1, "search": "e"})] {
        let mut seen = Vec::new();
        let mut request = filter;
        for is_last in [false, false, true] {
            let body = world.post(LIST, &request).await.ok();
            seen.push(body["acs_users"][0]["acs_user_id"].clone());
            assert_eq!(body["pagination"]["has_next_page"], !is_last);
            request["page_cursor"] = body["pagination"]["next_page_cursor"].clone();
        }
        assert_eq!(seen, all);
    }
}

#[tokio::test]
async fn the_acs_users_of_a_person_are_found_by_address_and_number_too() {
    let (world, ..) = peopled().await;
    let joe = json!({
        "full_name": "Joe Bloggs", "email_address": "joe@example.org", "phone_number": "+15551234567",
        "acs_system_ids": [ACS_SYSTEM, CREDENTIAL_MANAGER]
    });
    let joe = world.post("/user_identities/create", &joe).await.ok()["user_identity"].clone();
    let ann = json!({"full_name": "Ann", "email_address": "ann@example.org", "acs_system_ids": [ACS_SYSTEM]});
    world.post("/user_identities/create", &ann).await.ok();
    let mut joes = joe["acs_user_ids"].as_array().unwrap().clone();
    joes.sort_by_key(Value::to_string);
    // They keep their own name and number, whatever the person has.
    for user in &joes {
        let update = json!({"acs_user_id": user, "full_name": "J. B.", "phone_number": null});
        world.post("/acs/users/update", &update).await.ok();
    }
    let (email, phone) = ("user_identity_email_address", "user_identity_phone_number");
    let cases = [
        (json!({email: "joe@example.org"}), joes.clone()),
        (json!({email: "JOE@example.org"}), joes.clone()),
        (json!({phone: "+15551234567"}), joes.clone()),
        (json!({email: "joe@example.org", phone: "+15551234567"}), joes.clone()),
        (
            json!({email: "joe@example.org", "user_identity_id": joe["user_identity_id"]}),
            joes.clone(),
        ),
        (json!({email: "joe@example.org", phone: "+15550000001"}), vec![]),
        (json!({email: "ann@example.org", phone: "+15551234567"}), vec![]),
        (json!({email: "joe@example.org", "user_identity_id": IDENTITY}), vec![]),
        (json!({email: "joe@example.org", "user_identity_id": UNKNOWN}), vec![]),
        (json!({email: "joe@example.org", "acs_system_id": UNKNOWN}), vec![]),
        (json!({email: "nobody@example.org"}), vec![]),
        (json!({email: "joe@example.org", "search": "j. b."}), joes.clone()),
        (json!({email: "joe@example.org", "search": "ann"}), vec![]),
        (json!({"search": "bloggs"}), joes.clone()),
        (json!({"search": "+1555123"}), joes.clone()),
    ];
    for (filter, expected) in cases {
        assert_eq!(ids(&world, &filter).await, expected, "{filter}");
    }
    let one = json!({email: "joe@example.org", "limit": 1});
    let page = world.post(LIST, &one).await.ok();
    assert_eq!(page["pagination"]["has_next_page"], true);

    let moved = json!({"user_identity_id": joe["user_identity_id"], "email_address": "bloggs@example.org"});
    world.post("/user_identities/update", &moved).await.ok();
    assert_eq!(ids(&world, &json!({email: "joe@example.org"})).await, Vec::<Value>::new());
    assert_eq!(ids(&world, &json!({email: "bloggs@example.org"})).await, joes);
}
