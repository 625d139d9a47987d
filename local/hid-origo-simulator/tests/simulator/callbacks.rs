//! Events: sent to callbacks, and asked for.

use serde_json::{Value, json};

use crate::client::{Client, Receiver, quick, start};

async fn subscribe(client: &Client, url: &str, statuses: &[&str]) -> String {
    let (_, filter) = client
        .events("POST", "/events/filter", Some(&json!({ "filterSet": statuses })))
        .await;
    let callback = json!({ "url": url, "filterId": filter["filterId"], "httpHeader": "X-Our-Secret", "secret": "s3cret" });
    let (status, callback) = client.events("POST", "/callback", Some(&callback)).await;
    assert_eq!(status, 201, "{callback}");
    filter["filterId"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_callback_hears_what_its_filter_names_with_the_secret_as_it_is() {
    let simulator = start(quick()).await;
    let client = Client::of(&simulator).await;
    let (receiver, url) = Receiver::start().await;
    subscribe(&client, &url, &["ENDPOINT_ACTIVE", "CREDENTIAL_ISSUED"]).await;
    let user = client.make_user("jane").await;
    let container = client.add_phone(user).await;
    let (_, credential) = client.issue(container).await;
    assert_eq!(receiver.wait_for(2).await, ["ENDPOINT_ACTIVE", "CREDENTIAL_ISSUED"]);

    let batches = receiver.batches();
    let (headers, _) = &batches[0];
    assert_eq!(headers["content-type"], "application/cloudevents-batch+json");
    assert_eq!(headers["x-our-secret"], "s3cret");
    let events: Vec<&Value> = batches.iter().flat_map(|(_, batch)| batch.as_array().unwrap()).collect();
    assert_eq!(events[0]["type"], "com.origo.mi.endpoint");
    assert_eq!(events[0]["data"]["endpointId"], container.to_string(), "ids are texts here");
    assert_eq!(events[1]["data"]["mid"], credential["id"], "but this one is a number");
    assert_eq!(events[1]["data"]["cardNumber"], 1);
    assert_eq!(events[1]["data"]["userId"], user.to_string());
}

#[tokio::test]
async fn what_happened_can_be_asked_for_by_time_and_filter() {
    let simulator = start(quick()).await;
    let client = Client::of(&simulator).await;
    let (_, url) = Receiver::start().await;
    let filter = subscribe(&client, &url, &["USER_CREATED"]).await;
    client.make_user("jane").await;
    let all = client.events("GET", "/events?dateFrom=2020-01-01T00:00:00Z", None).await.1;
    assert_eq!(all.as_array().unwrap().len(), 1);
    let filtered = client
        .events("GET", &format!("/events?dateFrom=2020-01-01T00:00:00Z&filterId={filter}"), None)
        .await
        .1;
    assert_eq!(filtered[0]["data"]["status"], "USER_CREATED");
    assert_eq!(client.events("GET", "/events?dateTo=2020-01-01T00:00:00Z", None).await.1, json!([]));
}

#[tokio::test]
async fn the_secret_is_not_given_back_and_a_removed_callback_hears_nothing() {
    let simulator = start(quick()).await;
    let client = Client::of(&simulator).await;
    let (receiver, url) = Receiver::start().await;
    subscribe(&client, &url, &["USER_CREATED"]).await;
    let (_, callbacks) = client.events("GET", "/callback", None).await;
    assert!(!callbacks.to_string().contains("s3cret"));
    let id = callbacks[0]["id"].as_str().unwrap();
    assert_eq!(client.events("DELETE", &format!("/callback/{id}"), None).await.0, 204);
    client.make_user("jane").await;
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert!(receiver.statuses().is_empty());
}

#[tokio::test]
async fn callbacks_get_lost_double_and_overtaken_when_asked_to() {
    let simulator = start(quick()).await;
    let client = Client::of(&simulator).await;
    let (receiver, url) = Receiver::start().await;
    subscribe(&client, &url, &["USER_CREATED", "INVITATION_PENDING"]).await;
    let apart = || tokio::time::sleep(std::time::Duration::from_millis(60));

    client
        .simulator("PUT", "/faults", &json!([{ "route": "*", "kind": "lost_callback", "times": 1 }]))
        .await;
    let user = client.make_user("jane").await;
    apart().await;
    client
        .simulator(
            "PUT",
            "/faults",
            &json!([{ "route": "USER_CREATED", "kind": "double_callback", "times": 1 }]),
        )
        .await;
    client.make_user("john").await;
    assert_eq!(receiver.wait_for(2).await, ["USER_CREATED", "USER_CREATED"]);
    assert_eq!(receiver.batches()[0].1[0]["id"], receiver.batches()[1].1[0]["id"]);

    client
        .simulator(
            "PUT",
            "/faults",
            &json!([{ "route": "*", "kind": "reorder_callbacks", "times": 1 }]),
        )
        .await;
    client.make_user("joan").await;
    apart().await;
    client.invite(user).await;
    assert_eq!(receiver.wait_for(4).await[2..], ["INVITATION_PENDING", "USER_CREATED"]);
}
