//! HID's limits: so many calls in any five minutes, per service.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::failure::Failure;
use crate::gate::Service;

const WINDOW: Duration = Duration::from_mins(5);

/// The limits of all services.
pub(crate) struct RateLimits {
    windows: Mutex<Windows>,
}

struct Windows {
    tokens: Window,
    mobile_identities: Window,
    events: Window,
}

/// The calls of the last five minutes. Whatever came of them, they count; those over the limit do not, so that a client that keeps
/// knocking gets in again. Whether HID is as lenient is not established.
struct Window {
    limit: usize,
    calls: VecDeque<Timestamp>,
}

impl RateLimits {
    pub(crate) fn new(calls_per_5_minutes: u32) -> Self {
        let window = |limit| Window {
            limit,
            calls: VecDeque::new(),
        };
        let calls = size(calls_per_5_minutes);
        Self {
            windows: Mutex::new(Windows {
                tokens: window(tokens_for(calls_per_5_minutes)),
                mobile_identities: window(calls),
                events: window(calls),
            }),
        }
    }

    /// Changes the limits; what was called before still counts.
    pub(crate) fn set(&self, calls_per_5_minutes: u32) {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        windows.tokens.limit = tokens_for(calls_per_5_minutes);
        windows.mobile_identities.limit = size(calls_per_5_minutes);
        windows.events.limit = size(calls_per_5_minutes);
    }

    /// Takes one call, if the limit allows one more.
    pub(crate) fn take(&self, service: Service, now: Timestamp) -> Result<(), Failure> {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let window = match service {
            Service::Tokens => &mut windows.tokens,
            Service::MobileIdentities => &mut windows.mobile_identities,
            Service::Events => &mut windows.events,
        };
        while window.calls.front().is_some_and(|call| call.plus(WINDOW) <= now) {
            window.calls.pop_front();
        }
        if window.calls.len() >= window.limit {
            return Err(Failure::over_the_limit());
        }
        window.calls.push_back(now);
        Ok(())
    }
}

/// HID takes 50 calls for tokens beside 300 others; a limit that is raised for a load test raises both.
fn tokens_for(calls_per_5_minutes: u32) -> usize {
    size((calls_per_5_minutes / 6).max(50))
}

fn size(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_counts_for_five_minutes_and_no_longer() {
        let limits = RateLimits::new(2);
        let start = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
        let after = |seconds| start.plus(Duration::from_secs(seconds));
        assert!(limits.take(Service::MobileIdentities, start).is_ok());
        assert!(limits.take(Service::MobileIdentities, after(100)).is_ok());
        assert!(limits.take(Service::MobileIdentities, after(299)).is_err());
        assert!(limits.take(Service::MobileIdentities, after(300)).is_ok());
        assert!(limits.take(Service::MobileIdentities, after(300)).is_err());
        assert!(limits.take(Service::Events, after(300)).is_ok(), "each service has its own limit");
    }

    #[test]
    fn the_token_service_takes_fifty_calls_however_low_the_other_limit() {
        let limits = RateLimits::new(2);
        let now = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
        assert_eq!((0..60).filter(|_| limits.take(Service::Tokens, now).is_ok()).count(), 50);
    }
}
