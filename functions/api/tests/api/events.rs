//! Events: told together with the change, and found again.

use axum::body::Body;
use fobless::{
    domain::ids::WorkspaceId,
    store::{ApiKey, WriteError},
};
use http::{Request, header};
use serde_json::{Value, json};

use crate::{
    harness::World,
    records::{self, ACS_SYSTEM, ACS_USER, CONNECTED_ACCOUNT, IDENTITY, UNKNOWN, WORKSPACE},
};

const LIST: &str = "/events/list";
const DAY: i64 = 24 * 60 * 60;
const EARLIER: &str = "2024-01-01T00:00:00.000Z";

async fn listed(world: &World, request: Value) -> Vec<Value> {
    let body = world.post(LIST, &request).await.ok();
    assert!(body.get("pagination").is_none(), "{body}");
    body["events"].as_array().expect("a list").clone()
}

/// One field of all events that are listed.
async fn each(world: &World, request: Value, field: &str) -> Vec<Value> {
    listed(world, request).await.iter().map(|event| event[field].clone()).collect()
}

async fn types(world: &World, request: Value) -> Vec<Value> {
    each(world, request, "event_type").await
}

/// One event a minute: the ACS user of the examples is there, a phone is enrolled, and holds its credential. Answers the phone's id and
/// the id of its credential.
async fn something_happened(world: &World) -> (String, String) {
    let (automation, parent) = (world.launch().await, world.create_credential().await);
    let phone = records::phone("iphone");
    let child = records::child(&phone, &automation, &parent, records::issued("4711"));
    let ids = (phone.device_id.to_string(), child.acs_credential_id.to_string());
    world.pass_seconds(60);
    world.put(records::enrollment(&phone, &automation, records::active())).await;
    world.pass_seconds(60);
    world.put(child).await;
    ids
}

#[tokio::test]
async fn a_change_and_its_event_are_written_together() {
    let world = World::prepared().await;
    let (automation, phone) = (world.launch().await, records::phone("iphone"));
    let invited = world
        .store
        .insert(records::enrollment(&phone, &automation, records::invited()))
        .await
        .unwrap();
    let of_the_phone = json!({"device_id": phone.device_id});
    assert_eq!(listed(&world, of_the_phone.clone()).await, [] as [Value; 0]);

    world.pass_seconds(60);
    let active = records::enrollment(&phone, &automation, records::active());
    world.store.replace(active.clone(), &invited).await.unwrap();
    let events = listed(&world, of_the_phone.clone()).await;
    let [event] = events.as_slice() else { panic!("{events:?}") };
    let expected = json!({
        "event_id": event["event_id"], "event_type": "phone.enrolled", "workspace_id": WORKSPACE,
        "event_description": "A phone was enrolled with a credential manager.", "user_identity_id": IDENTITY,
        "device_id": phone.device_id, "enrollment_automation_id": automation,
        "created_at": world.now().to_string(), "occurred_at": world.now().to_string()
    });
    assert_eq!(*event, expected);
}

#[tokio::test]
async fn a_change_that_comes_too_late_is_neither_written_nor_told() {
    let world = World::prepared().await;
    let (automation, phone) = (world.launch().await, records::phone("iphone"));
    let invited = records::enrollment(&phone, &automation, records::invited());
    let seen = world.store.insert(invited).await.unwrap();
    let active = records::enrollment(&phone, &automation, records::active());
    let first = world.store.replace(active.clone(), &seen).await.unwrap();
    for _ in 0..3 {
        let repeated = world.store.replace(active.clone(), &seen).await;
        assert!(matches!(repeated, Err(WriteError::Conflict)), "{repeated:?}");
    }
    let again = world.store.insert(active.clone()).await;
    assert!(matches!(again, Err(WriteError::Conflict)), "{again:?}");
    assert_eq!(first.version, seen.version + 1);
    world.store.replace(active, &first).await.expect("nobody wrote it since");
    assert_eq!(types(&world, json!({"device_id": phone.device_id})).await, ["phone.enrolled"]);
}

#[tokio::test]
async fn of_writers_at_the_same_time_one_is_told() {
    let world = World::prepared().await;
    let (automation, phone) = (world.launch().await, records::phone("iphone"));
    let invited = records::enrollment(&phone, &automation, records::invited());
    let seen = world.store.insert(invited).await.unwrap();
    let active = records::enrollment(&phone, &automation, records::active());
    let writes = (0..8).map(|_| world.store.replace(active.clone(), &seen));
    let written = futures_util::future::join_all(writes).await;
    assert_eq!(written.iter().filter(|written| written.is_ok()).count(), 1, "{written:?}");
    assert!(written.iter().all(|written| matches!(written, Ok(_) | Err(WriteError::Conflict))));
    assert_eq!(types(&world, json!({"device_id": phone.device_id})).await, ["phone.enrolled"]);
}

