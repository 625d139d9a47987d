//! What is taken off the alarm clock since nothing can follow on it: one sentence each.

use super::{
    effort::Effort,
    enrollment::EnrollmentState,
    plan::Step,
    plan_tests::{end, invite, read},
    scene::{NOW, Scene, at, automation_id, device},
};

#[test]
fn what_is_due_and_can_not_be_acted_on_is_taken_off_the_alarm_clock() {
    let over = || Effort {
        not_before: Some(NOW),
        ..Effort::default()
    };
    let rest = Step::Rest {
        automation: automation_id(),
        device: None,
    };
    let nobody_waits = Scene::default().automation(|automation| automation.read = over());
    assert_eq!(nobody_waits.plan(), [rest]);
    let somebody_waits = Scene::default()
        .automation(|automation| automation.read = over())
        .registered("a")
        .invited("a", "I-a", NOW);
    assert_eq!(somebody_waits.plan(), [read()]);
    let deleted = Scene::default()
        .automation(|automation| automation.deleted_at = Some(at(5)))
        .registered("a");
    // Nobody is invited any more, so nobody waits for it.
    let deleted = deleted.enrollment("a", EnrollmentState::Pending, over());
    assert_eq!(deleted.plan(), [end("a")]);
}

#[test]
fn a_person_who_is_to_be_made_known_is_no_rest_while_somebody_enrols_them() {
    let unknown = |is_deleted: bool| {
        Scene::default().automation(|automation| {
            automation.remote_user_id = None;
            automation.ensure_user.not_before = Some(NOW);
            automation.deleted_at = is_deleted.then_some(at(5));
        })
    };
    assert_eq!(
        unknown(false).plan(),
        [Step::EnsureUser {
            automation: automation_id()
        }]
    );
    assert_eq!(
        unknown(true).plan(),
        [Step::Rest {
            automation: automation_id(),
            device: None
        }]
    );
}

#[test]
fn an_enrolled_phone_waits_for_a_new_invitation_only_while_it_is_to_have_one() {
    let enrolled = |is_deleted: bool, is_to_be_renewed: bool| {
        let scene = Scene::default().automation(|automation| automation.deleted_at = is_deleted.then_some(at(5)));
        let mut scene = scene.registered("a").enrolled("a");
        scene.aggregate.phones[0].record.registered_at = Some(at(10));
        let enrollment = &mut scene.aggregate.enrollments[0].record;
        enrollment.answered_registration = Some(at(if is_to_be_renewed { 9 } else { 10 }));
        enrollment.effort.not_before = Some(NOW);
        scene.plan()
    };
    let rest = Step::Rest {
        automation: automation_id(),
        device: Some(device("a")),
    };
    assert_eq!(enrolled(false, true), [invite("a")]);
    for (is_deleted, is_to_be_renewed) in [(false, false), (true, true), (true, false)] {
        assert_eq!(
            enrolled(is_deleted, is_to_be_renewed),
            std::slice::from_ref(&rest),
            "{is_deleted} {is_to_be_renewed}"
        );
    }
}
