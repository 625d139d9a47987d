//! Remembers that a call which was to bring a number into an access control system may not have been answered.

use super::attempt::Setback;
use crate::domain::{failure::FailureCode, phone_credential::PhoneCredential, time::Timestamp};

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

    /// What came of the call.
    pub(super) fn record(self, child: &mut PhoneCredential, setback: Option<&Setback>, now: Timestamp) {
        let Some(allocation) = &mut child.allocation else { return };
        let is_lost = matches!(
            setback,
            Some(Setback::Failed {
                code: FailureCode::AccessControlUnavailable,
                ..
            })
        );
        allocation.unanswered_at = match setback {
            Some(_) if is_lost => Some(now),
            None if !self.is_other_call => None,
            _ => self.before,
        };
    }
}
