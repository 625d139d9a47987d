//! An access control system in memory, behind calls that may fail. It takes a call that it was sent before for a repeat, and a number
//! that somebody holds for that one's until it is removed.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use fobless::{
    access_control::{AccessControl, AccessControlError, AccessControlResult, CardNumber},
    domain::{
        ids::{AcsCredentialId, AcsUserId},
        time::Timestamp,
    },
};
use fobless_simulation::manager::Fault;
use futures_util::future::BoxFuture;

use crate::{faults::Faults, time::VirtualTime};

/// How late a call is done that is late.
const LATE: Duration = Duration::from_mins(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Operation {
    Import,
    Allocate,
    Remove,
}

/// Who holds a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) acs_user: AcsUserId,
    pub(crate) opens_doors: bool,
}

/// What the system knows.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    pub(crate) holders: BTreeMap<String, Holder>,
    /// Until when each number counts, as it was told last.
    pub(crate) ends: BTreeMap<String, Option<Timestamp>>,
    /// Calls that the system is still at, though nobody waits for the answer.
    late: Vec<(Timestamp, Operation, CardNumber)>,
    told: BTreeSet<(Operation, AcsCredentialId, u32)>,
    /// What must never be, and was.
    pub(crate) violations: Vec<String>,
}

/// The system.
#[derive(Debug)]
pub(crate) struct Doors {
    numbers: Mutex<Numbers>,
    faults: Arc<Faults>,
    time: VirtualTime,
}

impl Doors {
    pub(crate) fn new(faults: Arc<Faults>, time: VirtualTime) -> Self {
        Self {
            numbers: Mutex::default(),
            faults,
            time,
        }
    }

    pub(crate) fn numbers(&self) -> MutexGuard<'_, Numbers> {
        let mut numbers = self.numbers.lock().unwrap();
        numbers.settle(self.time.now());
        numbers
    }

    async fn tell(&self, operation: Operation, number: &CardNumber) -> AccessControlResult<()> {
        tokio::task::yield_now().await;
        let fault = self.faults.next();
        match fault {
            Fault::Before => {}
            Fault::Late => {
                let done_at = self.time.now().plus(LATE);
                self.numbers().late.push((done_at, operation, number.clone()));
            }
            Fault::Fine | Fault::After | Fault::Deadly => self.numbers().take(operation, number),
        }
        match fault {
            Fault::Fine => Ok(()),
            Fault::Deadly => self.faults.die().await,
            Fault::Before | Fault::After | Fault::Late => Err(AccessControlError::Unavailable("no reply".to_owned())),
        }
    }
}

impl Numbers {
    /// What is due happens.
    fn settle(&mut self, now: Timestamp) {
        let (due, waiting) = std::mem::take(&mut self.late).into_iter().partition(|(at, ..)| *at <= now);
        self.late = waiting;
        let due: Vec<(Timestamp, Operation, CardNumber)> = due;
        for (_, operation, number) in due {
            self.take(operation, &number);
        }
    }

    fn take(&mut self, operation: Operation, number: &CardNumber) {
        if !self.told.insert((operation, number.acs_credential_id, number.generation)) {
            return;
        }
        let held = self.holders.get(&number.card_number).copied();
        if operation == Operation::Remove {
            self.holders.remove(&number.card_number);
            self.ends.remove(&number.card_number);
            return;
        }
        if held.is_some_and(|held| held.acs_user != number.acs_user_id) {
            self.violations
                .push(format!("{} went to another without being removed", number.card_number));
        }
        if operation == Operation::Allocate && held.is_none() {
            self.violations
                .push(format!("{} was allocated and is not known", number.card_number));
        }
        let holder = Holder {
            acs_user: number.acs_user_id,
            opens_doors: operation == Operation::Allocate || held.is_some_and(|held| held.opens_doors),
        };
        self.holders.insert(number.card_number.clone(), holder);
        self.ends.insert(number.card_number.clone(), number.ends_at);
    }
}

impl AccessControl for Doors {
    fn is_the_table(&self) -> bool {
        false
    }

    fn import<'a>(&'a self, number: &'a CardNumber) -> BoxFuture<'a, AccessControlResult<()>> {
        Box::pin(self.tell(Operation::Import, number))
    }

    fn allocate<'a>(&'a self, number: &'a CardNumber) -> BoxFuture<'a, AccessControlResult<()>> {
        Box::pin(self.tell(Operation::Allocate, number))
    }

    fn remove<'a>(&'a self, number: &'a CardNumber) -> BoxFuture<'a, AccessControlResult<()>> {
        Box::pin(self.tell(Operation::Remove, number))
    }
}
