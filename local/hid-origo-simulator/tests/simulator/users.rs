//! Users, search, invitations.

use serde_json::json;

use crate::client::{ACTION, CONTAINER, CREDENTIAL, Client, INVITATION, invitation, quick, start, user};

#[tokio::test]
async fn a_user_is_found_by_its_external_id_but_the_hit_does_not_tell_its_id() {
    let simulator = start(quick()).await;
    let client = Client::of(&simulator).await;
    let id = client.make_user("jane").await;
    client.make_user("john").await;
    let search = json!({ "filter": "externalId eq \"jane\" and status eq \"ACTIVE\"", "startIndex": 1, "count": 20 });
    let (status, hits) = client.call("POST", "/users/.search", Some(&search)).await;
    assert_eq!(status, 200);
    assert_eq!(hits["totalResults"], 1);
    let hit = &hits["Resources"][0];
    assert!(hit.get("id").is_none());
    assert!(hit["meta"]["location"].as_str().unwrap().ends_with(&format!("/users/{id}")));
}

#[tokio::test]
async fn an_email_belongs_to_one_user_whatever_its_case() {
    let simulator = start(quick()).await;
    let client = Client::of(&simulator).await;
    client.make_user("jane").await;
    let mut other = user("jane-2");
    other["emails"] = json!([{ "value": "JANE@example.com" }]);
    let (status, body) = client.call("POST", "/users", Some(&other)).await;
    assert_eq!(status, 409);
    assert_eq!(body["status"], "409", "the status in the body is a text");
}

#[tokio::test]
async fn an_external_id_may_be_used_twice() {
    let simulator = start(quick()).await;
    let client = Client::of(&simulator).await;
    client.make_user("jane").await;
    let mut twin = user("jane");
    twin["emails"] = json!([]);
    assert_eq!(client.call("POST", "/users", Some(&twin)).await.0, 201);
}

#[tokio::test]
async fn a_user_goes_in_two_steps_and_takes_phones_and_credentials_along() {
    let simulator = start(quick()).await;
    let client = Client::of(&simulator).await;
    let id = client.make_user("jane").await;
    let container = client.add_phone(id).await;
    client.issue(container).await;
    client.wait_for_status(container, Some("ISSUED")).await;
    client.simulator("PUT", "/settings", &json!({ "fetch_delay_ms": 300 })).await;

    assert_eq!(client.call("DELETE", &format!("/users/{id}"), None).await.0, 204);
    assert_eq!(
        client.call("GET", &format!("/users/{id}"), None).await.1["status"],
        "USER_DELETE_INITIATED"
    );
    assert_eq!(
        client.call("POST", "/users", Some(&user("jane"))).await.0,
        409,
        "the address is not free yet"
    );
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    assert_eq!(client.call("GET", &format!("/users/{id}"), None).await.0, 404);
    assert_eq!(client.ledger().await["credentials"][0]["status"], "REVOKED");
    assert_eq!(client.call("POST", "/users", Some(&user("jane"))).await.0, 201);
}

#[tokio::test]
async fn a_user_shows_all_invitations_phones_and_credentials_at_once() {
    let simulator = start(quick()).await;
    let client = Client::of(&simulator).await;
    let id = client.make_user("jane").await;
    let container = client.add_phone(id).await;
    let pending = client.invite(id).await;
    client.issue(container).await;
    let (_, user) = client.call("GET", &format!("/users/{id}"), None).await;
    assert_eq!(user["externalId"], "jane");
    assert_eq!(user[INVITATION][0]["status"], "ACKNOWLEDGED");
    assert_eq!(user[INVITATION][1]["id"], pending["id"]);
    assert_eq!(user[CONTAINER][0]["id"], container);
    assert_eq!(user[CONTAINER][0][CREDENTIAL][0]["partnumberFriendlyName"], "MOB0001");
    assert_eq!(user[CONTAINER][0][CREDENTIAL][0]["cardNumber"], "1", "card numbers are texts here");
}

#[tokio::test]
async fn a_code_registers_one_phone() {
    let simulator = start(quick()).await;
    let client = Client::of(&simulator).await;
    let id = client.make_user("jane").await;
    let invitation = client.invite(id).await;
    let code = invitation["invitationCode"].as_str().unwrap();
    assert_eq!(code.split('-').map(str::len).collect::<Vec<_>>(), [4, 4, 4, 4]);
    assert_eq!(client.redeem(&invitation).await.0, 200);
    assert_eq!(client.redeem(&invitation).await.0, 409);
    assert_eq!(client.redeem(&json!({ "invitationCode": "NONE" })).await.0, 404);
    assert_eq!(
        client.call("DELETE", &format!("/invitation/{}", invitation["id"]), None).await.0,
        412
    );
}

#[tokio::test]
async fn a_code_expires_by_itself() {
    let simulator = start(quick()).await;
    let client = Client::of(&simulator).await;
    client.simulator("PUT", "/settings", &json!({ "invitation_minutes": 0.001 })).await;
    let id = client.make_user("jane").await;
    let invitation = client.invite(id).await;
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let (_, user) = client.call("GET", &format!("/users/{id}"), None).await;
    assert_eq!(user[INVITATION][0]["status"], "EXPIRED");
    assert_eq!(client.redeem(&invitation).await.0, 410);
}

#[tokio::test]
async fn a_cancelled_code_is_gone() {
    let simulator = start(quick()).await;
    let client = Client::of(&simulator).await;
    let invitation = client.invite(client.make_user("jane").await).await;
    let path = format!("/invitation/{}", invitation["id"]);
    assert_eq!(client.call("DELETE", &path, None).await.0, 204);
    assert_eq!(client.redeem(&invitation).await.0, 410);
}

#[tokio::test]
async fn a_reserved_credential_has_its_number_before_any_phone_and_reaches_the_phone_by_itself() {
    let simulator = start(quick()).await;
    let client = Client::of(&simulator).await;
    let id = client.make_user("jane").await;
    let (_, body) = client
        .call("POST", &format!("/users/{id}/invitation"), Some(&invitation("Y")))
        .await;
    assert_eq!(body[CREDENTIAL][0]["cardNumber"], "1");
    let (_, phone) = client.redeem(&body[INVITATION][0]).await;
    client
        .wait_for_status(phone["container_id"].as_i64().unwrap(), Some("ISSUED"))
        .await;
}

#[tokio::test]
async fn one_call_makes_user_invitation_and_reservation() {
    let simulator = start(quick()).await;
    let client = Client::of(&simulator).await;
    let mut wanted = user("jane");
    wanted[ACTION] = invitation("Y")[ACTION].clone();
    let (status, body) = client.call("POST", "/users", Some(&wanted)).await;
    assert_eq!(status, 201);
    assert_eq!(body[INVITATION][0]["status"], "PENDING");
    assert_eq!(body[CREDENTIAL][0]["status"], "ISSUE_INITIATED");
}

#[tokio::test]
async fn flags_are_texts_not_booleans() {
    let simulator = start(quick()).await;
    let client = Client::of(&simulator).await;
    let mut wanted = user("jane");
    wanted[ACTION]["createInvitationCode"] = json!(true);
    assert_eq!(client.call("POST", "/users", Some(&wanted)).await.0, 400);
}

#[tokio::test]
async fn a_user_has_five_phones_at_most() {
    let simulator = start(quick()).await;
    let client = Client::of(&simulator).await;
    let id = client.make_user("jane").await;
    for _ in 0..5 {
        client.add_phone(id).await;
    }
    assert_eq!(client.redeem(&client.invite(id).await).await.0, 412);
}
