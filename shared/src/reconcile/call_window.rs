//! How many calls may still be made: a window that slides over the last five minutes. Pure.
//!
//! Whether HID counts in fixed or sliding windows is not known; a window that slides satisfies both. Calls are granted in
//! blocks and counted when granted, in slots of five seconds; a block is void two slots after its grant, and the window is
//! longer by as much, so that a call made late in a block's life is still covered.

use crate::{credential_manager::Priority, domain::time::Timestamp};

const SLOT_MILLIS: i64 = 5_000;
/// Five minutes, two slots for the life of a block, one for rounding.
const WINDOW_SLOTS: i64 = 60 + 2 + 1;
/// How many slots a block lives, the one of its grant included.
const BLOCK_SLOTS: i64 = 2;

/// What became of a request for calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grant {
    /// That many may be made before `until`.
    Granted {
        /// How many.
        calls: u32,
        /// The block is void from then on.
        until: Timestamp,
    },
    /// None for now.
    Denied {
        /// When to ask again.
        until: Timestamp,
    },
}

/// Takes up to `wanted` calls for `priority` out of `limit` per five minutes; `granted` is (slot, calls), oldest first.
pub(super) fn grant(granted: &mut Vec<(i64, u32)>, limit: u32, priority: Priority, wanted: u32, now: Timestamp) -> Grant {
    let slot = now.millis().div_euclid(SLOT_MILLIS);
    granted.retain(|(granted_in, _)| *granted_in > slot - WINDOW_SLOTS);
    let used = granted.iter().fold(0_u32, |sum, (_, calls)| sum.saturating_add(*calls));
    let free = share(limit, priority).saturating_sub(used);
    if free == 0 {
        let oldest = granted.first().map_or(slot, |(granted_in, _)| *granted_in);
        return Grant::Denied {
            until: start_of(oldest + WINDOW_SLOTS).max(start_of(slot + 1)),
        };
    }
    let calls = wanted.min(free);
    // Clocks differ between instances: a slot may be written out of order, so it is looked for, not assumed to be the last.
    match granted.iter_mut().find(|(granted_in, _)| *granted_in == slot) {
        Some((_, sum)) => *sum = sum.saturating_add(calls),
        None => granted.push((slot, calls)),
    }
    granted.sort_unstable();
    Grant::Granted {
        calls,
        until: start_of(slot + BLOCK_SLOTS),
    }
}

fn start_of(slot: i64) -> Timestamp {
    Timestamp::from_millis(slot.saturating_mul(SLOT_MILLIS))
}

/// How far down each kind of call may use the budget: what is left belongs to the more urgent ones.
fn share(limit: u32, priority: Priority) -> u32 {
    let percent = match priority {
        Priority::Revoke => 100,
        Priority::Issue => 98,
        Priority::Invite => 95,
        Priority::Poll => 80,
    };
    u32::try_from(u64::from(limit) * percent / 100).unwrap_or(limit).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_millis(second * 1000)
    }

    fn take_all(granted: &mut Vec<(i64, u32)>, limit: u32, priority: Priority, now: Timestamp) -> u32 {
        let mut taken = 0;
        while let Grant::Granted { calls, .. } = grant(granted, limit, priority, 7, now) {
            taken += calls;
        }
        taken
    }

    #[test]
    fn no_five_minutes_ever_hold_more_than_the_limit() {
        let mut granted = Vec::new();
        let mut calls: Vec<(i64, u32)> = Vec::new();
        for second in 0..1_500 {
            let taken = take_all(&mut granted, 300, Priority::Revoke, at(second));
            calls.push((second, taken));
            let recent: u32 = calls.iter().filter(|(made, _)| *made > second - 300).map(|(_, taken)| taken).sum();
            assert!(recent <= 300, "{recent} calls in the five minutes before second {second}");
        }
        let total: u32 = calls.iter().map(|(_, taken)| taken).sum();
        assert!(total >= 300 * 4, "the budget is used: {total}");
    }

    #[test]
    fn polling_leaves_room_for_inviting_that_for_issuing_and_that_for_revoking() {
        let mut granted = Vec::new();
        let taken = [Priority::Poll, Priority::Invite, Priority::Issue, Priority::Revoke]
            .map(|priority| take_all(&mut granted, 300, priority, at(1)));
        assert_eq!(taken, [240, 45, 9, 6]);
    }

    #[test]
    fn who_is_denied_learns_when_there_is_room_again() {
        let mut granted = Vec::new();
        take_all(&mut granted, 10, Priority::Revoke, at(2));
        let Grant::Denied { until } = grant(&mut granted, 10, Priority::Revoke, 1, at(100)) else {
            panic!("there is no room");
        };
        assert!(matches!(grant(&mut granted, 10, Priority::Revoke, 1, until), Grant::Granted { .. }));
        assert!(until > at(300) && until < at(330), "{until}");
    }

    #[test]
    fn a_tiny_limit_still_lets_everybody_through() {
        assert!(matches!(
            grant(&mut Vec::new(), 1, Priority::Poll, 5, at(0)),
            Grant::Granted { calls: 1, .. }
        ));
    }
}
