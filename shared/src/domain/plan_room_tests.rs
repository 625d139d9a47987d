//! Who finds room at the credential manager, and who is told that there is none: one sentence each.

use super::{
    effort::Effort,
    enrollment::EnrollmentState,
    failure::FailureCode,
    ids::{AcsCredentialId, DeviceId, RemoteCredentialId},
    limits::{CREDENTIALS_PER_PHONE, PHONES_PER_USER},
    phone::Presence,
    phone_credential::{PhoneCredential, PhoneCredentialState},
    plan::Step,
    scene::{PARENT, Scene, at, automation_id, device, given_up},
};

fn crowd() -> Scene {
    let names = ["p0", "p1", "p2", "p3", "p4"];
    assert_eq!(names.len(), PHONES_PER_USER);
    names
        .iter()
        .fold(Scene::default().running(), |scene, name| scene.registered(name).enrolled(name))
}

fn parked() -> Effort {
    given_up(FailureCode::PhoneLimitReached)
}

fn park(device: DeviceId) -> Step {
    Step::Park {
        automation: automation_id(),
        device,
        parent: None,
    }
}

#[test]
fn a_phone_too_many_is_told_so_once_and_served_when_there_is_room() {
    let late = || crowd().registered("late");
    assert_eq!(late().plan(), [park(device("late"))]);
    let told = || late().enrollment("late", EnrollmentState::Failed, parked());
    assert_eq!(told().plan(), []);
    let mut room = told();
    room.aggregate.phones[0].record.presence = Presence::Deactivated;
    room.aggregate.phones[0].record.told = Some(Presence::Deactivated);
    room.aggregate.enrollments[0].record.state = EnrollmentState::Deactivated { at: at(999) };
    let invite = Step::Invite {
        automation: automation_id(),
        device: device("late"),
    };
    assert_eq!(room.plan(), [invite]);
}

#[test]
fn one_that_found_room_and_met_a_spent_budget_waits_for_its_time_like_everything_else() {
    let mut effort = parked();
    effort.postpone(None, at(5_000));
    let scene = Scene::default()
        .running()
        .registered("late")
        .enrollment("late", EnrollmentState::Pending, effort);
    assert_eq!(scene.plan(), []);
}

#[test]
fn of_many_new_phones_as_many_are_invited_as_there_is_room_for() {
    let names = ["a", "b", "c", "d", "e", "f", "g"];
    let scene = names.iter().fold(Scene::default().running(), |scene, name| scene.registered(name));
    let steps = scene.plan();
    let invited = steps.iter().filter(|step| matches!(step, Step::Invite { .. })).count();
    let parked = steps.iter().filter(|step| matches!(step, Step::Park { .. })).count();
    assert_eq!((invited, parked), (PHONES_PER_USER, names.len() - PHONES_PER_USER));
}

#[test]
fn a_phone_whose_invitation_may_be_on_its_way_takes_room() {
    let on_its_way: [fn(&mut Effort); 2] = [
        |effort| effort.lease_until = Some(at(5_000)),
        |effort| {
            effort.unknown_since = Some(at(900));
            effort.not_before = Some(at(5_000));
        },
    ];
    for make in on_its_way {
        let mut effort = Effort::default();
        make(&mut effort);
        let enrolled = ["a", "b", "c", "d"];
        let scene = enrolled
            .iter()
            .fold(Scene::default().running(), |scene, name| scene.registered(name).enrolled(name));
        let scene = scene
            .registered("e")
            .enrollment("e", EnrollmentState::Pending, effort)
            .registered("f");
        let park = Step::Park {
            automation: automation_id(),
            device: device("f"),
            parent: None,
        };
        assert_eq!(scene.plan(), [park]);
    }
}

#[test]
fn a_phone_gets_as_many_credentials_as_it_has_room_for_and_the_next_says_why_it_waits() {
    let parent = |number: usize| AcsCredentialId::new(uuid::Uuid::from_u128(u128::try_from(number).unwrap()));
    let scene = Scene::default().running().registered("a").enrolled("a");
    let scene = (0..=CREDENTIALS_PER_PHONE).fold(scene, |scene, number| {
        scene.parent(|record| record.acs_credential_id = parent(100 + number))
    });
    let steps = scene.plan();
    assert_eq!(
        steps.iter().filter(|step| matches!(step, Step::Issue { .. })).count(),
        CREDENTIALS_PER_PHONE
    );
    let last = Step::Park {
        automation: automation_id(),
        device: device("a"),
        parent: Some(parent(100 + CREDENTIALS_PER_PHONE)),
    };
    assert_eq!(steps.last(), Some(&last));
}

/// A phone with as many children as it has room for, each of a parent of its own and changed, and one parent more.
fn full(change: impl Fn(&mut PhoneCredential)) -> Scene {
    let mut scene = Scene::default().running().registered("a").enrolled("a");
    for number in 0..CREDENTIALS_PER_PHONE {
        let parent = AcsCredentialId::new(uuid::Uuid::from_u128(100 + u128::try_from(number).unwrap()));
        scene = scene.parent(|record| record.acs_credential_id = parent).issued("a");
        let child = &mut scene.aggregate.phone_credentials.last_mut().unwrap().record;
        child.acs_credential_id = AcsCredentialId::of_phone(parent, automation_id(), device("a"));
        child.parent_acs_credential_id = parent;
        child.state = PhoneCredentialState::Issued {
            remote_id: RemoteCredentialId::new(format!("C-{number}")),
            card_number: number.to_string(),
            issued_at: at(950),
        };
        child.created_at = at(i64::try_from(number).unwrap());
        change(child);
    }
    scene.parent(|record| record.created_at = at(1))
}

#[test]
fn what_a_phone_holds_takes_room_and_what_it_waits_for_takes_none() {
    let (automation, device) = (automation_id(), device("a"));
    let park = Step::Park {
        automation,
        device,
        parent: Some(PARENT),
    };
    let issue = Step::Issue {
        automation,
        device,
        parent: PARENT,
    };
    assert_eq!(full(|_| {}).plan(), [park]);
    let waiting = full(|child| {
        child.state = PhoneCredentialState::Pending;
        child.effort.not_before = Some(at(5_000));
    });
    assert_eq!(waiting.plan(), std::slice::from_ref(&issue));
    let mut parked = full(|_| {});
    parked.aggregate.phone_credentials.pop();
    parked.aggregate.credentials.remove(CREDENTIALS_PER_PHONE - 1);
    let parked = parked.child("a", PhoneCredentialState::Failed, given_up(FailureCode::CredentialLimitReached));
    assert_eq!(parked.plan(), [issue], "once there is room");
}

#[test]
fn of_two_that_adopted_the_same_credential_the_older_keeps_it_and_the_other_is_issued_its_own() {
    let mut scene = full(|_| {});
    scene.aggregate.phone_credentials.truncate(2);
    scene
        .aggregate
        .credentials
        .retain(|parent| parent.record.acs_credential_id != PARENT);
    scene.aggregate.credentials.truncate(2);
    assert_eq!(scene.plan(), [], "each has its own");
    for (older, younger) in [(0, 1), (1, 0)] {
        let mut doubled = scene.clone();
        let children = &mut doubled.aggregate.phone_credentials;
        children[younger].record.state = children[older].record.state.clone();
        children[older].record.created_at = at(1);
        children[younger].record.created_at = at(2);
        let parent = children[younger].record.parent_acs_credential_id;
        let issue = Step::Issue {
            automation: automation_id(),
            device: device("a"),
            parent,
        };
        assert_eq!(doubled.plan(), [issue]);
    }
}