#[tokio::test]
async fn a_refused_creation_is_not_told() {
    let world = World::prepared().await;
    let created = json!({"event_type": "acs_user.created"});
    let before = listed(&world, created.clone()).await;
    assert_eq!(before.len(), 1);
    let wish = json!({"acs_system_id": ACS_SYSTEM, "full_name": "Jane Doe"});
    world.post("/acs/users/create", &wish).await.ok();
    assert_eq!(listed(&world, created.clone()).await.len(), 2);
    let store = &world.store;
    let refused = store.transaction().create(&records::acs_user()).expect("a record").write().await;
    assert!(refused.is_err());
    assert_eq!(listed(&world, created).await.len(), 2);
}

#[tokio::test]
async fn filters_are_joined_and_unknown_values_find_nothing() {
    let world = World::prepared().await;
    let (phone, child) = something_happened(&world).await;
    let [user, enrolled, issued] = ["acs_user.created", "phone.enrolled", "acs_credential.issued"];
    let all = vec![user, enrolled, issued];
    let ids = each(&world, json!({"since": EARLIER}), "event_id").await;
    let cases = [
        (json!({"since": EARLIER}), all.clone()),
        (json!({"user_identity_id": IDENTITY}), all.clone()),
        (json!({"user_identity_id": IDENTITY, "limit": 2}), vec![user, enrolled]),
        (json!({"event_type": enrolled}), vec![enrolled]),
        (json!({"event_types": [enrolled, user, "lock.unlocked"]}), vec![user, enrolled]),
        (json!({"event_type": user, "event_types": [enrolled]}), vec![]),
        (json!({"event_type": "lock.unlocked"}), vec![]),
        (json!({"event_ids": [ids[2], ids[0], UNKNOWN]}), vec![user, issued]),
        (json!({"device_id": phone}), vec![enrolled, issued]),
        (json!({"device_ids": [UNKNOWN, phone.to_uppercase()]}), vec![enrolled, issued]),
        (json!({"device_id": phone, "acs_system_id": ACS_SYSTEM}), vec![issued]),
        (json!({"acs_system_ids": [ACS_SYSTEM]}), vec![user, issued]),
        (json!({"acs_user_id": ACS_USER}), vec![user]),
        (json!({"acs_credential_id": child}), vec![issued]),
        (json!({"connected_account_id": CONNECTED_ACCOUNT}), vec![user, issued]),
        (json!({"user_identity_id": UNKNOWN}), vec![]),
        (json!({"since": EARLIER, "access_code_id": UNKNOWN}), vec![]),
        (json!({"access_grant_ids": [UNKNOWN]}), vec![]),
        (json!({"customer_key": "acme"}), vec![]),
        (json!({"since": EARLIER, "space_ids": []}), all.clone()),
        (json!({"since": EARLIER, "unstable_offset": 1}), vec![enrolled, issued]),
        (json!({"since": EARLIER, "unstable_offset": 1, "limit": 1}), vec![enrolled]),
        (json!({"since": EARLIER, "unstable_offset": 3}), vec![]),
    ];
    for (request, expected) in cases {
        assert_eq!(types(&world, request.clone()).await, expected, "{request}");
    }
    let query = format!("{LIST}?event_types={user},{issued}&since={EARLIER}");
    let body = world.get(&query).await.ok();
    assert_eq!(body["events"].as_array().unwrap().len(), 2, "{body}");
}

