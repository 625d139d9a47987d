//! Who goes first when calls are scarce: those who find no room are given a turn, one after the other, and the less urgent leave room for
//! the more urgent whose turn is about to come. Pure.
//!
//! Without turns everybody who was refused would come back at the same moment, for one place: hundreds of writes for each call.

use std::time::Duration;

use crate::{credential_manager::Priority, domain::time::Timestamp, store::CallTurn};

/// How long after their turn somebody may still be on their way: the sweeper passes every five seconds, and the stream takes a moment.
const ON_THE_WAY: Duration = Duration::from_secs(10);

/// How many calls there have to be room for before `priority` may have one: more urgent ones wait for their turn, or are on their way.
pub(super) fn held_back(turns: &[CallTurn; 4], limit: u32, priority: Priority, now: Timestamp) -> u32 {
    let more_urgent = &turns[..priority as usize];
    more_urgent
        .iter()
        .map(|turn| waiting(*turn, limit, now))
        .fold(0, u32::saturating_add)
}

/// Gives out the next turn of `priority`, at `earliest` or later.
pub(super) fn next_turn(turns: &mut [CallTurn; 4], limit: u32, priority: Priority, earliest: Timestamp, now: Timestamp) -> Timestamp {
    let turn = &mut turns[priority as usize];
    if turn.last.plus(ON_THE_WAY) <= now {
        turn.given = 0;
    }
    turn.given = turn.given.saturating_add(1);
    turn.last = turn.last.plus(interval(limit)).max(earliest);
    turn.last
}

/// How many of those who were given a turn have not been there yet, at most.
fn waiting(turn: CallTurn, limit: u32, now: Timestamp) -> u32 {
    let ahead = turn.last.plus(ON_THE_WAY).since(now);
    let turns = ahead.as_millis().div_ceil(interval(limit).as_millis().max(1));
    turn.given.min(u32::try_from(turns).unwrap_or(u32::MAX))
}

/// Turns come a little faster than room does: who comes too early is given another, and who does not come at all leaves no gap.
fn interval(limit: u32) -> Duration {
    Duration::from_millis(270_000 / u64::from(limit.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: u32 = 300;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_millis(second * 1000)
    }

    #[test]
    fn turns_come_one_after_the_other_about_as_fast_as_room_does() {
        let mut turns = [CallTurn::default(); 4];
        let given: Vec<Timestamp> = (0..300)
            .map(|_| next_turn(&mut turns, LIMIT, Priority::Invite, at(110), at(100)))
            .collect();
        assert_eq!(given[0], at(110));
        assert!(given.is_sorted_by(|one, next| one < next));
        assert!(given[299] > at(370) && given[299] < at(410), "{}", given[299]);
    }

    #[test]
    fn the_less_urgent_leave_room_for_the_more_urgent_until_those_have_come() {
        let mut turns = [CallTurn::default(); 4];
        next_turn(&mut turns, LIMIT, Priority::Revoke, at(102), at(100));
        let for_the_others =
            |now| [Priority::Revoke, Priority::Issue, Priority::Poll].map(|priority| held_back(&turns, LIMIT, priority, now));
        assert_eq!(for_the_others(at(101)), [0, 1, 1]);
        assert_eq!(for_the_others(at(110)), [0, 1, 1], "on its way");
        assert_eq!(for_the_others(at(113)), [0, 0, 0]);
    }

    #[test]
    fn a_long_line_of_the_more_urgent_shrinks_with_time() {
        let mut turns = [CallTurn::default(); 4];
        for _ in 0..500 {
            next_turn(&mut turns, LIMIT, Priority::Issue, at(100), at(100));
        }
        assert_eq!(held_back(&turns, LIMIT, Priority::Invite, at(100)), 500);
        let left = held_back(&turns, LIMIT, Priority::Invite, at(400));
        assert!((150..=200).contains(&left), "{left}");
        assert_eq!(held_back(&turns, LIMIT, Priority::Invite, at(600)), 0);
    }
}
