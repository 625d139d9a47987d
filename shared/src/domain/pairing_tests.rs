//! Which endpoint is taken for which phone, one sentence each.

use super::{
    effort::Effort,
    enrollment::{Enrollment, EnrollmentState},
    ids::{EndpointId, InvitationId},
    observe::{Observation, leave_endpoint},
    observe_tests::{seen, seen_with, two_invited},
    pairing::{LateEndpoints, late_endpoints},
    remote_user::InvitationState,
    scene::{NOW, Scene, device, endpoint, view},
};

use InvitationState::{Closed, Open, Redeemed};

fn endpoint_of(observation: &Observation, name: &str) -> Option<String> {
    let enrollment = observation
        .enrollments
        .iter()
        .find(|enrollment| enrollment.device_id == device(name))?;
    match &enrollment.state {
        EnrollmentState::Active { endpoint_id, .. } => Some(endpoint_id.to_string()),
        _ => None,
    }
}

/// As [`Scene::renewed`] and its like: the last phone of the scene, changed.
fn with_last(mut scene: Scene, change: impl FnOnce(&mut Enrollment)) -> Scene {
    change(&mut scene.aggregate.enrollments.last_mut().unwrap().record);
    scene
}

#[test]
fn the_only_redeemed_invitation_made_the_only_new_endpoint() {
    let observation = seen(&two_invited(), &view(&[("I1", Redeemed), ("I2", Open)], vec![endpoint("E1", &[])]));
    assert_eq!(endpoint_of(&observation, "a"), Some("E1".to_owned()));
    assert_eq!(endpoint_of(&observation, "b"), None);
    assert!(!observation.has_open_pairings);
}

#[test]
fn two_at_once_are_told_apart_by_name_only() {
    let both = view(
        &[("I1", Redeemed), ("I2", Redeemed)],
        vec![endpoint("E1", &[]), endpoint("E2", &[])],
    );
    let guess = seen(&two_invited(), &both);
    assert_eq!((endpoint_of(&guess, "a"), endpoint_of(&guess, "b")), (None, None));
    assert!(guess.has_open_pairings);
    let named = seen_with(&two_invited(), &[("E2", "I1")], &both, NOW);
    assert_eq!(endpoint_of(&named, "a"), Some("E2".to_owned()));
    assert_eq!(
        endpoint_of(&named, "b"),
        Some("E1".to_owned()),
        "then there is no choice left for the other"
    );
}

#[test]
fn a_name_that_the_read_does_not_confirm_is_nothing() {
    let observation = seen_with(&two_invited(), &[("E9", "I1")], &view(&[("I1", Open), ("I2", Open)], vec![]), NOW);
    assert_eq!(endpoint_of(&observation, "a"), None);
}

#[test]
fn an_endpoint_that_somebody_may_have_made_by_hand_is_not_taken() {
    let scene = Scene::default().running().registered("a").invited("a", "I1", NOW);
    let observation = seen(
        &scene,
        &view(&[("I1", Redeemed), ("I-by-hand", Redeemed)], vec![endpoint("E1", &[])]),
    );
    assert_eq!(endpoint_of(&observation, "a"), None);
    assert!(observation.has_open_pairings);
}

#[test]
fn an_endpoint_of_another_phone_is_not_taken() {
    let scene = Scene::default()
        .running()
        .registered("a")
        .invited("a", "I1", NOW)
        .registered("b")
        .enrolled("b");
    let observation = seen(&scene, &view(&[("I1", Redeemed), ("I-b", Redeemed)], vec![endpoint("E-b", &[])]));
    assert_eq!(endpoint_of(&observation, "a"), None);
}

#[test]
fn what_a_lost_phone_left_behind_at_the_far_side_is_no_other_phones() {
    let mut scene = Scene::default()
        .running()
        .registered("a")
        .invited("a", "I1", NOW)
        .deactivated("b")
        .enrolled("b");
    let former = &mut scene.aggregate.enrollments[1].record;
    leave_endpoint(former);
    former.state = EnrollmentState::Deactivated { at: NOW };
    let shown = view(
        &[("I1", Redeemed), ("I-b", Redeemed)],
        vec![endpoint("E-b", &[]), endpoint("E1", &[])],
    );
    assert_eq!(endpoint_of(&seen(&scene, &shown), "a"), Some("E1".to_owned()));
}

