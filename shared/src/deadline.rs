//! How much time a function has left.

use std::time::Duration;

use crate::domain::time::Timestamp;

/// A deadline further from now than this is no deadline: `cargo lambda watch` always sends one of 1970.
const CREDIBLE: Duration = Duration::from_hours(24);

/// How long to go on: what is left until `deadline` less `margin`, where the deadline is credible, and never longer than `usual`.
#[must_use]
pub fn time_left(now: Timestamp, deadline: Timestamp, margin: Duration, usual: Duration) -> Duration {
    let left = deadline.since(now);
    let is_credible = deadline > now && left < CREDIBLE;
    if is_credible {
        usual.min(left.saturating_sub(margin))
    } else {
        usual
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARGIN: Duration = Duration::from_secs(4);
    const USUAL: Duration = Duration::from_secs(50);

    fn left(now: i64, deadline: i64) -> Duration {
        time_left(
            Timestamp::from_millis(now * 1000),
            Timestamp::from_millis(deadline * 1000),
            MARGIN,
            USUAL,
        )
    }

    #[test]
    fn one_stops_before_the_functions_time_ends() {
        assert_eq!(left(1000, 1030), Duration::from_secs(26));
        assert_eq!(left(1000, 1002), Duration::ZERO);
        assert_eq!(left(1000, 1900), USUAL);
    }

    #[test]
    fn a_deadline_of_1970_or_of_the_end_of_time_is_no_deadline() {
        assert_eq!(left(1_800_000_000, 600), USUAL);
        assert_eq!(
            time_left(Timestamp::from_millis(0), Timestamp::from_millis(i64::MAX), MARGIN, USUAL),
            USUAL
        );
    }
}
