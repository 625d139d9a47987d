//! What a reconcile costs, counted by a meter before the table and at the far side: it grows with what changed, not with what exists.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use fobless::{
    credential_manager::CredentialManager,
    reconcile::{Outcome, Reconciler},
    store::Store,
};
use fobless_tests::Meter;

use crate::{runtime, table, world::World};

const PHONES: usize = 5;
const PARENTS: usize = 10;

/// A person with five phones that hold ten credentials each, and a reconciler whose requests are counted.
struct Served {
    world: World,
    meter: Meter,
    metered: Reconciler,
}

/// What one reconcile cost.
#[derive(Debug, PartialEq, Eq)]
struct Cost {
    queries: usize,
    writes: usize,
    calls: u64,
}

impl Served {
    async fn begin(store: Store) -> Self {
        let mut world = World::begin(&store, true).await;
        for slot in 0..PARENTS {
            let pool = world.person.names.pool(slot, world.person.time.now());
            // Those of the first slots are there already.
            let _ = world.person.store.insert(pool).await;
            world.person.create_parent(slot).await;
        }
        world.person.launch().await;
        for phone in 0..PHONES {
            world.person.hear_of_phone(world.person.event(phone, true, 0)).await;
        }
        world.come_to_rest().await.unwrap();
        for phone in 0..PHONES {
            world.person.redeem(phone).await;
        }
        world.person.deliver_callbacks().await;
        world.come_to_rest().await.unwrap();
        world.person.manager.ledger().fetch();
        world.person.deliver_callbacks().await;
        world.come_to_rest().await.unwrap();
        let issued = world.load().await.0.phone_credentials;
        assert_eq!(
            issued.iter().filter(|found| found.record.allocation.is_some()).count(),
            PHONES * PARENTS
        );

        let meter = Meter::before(table::endpoint()).await;
        let store = table::store_at(meter.url()).with_clock(world.person.time.clock());
        let manager = Arc::clone(&world.person.manager) as Arc<dyn CredentialManager>;
        let managers = BTreeMap::from([(world.person.names.manager, manager)]);
        let metered = Reconciler::over(store, world.person.time.clock(), managers, BTreeMap::new());
        Self { world, meter, metered }
    }

    async fn cost_of_a_reconcile(&self) -> Cost {
        self.world.person.manager.line().take_calls();
        drop(self.meter.take());
        let until = self.world.person.time.now().plus(Duration::from_hours(1));
        let outcome = self.metered.reconcile(self.world.person.names.owner, until).await.unwrap();
        assert_eq!(outcome, Outcome::NothingLeft);
        let metered = self.meter.take();
        Cost {
            queries: metered.iter().filter(|request| request.operation == "Query").count(),
            writes: metered.iter().filter(|request| request.is_write()).count(),
            calls: self.world.person.manager.line().take_calls(),
        }
    }
}

#[test]
fn with_nothing_to_do_a_reconcile_is_one_query_and_an_audit_is_one_read_more() {
    let store = table::store();
    runtime().block_on(async {
        let served = Served::begin(store).await;
        let nothing = Cost {
            queries: 1,
            writes: 0,
            calls: 0,
        };
        assert_eq!(served.cost_of_a_reconcile().await, nothing);
        served.world.person.time.pass(Duration::from_hours(25));
        // The write says that everything was looked at, so that it is not looked at again before tomorrow.
        let audit = Cost {
            queries: 1,
            writes: 1,
            calls: 1,
        };
        assert_eq!(served.cost_of_a_reconcile().await, audit);
        assert_eq!(served.cost_of_a_reconcile().await, nothing);
    });
}

#[test]
fn one_credential_that_goes_costs_the_same_calls_whatever_else_the_person_has() {
    let store = table::store();
    runtime().block_on(async {
        let mut served = Served::begin(store).await;
        served.world.person.delete_parent(0).await;
        let cost = served.cost_of_a_reconcile().await;
        assert_eq!(cost.calls, u64::try_from(PHONES).unwrap(), "one revocation per phone: {cost:?}");
        // A claim and a record for each child, and the parent's end.
        assert_eq!(cost.writes, 2 * PHONES + 1, "{cost:?}");
    });
}
