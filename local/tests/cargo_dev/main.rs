//! `cargo dev` and `cargo demo` as processes: what they print, how they stop, and what survives a kill.

mod demo;
mod kill;
mod process;
mod start;
