//! What a phone waits for, state by state.

use super::{
    effort::Effort,
    enrollment::{EnrollmentState, Renewal},
    failure::{Failure, FailureCode},
    history::Deed,
    ids::{EndpointId, InvitationId, RemoteCredentialId},
    phone_credential::PhoneCredentialState,
    retry::LEASE,
    scene::{NOW, Scene, at, device},
    secret::Secret,
    time::Timestamp,
    timeline::timeline,
};

fn waits(scene: &Scene) -> String {
    timeline(&scene.aggregate, device("a"), NOW).unwrap().waiting_for.join(" ")
}

fn failed(code: FailureCode, not_before: Timestamp) -> Effort {
    let message = "It did not work.".to_owned();
    let mut effort = Effort::default();
    effort.fail(
        None,
        Failure {
            code,
            message,
            at: at(990),
        },
        not_before,
    );
    effort
}

fn person() -> Scene {
    Scene::default().running().configured().registered("a")
}

fn with(scene: Scene, state: PhoneCredentialState) -> Scene {
    scene.enrolled("a").child("a", state, Effort::default())
}

fn revoking(is_off_phone: bool) -> PhoneCredentialState {
    PhoneCredentialState::Revoking {
        remote_id: None,
        shown_by: None,
        is_off_phone,
        is_invalidated: false,
    }
}

fn importing() -> PhoneCredentialState {
    PhoneCredentialState::Importing {
        remote_id: RemoteCredentialId::new("1"),
        card_number: "56".to_owned(),
        since: at(970),
    }
}

#[test]
fn each_state_says_what_comes_next() {
    let none = Effort::default;
    let ending = || EnrollmentState::Deactivating {
        endpoint_id: None,
        invitation_id: None,
    };
    let over = EnrollmentState::Deactivated { at: at(900) };
    let gone = || Scene::default().running().configured().deactivated("a");
    let unknown = Scene::default()
        .automation(|automation| automation.remote_user_id = None)
        .registered("a");
    let cases = [
        (
            Scene::default().registered("a"),
            "No enrollment automation is running for the person: launch one.",
        ),
        (
            unknown,
            "The credential manager has to know the person before the phone is invited. It is due now.",
        ),
        (person(), "The credential manager has to invite the phone. It is due now."),
        (
            person().enrollment("a", EnrollmentState::Pending, none()),
            "has to invite the phone",
        ),
        (person().enrollment("a", over.clone(), none()), "has to invite the phone"),
        (
            person().invited("a", "I", at(2000)),
            "the code works until 1970-01-02T03:46:40.000Z.",
        ),
        (person().enrollment("a", ending(), none()), "former enrollment has to end before"),
        (person().enrolled("a"), "has to be issued. It is due now."),
        (with(person(), PhoneCredentialState::Pending), "has to be issued. It is due now."),
        (with(person(), PhoneCredentialState::Failed), "has to be issued. It is due now."),
        (
            with(person(), revoking(false)),
            "has to be taken away completely before it is issued again",
        ),
        (
            with(person(), importing()),
            "opens no door until the access control system has its number",
        ),
        (
            person().enrolled("a").issuing("a", at(2000)),
            "since 1970-01-01T00:15:50.000Z; the app has to be opened",
        ),
        (person().enrolled("a").issued("a"), "Nothing: the phone holds 1 credential."),
        (
            gone().enrolled("a").issued("a"),
            "has to be taken away: first its number from the access control system",
        ),
        (
            with(gone(), revoking(true)),
            "is off the phone; the access control system must still lose its number.",
        ),
        (
            gone().enrollment("a", ending(), none()),
            "enrollment has to end, after its credentials are gone. It is due now.",
        ),
        (
            gone().enrollment("a", over, none()),
            "Nothing: the phone holds no credentials, and is to hold none.",
        ),
    ];
    for (scene, sentence) in cases {
        let told = waits(&scene);
        assert!(told.contains(sentence), "{sentence:?} is not in {told:?}");
    }
}

