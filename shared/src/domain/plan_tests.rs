//! The rules, one sentence each.

use super::{
    effort::Effort,
    enrollment::EnrollmentState,
    failure::{Failure, FailureCode},
    ids::RemoteCredentialId,
    phone::Presence,
    phone_credential::PhoneCredentialState,
    plan::Step,
    scene::{MANAGER, NOW, PARENT, Scene, at, automation_id, child_id, device},
    time::Timestamp,
};

pub(super) fn invite(name: &str) -> Step {
    Step::Invite {
        automation: automation_id(),
        device: device(name),
    }
}

fn issue(name: &str) -> Step {
    Step::Issue {
        automation: automation_id(),
        device: device(name),
        parent: PARENT,
    }
}

fn withdraw(name: &str) -> Step {
    Step::Withdraw {
        credential: child_id(name),
    }
}

pub(super) fn end(name: &str) -> Step {
    Step::EndEnrollment {
        automation: automation_id(),
        device: device(name),
    }
}

pub(super) fn read() -> Step {
    Step::Read {
        automation: automation_id(),
    }
}

fn leased() -> Effort {
    Effort {
        attempt: 1,
        lease_until: Some(at(1_050)),
        ..Effort::default()
    }
}

#[test]
fn nothing_is_to_be_done_about_a_person_without_wishes() {
    assert_eq!(Scene::default().plan(), []);
    assert_eq!(Scene::default().registered("a").configured().plan(), []);
    assert_eq!(Scene::default().running().configured().plan(), []);
}

#[test]
fn the_person_is_made_known_first_with_or_without_phones() {
    let ensure = Step::EnsureUser {
        automation: automation_id(),
    };
    let unknown = || Scene::default().automation(|automation| automation.remote_user_id = None);
    assert_eq!(unknown().plan(), std::slice::from_ref(&ensure));
    assert_eq!(unknown().registered("a").plan(), [ensure]);
}

#[test]
fn each_registered_phone_is_invited_once() {
    let scene = Scene::default()
        .running()
        .registered("a")
        .registered("b")
        .invited("a", "I-a", at(2_000));
    assert_eq!(scene.plan(), [invite("b")]);
}

#[test]
fn an_invitation_that_somebody_is_asking_for_is_not_asked_for_again() {
    let scene = Scene::default()
        .running()
        .registered("a")
        .enrollment("a", EnrollmentState::Pending, leased());
    assert_eq!(scene.plan(), []);
    let expired = Effort {
        lease_until: Some(NOW),
        ..leased()
    };
    let scene = Scene::default()
        .running()
        .registered("a")
        .enrollment("a", EnrollmentState::Pending, expired);
    assert_eq!(scene.plan(), [invite("a")]);
}

#[test]
fn a_deleted_automation_invites_nobody_but_still_serves_the_phones_that_it_enrolled() {
    let deleted = || {
        Scene::default()
            .automation(|automation| automation.deleted_at = Some(at(5)))
            .configured()
    };
    assert_eq!(deleted().registered("a").plan(), []);
    assert_eq!(deleted().registered("a").enrolled("a").plan(), [issue("a")]);
    assert_eq!(deleted().registered("a").enrolled("a").issued("a").plan(), []);
}

#[test]
fn an_enrolled_phone_gets_the_credential_whichever_came_first() {
    assert_eq!(Scene::default().running().registered("a").enrolled("a").plan(), []);
    assert_eq!(
        Scene::default().running().registered("a").enrolled("a").configured().plan(),
        [issue("a")]
    );
}

#[test]
fn a_phone_that_has_its_credential_or_soon_will_gets_no_second_one() {
    let scene = || Scene::default().running().configured().registered("a").enrolled("a");
    assert_eq!(scene().issued("a").plan(), []);
    assert_eq!(scene().issuing("a", at(2_000)).plan(), []);
    assert_eq!(scene().child("a", PhoneCredentialState::Pending, leased()).plan(), []);
    assert_eq!(
        scene().child("a", PhoneCredentialState::Pending, Effort::default()).plan(),
        [issue("a")]
    );
    assert_eq!(
        scene().child("a", PhoneCredentialState::Failed, Effort::default()).plan(),
        [issue("a")]
    );
}

