//! What is still to happen by itself: phones that fetch, codes that expire, deletions that complete.

use std::collections::BTreeSet;

use crate::clock::Timestamp;

/// Something that happens by itself. Whether it still applies is judged when it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Work {
    FetchCredential(i64),
    DropCredential(i64),
    ExpireInvitation(i64),
    FinishUserDeletion(i64),
}

/// Work by the time it is due.
#[derive(Default)]
pub(crate) struct Schedule {
    work: BTreeSet<(Timestamp, Work)>,
}

impl Schedule {
    pub(crate) fn add(&mut self, at: Timestamp, work: Work) {
        self.work.insert((at, work));
    }

    /// When the next work is due.
    pub(crate) fn next_at(&self) -> Option<Timestamp> {
        self.work.first().map(|(at, _)| *at)
    }

    /// Takes out the next work that is due.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<Work> {
        if self.next_at()? > now {
            return None;
        }
        self.work.pop_first().map(|(_, work)| work)
    }
}
