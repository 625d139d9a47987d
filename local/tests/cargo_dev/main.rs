//! `cargo dev` and `cargo demo` as processes: what they print, how they stop, and what survives a kill.

#![expect(clippy::unwrap_used, reason = "what does not work ends the test")]

mod demo;
mod kill;
mod process;
mod start;
