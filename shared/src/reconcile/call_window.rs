//! How many calls may still be made: a window that slides over the last five minutes. Pure.
//!
//! Whether HID counts in fixed or sliding windows is not known; a window that slides satisfies both. Calls are granted in
//! blocks and counted when granted, in slots of two seconds; a block is void two slots after its grant, and the window is
//! longer by as much, so that a call made late in a block's life is still covered.

use crate::{credential_manager::Priority, domain::time::Timestamp};

pub(super) const SLOT_MILLIS: i64 = 2_000;
/// Five minutes, two slots for the life of a block, two for clocks that differ and requests that are on their way for longer than others.
const WINDOW_SLOTS: i64 = 150 + 2 + 2;
/// How many slots a block lives, the one of its grant included.
const BLOCK_SLOTS: i64 = 2;
/// The second half of the budget is given out over this many slots: nearly the whole window, so that it is used up before the window ends.
const RAMP_SLOTS: u64 = 135;

/// What is left of the budget at a moment, for one kind of call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    /// So many calls may be granted now.
    pub(super) now: u32,
    /// So many are left for anybody in this window.
    pub(super) in_all: u32,
    /// When there may be more.
    pub(super) more_at: Timestamp,
}

/// A block of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// How many.
    pub(super) calls: u32,
    /// It is void from then on.
    pub(super) until: Timestamp,
}

/// How many calls were granted in the five minutes before `now`.
#[must_use]
pub fn calls_in_window(granted: &[(i64, u32)], now: Timestamp) -> u32 {
    let first = slot_of(now) - WINDOW_SLOTS;
    granted.iter().filter(|(slot, _)| *slot > first).map(|(_, calls)| calls).sum()
}

/// Forgets what has left the window, and tells how much room there is for `priority`. `granted` is (slot, calls), oldest first.
pub(super) fn room(granted: &mut Vec<(i64, u32)>, limit: u32, priority: Priority, now: Timestamp) -> Room {
    let slot = slot_of(now);
    granted.retain(|(granted_in, _)| *granted_in > slot - WINDOW_SLOTS);
    let used = granted.iter().fold(0_u32, |sum, (_, calls)| sum.saturating_add(*calls));
    let oldest = granted.first().map(|(granted_in, _)| *granted_in);
    let share = share(limit, priority);
    let allowed = share.min(paced(limit, share, priority, slot - oldest.unwrap_or(slot)));
    let leaves = oldest.map_or(slot + 1, |oldest| oldest + WINDOW_SLOTS);
    Room {
        now: allowed.saturating_sub(used),
        in_all: limit.saturating_sub(used),
        // What is held back by the pace comes with the next slots; what is used up, with what leaves the window.
        more_at: start_of(if used < share { slot + 1 } else { leaves.max(slot + 1) }),
    }
}

/// Grants a block.
pub(super) fn grant(granted: &mut Vec<(i64, u32)>, calls: u32, now: Timestamp) -> Block {
    let slot = slot_of(now);
    // Clocks differ between instances: a slot may be written out of order, so it is looked for, not assumed to be the last.
    match granted.iter_mut().find(|(granted_in, _)| *granted_in == slot) {
        Some((_, sum)) => *sum = sum.saturating_add(calls),
        None => granted.push((slot, calls)),
    }
    granted.sort_unstable();
    Block {
        calls,
        until: start_of(slot + BLOCK_SLOTS),
    }
}

fn slot_of(now: Timestamp) -> i64 {
    now.millis().div_euclid(SLOT_MILLIS)
}

fn start_of(slot: i64) -> Timestamp {
    Timestamp::from_millis(slot.saturating_mul(SLOT_MILLIS))
}

/// How far down each kind of call may use the budget: the last calls belong to those that take access away.
fn share(limit: u32, priority: Priority) -> u32 {
    let percent = match priority {
        Priority::Revoke => 100,
        Priority::Issue | Priority::Invite | Priority::Poll => 99,
    };
    part(limit, percent, 100).max(1)
}

/// Half of the budget may be used at once, so that a few phones wait for nothing. The rest is given out evenly: a backlog that used up
/// everything in its first seconds would leave a lost phone its keys for five minutes.
fn paced(limit: u32, share: u32, priority: Priority, age: i64) -> u32 {
    if priority == Priority::Revoke {
        return share;
    }
    let half = limit.div_ceil(2);
    let age = u64::try_from(age).unwrap_or(0).min(RAMP_SLOTS);
    half.saturating_add(part(share.saturating_sub(half), age, RAMP_SLOTS))
}

fn part(whole: u32, part: u64, of: u64) -> u32 {
    u32::try_from(u64::from(whole) * part / of).unwrap_or(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_millis(second * 1000)
    }

    fn take_all(granted: &mut Vec<(i64, u32)>, limit: u32, priority: Priority, now: Timestamp) -> u32 {
        let room = room(granted, limit, priority, now).now;
        if room > 0 {
            grant(granted, room, now);
        }
        room
    }

    /// Calls per second, when everything that may be called is, for so many seconds.
    fn greedy(limit: u32, priority: Priority, seconds: i64) -> Vec<u32> {
        let mut granted = Vec::new();
        (0..seconds)
            .map(|second| take_all(&mut granted, limit, priority, at(second)))
            .collect()
    }

    #[test]
    fn no_five_minutes_ever_hold_more_than_the_limit_and_hardly_less() {
        for limit in [10, 300, 3_000] {
            for priority in [Priority::Revoke, Priority::Issue, Priority::Poll] {
                let calls = greedy(limit, priority, 4 * 3_600);
                let worst = calls.windows(300).map(|window| window.iter().sum::<u32>()).max();
                assert!(worst <= Some(limit), "{worst:?} calls in five minutes of {limit}");
                let (made, allowed) = (calls.iter().sum::<u32>(), limit * 4 * 12);
                assert!(limit < 100 || made * 100 >= allowed * 95, "{priority:?}: {made} of {allowed}");
            }
        }
    }

    #[test]
    fn a_few_phones_wait_for_nothing_and_a_backlog_leaves_room_for_a_lost_phone_at_any_moment() {
        let mut granted = Vec::new();
        assert_eq!(take_all(&mut granted, 300, Priority::Issue, at(1)), 150);
        for second in 2..3_000 {
            take_all(&mut granted, 300, Priority::Poll, at(second));
            let room = room(&mut granted, 300, Priority::Revoke, at(second));
            assert!(room.now >= 3, "second {second}: {room:?}");
        }
    }

    #[test]
    fn who_finds_no_room_learns_when_there_is_some_again() {
        let mut granted = Vec::new();
        take_all(&mut granted, 10, Priority::Revoke, at(2));
        let spent = room(&mut granted, 10, Priority::Revoke, at(100));
        assert_eq!((spent.now, spent.in_all), (0, 0));
        assert!(spent.more_at > at(300) && spent.more_at < at(320), "{spent:?}");
        assert!(room(&mut granted, 10, Priority::Revoke, spent.more_at).now > 0);
    }

    #[test]
    fn a_tiny_limit_still_lets_everybody_through() {
        assert_eq!(room(&mut Vec::new(), 1, Priority::Poll, at(0)).now, 1);
    }
}
