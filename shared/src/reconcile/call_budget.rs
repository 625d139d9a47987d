//! The budget of calls that all instances share, kept in the table and leased in blocks.

use std::time::Duration;

use futures_util::{FutureExt, future::BoxFuture};
use tokio::sync::Mutex;

use super::call_window::{Grant, grant};
use crate::{
    clock::Clock,
    credential_manager::{CallBudget, CallError, Priority},
    domain::{aggregate::Versioned, ids::AcsSystemId, time::Timestamp},
    store::{CallBudgetState, Key, Store, StoreError, WriteError},
};

/// How often a lease is tried again when other instances lease at the same moment.
const LEASE_TRIES: u32 = 12;
/// How long everybody pauses when the far side says that we are too fast: its window is five minutes long.
const PAUSE: Duration = Duration::from_mins(5);

/// The budget of one credential manager.
pub(super) struct SharedCallBudget {
    store: Store,
    clock: Clock,
    system: AcsSystemId,
    /// Calls that the credential manager allows in five minutes.
    limit: u32,
    held: Mutex<Held>,
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
        }
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
        Ok(())
    }

    async fn lease(&self, held: &mut Held, priority: Priority, now: Timestamp) -> Result<(), CallError> {
        for tried in 0..LEASE_TRIES {
            let (mut state, seen) = self.state(held.seen.take()).await?;
            if let Some(until) = state.paused_until.filter(|until| *until > now) {
                return Err(CallError::BudgetSpent { until });
            }
            state.paused_until = None;
            let (calls, until) = match grant(&mut state.granted, self.limit, priority, self.block_size(), now) {
                Grant::Granted { calls, until } => (calls, until),
                Grant::Denied { until } => return Err(CallError::BudgetSpent { until }),
            };
            match self.write(state, seen.as_ref()).await {
                Ok(written) => {
                    *held = Held {
                        calls,
                        until,
                        priority,
                        seen: Some(written),
                    };
                    return Ok(());
                }
                Err(WriteError::Conflict) => tokio::time::sleep(Duration::from_millis(fastrand::u64(1..=10 << tried.min(4)))).await,
                Err(WriteError::Store(error)) => return Err(error.into()),
            }
        }
        Err(CallError::BudgetSpent {
            until: now.plus(Duration::from_secs(1)),
        })
    }

    async fn pause(&self) -> Timestamp {
        let now = self.clock.now();
        let until = now.plus(PAUSE);
        let mut held = self.held.lock().await;
        held.calls = 0;
        held.seen = None;
        for _ in 0..LEASE_TRIES {
            let Ok((mut state, seen)) = self.state(None).await else { break };
            if let Some(paused) = state.paused_until.filter(|paused| *paused > now) {
                return paused;
            }
            state.paused_until = Some(until);
            match self.write(state, seen.as_ref()).await {
                Err(WriteError::Conflict) => {}
                // Whoever could not write the pause still waits for itself.
                Ok(_) | Err(WriteError::Store(_)) => break,
            }
        }
        until
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
                    granted: Vec::new(),
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

    fn refused(&self) -> BoxFuture<'_, Timestamp> {
        self.pause().boxed()
    }
}
