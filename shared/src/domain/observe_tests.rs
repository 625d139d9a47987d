//! What a read means, one sentence each.

use super::{
    audit::Drift,
    enrollment::EnrollmentState,
    failure::FailureCode,
    ids::{EndpointId, InvitationId},
    observe::{INVITATION_LIMIT, Observation, observe},
    phone_credential::PhoneCredentialState,
    remote_user::{InvitationState, RemoteCredentialState, RemoteUser},
    scene::{NOW, Scene, at, endpoint, view},
    time::Timestamp,
};

use InvitationState::{Closed, Open, Redeemed};
use RemoteCredentialState::{Issued, Issuing, Revoked};

pub(super) fn seen_with(scene: &Scene, named: &[(&str, &str)], view: &RemoteUser, now: Timestamp) -> Observation {
    let named: Vec<_> = named
        .iter()
        .map(|(endpoint, invitation)| (EndpointId::new(*endpoint), InvitationId::new(*invitation)))
        .collect();
    observe(&scene.aggregate, &scene.aggregate.automations[0].record, &named, view, now)
}

pub(super) fn seen(scene: &Scene, view: &RemoteUser) -> Observation {
    seen_with(scene, &[], view, NOW)
}

pub(super) fn two_invited() -> Scene {
    Scene::default()
        .running()
        .registered("a")
        .registered("b")
        .invited("a", "I1", NOW)
        .invited("b", "I2", NOW)
}

fn one_issuing() -> Scene {
    Scene::default()
        .running()
        .configured()
        .registered("a")
        .enrolled("a")
        .issuing("a", NOW)
}

#[test]
fn a_closed_or_expired_invitation_is_replaced() {
    let scene = Scene::default().running().registered("a").invited("a", "I1", NOW);
    let closed = seen(&scene, &view(&[("I1", Closed)], vec![]));
    assert_eq!(closed.enrollments[0].state, EnrollmentState::Pending);
    let after_its_end = |second| {
        seen_with(&scene, &[], &view(&[("I1", Open)], vec![]), at(second)).enrollments[0]
            .state
            .clone()
    };
    assert_eq!(after_its_end(100_300), EnrollmentState::Pending);
    let EnrollmentState::Invited { next_read_at, .. } = after_its_end(100_000) else {
        panic!("the far side's clock decides, for a while");
    };
    assert_eq!(next_read_at, at(100_300));
    let EnrollmentState::Invited { next_read_at, .. } = after_its_end(99_990) else {
        panic!("it can still be redeemed");
    };
    assert_eq!(next_read_at, at(100_000), "looked at when it ends, and not only some time after");
}

#[test]
fn a_phone_that_never_redeems_gets_no_invitations_without_end() {
    let mut scene = Scene::default().running().registered("a").invited("a", "I1", NOW);
    scene.aggregate.enrollments[0].record.invitations = INVITATION_LIMIT;
    let observation = seen(&scene, &view(&[("I1", Closed)], vec![]));
    let enrollment = &observation.enrollments[0];
    assert_eq!(enrollment.state, EnrollmentState::Failed);
    assert_eq!(
        enrollment.effort.last_failure.as_ref().map(|failure| failure.code),
        Some(FailureCode::InvitationLimitReached)
    );
}

#[test]
fn an_open_invitation_is_looked_at_again_soon_while_it_is_fresh() {
    let scene = Scene::default().running().registered("a").invited("a", "I1", NOW);
    let EnrollmentState::Invited { next_read_at, .. } = seen(&scene, &view(&[("I1", Open)], vec![])).enrollments[0].state else {
        panic!("it still waits");
    };
    assert!(next_read_at > NOW && next_read_at <= at(1_030));
}

fn child_after(state: RemoteCredentialState, number: Option<&str>) -> PhoneCredentialState {
    let scene = one_issuing();
    let observation = seen(&scene, &view(&[], vec![endpoint("E-a", &[("C-a", state, number)])]));
    observation.phone_credentials[0].state.clone()
}

#[test]
fn a_credential_is_imported_once_the_phone_has_it_and_its_number_is_known() {
    assert!(matches!(child_after(Issued, Some("56")), PhoneCredentialState::Importing { card_number, .. } if card_number == "56"));
    assert!(matches!(child_after(Issued, None), PhoneCredentialState::Issuing { .. }));
    assert!(matches!(
        child_after(Issuing, Some("56")),
        PhoneCredentialState::Issuing { card_number: Some(_), .. }
    ));
}

#[test]
fn a_credential_that_was_revoked_on_the_way_is_issued_again_later() {
    assert_eq!(child_after(Revoked, None), PhoneCredentialState::Pending);
}

#[test]
fn a_credential_that_vanished_on_the_way_is_looked_for_once_more_before_another_is_issued() {
    let scene = one_issuing();
    let shown = view(&[], vec![endpoint("E-a", &[])]);
    let soon = seen(&scene, &shown);
    assert!(matches!(soon.phone_credentials[0].state, PhoneCredentialState::Issuing { .. }));
    let later = seen_with(&scene, &[], &shown, at(950 + 600));
    let child = &later.phone_credentials[0];
    assert_eq!(child.state, PhoneCredentialState::Pending);
    assert!(child.effort.must_read_back());
}

