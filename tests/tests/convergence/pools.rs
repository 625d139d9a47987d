//! From which pool a credential is drawn, when the choice changes while a call is unanswered.

use std::time::Duration;

use fobless::{
    domain::{
        acs::{AcsCredentialPool, KnownPoolLevel},
        multi_phone_sync_credential::MultiPhoneSyncCredential,
    },
    store::{Key, Store},
};
use fobless_simulation::{manager::Fault, records::Names};

use crate::{runtime, table, world::World};

/// A person whose phone is enrolled, and who is to have a credential that any pool will do for.
async fn begin(store: &Store) -> World {
    let mut world = World::begin(store, true).await;
    let person = &mut world.person;
    person.launch().await;
    person.hear_of_phone(person.event(0, true, 0)).await;
    world.come_to_rest().await.unwrap();
    world.person.redeem(0).await;
    world.person.deliver_callbacks().await;
    world.come_to_rest().await.unwrap();
    let any_pool_will_do = |parent: &mut MultiPhoneSyncCredential| parent.facility_code = None;
    world.person.create_parent_with(0, any_pool_will_do).await;
    world
}

/// The pool of a slot turns out to be empty.
async fn empty(world: &World, slot: usize) {
    let (names, now) = (&world.person.names, world.person.time.now());
    let id = names.pool(slot, now).acs_credential_pool_id;
    let key = Key::pool(names.owner.workspace_id, names.manager, id);
    let pool = world.person.seen::<AcsCredentialPool>(key).await.unwrap();
    let is_empty = |pool: &mut AcsCredentialPool| {
        pool.level = Some(KnownPoolLevel {
            read_at: now,
            available: Some(0),
            facility_code: None,
            card_format: None,
        });
        true
    };
    world.person.store.amend(pool, is_empty).await.unwrap();
}

#[test]
fn an_issue_whose_reply_was_lost_is_repeated_from_its_own_pool_though_another_would_be_chosen_now() {
    let store = table::store();
    runtime().block_on(async {
        let world = begin(&store).await;
        world.person.manager.ledger().shows_credentials_late = true;
        // The pool's level is read, then the answer to the issue is lost, and the look after it fails.
        world.faults.set(&[Fault::Fine, Fault::After, Fault::Before, Fault::Before]);
        world.come_to_rest().await.unwrap();
        world.faults.set(&[]);
        empty(&world, 0).await;
        for _ in 0..20 {
            world.person.time.pass(Duration::from_secs(30));
            world.come_to_rest().await.unwrap();
            world.person.manager.ledger().fetch();
        }
        let ledger = world.person.manager.ledger();
        let pools: Vec<_> = ledger.live().map(|(_, credential)| credential.pool.clone()).collect();
        assert_eq!(pools, [Some(Names::remote_pool(0))]);
    });
}
