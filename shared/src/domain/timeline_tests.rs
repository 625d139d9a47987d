//! What is told of a phone, and what is not.

use std::time::Duration;

use super::{
    effort::Effort,
    failure::{Failure, FailureCode},
    history::{Deed, Seen},
    phone_credential::PhoneCredentialState,
    scene::{NOW, Scene, at, child_id, device},
    timeline::{Subject, Timeline, timeline},
};

const LEASE: Duration = Duration::from_secs(90);

fn of(scene: &Scene) -> Timeline {
    timeline(&scene.aggregate, device("a"), NOW).unwrap()
}

fn failure() -> Failure {
    Failure {
        code: FailureCode::CredentialPoolExhausted,
        message: "The pool is empty.".to_owned(),
        at: at(21),
    }
}

/// Issued at the second attempt after a worker died at the first, then imported.
fn eventful() -> Scene {
    let mut scene = Scene::default()
        .running()
        .configured()
        .registered("a")
        .registered("b")
        .enrolled("a")
        .issued("a")
        .issued("b");
    scene.aggregate.automations[0]
        .record
        .ensure_user
        .claim(Deed::EnsureUser, at(1), LEASE);
    scene.aggregate.automations[0].record.ensure_user.succeed();
    let enrollment = &mut scene.aggregate.enrollments[0].record.effort;
    enrollment.claim(Deed::Invite, at(5), LEASE);
    enrollment.succeed();
    enrollment.see(Seen::Redeemed, at(900));
    let credential = &mut scene.aggregate.phone_credentials[0].record.effort;
    credential.claim(Deed::Issue, at(910), LEASE);
    credential.claim(Deed::Issue, at(911), LEASE);
    credential.fail(None, failure(), at(912));
    credential.claim(Deed::Issue, at(913), LEASE);
    credential.succeed();
    credential.claim(Deed::Import, at(914), LEASE);
    credential.succeed();
    scene
}

#[test]
fn everything_that_concerned_the_phone_is_told_oldest_first() {
    let told = of(&eventful());
    let steps: Vec<_> = told.events.iter().map(|event| (event.step, event.attempt, event.outcome)).collect();
    assert_eq!(
        steps,
        [
            ("heard_of", None, "known"),
            ("registered", None, "known"),
            ("launched", None, "known"),
            ("ensure_user", Some(1), "worked"),
            ("invite", Some(1), "worked"),
            ("enrolled", None, "seen"),
            ("issue", Some(1), "unanswered"),
            ("issue", Some(2), "failed"),
            ("issue", Some(3), "worked"),
            ("import", Some(4), "worked"),
            ("issued", None, "known"),
        ]
    );
    assert!(told.events.iter().all(|event| event.subject != Subject::Credential(child_id("b"))));
    assert!(told.events.iter().all(|event| !event.cause.is_empty()));
}

#[test]
fn a_failure_says_what_to_do_about_it() {
    let told = of(&eventful());
    let failed = told.events.iter().find(|event| event.outcome == "failed").unwrap();
    let message = failed.message.as_deref().unwrap();
    assert!(message.contains("The pool is empty."), "{message}");
    assert!(message.contains(FailureCode::CredentialPoolExhausted.advice()), "{message}");
}

#[test]
fn a_claim_that_is_held_is_under_way_and_one_that_was_left_is_unanswered() {
    let with = |claimed: i64| {
        let mut effort = Effort::default();
        effort.claim(Deed::Issue, at(claimed), LEASE);
        let scene = Scene::default().registered("a").child("a", PhoneCredentialState::Pending, effort);
        of(&scene).events.last().unwrap().outcome
    };
    assert_eq!((with(990), with(100)), ("under_way", "unanswered"));
}

#[test]
fn a_withdrawal_says_why_as_far_as_the_records_tell() {
    let withdrawn = |scene: Scene| {
        let mut effort = Effort::default();
        effort.claim(Deed::Withdraw, at(960), LEASE);
        let revoking = PhoneCredentialState::Revoking {
            remote_id: None,
            shown_by: None,
            is_off_phone: false,
            is_invalidated: false,
        };
        let scene = scene.child("a", revoking, effort);
        of(&scene).events.iter().find(|event| event.step == "withdraw").unwrap().cause
    };
    assert!(withdrawn(Scene::default().configured().deactivated("a")).starts_with("The phone was deactivated"));
    assert!(withdrawn(Scene::default().registered("a")).starts_with("The multi-phone sync credential was deleted"));
    assert!(withdrawn(Scene::default().configured().registered("a")).starts_with("The credential was not to be on the phone"));
}

#[test]
fn neither_codes_nor_card_numbers_are_told() {
    let scene = eventful().invited("a", "I9", at(2000));
    let told = format!("{:?}", of(&scene));
    assert!(!told.contains("AAAA-BBBB") && !told.contains("\"56\""), "{told}");
}

#[test]
fn an_unknown_phone_has_no_timeline() {
    assert_eq!(timeline(&eventful().aggregate, device("nobody's"), NOW), None);
}
