//! One list of what DynamoDB does that Fobless stands on, and every table at hand held against it: the simulation's, the one of
//! `cargo dev`, and three that others wrote.
//!
//! A case is a sentence, written once, and runs against each backend through the same SDK client. Where a backend is known to differ,
//! the difference is listed with its reason; one that is not listed fails, and so does one that is listed and has gone away.

mod backend;
mod case;
mod cases;
mod difference;
mod item;
mod known_differences;
mod raw_requests;
mod stream;
mod table;
mod trials;
mod verdict;

pub use self::trials::run;
