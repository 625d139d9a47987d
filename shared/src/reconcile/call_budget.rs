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
    /// What this instance has leased and not used.
    block: Mutex<Block>,
}

#[derive(Clone, Copy)]
struct Block {
    calls: u32,
    until: Timestamp,
    /// Who it was leased for. The more urgent may use it too, the less urgent may not.
    priority: Priority,
}

impl SharedCallBudget {
    pub(super) fn new(store: Store, clock: Clock, system: AcsSystemId, limit: u32) -> Self {
        let block = Mutex::new(Block {
            calls: 0,
            until: Timestamp::from_millis(0),
            priority: Priority::Poll,
        });
        Self {
            store,
            clock,
            system,
            limit,
            block,
        }
    }

    /// A block is a small part of the limit: what one instance holds and does not use, nobody else can use.
    fn block_size(&self) -> u32 {
        (self.limit / 100).max(1)
    }

    async fn take_one(&self, priority: Priority) -> Result<(), CallError> {
        let mut block = self.block.lock().await;
        let now = self.clock.now();
        if block.calls == 0 || block.until <= now || block.priority < priority {
            *block = self.lease(priority, now).await?;
        }
        block.calls -= 1;
        Ok(())
    }

    async fn lease(&self, priority: Priority, now: Timestamp) -> Result<Block, CallError> {
        for tried in 0..LEASE_TRIES {
            let (mut state, version) = self.state().await?;
            if let Some(until) = state.paused_until.filter(|until| *until > now) {
                return Err(CallError::BudgetSpent { until });
            }
            state.paused_until = None;
            let (calls, until) = match grant(&mut state.granted, self.limit, priority, self.block_size(), now) {
                Grant::Granted { calls, until } => (calls, until),
                Grant::Denied { until } => return Err(CallError::BudgetSpent { until }),
            };
            match self.write(state, version).await {
                Ok(()) => return Ok(Block { calls, until, priority }),
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
        self.block.lock().await.calls = 0;
        for _ in 0..LEASE_TRIES {
            let Ok((mut state, version)) = self.state().await else { break };
            if let Some(paused) = state.paused_until.filter(|paused| *paused > now) {
                return paused;
            }
            state.paused_until = Some(until);
            match self.write(state, version).await {
                Err(WriteError::Conflict) => {}
                // Whoever could not write the pause still waits for itself.
                Ok(()) | Err(WriteError::Store(_)) => break,
            }
        }
        until
    }

    async fn state(&self) -> Result<(CallBudgetState, Option<u64>), StoreError> {
        Ok(match self.store.get(Key::call_budget(self.system)).await? {
            Some(Versioned { record, version }) => (record, Some(version)),
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

    async fn write(&self, state: CallBudgetState, version: Option<u64>) -> Result<(), WriteError> {
        match version {
            Some(version) => self.store.replace(state, version).await.map(drop),
            None => self.store.insert(state).await.map(drop),
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
