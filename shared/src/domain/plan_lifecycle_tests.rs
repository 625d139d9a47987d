//! The rules of taking away and of deleting, one sentence each.

use super::{
    allocation::Allocation,
    deletion::Deletion,
    enrollment::EnrollmentState,
    event::EventKind,
    failure::FailureCode,
    happenings::Tells,
    ids::{EndpointId, RemoteCredentialId},
    multi_phone_sync_credential::WhenInvalidated,
    phone::Presence,
    phone_credential::{FormerCredential, PhoneCredentialState},
    plan::Step,
    scene::{ACS_USER, PARENT, Scene, at, automation_id, child_id, device, given_up},
};

fn withdraw(name: &str) -> Step {
    Step::Withdraw {
        credential: child_id(name),
    }
}

pub(super) fn import(name: &str) -> Step {
    Step::Import {
        credential: child_id(name),
    }
}

/// One phone that holds its credential.
pub(super) fn served() -> Scene {
    Scene::default()
        .identity(|_| {})
        .running()
        .configured()
        .registered("a")
        .enrolled("a")
        .issued("a")
}

type Change = fn(&mut Scene);

pub(super) fn change(mut scene: Scene, change: impl FnOnce(&mut Scene)) -> Scene {
    change(&mut scene);
    scene
}

fn revoked() -> PhoneCredentialState {
    PhoneCredentialState::Revoked {
        at: at(990),
        remote_id: None,
    }
}

fn deleted() -> Deletion {
    Deletion::requested(at(990))
}

fn gone() -> Deletion {
    Deletion {
        requested_at: at(990),
        gone_at: Some(at(991)),
    }
}

#[test]
fn nothing_is_to_be_done_about_a_person_who_is_served() {
    assert_eq!(served().plan(), []);
}

#[test]
fn what_is_not_in_force_is_taken_from_the_phones() {
    type End = fn(&mut Scene);
    let cases: [(&str, End); 7] = [
        ("the parent is to be deleted", |scene| {
            scene.aggregate.credentials[0].record.deletion = Some(deleted());
        }),
        ("the parent is over", |scene| {
            scene.aggregate.credentials[0].record.ends_at = Some(at(999));
        }),
        ("the parent is unassigned", |scene| {
            scene.aggregate.credentials[0].record.acs_user_id = None;
        }),
        ("the ACS user is suspended", |scene| {
            scene.aggregate.acs_users[0].record.suspended_at = Some(at(999));
        }),
        ("the ACS user is to be deleted", |scene| {
            scene.aggregate.acs_users[0].record.deletion = Some(deleted());
        }),
        ("the ACS user is not this person's", |scene| scene.aggregate.acs_users.clear()),
        ("the ACS user was removed from this person", |scene| {
            scene.aggregate.credentials[0].record.acs_user_id = None;
            scene.aggregate.acs_users.clear();
        }),
    ];
    for (case, end) in cases {
        assert_eq!(change(served(), end).plan(), [withdraw("a")], "{case}");
    }
}

#[test]
fn a_person_who_is_to_be_deleted_loses_everything_in_order() {
    let doomed = change(served(), |scene| {
        scene.aggregate.identity.as_mut().unwrap().record.deletion = Some(deleted());
    });
    assert_eq!(doomed.plan(), [withdraw("a")]);
    let without_child = change(doomed, |scene| scene.aggregate.phone_credentials[0].record.state = revoked());
    let end = Step::EndEnrollment {
        automation: automation_id(),
        device: device("a"),
    };
    assert_eq!(without_child.plan(), [end, Step::CompleteCredential { parent: PARENT }]);
    let without_enrollment = change(without_child, |scene| {
        scene.aggregate.enrollments[0].record.state = EnrollmentState::Deactivated { at: at(992) };
        scene.aggregate.credentials[0].record.deletion = Some(gone());
    });
    let announce = Step::Announce {
        device: device("a"),
        told: Some(Presence::Deactivated),
    };
    let end_automation = Step::EndAutomation {
        automation: automation_id(),
    };
    let complete_user = Step::CompleteAcsUser { user: ACS_USER };
    assert_eq!(without_enrollment.plan(), [announce, complete_user, end_automation]);
    let empty = change(without_enrollment, |scene| {
        scene.aggregate.phones[0].record.told = Some(Presence::Deactivated);
        scene.aggregate.acs_users[0].record.deletion = Some(gone());
        scene.aggregate.automations[0].record.deleted_at = Some(at(993));
    });
    assert_eq!(empty.plan(), [Step::CompleteIdentity]);
    let something_left: [(&str, Change); 4] = [
        ("the parent", |scene| {
            scene.aggregate.credentials[0].record.deletion = Some(deleted());
        }),
        ("the ACS user", |scene| {
            scene.aggregate.acs_users[0].record.deletion = Some(deleted());
        }),
        ("the automation", |scene| {
            scene.aggregate.automations[0].record.deleted_at = None;
        }),
        ("the phone", |scene| {
            scene.aggregate.phones[0].record.told = Some(Presence::Registered);
        }),
    ];
    for (what, leave) in something_left {
        assert!(
            !change(empty.clone(), leave).plan().contains(&Step::CompleteIdentity),
            "{what} is still there"
        );
    }
    let over = change(empty, |scene| {
        scene.aggregate.identity.as_mut().unwrap().record.deletion = Some(gone());
    });
    assert_eq!(over.plan(), []);
}

