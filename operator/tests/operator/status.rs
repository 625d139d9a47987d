//! `fobless status`.

use fobless::domain::{acs::AcsSystemKind, failure::FailureCode};
use serde_json::json;

use crate::{
    desk::Desk,
    person::{BEGIN, Person},
};

#[tokio::test]
async fn a_workspace_is_counted_by_state_and_reason_with_the_pools() {
    let desk = Desk::prepared("status").await;
    let person = Person::with_an_automation(&desk).await;
    let names = &person.names;
    let manager = names.system(names.manager, AcsSystemKind::HidOrigo, BEGIN);
    desk.store.insert(manager).await.unwrap();
    desk.store.insert(names.pool(0, BEGIN)).await.unwrap();
    for phone in 0..3 {
        person.has_phone(phone).await;
    }
    person.enrolling_failed(0, FailureCode::InvitationLimitReached).await;
    person.enrolling_failed(1, FailureCode::InvitationLimitReached).await;
    let workspace = person.workspace().to_string();
    let status = ["status", "--workspace", &workspace];
    let told = desk.json(&status).await;
    assert_eq!(told["user_identities"], 1);
    assert_eq!(told["phones"], json!({ "registered": 3 }));
    assert_eq!(told["enrollments"], json!({ "failed": 2 }));
    assert_eq!(told["failures"], json!({ "invitation_limit_reached": 2 }));
    assert_eq!(told["pools"][0]["display_name"], "Pool 0");
    let words = desk.text(&status).await;
    assert!(
        words.contains("invitation_limit_reached  2") && words.contains("not known"),
        "{words}"
    );
}