#[tokio::test]
async fn a_span_of_time_leaves_out_both_its_ends() {
    let world = World::prepared().await;
    something_happened(&world).await;
    let at = each(&world, json!({"since": EARLIER}), "created_at").await;
    let cases = [
        (json!({"since": at[0]}), 2),
        (json!({"since": at[2]}), 0),
        (json!({"between": [at[0], at[2]]}), 1),
        (json!({"between": [at[0], "9999-12-31T23:59:59Z"]}), 2),
        (json!({"between": [EARLIER, at[1]]}), 1),
        (json!({"between": [at[2], at[0]]}), 0),
        (json!({"since": at[0], "event_type": "acs_user.created"}), 0),
    ];
    for (request, expected) in cases {
        assert_eq!(listed(&world, request.clone()).await.len(), expected, "{request}");
    }
    let query = format!("{LIST}?between={},{}", at[0], at[2]).replace('"', "");
    let body = world.get(&query).await.ok();
    assert_eq!(body["events"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn who_lists_events_says_when_or_what() {
    let world = World::prepared().await;
    let (from, to) = (EARLIER, "2024-02-01T00:00:00Z");
    let wrong = [
        json!({}),
        json!({"limit": 5}),
        json!({"device_ids": []}),
        json!({"since": from, "between": [from, to]}),
        json!({"since": "yesterday"}),
        json!({"between": [from]}),
        json!({"between": [from, to, to]}),
        json!({"between": [from, "now"]}),
        json!({"between": from}),
        json!({"device_id": "iphone"}),
        json!({"event_ids": ["1"]}),
        json!({"access_code_id": "1"}),
        json!({"since": from, "unstable_offset": -1}),
        json!({"since": from, "limit": 0}),
    ];
    for request in wrong {
        assert_eq!(world.post(LIST, &request).await.refused_as(), (400, "invalid_input"), "{request}");
    }
    let reply = world.post("/events/get", &json!({"acs_system_id": ACS_SYSTEM})).await;
    assert_eq!(reply.refused_as(), (400, "invalid_input"));
}

#[tokio::test]
async fn one_event_is_got_by_id_or_the_newest_of_its_kind() {
    let world = World::prepared().await;
    let (phone, _) = something_happened(&world).await;
    let events = listed(&world, json!({"since": EARLIER})).await;
    let id = |index: usize| events[index]["event_id"].as_str().unwrap().to_owned();
    let found = [
        (json!({"event_id": id(0)}), 0),
        (json!({"event_id": id(1), "device_id": phone}), 1),
        (json!({"event_type": "phone.enrolled"}), 1),
        (json!({"device_id": phone}), 2),
        (json!({"device_id": phone, "event_type": "phone.enrolled"}), 1),
    ];
    for (request, index) in found {
        assert_eq!(world.post("/events/get", &request).await.ok()["event"], events[index], "{request}");
    }
    let body = world.get(&format!("/events/get?event_id={}", id(2))).await.ok();
    assert_eq!(body["event"], events[2]);
    let missing = [
        json!({"event_id": UNKNOWN}),
        json!({"event_id": id(0), "device_id": phone}),
        json!({"event_type": "lock.unlocked"}),
        json!({"device_id": UNKNOWN}),
    ];
    for request in missing {
        let reply = world.post("/events/get", &request).await;
        assert_eq!(reply.refused_as(), (404, "event_not_found"), "{request}");
    }
}

#[tokio::test]
async fn events_of_several_days_come_in_order_until_they_are_30_days_old() {
    let world = World::prepared().await;
    let first = listed(&world, json!({"since": EARLIER})).await.remove(0);
    for day in 1..=3 {
        world.pass_seconds(DAY);
        let wish = json!({"acs_system_id": ACS_SYSTEM, "full_name": format!("Person {day}")});
        world.post("/acs/users/create", &wish).await.ok();
    }
    let events = listed(&world, json!({"since": EARLIER})).await;
    assert_eq!(events.len(), 4);
    assert!(events.is_sorted_by_key(|event| event["created_at"].as_str().unwrap().to_owned()));
    assert_eq!(listed(&world, json!({"since": EARLIER, "limit": 3})).await, events[..3]);

    world.pass_seconds(27 * DAY - 1);
    assert_eq!(listed(&world, json!({"event_type": "acs_user.created"})).await.len(), 4);
    let by_id = json!({"event_id": first["event_id"]});
    world.post("/events/get", &by_id).await.ok();
    world.pass_seconds(1);
    assert_eq!(listed(&world, json!({"since": EARLIER})).await, events[1..]);
    assert_eq!(world.post("/events/get", &by_id).await.refused_as(), (404, "event_not_found"));
}

#[tokio::test]
async fn many_events_of_one_millisecond_are_listed_in_the_order_in_which_they_were_told() {
    let world = World::prepared().await;
    let mut created = Vec::new();
    for person in 0..120 {
        let wish = json!({"acs_system_id": ACS_SYSTEM, "full_name": format!("Person {person}")});
        let body = world.post("/acs/users/create", &wish).await.ok();
        created.push(body["acs_user"]["acs_user_id"].clone());
    }
    let told = each(&world, json!({"since": EARLIER}), "acs_user_id").await;
    assert_eq!(told[0], ACS_USER);
    assert_eq!(told[1..], created);
    let newest = world.post("/events/get", &json!({"event_type": "acs_user.created"})).await.ok();
    assert_eq!(newest["event"]["acs_user_id"], created[119]);
}

#[tokio::test]
async fn another_workspaces_key_sees_none_of_it() {
    const OTHER_KEY: &str = "seam_test2_abcdefghijklmnop";
    let world = World::prepared().await;
    let (phone, _) = something_happened(&world).await;
    let events = listed(&world, json!({"since": EARLIER})).await;
    let other: WorkspaceId = records::id(UNKNOWN);
    let key = ApiKey::new(api::hash_api_key(OTHER_KEY), other, "other", world.now());
    world.put(key).await;
    let ask = |path: String| {
        let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {OTHER_KEY}"));
        world.send(request.body(Body::empty()).expect("a request"))
    };
    let body = ask(format!("{LIST}?since={EARLIER}")).await.ok();
    assert_eq!(body["events"], json!([]));
    for query in [
        format!("event_id={}", events[0]["event_id"].as_str().unwrap()),
        format!("device_id={phone}"),
    ] {
        let reply = ask(format!("/events/get?{query}")).await;
        assert_eq!(reply.refused_as(), (404, "event_not_found"), "{query}");
    }
}
