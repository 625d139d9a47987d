//! The line to the credential manager: each call takes its time and meets the fault that the case says.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use fobless::domain::time::Timestamp;
use fobless_simulation::manager::{Fault, Line};
use futures_util::future::BoxFuture;

use crate::{faults::Faults, time::VirtualTime};

/// How long a call takes.
const CALL: Duration = Duration::from_millis(20);

/// The credential manager of a case.
pub(crate) type Manager = fobless_simulation::manager::Manager<FaultyLine>;

/// The line of a case.
#[derive(Debug)]
pub(crate) struct FaultyLine {
    faults: Arc<Faults>,
    time: VirtualTime,
    calls: AtomicU64,
}

impl FaultyLine {
    pub(crate) fn new(faults: Arc<Faults>, time: VirtualTime) -> Self {
        Self {
            faults,
            time,
            calls: AtomicU64::new(0),
        }
    }

    /// How many calls there were since it was last asked.
    pub(crate) fn take_calls(&self) -> u64 {
        self.calls.swap(0, Ordering::Relaxed)
    }
}

impl Line for FaultyLine {
    fn now(&self) -> Timestamp {
        self.time.now()
    }

    fn call(&self, _: &'static str) -> BoxFuture<'_, Fault> {
        Box::pin(async {
            self.time.pass(CALL);
            self.calls.fetch_add(1, Ordering::Relaxed);
            // Others that are under way at the same time go on meanwhile.
            tokio::task::yield_now().await;
            self.faults.next()
        })
    }

    fn reply(&self, fault: Fault) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            if fault == Fault::Deadly {
                self.faults.die().await;
            }
        })
    }
}
