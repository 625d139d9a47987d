//! The time of a world: it stands still until everybody waits, and then goes on to the next moment that somebody waits for.

use std::{
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    task::{Context, Poll, Waker},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use aws_smithy_async::{
    rt::sleep::{AsyncSleep, Sleep},
    time::TimeSource,
};
use fobless::{clock::Clock, domain::time::Timestamp};

/// 2024-01-11T10:42:25.848Z.
const BEGIN: i64 = 1_704_969_745_848;

/// The true time. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Time(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    now: i64,
    alarms: BTreeMap<(i64, u64), Waker>,
    set: u64,
}

/// How far one function's clock is off.
#[derive(Clone, Debug, Default)]
pub(crate) struct Skew(Arc<AtomicI64>);

impl Skew {
    pub(crate) fn set(&self, millis: i64) {
        self.0.store(millis, Ordering::Relaxed);
    }
}

impl Time {
    pub(crate) fn begin() -> Self {
        Self(Arc::new(Mutex::new(Inner {
            now: BEGIN,
            alarms: BTreeMap::new(),
            set: 0,
        })))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.inner().now)
    }

    /// The next moment for which somebody waits.
    pub(crate) fn next_alarm(&self) -> Option<Timestamp> {
        let inner = self.inner();
        inner.alarms.keys().next().map(|(at, _)| Timestamp::from_millis(*at))
    }

    /// Goes on to `moment`, if it lies ahead, and wakes who waited for it.
    pub(crate) fn go_on(&self, moment: Timestamp) {
        let mut inner = self.inner();
        let now = inner.now.max(moment.millis());
        inner.now = now;
        let later = inner.alarms.split_off(&(now + 1, 0));
        let rung = std::mem::replace(&mut inner.alarms, later);
        drop(inner);
        for waker in rung.into_values() {
            waker.wake();
        }
    }

    /// Waits for a while.
    pub(crate) fn wait(&self, duration: Duration) -> Wait {
        Wait {
            time: self.clone(),
            until: self.now().plus(duration).millis(),
            alarm: None,
        }
    }

    /// The clock of a function, which may be off.
    pub(crate) fn clock(&self, skew: &Skew) -> Clock {
        let (time, skew, sleeping) = (self.clone(), skew.clone(), self.clone());
        let now = move || Timestamp::from_millis(time.now().millis() + skew.0.load(Ordering::Relaxed));
        Clock::of(now).with_sleep(move |duration| Box::pin(sleeping.wait(duration)))
    }
}

/// A pause.
#[derive(Debug)]
pub(crate) struct Wait {
    time: Time,
    until: i64,
    alarm: Option<u64>,
}

impl Future for Wait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let (until, alarm) = (self.until, self.alarm);
        let mut inner = self.time.inner();
        if inner.now >= until {
            return Poll::Ready(());
        }
        let alarm = alarm.unwrap_or_else(|| {
            inner.set += 1;
            inner.set
        });
        inner.alarms.insert((until, alarm), context.waker().clone());
        drop(inner);
        self.alarm = Some(alarm);
        Poll::Pending
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        if let Some(alarm) = self.alarm {
            self.time.inner().alarms.remove(&(self.until, alarm));
        }
    }
}

impl AsyncSleep for Time {
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(self.wait(duration))
    }
}

impl TimeSource for Time {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(u64::try_from(self.inner().now).unwrap_or_default())
    }
}
