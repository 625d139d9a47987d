//! The budget of calls that all instances share, kept in the table and leased in blocks.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::{FutureExt, future::BoxFuture};
use tokio::sync::Mutex;

use super::{
    call_turns::{held_back, next_turn},
    call_window::{Block, grant, room},
    refusals::{WINDOW, judge, worked},
};
use crate::{
    clock::Clock,
    credential_manager::{CallBudget, CallError, Priority, Refusal, Said},
    domain::{aggregate::Versioned, ids::AcsSystemId, time::Timestamp},
    store::{CallBudgetState, CallTurn, Key, Refusals, Store, StoreError, WriteError},
    telemetry::{Measure, Telemetry},
};

/// How often a lease is tried again when other instances lease at the same moment.
const LEASE_TRIES: u32 = 12;

/// The budget of one credential manager.
pub(super) struct SharedCallBudget {
    store: Store,
    clock: Clock,
    system: AcsSystemId,
    /// Calls that the credential manager allows in five minutes.
    limit: u32,
    held: Mutex<Held>,
    /// Whether the next answer may be news to the others: none came yet, or the last one was a refusal.
    has_news: AtomicBool,
    telemetry: OnceLock<Telemetry>,
}

/// What this instance knows and has.
struct Held {
    /// Calls that are leased and not used.
    calls: u32,
    /// Void from then on.
    until: Timestamp,
    /// Who they were leased for. The more urgent may use them too, the less urgent may not.
    priority: Priority,
    /// The budget as this instance wrote it last: while nobody else writes it, a lease costs one write and no read.
    seen: Option<Versioned<CallBudgetState>>,
}

impl SharedCallBudget {
    pub(super) fn new(store: Store, clock: Clock, system: AcsSystemId, limit: u32) -> Self {
        let held = Mutex::new(Held {
            calls: 0,
            until: Timestamp::from_millis(0),
            priority: Priority::Poll,
            seen: None,
        });
        Self {
            store,
            clock,
            system,
            limit,
            held,
            has_news: AtomicBool::new(true),
            telemetry: OnceLock::new(),
        }
    }

    /// From now on it reports what it measures. The first one counts.
    pub(super) fn report_to(&self, telemetry: &Telemetry) {
        let _ = self.telemetry.set(telemetry.clone());
    }

    /// What one instance holds and does not use, nobody else can use; so a block is one call unless calls are plentiful.
    fn block_size(&self) -> u32 {
        (self.limit / 1000).max(1)
    }

    async fn take_one(&self, priority: Priority) -> Result<(), CallError> {
        let mut held = self.held.lock().await;
        let now = self.clock.now();
        if held.calls == 0 || held.until <= now || held.priority < priority {
            self.lease(&mut held, priority, now).await?;
        }
        held.calls -= 1;
        self.measure(Measure::CredentialManagerCall);
        Ok(())
    }

    async fn lease(&self, held: &mut Held, priority: Priority, now: Timestamp) -> Result<(), CallError> {
        for tried in 0..LEASE_TRIES {
            let (mut state, seen) = self.state(held.seen.take()).await?;
            let lease = self.lease_from(&mut state, priority, now);
            match self.write(state, seen.as_ref()).await {
                Ok(written) => {
                    held.seen = Some(written);
                    let block = lease?;
                    (held.calls, held.until, held.priority) = (block.calls, block.until, priority);
                    return Ok(());
                }
                Err(WriteError::Conflict) => self.clock.sleep(Duration::from_millis(fastrand::u64(1..=10 << tried.min(4)))).await,
                Err(WriteError::Store(error)) => return Err(error.into()),
            }
        }
        // Many ask at once; they come back one by one.
        Err(CallError::BudgetSpent {
            until: now.plus(Duration::from_millis(fastrand::u64(1_000..10_000))),
        })
    }

