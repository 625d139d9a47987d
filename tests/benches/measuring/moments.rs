//! Moments and durations in microseconds, on the clock of the machine and of the simulator's ledger.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Microseconds since 1970, as the ledger counts.
#[expect(
    clippy::disallowed_methods,
    reason = "what is measured happens on the machine's clock, which the ledger writes too"
)]
pub(crate) fn now() -> i64 {
    in_micros(SystemTime::now().duration_since(UNIX_EPOCH).unwrap())
}

pub(crate) fn in_micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap()
}

pub(crate) fn seconds(micros: i64) -> f64 {
    let magnitude = Duration::from_micros(micros.unsigned_abs()).as_secs_f64();
    if micros < 0 { -magnitude } else { magnitude }
}

/// A moment of the ledger.
pub(crate) fn micros(text: &Value) -> i64 {
    let moment = OffsetDateTime::parse(text.as_str().unwrap(), &Rfc3339).unwrap();
    i64::try_from(moment.unix_timestamp_nanos() / 1_000).unwrap()
}

/// How long the simulator's codes are valid. The ledger tells when they expire, so it tells when they were made.
pub(crate) fn invitation_lifetime() -> i64 {
    let minutes = hid_origo_simulator::Options::default().invitation_minutes;
    in_micros(Duration::from_mins(minutes.into()))
}
