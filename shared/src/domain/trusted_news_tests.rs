//! What trusted news mean, one sentence each.

use super::{
    effort::Effort,
    enrollment::EnrollmentState,
    enrollment_automation::{EnrollmentAutomation, Hints},
    ids::{EndpointId, InvitationId, RemoteCredentialId},
    phone_credential::PhoneCredentialState,
    plan::Step,
    plan_tests::read,
    scene::{NOW, Scene, at, automation_id, child_id, device},
    trusted_news::{Belief, TrustedNews, believe},
};

fn redeemed(invitation: &str, endpoint: &str) -> TrustedNews {
    TrustedNews::Redeemed {
        invitation_id: InvitationId::new(invitation),
        endpoint_id: EndpointId::new(endpoint),
    }
}

fn issued(credential: &str) -> TrustedNews {
    TrustedNews::Issued {
        remote_id: RemoteCredentialId::new(credential),
    }
}

fn told(news: &[TrustedNews]) -> Scene {
    let news = news.to_vec();
    Scene::default().automation(|automation| automation.hints.trusted = news)
}

/// One phone waits for its code to be redeemed, later than now.
fn invited(news: &[TrustedNews]) -> Scene {
    told(news).registered("a").invited("a", "I1", at(2_000))
}

/// One phone waits for its credential, whose number the answer to the issue told or did not.
fn issuing(news: &[TrustedNews], number: Option<&str>) -> Scene {
    let mut scene = told(news).configured().registered("a").enrolled("a").issuing("a", at(2_000));
    if let PhoneCredentialState::Issuing { card_number, .. } = &mut scene.aggregate.phone_credentials[0].record.state {
        *card_number = number.map(str::to_owned);
    }
    scene
}

fn belief(scene: &Scene) -> Belief {
    believe(&scene.aggregate, &scene.aggregate.automations[0].record, NOW)
}

/// The automation once the belief is written.
fn automation_after(scene: &Scene) -> EnrollmentAutomation {
    let mut automation = scene.aggregate.automations[0].record.clone();
    assert!(belief(scene).settle(&mut automation, NOW));
    automation
}

fn hints_after(scene: &Scene) -> Hints {
    automation_after(scene).hints
}

const BELIEVE: fn() -> Step = || Step::Believe {
    automation: automation_id(),
};

#[test]
fn an_endpoint_that_is_named_is_the_phones_without_a_read() {
    let scene = invited(&[redeemed("I1", "E1")]);
    assert_eq!(scene.plan(), [BELIEVE()]);
    let belief = belief(&scene);
    let [enrollment] = belief.observation.enrollments.as_slice() else {
        panic!("{belief:?}")
    };
    assert_eq!(enrollment.device_id, device("a"));
    let active = EnrollmentState::Active {
        endpoint_id: EndpointId::new("E1"),
        invitation_id: InvitationId::new("I1"),
        enrolled_at: NOW,
    };
    assert_eq!(enrollment.state, active);
    assert!(enrollment.merely_believes(&EndpointId::new("E1")));
    assert_eq!(hints_after(&scene), Hints::default(), "nothing is left to look at");
}

#[test]
fn a_phone_that_has_an_endpoint_to_lose_is_read() {
    let scene = told(&[redeemed("I2", "E2")]).registered("a").enrolled("a").renewed("I2");
    assert!(belief(&scene).observation.enrollments.is_empty());
    assert_eq!(hints_after(&scene).enrollment, 1);
}

#[test]
fn another_endpoint_for_the_same_invitation_makes_everything_be_compared() {
    let mut scene = told(&[redeemed("I-a", "E-true")]).registered("a").enrolled("a");
    assert!(automation_after(&scene).review_at > NOW, "a read has shown the one that is known");
    scene.aggregate.enrollments[0]
        .record
        .believed_endpoints
        .insert(EndpointId::new("E-a"));
    assert_eq!(automation_after(&scene).review_at, NOW);
}

#[test]
fn an_endpoint_that_is_another_phones_is_nobody_elses_whatever_is_said() {
    for taken in ["E-b", "E1"] {
        let news = [redeemed("I3", "E1"), redeemed("I1", taken)];
        let scene = invited(&news)
            .registered("b")
            .enrolled("b")
            .registered("c")
            .invited("c", "I3", at(2_000));
        let belief = belief(&scene);
        let given: Vec<_> = belief.observation.enrollments.iter().map(|changed| changed.device_id).collect();
        assert_eq!(given, [device("c")], "{taken}");
        assert_eq!(belief.doubted, [redeemed("I1", taken)]);
        assert_eq!(hints_after(&scene).enrollment, 1, "it makes us look all the same");
    }
}

#[test]
fn what_fits_nothing_that_waits_is_a_hint_and_makes_us_look() {
    let scene = invited(&[redeemed("I9", "E9")]);
    assert!(belief(&scene).observation.enrollments.is_empty());
    let hints = hints_after(&scene);
    assert_eq!((hints.enrollment, hints.trusted.len()), (1, 0));
    let mut after = scene;
    after.aggregate.automations[0].record.hints = hints;
    assert_eq!(after.plan(), [read()]);
}

#[test]
fn what_is_known_already_costs_no_look() {
    let enrolled = told(&[redeemed("I-a", "E-a"), issued("C-a")])
        .configured()
        .registered("a")
        .enrolled("a")
        .issued("a");
    let belief = belief(&enrolled);
    assert!(belief.observation.enrollments.is_empty() && belief.observation.phone_credentials.is_empty());
    assert_eq!(hints_after(&enrolled), Hints::default());
}

#[test]
fn a_credential_on_its_phone_has_the_number_that_our_own_call_was_told() {
    let scene = issuing(&[issued("C-a")], Some("0056"));
    assert_eq!(scene.plan(), [BELIEVE()]);
    let belief = belief(&scene);
    let [child] = belief.observation.phone_credentials.as_slice() else {
        panic!("{belief:?}")
    };
    let arrived = PhoneCredentialState::Importing {
        remote_id: RemoteCredentialId::new("C-a"),
        card_number: "0056".to_owned(),
        since: NOW,
    };
    assert_eq!((child.acs_credential_id, &child.state), (child_id("a"), &arrived));
}

#[test]
fn a_credential_whose_number_is_not_known_is_read() {
    let scene = issuing(&[issued("C-a")], None);
    assert!(belief(&scene).observation.phone_credentials.is_empty());
    assert_eq!(hints_after(&scene).credential, 1);
}

#[test]
fn news_of_a_credential_whose_issue_is_not_answered_yet_wait_for_the_answer() {
    let leased_until = |second: i64| Effort {
        attempt: 1,
        lease_until: Some(at(second)),
        ..Effort::default()
    };
    let scene = |second: i64| {
        told(&[issued("C-1")])
            .configured()
            .registered("a")
            .enrolled("a")
            .child("a", PhoneCredentialState::Pending, leased_until(second))
    };
    assert_eq!(scene(1_050).plan(), []);
    assert!(belief(&scene(1_050)).settled.is_empty());
    assert!(scene(950).plan().contains(&BELIEVE()), "whoever called is gone");
    assert_eq!(hints_after(&scene(950)).credential, 1);
}

#[test]
fn news_that_stand_in_the_table_are_read_again() {
    let news = [redeemed("101", "9"), issued("5")];
    let written = serde_json::to_string(&news).unwrap();
    assert_eq!(
        written,
        r#"[{"redeemed":{"invitation_id":"101","endpoint_id":"9"}},{"issued":{"remote_id":"5"}}]"#
    );
    assert_eq!(serde_json::from_str::<Vec<TrustedNews>>(&written).unwrap(), news);
}
