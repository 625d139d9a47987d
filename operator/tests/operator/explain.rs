//! `fobless explain`.

use fobless::domain::failure::FailureCode;
use serde_json::Value;

use crate::{
    desk::{Desk, ELSEWHERE},
    person::Person,
};

/// All that can have gone wrong.
const FAILURES: [FailureCode; 19] = [
    FailureCode::CredentialManagerUnavailable,
    FailureCode::CredentialManagerBusy,
    FailureCode::CredentialManagerMisconfigured,
    FailureCode::CredentialManagerUserConflict,
    FailureCode::CredentialManagerUserNotFound,
    FailureCode::CredentialManagerRefused,
    FailureCode::InvitationLimitReached,
    FailureCode::EndpointGone,
    FailureCode::EndpointNotIdentified,
    FailureCode::CredentialPoolExhausted,
    FailureCode::CredentialPoolNotFound,
    FailureCode::CredentialPoolMismatch,
    FailureCode::PhoneLimitReached,
    FailureCode::CredentialLimitReached,
    FailureCode::CredentialInvalidated,
    FailureCode::AccessControlUnavailable,
    FailureCode::AccessControlRefused,
    FailureCode::AccessControlMisconfigured,
    FailureCode::CredentialPoolOccupied,
];

impl Person<'_> {
    fn explanation(&self, phone: usize) -> [String; 4] {
        let (workspace, device) = (self.workspace().to_string(), self.names.device(phone).to_string());
        ["explain".to_owned(), "--workspace".to_owned(), workspace, device]
    }

    async fn explained(&self, phone: usize) -> String {
        self.desk.text(&self.explanation(phone).each_ref().map(String::as_str)).await
    }

    async fn explained_as_json(&self, phone: usize) -> Value {
        self.desk.json(&self.explanation(phone).each_ref().map(String::as_str)).await
    }
}

#[tokio::test]
async fn each_failure_is_explained_with_what_to_do_about_it() {
    let desk = Desk::prepared("explained").await;
    let person = Person::with_an_automation(&desk).await;
    for (phone, code) in FAILURES.into_iter().enumerate() {
        person.has_phone(phone).await;
        person.enrolling_failed(phone, code).await;
        let told = person.explained(phone).await;
        assert!(told.contains(code.advice()), "{code:?}: {told}");
        assert!(told.contains(&format!("what the far side said about {code:?}")), "{told}");
    }
}

#[tokio::test]
async fn programs_get_the_same() {
    let desk = Desk::prepared("explained-json").await;
    let person = Person::with_an_automation(&desk).await;
    person.has_phone(0).await;
    let told = person.explained_as_json(0).await;
    assert_eq!(told["device_id"], person.names.device(0).to_string());
    assert_eq!(told["events"][0]["subject"]["type"], "phone");
    assert!(!told["waiting_for"].as_array().unwrap().is_empty(), "{told}");
}

#[tokio::test]
async fn the_phone_of_another_workspace_is_not_explained() {
    let desk = Desk::prepared("unexplained").await;
    let person = Person::with_an_automation(&desk).await;
    person.has_phone(0).await;
    let device = person.names.device(0).to_string();
    let output = desk.run(&["explain", "--workspace", ELSEWHERE, &device]).await;
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, format!("error: there is no phone {device} in this workspace\n"));
}