#[test]
fn a_name_that_contradicts_the_read_is_nothing() {
    let observation = seen_with(
        &two_invited(),
        &[("E1", "I1")],
        &view(&[("I1", Open), ("I2", Redeemed)], vec![endpoint("E1", &[])]),
        NOW,
    );
    assert_eq!(endpoint_of(&observation, "a"), None);
    assert_eq!(endpoint_of(&observation, "b"), Some("E1".to_owned()));
}

#[test]
fn an_endpoint_that_a_phone_may_have_made_as_it_was_lost_is_not_taken_for_anothers() {
    let scene = Scene::default().running().registered("a").invited("a", "I1", NOW).deactivated("b");
    let leaving = EnrollmentState::Deactivating {
        endpoint_id: None,
        invitation_id: Some(InvitationId::new("I2")),
    };
    let scene = scene.enrollment("b", leaving, Effort::default());
    let redeemed = [("I1", Redeemed), ("I2", Redeemed)];
    let seen = seen(&scene, &view(&redeemed, vec![endpoint("E2", &[])]));
    assert_eq!(endpoint_of(&seen, "a"), None, "its own may not be shown yet");
    assert!(seen.has_open_pairings);
    let both = view(&redeemed, vec![endpoint("E1", &[]), endpoint("E2", &[])]);
    let named = seen_with(&scene, &[("E2", "I2")], &both, NOW);
    assert_eq!(endpoint_of(&named, "a"), Some("E1".to_owned()), "no choice is left");
    assert_eq!(named.enrollments.len(), 1, "and the lost phone is not enrolled");
}

#[test]
fn a_phone_that_is_let_go_is_not_enrolled_again_by_its_new_code() {
    let renewed = Scene::default().running().deactivated("a").enrolled("a").renewed("I2");
    let scene = with_last(renewed, |leaving| {
        leaving.state = EnrollmentState::Deactivating {
            endpoint_id: leaving.endpoint_id().cloned(),
            invitation_id: leaving.invitation_id().cloned(),
        };
    });
    let shown = view(
        &[("I-a", Redeemed), ("I2", Redeemed)],
        vec![endpoint("E-a", &[]), endpoint("E2", &[])],
    );
    for named in [&[][..], &[("E2", "I2")]] {
        let seen = seen_with(&scene, named, &shown, NOW);
        assert_eq!((seen.enrollments, seen.has_open_pairings), (Vec::new(), false));
    }
    assert_eq!(
        scene.aggregate.enrollments[0].record.next_read_at(),
        None,
        "and nobody looks for it"
    );
}

#[test]
fn an_endpoint_that_a_lost_phone_made_and_nobody_found_is_not_taken_for_anothers() {
    let scene = Scene::default().running().registered("a").invited("a", "I1", NOW);
    let scene = scene
        .deactivated("b")
        .enrollment("b", EnrollmentState::Deactivated { at: NOW }, Effort::default());
    let scene = with_last(scene, |gone| gone.former_invitations.push(InvitationId::new("I2")));
    let endpoint_while = |lost| {
        endpoint_of(
            &seen(&scene, &view(&[("I1", Redeemed), ("I2", lost)], vec![endpoint("E", &[])])),
            "a",
        )
    };
    assert_eq!(endpoint_while(Redeemed), None);
    assert_eq!(endpoint_while(Closed), Some("E".to_owned()), "its code was taken back in time");
}

#[test]
fn what_a_lost_phone_redeemed_too_late_to_cancel_is_looked_for_until_it_is_shown() {
    let leaving = EnrollmentState::Deactivating {
        endpoint_id: None,
        invitation_id: Some(InvitationId::new("I1")),
    };
    let scene = Scene::default()
        .running()
        .deactivated("a")
        .enrollment("a", leaving, Effort::default());
    let late = |state, endpoints| {
        let automation = &scene.aggregate.automations[0].record;
        let shown = view(&[("I1", state)], endpoints);
        late_endpoints(&scene.aggregate, automation, &[InvitationId::new("I1")], &[], &shown)
    };
    let nothing = |is_certain| LateEndpoints {
        found: Vec::new(),
        is_certain,
    };
    assert_eq!(late(Redeemed, vec![]), nothing(false), "it is not shown yet");
    assert_eq!(
        late(Open, vec![]),
        nothing(false),
        "what is shown is older than the answer to the cancelling"
    );
    assert_eq!(late(Closed, vec![]), nothing(true), "it had ended before");
    let found = LateEndpoints {
        found: vec![EndpointId::new("E1")],
        is_certain: true,
    };
    assert_eq!(late(Redeemed, vec![endpoint("E1", &[])]), found);
}
