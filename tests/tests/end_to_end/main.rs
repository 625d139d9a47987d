//! The whole of `cargo dev`, over real HTTP: one module per thing that must hold.

#![expect(clippy::unwrap_used, reason = "what does not work ends the test")]

mod access_control;
mod api_capacity;
mod bad_input;
mod capacity;
mod cost_of_a_phone;
mod faults;
mod issuer;
mod lifecycle;
mod main_job;
mod phone_session;
mod poison;
mod reinstalls;
mod seed_examples;
mod signatures;
mod webhook_sender;
mod webhook_troubles;
mod webhooks;