#[test]
fn a_parent_is_gone_only_after_its_children() {
    let doomed = || change(served(), |scene| scene.aggregate.credentials[0].record.deletion = Some(deleted()));
    let revoking = PhoneCredentialState::Revoking {
        remote_id: Some(RemoteCredentialId::new("C-a")),
        shown_by: None,
        is_off_phone: true,
        is_invalidated: false,
    };
    let revoking = change(doomed(), |scene| scene.aggregate.phone_credentials[0].record.state = revoking);
    assert_eq!(revoking.plan(), [withdraw("a")], "the access control system still has the number");
    let gone = change(doomed(), |scene| scene.aggregate.phone_credentials[0].record.state = revoked());
    assert_eq!(gone.plan(), [Step::CompleteCredential { parent: PARENT }]);
}

#[test]
fn what_is_left_revoked_stays_so_while_its_parent_says_so() {
    let planned = |when_invalidated| {
        let scene = change(served(), |scene| {
            scene.aggregate.credentials[0].record.when_invalidated = when_invalidated;
            let child = &mut scene.aggregate.phone_credentials[0].record;
            child.is_left_revoked = true;
            child.state = revoked();
        });
        scene.plan()
    };
    let (automation, device, parent) = (automation_id(), device("a"), PARENT);
    let park = Step::Park {
        automation,
        device,
        parent: Some(parent),
    };
    assert_eq!(planned(WhenInvalidated::Mark), [park]);
    assert_eq!(
        planned(WhenInvalidated::Reissue),
        [Step::Issue {
            automation,
            device,
            parent
        }]
    );
}

#[test]
fn what_a_phone_left_on_a_former_endpoint_goes_once_there_is_a_new_one_or_will_be_none() {
    let retire = Step::Retire { credential: child_id("a") };
    let former = |scene: Scene| {
        change(scene, |scene| {
            scene.aggregate.phone_credentials[0].record.former.push(FormerCredential {
                endpoint_id: EndpointId::new("E-former"),
                remote_id: RemoteCredentialId::new("C-former"),
                shown_by: None,
                allocation: None,
            });
        })
    };
    assert_eq!(former(served()).plan(), std::slice::from_ref(&retire));
    let pending = change(former(served()), |scene| {
        let child = &mut scene.aggregate.phone_credentials[0].record;
        child.state = PhoneCredentialState::Pending;
        child.effort.not_before = Some(at(5_000));
    });
    assert_eq!(pending.plan(), [], "the new one is not there yet");
    let marked = change(former(served()), |scene| {
        let child = &mut scene.aggregate.phone_credentials[0].record;
        child.state = PhoneCredentialState::Failed;
        child.effort = given_up(FailureCode::CredentialInvalidated);
        scene.aggregate.credentials[0].record.when_invalidated = WhenInvalidated::Mark;
    });
    assert_eq!(marked.plan(), std::slice::from_ref(&retire));
    let lost = change(former(served()), |scene| {
        scene.aggregate.phones[0].record.presence = Presence::Deactivated;
    });
    assert_eq!(lost.plan(), [withdraw("a"), retire]);
}

