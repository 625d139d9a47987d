//! Remembers that a call which was to bring a number into an access control system may not have been answered.

use super::attempt::Setback;
use crate::domain::{failure::FailureCode, phone_credential::PhoneCredential, time::Timestamp};

/// What is known of earlier calls about an allocation while another one is made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unanswered {
    before: Option<Timestamp>,
}

impl Unanswered {
    /// Claims the call. Whoever makes it may die over it. A system that Fobless keeps itself is not called.
    pub(super) fn claim(claimed: &mut PhoneCredential) -> Self {
        let until = claimed.effort.lease_until;
        let called = claimed.allocation.as_mut().filter(|allocation| allocation.period.is_some());
        Self {
            before: called.and_then(|allocation| std::mem::replace(&mut allocation.unanswered_at, until)),
        }
    }

    /// What came of the call. Answers when the system is to be told again: an earlier call with another period may come after this one.
    pub(super) fn record(self, child: &mut PhoneCredential, setback: Option<&Setback>, now: Timestamp) -> Option<Timestamp> {
        let allocation = child.allocation.as_mut()?;
        if let Some(setback) = setback {
            allocation.unanswered_at = if is_unanswered(setback) { Some(now) } else { self.before };
            return None;
        }
        allocation.unanswered_at = None;
        let overtaken_until = allocation.overtaken_until(now);
        if overtaken_until.is_some() {
            allocation.renumber(&mut child.allocations);
        } else {
            allocation.overtaken_at = None;
            allocation.is_told = allocation.period.is_some();
        }
        overtaken_until
    }
}

/// Whether a call to an access control system may have worked though it failed.
fn is_unanswered(setback: &Setback) -> bool {
    matches!(
        setback,
        Setback::Failed {
            code: FailureCode::AccessControlUnavailable,
            ..
        }
    )
}