#[test]
fn a_phone_without_a_credential_in_force_says_why() {
    let enrolled = || Scene::default().running().registered("a").enrolled("a");
    let cases = [
        (enrolled(), "the person has none; create one."),
        (
            enrolled().parent(|parent| parent.starts_at = Some(at(5000))),
            "comes into force at 1970-01-01T01:23:20.000Z.",
        ),
        (
            enrolled().parent(|parent| parent.ends_at = Some(at(1))),
            "ended at 1970-01-01T00:00:01.000Z; give it a later end.",
        ),
        (
            enrolled().parent(|parent| parent.acs_user_id = None),
            "is assigned to no ACS user; assign it.",
        ),
        (
            enrolled().acs_user(|user| user.suspended_at = Some(at(1))).configured(),
            "unsuspend the user.",
        ),
    ];
    for (scene, sentence) in cases {
        let told = waits(&scene);
        assert!(
            told.contains("No multi-phone sync credential is in force: ") && told.contains(sentence),
            "{told:?}"
        );
    }
}

#[test]
fn a_failure_says_when_it_is_tried_again_and_what_to_do() {
    let parked = failed(FailureCode::PhoneLimitReached, Timestamp::MAX);
    let told = waits(&person().enrollment("a", EnrollmentState::Failed, parked));
    assert!(told.contains("not tried again before somebody acts"), "{told}");
    assert!(told.contains(FailureCode::PhoneLimitReached.advice()), "{told}");
    let waiting = failed(FailureCode::CredentialManagerRefused, at(1060));
    let told = waits(&person().enrolled("a").child("a", PhoneCredentialState::Failed, waiting));
    assert!(
        told.contains("It is tried again at 1970-01-01T00:17:40.000Z. It failed at 1970-01-01T00:16:30.000Z: It did not work."),
        "{told}"
    );
}

#[test]
fn a_phone_that_registered_anew_may_have_to_redeem_its_new_code() {
    let mut scene = person().enrolled("a").issued("a");
    scene.aggregate.enrollments[0].record.renewal = Some(Renewal {
        invitation_id: InvitationId::new("2"),
        invitation_code: Secret::new("AAAA-BBBB-CCCC-DDDD"),
        invited_at: at(980),
        expires_at: at(5000),
        next_read_at: at(1010),
        hints_before: 0,
    });
    let told = waits(&scene);
    assert!(
        told.contains("which works until 1970-01-01T01:23:20.000Z") && !told.contains("AAAA"),
        "{told}"
    );
}

#[test]
fn a_credential_that_nobody_wishes_any_more_is_to_go() {
    let scene = Scene::default()
        .running()
        .parent(|parent| parent.ends_at = Some(at(999)))
        .registered("a")
        .enrolled("a")
        .issued("a");
    assert!(waits(&scene).contains("has to be taken away"), "{}", waits(&scene));
}

#[test]
fn an_endpoint_that_the_phone_had_before_is_to_go_and_what_was_tried_is_told() {
    let mut scene = person().enrolled("a").issued("a");
    let enrollment = &mut scene.aggregate.enrollments[0].record;
    enrollment.abandoned_endpoints.push(EndpointId::new("E-former"));
    enrollment.removal = failed(FailureCode::CredentialManagerUnavailable, at(5_000));
    let told = waits(&scene);
    assert!(
        told.starts_with("An endpoint that the phone had before has to be removed"),
        "{told}"
    );
    assert!(
        told.contains("It is tried again at 1970-01-01T01:23:20.000Z. It failed at"),
        "{told}"
    );
    scene.aggregate.enrollments[0]
        .record
        .removal
        .claim(Deed::RemoveEndpoint, at(995), LEASE);
    let events = timeline(&scene.aggregate, device("a"), NOW).unwrap().events;
    assert!(events.iter().any(|event| event.step == "remove_endpoint"), "{events:?}");
}
