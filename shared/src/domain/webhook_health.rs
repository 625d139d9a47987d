//! How a webhook's receiver does, and when it is given up. The rule is Svix's: a receiver that answered no attempt well for five days
//! is disabled, and the five days begin only after it failed over half a day, so that one bad hour begins nothing.
//!
//! A healthy receiver costs no write: only a change of this state is written down.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use super::time::Timestamp;

/// Failures count together if they lie within this.
const WITHIN: Duration = Duration::from_hours(24);
/// So far apart the first and the last of them have to be for the clock to start.
const APART: Duration = Duration::from_hours(12);
/// So long after the clock has started nothing may have worked for the webhook to be disabled.
const GIVEN_UP_AFTER: Duration = Duration::from_hours(5 * 24);

/// How the receiver does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum WebhookHealth {
    /// The last attempt worked, or there was none.
    Healthy,
    /// It failed, and nothing worked since.
    Suspect {
        /// When it failed first.
        first_failed_at: Timestamp,
    },
    /// It has failed for so long that the clock runs.
    Failing {
        /// When the clock started.
        since: Timestamp,
    },
    /// It is told nothing any more, until somebody enables it again.
    Disabled {
        /// Since when.
        at: Timestamp,
        /// Why.
        because: DisabledBecause,
    },
}

/// Why a webhook was disabled. The names are part of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisabledBecause {
    /// Every attempt failed for five days.
    AttemptsFailed,
    /// The receiver answered 410.
    Gone,
    /// The receiver asked for it in a header.
    AskedByReceiver,
}

impl fmt::Display for DisabledBecause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AttemptsFailed => "Every attempt to tell it failed for five days",
            Self::Gone => "The receiver answered that it is gone (410)",
            Self::AskedByReceiver => "The receiver asked to be told nothing any more",
        })
    }
}

impl WebhookHealth {
    /// After an attempt that worked. `None`: as before.
    #[must_use]
    pub const fn after_success(self) -> Option<Self> {
        match self {
            Self::Healthy | Self::Disabled { .. } => None,
            Self::Suspect { .. } | Self::Failing { .. } => Some(Self::Healthy),
        }
    }

    /// After an attempt that failed at `now`. `None`: as before.
    #[must_use]
    pub fn after_failure(self, now: Timestamp) -> Option<Self> {
        match self {
            Self::Healthy => Some(Self::Suspect { first_failed_at: now }),
            Self::Suspect { first_failed_at } => match now.since(first_failed_at) {
                apart if apart > WITHIN => Some(Self::Suspect { first_failed_at: now }),
                apart if apart >= APART => Some(Self::Failing { since: now }),
                _ => None,
            },
            Self::Failing { since } => (now.since(since) >= GIVEN_UP_AFTER).then_some(Self::Disabled {
                at: now,
                because: DisabledBecause::AttemptsFailed,
            }),
            Self::Disabled { .. } => None,
        }
    }

    /// After an answer that wants no more. `None`: as before.
    #[must_use]
    pub const fn disabled(self, because: DisabledBecause, now: Timestamp) -> Option<Self> {
        match self {
            Self::Disabled { .. } => None,
            Self::Healthy | Self::Suspect { .. } | Self::Failing { .. } => Some(Self::Disabled { at: now, because }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_millis(hours * 3_600_000)
    }

    fn suspect(hours: i64) -> WebhookHealth {
        WebhookHealth::Suspect {
            first_failed_at: at(hours),
        }
    }

    fn failing(hours: i64) -> WebhookHealth {
        WebhookHealth::Failing { since: at(hours) }
    }

    fn given_up(hours: i64) -> WebhookHealth {
        WebhookHealth::Disabled {
            at: at(hours),
            because: DisabledBecause::AttemptsFailed,
        }
    }

    #[test]
    fn what_a_failure_makes_of_each_state() {
        let table = [
            (WebhookHealth::Healthy, 7, Some(suspect(7))),
            (suspect(0), 11, None),
            (suspect(0), 12, Some(failing(12))),
            (suspect(0), 24, Some(failing(24))),
            // The first failure is a day ago: it counts no more.
            (suspect(0), 25, Some(suspect(25))),
            (failing(0), 119, None),
            (failing(0), 120, Some(given_up(120))),
            (given_up(0), 500, None),
        ];
        for (before, now, after) in table {
            assert_eq!(before.after_failure(at(now)), after, "{before:?} at {now} h");
        }
    }

    #[test]
    fn what_a_success_makes_of_each_state() {
        let healthy = Some(WebhookHealth::Healthy);
        for (before, after) in [
            (WebhookHealth::Healthy, None),
            (suspect(0), healthy),
            (failing(0), healthy),
            (given_up(0), None),
        ] {
            assert_eq!(before.after_success(), after, "{before:?}");
        }
    }

    #[test]
    fn the_attempts_of_one_message_alone_start_the_clock() {
        // Immediately, +5 s, +5 min, +30 min, +2 h, +5 h, +10 h, +10 h: the seventh is 17.5 hours after the first.
        let mut health = WebhookHealth::Healthy;
        for now in [0, 0, 0, 1, 3, 8, 18, 28] {
            health = health.after_failure(at(now)).unwrap_or(health);
        }
        assert_eq!(health, failing(18));
    }
}
