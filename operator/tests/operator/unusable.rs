//! `fobless unusable` and `fobless redrive`.

use fobless::{
    clock::Clock,
    domain::ids::{UserIdentityId, WorkspaceId},
    store::PartitionOwner,
};
use serde_json::{Value, json};

use crate::desk::Desk;

#[tokio::test]
async fn what_was_left_alone_is_listed_with_its_reason_and_redriven() {
    let desk = Desk::prepared("redrive").await;
    assert_eq!(desk.json(&["unusable"]).await, json!([]));
    let jane = PartitionOwner {
        workspace_id: WorkspaceId::generate(),
        user_identity_id: UserIdentityId::generate(),
    };
    let now = Clock::system().now();
    let name = jane.partition();
    desk.store.mark_unusable(&name, "the item can't be understood", now).await.unwrap();
    desk.store.mark_unusable(&name, "the item can't be understood", now).await.unwrap();

    let listed = desk.json(&["unusable"]).await;
    assert_eq!(
        listed,
        json!([{
            "name": name,
            "reason": "the item can't be understood",
            "since": now.to_string(),
            "seen_at": now.to_string(),
            "times": 2,
        }])
    );
    let table = desk.text(&["unusable"]).await;
    assert!(
        table.lines().next().unwrap().ends_with("REASON") && table.contains(&name),
        "{table}"
    );

    let redriven = desk.json(&["redrive"]).await;
    assert_eq!(
        (&redriven[0]["name"], &redriven[0]["outcome"]),
        (&Value::from(name), &"nothing to wake".into())
    );
    assert_eq!(desk.json(&["unusable"]).await, json!([]));
    assert_eq!(desk.json(&["redrive"]).await, json!([]));
}
