//! The clock: the only module that asks what time it is, and through which pauses pass that a simulation has to see. Everything else is told.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use futures_util::future::BoxFuture;

use crate::domain::time::Timestamp;

/// A source of time. Cheap to clone.
#[derive(Clone)]
pub struct Clock {
    now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    sleep: Arc<dyn Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync>,
}

impl Clock {
    /// The machine's own clock.
    #[must_use]
    pub fn system() -> Self {
        Self::of(system_now)
    }

    /// A clock that a test or a simulation sets.
    #[must_use]
    pub fn of(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self {
            now: Arc::new(now),
            sleep: Arc::new(|duration| Box::pin(tokio::time::sleep(duration))),
        }
    }

    /// The same, but pauses pass as a simulation lets them.
    #[must_use]
    pub fn with_sleep(self, sleep: impl Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync + 'static) -> Self {
        Self {
            sleep: Arc::new(sleep),
            ..self
        }
    }

    /// The same, but so far ahead.
    #[must_use]
    pub fn ahead(self, by: Duration) -> Self {
        let now = self.now;
        Self {
            now: Arc::new(move || now().plus(by)),
            sleep: self.sleep,
        }
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// Waits.
    pub async fn sleep(&self, duration: Duration) {
        (self.sleep)(duration).await;
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock module")]
fn system_now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