#[test]
fn a_parent_of_another_credential_manager_is_not_issued_here() {
    let scene = Scene::default().running().registered("a").enrolled("a");
    let other = super::ids::AcsSystemId::new(uuid::Uuid::from_u128(99));
    assert_eq!(
        scene
            .clone()
            .parent(|parent| parent.credential_manager_acs_system_id = Some(other))
            .plan(),
        []
    );
    assert_eq!(
        scene
            .parent(|parent| parent.credential_manager_acs_system_id = Some(MANAGER))
            .plan(),
        [issue("a")]
    );
}

#[test]
fn a_parent_is_issued_from_its_start_to_its_end_and_withdrawn_after() {
    let scene = Scene::default().running().registered("a").enrolled("a");
    assert_eq!(scene.clone().parent(|parent| parent.starts_at = Some(at(1_001))).plan(), []);
    assert_eq!(scene.clone().parent(|parent| parent.starts_at = Some(NOW)).plan(), [issue("a")]);
    assert_eq!(scene.clone().parent(|parent| parent.ends_at = Some(NOW)).plan(), []);
    assert_eq!(
        scene.issued("a").parent(|parent| parent.ends_at = Some(NOW)).plan(),
        [withdraw("a")]
    );
}

#[test]
fn the_alarm_clock_of_a_parent_is_set_on_once_it_has_rung() {
    let scene = Scene::default().parent(|parent| parent.next_change_at = Some(NOW));
    assert_eq!(scene.plan(), [Step::PassChange { parent: PARENT }]);
    assert_eq!(Scene::default().parent(|parent| parent.next_change_at = Some(at(1_001))).plan(), []);
}

#[test]
fn a_lost_phone_loses_its_credential_first_and_its_enrollment_then() {
    let scene = || {
        Scene::default()
            .running()
            .configured()
            .deactivated("a")
            .registered("b")
            .enrolled("b")
            .issued("b")
    };
    assert_eq!(scene().enrolled("a").issued("a").plan(), [withdraw("a")]);
    let revoked = PhoneCredentialState::Revoked {
        at: at(999),
        remote_id: None,
    };
    assert_eq!(
        scene().enrolled("a").child("a", revoked.clone(), Effort::default()).plan(),
        [end("a")]
    );
    let over = EnrollmentState::Deactivated { at: at(999) };
    assert_eq!(
        scene()
            .enrollment("a", over, Effort::default())
            .child("a", revoked, Effort::default())
            .plan(),
        []
    );
}

#[test]
fn a_lost_phone_that_was_only_invited_loses_its_invitation() {
    let scene = Scene::default()
        .running()
        .configured()
        .deactivated("a")
        .invited("a", "I-a", at(2_000));
    assert_eq!(scene.plan(), [end("a")]);
}

#[test]
fn a_phone_that_comes_back_is_invited_again() {
    let over = EnrollmentState::Deactivated { at: at(999) };
    let scene = Scene::default().running().registered("a").enrollment("a", over, Effort::default());
    assert_eq!(scene.plan(), [invite("a")]);
}

#[test]
fn a_revocation_under_way_is_finished_and_not_issued_beside() {
    let revoking = PhoneCredentialState::Revoking {
        remote_id: Some(RemoteCredentialId::new("9")),
        shown_by: None,
        is_off_phone: false,
        is_invalidated: false,
    };
    let scene = Scene::default().running().configured().deactivated("a").enrolled("a");
    assert_eq!(scene.child("a", revoking.clone(), Effort::default()).plan(), [withdraw("a")]);
    let back = Scene::default().running().configured().registered("a").enrolled("a");
    assert_eq!(back.clone().child("a", revoking.clone(), leased()).plan(), []);
    assert_eq!(back.child("a", revoking, Effort::default()).plan(), [withdraw("a")]);
}

