//! What stands between the functions and everything outside them: the points at which a function may die, be held up, or hear nothing.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use fobless::domain::time::Timestamp;
use fobless_table_in_memory::{Fate, Gate, Request};
use futures_util::future::BoxFuture;

use crate::{
    chance::{Chance, Trace},
    manager::{Fault, Line},
    time::Time,
};

/// The longest that a request or a call is held up.
const HOLD_UP: u64 = 2_000;

/// What goes wrong, in so many of a thousand cases.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Weather {
    pub(crate) crash: u32,
    pub(crate) hold_up: u32,
    pub(crate) table: u32,
    pub(crate) far_side: u32,
    /// Whether the far side may do what it is asked a minute later.
    pub(crate) may_be_late: bool,
}

/// What everybody in a world shares. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Shared(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    time: Time,
    chance: Chance,
    trace: Mutex<Trace>,
    weather: Mutex<Weather>,
    points: AtomicUsize,
    crash_at: Option<usize>,
    turn_of: AtomicUsize,
    has_died: AtomicBool,
}

impl Shared {
    pub(crate) fn new(seed: u64, crash_at: Option<usize>, is_read: bool) -> Self {
        Self(Arc::new(Inner {
            time: Time::begin(),
            chance: Chance::new(seed),
            trace: Mutex::new(Trace::new(is_read)),
            weather: Mutex::default(),
            points: AtomicUsize::new(0),
            crash_at,
            turn_of: AtomicUsize::new(0),
            has_died: AtomicBool::new(false),
        }))
    }

    pub(crate) fn time(&self) -> &Time {
        &self.0.time
    }

    pub(crate) fn chance(&self) -> &Chance {
        &self.0.chance
    }

    /// How many points were passed.
    pub(crate) fn points(&self) -> usize {
        self.0.points.load(Ordering::Relaxed)
    }

    pub(crate) fn set_weather(&self, weather: Weather) {
        *self.0.weather.lock().unwrap_or_else(PoisonError::into_inner) = weather;
    }

    fn weather(&self) -> Weather {
        *self.0.weather.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn trace(&self) -> MutexGuard<'_, Trace> {
        self.0.trace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn note(&self, what: fmt::Arguments<'_>) {
        self.trace().add(self.0.time.now(), what);
    }

    pub(crate) fn take_trace(&self) -> Trace {
        std::mem::replace(&mut *self.trace(), Trace::new(false))
    }

    pub(crate) fn begin_turn(&self, worker: usize) {
        self.0.turn_of.store(worker, Ordering::Relaxed);
        self.0.has_died.store(false, Ordering::Relaxed);
    }

    /// Whether whose turn it was died.
    pub(crate) fn end_turn(&self) -> bool {
        self.0.has_died.load(Ordering::Relaxed)
    }

    /// A point at which whoever comes by may die or be held up.
    async fn point(&self, when: &str, what: &str) {
        let point = self.0.points.fetch_add(1, Ordering::Relaxed);
        let weather = self.weather();
        if self.0.crash_at == Some(point) || self.chance().happens(weather.crash) {
            self.note(format_args!("{} dies {when} {what}", self.0.turn_of.load(Ordering::Relaxed)));
            self.0.has_died.store(true, Ordering::Relaxed);
            std::future::pending::<()>().await;
        }
        if self.chance().happens(weather.hold_up) {
            self.time().wait(self.chance().millis(HOLD_UP)).await;
        } else {
            // Others who are at work go on meanwhile.
            let mut has_yielded = false;
            std::future::poll_fn(|context| {
                if std::mem::replace(&mut has_yielded, true) {
                    return std::task::Poll::Ready(());
                }
                context.waker().wake_by_ref();
                std::task::Poll::Pending
            })
            .await;
        }
    }
}

/// The gate before the table.
#[derive(Clone, Debug)]
pub(crate) struct TableGate(pub(crate) Shared);

impl Gate for TableGate {
    fn before(&self, request: &Request) -> BoxFuture<'static, Fate> {
        let (shared, what) = (self.0.clone(), format!("{} {}", request.operation, request.subject()));
        let is_write = request.is_write();
        Box::pin(async move {
            shared.point("before", &what).await;
            let fate = if shared.chance().happens(shared.weather().table) {
                match shared.chance().below(5) {
                    0 => Fate::Throttled,
                    1 if is_write => Fate::InATransaction,
                    2 | 3 => Fate::NotReached,
                    _ => Fate::ReplyLost,
                }
            } else {
                Fate::Done
            };
            shared.note(format_args!("{what}: {fate:?}"));
            fate
        })
    }

    fn after(&self, request: &Request) -> BoxFuture<'static, ()> {
        let (shared, operation) = (self.0.clone(), request.operation.clone());
        Box::pin(async move { shared.point("after", &operation).await })
    }
}

/// The line to the far side.
#[derive(Clone, Debug)]
pub(crate) struct FarLine(pub(crate) Shared);

impl Line for FarLine {
    fn now(&self) -> Timestamp {
        self.0.time().now()
    }

    fn call(&self, name: &'static str) -> BoxFuture<'_, Fault> {
        Box::pin(async move {
            self.0.point("before the call", name).await;
            let fault = if self.0.chance().happens(self.0.weather().far_side) {
                let faults = [Fault::Before, Fault::After, Fault::After, Fault::Late];
                faults[self.0.chance().below(if self.0.weather().may_be_late { 4 } else { 3 })]
            } else {
                Fault::Fine
            };
            self.0.note(format_args!("call {name}: {fault:?}"));
            fault
        })
    }

    fn reply(&self, _: Fault) -> BoxFuture<'_, ()> {
        Box::pin(async move { self.0.point("after", "a call").await })
    }
}
