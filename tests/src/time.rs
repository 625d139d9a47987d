//! Time that a test can move on: the machine's clock and an offset.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use fobless::{clock::Clock, domain::time::Timestamp};

/// The machine's time, moved on as far as the test says. The simulator keeps the machine's own.
#[derive(Clone, Debug, Default)]
pub struct ShiftedTime(Arc<AtomicI64>);

impl ShiftedTime {
    /// The clock to give to the system.
    #[must_use]
    pub fn clock(&self) -> Clock {
        let (offset, machine) = (Arc::clone(&self.0), Clock::system());
        Clock::of(move || Timestamp::from_millis(machine.now().millis() + offset.load(Ordering::Relaxed)))
    }

    /// A clock that stands at one moment.
    #[must_use]
    pub fn standing_at(moment: Timestamp) -> Clock {
        Clock::of(move || moment)
    }

    /// Moves on.
    pub fn pass(&self, duration: Duration) {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        self.0.fetch_add(millis, Ordering::Relaxed);
    }
}