#[test]
fn an_endpoint_that_a_phone_left_is_removed_once_nothing_of_ours_is_on_it() {
    let left = |scene: Scene| {
        change(scene, |scene| {
            scene.aggregate.enrollments[0]
                .record
                .abandoned_endpoints
                .push(EndpointId::new("E-former"));
        })
    };
    let remove = Step::RemoveEndpoint {
        automation: automation_id(),
        device: device("a"),
    };
    assert_eq!(left(served()).plan(), std::slice::from_ref(&remove));
    let holding = change(left(served()), |scene| {
        scene.aggregate.phone_credentials[0].record.former.push(FormerCredential {
            endpoint_id: EndpointId::new("E-former"),
            remote_id: RemoteCredentialId::new("C-former"),
            shown_by: None,
            allocation: None,
        });
    });
    assert_eq!(holding.plan(), [Step::Retire { credential: child_id("a") }]);
    let issued_there = change(left(served()), |scene| {
        scene.aggregate.phone_credentials[0].record.endpoint_id = EndpointId::new("E-former");
        scene.aggregate.credentials[0].record.deletion = Some(deleted());
    });
    assert_eq!(issued_there.plan(), [withdraw("a")]);
    let lost = change(left(served()), |scene| {
        scene.aggregate.phones[0].record.presence = Presence::Deactivated;
        scene.aggregate.phones[0].record.told = Some(Presence::Deactivated);
        scene.aggregate.enrollments[0].record.state = EnrollmentState::Deactivated { at: at(990) };
        scene.aggregate.phone_credentials[0].record.state = revoked();
    });
    assert_eq!(lost.plan(), [remove], "also after the phone is gone");
}

#[test]
fn an_acs_user_is_gone_only_after_every_number_that_may_be_theirs() {
    let doomed = change(served(), |scene| {
        scene.aggregate.acs_users[0].record.deletion = Some(deleted());
        scene.aggregate.credentials[0].record.deletion = Some(gone());
        let child = &mut scene.aggregate.phone_credentials[0].record;
        child.state = revoked();
        child.former.push(FormerCredential {
            endpoint_id: EndpointId::new("E-former"),
            remote_id: RemoteCredentialId::new("C-former"),
            shown_by: None,
            allocation: Some(Allocation {
                acs_system_id: child.acs_system_id,
                acs_user_id: ACS_USER,
                card_number: "56".to_owned(),
                generation: 1,
                is_leaving: false,
                period: None,
                unanswered_at: None,
                overtaken_at: None,
                is_told: false,
            }),
        });
    });
    let retire = Step::Retire { credential: child_id("a") };
    assert_eq!(doomed.plan(), [retire]);
}

#[test]
fn what_can_be_reached_no_more_is_let_go() {
    let abandoned = change(served(), |scene| {
        scene.aggregate.automations[0].record.deleted_at = Some(at(5));
        scene.aggregate.automations[0].record.remote_user_id = None;
    });
    assert_eq!(abandoned.plan(), [withdraw("a")]);
}

#[test]
fn a_phone_is_told_of_once_when_it_comes_and_once_when_nothing_is_left_on_it() {
    let telling = |told| Step::Announce {
        device: device("a"),
        told: Some(told),
    };
    let untold = |scene: Scene| change(scene, |scene| scene.aggregate.phones[0].record.told = None);
    assert_eq!(untold(Scene::default().registered("a")).plan(), [telling(Presence::Registered)]);
    let lost = change(served(), |scene| scene.aggregate.phones[0].record.presence = Presence::Deactivated);
    assert_eq!(lost.plan(), [withdraw("a")], "it is not told before everything is taken away");
    assert_eq!(untold(Scene::default().deactivated("a")).plan(), [telling(Presence::Deactivated)]);
}

#[test]
fn a_change_is_told_and_no_change_is_not() {
    let before = served().aggregate.phone_credentials[0].record.clone();
    assert_eq!(Tells::tell(Some(&before), &before), []);
    let mut after = before.clone();
    after.state = revoked();
    let told = Tells::tell(Some(&before), &after);
    assert!(matches!(told.as_slice(), [EventKind::AcsCredentialDeleted(_)]), "{told:?}");
    let mut trouble = before.clone();
    trouble.state = PhoneCredentialState::Failed;
    trouble.effort = given_up(FailureCode::PhoneLimitReached);
    let told = Tells::tell(Some(&before), &trouble);
    assert!(
        matches!(told.as_slice(), [EventKind::AcsCredentialFailedToIssue { .. }]),
        "{told:?}"
    );
    assert_eq!(Tells::tell(Some(&trouble), &trouble), [], "the same trouble again is no news");
}
