//! What somebody did at the credential manager by hand, one sentence each.

use super::{
    audit::{Drift, audit},
    enrollment::EnrollmentState,
    event::EventKind,
    happenings::Tells,
    phone_credential::PhoneCredentialState,
    remote_user::{RemoteCredentialState, RemoteUser},
    scene::{NOW, Scene, at, endpoint, endpoint_id, view},
    time::Timestamp,
};

/// Hours after what is enrolled and issued in the scene.
fn audited(scene: &Scene, seen: &RemoteUser) -> Drift {
    audited_at(scene, seen, at(10_000))
}

fn audited_at(scene: &Scene, seen: &RemoteUser, now: Timestamp) -> Drift {
    audit(&scene.aggregate, &scene.aggregate.automations[0].record, seen, now)
}

fn served() -> Scene {
    Scene::default().running().configured().registered("a").enrolled("a").issued("a")
}

const ISSUED: (&str, RemoteCredentialState, Option<&str>) = ("C-a", RemoteCredentialState::Issued, Some("56"));

#[test]
fn what_is_as_it_should_be_changes_nothing() {
    assert_eq!(audited(&served(), &view(&[], vec![endpoint("E-a", &[ISSUED])])), Drift::default());
}

#[test]
fn a_credential_that_was_revoked_there_leaves_the_access_control_system_and_is_told_of_as_invalidated() {
    let revoked = ("C-a", RemoteCredentialState::Revoked, None);
    for shown in [vec![], vec![revoked]] {
        let scene = served();
        let drift = audited(&scene, &view(&[], vec![endpoint("E-a", &shown)]));
        let [child] = drift.phone_credentials.as_slice() else {
            panic!("{drift:?}")
        };
        assert!(matches!(
            child.state,
            PhoneCredentialState::Revoking {
                is_off_phone: true,
                is_invalidated: true,
                ..
            }
        ));
        let told = Tells::tell(Some(&scene.aggregate.phone_credentials[0].record), child);
        assert!(matches!(told.as_slice(), [EventKind::AcsCredentialInvalidated(_)]), "{told:?}");
        assert!(drift.enrollments.is_empty());
    }
}

#[test]
fn what_is_fresh_and_known_from_a_trusted_callback_may_not_be_shown_yet() {
    let mut scene = served();
    let nothing_on_it = view(&[], vec![endpoint("E-a", &[])]);
    assert_eq!(audited_at(&scene, &nothing_on_it, NOW), Drift::default());
    let revoked = ("C-a", RemoteCredentialState::Revoked, None);
    let shown_as_revoked = audited_at(&scene, &view(&[], vec![endpoint("E-a", &[revoked])]), NOW);
    assert_eq!(shown_as_revoked.phone_credentials.len(), 1);
    scene.aggregate.enrollments[0].record.believed_endpoints.insert(endpoint_id("a"));
    assert_eq!(audited_at(&scene, &view(&[], vec![]), NOW), Drift::default());
    let later = audited(&scene, &view(&[], vec![]));
    let left = &later.enrollments[0];
    assert_eq!(left.state, EnrollmentState::Pending);
    assert_eq!(left.abandoned_endpoints, [endpoint_id("a")], "should it be shown after all");
    assert!(left.merely_believes(&endpoint_id("a")));
}

#[test]
fn a_credential_that_is_none_of_ours_is_reported_once_and_never_touched() {
    let unknown = ("C-by-hand", RemoteCredentialState::Issued, Some("77"));
    let mut scene = served();
    let seen = view(&[], vec![endpoint("E-a", &[ISSUED, unknown])]);
    let drift = audited(&scene, &seen);
    assert!(drift.phone_credentials.is_empty());
    let told = Tells::tell(Some(&scene.aggregate.enrollments[0].record), &drift.enrollments[0]);
    assert!(
        matches!(told.as_slice(), [EventKind::PhoneUnknownCredentialFound { .. }]),
        "{told:?}"
    );
    scene.aggregate.enrollments[0].record = drift.enrollments[0].clone();
    assert_eq!(audited(&scene, &seen), Drift::default());
}

#[test]
fn an_endpoint_that_is_gone_is_closed_and_its_phone_is_invited_anew() {
    let drift = audited(&served(), &view(&[], vec![]));
    assert_eq!(drift.enrollments[0].state, EnrollmentState::Pending);
    assert_eq!(drift.enrollments[0].former_endpoints.len(), 1);
    assert!(
        drift.phone_credentials.is_empty(),
        "its credential is withdrawn by the plan, since its endpoint is gone"
    );
}

#[test]
fn a_person_who_is_being_deleted_there_tells_nothing_about_the_phones() {
    let mut seen = view(&[], vec![]);
    seen.active = false;
    assert_eq!(audited(&served(), &seen), Drift::default());
}

#[test]
fn the_daily_review_of_a_person_with_phones_is_one_read() {
    let due = |scene: Scene| {
        let mut scene = scene;
        scene.aggregate.automations[0].record.review_at = at(999);
        scene.plan()
    };
    let automation = super::scene::automation_id();
    assert_eq!(due(served()), [super::plan::Step::Read { automation }]);
    assert_eq!(due(Scene::default().running()), [super::plan::Step::PassReview { automation }]);
}

#[test]
fn what_somebody_is_working_on_is_left_to_the_next_audit() {
    let mut scene = served();
    scene.aggregate.phone_credentials[0].record.effort.lease_until = Some(at(10_050));
    scene.aggregate.enrollments[0].record.effort.lease_until = Some(at(10_050));
    assert_eq!(audited(&scene, &view(&[], vec![endpoint("E-a", &[])])), Drift::default());
    assert_eq!(audited(&scene, &view(&[], vec![])), Drift::default());
}
