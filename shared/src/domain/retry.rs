//! How long to wait: after failures, and between looks at something that somebody else has to finish.

use std::time::Duration;

use super::{effort::Effort, failure::FailureCode, time::Timestamp};

/// Longer than any function may run (its timeout is 75 s), so that the holder of an expired lease is certainly dead.
pub const LEASE: Duration = Duration::from_secs(90);

/// When something that the credential manager has just begun is looked at, should no callback come.
pub const FIRST_LOOK: Duration = Duration::from_secs(20);

/// What a callback told of, or a call was told of, is shown by a read after so long at the latest.
pub const SHOWN_WITHIN: Duration = Duration::from_mins(5);

/// So often an endpoint is asked for that is not shown, for some minutes in all.
const LOOKS: u32 = 10;

/// Whether what is not shown was looked for often enough. Tries that failed for another reason looked for nothing.
#[must_use]
pub fn has_looked_enough(effort: &Effort) -> bool {
    let failure = effort.last_failure.as_ref();
    effort.failures >= LOOKS && failure.is_some_and(|failure| failure.code == FailureCode::EndpointNotIdentified)
}

/// How long the far side may still work on a call that it did not answer.
pub const SLOWEST_CALL: Duration = Duration::from_mins(2);

/// When a look at the far side is final as to a call that was sent by `call` and never answered.
#[must_use]
pub fn settled_at(call: Timestamp) -> Timestamp {
    call.plus(SLOWEST_CALL)
}

/// How often everything about a person is looked at though nothing happened: the net under a lost stream record.
pub const REVIEW_EVERY: Duration = Duration::from_hours(24);

/// What a failure says about the next try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// It may work any moment: exponential, from one second to five minutes.
    Quick,
    /// Somebody has to do something first (refill a pool, mend a setting): five to fifteen minutes.
    Slow,
    /// It will not work unless somebody changes it: an hour or so.
    Glacial,
}

/// How long to wait after `failures` failures in a row (the present one included). `chance` is a random number in `0.0..1.0`:
/// the whole wait is drawn from it ("full jitter"), so that what failed together does not come back together.
#[must_use]
pub fn wait(pace: Pace, failures: u32, chance: f64) -> Duration {
    let (least, most) = match pace {
        Pace::Quick => {
            let cap = 2_u64.saturating_pow(failures.min(9)).min(300);
            (Duration::from_millis(250), Duration::from_secs(cap))
        }
        Pace::Slow => (Duration::from_mins(5), Duration::from_mins(15)),
        Pace::Glacial => (Duration::from_mins(45), Duration::from_mins(75)),
    };
    least + most.saturating_sub(least).mul_f64(chance.clamp(0.0, 1.0))
}

/// How long to wait before looking again at something that began `age` ago. Callbacks come first; this is for those that get
/// lost. A fresh wait is looked at within 30 s, an old one rarely: the credential manager's calls are scarce.
#[must_use]
pub fn until_next_look(age: Duration) -> Duration {
    match age.as_secs() {
        0..300 => FIRST_LOOK,
        300..1_800 => Duration::from_mins(1),
        1_800..14_400 => Duration::from_mins(5),
        14_400..86_400 => Duration::from_mins(30),
        _ => Duration::from_hours(2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_with_failures_up_to_five_minutes() {
        let longest = |failures| wait(Pace::Quick, failures, 1.0).as_secs();
        assert_eq!([1, 2, 5, 9, u32::MAX].map(longest), [2, 4, 32, 300, 300]);
    }

    #[test]
    fn chance_spreads_the_wait_over_its_whole_range() {
        assert_eq!(wait(Pace::Quick, 9, 0.0), Duration::from_millis(250));
        assert!(wait(Pace::Slow, 1, 0.5) > Duration::from_secs(500));
        assert!(wait(Pace::Glacial, 1, 2.0) <= Duration::from_mins(75));
    }

    #[test]
    fn a_fresh_wait_is_looked_at_within_half_a_minute() {
        assert!(until_next_look(Duration::ZERO) < Duration::from_secs(30));
        assert!(until_next_look(Duration::from_secs(100_000)) > Duration::from_hours(1));
    }
}
