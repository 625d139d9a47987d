//! Who is let in, how often, and in which words.

use hid_origo_simulator::Options;
use serde_json::json;

use crate::client::{Client, MEDIA_TYPE, answer, quick, start, user};

#[tokio::test]
async fn a_wrong_secret_gets_no_token() {
    let simulator = start(quick()).await;
    let client = Client::of(&simulator).await;
    assert_eq!(client.fetch_token("wrong").await.0, 401);
}

#[tokio::test]
async fn a_token_works_until_it_expires_or_is_revoked_beside_others() {
    let simulator = start(quick()).await;
    let mut client = Client::of(&simulator).await;
    let first = client.token.clone();
    client.simulator("PUT", "/settings", &json!({ "token_seconds": 0 })).await;
    client.token = client.fetch_token("local-secret-of-1000001-OSRV1").await.1["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(client.call("GET", "", None).await.0, 401);
    client.token = first;
    assert_eq!(client.call("GET", "", None).await.0, 200);
    assert_eq!(client.simulator("PUT", "/tokens/revoke", &json!(null)).await.0, 200);
    assert_eq!(client.call("GET", "", None).await.0, 401);
}

#[tokio::test]
async fn beyond_the_limit_the_answer_is_403_without_retry_after() {
    let simulator = start(Options {
        calls_per_5_minutes: 3,
        ..quick()
    })
    .await;
    let client = Client::of(&simulator).await;
    assert_eq!(client.call("GET", "", None).await.0, 200);
    assert_eq!(client.call("GET", "/users/1", None).await.0, 404, "what fails counts, too");
    assert_eq!(client.call("GET", "", None).await.0, 200);
    let response = client.request("GET", "", None).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 403);
    assert!(response.headers().get("retry-after").is_none());
    assert_eq!(
        client.events("GET", "/callback", None).await.0,
        200,
        "the other services have their own limit"
    );
    let ledger = client.ledger().await;
    assert_eq!(ledger["refused"]["403"], 1);
    assert_eq!(ledger["calls"]["GET /"], 3);
    client.simulator("PUT", "/settings", &json!({ "rate_limit": 300 })).await;
    assert_eq!(client.call("GET", "", None).await.0, 200);
}

#[tokio::test]
async fn the_token_service_takes_fifty_calls() {
    let simulator = start(quick()).await;
    let client = Client::of(&simulator).await;
    for _ in 1..50 {
        assert_eq!(client.fetch_token("wrong").await.0, 401);
    }
    assert_eq!(client.fetch_token("local-secret-of-1000001-OSRV1").await.0, 403);
}

#[tokio::test]
async fn a_content_type_with_a_charset_is_refused() {
    let simulator = start(quick()).await;
    let client = Client::of(&simulator).await;
    for content_type in [format!("{MEDIA_TYPE}; charset=utf-8"), "application/json".to_owned()] {
        let request = client
            .request("POST", "/users", None)
            .header("content-type", content_type)
            .body(user("jane").to_string());
        assert_eq!(answer(request).await.unwrap().0, 415);
    }
    assert_eq!(client.ledger().await["users"], json!([]));
}

#[tokio::test]
async fn an_unknown_application_id_is_not_allowed() {
    let simulator = start(quick()).await;
    let client = Client::of(&simulator).await;
    let url = format!("{}/credential-management/customer/1000001", client.base);
    let request = client.http.get(url).header("authorization", format!("Bearer {}", client.token));
    let (status, body) = answer(request).await.unwrap();
    assert_eq!(status, 403);
    assert!(body["detail"].as_str().unwrap().contains("Application-ID"));
}
