//! The simulator as its clients meet it: over HTTP.

#![expect(clippy::unwrap_used, reason = "a helper that cannot go on fails its test")]

mod callbacks;
mod client;
mod credentials;
mod faults;
mod limits;
mod persistence;
mod users;
