//! Pages and filters.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    harness::World,
    records::{self, ACS_SYSTEM, ACS_USER, IDENTITY, UNKNOWN},
};

const LIST: &str = "/acs/credentials/list";

fn ids(body: &Value) -> Vec<String> {
    let listed = body["acs_credentials"].as_array().expect("a list");
    listed
        .iter()
        .map(|credential| credential["acs_credential_id"].as_str().expect("an id").to_owned())
        .collect()
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    let world = World::prepared().await;
    let mut created = Vec::new();
    for _ in 0..5 {
        created.push(world.create_credential().await);
    }
    created.sort();
    for filter in [json!({"limit": 2}), json!({"limit": 2, "user_identity_id": IDENTITY})] {
        let mut seen = Vec::new();
        let mut request = filter.clone();
        for is_last in [false, false, true] {
            let body = world.post(LIST, &request).await.ok();
            seen.extend(ids(&body));
            assert_eq!(body["pagination"]["has_next_page"], !is_last);
            assert_eq!(body["pagination"]["next_page_url"], Value::Null);
            request["page_cursor"] = body["pagination"]["next_page_cursor"].clone();
        }
        assert_eq!(request["page_cursor"], Value::Null);
        assert_eq!(seen, created, "{filter}");
    }
}

#[tokio::test]
async fn a_cursor_works_from_query_and_body_but_with_its_own_parameters_only() {
    let world = World::prepared().await;
    for _ in 0..3 {
        world.create_credential().await;
    }
    let body = world
        .post(LIST, &json!({"limit": 1, "is_multi_phone_sync_credential": true}))
        .await
        .ok();
    let cursor = body["pagination"]["next_page_cursor"].as_str().unwrap();
    world
        .get(&format!(
            "{LIST}?is_multi_phone_sync_credential=true&limit=1&page_cursor={cursor}&_strict=true"
        ))
        .await
        .ok();
    // What counts as absent makes no difference.
    let request = json!({"limit": 1, "is_multi_phone_sync_credential": true, "page_cursor": cursor, "search": null});
    world.post(LIST, &request).await.ok();
    for elsewhere in [
        format!("{LIST}?limit=1&page_cursor={cursor}"),
        format!("{LIST}?is_multi_phone_sync_credential=true&limit=2&page_cursor={cursor}"),
        format!("/acs/users/list?is_multi_phone_sync_credential=true&limit=1&page_cursor={cursor}"),
    ] {
        let reply = world.get(&elsewhere).await;
        assert_eq!(reply.refused_as(), (400, "mismatched_page_parameters"), "{elsewhere}");
    }
    assert_eq!(
        world.get(&format!("{LIST}?page_cursor=garbage")).await.refused_as(),
        (400, "invalid_input")
    );
}

#[tokio::test]
async fn limits_have_bounds() {
    let world = World::prepared().await;
    for limit in [json!(0), json!(-1), json!(1001), json!(1.5), json!("5"), json!(1e300)] {
        assert_eq!(
            world.post(LIST, &json!({"limit": limit})).await.refused_as(),
            (400, "invalid_input"),
            "{limit}"
        );
    }
    world.get(&format!("{LIST}?limit=1000")).await.ok();
    assert_eq!(world.get(&format!("{LIST}?limit=many")).await.refused_as(), (400, "invalid_input"));
}

#[tokio::test]
async fn filters_are_joined_and_unknown_ids_find_nothing() {
    let world = World::prepared().await;
    let (automation, parent) = (world.launch().await, world.create_credential().await);
    let phone = records::phone("iphone");
    let child = records::child(&phone, &automation, &parent, records::issued("4711"));
    let child_id = child.acs_credential_id.to_string();
    world.put(phone).await;
    world.put(child).await;
    let both = {
        let mut both = vec![parent.clone(), child_id.clone()];
        both.sort();
        both
    };
    let cases = [
        (json!({}), both.clone()),
        (json!({"acs_user_id": ACS_USER}), both.clone()),
        (json!({"acs_system_id": ACS_SYSTEM, "user_identity_id": IDENTITY}), both.clone()),
        (json!({"is_multi_phone_sync_credential": true}), vec![parent.clone()]),
        (
            json!({"is_multi_phone_sync_credential": false, "acs_user_id": ACS_USER}),
            vec![child_id.clone()],
        ),
        (json!({"search": "4711"}), vec![child_id.clone()]),
        (json!({"search": "multi PHONE"}), vec![parent.clone()]),
        (json!({"created_before": "2024-01-11T10:42:25.848Z"}), vec![child_id.clone()]),
        (json!({"acs_user_id": UNKNOWN}), vec![]),
        (json!({"acs_system_id": UNKNOWN}), vec![]),
        (json!({"user_identity_id": UNKNOWN, "acs_user_id": ACS_USER}), vec![]),
    ];
    for (filter, expected) in cases {
        assert_eq!(ids(&world.post(LIST, &filter).await.ok()), expected, "{filter}");
    }
}

