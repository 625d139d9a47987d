//! Time as the simulator counts it: whole microseconds of a clock that may be ahead of the machine's.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

use crate::options::Options;

/// What time it is, since 1970: the machine's own, or what a test says.
#[derive(Clone)]
pub struct TimeSource(Arc<dyn Fn() -> Duration + Send + Sync>);

impl TimeSource {
    /// The machine's clock.
    #[must_use]
    pub fn machine() -> Self {
        Self(Arc::new(of_machine))
    }

    /// What a test says.
    #[must_use]
    pub fn told(time: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Arc::new(time))
    }
}

impl fmt::Debug for TimeSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TimeSource")
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where the simulator reads the clock")]
fn of_machine() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// A clock that is so far ahead of its source.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    source: TimeSource,
    ahead: Duration,
}

impl Clock {
    pub(crate) fn of(options: &Options) -> Self {
        Self {
            source: options.time.clone(),
            ahead: options.ahead,
        }
    }

    /// What it says.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp(micros((self.source.0)())).plus(self.ahead)
    }
}

/// Microseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Timestamp(i64);

impl Timestamp {
    /// Reads an RFC 3339 text.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let instant = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        i64::try_from(instant.unix_timestamp_nanos() / 1_000).ok().map(Self)
    }

    pub(crate) fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(micros(duration)))
    }

    /// How long it is from `now` to this instant; nothing if it has passed.
    pub(crate) fn after(self, now: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(now.0)).unwrap_or(0))
    }

    /// As HID's replies and events write it, with milliseconds.
    pub(crate) fn to_millis_text(self) -> String {
        self.format(format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z"
        ))
    }

    /// As the ledger writes it, with microseconds, so that order and latency can be told.
    pub(crate) fn to_micros_text(self) -> String {
        self.format(format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z"
        ))
    }

    fn format(self, description: &[time::format_description::BorrowedFormatItem<'_>]) -> String {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000)
            .ok()
            .and_then(|instant| instant.format(description).ok())
            .unwrap_or_default()
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_survives_its_text() {
        let instant = Timestamp::parse("2026-03-01T12:00:00.123456Z").unwrap();
        assert_eq!(instant.to_micros_text(), "2026-03-01T12:00:00.123456Z");
        assert_eq!(instant.to_millis_text(), "2026-03-01T12:00:00.123Z");
        assert_eq!(instant.plus(Duration::from_secs(2)).after(instant), Duration::from_secs(2));
        assert_eq!(instant.after(instant.plus(Duration::from_secs(2))), Duration::ZERO);
    }
}
