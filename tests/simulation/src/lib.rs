//! The real functions over a table in memory, in virtual time, with one seed for every choice: whatever goes wrong on the way, nothing is
//! there twice, nothing is forgotten, and nothing goes backwards.
//!
//! `cargo test` plays 150 seeds and every crash of the happy path, `.ci/run` ten thousand seeds. By hand, any number of seeds, or one with its trace:
//!
//! ```sh
//! FOBLESS_SEEDS=1000000 cargo test --profile simulation -p fobless-simulation
//! FOBLESS_SEED=42 cargo test --profile simulation -p fobless-simulation -- --nocapture a_seed
//! ```

#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "the harness of tests: what does not work ends the test"
)]

pub mod ledger;
pub mod limits;
pub mod manager;
pub mod records;
pub mod wishes;

mod chance;
mod crew;
mod judge;
mod line;
mod mail;
mod monotony;
mod play;
mod script;
mod store;
mod time;
mod world;

pub use self::{
    chance::Trace,
    play::{Played, crash_at, happy_path, play, play_broken},
    world::Break,
};
