//! `fobless keys`.

use std::process::Command;

use fobless::{
    api_key::hash_api_key,
    store::{ApiKey, Key},
};
use serde_json::Value;
use tokio::task::spawn_blocking;

use crate::desk::{Desk, ELSEWHERE, WORKSPACE};

impl Desk {
    async fn create(&self, name: &str) -> Value {
        self.json(&["keys", "create", "--workspace", WORKSPACE, "--name", name]).await
    }

    async fn list(&self) -> Vec<Value> {
        let listed = self.json(&["keys", "list", "--workspace", WORKSPACE]).await;
        listed.as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn a_key_is_shown_once_and_only_its_hash_is_kept() {
    let desk = Desk::prepared("once").await;
    let made = desk.create("deploy").await;
    let text = made["key"].as_str().unwrap();
    let kept = desk
        .store
        .get::<ApiKey>(Key::api_key(&hash_api_key(text)))
        .await
        .unwrap()
        .unwrap()
        .record;
    assert_eq!((kept.name.as_str(), kept.workspace_id.to_string().as_str()), ("deploy", WORKSPACE));
    assert!(!format!("{kept:?}").contains(text));
    let listed = desk.list().await;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["api_key_id"], made["api_key_id"]);
    assert_eq!((&listed[0]["key"], &listed[0]["revoked_at"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn a_key_is_revoked_by_its_id_and_stays_listed() {
    let desk = Desk::prepared("revoked").await;
    let (first, second) = (desk.create("first").await, desk.create("second").await);
    let id = first["api_key_id"].as_str().unwrap();
    let revoke = ["keys", "revoke", "--yes", "--workspace", WORKSPACE, id];
    let revoked_at = desk.json(&revoke).await["revoked_at"].clone();
    assert!(revoked_at.is_string());
    // Twice is fine, and the first time counts.
    assert_eq!(desk.json(&revoke).await["revoked_at"], revoked_at);
    let listed = desk.list().await;
    assert_eq!((&listed[0]["name"], &listed[0]["revoked_at"]), (&Value::from("first"), &revoked_at));
    assert_eq!(
        (&listed[1]["api_key_id"], &listed[1]["revoked_at"]),
        (&second["api_key_id"], &Value::Null)
    );
}

#[tokio::test]
async fn people_get_a_table_and_the_key_in_words() {
    let desk = Desk::prepared("people").await;
    let said = desk
        .text(&["keys", "create", "--workspace", WORKSPACE, "--name", "for people"])
        .await;
    assert!(said.starts_with("seam_") && said.contains("the only time"), "{said}");
    let table = desk.text(&["keys", "list", "--workspace", WORKSPACE]).await;
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with("ID ") && lines[0].ends_with("REVOKED"), "{table}");
    assert!(lines[1].contains("for people") && lines.len() == 2, "{table}");
}

#[tokio::test]
async fn a_key_of_another_workspace_can_not_be_revoked_by_mistake() {
    let desk = Desk::prepared("mistake").await;
    let made = desk.create("mine").await;
    let id = made["api_key_id"].as_str().unwrap();
    let output = desk.run(&["keys", "revoke", "--yes", "--workspace", ELSEWHERE, id]).await;
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        format!("error: there is no API key {id} in this workspace\n")
    );
    assert_eq!(desk.list().await[0]["revoked_at"], Value::Null);
}

#[tokio::test]
async fn without_settings_the_missing_one_is_named() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fobless"));
    command.env_clear().args(["keys", "list", "--workspace", WORKSPACE]);
    let output = spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "error: FOBLESS_TABLE is not set\n");
}
