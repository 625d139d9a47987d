//! The time of a case: it stands still unless the case or a call moves it on.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use fobless::{clock::Clock, domain::time::Timestamp};

/// 2024-01-11T10:42:25.848Z.
const BEGIN: i64 = 1_704_969_745_848;

/// A clock that the case sets. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct VirtualTime(Arc<AtomicI64>);

impl VirtualTime {
    pub(crate) fn begin() -> Self {
        Self(Arc::new(AtomicI64::new(BEGIN)))
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }

    pub(crate) fn pass(&self, duration: Duration) {
        self.set(self.now().plus(duration));
    }

    /// Moves on to `moment`, if it lies ahead.
    pub(crate) fn set(&self, moment: Timestamp) {
        self.0.fetch_max(moment.millis(), Ordering::SeqCst);
    }

    pub(crate) fn clock(&self) -> Clock {
        let time = self.clone();
        Clock::of(move || time.now())
    }
}
