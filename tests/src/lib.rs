//! The harness of the end-to-end tests: the whole of `cargo dev` on free ports, over real HTTP, with verbs for what people do.
//!
//! A test asserts on what a user sees (the API's answers) and on the far side's ledger, not on internals. Nothing sleeps for a
//! guess: everything that takes time is waited for as a condition with a deadline.

#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "the harness of tests: what does not work ends the test"
)]

mod connector;
mod crowd;
mod gateway;
mod meter;
mod metered_api;
mod raw;
mod raw_table;
mod receiver;
mod stack;
mod time;
mod time_of_processes;
mod watched;

pub use self::{
    connector::{Connector, Told},
    crowd::Crowd,
    meter::{Meter, Metered},
    metered_api::{Cost, MeteredApi},
    raw::{RawWebhook, event_body},
    raw_table::RawTable,
    receiver::{Received, Receiver, Reply},
    stack::{PATIENCE, Stack},
    time::ShiftedTime,
};
