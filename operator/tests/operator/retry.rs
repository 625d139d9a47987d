//! `fobless retry` and `fobless audit`.

use fobless::{
    domain::{aggregate::Aggregate, failure::FailureCode},
    store::PartitionOwner,
};

use crate::{
    desk::{Desk, ELSEWHERE},
    person::{BEGIN, Person},
};

/// Two phones that failed for different reasons, and wait for years.
async fn two_failures(desk: &Desk) -> Person<'_> {
    let person = Person::with_an_automation(desk).await;
    for (phone, code) in [
        (0, FailureCode::CredentialManagerMisconfigured),
        (1, FailureCode::InvitationLimitReached),
    ] {
        person.has_phone(phone).await;
        person.enrolling_failed(phone, code).await;
    }
    person
}

async fn load(desk: &Desk, owner: PartitionOwner) -> Aggregate {
    desk.store.load(owner).await.unwrap()
}

/// Which of the two phones' enrollments may be tried now.
fn ready(person: &Person<'_>, aggregate: &Aggregate) -> [bool; 2] {
    let now = fobless::clock::Clock::system().now();
    [0, 1].map(|phone| {
        let id = person.names.automation_id();
        let found = aggregate.enrollment(id, person.names.device(phone)).unwrap();
        found.record.effort.is_ready(now)
    })
}

#[tokio::test]
async fn what_failed_for_a_reason_is_tried_now_and_the_rest_goes_on_waiting() {
    let desk = Desk::prepared("retry-reason").await;
    let person = two_failures(&desk).await;
    let workspace = person.workspace().to_string();
    assert_eq!(ready(&person, &load(&desk, person.names.owner).await), [false, false]);
    let retry = ["retry", "--workspace", &workspace, "--failed", "credential_manager_misconfigured"];
    assert_eq!(desk.json(&retry).await["hastened"], 1);
    assert_eq!(ready(&person, &load(&desk, person.names.owner).await), [true, false]);
    assert_eq!(desk.json(&retry).await["hastened"], 0, "twice");
}

#[tokio::test]
async fn what_failed_for_a_phone_is_tried_now() {
    let desk = Desk::prepared("retry-phone").await;
    let person = two_failures(&desk).await;
    let (workspace, phone) = (person.workspace().to_string(), person.names.device(1).to_string());
    let said = desk.text(&["retry", "--workspace", &workspace, &phone]).await;
    assert!(said.contains("one thing is tried now"), "{said}");
    assert_eq!(ready(&person, &load(&desk, person.names.owner).await), [false, true]);
}

#[tokio::test]
async fn a_retry_names_what_it_is_about() {
    let desk = Desk::prepared("retry-wrong").await;
    for (arguments, complaint) in [
        (vec!["retry", "--workspace", ELSEWHERE], "required"),
        (
            vec!["retry", "--workspace", ELSEWHERE, "--failed", "bad_luck"],
            "there is no such reason",
        ),
        (vec!["retry", "--workspace", ELSEWHERE, ELSEWHERE], "there is no phone"),
    ] {
        let output = desk.run(&arguments).await;
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains(complaint), "{said}");
    }
}

#[tokio::test]
async fn an_audit_brings_the_daily_review_forward() {
    let desk = Desk::prepared("audit").await;
    let person = Person::with_an_automation(&desk).await;
    let names = &person.names;
    let seen = desk.store.load(names.owner).await.unwrap().automations.remove(0);
    desk.store
        .amend(seen, |automation| {
            automation.review_at = BEGIN.plus(std::time::Duration::from_hours(1_000_000));
            true
        })
        .await
        .unwrap();
    let (workspace, user) = (person.workspace().to_string(), names.owner.user_identity_id.to_string());
    let audit = ["audit", "--workspace", &workspace, &user];
    assert_eq!(desk.json(&audit).await["audits"], 1);
    let now = fobless::clock::Clock::system().now();
    assert!(load(&desk, names.owner).await.automations[0].record.review_at <= now);
    assert_eq!(desk.json(&audit).await["audits"], 0, "it is under way");
    let output = desk.run(&["audit", "--workspace", &workspace, ELSEWHERE]).await;
    assert!(!output.status.success());
}