    /// A block of calls, or the turn that is given to who found no room. Either is a change of the state.
    fn lease_from(&self, state: &mut CallBudgetState, priority: Priority, now: Timestamp) -> Result<Block, CallError> {
        state.paused_until = state.paused_until.filter(|until| *until > now);
        let room = room(&mut state.calls, self.limit, priority, now);
        self.measure(Measure::CallBudgetLeft(room.in_all));
        let held_back = held_back(&state.turns, self.limit, priority, now);
        if state.paused_until.is_none() && room.now > held_back {
            return Ok(grant(&mut state.calls, self.block_size().min(room.now - held_back), now));
        }
        let earliest = state.paused_until.unwrap_or(room.more_at);
        Err(CallError::BudgetSpent {
            until: next_turn(&mut state.turns, self.limit, priority, earliest, now),
        })
    }

    async fn judge(&self, said: Said) -> Refusal {
        let now = self.clock.now();
        let until = now.plus(WINDOW);
        self.has_news.store(true, Ordering::Relaxed);
        let mut held = self.held.lock().await;
        held.calls = 0;
        held.seen = None;
        // Whoever could not write the pause still waits for itself.
        let mut refusal = Refusal::TooFast { until };
        for _ in 0..LEASE_TRIES {
            let Ok((mut state, seen)) = self.state(None).await else { break };
            let paused_until = *state.paused_until.filter(|paused| *paused > now).get_or_insert(until);
            state.paused_until = Some(paused_until);
            refusal = judge(&mut state.refusals, said, paused_until, now);
            match self.write(state, seen.as_ref()).await {
                Err(WriteError::Conflict) => {}
                Ok(_) | Err(WriteError::Store(_)) => break,
            }
        }
        refusal
    }

    /// That the account works has to be known the next time it is refused.
    async fn note_answer(&self) {
        if !self.has_news.swap(false, Ordering::Relaxed) {
            return;
        }
        let mut held = self.held.lock().await;
        for _ in 0..LEASE_TRIES {
            let Ok((mut state, seen)) = self.state(held.seen.take()).await else {
                break;
            };
            if !worked(&mut state.refusals) {
                held.seen = seen;
                return;
            }
            match self.write(state, seen.as_ref()).await {
                Ok(written) => {
                    held.seen = Some(written);
                    return;
                }
                Err(WriteError::Conflict) => {}
                Err(WriteError::Store(_)) => break,
            }
        }
        self.has_news.store(true, Ordering::Relaxed);
    }

    fn measure(&self, measure: Measure) {
        if let Some(telemetry) = self.telemetry.get() {
            telemetry.measure(measure);
        }
    }

    async fn state(
        &self,
        seen: Option<Versioned<CallBudgetState>>,
    ) -> Result<(CallBudgetState, Option<Versioned<CallBudgetState>>), StoreError> {
        let known = match seen {
            Some(seen) => Some(seen),
            None => self.store.get(Key::call_budget(self.system)).await?,
        };
        Ok(match known {
            Some(seen) => (seen.record.clone(), Some(seen)),
            None => (
                CallBudgetState {
                    acs_system_id: self.system,
                    calls: Vec::new(),
                    turns: [CallTurn::default(); 4],
                    refusals: Refusals::default(),
                    paused_until: None,
                },
                None,
            ),
        })
    }

    async fn write(
        &self,
        state: CallBudgetState,
        seen: Option<&Versioned<CallBudgetState>>,
    ) -> Result<Versioned<CallBudgetState>, WriteError> {
        match seen {
            Some(seen) => self.store.replace(state, seen).await,
            None => self.store.insert(state).await,
        }
    }
}

impl CallBudget for SharedCallBudget {
    fn take(&self, priority: Priority) -> BoxFuture<'_, Result<(), CallError>> {
        self.take_one(priority).boxed()
    }

    fn refused(&self, said: Said) -> BoxFuture<'_, Refusal> {
        self.judge(said).boxed()
    }

    fn answered(&self) -> BoxFuture<'_, ()> {
        self.note_answer().boxed()
    }
}
