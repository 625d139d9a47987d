//! How a world begins: the same people and systems in each, and what its seed decides about the far side.

use std::{
    cell::{Cell, OnceCell},
    collections::{BTreeMap, VecDeque},
    sync::{Arc, OnceLock},
};

use fobless::{
    config::CallbackSecrets,
    credential_manager::CredentialManager,
    domain::{acs::AcsSystemKind, secret::Secret, time::Timestamp},
    reconcile::Reconciler,
    secrets::Cached,
    store::Store,
    telemetry::Telemetry,
    webhook::{ActiveKey, VerificationKey},
};
use fobless_table_in_memory::Snapshot;
use uuid::Uuid;

use super::{Batches, Break, World};
use crate::{
    crew::Crew,
    line::{FarLine, Shared, TableGate},
    mail::{CALLBACK_HEADER, CALLBACK_SECRET, Functions, WEBHOOK_SECRET},
    manager::Manager,
    records::Names,
    script::PARENTS,
    store::{TABLE, at_once, database, onlooker, store},
    time::Skew,
    wishes::Wishes,
};

/// What is in the table when a world begins: the same in each.
static BEGINNING: OnceLock<Snapshot> = OnceLock::new();

impl World {
    pub(crate) fn begin(shared: Shared, broken: Option<Break>) -> Self {
        let time = shared.time().clone();
        let counter = Cell::new(0_u128);
        let names = Names::of(|| {
            counter.set(counter.get() + 1);
            Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | counter.get())
        });
        let database = database(&time);
        let onlooker = onlooker(&database, &time);
        let manager = Arc::new(Manager::new(FarLine(shared.clone())));
        database.restore(BEGINNING.get_or_init(|| {
            prepare(&onlooker, &names, time.now());
            let _ = database.take_stream(TABLE);
            database.snapshot()
        }));
        if broken == Some(Break::Conditions) {
            database.let_every_condition_hold();
        }
        manager.ledger().lets_apps_be_reinstalled = true;
        // Half of the far sides do not look whether there is one already. The others may do what they did not answer a minute later: with
        // both, nothing that is read could keep a repeat from doubling what comes late.
        let takes_repeats = shared.chance().happens(500);
        manager.ledger().takes_repeats = takes_repeats;
        // In half of the worlds callbacks are believed. They are late, doubled and lost there too, but they never lie.
        // Most of those far sides tell a credential's number as they issue it; of the others it has to be read.
        let drawn = shared.chance().millis(999).as_millis();
        let trusts_callbacks = drawn < 500;
        manager.ledger().tells_numbers_at_once = drawn < 350;
        // A quarter of either kind show a new endpoint later than that its invitation was redeemed.
        manager.ledger().shows_endpoints_late = drawn.is_multiple_of(4);
        // Some show a credential later than they issued it. Where they took repeats too, nothing that is read could keep one from doubling it.
        manager.ledger().shows_credentials_late = drawn.is_multiple_of(3) && !takes_repeats;
        manager.ledger().revokes_only_what_arrived = drawn.is_multiple_of(5);
        manager.ledger().hides_credentials = broken == Some(Break::ReadBack);
        let gated = store(&database, Arc::new(TableGate(shared.clone())), &time);
        let skews: Vec<Skew> = (0..4).map(|_| Skew::default()).collect();
        let issuer = |skew: &Skew| {
            let clock = time.clock(skew);
            let managers = BTreeMap::from([(names.manager, Arc::clone(&manager) as Arc<dyn CredentialManager>)]);
            let reconciler = Reconciler::over(gated.clone().with_clock(clock.clone()), clock.clone(), managers, BTreeMap::new());
            Arc::new(credential_issuer::State { reconciler, clock })
        };
        let callback = CallbackSecrets {
            header: CALLBACK_HEADER.to_owned(),
            secrets: vec![Secret::new(CALLBACK_SECRET)],
            trusted: trusts_callbacks,
        };
        let key = ActiveKey {
            workspace_id: names.owner.workspace_id,
            key: VerificationKey::parse(WEBHOOK_SECRET).unwrap(),
        };
        let webhook = phone_webhook::State {
            store: gated.clone().with_clock(time.clock(&skews[2])),
            clock: time.clock(&skews[2]),
            keys: Cached::fixed(vec![key]),
            callbacks: Cached::fixed(BTreeMap::from([(names.manager, callback)])),
            telemetry: Telemetry::nowhere(),
        };
        let sweeper = sweeper::State {
            store: gated.clone().with_clock(time.clock(&skews[3])),
            clock: time.clock(&skews[3]),
            telemetry: Telemetry::nowhere(),
        };
        let functions = Functions {
            names,
            time: time.clone(),
            webhook: Arc::new(webhook),
            issuers: [issuer(&skews[0]), issuer(&skews[1])],
            sweeper: Arc::new(sweeper),
            api: gated.with_clock(time.clock(&Skew::default())),
        };
        Self {
            shared,
            names,
            wishes: Wishes::default(),
            database,
            onlooker,
            loaded: OnceCell::new(),
            manager,
            functions,
            skews,
            crew: Crew::default(),
            mail: Vec::new(),
            requests: VecDeque::new(),
            is_asking: false,
            stream: Vec::new(),
            is_stormy: false,
            batches: Batches::Gather,
            may_be_late: !takes_repeats,
            parents: 0,
        }
    }
}

/// What a person's world begins with.
fn prepare(store: &Store, names: &Names, now: Timestamp) {
    at_once(async {
        store.insert(names.identity(now)).await.unwrap();
        store
            .insert(names.system(names.manager, AcsSystemKind::HidOrigo, now))
            .await
            .unwrap();
        store.insert(names.system(names.doors, AcsSystemKind::Ledger, now)).await.unwrap();
        for slot in 0..PARENTS {
            store.insert(names.pool(slot, now)).await.unwrap();
        }
        for user in names.acs_users {
            store.insert(names.acs_user(user, now)).await.unwrap();
        }
    });
}
