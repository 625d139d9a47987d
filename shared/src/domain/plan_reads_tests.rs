//! When the credential manager is looked at.

use super::{
    enrollment::EnrollmentState,
    plan_tests::read,
    scene::{NOW, Scene, at},
};

#[test]
fn a_callback_makes_us_look_only_when_something_of_its_kind_waits() {
    let hinted = |kind: &str| {
        let kind = kind.to_owned();
        Scene::default().automation(move |automation| match kind.as_str() {
            "enrollment" => automation.hints.enrollment = 1,
            _ => automation.hints.credential = 1,
        })
    };
    assert_eq!(hinted("enrollment").registered("a").invited("a", "I-a", at(2_000)).plan(), [read()]);
    assert_eq!(hinted("credential").registered("a").invited("a", "I-a", at(2_000)).plan(), []);
    let issuing = |scene: Scene| scene.configured().registered("a").enrolled("a").issuing("a", at(2_000));
    assert_eq!(issuing(hinted("credential")).plan(), [read()]);
    assert_eq!(issuing(hinted("enrollment")).plan(), []);
}

#[test]
fn callbacks_that_came_before_are_about_others() {
    let scene = |before: u64| {
        let mut scene = Scene::default()
            .automation(|automation| automation.hints.enrollment = 3)
            .registered("a")
            .invited("a", "I-a", at(2_000));
        if let EnrollmentState::Invited { hints_before, .. } = &mut scene.aggregate.enrollments[0].record.state {
            *hints_before = before;
        }
        scene
    };
    assert_eq!(scene(3).plan(), []);
    assert_eq!(scene(2).plan(), [read()]);
}

#[test]
fn without_a_callback_we_look_when_the_time_has_come() {
    assert_eq!(Scene::default().running().registered("a").invited("a", "I-a", NOW).plan(), [read()]);
    assert_eq!(Scene::default().running().registered("a").invited("a", "I-a", at(1_001)).plan(), []);
}

#[test]
fn a_read_that_failed_is_not_repeated_before_its_time() {
    let scene = Scene::default().automation(|automation| automation.read.not_before = Some(at(1_010)));
    assert_eq!(scene.registered("a").invited("a", "I-a", NOW).plan(), []);
}
