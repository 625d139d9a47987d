//! `fobless` as a process, over an embedded table: one module per group of commands.

#![expect(clippy::unwrap_used, reason = "what does not work ends the test")]

mod completion;
mod desk;
mod explain;
mod keys;
mod person;
mod retry;
mod status;
mod systems;
mod transfer;
mod unusable;
mod webhook;
