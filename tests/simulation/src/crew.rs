//! Everybody who is at work: the invocations of functions. One is polled after the other, in an order that chance decides, and one that
//! dies is dropped where it stands.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use futures_util::future::BoxFuture;

use crate::{
    chance::Chance,
    line::Shared,
    mail::{Letter, Outcome},
};

/// An invocation.
struct Worker {
    id: usize,
    letter: Letter,
    work: BoxFuture<'static, Outcome>,
    flag: Arc<Flag>,
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// All of them.
#[derive(Default)]
pub(crate) struct Crew {
    workers: Vec<Worker>,
    hired: usize,
}

/// How an invocation ended.
pub(crate) enum Ended {
    /// It answered.
    Answered(Letter, Outcome),
    /// It died.
    Died(Letter),
}

/// What came of somebody's turn.
pub(crate) enum Turn {
    /// Nobody can go on before time does.
    EverybodyWaits,
    /// Somebody went on, and waits again.
    WentOn,
    /// Somebody's invocation is over.
    Ended(Ended),
}

impl Crew {
    pub(crate) fn hire(&mut self, letter: Letter, work: BoxFuture<'static, Outcome>) {
        self.hired += 1;
        self.workers.push(Worker {
            id: self.hired,
            letter,
            work,
            flag: Arc::new(Flag(AtomicBool::new(true))),
        });
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.workers.is_empty()
    }

    /// What everybody works on.
    pub(crate) fn letters(&self) -> impl Iterator<Item = &Letter> {
        self.workers.iter().map(|worker| &worker.letter)
    }

    /// Lets somebody who can go on do so.
    pub(crate) fn go_on(&mut self, chance: &Chance, shared: &Shared) -> Turn {
        let ready: Vec<usize> = (0..self.workers.len())
            .filter(|index| self.workers[*index].flag.0.load(Ordering::Relaxed))
            .collect();
        let Some(&index) = ready.get(chance.below(ready.len())) else {
            return Turn::EverybodyWaits;
        };
        let worker = &mut self.workers[index];
        worker.flag.0.store(false, Ordering::Relaxed);
        shared.begin_turn(worker.id);
        let waker = Waker::from(Arc::clone(&worker.flag));
        let polled = worker.work.as_mut().poll(&mut Context::from_waker(&waker));
        let died = shared.end_turn();
        if !died && polled.is_pending() {
            return Turn::WentOn;
        }
        let worker = self.workers.remove(index);
        Turn::Ended(match polled {
            Poll::Ready(outcome) if !died => Ended::Answered(worker.letter, outcome),
            _ => Ended::Died(worker.letter),
        })
    }
}
