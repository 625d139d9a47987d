//! API keys as they are used: revoked ones open nothing, and the last use is known.

use std::time::Duration;

use fobless::{
    domain::ids::ApiKeyId,
    store::{ApiKey, Key},
};
use serde_json::json;

use crate::{
    harness::{KEY, World},
    records,
};

const PATH: &str = "/acs/systems/list";
const MINUTE: i64 = 60;

fn place() -> Key {
    Key::api_key(&api::hash_api_key(KEY))
}

#[tokio::test]
async fn a_revoked_key_opens_nothing_once_it_is_not_believed_any_more() {
    let world = World::prepared().await;
    world.get(PATH).await.ok();
    let key: ApiKey = world.stored(place()).await;
    let revoked = world
        .store
        .revoke_api_key(key.workspace_id, key.api_key_id, world.now())
        .await
        .unwrap();
    assert_eq!(revoked.unwrap().revoked_at, Some(world.now()));
    // An instance that has just seen the key believes it for a minute.
    world.get(PATH).await.ok();
    world.pass_seconds(MINUTE);
    assert_eq!(world.get(PATH).await.refused_as(), (401, "unauthorized"));
    let message = world.get(PATH).await.body["error"]["message"].clone();
    assert_eq!(message, "A valid API key is needed: Authorization: Bearer seam_...");
}

#[tokio::test]
async fn the_last_use_is_noted_once_an_hour() {
    let world = World::prepared().await;
    let last_use = async || world.stored::<ApiKey>(place()).await.last_used_at;
    assert_eq!(last_use().await, None);
    let first = world.now();
    for _ in 0..59 {
        world.get(PATH).await.ok();
        assert_eq!(last_use().await, Some(first));
        world.pass_seconds(MINUTE);
    }
    world.pass_seconds(MINUTE);
    world.get(PATH).await.ok();
    assert_eq!(last_use().await, Some(first.plus(Duration::from_hours(1))));
}

#[tokio::test]
async fn keys_are_listed_and_revoked_within_their_workspace() {
    let world = World::prepared().await;
    let listed = world.store.api_keys(records::workspace()).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].key_hash, api::hash_api_key(KEY));
    let elsewhere = records::id(records::UNKNOWN);
    assert_eq!(world.store.api_keys(elsewhere).await.unwrap(), []);
    let foreign = world
        .store
        .revoke_api_key(elsewhere, listed[0].api_key_id, world.now())
        .await
        .unwrap();
    assert_eq!(foreign, None);
    let unknown = world
        .store
        .revoke_api_key(records::workspace(), ApiKeyId::generate(), world.now())
        .await
        .unwrap();
    assert_eq!(unknown, None);
    world.get(PATH).await.ok();
}

#[tokio::test]
async fn a_key_that_was_made_before_keys_had_ids_works_and_is_listed_once_it_was_used() {
    const OLD: &str = "seam_old12345_abcdefghijklmnopqrstuvwx";
    let world = World::prepared().await;
    let hash = api::hash_api_key(OLD);
    world.put_raw(&json!({
        "pk": {"S": format!("API_KEY#{hash}")}, "sk": {"S": "API_KEY"}, "version": {"N": "1"}, "key_hash": {"S": hash},
        "workspace_id": {"S": records::WORKSPACE}, "name": {"S": "old"}, "created_at": {"N": "1704900000000"}
    }));
    let names = async || {
        let keys = world.store.api_keys(records::workspace()).await.unwrap();
        keys.into_iter().map(|key| key.name).collect::<Vec<_>>()
    };
    assert_eq!(names().await, ["test"]);
    crate::sessions::ask(&world, OLD, "GET", PATH, None).await.ok();
    let mut listed = names().await;
    listed.sort();
    assert_eq!(listed, ["old", "test"]);
}
