//! What somebody did at the credential manager by hand, and what is done about it later.

use std::time::Duration;

use crate::{runtime, table, world::World};
use fobless::{
    domain::{
        deletion::Deletion,
        enrollment_automation::EnrollmentAutomation,
        failure::FailureCode,
        ids::RemoteUserId,
        multi_phone_sync_credential::{MultiPhoneSyncCredential, WhenInvalidated},
        phone_credential::PhoneCredentialState,
    },
    store::{RemoteUserLink, Store},
};

/// Everything comes to rest again and again, for so long.
async fn live_for(world: &World, minutes: u64) {
    for _ in 0..minutes {
        world.person.time.pass(Duration::from_mins(1));
        world.come_to_rest().await.unwrap();
        world.person.manager.ledger().fetch();
        world.person.deliver_callbacks().await;
    }
}

/// A person whose phone was invited.
async fn invited(store: &Store) -> World {
    let mut world = World::begin(store, true).await;
    world.person.launch().await;
    world.person.hear_of_phone(world.person.event(0, true, 0)).await;
    world.come_to_rest().await.unwrap();
    world
}

#[test]
fn a_credential_that_was_revoked_to_stay_so_is_not_issued_again_after_its_user_was_suspended_for_a_while() {
    let store = table::store();
    runtime().block_on(async {
        let mut world = invited(&store).await;
        let leave_it_so = |parent: &mut MultiPhoneSyncCredential| parent.when_invalidated = WhenInvalidated::Mark;
        world.person.create_parent_with(0, leave_it_so).await;
        world.person.redeem(0).await;
        live_for(&world, 10).await;
        let issued = world
            .person
            .manager
            .ledger()
            .live()
            .next()
            .map(|(_, credential)| credential.id.clone())
            .unwrap();
        world.person.manager.ledger().revoke(&issued).unwrap();
        world.person.manager.ledger().fetch();
        world.person.time.pass(Duration::from_hours(25));
        live_for(&world, 10).await;
        let state_of = async |world: &World| world.load().await.0.phone_credentials[0].record.state.clone();
        assert_eq!(state_of(&world).await, PhoneCredentialState::Failed);
        world.person.suspend(0, true).await;
        live_for(&world, 10).await;
        assert!(matches!(state_of(&world).await, PhoneCredentialState::Revoked { .. }));
        world.person.suspend(0, false).await;
        live_for(&world, 10).await;
        assert_eq!(world.person.manager.ledger().live().count(), 0);
        let child = world.load().await.0.phone_credentials[0].record.clone();
        assert!(child.is_marked(), "and it says so: {child:?}");
    });
}

#[test]
fn a_phone_whose_person_was_deleted_there_is_invited_anew_once_the_person_is_known_again() {
    let store = table::store();
    runtime().block_on(async {
        let world = invited(&store).await;
        let invited = |world: &World| {
            let ledger = world.person.manager.ledger();
            ledger.invitations.iter().map(|found| found.shown.id.clone()).collect::<Vec<_>>()
        };
        let first = invited(&world);
        world.person.manager.ledger().delete_user(world.person.names.owner.user_identity_id);
        live_for(&world, 30).await;
        let second = invited(&world);
        assert_eq!((first.len(), second.len()), (1, 1));
        assert_ne!(first, second, "of the user that there is now");
        let enrollment = world.load().await.0.enrollments[0].record.clone();
        assert_eq!(enrollment.open_invitation_id(), second.first());
    });
}

#[test]
fn a_user_that_was_adopted_by_its_email_address_is_not_shared_with_another_person() {
    for is_first_gone in [false, true] {
        let store = table::store();
        runtime().block_on(async {
            let mut world = World::begin(&store, true).await;
            let now = world.person.time.now();
            let person = &mut world.person;
            let user = RemoteUserId::new(format!("made-by-hand-{}", person.names.owner.user_identity_id));
            let first = person.names.another_person(1);
            let mut identity = first.identity(now);
            if is_first_gone {
                identity.deletion = Some(Deletion {
                    requested_at: now,
                    gone_at: Some(now),
                });
            }
            person.store.insert(identity).await.unwrap();
            let automation = EnrollmentAutomation {
                remote_user_id: Some(user.clone()),
                ..first.automation(now)
            };
            person.store.insert(automation).await.unwrap();
            let link = RemoteUserLink {
                acs_system_id: first.manager,
                remote_user_id: user.clone(),
                workspace_id: first.owner.workspace_id,
                user_identity_id: first.owner.user_identity_id,
                enrollment_automation_id: first.automation_id(),
            };
            person.store.insert(link).await.unwrap();
            person.manager.ledger().made_by_hand = Some(user.clone());
            person.launch().await;
            world.come_to_rest().await.unwrap();
            let automation = world.load().await.0.automations[0].record.clone();
            let failure = automation.ensure_user.last_failure.map(|failure| failure.code);
            if is_first_gone {
                assert_eq!((automation.remote_user_id, failure), (Some(user), None));
            } else {
                assert_eq!(
                    (automation.remote_user_id, failure),
                    (None, Some(FailureCode::CredentialManagerUserConflict))
                );
            }
        });
    }
}
