//! Remembers that a call which was to bring a number into an access control system may not have been answered.

use super::attempt::Setback;
use crate::domain::{failure::FailureCode, phone_credential::PhoneCredential, retry::settled_at, time::Timestamp};

/// What is known of calls about an allocation that were not answered, while another one is made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unanswered {
    /// As it was before the call.
    before: Option<Timestamp>,
    /// Whether an earlier call had another id: then the answer to this one says nothing about it.
    is_other_call: bool,
}

impl Unanswered {
    /// Claims the call of `claimed`, which was `seen` before. Whoever makes it may die over it. A system that Fobless keeps itself is not called.
    pub(super) fn claim(claimed: &mut PhoneCredential, seen: &PhoneCredential) -> Self {
        let generation = |child: &PhoneCredential| child.allocation.as_ref().map(|allocation| allocation.generation);
        let unanswered = Self {
            before: claimed.allocation.as_ref().and_then(|allocation| allocation.unanswered_at),
            is_other_call: generation(claimed) != generation(seen),
        };
        let until = claimed.effort.lease_until;
        if let Some(allocation) = claimed.allocation.as_mut().filter(|allocation| allocation.period.is_some()) {
            allocation.unanswered_at = until;
        }
        unanswered
    }

    /// What came of the call. Answers when the system is to be told again: an earlier call with another period may come after this one.
    pub(super) fn record(self, child: &mut PhoneCredential, setback: Option<&Setback>, now: Timestamp) -> Option<Timestamp> {
        let next = child.next_generation_if(setback.is_none() && self.is_overtaken(now));
        let allocation = child.allocation.as_mut()?;
        match (setback, next) {
            (Some(setback), _) => {
                allocation.unanswered_at = if is_unanswered(setback) { Some(now) } else { self.before };
                None
            }
            (None, Some(generation)) => {
                allocation.generation = generation;
                allocation.unanswered_at = self.before;
                allocation.settled_at()
            }
            (None, None) => {
                allocation.is_told = allocation.period.is_some();
                allocation.unanswered_at = None;
                None
            }
        }
    }

    /// Whether a call with another id may still be at work.
    fn is_overtaken(self, now: Timestamp) -> bool {
        self.is_other_call && self.before.is_some_and(|before| settled_at(before) > now)
    }
}

/// Whether a call to an access control system may have worked though it failed.
pub(super) fn is_unanswered(setback: &Setback) -> bool {
    matches!(
        setback,
        Setback::Failed {
            code: FailureCode::AccessControlUnavailable,
            ..
        }
    )
}
