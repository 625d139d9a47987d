//! Runs tasks in virtual time: whoever can go on does, and when everybody waits, time goes on to the next alarm.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use fobless::domain::time::Timestamp;
use futures_util::{
    future::BoxFuture,
    stream::{FuturesUnordered, StreamExt},
};

use crate::time::Time;

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The tasks of a deployment.
pub(super) struct Executor {
    time: Time,
    tasks: FuturesUnordered<BoxFuture<'static, ()>>,
}

impl Executor {
    pub(super) fn new(time: Time) -> Self {
        Self {
            time,
            tasks: FuturesUnordered::new(),
        }
    }

    pub(super) fn spawn(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.push(Box::pin(task));
    }

    /// Lets everybody work until `until`.
    pub(super) fn run(&mut self, until: Timestamp) {
        let flag = Arc::new(Flag(AtomicBool::new(true)));
        let waker = Waker::from(Arc::clone(&flag));
        loop {
            while flag.0.swap(false, Ordering::Relaxed) {
                while let Poll::Ready(Some(())) = self.tasks.poll_next_unpin(&mut Context::from_waker(&waker)) {}
            }
            let Some(next) = self.time.next_alarm().filter(|next| *next <= until) else {
                self.time.go_on(until);
                return;
            };
            self.time.go_on(next);
        }
    }
}
