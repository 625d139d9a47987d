//! `PUT /simulator/faults`: what goes wrong on purpose, in requests and in callbacks.
//!
//! A fault matches a request when its `route` is `*` or a part of `METHOD /path`, of the same without the part that is common to the
//! service (`POST /users/2000001/invitation`), or of the key that the ledger counts it under (`POST /users/{id}/invitation`). It matches
//! a batch of callbacks when it is `*` or a part of `POST url STATUS STATUS`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::origo::Origo;
use crate::scim;

/// The faults that are set at present.
#[derive(Default)]
pub(crate) struct Faults {
    set: Mutex<Vec<Fault>>,
}

struct Fault {
    wanted: Wanted,
    fired: u32,
    dice: fastrand::Rng,
}

/// A fault as it is asked for.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    route: String,
    kind: Kind,
    /// The status to answer, or milliseconds.
    value: Option<u64>,
    /// How often at most; without it, until the faults are set anew.
    times: Option<u32>,
    /// How likely each time; without it, always.
    probability: Option<f64>,
    /// Where the dice start, so that a run can be repeated.
    #[serde(default)]
    seed: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// Answers `value` (500) and does nothing.
    Status,
    /// Does everything and breaks the connection in place of an answer.
    LostReply,
    /// Waits `value` (1000) milliseconds, then does everything, whether the client is still there or not.
    Delay,
    LostCallback,
    DoubleCallback,
    /// Holds a batch back until the next one is sent, for `value` (1000) milliseconds at most.
    ReorderCallbacks,
}

/// What befalls one request.
#[derive(Default)]
pub(crate) struct RequestFate {
    pub(crate) delay: Option<Duration>,
    pub(crate) status: Option<StatusCode>,
    pub(crate) lost_reply: bool,
}

/// What befalls one batch of callbacks.
#[derive(Default)]
pub(crate) struct DeliveryFate {
    pub(crate) lost: bool,
    pub(crate) doubled: bool,
    pub(crate) held_back: Option<Duration>,
}

/// Sets the faults in place of those before; an empty list clears them.
pub(crate) async fn put(State(origo): State<Arc<Origo>>, body: Bytes) -> Result<Json<Value>, Failure> {
    let wanted: Vec<Wanted> = scim::parse(&body)?;
    let number = wanted.len();
    origo.faults.set(wanted)?;
    Ok(Json(json!({ "faults": number })))
}

impl Faults {
    fn set(&self, wanted: Vec<Wanted>) -> Result<(), Failure> {
        for fault in wanted.iter().filter(|fault| fault.kind == Kind::Status) {
            fault.status()?;
        }
        let faults = wanted.into_iter().map(|wanted| Fault {
            dice: fastrand::Rng::with_seed(wanted.seed),
            fired: 0,
            wanted,
        });
        *self.set.lock().unwrap_or_else(PoisonError::into_inner) = faults.collect();
        Ok(())
    }

    /// Throws the dice for a request that is known under these names.
    pub(crate) fn for_request(&self, names: &[&str]) -> RequestFate {
        let mut fate = RequestFate::default();
        for fault in self.set.lock().unwrap_or_else(PoisonError::into_inner).iter_mut() {
            let kind = fault.wanted.kind;
            match kind {
                Kind::Status if fate.status.is_none() && fault.fires(names) => fate.status = fault.wanted.status().ok(),
                Kind::Delay if fault.fires(names) => fate.delay = Some(fate.delay.unwrap_or_default() + fault.wanted.wait()),
                Kind::LostReply if !fate.lost_reply && fault.fires(names) => fate.lost_reply = true,
                _ => {}
            }
        }
        fate
    }

    /// Throws the dice for a batch of callbacks.
    pub(crate) fn for_delivery(&self, name: &str) -> DeliveryFate {
        let mut fate = DeliveryFate::default();
        for fault in self.set.lock().unwrap_or_else(PoisonError::into_inner).iter_mut() {
            let kind = fault.wanted.kind;
            match kind {
                Kind::LostCallback if !fate.lost && fault.fires(&[name]) => fate.lost = true,
                Kind::DoubleCallback if !fate.doubled && fault.fires(&[name]) => fate.doubled = true,
                Kind::ReorderCallbacks if fate.held_back.is_none() && fault.fires(&[name]) => fate.held_back = Some(fault.wanted.wait()),
                _ => {}
            }
        }
        fate
    }
}

impl Fault {
    fn fires(&mut self, names: &[&str]) -> bool {
        let matches = self.wanted.route == "*" || names.iter().any(|name| name.contains(&self.wanted.route));
        if !matches || self.wanted.times.is_some_and(|times| self.fired >= times) {
            return false;
        }
        if self.wanted.probability.is_some_and(|probability| self.dice.f64() >= probability) {
            return false;
        }
        self.fired += 1;
        true
    }
}

impl Wanted {
    fn status(&self) -> Result<StatusCode, Failure> {
        let code = u16::try_from(self.value.unwrap_or(500))
            .ok()
            .filter(|code| (400..600).contains(code));
        code.and_then(|code| StatusCode::from_u16(code).ok())
            .ok_or_else(|| Failure::bad_request("value is not a status from 400 to 599"))
    }

    fn wait(&self) -> Duration {
        Duration::from_millis(self.value.unwrap_or(1000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(list: &Value) -> Faults {
        let faults = Faults::default();
        faults.set(serde_json::from_value(list.clone()).unwrap()).unwrap();
        faults
    }

    #[test]
    fn a_fault_strikes_where_its_route_is_part_of_the_request_and_so_often() {
        let faults = faults(&json!([{ "route": "POST /users", "kind": "status", "value": 503, "times": 2 }]));
        let status = |name| faults.for_request(&[name]).status;
        assert_eq!(status("GET /users/1"), None);
        assert_eq!(status("POST /users"), Some(StatusCode::SERVICE_UNAVAILABLE));
        assert_eq!(status("POST /users/1/invitation"), Some(StatusCode::SERVICE_UNAVAILABLE));
        assert_eq!(status("POST /users"), None);
    }

    #[test]
    fn a_probability_with_a_seed_strikes_the_same_requests_each_time() {
        let strikes = || {
            let faults = faults(&json!([{ "route": "*", "kind": "lost_reply", "probability": 0.3, "seed": 7 }]));
            (0..200).map(|_| faults.for_request(&["GET /"]).lost_reply).collect::<Vec<_>>()
        };
        assert_eq!(strikes(), strikes());
        let number = strikes().iter().filter(|strike| **strike).count();
        assert!((30..90).contains(&number), "{number}");
    }
}
