//! Webhooks, as whoever wants to be told makes, looks at, changes and deletes them.

use fobless::{
    domain::{
        event_types::EventTypes,
        ids::{WebhookId, WorkspaceId},
        secret::Secret,
        webhook::{Webhook, WebhookUrl},
        webhook_health::{DisabledBecause, WebhookHealth},
    },
    store::Key,
    webhook::SigningKey,
};
use serde_json::{Value, json};

use crate::{
    harness::World,
    records::{UNKNOWN, at, id, workspace},
};

const URL: &str = "https://receiver.example/hook?token=1";

async fn create(world: &World, request: Value) -> Value {
    world.post("/webhooks/create", &request).await.ok()["webhook"].clone()
}

async fn made(world: &World) -> String {
    create(world, json!({"url": URL})).await["webhook_id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

async fn get(world: &World, id: &str) -> Value {
    world.get(&format!("/webhooks/get?webhook_id={id}")).await.ok()["webhook"].clone()
}

async fn listed(world: &World) -> Vec<Value> {
    world.get("/webhooks/list").await.ok()["webhooks"]
        .as_array()
        .expect("a list")
        .clone()
}

async fn disable(world: &World, webhook: &str) {
    let key = Key::webhook(workspace(), id(webhook));
    let (at, because) = (world.now(), DisabledBecause::Gone);
    world
        .change(key, |webhook: &mut Webhook| {
            webhook.health = WebhookHealth::Disabled { at, because }
        })
        .await;
}

#[tokio::test]
async fn a_new_webhook_has_a_secret_to_verify_with_and_is_told_of_everything() {
    let world = World::prepared().await;
    let made = create(&world, json!({"url": URL})).await;
    assert_eq!((&made["url"], &made["event_types"]), (&json!(URL), &json!(["*"])));
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_") && SigningKey::parse(secret).is_ok());
    assert_eq!(
        (&made["is_disabled"], &made["errors"], &made["warnings"]),
        (&json!(false), &json!([]), &json!([]))
    );
    assert_eq!(get(&world, made["webhook_id"].as_str().unwrap()).await, made);
    let other = create(&world, json!({"url": URL})).await;
    assert_ne!(other["secret"], made["secret"]);
}

#[tokio::test]
async fn the_list_shows_all_in_the_order_in_which_they_were_made_and_no_secret() {
    let world = World::prepared().await;
    assert!(listed(&world).await.is_empty());
    let ids = [made(&world).await, made(&world).await];
    let listed = listed(&world).await;
    assert_eq!(
        listed
            .iter()
            .map(|webhook| webhook["webhook_id"].as_str().unwrap())
            .collect::<Vec<_>>(),
        ids
    );
    assert!(listed.iter().all(|webhook| webhook.get("secret").is_none()), "{listed:?}");
}

#[tokio::test]
async fn an_address_that_is_not_a_public_server_behind_tls_is_refused_and_told_why() {
    let world = World::prepared().await;
    for (url, why) in [
        ("receiver.example", "is not the URL of a server"),
        ("http://receiver.example", "must be an https URL"),
        (
            "https://user:password@receiver.example",
            "must have no user, no password and no fragment",
        ),
        ("https://localhost/hook", "points to a loopback address"),
        ("https://127.0.0.1/hook", "points to a loopback address"),
        ("https://0x7f000001/hook", "points to a loopback address"),
        ("https://[::1]/hook", "points to a loopback address"),
        ("https://10.1.2.3/hook", "points to a private address"),
        ("https://[fd00::1]/hook", "points to a private address"),
        ("https://169.254.169.254/latest/meta-data/", "points to a link-local address"),
        ("https://[::ffff:169.254.169.254]/", "points to an IPv4 address in IPv6 form"),
    ] {
        let reply = world.post("/webhooks/create", &json!({"url": url})).await;
        let (status, kind, message) = reply.refusal();
        assert_eq!((status, kind), (400, "invalid_input"), "{url}");
        assert!(message.contains(why) && message.ends_with("for \"url\""), "{url}: {message}");
    }
    let reply = world.post("/webhooks/create", &json!({})).await;
    assert_eq!(reply.refusal(), (400, "invalid_input", "url is required"));
    assert!(listed(&world).await.is_empty());
}

#[tokio::test]
async fn what_is_no_event_type_is_refused_under_a_type_of_its_own() {
    let world = World::prepared().await;
    let webhook = made(&world).await;
    for odd in ["everything", "Phone.Registered", "phone.*"] {
        let creation = json!({"url": URL, "event_types": ["phone.registered", odd]});
        let reply = world.post("/webhooks/create", &creation).await;
        assert_eq!(reply.refused_as(), (400, "invalid_event_types"), "{odd}");
        let update = json!({"webhook_id": webhook, "event_types": [odd]});
        let reply = world.put_json("/webhooks/update", &update).await;
        assert_eq!(reply.refused_as(), (400, "invalid_event_types"), "{odd}");
    }
    // One that this version does not tell may be wished for all the same.
    let made = create(&world, json!({"url": URL, "event_types": ["lock.unlocked"]})).await;
    assert_eq!(made["event_types"], json!(["lock.unlocked"]));
}

#[tokio::test]
async fn an_update_changes_what_is_told_by_put_and_by_post_and_not_the_address() {
    let world = World::prepared().await;
    let webhook = made(&world).await;
    let secret = get(&world, &webhook).await["secret"].clone();
    let update = json!({"webhook_id": webhook, "event_types": ["phone.registered", "phone.deactivated"], "url": "https://other.example"});
    world.put_json("/webhooks/update", &update).await.ok();
    let shown = get(&world, &webhook).await;
    assert_eq!(shown["event_types"], json!(["phone.deactivated", "phone.registered"]));
    assert_eq!((&shown["url"], &shown["secret"]), (&json!(URL), &secret));
    let update = json!({"webhook_id": webhook, "event_types": ["*"]});
    world.post("/webhooks/update", &update).await.ok();
    assert_eq!(get(&world, &webhook).await["event_types"], json!(["*"]));

    let missing = world.put_json("/webhooks/update", &json!({"webhook_id": webhook})).await;
    assert_eq!(missing.refusal(), (400, "invalid_input", "event_types is required"));
    let patched = world.patch("/webhooks/update", &update).await;
    assert_eq!(patched.refused_as(), (405, "method_not_allowed"));
    assert_eq!(patched.headers["allow"], "PUT,POST");
}

#[tokio::test]
async fn one_that_was_disabled_says_so_and_an_update_enables_it_again() {
    let world = World::prepared().await;
    let webhook = made(&world).await;
    disable(&world, &webhook).await;
    let shown = get(&world, &webhook).await;
    assert_eq!((&shown["is_disabled"], &shown["disabled_because"]), (&json!(true), &json!("gone")));
    assert_eq!(shown["errors"][0]["error_code"], "webhook_disabled");
    assert!(shown["disabled_at"].is_string());
    let told = world.post("/events/list", &json!({"event_type": "webhook.disabled"})).await.ok();
    assert_eq!(told["events"][0]["webhook_id"], json!(webhook));

    let update = json!({"webhook_id": webhook, "event_types": ["*"]});
    world.put_json("/webhooks/update", &update).await.ok();
    let shown = get(&world, &webhook).await;
    assert_eq!((&shown["is_disabled"], &shown["errors"]), (&json!(false), &json!([])));
    assert!(shown.get("disabled_at").is_none());
}

#[tokio::test]
async fn one_that_is_deleted_is_shown_to_nobody_and_deleting_it_again_is_fine() {
    let world = World::prepared().await;
    let (webhook, other) = (made(&world).await, made(&world).await);
    world.delete(&format!("/webhooks/delete?webhook_id={webhook}")).await.ok();
    world.post("/webhooks/delete", &json!({"webhook_id": webhook})).await.ok();
    let reply = world.get(&format!("/webhooks/get?webhook_id={webhook}")).await;
    assert_eq!(reply.refused_as(), (404, "webhook_not_found"));
    let update = json!({"webhook_id": webhook, "event_types": ["*"]});
    assert_eq!(
        world.put_json("/webhooks/update", &update).await.refused_as(),
        (404, "webhook_not_found")
    );
    let listed = listed(&world).await;
    assert_eq!((listed.len(), &listed[0]["webhook_id"]), (1, &json!(other)));
    let kept: Webhook = world.stored(Key::webhook(workspace(), id(&webhook))).await;
    assert_eq!(kept.secret, Secret::new(""));
}

#[tokio::test]
async fn another_workspaces_webhook_and_one_that_never_was_do_not_exist() {
    let world = World::prepared().await;
    let theirs = WebhookId::generate();
    let elsewhere: WorkspaceId = id("44444444-4444-4444-8444-444444444444");
    let secret = Secret::new("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    let stranger = Webhook::new(elsewhere, theirs, WebhookUrl::new(URL), EventTypes::All, secret, at(0));
    world.put(stranger.clone()).await;
    for unknown in [theirs.to_string(), UNKNOWN.to_owned()] {
        let request = json!({"webhook_id": unknown, "event_types": ["phone.registered"]});
        for path in ["/webhooks/get", "/webhooks/update", "/webhooks/delete"] {
            assert_eq!(world.post(path, &request).await.refused_as(), (404, "webhook_not_found"), "{path}");
        }
    }
    assert!(listed(&world).await.is_empty());
    assert_eq!(world.stored::<Webhook>(Key::webhook(elsewhere, theirs)).await, stranger);
}

#[tokio::test]
async fn a_workspace_has_twenty_webhooks_at_most_and_a_deleted_one_makes_room() {
    let world = World::prepared().await;
    let first = made(&world).await;
    for _ in 1..20 {
        made(&world).await;
    }
    let reply = world.post("/webhooks/create", &json!({"url": URL})).await;
    assert_eq!(reply.refused_as(), (400, "too_many_webhooks"));
    world.post("/webhooks/delete", &json!({"webhook_id": first})).await.ok();
    made(&world).await;
    assert_eq!(listed(&world).await.len(), 20);
}
