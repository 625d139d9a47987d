//! What goes wrong on purpose.

use std::time::Duration;

use serde_json::json;

use crate::client::{Client, answer, issue, quick, start, user};

#[tokio::test]
async fn a_status_is_answered_before_anything_is_done() {
    let simulator = start(quick()).await;
    let client = Client::of(&simulator).await;
    client
        .simulator(
            "PUT",
            "/faults",
            &json!([{ "route": "POST /users", "kind": "status", "value": 503, "times": 1 }]),
        )
        .await;
    assert_eq!(client.call("POST", "/users", Some(&user("jane"))).await.0, 503);
    assert_eq!(client.ledger().await["users"], json!([]));
    assert_eq!(client.call("POST", "/users", Some(&user("jane"))).await.0, 201);
}

#[tokio::test]
async fn a_lost_reply_is_a_broken_connection_and_the_work_is_done() {
    let simulator = start(quick()).await;
    let client = Client::of(&simulator).await;
    let container = client.add_phone(client.make_user("jane").await).await;
    let fault = json!([{ "route": "/credential-container", "kind": "lost_reply", "times": 1 }]);
    client.simulator("PUT", "/faults", &fault).await;
    let path = format!("/credential-container/{container}/credential");
    let error = answer(client.request("POST", &path, Some(&issue()))).await.unwrap_err();
    assert!(error.is_request() && error.status().is_none(), "{error:?}");
    client.wait_for_status(container, Some("ISSUED")).await;
    assert_eq!(client.issue(container).await.0, 412);
    assert_eq!(
        client.ledger().await["calls"]["POST /credential-container/{id}/credential"],
        2,
        "nobody repeated the call"
    );
}

#[tokio::test]
async fn delayed_work_is_done_even_when_the_client_has_given_up() {
    let simulator = start(quick()).await;
    let client = Client::of(&simulator).await;
    client
        .simulator(
            "PUT",
            "/faults",
            &json!([{ "route": "POST /users", "kind": "delay", "value": 300, "times": 1 }]),
        )
        .await;
    let impatient = client
        .request("POST", "/users", Some(&user("jane")))
        .timeout(Duration::from_millis(100));
    assert!(answer(impatient).await.unwrap_err().is_timeout());
    assert_eq!(client.ledger().await["users"], json!([]));
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(client.ledger().await["users"][0]["external_id"], "jane");
}

#[tokio::test]
async fn faults_strike_the_token_service_too_and_an_empty_list_clears_them() {
    let simulator = start(quick()).await;
    let client = Client::of(&simulator).await;
    client
        .simulator("PUT", "/faults", &json!([{ "route": "*", "kind": "status", "value": 500 }]))
        .await;
    assert_eq!(client.fetch_token("local-secret-of-1000001-OSRV1").await.0, 500);
    assert_eq!(client.call("GET", "", None).await.0, 500);
    client.simulator("PUT", "/faults", &json!([])).await;
    assert_eq!(client.call("GET", "", None).await.0, 200);
    assert_eq!(
        client
            .simulator("PUT", "/faults", &json!([{ "route": "*", "kind": "gremlin" }]))
            .await
            .0,
        400
    );
}