#[test]
fn a_deactivation_under_way_is_finished_before_a_phone_that_came_back_is_invited_again() {
    let deactivating = || EnrollmentState::Deactivating {
        endpoint_id: None,
        invitation_id: None,
    };
    let scene = || Scene::default().running().registered("a");
    assert_eq!(scene().enrollment("a", deactivating(), Effort::default()).plan(), [end("a")]);
    assert_eq!(scene().enrollment("a", deactivating(), leased()).plan(), []);
}

#[test]
fn of_two_phones_with_one_invitation_the_younger_asks_for_its_own() {
    let scene = Scene::default().running().registered("a").registered("b");
    let scene = scene.invited("a", "I-same", at(2_000)).invited("b", "I-same", at(2_000));
    assert_eq!(scene.plan(), [invite("b")]);
}

#[test]
fn taking_away_goes_before_giving_and_giving_before_letting_in() {
    let scene = Scene::default().running().configured();
    let scene = scene
        .registered("new")
        .deactivated("lost")
        .enrolled("lost")
        .issued("lost")
        .registered("b")
        .enrolled("b");
    assert_eq!(scene.plan(), [withdraw("lost"), issue("b"), invite("new")]);
}

#[test]
fn taking_away_does_not_wait_for_the_next_try_of_giving() {
    let waiting = Effort {
        attempt: 1,
        not_before: Some(at(9_000)),
        unknown_since: Some(at(900)),
        ..Effort::default()
    };
    let scene = Scene::default().running().configured().deactivated("a").enrolled("a");
    assert_eq!(
        scene.clone().child("a", PhoneCredentialState::Pending, waiting.clone()).plan(),
        [withdraw("a")]
    );
    assert_eq!(
        scene.clone().child("a", PhoneCredentialState::Failed, waiting.clone()).plan(),
        [withdraw("a")]
    );
    let revoking = PhoneCredentialState::Revoking {
        remote_id: None,
        shown_by: None,
        is_off_phone: false,
        is_invalidated: false,
    };
    assert_eq!(
        scene.child("a", revoking, waiting.clone()).plan(),
        [],
        "its own next try it does wait for"
    );
    let invited = Scene::default()
        .running()
        .deactivated("a")
        .enrollment("a", EnrollmentState::Failed, waiting);
    assert_eq!(invited.plan(), [end("a")]);
}

#[test]
fn a_phone_that_was_given_up_is_invited_again_when_it_registers_anew() {
    let failure = Failure {
        code: FailureCode::InvitationLimitReached,
        message: String::new(),
        at: at(900),
    };
    let effort = Effort {
        last_failure: Some(failure),
        not_before: Some(Timestamp::MAX),
        ..Effort::default()
    };
    let given_up = |answered: i64| {
        let mut scene = Scene::default()
            .running()
            .registered("a")
            .enrollment("a", EnrollmentState::Failed, effort.clone());
        scene.aggregate.enrollments[0].record.answered_registration = Some(at(answered));
        scene
    };
    assert_eq!(given_up(0).plan(), [], "the phone's registration is the one that was answered");
    assert_eq!(given_up(-1).plan(), [invite("a")]);
}

#[test]
fn a_lost_phone_is_not_told_of_while_it_holds_anything() {
    let losing = |state: PhoneCredentialState| {
        let mut scene = Scene::default().running().configured().deactivated("a");
        scene.aggregate.phones[0].record.told = Some(Presence::Registered);
        scene
            .enrollment("a", EnrollmentState::Deactivated { at: at(990) }, Effort::default())
            .child("a", state, Effort::default())
            .plan()
    };
    let revoking = PhoneCredentialState::Revoking {
        remote_id: None,
        shown_by: None,
        is_off_phone: false,
        is_invalidated: false,
    };
    assert_eq!(losing(revoking), [Step::Withdraw { credential: child_id("a") }]);
    let revoked = PhoneCredentialState::Revoked {
        at: at(990),
        remote_id: None,
    };
    assert_eq!(
        losing(revoked),
        [Step::Announce {
            device: device("a"),
            told: Some(Presence::Deactivated)
        }]
    );
}
