//! Containers, credentials and the pools they come from.

use hid_origo_simulator::{Options, PartNumber};
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::client::{CONTAINER, Client, quick, start};

#[tokio::test]
async fn a_phone_gets_its_credential_a_while_after_it_is_issued_and_loses_it_a_while_after_it_is_revoked() {
    let simulator = start(quick()).await;
    let client = Client::of(&simulator).await;
    let container = client.add_phone(client.make_user("jane").await).await;
    let (status, credential) = client.issue(container).await;
    assert_eq!((status, &credential["status"]), (200, &json!("ISSUE_INITIATED")));
    assert!(credential["id"].is_i64(), "the credential itself is the reply");
    client.wait_for_status(container, Some("ISSUED")).await;

    let path = format!("/credential/{}", credential["id"]);
    assert_eq!(client.call("DELETE", &path, None).await.0, 200);
    assert_eq!(client.call("DELETE", &path, None).await.0, 412);
    client.wait_for_status(container, None).await;
    assert_eq!(client.ledger().await["credentials"][0]["status"], "REVOKED");
    assert_eq!(client.issue(container).await.1["cardNumber"], "2", "a new one gets the next number");
}

#[tokio::test]
async fn the_ledger_tells_from_when_until_when_a_credential_was_live() {
    let simulator = start(quick()).await;
    let client = Client::of(&simulator).await;
    let container = client.add_phone(client.make_user("jane").await).await;
    let fault = json!([{ "route": "POST /credential-container", "kind": "delay", "value": 200, "times": 1 }]);
    client.simulator("PUT", "/faults", &fault).await;
    let credential = client.issue(container).await.1;
    client.wait_for_status(container, Some("ISSUED")).await;
    let held = client.ledger().await["credentials"][0].clone();
    let millis_between = |from: &Value, until: &Value| (moment(until) - moment(from)).whole_milliseconds();
    assert!(millis_between(&held["created_at"], &held["made_at"]) >= 200, "{held}");
    assert_eq!(held["ended_at"], Value::Null);

    client.call("DELETE", &format!("/credential/{}", credential["id"]), None).await;
    let revoking = client.ledger().await["credentials"][0].clone();
    assert!(millis_between(&held["made_at"], &revoking["ended_at"]) >= 20, "{revoking}");
    client.wait_for_status(container, None).await;
    assert_eq!(client.ledger().await["credentials"][0]["ended_at"], revoking["ended_at"]);
}

fn moment(text: &Value) -> OffsetDateTime {
    OffsetDateTime::parse(text.as_str().unwrap(), &Rfc3339).unwrap()
}

#[tokio::test]
async fn a_part_number_is_delivered_to_a_phone_once() {
    let simulator = start(quick()).await;
    let client = Client::of(&simulator).await;
    let container = client.add_phone(client.make_user("jane").await).await;
    assert_eq!(client.issue(container).await.0, 200);
    let (status, body) = client.issue(container).await;
    assert_eq!(status, 412);
    assert!(
        body["detail"]
            .as_str()
            .unwrap()
            .contains("already delivered to this credentialContainer")
    );
    assert_eq!(client.ledger().await["credentials"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_empty_pool_gives_nothing_until_it_is_filled() {
    let pool = PartNumber {
        available: 1,
        first_card_number: 500,
        ..PartNumber::default()
    };
    let simulator = start(Options {
        part_numbers: vec![pool],
        ..quick()
    })
    .await;
    let client = Client::of(&simulator).await;
    let user = client.make_user("jane").await;
    let (first, second) = (client.add_phone(user).await, client.add_phone(user).await);
    assert_eq!(client.issue(first).await.1["cardNumber"], "500");
    let (status, body) = client.issue(second).await;
    assert_eq!(status, 412);
    assert!(!body["detail"].as_str().unwrap().contains("already delivered"));
    client
        .simulator("PUT", "/settings", &json!({ "part_numbers": { "MID-SUB-CRD_FTPN_0001": 3 } }))
        .await;
    assert_eq!(client.issue(second).await.1["cardNumber"], "501");
}

#[tokio::test]
async fn a_part_number_is_listed_by_its_location_and_read_on_its_own() {
    let simulator = start(quick()).await;
    let client = Client::of(&simulator).await;
    let (_, list) = client.call("GET", "/part-number", None).await;
    let location = list["Resources"][0]["meta"]["location"].as_str().unwrap();
    let path = location.rsplit_once("/1000001").unwrap().1;
    let (status, body) = client.call("GET", path, None).await;
    assert_eq!(status, 200);
    let pool = &body["urn:hid:scim:api:ma:2.2:PartNumber"][0];
    assert_eq!(pool["partNumber"], "MID-SUB-CRD_FTPN_0001");
    assert_eq!(pool["programmingData"]["facility code"], "101");
    assert_eq!(client.call("GET", "", None).await.1["totalUsers"], 0);
}

#[tokio::test]
async fn a_phone_whose_app_is_removed_leaves_its_user_and_takes_no_more() {
    let simulator = start(quick()).await;
    let client = Client::of(&simulator).await;
    let user = client.make_user("jane").await;
    let container = client.add_phone(user).await;
    client.issue(container).await;
    assert_eq!(
        client.simulator("DELETE", &format!("/phones/{container}"), &json!(null)).await.0,
        204
    );
    let (_, body) = client.call("GET", &format!("/users/{user}"), None).await;
    assert_eq!(body[CONTAINER], json!([]));
    assert_eq!(client.issue(container).await.0, 412);
    let ledger = client.ledger().await;
    assert_eq!(ledger["containers"][0]["status"], "INACTIVE");
    assert_eq!(ledger["credentials"][0]["status"], "REVOKED");
}

#[tokio::test]
async fn a_deleted_container_is_gone() {
    let simulator = start(quick()).await;
    let client = Client::of(&simulator).await;
    let container = client.add_phone(client.make_user("jane").await).await;
    let path = format!("/credential-container/{container}");
    assert_eq!(client.call("DELETE", &path, None).await.0, 204);
    assert_eq!(client.call("GET", &path, None).await.0, 404);
    assert_eq!(client.issue(container).await.0, 404);
}
