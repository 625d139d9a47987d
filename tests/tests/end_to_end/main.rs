//! The whole of `cargo dev`, over real HTTP: one module per thing that must hold.

mod bad_input;
mod capacity;
mod faults;
mod main_job;
mod seed_examples;
mod signatures;
