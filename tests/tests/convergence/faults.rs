//! What goes wrong on the way to the far side and back. A case says it call by call, over and over.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering},
};

use fobless_simulation::manager::Fault;
use tokio::sync::Notify;

/// The faults of a case.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    plan: Mutex<(Vec<Fault>, usize)>,
    were_on: AtomicBool,
    death: Notify,
}

impl Faults {
    /// From now on the calls meet these, one after the other and over again. None: every call is answered.
    pub(crate) fn set(&self, plan: &[Fault]) {
        if plan.iter().any(|fault| *fault != Fault::Fine) {
            self.were_on.store(true, Ordering::SeqCst);
        }
        *self.plan.lock().unwrap() = (plan.to_vec(), 0);
    }

    /// What becomes of the next call.
    pub(crate) fn next(&self) -> Fault {
        let (plan, used) = &mut *self.plan.lock().unwrap();
        let Some(fault) = plan.get(*used % plan.len().max(1)) else {
            return Fault::Fine;
        };
        *used += 1;
        *fault
    }

    /// Whether anything ever went wrong.
    pub(crate) fn were_on(&self) -> bool {
        self.were_on.load(Ordering::SeqCst)
    }

    /// Whoever asked dies.
    pub(crate) async fn die(&self) -> ! {
        self.death.notify_one();
        std::future::pending().await
    }

    /// Waits for somebody to die.
    pub(crate) async fn death(&self) {
        self.death.notified().await;
    }
}
