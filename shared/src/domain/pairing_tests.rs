//! Which endpoint is taken for which phone, one sentence each.

use super::{
    effort::Effort,
    enrollment::{Enrollment, EnrollmentState},
    ids::{EndpointId, InvitationId},
    observe::{Observation, leave_endpoint},
    observe_tests::{seen, seen_with, two_invited},
    pairing::{LateEndpoints, late_endpoints},
    remote_user::InvitationState,
    scene::{NOW, Scene, at, device, endpoint, view},
};

use InvitationState::{Closed, Open, Redeemed, Unknown};

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

/// Phone b was let go, and nobody found out what came of its invitation I2.
fn with_lost_invitation() -> Scene {
    let scene = Scene::default().running().registered("a").invited("a", "I1", NOW);
    let scene = scene
        .deactivated("b")
        .enrollment("b", EnrollmentState::Deactivated { at: NOW }, Effort::default());
    with_last(scene, |gone| gone.lose_invitation(InvitationId::new("I2")))
}

#[test]
fn an_endpoint_that_a_lost_phone_made_and_nobody_found_is_not_taken_for_anothers() {
    let scene = with_lost_invitation();
    let endpoint_while = |lost| {
        let invitations = [("I1", Redeemed), ("I2", lost)];
        endpoint_of(&seen(&scene, &view(&invitations, vec![endpoint("E", &[])])), "a")
    };
    assert_eq!(endpoint_while(Redeemed), None);
    assert_eq!(endpoint_while(Unknown), None);
    assert_eq!(endpoint_while(Closed), Some("E".to_owned()), "its code was taken back in time");
}

#[test]
fn an_endpoint_that_a_lost_phone_made_is_to_be_removed_once_it_is_found() {
    let scene = with_lost_invitation();
    let both = [("I1", Redeemed), ("I2", Redeemed)];
    let named = seen_with(&scene, &[("E2", "I2")], &view(&both, vec![endpoint("E2", &[])]), NOW);
    let gone = named
        .enrollments
        .iter()
        .find(|enrollment| enrollment.device_id == device("b"))
        .unwrap();
    assert_eq!(gone.abandoned_endpoints, [EndpointId::new("E2")]);
    assert_eq!(gone.former_endpoints, [EndpointId::new("E2")]);
    assert_eq!(gone.former_invitations, [InvitationId::new("I2")]);
    assert!(gone.lost_invitations.is_empty());
    assert!(matches!(gone.state, EnrollmentState::Deactivated { .. }));
    let without_choice = seen(&scene, &view(&[("I1", Open), ("I2", Redeemed)], vec![endpoint("E2", &[])]));
    assert_eq!(without_choice.enrollments.last(), Some(gone));
}

#[test]
fn an_invitation_that_is_not_shown_as_open_or_ended_may_have_made_the_endpoint() {
    for other in [vec![("I1", Redeemed)], vec![("I1", Redeemed), ("I2", Unknown)]] {
        let seen = seen(&two_invited(), &view(&other, vec![endpoint("E2", &[])]));
        assert_eq!(endpoint_of(&seen, "a"), None, "{other:?}");
    }
}

#[test]
fn a_code_that_was_replaced_and_redeemed_all_the_same_enrolls_the_phone() {
    let scene = Scene::default().running().registered("a").invited("a", "I1", NOW);
    let replaced = seen_with(&scene, &[], &view(&[("I1", Open)], vec![]), at(100_300)).enrollments[0].clone();
    assert_eq!(
        (replaced.state, replaced.lost_invitations),
        (EnrollmentState::Pending, vec![InvitationId::new("I1")])
    );
    let scene = Scene::default().running().registered("a").invited("a", "I2", NOW);
    let scene = with_last(scene, |invited| invited.lose_invitation(InvitationId::new("I1")));
    let seen_of = |second| seen(&scene, &view(&[("I1", Redeemed), ("I2", second)], vec![endpoint("E1", &[])]));
    let enrolled = seen_of(Open);
    assert_eq!(endpoint_of(&enrolled, "a"), Some("E1".to_owned()));
    let renewal = enrolled.enrollments[0].renewal.as_ref();
    assert_eq!(renewal.map(|renewal| renewal.invitation_id.clone()), Some(InvitationId::new("I2")));
    assert_eq!(endpoint_of(&seen_of(Redeemed), "a"), None, "either may have made it");
}

#[test]
fn an_invitation_that_two_phones_adopted_is_the_older_ones() {
    let scene = Scene::default()
        .running()
        .registered("a")
        .invited("a", "S", NOW)
        .registered("b")
        .enrolled("b")
        .renewed("S");
    let shown = view(
        &[("S", Redeemed), ("I-b", Redeemed)],
        vec![endpoint("E-b", &[]), endpoint("E1", &[])],
    );
    for named in [&[][..], &[("E1", "S")]] {
        let seen = seen_with(&scene, named, &shown, NOW);
        assert_eq!(endpoint_of(&seen, "a"), Some("E1".to_owned()));
        assert_eq!(endpoint_of(&seen, "b"), Some("E-b".to_owned()));
        assert_eq!(seen.enrollments[1].renewal, None);
    }
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
    let missing = || LateEndpoints {
        missing: vec![InvitationId::new("I1")],
        ..LateEndpoints::default()
    };
    assert_eq!(late(Redeemed, vec![]), missing(), "it is not shown yet");
    assert_eq!(
        late(Open, vec![]),
        missing(),
        "what is shown is older than the answer to the cancelling"
    );
    assert_eq!(late(Closed, vec![]), LateEndpoints::default(), "it had ended before");
    let found = LateEndpoints {
        found: vec![(InvitationId::new("I1"), EndpointId::new("E1"))],
        ..LateEndpoints::default()
    };
    assert_eq!(late(Redeemed, vec![endpoint("E1", &[])]), found);
}

#[test]
fn an_endpoint_of_an_older_code_is_not_the_one_that_the_phone_is_on_now() {
    let scene = with_last(Scene::default().running().registered("a").enrolled("a"), |enrolled| {
        enrolled.lose_invitation(InvitationId::new("I-lost"));
    });
    let made = |lost: Option<i64>| {
        let mut shown = view(
            &[("I-a", Redeemed), ("I-lost", Redeemed)],
            vec![endpoint("E-a", &[]), endpoint("E-lost", &[])],
        );
        shown.invitations[0].created_at = Some(at(500));
        shown.invitations[1].created_at = lost.map(at);
        seen(&scene, &shown)
    };
    let older = made(Some(400));
    assert_eq!(endpoint_of(&older, "a"), Some("E-a".to_owned()));
    assert_eq!(older.enrollments[0].abandoned_endpoints, [EndpointId::new("E-lost")]);
    let newer = made(Some(600));
    assert_eq!(endpoint_of(&newer, "a"), Some("E-lost".to_owned()));
    assert_eq!(newer.enrollments[0].abandoned_endpoints, [EndpointId::new("E-a")]);
    assert!(made(None).enrollments.is_empty(), "which one is not to be told");
}