#[test]
fn a_credential_on_its_way_to_an_endpoint_that_is_not_shown_keeps_its_name_and_everything_is_compared() {
    let scene = one_issuing();
    assert!(!seen(&scene, &view(&[], vec![])).has_lost_endpoint, "it may be shown yet");
    let later = seen_with(&scene, &[], &view(&[], vec![]), at(950 + 600));
    assert!(later.has_lost_endpoint);
    assert!(matches!(later.phone_credentials[0].state, PhoneCredentialState::Issuing { .. }));
}

#[test]
fn an_endpoint_that_was_believed_is_marked_until_it_is_shown_also_after_it_was_left() {
    let believed = |scene: Scene| {
        let mut scene = scene;
        scene.aggregate.enrollments[0]
            .record
            .believed_endpoints
            .insert(EndpointId::new("E-a"));
        scene
    };
    let resting = believed(Scene::default().running().registered("a").enrolled("a"));
    let shown = seen(&resting, &view(&[], vec![endpoint("E-a", &[])]));
    assert!(shown.enrollments[0].believed_endpoints.is_empty());
    assert!(seen(&resting, &view(&[], vec![])).enrollments.is_empty());
    let renewed = || believed(Scene::default().running().registered("a").enrolled("a").renewed("I2"));
    let redeemed = |endpoints| seen(&renewed(), &view(&[("I-a", Redeemed), ("I2", Redeemed)], endpoints)).enrollments[0].clone();
    let of_somebody_else = redeemed(vec![endpoint("E2", &[])]);
    assert_eq!(of_somebody_else.endpoint_id(), Some(&EndpointId::new("E2")));
    let of_its_own = redeemed(vec![endpoint("E-a", &[]), endpoint("E2", &[])]);
    for (left, is_believed) in [(of_somebody_else, true), (of_its_own, false)] {
        assert_eq!(left.abandoned_endpoints, [EndpointId::new("E-a")]);
        assert_eq!(left.merely_believes(&EndpointId::new("E-a")), is_believed);
    }
}

#[test]
fn what_an_audit_finds_of_one_phone_leaves_what_was_seen_of_another() {
    let scene = ["a", "b"].iter().fold(Scene::default().running().configured(), |scene, name| {
        scene.registered(name).enrolled(name).issued(name)
    });
    let enrollments: Vec<_> = scene.aggregate.enrollments.iter().map(|found| found.record.clone()).collect();
    let children: Vec<_> = scene.aggregate.phone_credentials.iter().map(|found| found.record.clone()).collect();
    let mut observation = Observation {
        enrollments: enrollments.clone(),
        phone_credentials: children.clone(),
        has_open_pairings: false,
        has_lost_endpoint: false,
    };
    let (mut enrollment, mut child) = (enrollments[0].clone(), children[0].clone());
    enrollment.invitations = 7;
    child.allocations = 7;
    observation.overlay(Drift {
        enrollments: vec![enrollment.clone()],
        phone_credentials: vec![child.clone()],
    });
    assert_eq!(observation.enrollments, [enrollments[1].clone(), enrollment]);
    assert_eq!(observation.phone_credentials, [children[1].clone(), child]);
    let applied = observation.applied_to(&scene.aggregate);
    assert_eq!(applied.enrollments.len(), 2);
    assert!(applied.enrollments.iter().any(|found| found.record.invitations == 7));
    assert!(applied.phone_credentials.iter().any(|found| found.record.allocations == 7));
}

#[test]
fn an_invitation_is_open_since_it_was_made() {
    let invited = two_invited();
    assert_eq!(invited.aggregate.enrollments[0].record.open_since(), Some(at(900)));
    let enrolled = Scene::default().running().registered("a").enrolled("a");
    assert_eq!(enrolled.aggregate.enrollments[0].record.open_since(), None);
    let renewed = Scene::default().running().registered("a").enrolled("a").renewed("I2");
    assert_eq!(renewed.aggregate.enrollments[0].record.open_since(), Some(at(950)));
}

#[test]
fn a_new_code_that_was_redeemed_by_nobody_knows_whom_leaves_a_pairing_open() {
    let scene = Scene::default().running().registered("a").enrolled("a").renewed("I2");
    let redeemed = seen(&scene, &view(&[("I2", Redeemed)], vec![]));
    assert!(redeemed.has_open_pairings);
    let open = seen(&scene, &view(&[("I2", Open)], vec![]));
    assert!(!open.has_open_pairings);
}

#[test]
fn a_new_code_that_nobody_redeemed_in_its_time_is_given_up() {
    let scene = Scene::default().running().registered("a").enrolled("a").renewed("I2");
    let is_kept = |second| {
        let kept = |invitations| {
            let seen = seen_with(&scene, &[], &view(invitations, vec![endpoint("E-a", &[])]), at(second));
            seen.enrollments[0].renewal.is_some()
        };
        assert_eq!(kept(&[("I2", Open)]), kept(&[]), "it may not be shown yet");
        kept(&[("I2", Open)])
    };
    assert!(is_kept(100_299), "the far side's clock decides, for a while");
    assert!(!is_kept(100_300));
}
