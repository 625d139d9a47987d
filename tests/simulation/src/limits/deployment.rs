//! Twenty issuers over one table, the stream that wakes them, the sweeper, and the function that takes webhooks.

use std::{
    collections::{BTreeMap, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use fobless::{
    config::CallbackSecrets,
    domain::{acs::AcsSystemKind, secret::Secret, time::Timestamp},
    reconcile::{Reconciler, connect_over},
    secrets::Cached,
    store::Store,
    telemetry::Telemetry,
    webhook::{ActiveKey, VerificationKey},
};
use fobless_table_in_memory::{Database, OpenGate};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{executor::Executor, far_side::FarSide};
use crate::{
    mail::{CALLBACK_HEADER, CALLBACK_SECRET, WEBHOOK_SECRET},
    records::Names,
    store::{TABLE, at_once, database, store},
    time::{Skew, Time},
};

/// As deployed.
const ISSUERS: usize = 20;
const BATCH_SIZE: usize = 10;
const ISSUER_TIME: Duration = Duration::from_secs(50);
const SWEEP: Duration = Duration::from_secs(55);
const SWEEP_EVERY: Duration = Duration::from_mins(1);
/// How long the stream takes to bring a record to an issuer.
const STREAM: Duration = Duration::from_millis(200);

/// The records of one issuer that are still to be handled, in order.
type Lane = Arc<Mutex<VecDeque<Value>>>;

/// A running deployment.
pub struct Deployment {
    pub(super) time: Time,
    /// The far side.
    pub far_side: FarSide,
    /// The table, as whoever looks on sees it.
    pub store: Store,
    pub(super) webhook: Arc<phone_webhook::State>,
    /// Who is who, but for the people.
    pub(super) names: Names,
    executor: Executor,
}

impl Deployment {
    /// Starts it, with a far side that allows so many calls. What is left to chance follows from the seed, so that a run replays exactly.
    #[must_use]
    pub fn start(calls_per_5_minutes: u32, seed: u64) -> Self {
        fastrand::seed(seed);
        let time = Time::begin();
        let far_side = FarSide::start(&time, calls_per_5_minutes);
        let database = database(&time);
        let clock = time.clock(&Skew::default());
        let opened = store(&database, Arc::new(OpenGate), &time).with_clock(clock.clone());
        let counter = std::cell::Cell::new(0_u128);
        let names = Names::of(|| {
            counter.set(counter.get() + 1);
            Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | counter.get())
        });
        let now = time.now();
        at_once(async {
            opened
                .insert(names.system(names.manager, AcsSystemKind::HidOrigo, now))
                .await
                .unwrap();
            opened.insert(names.system(names.doors, AcsSystemKind::Ledger, now)).await.unwrap();
            opened.insert(names.pool(0, now)).await.unwrap();
        });
        let webhook = phone_webhook::State {
            store: opened.clone(),
            clock: clock.clone(),
            keys: Cached::fixed(vec![ActiveKey {
                workspace_id: names.owner.workspace_id,
                key: VerificationKey::parse(WEBHOOK_SECRET).unwrap(),
            }]),
            callbacks: Cached::fixed(BTreeMap::from([(
                names.manager,
                CallbackSecrets {
                    header: CALLBACK_HEADER.to_owned(),
                    secrets: vec![Secret::new(CALLBACK_SECRET)],
                    trusted: false,
                },
            )])),
            telemetry: Telemetry::nowhere(),
        };
        let mut executor = Executor::new(time.clone());
        let lanes: Vec<Lane> = (0..ISSUERS).map(|_| Lane::default()).collect();
        for lane in &lanes {
            let settings = serde_json::from_value(far_side.settings()).unwrap();
            let manager = connect_over(&opened, &clock, names.manager, settings, Arc::new(far_side.clone())).unwrap();
            let managers = BTreeMap::from([(names.manager, manager)]);
            let reconciler = Reconciler::over(opened.clone(), clock.clone(), managers, BTreeMap::new());
            let state = credential_issuer::State {
                reconciler,
                clock: clock.clone(),
            };
            executor.spawn(issue(state, Arc::clone(lane), time.clone()));
        }
        executor.spawn(carry(database, lanes, time.clone()));
        let sweeper = sweeper::State {
            store: opened.clone(),
            clock,
            telemetry: Telemetry::nowhere(),
        };
        executor.spawn(sweep(sweeper, time.clone()));
        Self {
            time,
            far_side,
            store: opened,
            webhook: Arc::new(webhook),
            names,
            executor,
        }
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.time.now()
    }

    /// Lets everybody work for so long.
    pub fn pass(&mut self, duration: Duration) {
        let until = self.now().plus(duration);
        self.executor.run(until);
    }

    /// Does something beside what everybody does.
    pub fn spawn(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        self.executor.spawn(task);
    }

    /// Somebody else uses the account.
    pub fn somebody_else_calls(&mut self, times: usize) {
        let far_side = self.far_side.clone();
        self.executor.spawn(async move { far_side.call_as_somebody_else(times).await });
    }

    /// Sets the far side's faults in place of those before.
    pub fn faults(&mut self, faults: Value) {
        let far_side = self.far_side.clone();
        let set = async move { far_side.ask(http::Method::PUT, "/simulator/faults", &faults).await };
        at_once(set);
    }
}

/// The stream: records of one user identity go to one issuer, in order.
async fn carry(database: Database, lanes: Vec<Lane>, time: Time) {
    loop {
        for record in database.take_stream(TABLE) {
            let partition = record["dynamodb"]["Keys"]["pk"]["S"].as_str().unwrap_or_default();
            // The filter of the deployed mapping.
            if partition.starts_with("USER#") {
                let mut hasher = DefaultHasher::new();
                partition.hash(&mut hasher);
                let lane = &lanes[usize::try_from(hasher.finish() % lanes.len() as u64).unwrap()];
                lane.lock().unwrap_or_else(PoisonError::into_inner).push_back(record);
            }
        }
        time.wait(STREAM).await;
    }
}

async fn issue(state: credential_issuer::State, lane: Lane, time: Time) {
    loop {
        let batch: Vec<Value> = {
            let mut waiting = lane.lock().unwrap_or_else(PoisonError::into_inner);
            let length = waiting.len().min(BATCH_SIZE);
            waiting.drain(..length).collect()
        };
        if batch.is_empty() {
            time.wait(STREAM).await;
            continue;
        }
        let answer = credential_issuer::handle_batch(&state, &json!({ "Records": batch }), ISSUER_TIME).await;
        let failed = answer["batchItemFailures"][0]["itemIdentifier"].as_str();
        let from = failed.and_then(|failed| batch.iter().position(|record| record["dynamodb"]["SequenceNumber"] == failed));
        if let Some(from) = from {
            let mut waiting = lane.lock().unwrap_or_else(PoisonError::into_inner);
            for record in batch.into_iter().skip(from).rev() {
                waiting.push_front(record);
            }
        }
    }
}

async fn sweep(state: sweeper::State, time: Time) {
    loop {
        let next = time.now().plus(SWEEP_EVERY);
        let _ = sweeper::sweep(&state, SWEEP).await;
        time.wait(next.since(time.now())).await;
    }
}
