//! What the API tells of a phone's past, and of what it waits for.

use std::time::Duration;

use fobless::domain::{
    failure::{Failure, FailureCode},
    history::Deed,
    phone::{Phone, Presence},
};
use serde_json::{Value, json};

use crate::{
    harness::World,
    records::{self, CODE, IDENTITY, UNKNOWN},
};

const LEASE: Duration = Duration::from_secs(90);

async fn told(world: &World, phone: &Phone) -> Value {
    let body = world.get(&format!("/phones/timeline?device_id={}", phone.device_id)).await.ok();
    assert!(!body.to_string().contains(CODE), "{body}");
    body["phone_timeline"].clone()
}

#[tokio::test]
async fn a_phone_tells_what_was_tried_and_what_it_waits_for() {
    let world = World::prepared().await;
    let automation = world.launch().await;
    let phone = records::phone("iphone");
    world.put(phone.clone()).await;
    let mut enrollment = records::enrollment(&phone, &automation, records::invited());
    let failure = Failure {
        code: FailureCode::CredentialManagerUnavailable,
        message: "It answered 500.".to_owned(),
        at: records::at(21),
    };
    enrollment.effort.claim(Deed::Invite, records::at(20), LEASE);
    enrollment.effort.fail(None, failure, records::at(25));
    enrollment.effort.claim(Deed::Invite, records::at(25), LEASE);
    enrollment.effort.succeed();
    world.put(enrollment).await;

    let told = told(&world, &phone).await;
    assert_eq!(told["user_identity_id"], IDENTITY);
    let events = told["events"].as_array().unwrap();
    let tries: Vec<&Value> = events.iter().filter(|event| event["step"] == "invite").collect();
    let advice = FailureCode::CredentialManagerUnavailable.advice();
    let subject = json!({"type": "enrollment", "enrollment_automation_id": automation});
    let cause = "The phone was registered, and an enrollment automation runs for the person";
    assert_eq!(
        tries,
        [
            &json!({
                "at": records::at(20).to_string(), "subject": subject, "step": "invite", "cause": cause, "attempt": 1, "outcome": "failed",
                "message": format!("It answered 500. (credential_manager_unavailable) {advice}")
            }),
            &json!({
                "at": records::at(25).to_string(), "subject": subject, "step": "invite", "cause": cause, "attempt": 2, "outcome": "worked"
            })
        ]
    );
    let expires_at = records::at(3600);
    let sentence = format!("The phone has to redeem its invitation code; the code works until {expires_at}.");
    assert_eq!(told["waiting_for"], json!([sentence]));
}

#[tokio::test]
async fn a_phone_out_of_use_and_one_whose_person_is_gone_are_still_explained() {
    let world = World::prepared().await;
    let phone = Phone {
        presence: Presence::Deactivated,
        ..records::phone("lost")
    };
    world.put(phone.clone()).await;
    let nothing = json!(["Nothing: the phone holds no credentials, and is to hold none."]);
    assert_eq!(told(&world, &phone).await["waiting_for"], nothing);
    let identity = records::owner().identity();
    world
        .change::<fobless::domain::user_identity::UserIdentity>(identity, |person| person.deletion = Some(records::gone()))
        .await;
    assert_eq!(told(&world, &phone).await["waiting_for"], nothing);
}

#[tokio::test]
async fn it_is_asked_by_query_or_by_body_and_of_known_phones_only() {
    let world = World::prepared().await;
    let phone = records::phone("iphone");
    world.put(phone.clone()).await;
    let body = world.post("/phones/timeline", &json!({"device_id": phone.device_id})).await.ok();
    assert_eq!(body["phone_timeline"], told(&world, &phone).await);
    let reply = world.get(&format!("/phones/timeline?device_id={UNKNOWN}")).await;
    assert_eq!(reply.refused_as(), (404, "phone_not_found"));
    assert_eq!(world.get("/phones/timeline").await.refused_as(), (400, "invalid_input"));
}
