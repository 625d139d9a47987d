//! What is said about wrong parameters.

use serde_json::json;

use crate::{
    harness::World,
    records::{ACS_USER, IDENTITY, UNKNOWN},
};

const LAUNCH: &str = "/user_identities/enrollment_automations/launch";

#[tokio::test]
async fn one_missing_field_is_named_in_a_sentence_and_in_the_details() {
    let world = World::prepared().await;
    let reply = world.post("/acs/credentials/get", &json!({})).await;
    assert_eq!(reply.refusal(), (400, "invalid_input", "acs_credential_id is required"));
    let details = json!({"_errors": [], "acs_credential_id": {"_errors": ["Required"]}});
    assert_eq!(reply.body["error"]["validation_errors"], details);
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once() {
    let world = World::prepared().await;
    let launch = json!({"user_identity_id": "jane", "create_credential_manager_user": "yes", "acs_credential_pool_id": 5});
    let reply = world.post(LAUNCH, &launch).await;
    let message = "4 Input Errors: Invalid uuid for \"user_identity_id\", credential_manager_acs_system_id is required, \
        Expected string, received number for \"acs_credential_pool_id\", \
        Expected boolean, received string for \"create_credential_manager_user\"";
    assert_eq!(reply.refusal(), (400, "invalid_input", message));
}

#[tokio::test]
async fn null_counts_as_absent() {
    let world = World::prepared().await;
    let reply = world.post("/acs/credentials/get", &json!({"acs_credential_id": null})).await;
    assert_eq!(reply.refusal().2, "acs_credential_id is required");
    world
        .post("/acs/credentials/list", &json!({"page_cursor": null, "acs_user_id": null}))
        .await
        .ok();
}

#[tokio::test]
async fn ids_are_written_one_way_only() {
    let world = World::prepared().await;
    for wrong in [
        IDENTITY.replace('-', ""),
        format!("{{{IDENTITY}}}"),
        format!("urn:uuid:{IDENTITY}"),
        "x".repeat(5000),
    ] {
        let reply = world.post("/user_identities/get", &json!({"user_identity_id": wrong})).await;
        assert_eq!(reply.refusal().2, "Invalid uuid for \"user_identity_id\"");
    }
    world
        .post("/user_identities/get", &json!({"user_identity_id": IDENTITY.to_uppercase()}))
        .await
        .ok();
}

#[tokio::test]
async fn one_value_given_several_times_is_refused() {
    let world = World::prepared().await;
    for query in [
        format!("user_identity_id={IDENTITY}&user_identity_id={IDENTITY}"),
        format!("user_identity_id[]={IDENTITY}"),
        format!("user_identity_id={IDENTITY}&user_identity_id.a=1"),
    ] {
        let reply = world.get(&format!("/user_identities/get?{query}")).await;
        assert_eq!(reply.refused_as(), (400, "invalid_query_params"), "{query}");
    }
}

#[tokio::test]
async fn a_list_in_a_query_is_written_in_any_one_way() {
    let world = World::prepared().await;
    let other = "11111111-1111-4111-8111-111111111111";
    for query in [
        format!("user_identity_ids={IDENTITY}&user_identity_ids={other}"),
        format!("user_identity_ids[]={IDENTITY}&user_identity_ids[]={other}"),
        format!("user_identity_ids={IDENTITY},{other}"),
        format!("user_identity_ids={IDENTITY}"),
        "user_identity_ids=".to_owned(),
    ] {
        let body = world.get(&format!("/user_identities/list?{query}")).await.ok();
        assert_eq!(body["user_identities"].as_array().unwrap().len(), 1, "{query}");
    }
    let mixed = format!("user_identity_ids={IDENTITY}&user_identity_ids[]={other}");
    assert_eq!(
        world.get(&format!("/user_identities/list?{mixed}")).await.refused_as(),
        (400, "invalid_query_params")
    );
}

#[tokio::test]
async fn flags_in_a_query_are_read_generously() {
    let world = World::prepared().await;
    world.create_credential().await;
    for (text, count) in [("true", 1), ("1", 1), ("Yes", 1), ("false", 0), ("0", 0), (" no ", 0), ("", 1)] {
        let text = text.replace(' ', "%20");
        let body = world
            .get(&format!("/acs/credentials/list?is_multi_phone_sync_credential={text}"))
            .await
            .ok();
        assert_eq!(body["acs_credentials"].as_array().unwrap().len(), count, "{text}");
    }
    let reply = world.get("/acs/credentials/list?is_multi_phone_sync_credential=perhaps").await;
    assert_eq!(reply.refused_as(), (400, "invalid_input"));
}

#[tokio::test]
async fn a_blank_text_is_none() {
    let world = World::prepared().await;
    let cases = [
        ("/user_identities/create", json!({"full_name": " \t"}), "full_name"),
        ("/acs/systems/create", json!({"name": "\u{c}", "kind": "ledger"}), "name"),
    ];
    for (path, body, field) in cases {
        let message = format!("String must contain at least 1 character(s) for \"{field}\"");
        let reply = world.post(path, &body).await;
        assert_eq!(reply.refusal(), (400, "invalid_input", message.as_str()), "{path}");
    }
}

#[tokio::test]
async fn whatever_is_said_to_name_something_has_to_fit() {
    let world = World::prepared().await;
    let cases = [
        (
            "/acs/users/get",
            json!({"acs_user_id": ACS_USER, "user_identity_id": IDENTITY}),
            None,
        ),
        (
            "/acs/users/get",
            json!({"acs_user_id": ACS_USER, "user_identity_id": UNKNOWN}),
            Some((404, "acs_user_not_found")),
        ),
        (
            "/acs/users/get",
            json!({"acs_user_id": ACS_USER, "acs_system_id": UNKNOWN}),
            Some((404, "acs_user_not_found")),
        ),
        (
            "/acs/users/get",
            json!({"acs_user_id": ACS_USER, "acs_system_id": 5}),
            Some((400, "invalid_input")),
        ),
        (
            "/user_identities/get",
            json!({"user_identity_id": IDENTITY, "user_identity_key": "another"}),
            Some((404, "user_identity_not_found")),
        ),
        (
            "/user_identities/get",
            json!({"user_identity_id": IDENTITY, "user_identity_key": {}}),
            Some((400, "invalid_input")),
        ),
    ];
    for (path, body, refusal) in cases {
        let reply = world.post(path, &body).await;
        match refusal {
            None => drop(reply.ok()),
            Some(refusal) => assert_eq!(reply.refused_as(), refusal, "{path} {body}"),
        }
    }
}
