//! Counts of what came in and what was refused, for the ledger.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use axum::http::StatusCode;

/// Counts since the simulator started.
#[derive(Default)]
pub(crate) struct Calls {
    counts: Mutex<Counts>,
}

/// The numbers at one moment.
#[derive(Clone, Default)]
pub(crate) struct Counts {
    /// By method and route.
    pub(crate) calls: BTreeMap<String, u64>,
    /// By the status of the answer, 400 and above.
    pub(crate) refused: BTreeMap<String, u64>,
}

impl Calls {
    pub(crate) fn arrived(&self, route: &str) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.calls.entry(route.to_owned()).or_default() += 1;
    }

    pub(crate) fn answered(&self, status: StatusCode) {
        if status.is_client_error() || status.is_server_error() {
            let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
            *counts.refused.entry(status.as_u16().to_string()).or_default() += 1;
        }
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