#[tokio::test]
async fn a_rare_thing_among_many_is_found_on_one_page() {
    let world = World::prepared().await;
    let names: Vec<String> = (0..450).map(|n| format!("Person {n}")).collect();
    for name in &names {
        world.post("/user_identities/create", &json!({"full_name": name})).await.ok();
    }
    let body = world
        .post("/user_identities/list", &json!({"search": "person 449", "limit": 1}))
        .await
        .ok();
    assert_eq!(body["user_identities"][0]["full_name"], "Person 449");
    assert_eq!(body["pagination"]["has_next_page"], false);
    let body = world.post("/user_identities/list", &json!({"limit": 450})).await.ok();
    assert_eq!(body["user_identities"].as_array().unwrap().len(), 450);
    assert_eq!(body["pagination"]["has_next_page"], true);
}

/// Everything on all pages of a listing, and how many pages there were.
async fn all_pages(world: &World, path: &str, key: &str) -> (Vec<Value>, usize) {
    let (mut all, mut pages, mut cursor) = (Vec::new(), 0, Value::Null);
    loop {
        let body = world.post(path, &json!({"limit": 2, "page_cursor": cursor})).await.ok();
        let items = body[key].as_array().expect("a list").clone();
        assert!(items.len() <= 2, "{path}");
        all.extend(items);
        pages += 1;
        cursor = body["pagination"]["next_page_cursor"].clone();
        assert_eq!(body["pagination"]["has_next_page"], !cursor.is_null(), "{path}");
        if cursor.is_null() {
            return (all, pages);
        }
    }
}

#[tokio::test]
async fn phones_and_client_sessions_of_a_workspace_come_page_by_page() {
    let world = World::prepared().await;
    for number in 0..5 {
        let phone = records::phone(&format!("phone {number}"));
        world.put(phone).await;
        let session = json!({"user_identity_id": IDENTITY, "user_identifier_key": format!("key {number}")});
        world.post("/client_sessions/create", &session).await.ok();
    }
    for (path, key, id) in [
        ("/phones/list", "phones", "device_id"),
        ("/client_sessions/list", "client_sessions", "client_session_id"),
    ] {
        let (all, pages) = all_pages(&world, path, key).await;
        let ids: BTreeSet<&str> = all.iter().filter_map(|item| item[id].as_str()).collect();
        assert_eq!((ids.len(), all.len(), pages), (5, 5, 3), "{path}");
    }
}

#[tokio::test]
async fn a_client_session_is_listed_by_its_key_however_many_there_are() {
    let world = World::prepared().await;
    for number in 0..12 {
        let session = json!({"user_identity_id": IDENTITY, "user_identifier_key": format!("key {number}")});
        world.post("/client_sessions/create", &session).await.ok();
    }
    world
        .post("/client_sessions/create", &json!({"user_identity_id": IDENTITY}))
        .await
        .ok();
    let by_key = json!({"user_identifier_key": "key 11", "limit": 1});
    let listed = world.post("/client_sessions/list", &by_key).await.ok();
    assert_eq!(listed["client_sessions"][0]["user_identifier_key"], "key 11");
    // The one without a key comes last, and a page of nothing is of no use.
    let without = json!({"without_user_identifier_key": true, "limit": 5});
    let listed = world.post("/client_sessions/list", &without).await.ok();
    assert_eq!(listed["client_sessions"].as_array().unwrap().len(), 1);
}
